/* SPDX-License-Identifier: GPL-2.0-only */
/* Headers of kernel files, and the places of what a domain starts with. Never touches memory. */
#include "arch/arm/boot/kernel.h"

#include "lib/errno.h"
#include "lib/string.h"

/* No file and no kernel is larger: sums stay far from overflowing. */
#define SIZE_LIMIT BIT64(40)

/* --- formats --- */

struct image_header {
	u32 code[2];
	u64 text_offset;
	u64 image_size; /* 0 before Linux 3.17; text_offset was fixed then */
	u64 flags;
	u64 reserved[3];
	u32 magic;
	u32 pe_offset;
};
static_assert(sizeof(struct image_header) == 64, "arm64 Image");
#define IMAGE_MAGIC 0x644d5241U
#define IMAGE_OLD_TEXT_OFFSET 0x80000

struct zimage_header {
	u32 code[9];
	u32 magic;
	u32 start, end;
};
static_assert(sizeof(struct zimage_header) == 48, "AArch32 zImage");
#define ZIMAGE_MAGIC 0x016f2818U

/* Big-endian. */
struct uimage_header {
	u32 magic, header_crc, time, size, load, entry, data_crc;
	u8 os, arch, type, compression;
	char name[32];
};
static_assert(sizeof(struct uimage_header) == 64, "legacy uImage");
#define UIMAGE_MAGIC 0x27051956U
#define UIMAGE_ARCH_ARM 2
#define UIMAGE_ARCH_ARM64 22
#define UIMAGE_TYPE_KERNEL 2
#define UIMAGE_TYPE_KERNEL_NOLOAD 14

static_assert(sizeof(struct uimage_header) + sizeof(struct image_header) <= KERNEL_HEADER_SIZE,
	"an Image within a uImage");

static int kernel_refuse(const char **why, const char *text)
{
	*why = text;
	return -EINVAL;
}

/* What people hand over by mistake; offsets and bytes of their beginnings. */
static const struct {
	u8 length;
	u8 bytes[6];
	const char *why;
} foreign[] = {
	{ 2, { 0x1f, 0x8b }, "is compressed with gzip; give the uncompressed Image" },
	{ 6, { 0xfd, '7', 'z', 'X', 'Z', 0 },
		"is compressed with xz; give the uncompressed Image" },
	{ 3, { 'B', 'Z', 'h' }, "is compressed with bzip2; give the uncompressed Image" },
	{ 4, { 0x28, 0xb5, 0x2f, 0xfd }, "is compressed with zstd; give the uncompressed Image" },
	{ 4, { 0x02, 0x21, 0x4c, 0x18 }, "is compressed with lz4; give the uncompressed Image" },
	{ 4, { 0x7f, 'E', 'L', 'F' }, "is an ELF file; give an Image, a zImage or a uImage" },
	{ 4, { 0xd0, 0x0d, 0xfe, 0xed }, "is a device tree, no kernel" },
	{ 6, { '0', '7', '0', '7', '0', '1' }, "is an initramfs, no kernel" },
};

static int kernel_foreign(const u8 *p, size_t n, const char **why)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(foreign); i++) {
		if (n >= foreign[i].length && memcmp(p, foreign[i].bytes, foreign[i].length) == 0) {
			return kernel_refuse(why, foreign[i].why);
		}
	}
	return kernel_refuse(why, "is no kernel: neither arm64 Image nor zImage nor uImage");
}

static int kernel_image(const u8 *p, u64 size, struct kernel *out, const char **why)
{
	struct image_header h;

	memcpy(&h, p, sizeof(h));
	if (h.text_offset >= SIZE_LIMIT || h.image_size >= SIZE_LIMIT ||
		!IS_ALIGNED(h.text_offset, 4)) {
		return kernel_refuse(why, "has a damaged arm64 Image header");
	}
	out->format = "Image";
	out->aarch32 = false;
	out->text_offset = h.image_size ? h.text_offset : IMAGE_OLD_TEXT_OFFSET;
	out->size = size;
	out->memory = MAX(size, h.image_size);
	return 0;
}

static int kernel_zimage(const u8 *p, u64 size, struct kernel *out, const char **why)
{
	struct zimage_header h;

	memcpy(&h, p, sizeof(h));
	if (h.end < h.start || h.end - h.start < sizeof(h) || h.end - h.start > size) {
		return kernel_refuse(why, "is a zImage whose size is not that of the file");
	}
	out->format = "zImage";
	out->aarch32 = true;
	out->high = h.start == 0;
	out->fixed = h.start != 0;
	out->load = h.start;
	out->size = out->memory = h.end - h.start;
	return 0;
}

/* What begins here, n bytes of it, of a kernel of size bytes. -ENOENT: neither. */
static int kernel_bare(const u8 *p, size_t n, u64 size, struct kernel *out, const char **why)
{
	u32 magic;

	if (n >= sizeof(struct image_header)) {
		memcpy(&magic, p + offsetof(struct image_header, magic), sizeof(magic));
		if (magic == IMAGE_MAGIC) {
			return kernel_image(p, size, out, why);
		}
	}
	if (n >= sizeof(struct zimage_header)) {
		memcpy(&magic, p + offsetof(struct zimage_header, magic), sizeof(magic));
		if (magic == ZIMAGE_MAGIC) {
			return kernel_zimage(p, size, out, why);
		}
	}
	return -ENOENT;
}

static u32 be32(u32 v)
{
	return __builtin_bswap32(v);
}

/* A load address of 0 leaves the place to us. */
static int kernel_uimage_load(const struct uimage_header *h, struct kernel *out, const char **why)
{
	u32 load = be32(h->load), entry = be32(h->entry);

	if (h->type == UIMAGE_TYPE_KERNEL_NOLOAD || load == 0) {
		return 0;
	}
	if (entry < load || entry - load >= out->size) {
		return kernel_refuse(why, "is a uImage whose entry point lies outside of it");
	}
	out->fixed = true;
	out->high = false;
	out->load = load;
	out->entry = entry - load;
	return 0;
}

static int kernel_uimage(const u8 *p, size_t n, u64 size, struct kernel *out, const char **why)
{
	struct uimage_header h;
	int rc;

	memcpy(&h, p, sizeof(h));
	if (h.arch != UIMAGE_ARCH_ARM && h.arch != UIMAGE_ARCH_ARM64) {
		return kernel_refuse(why, "is a uImage for another architecture");
	}
	if (h.type != UIMAGE_TYPE_KERNEL && h.type != UIMAGE_TYPE_KERNEL_NOLOAD) {
		return kernel_refuse(why, "is a uImage, but holds no kernel");
	}
	if (h.compression != 0) {
		return kernel_refuse(why, "is a compressed uImage; make it with -C none");
	}
	if (be32(h.size) == 0 || be32(h.size) > size - sizeof(h)) {
		return kernel_refuse(why, "is a uImage that is longer than the file");
	}
	out->offset = sizeof(h);
	rc = kernel_bare(p + sizeof(h), n - sizeof(h), be32(h.size), out, why);
	if (rc == -ENOENT) {
		out->size = out->memory = be32(h.size);
		out->aarch32 = h.arch == UIMAGE_ARCH_ARM;
		rc = 0;
	}
	out->format = "uImage";
	return rc ? rc : kernel_uimage_load(&h, out, why);
}

int kernel_parse(const void *head, size_t n, u64 file_size, struct kernel *out, const char **why)
{
	u32 magic = 0;
	int rc;

	*out = (struct kernel){ 0 };
	n = MIN(MIN(n, (size_t)KERNEL_HEADER_SIZE), (size_t)MIN(file_size, SIZE_LIMIT));
	if (file_size >= SIZE_LIMIT || n < sizeof(struct zimage_header)) {
		return kernel_refuse(why, "is too short for a kernel");
	}
	memcpy(&magic, head, sizeof(magic));
	if (be32(magic) == UIMAGE_MAGIC && n >= sizeof(struct uimage_header)) {
		return kernel_uimage(head, n, file_size, out, why);
	}
	rc = kernel_bare(head, n, file_size, out, why);
	return rc == -ENOENT ? kernel_foreign(head, n, why) : rc;
}

/* --- places --- */

/* Where ramdisks and trees go if RAM reaches that far: behind whatever a zImage unpacks. */
#define MODULES_AT MiB(128)

struct span {
	u64 start, end;
};

/* The kernel's own place in a bank; false: it does not fit. */
static bool kernel_spot(const struct kernel *k, const struct ram_bank *b, struct span *out)
{
	u64 end = b->start + b->size, at;

	if (k->fixed) {
		at = k->load;
	} else if (k->high) {
		u64 top = MIN(end, b->start + MODULES_AT);

		at = k->memory <= b->size ? ALIGN_DOWN(top - MIN(k->memory, top), MiB(2)) : end;
	} else {
		at = ALIGN_UP(b->start, MiB(2)) + k->text_offset;
	}
	*out = (struct span){ at, at + k->memory };
	return at >= b->start && at < end && k->memory <= end - at;
}

/* A place for the ramdisk and the tree, beside the kernel. */
static bool kernel_modules_spot(
	const struct ram_bank *b, const struct span *kernel, u64 size, u64 align, u64 *at)
{
	u64 end = ALIGN_DOWN(b->start + b->size, align);
	u64 behind = ALIGN_UP(kernel->end, align), far = ALIGN_UP(b->start + MODULES_AT, align);
	u64 start = ALIGN_UP(b->start, align), before = ALIGN_DOWN(kernel->start, align);

	if (far >= behind && far < end && end - far >= size) {
		*at = far;
	} else if (behind < end && end - behind >= size) {
		*at = end - size;
	} else if (before > start && before - start >= size) {
		*at = before - size;
	} else {
		return false;
	}
	return true;
}

/* Blocks of 2 MiB keep a tree within one, as arm64 wants it; a small domain has to do with pages.
 */
static const u64 aligns[] = { MiB(2), KiB(4) };

static bool kernel_place_in(const struct kernel *k, const struct ram_bank *b, u64 dtb_size,
	u64 initrd_size, struct kernel_places *out)
{
	struct span kernel;

	if (!kernel_spot(k, b, &kernel)) {
		return false;
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(aligns); i++) {
		u64 dtb = ALIGN_UP(dtb_size, aligns[i]), at;
		u64 size = dtb + ALIGN_UP(initrd_size, aligns[i]);

		if (kernel_modules_spot(b, &kernel, size, aligns[i], &at)) {
			*out = (struct kernel_places){
				.kernel = kernel.start,
				.entry = kernel.start + k->entry,
				.dtb = at,
				.initrd = initrd_size ? at + dtb : 0,
			};
			return true;
		}
	}
	return false;
}

int kernel_place(const struct kernel *k, const struct ram *ram, u64 dtb_size, u64 initrd_size,
	struct kernel_places *out, const char **why)
{
	if (dtb_size >= SIZE_LIMIT || initrd_size >= SIZE_LIMIT) {
		*why = "ramdisk: too large";
		return -ENOMEM;
	}
	for (unsigned int i = 0; i < ram->count; i++) {
		if (kernel_place_in(k, &ram->banks[i], dtb_size, initrd_size, out)) {
			return 0;
		}
	}
	*why = k->fixed ? "kernel: its load address is outside the domain's memory, or leaves no "
			  "room for ramdisk and device tree"
			: "memory: no bank has room for kernel, ramdisk and device tree";
	return -ENOMEM;
}
