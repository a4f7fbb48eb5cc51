/* SPDX-License-Identifier: GPL-2.0-only */
/* Decompression in one go, from memory to memory, by the libraries of each format. */
#ifndef BOOT_UNPACK_UNPACK_DECOMPRESS_H
#define BOOT_UNPACK_UNPACK_DECOMPRESS_H

#include "boot/unpack/unpack_format.h"
#include "boot/unpack/unpack_frame.h"

/*
 * Unpacks @s, which is in @codec (any but UNPACK_ELF), and sets dst_used. 0; -ENODATA when the data
 * is cut off, -EBADMSG when it is corrupt, -ENOSPC when dst is too small, -ENOMEM without memory.
 */
int __must_check unpack_decompress(enum unpack_codec codec, struct unpack_stream *s);

#endif
