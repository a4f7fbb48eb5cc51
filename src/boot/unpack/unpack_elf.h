/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What of an ELF kernel goes where in guest memory, and where it is entered. Pure: the file is
 * guest data, read within its bounds and never written.
 */
#ifndef BOOT_UNPACK_UNPACK_ELF_H
#define BOOT_UNPACK_UNPACK_ELF_H

#include "boot/unpack/unpack_error.h"

#define UNPACK_SEGMENTS_MAX 32

/* The memory that a PVH kernel may be loaded to and entered in, with paging off. */
#define UNPACK_MEMORY_END GiB(4)

struct unpack_segment {
	u64 paddr;  /* guest physical; paddr + memsz <= UNPACK_MEMORY_END */
	u64 offset; /* within the file; offset + filesz <= its size */
	u64 filesz; /* bytes to copy */
	u64 memsz;  /* bytes to occupy, >= filesz and > 0; the rest is zeroed */
};

struct unpack_kernel {
	struct unpack_segment segments[UNPACK_SEGMENTS_MAX]; /* by paddr, no two overlap */
	u32 segment_count;				     /* > 0 */
	u32 entry;					     /* guest physical, inside a segment */
};

/* Parses a 32 or 64-bit little-endian x86 ELF file with the note XEN_ELFNOTE_PHYS32_ENTRY. */
int __must_check unpack_elf_parse(
	const void *file, u64 size, struct unpack_kernel *kernel, struct unpack_error *err);

#endif
