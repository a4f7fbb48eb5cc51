# SPDX-License-Identifier: GPL-2.0-only
# The hypervisor image. Linked twice: the second time with the table of symbols of the first, so that
# a backtrace has names. build/ARCH/bulkhead is the flat image inside a 32-bit ELF, which every
# multiboot loader takes; bulkhead.elf has the debug information.

HV_DIRS_x86_64 := src
OBJS :=
$(call visit-tree,src)

HV := $(B)/hv
HV_CFLAGS = $(CFLAGS_BASE) -I$(SRC)/src/arch/x86/include -include $(SRC)/src/arch/x86/include/hidden.h -ffreestanding -nostdinc \
	-isystem $(shell $(CC) -print-file-name=include) -m64 -mno-red-zone -mgeneral-regs-only \
	-fPIE -fvisibility=hidden -fno-stack-protector -fno-asynchronous-unwind-tables \
	-fno-omit-frame-pointer -fcf-protection=none -ffunction-sections -fdata-sections
ifeq ($(CC_FAMILY),gcc)
HV_CFLAGS += -fno-tree-loop-distribute-patterns
endif
HV_LDFLAGS := -nostdlib -static --build-id=sha1 -z max-page-size=4096 -z noexecstack --gc-sections \
	--no-warn-rwx-segments

HV_OBJS := $(patsubst %.o,$(HV)/%.o,$(OBJS))

$(HV)/%.o: $(SRC)/%.c $(B)/auto.conf $(B)/flags | $(B)/include/xen
	@mkdir -p $(@D)
	$(call say,CC,$*.c)
	$(Q)$(CC) $(HV_CFLAGS) -MMD -MP -c $< -o $@

$(HV)/%.o: $(SRC)/%.S $(B)/auto.conf $(B)/flags | $(B)/include/xen
	@mkdir -p $(@D)
	$(call say,AS,$*.S)
	$(Q)$(CC) $(HV_CFLAGS) $(ASFLAGS_BASE) -Wa,-I$(B) -MMD -MP -c $< -o $@

$(HV)/link.lds: $(SRC)/src/arch/x86/link.lds $(B)/auto.conf
	@mkdir -p $(@D)
	$(Q)$(CC) -E -P -x c -I$(SRC)/src $< -o $@

$(HV)/symbols0.S:
	@mkdir -p $(@D)
	$(Q)$(PY) $(SRC)/tools/gen-symbols /dev/null > $@
$(HV)/symbols1.S: $(HV)/pass0.elf $(SRC)/tools/gen-symbols
	$(Q)$(NM) -n $< | $(PY) $(SRC)/tools/gen-symbols - > $@
$(HV)/symbols%.o: $(HV)/symbols%.S
	$(Q)$(CC) $(HV_CFLAGS) $(ASFLAGS_BASE) -c $< -o $@

$(HV)/src/arch/x86/boot/unpack_blob.o: $(B)/unpack.bin

$(HV)/pass0.elf: $(HV_OBJS) $(HV)/symbols0.o $(HV)/link.lds
	$(Q)$(LD) $(HV_LDFLAGS) -T $(HV)/link.lds -o $@ $(HV_OBJS) $(HV)/symbols0.o
$(B)/bulkhead.elf: $(HV_OBJS) $(HV)/symbols1.o $(HV)/link.lds
	$(call say,LD,$(@F))
	$(Q)$(LD) $(HV_LDFLAGS) -T $(HV)/link.lds -o $@ $(HV_OBJS) $(HV)/symbols1.o

$(B)/bulkhead: $(B)/bulkhead.elf $(SRC)/tools/wrap-elf32
	$(Q)$(OBJCOPY) -O binary $< $(HV)/image.bin
	$(Q)$(PY) $(SRC)/tools/wrap-elf32 $< $(HV)/image.bin $@
	$(call say,IMAGE,"$(notdir $@): $$(stat -c %s $@) bytes")

.PHONY: hypervisor
hypervisor: $(B)/bulkhead

-include $(HV_OBJS:.o=.d)
