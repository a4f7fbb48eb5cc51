/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Walks the blocks of lz4's legacy frame (lz4_Frame_format.md, "Legacy frame") and of lzop's file
 * format (as lzop 1.04 writes it). It must never trust a length, nor loop without consuming input.
 */
#include "boot/unpack/unpack_frame.h"
#include "lib/string.h"

#define LZ4_MAGIC 0x184c2102
#define LZ4_BLOCK_MAX MiB(8) /* unpacked */

#define LZOP_MAGIC_SIZE 9
#define LZOP_VERSION_NEEDED 0x0940 /* from here on the header has three more fields */
#define LZOP_BLOCK_MAX MiB(64)

enum lzop_flag {
	LZOP_ADLER32_D = 0x1, /* checksum of a block's unpacked data */
	LZOP_ADLER32_C = 0x2, /* of its compressed data */
	LZOP_EXTRA = 0x40,
	LZOP_CRC32_D = 0x100,
	LZOP_CRC32_C = 0x200,
	LZOP_MULTIPART = 0x400,
	LZOP_FILTER = 0x800,
};

/* Takes the next @size bytes of the source; NULL when there are not as many. */
static const u8 *frame_take(struct unpack_stream *f, u64 size)
{
	const u8 *p = f->src;

	if (size > f->src_size) {
		return NULL;
	}
	f->src += size;
	f->src_size -= size;
	return p;
}

static bool frame_take_le32(struct unpack_stream *f, u32 *value)
{
	const u8 *p = frame_take(f, 4);

	if (p) {
		*value = p[0] | (u32)p[1] << 8 | (u32)p[2] << 16 | (u32)p[3] << 24;
	}
	return p != NULL;
}

static bool frame_take_be(struct unpack_stream *f, u64 size, u32 *value)
{
	const u8 *p = frame_take(f, size);

	*value = 0;
	for (u64 i = 0; p && i < size; i++) {
		*value = *value << 8 | p[i];
	}
	return p != NULL;
}

/*
 * A block is its compressed size, then that many bytes. There is no mark at the end: a size that
 * nothing follows is not a block but the unpacked size, which Linux appends.
 */
int unpack_frame_lz4(struct unpack_stream *f, unpack_block_fn *block)
{
	u32 size;

	f->dst_used = 0;
	if (!frame_take_le32(f, &size)) {
		return -ENODATA;
	}
	if (size != LZ4_MAGIC) {
		return -EBADMSG;
	}
	while (frame_take_le32(f, &size) && f->src_size > 0) {
		u64 room = MIN(f->dst_size - f->dst_used, LZ4_BLOCK_MAX);
		const u8 *data;
		s64 done;

		if (size == LZ4_MAGIC) {
			continue;
		}
		data = frame_take(f, size);
		if (!data) {
			return -ENODATA;
		}
		if (room == 0) {
			return -ENOSPC;
		}
		done = block(data, size, f->dst + f->dst_used, room);
		if (done < 0) {
			return room < LZ4_BLOCK_MAX ? -ENOSPC : -EBADMSG;
		}
		f->dst_used += done;
	}
	return 0;
}

static int frame_lzop_header(struct unpack_stream *f, u32 *flags)
{
	u32 version, name_size, extra_size;
	bool modern, ok = frame_take(f, LZOP_MAGIC_SIZE) && frame_take_be(f, 2, &version);

	if (!ok) {
		return -ENODATA;
	}
	modern = version >= LZOP_VERSION_NEEDED;
	/* version of the library [and version needed], method [and level] */
	ok = frame_take(f, modern ? 6 : 3) && frame_take_be(f, 4, flags);
	if (ok && (*flags & LZOP_FILTER)) {
		ok = frame_take(f, 4);
	}
	/* mode, time [and its upper half], name and the header's checksum */
	ok = ok && frame_take(f, modern ? 12 : 8) && frame_take_be(f, 1, &name_size) &&
	     frame_take(f, (u64)name_size + 4);
	if (ok && (*flags & LZOP_EXTRA)) {
		ok = frame_take_be(f, 4, &extra_size) && frame_take(f, (u64)extra_size + 4);
	}
	if (!ok) {
		return -ENODATA;
	}
	return *flags & (LZOP_MULTIPART | LZOP_FILTER) ? -EBADMSG : 0;
}

struct lzop_block {
	u32 unpacked, packed; /* bytes; equal when stored as is */
	u32 adler32;	      /* of the unpacked data, with LZOP_ADLER32_D */
};

/* The checksums of the compressed data are left out when it is stored as is. */
static int frame_lzop_block_header(struct unpack_stream *f, u32 flags, struct lzop_block *b)
{
	u64 skip = flags & LZOP_CRC32_D ? 4 : 0;

	if (!frame_take_be(f, 4, &b->packed)) {
		return -ENODATA;
	}
	if (b->packed > b->unpacked || b->unpacked > LZOP_BLOCK_MAX) {
		return -EBADMSG;
	}
	if (b->packed < b->unpacked) {
		skip += flags & LZOP_ADLER32_C ? 4 : 0;
		skip += flags & LZOP_CRC32_C ? 4 : 0;
	}
	if ((flags & LZOP_ADLER32_D) && !frame_take_be(f, 4, &b->adler32)) {
		return -ENODATA;
	}
	return frame_take(f, skip) ? 0 : -ENODATA;
}

static int frame_lzop_block(
	struct unpack_stream *f, const struct lzop_block *b, unpack_block_fn *block)
{
	const u8 *data = frame_take(f, b->packed);
	u8 *dst = f->dst + f->dst_used;

	if (!data) {
		return -ENODATA;
	}
	if (b->unpacked > f->dst_size - f->dst_used) {
		return -ENOSPC;
	}
	if (b->packed == b->unpacked) {
		memcpy(dst, data, b->packed);
	} else if (block(data, b->packed, dst, b->unpacked) != b->unpacked) {
		return -EBADMSG;
	}
	f->dst_used += b->unpacked;
	return 0;
}

int unpack_frame_lzop(struct unpack_stream *f, unpack_block_fn *block, unpack_adler32_fn *adler32)
{
	u32 flags = 0;
	int ret = frame_lzop_header(f, &flags);

	f->dst_used = 0;
	while (ret == 0) {
		u8 *dst = f->dst + f->dst_used;
		struct lzop_block b = { 0 };

		if (!frame_take_be(f, 4, &b.unpacked)) {
			return -ENODATA;
		}
		if (b.unpacked == 0) {
			return 0;
		}
		ret = frame_lzop_block_header(f, flags, &b);
		if (ret == 0) {
			ret = frame_lzop_block(f, &b, block);
		}
		if (ret == 0 && (flags & LZOP_ADLER32_D) &&
			adler32(1, dst, b.unpacked) != b.adler32) {
			ret = -EBADMSG;
		}
	}
	return ret;
}
