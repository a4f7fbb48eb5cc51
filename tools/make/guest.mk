# SPDX-License-Identifier: GPL-2.0-only
# The test guests: each folder of test/guest/ but lib is one program, linked with lib and with the
# parts of src/lib that it uses: build/guest/NAME.elf.

GUEST := $(OUT)/guest
GUEST_NAMES := $(filter-out lib,$(notdir $(patsubst %/,%,$(wildcard $(SRC)/test/guest/*/))))
GUEST_ELFS := $(patsubst %,$(GUEST)/%.elf,$(GUEST_NAMES))

# $(call guest-objs,folder): the objects of a folder's sources.
guest-objs = $(patsubst $(SRC)/%,$(GUEST)/obj/%.o,$(basename \
	$(wildcard $(SRC)/test/guest/$(1)/*.c $(SRC)/test/guest/$(1)/*.S)))
GUEST_LIB := $(call guest-objs,lib) $(addprefix $(GUEST)/obj/src/lib/,mem.o string.o printf.o)

GUEST_CFLAGS := $(CFLAGS_BASE) -I$(SRC)/test -nostdinc \
	-isystem $(shell $(CC) -print-file-name=include) -ffreestanding -m64 -march=x86-64 \
	-fno-pic -fno-pie -mno-red-zone -mgeneral-regs-only -fno-stack-protector \
	-fno-asynchronous-unwind-tables -fno-omit-frame-pointer -fcf-protection=none

$(GUEST)/obj/%.o: $(SRC)/%.c $(B)/auto.conf $(B)/flags $(SRC)/tools/make/guest.mk | $(B)/include/xen
	@mkdir -p $(@D)
	$(Q)$(CC) $(GUEST_CFLAGS) -MMD -MP -c $< -o $@
$(GUEST)/obj/%.o: $(SRC)/%.S $(B)/auto.conf $(B)/flags $(SRC)/tools/make/guest.mk | $(DEPS_BUILD)
	@mkdir -p $(@D)
	$(Q)$(CC) $(GUEST_CFLAGS) $(ASFLAGS_BASE) -MMD -MP -c $< -o $@

# $(call guest-elf,name)
define guest-elf
$(GUEST)/$(1).elf: $(call guest-objs,$(1)) $(GUEST_LIB) $(SRC)/test/guest/lib/guest.lds
	$$(call say,GUEST,$(1).elf)
	$$(Q)$$(LD) -m elf_x86_64 -static -nostdlib --build-id=none --no-warn-rwx-segments \
		-z noexecstack -z max-page-size=4096 -T $(SRC)/test/guest/lib/guest.lds -o $$@ \
		$$(filter %.o,$$^)
endef
$(foreach g,$(GUEST_NAMES),$(eval $(call guest-elf,$(g))))

.PHONY: guest-elfs
guest-elfs: $(GUEST_ELFS)

-include $(foreach g,lib $(GUEST_NAMES),$(patsubst %.o,%.d,$(call guest-objs,$(g))))
