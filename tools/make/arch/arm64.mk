# SPDX-License-Identifier: GPL-2.0-only
# arm64: a flat image that begins with the header of Linux's boot protocol (arch/arm/boot/head.S).

SRCARCH := arm
CROSS := aarch64-linux-gnu-
CLANG_TARGET := aarch64-linux-gnu
ARCH_CFLAGS := -march=armv8-a -mgeneral-regs-only -mno-outline-atomics -mbranch-protection=none
PKGS_ARCH := gcc-aarch64-linux-gnu

$(B)/bulkhead: $(B)/bulkhead.elf
	$(Q)$(OBJCOPY) -O binary $< $@
	$(say-image)

# The images (run.mk) and the test guests (guest.mk).
IMG_FOLDER := images/arm64
KERNEL_DEB := linux-image-arm64:arm64
BUSYBOX_DEB := busybox-static:arm64
XEN_DEB := xen-hypervisor-4.17-arm64:arm64
XEN_FILE := xen-4.17-arm64
DOM0_MODULES := virtio_pci virtio_mmio virtio_blk virtio_net crc32c_generic ext4
QEMU_PY := qemu_arm64.py
GUEST_FOLDER := guest/arm64
GUEST_LIB_FOLDERS := lib-arm64
GUEST_FILTER = $(filter arm-%,$(1))
GUEST_EXT := bin
GUEST_LDS := lib-arm64/guest.lds
GUEST_LDFLAGS := -m aarch64elf -pie --no-dynamic-linker -z text
GUEST_ARCH_CFLAGS := -march=armv8-a -mgeneral-regs-only -mno-outline-atomics \
	-mbranch-protection=none -mstrict-align -fpie -include $(SRC)/src/lib/hidden.h
