/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What kind of file is this kernel, and where in it does the compressed or plain ELF lie? Pure: the
 * file is guest data, read within its bounds and never written.
 */
#ifndef BOOT_UNPACK_UNPACK_FORMAT_H
#define BOOT_UNPACK_UNPACK_FORMAT_H

#include "boot/unpack/unpack_error.h"

enum unpack_codec {
	UNPACK_ELF, /* not compressed */
	UNPACK_GZIP,
	UNPACK_BZIP2,
	UNPACK_LZMA,
	UNPACK_XZ,
	UNPACK_LZOP,
	UNPACK_LZ4, /* the legacy container of "lz4 -l" */
	UNPACK_ZSTD,
	UNPACK_CODEC_COUNT
};

struct unpack_payload {
	enum unpack_codec codec;
	u64 offset;	   /* within the file, bytes */
	u64 size;	   /* bytes; never beyond the end of the file */
	u64 unpacked_size; /* what the file claims: not to be trusted; 0 when it claims nothing */
};

/*
 * Finds the payload of a Linux bzImage (x86 boot protocol 2.08 or later), of an ELF file or of a
 * compressed ELF file. -ENOEXEC for anything else, -ENODATA when the file is cut off.
 */
int __must_check unpack_format_find(
	const void *file, u64 size, struct unpack_payload *payload, struct unpack_error *err);

/* A cpio archive, which an initramfs is: someone has swapped the modules. */
bool unpack_format_is_archive(const void *file, u64 size);
#define UNPACK_ARCHIVE_LINE "an initramfs, not a kernel: the kernel is the first module"

/* "xz", "gzip", ...: for messages. */
const char *unpack_format_name(enum unpack_codec codec);

#endif
