# SPDX-License-Identifier: GPL-2.0-only
# x86_64: the flat image goes inside a 32-bit ELF, which every multiboot loader takes.

SRCARCH := x86
CROSS :=
CLANG_TARGET := x86_64-linux-gnu
ARCH_CFLAGS := -m64 -mno-red-zone -mgeneral-regs-only -fcf-protection=none
PKGS_ARCH :=

$(B)/hv/src/arch/x86/boot/unpack_blob.o: $(B)/unpack.bin

$(B)/bulkhead: $(B)/bulkhead.elf $(SRC)/tools/wrap-elf32
	$(Q)$(OBJCOPY) -O binary $< $(B)/hv/image.bin
	$(Q)$(PY) $(SRC)/tools/wrap-elf32 $< $(B)/hv/image.bin $@
	$(call say,IMAGE,"$(notdir $@): $$(stat -c %s $@) bytes")
