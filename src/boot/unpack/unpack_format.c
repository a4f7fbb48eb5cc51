/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Recognises kernel files: the bzImage header of the Linux x86 boot protocol
 * (Documentation/x86/boot.rst, "The Real-Mode Kernel Header"), and the magic bytes of the formats
 * that a Linux kernel may be compressed with. It must never look beyond the file.
 */
#include "boot/unpack/unpack_format.h"
#include "lib/string.h"

/* The fields used of the header, at their offset in the file. */
#define BZIMAGE_SETUP_SECTS 0x1f1
#define BZIMAGE_MAGIC 0x202
#define BZIMAGE_VERSION 0x206
#define BZIMAGE_PAYLOAD_OFFSET 0x248
#define BZIMAGE_PAYLOAD_LENGTH 0x24c
#define BZIMAGE_HEADER_END 0x250

#define BZIMAGE_VERSION_PAYLOAD 0x0208 /* the first with the payload fields */
#define BZIMAGE_SECTOR 512
#define BZIMAGE_SETUP_SECTS_DEFAULT 4 /* what 0 stands for */

/* Linux appends the unpacked size, four bytes little endian, where the format itself has none. */
#define SIZE_BYTES 4

struct format {
	const char *name;
	const char *magic;
	u8 magic_size;
	bool has_size; /* the last four bytes are the unpacked size, by the format's own rule */
};

static const struct format formats[UNPACK_CODEC_COUNT] = {
	[UNPACK_ELF] = { "ELF", "\177ELF", 4, false },
	[UNPACK_GZIP] = { "gzip", "\x1f\x8b\x08", 3, true }, /* RFC 1952: ISIZE */
	[UNPACK_BZIP2] = { "bzip2", "BZh", 3, false },
	[UNPACK_LZMA] = { "lzma", "\x5d\0\0", 3, false },
	[UNPACK_XZ] = { "xz", "\xfd\x37zXZ", 6, false },
	[UNPACK_LZOP] = { "lzop", "\x89LZO\0\r\n\x1a\n", 9, false },
	[UNPACK_LZ4] = { "lz4", "\x02\x21\x4c\x18", 4, false },
	[UNPACK_ZSTD] = { "zstd", "\x28\xb5\x2f\xfd", 4, false },
};

static u32 format_u32(const u8 *p)
{
	return p[0] | (u32)p[1] << 8 | (u32)p[2] << 16 | (u32)p[3] << 24;
}

const char *unpack_format_name(enum unpack_codec codec)
{
	return formats[codec].name;
}

static bool format_match(const u8 *data, u64 size, enum unpack_codec *codec)
{
	for (unsigned int i = 0; i < UNPACK_CODEC_COUNT; i++) {
		const struct format *f = &formats[i];

		if (size >= f->magic_size && memcmp(data, f->magic, f->magic_size) == 0) {
			*codec = i;
			return true;
		}
	}
	return false;
}

static bool format_is_bzimage(const u8 *file, u64 size)
{
	return size >= BZIMAGE_HEADER_END && memcmp(file + BZIMAGE_MAGIC, "HdrS", 4) == 0;
}

static int format_find_bzimage(
	const u8 *file, u64 size, struct unpack_payload *payload, struct unpack_error *err)
{
	u32 version = file[BZIMAGE_VERSION] | (u32)file[BZIMAGE_VERSION + 1] << 8;
	u32 sects = file[BZIMAGE_SETUP_SECTS] ?: BZIMAGE_SETUP_SECTS_DEFAULT;
	u64 offset, end;

	if (version < BZIMAGE_VERSION_PAYLOAD) {
		return unpack_error_set(err, -ENOEXEC,
			"bzImage of boot protocol %u.%02u, which does not say where the payload is "
			"(2.08 or later does)",
			version >> 8, version & 0xff);
	}
	offset = (sects + 1) * BZIMAGE_SECTOR + (u64)format_u32(file + BZIMAGE_PAYLOAD_OFFSET);
	end = offset + format_u32(file + BZIMAGE_PAYLOAD_LENGTH);
	if (end > size) {
		return unpack_error_set(err, -ENODATA,
			"truncated bzImage: payload ends at %#llx but the file has %#llx bytes",
			(unsigned long long)end, (unsigned long long)size);
	}
	payload->offset = offset;
	payload->size = end - offset;
	if (!format_match(file + offset, payload->size, &payload->codec)) {
		return unpack_error_set(err, -ENOEXEC,
			"bzImage payload at %#llx is neither an ELF file nor compressed in a known "
			"format",
			(unsigned long long)offset);
	}
	return 0;
}

/* "070701" or "070702" (Linux, Documentation/driver-api/early-userspace/buffer-format.rst). */
bool unpack_format_is_archive(const void *file, u64 size)
{
	return size >= 6 && memcmp(file, "07070", 5) == 0;
}

int unpack_format_find(
	const void *file, u64 size, struct unpack_payload *payload, struct unpack_error *err)
{
	const u8 *data = file;
	bool bzimage = format_is_bzimage(data, size);

	*payload = (struct unpack_payload){ .size = size };
	if (size == 0) {
		return unpack_error_set(err, -ENOEXEC, "the file is empty");
	}
	if (bzimage) {
		int ret = format_find_bzimage(data, size, payload, err);

		if (ret) {
			return ret;
		}
	} else if (unpack_format_is_archive(data, size)) {
		return unpack_error_set(err, -ENOEXEC, UNPACK_ARCHIVE_LINE);
	} else if (!format_match(data, size, &payload->codec)) {
		return unpack_error_set(err, -ENOEXEC, "neither a bzImage nor an ELF file");
	}
	if (!bzimage || payload->codec == UNPACK_ELF || payload->size < 2 * SIZE_BYTES) {
		return 0;
	}
	payload->unpacked_size = format_u32(data + payload->offset + payload->size - SIZE_BYTES);
	if (!formats[payload->codec].has_size) {
		payload->size -= SIZE_BYTES;
	}
	return 0;
}
