# SPDX-License-Identifier: GPL-2.0-only
# The hypervisor image. Linked twice: the second time with the table of symbols of the first, so that
# a backtrace has names. build/ARCH/bulkhead is what a loader takes (tools/make/arch/ARCH.mk);
# bulkhead.elf has the debug information.

OBJS :=
$(call visit-tree,src)

HV := $(B)/hv
HV_CFLAGS = $(CFLAGS_BASE) -I$(SRC)/src/arch/$(SRCARCH)/include -include $(SRC)/src/lib/hidden.h \
	-ffreestanding -nostdinc -isystem $(shell $(CC) -print-file-name=include) $(ARCH_CFLAGS) \
	-fPIE -fvisibility=hidden -fno-stack-protector -fno-asynchronous-unwind-tables \
	-fno-omit-frame-pointer -ffunction-sections -fdata-sections
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

$(HV)/link.lds: $(SRC)/src/arch/$(SRCARCH)/link.lds $(B)/auto.conf
	@mkdir -p $(@D)
	$(Q)$(CC) -E -P -x c -I$(SRC)/src $< -o $@

$(HV)/symbols0.S:
	@mkdir -p $(@D)
	$(Q)$(PY) $(SRC)/tools/gen-symbols /dev/null > $@
$(HV)/symbols1.S: $(HV)/pass0.elf $(SRC)/tools/gen-symbols
	$(Q)$(NM) -n $< | $(PY) $(SRC)/tools/gen-symbols - > $@
$(HV)/symbols%.o: $(HV)/symbols%.S
	$(Q)$(CC) $(HV_CFLAGS) $(ASFLAGS_BASE) -c $< -o $@

$(HV)/pass0.elf: $(HV_OBJS) $(HV)/symbols0.o $(HV)/link.lds $(HV_LIBS)
	$(Q)$(LD) $(HV_LDFLAGS) -T $(HV)/link.lds -o $@ $(HV_OBJS) $(HV)/symbols0.o $(HV_LIBS)
$(B)/bulkhead.elf: $(HV_OBJS) $(HV)/symbols1.o $(HV)/link.lds $(HV_LIBS)
	$(call say,LD,$(@F))
	$(Q)$(LD) $(HV_LDFLAGS) -T $(HV)/link.lds -o $@ $(HV_OBJS) $(HV)/symbols1.o $(HV_LIBS)

# What has been made of how many lines (comments and blank lines left out), headers included.
say-image = $(call say,IMAGE,"$(notdir $@): $$(stat -c %s $@) bytes of $$($(PY) $(SRC)/tools/sloc --total \
	$(SRC) $(HV_OBJS:.o=.d)) lines")

.PHONY: hypervisor sloc
hypervisor: $(B)/bulkhead
sloc: $(B)/bulkhead
	$(Q)$(PY) $(SRC)/tools/sloc $(SRC) $(HV_OBJS:.o=.d)

-include $(HV_OBJS:.o=.d)
