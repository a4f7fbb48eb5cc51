/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The containers of which the compression libraries know the blocks alone: lzop and the legacy one
 * of lz4. Pure: the data is guest data, read and written within the given bounds.
 */
#ifndef BOOT_UNPACK_UNPACK_FRAME_H
#define BOOT_UNPACK_UNPACK_FRAME_H

#include "boot/unpack/unpack_error.h"

/* Unpacks one block; the number of bytes written, or negative when it is corrupt or too large. */
typedef s64 unpack_block_fn(const void *src, u32 src_size, void *dst, u32 dst_size);

/* Adler-32 (RFC 1950), to be started with 1. */
typedef u32 unpack_adler32_fn(u32 sum, const void *data, u32 size);

struct unpack_stream {
	const u8 *src;
	u64 src_size;
	u8 *dst;
	u64 dst_size; /* room */
	u64 dst_used; /* result */
};

/* 0; -ENODATA when the source is cut off, -EBADMSG when it is corrupt, -ENOSPC without room. */
int __must_check unpack_frame_lz4(struct unpack_stream *f, unpack_block_fn *block);
int __must_check unpack_frame_lzop(
	struct unpack_stream *f, unpack_block_fn *block, unpack_adler32_fn *adler32);

#endif
