/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One adapter for each compression library: sets it up, runs it over the whole input, and maps its
 * verdict to -errno. It must never know a format from the inside: that is the libraries' business.
 */
#include "boot/unpack/unpack_decompress.h"

#define ZLIB_CONST /* zlib.h: the input is const */
#include <bzlib.h>
#include <lz4.h>
#include <lzma.h>
#include <lzo/lzo1x.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#define ZLIB_GZIP_WINDOW (15 + 16) /* zlib.h, inflateInit2(): the largest window, gzip header */

/* A decoder that wants to go on has used up either its room or its input. */
static int decompress_stuck(u64 room_left)
{
	return room_left == 0 ? -ENOSPC : -ENODATA;
}

static int decompress_gzip(struct unpack_stream *s)
{
	z_stream z = {
		.next_in = s->src,
		.avail_in = s->src_size,
		.next_out = s->dst,
		.avail_out = s->dst_size,
	};
	int ret = inflateInit2(&z, ZLIB_GZIP_WINDOW);

	if (ret == Z_OK) {
		ret = inflate(&z, Z_FINISH);
	}
	s->dst_used = z.total_out;
	if (ret == Z_OK || ret == Z_BUF_ERROR) {
		return decompress_stuck(z.avail_out);
	}
	return ret == Z_STREAM_END ? 0 : ret == Z_MEM_ERROR ? -ENOMEM : -EBADMSG;
}

static int decompress_bzip2(struct unpack_stream *s)
{
	bz_stream bz = {
		.next_in = (char *)s->src,
		.avail_in = s->src_size,
		.next_out = (char *)s->dst,
		.avail_out = s->dst_size,
	};
	int ret = BZ2_bzDecompressInit(&bz, 0, 0);

	if (ret == BZ_OK) {
		ret = BZ2_bzDecompress(&bz);
	}
	s->dst_used = s->dst_size - bz.avail_out;
	if (ret == BZ_OK) {
		return decompress_stuck(bz.avail_out);
	}
	return ret == BZ_STREAM_END ? 0 : ret == BZ_MEM_ERROR ? -ENOMEM : -EBADMSG;
}

/* Both formats of liblzma; @ret is the verdict of the decoder's initialisation. */
static int decompress_lzma_run(struct unpack_stream *s, lzma_stream *lz, lzma_ret ret)
{
	lz->next_in = s->src;
	lz->avail_in = s->src_size;
	lz->next_out = s->dst;
	lz->avail_out = s->dst_size;
	while (ret == LZMA_OK) {
		ret = lzma_code(lz, LZMA_FINISH);
	}
	s->dst_used = lz->total_out;
	if (ret == LZMA_BUF_ERROR) {
		return decompress_stuck(lz->avail_out);
	}
	return ret == LZMA_STREAM_END ? 0 : ret == LZMA_MEM_ERROR ? -ENOMEM : -EBADMSG;
}

static int decompress_lzma(struct unpack_stream *s)
{
	lzma_stream lz = LZMA_STREAM_INIT;

	return decompress_lzma_run(s, &lz, lzma_alone_decoder(&lz, UINT64_MAX));
}

static int decompress_xz(struct unpack_stream *s)
{
	lzma_stream lz = LZMA_STREAM_INIT;

	return decompress_lzma_run(s, &lz, lzma_stream_decoder(&lz, UINT64_MAX, 0));
}

static s64 decompress_lzo_block(const void *src, u32 src_size, void *dst, u32 dst_size)
{
	lzo_uint done = dst_size;

	return lzo1x_decompress_safe(src, src_size, dst, &done, NULL) == LZO_E_OK ? (s64)done : -1;
}

static u32 decompress_adler32(u32 sum, const void *data, u32 size)
{
	return adler32(sum, data, size);
}

static int decompress_lzop(struct unpack_stream *s)
{
	return unpack_frame_lzop(s, decompress_lzo_block, decompress_adler32);
}

static s64 decompress_lz4_block(const void *src, u32 src_size, void *dst, u32 dst_size)
{
	return src_size > INT32_MAX ? -1 : LZ4_decompress_safe(src, dst, src_size, dst_size);
}

static int decompress_lz4(struct unpack_stream *s)
{
	return unpack_frame_lz4(s, decompress_lz4_block);
}

static int decompress_zstd_error(size_t result)
{
	switch (ZSTD_getErrorCode(result)) {
	case ZSTD_error_srcSize_wrong:
		return -ENODATA;
	case ZSTD_error_dstSize_tooSmall:
		return -ENOSPC;
	case ZSTD_error_memory_allocation:
		return -ENOMEM;
	default:
		return -EBADMSG;
	}
}

static int decompress_zstd(struct unpack_stream *s)
{
	size_t size = ZSTD_findFrameCompressedSize(s->src, s->src_size);
	ZSTD_DCtx *ctx;

	if (ZSTD_isError(size)) {
		return decompress_zstd_error(size);
	}
	ctx = ZSTD_createDCtx();
	if (!ctx) {
		return -ENOMEM;
	}
	size = ZSTD_decompressDCtx(ctx, s->dst, s->dst_size, s->src, size);
	if (ZSTD_isError(size)) {
		return decompress_zstd_error(size);
	}
	s->dst_used = size;
	return 0;
}

int unpack_decompress(enum unpack_codec codec, struct unpack_stream *s)
{
	static int (*const unpack[UNPACK_CODEC_COUNT])(struct unpack_stream *) = {
		[UNPACK_GZIP] = decompress_gzip,
		[UNPACK_BZIP2] = decompress_bzip2,
		[UNPACK_LZMA] = decompress_lzma,
		[UNPACK_XZ] = decompress_xz,
		[UNPACK_LZOP] = decompress_lzop,
		[UNPACK_LZ4] = decompress_lz4,
		[UNPACK_ZSTD] = decompress_zstd,
	};

	s->dst_used = 0;
	return unpack[codec](s);
}
