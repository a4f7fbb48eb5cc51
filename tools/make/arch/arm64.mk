# SPDX-License-Identifier: GPL-2.0-only
# arm64: a flat image that begins with the header of Linux's boot protocol (arch/arm/boot/head.S).

SRCARCH := arm
CROSS := aarch64-linux-gnu-
CLANG_TARGET := aarch64-linux-gnu
ARCH_CFLAGS := -march=armv8-a -mgeneral-regs-only -mno-outline-atomics -mbranch-protection=none
PKGS_ARCH := gcc-aarch64-linux-gnu

$(B)/bulkhead: $(B)/bulkhead.elf
	$(Q)$(OBJCOPY) -O binary $< $@
	$(call say,IMAGE,"$(notdir $@): $$(stat -c %s $@) bytes")
