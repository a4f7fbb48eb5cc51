# SPDX-License-Identifier: GPL-2.0-only
# The test guests: each folder of test/guest/ but lib and lib-arm64 is one program, linked with the
# library and with the parts of src/lib that it uses: build/guest/NAME.elf, and for arm64 (arm-NAME)
# build/guest/arm64/arm-NAME.bin, which has the header of Linux's boot protocol.

GUEST := $(OUT)/$(GUEST_FOLDER)
GUEST_NAMES := $(call GUEST_FILTER,$(notdir $(patsubst %/,%,$(wildcard $(SRC)/test/guest/*/))))
GUEST_ELFS := $(patsubst %,$(GUEST)/%.$(GUEST_EXT),$(GUEST_NAMES))

# $(call guest-objs,folder): the objects of a folder's sources.
guest-objs = $(patsubst $(SRC)/%,$(GUEST)/obj/%.o,$(basename \
	$(wildcard $(SRC)/test/guest/$(1)/*.c $(SRC)/test/guest/$(1)/*.S)))
GUEST_LIB := $(sort $(foreach f,$(GUEST_LIB_FOLDERS),$(call guest-objs,$(f))) \
	$(GUEST)/obj/test/guest/lib/check.o $(addprefix $(GUEST)/obj/src/lib/,mem.o string.o printf.o))

GUEST_CFLAGS := $(CFLAGS_BASE) -I$(SRC)/test -nostdinc \
	-isystem $(shell $(CC) -print-file-name=include) -ffreestanding $(GUEST_ARCH_CFLAGS) \
	-fno-stack-protector -fno-asynchronous-unwind-tables \
	-fno-omit-frame-pointer
ifeq ($(CC_FAMILY),gcc)
GUEST_CFLAGS += -fno-tree-loop-distribute-patterns
endif

$(GUEST)/obj/%.o: $(SRC)/%.c $(B)/auto.conf $(B)/flags $(SRC)/tools/make/guest.mk | $(B)/include/xen
	@mkdir -p $(@D)
	$(Q)$(CC) $(GUEST_CFLAGS) -MMD -MP -c $< -o $@
$(GUEST)/obj/%.o: $(SRC)/%.S $(B)/auto.conf $(B)/flags $(SRC)/tools/make/guest.mk | $(DEPS_BUILD)
	@mkdir -p $(@D)
	$(Q)$(CC) $(GUEST_CFLAGS) $(ASFLAGS_BASE) -MMD -MP -c $< -o $@

# $(call guest-elf,name)
define guest-elf
$(GUEST)/$(1).elf: $(call guest-objs,$(1)) $(GUEST_LIB) \
		$(SRC)/test/guest/$(GUEST_LDS)
	$$(call say,GUEST,$(1).elf)
	$$(Q)$$(LD) $(GUEST_LDFLAGS) -static -nostdlib --build-id=none --no-warn-rwx-segments \
		-z noexecstack -z max-page-size=4096 -T $(SRC)/test/guest/$(GUEST_LDS) \
		-o $$@ $$(filter %.o,$$^)
endef
$(foreach g,$(GUEST_NAMES),$(eval $(call guest-elf,$(g))))

# For boot loaders that take no ELF file.
$(GUEST)/%.bin: $(GUEST)/%.elf
	$(Q)$(OBJCOPY) -O binary $< $@

.PHONY: guest-elfs
guest-elfs: $(GUEST_ELFS)

-include $(foreach g,lib $(GUEST_LIB_FOLDERS) $(GUEST_NAMES),$(patsubst %.o,%.d,$(call guest-objs,$(g))))
