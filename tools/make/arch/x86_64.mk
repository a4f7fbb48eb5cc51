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
	$(say-image)

# The images (run.mk) and the test guests (guest.mk).
IMG_FOLDER := images
KERNEL_DEB := linux-image-amd64
XEN_DEB := xen-hypervisor-4.17-amd64
XEN_FILE := xen-4.17-amd64
DOM0_MODULES := virtio_pci virtio_blk virtio_net crc32c_generic ext4 ahci sd_mod e1000e
QEMU_PY := qemu.py
GUEST_FOLDER := guest
GUEST_LIB_FOLDERS := lib
GUEST_FILTER = $(filter-out lib% arm-%,$(1))
GUEST_EXT := elf
GUEST_LDS := lib/guest.lds
GUEST_LDFLAGS := -m elf_x86_64
GUEST_ARCH_CFLAGS := -m64 -march=x86-64 -fno-pic -fno-pie -mno-red-zone -mgeneral-regs-only \
	-fcf-protection=none
