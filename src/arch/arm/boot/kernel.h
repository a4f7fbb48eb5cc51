/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Kernel files: what their header says, and where kernel, ramdisk and device tree go in a domain's
 * RAM. Pure; a header is somebody else's word.
 */
#ifndef ARCH_ARM_BOOT_KERNEL_H
#define ARCH_ARM_BOOT_KERNEL_H

#include "arch/arm/boot/place.h"
#include "lib/compiler.h"

/* As much of the file as kernel_parse() looks at. */
#define KERNEL_HEADER_SIZE 128

struct kernel {
	const char *format;
	bool aarch32;
	u64 offset, size; /* of what is copied, in the file */
	u64 memory;	  /* bytes that it takes from its load address on: at least size */
	bool fixed;	  /* goes to `load` and nowhere else */
	bool high;	  /* goes below the place of ramdisk and tree, not to the start of RAM */
	u64 load;
	u64 text_offset; /* from a boundary of 2 MiB, when not fixed */
	u64 entry;	 /* from its load address */
};

/*
 * Reads the first n bytes (at most KERNEL_HEADER_SIZE count) of a file of file_size bytes.
 *   arm64 Image        Linux, Documentation/arm64/booting.rst
 *   AArch32 zImage     Linux, arch/arm/boot/compressed/head.S
 *   legacy uImage      U-Boot, include/image.h; uncompressed, holding either or plain code
 * -EINVAL: *why says what it is instead, or what is wrong with it.
 */
int kernel_parse(const void *head, size_t n, u64 file_size, struct kernel *out, const char **why);

struct kernel_places {
	u64 kernel, entry, dtb, initrd;
};

/* Finds places for all in one bank, the first that has them. initrd_size may be 0. -ENOMEM: *why.
 */
int kernel_place(const struct kernel *k, const struct ram *ram, u64 dtb_size, u64 initrd_size,
	struct kernel_places *out, const char **why);

#endif
