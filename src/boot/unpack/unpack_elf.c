/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reads ELF kernels (System V ABI, chapters 4 and 5; notes as in xen/elfnote.h). One table of field
 * positions serves both word sizes. It must never look beyond the file, nor believe a size in it.
 */
#include "boot/unpack/unpack_elf.h"
#include "boot/unpack/unpack_format.h"
#include "lib/string.h"

#define ELF_IDENT_SIZE 16
#define ELF_CLASS 4
#define ELF_CLASS_32 1
#define ELF_CLASS_64 2
#define ELF_DATA 5
#define ELF_DATA_LSB 1
#define ELF_MACHINE_386 3
#define ELF_MACHINE_X86_64 62
#define ELF_PT_LOAD 1
#define ELF_PT_NOTE 4
#define ELF_SHT_NOTE 7

#define NOTE_HEADER_SIZE 12
#define NOTE_PHYS32_ENTRY 18 /* XEN_ELFNOTE_PHYS32_ENTRY */

struct elf_field {
	u8 offset;
	u8 size; /* 2, 4 or 8 bytes */
};

/* Where each field is, in the file header and in an entry of the two tables that it points to. */
struct elf_layout {
	u8 header_size, phdr_size, shdr_size;
	struct elf_field machine;
	struct elf_field phoff, phentsize, phnum;
	struct elf_field shoff, shentsize, shnum;
	struct elf_field p_type, p_offset, p_paddr, p_filesz, p_memsz;
	struct elf_field sh_type, sh_offset, sh_size;
};

static const struct elf_layout elf32 = {
	.header_size = 52,
	.phdr_size = 32,
	.shdr_size = 40,
	.machine = { 18, 2 },
	.phoff = { 28, 4 },
	.phentsize = { 42, 2 },
	.phnum = { 44, 2 },
	.shoff = { 32, 4 },
	.shentsize = { 46, 2 },
	.shnum = { 48, 2 },
	.p_type = { 0, 4 },
	.p_offset = { 4, 4 },
	.p_paddr = { 12, 4 },
	.p_filesz = { 16, 4 },
	.p_memsz = { 20, 4 },
	.sh_type = { 4, 4 },
	.sh_offset = { 16, 4 },
	.sh_size = { 20, 4 },
};

static const struct elf_layout elf64 = {
	.header_size = 64,
	.phdr_size = 56,
	.shdr_size = 64,
	.machine = { 18, 2 },
	.phoff = { 32, 8 },
	.phentsize = { 54, 2 },
	.phnum = { 56, 2 },
	.shoff = { 40, 8 },
	.shentsize = { 58, 2 },
	.shnum = { 60, 2 },
	.p_type = { 0, 4 },
	.p_offset = { 8, 8 },
	.p_paddr = { 24, 8 },
	.p_filesz = { 32, 8 },
	.p_memsz = { 40, 8 },
	.sh_type = { 4, 4 },
	.sh_offset = { 24, 8 },
	.sh_size = { 32, 8 },
};

struct elf {
	const u8 *data;
	u64 size;
	const struct elf_layout *layout;
	const u8 *phdrs, *shdrs; /* whole tables inside the file */
	u32 phdr_count, phdr_stride;
	u32 shdr_count, shdr_stride;
};

static u64 elf_get(const u8 *base, struct elf_field f)
{
	u64 value = 0;

	for (unsigned int i = f.size; i-- > 0;) {
		value = value << 8 | base[f.offset + i];
	}
	return value;
}

static bool elf_inside(const struct elf *elf, u64 offset, u64 size)
{
	return offset <= elf->size && size <= elf->size - offset;
}

static int elf_open_phdrs(struct elf *elf, struct unpack_error *err)
{
	const struct elf_layout *l = elf->layout;
	u64 phoff = elf_get(elf->data, l->phoff);

	elf->phdr_count = elf_get(elf->data, l->phnum);
	elf->phdr_stride = elf_get(elf->data, l->phentsize);
	if (elf->phdr_count == 0) {
		return unpack_error_set(err, -ENOEXEC, "ELF has no program headers");
	}
	if (elf->phdr_stride < l->phdr_size) {
		return unpack_error_set(err, -ENOEXEC,
			"ELF program headers of %u bytes instead of %u", elf->phdr_stride,
			l->phdr_size);
	}
	if (!elf_inside(elf, phoff, (u64)elf->phdr_count * elf->phdr_stride)) {
		return unpack_error_set(err, -ENODATA,
			"truncated ELF: program headers at %#llx but the file has %#llx bytes",
			(unsigned long long)phoff, (unsigned long long)elf->size);
	}
	elf->phdrs = elf->data + phoff;
	return 0;
}

/* Section headers are a second place to look for notes: a broken table counts as none. */
static void elf_open_shdrs(struct elf *elf)
{
	const struct elf_layout *l = elf->layout;
	u64 shoff = elf_get(elf->data, l->shoff);

	elf->shdr_count = elf_get(elf->data, l->shnum);
	elf->shdr_stride = elf_get(elf->data, l->shentsize);
	if (shoff == 0 || elf->shdr_stride < l->shdr_size ||
		!elf_inside(elf, shoff, (u64)elf->shdr_count * elf->shdr_stride)) {
		elf->shdr_count = 0;
		return;
	}
	elf->shdrs = elf->data + shoff;
}

static int elf_open(struct elf *elf, struct unpack_error *err)
{
	const u8 *data = elf->data;
	u64 machine;
	int ret;

	if (unpack_format_is_archive(data, elf->size)) {
		return unpack_error_set(err, -ENOEXEC, UNPACK_ARCHIVE_LINE);
	}
	if (elf->size < ELF_IDENT_SIZE || memcmp(data, "\177ELF", 4) != 0) {
		return unpack_error_set(err, -ENOEXEC, "the unpacked kernel is not an ELF file");
	}
	elf->layout = data[ELF_CLASS] == ELF_CLASS_32	? &elf32
		      : data[ELF_CLASS] == ELF_CLASS_64 ? &elf64
							: NULL;
	if (!elf->layout || data[ELF_DATA] != ELF_DATA_LSB) {
		return unpack_error_set(err, -ENOEXEC,
			"ELF of class %u, byte order %u: neither 32 nor 64-bit little endian",
			data[ELF_CLASS], data[ELF_DATA]);
	}
	if (elf->size < elf->layout->header_size) {
		return unpack_error_set(err, -ENODATA,
			"truncated ELF: the file has only %#llx bytes",
			(unsigned long long)elf->size);
	}
	machine = elf_get(data, elf->layout->machine);
	if (machine != ELF_MACHINE_386 && machine != ELF_MACHINE_X86_64) {
		return unpack_error_set(err, -ENOEXEC, "ELF for machine %u, which is not an x86",
			(unsigned int)machine);
	}
	ret = elf_open_phdrs(elf, err);
	if (ret == 0) {
		elf_open_shdrs(elf);
	}
	return ret;
}

static int elf_read_segment(
	const struct elf *elf, const u8 *phdr, struct unpack_segment *seg, struct unpack_error *err)
{
	const struct elf_layout *l = elf->layout;

	seg->paddr = elf_get(phdr, l->p_paddr);
	seg->offset = elf_get(phdr, l->p_offset);
	seg->filesz = elf_get(phdr, l->p_filesz);
	seg->memsz = elf_get(phdr, l->p_memsz);
	if (!elf_inside(elf, seg->offset, seg->filesz)) {
		return unpack_error_set(err, -ENODATA,
			"truncated ELF: segment of %#llx bytes at %#llx but the file has %#llx "
			"bytes",
			(unsigned long long)seg->filesz, (unsigned long long)seg->offset,
			(unsigned long long)elf->size);
	}
	if (seg->memsz < seg->filesz) {
		return unpack_error_set(err, -ENOEXEC,
			"ELF segment for %#llx has more bytes in the file (%#llx) than in memory "
			"(%#llx)",
			(unsigned long long)seg->paddr, (unsigned long long)seg->filesz,
			(unsigned long long)seg->memsz);
	}
	if (seg->memsz > UNPACK_MEMORY_END || seg->paddr > UNPACK_MEMORY_END - seg->memsz) {
		return unpack_error_set(err, -ENOEXEC,
			"ELF segment of %#llx bytes for %#llx ends beyond 4 GiB",
			(unsigned long long)seg->memsz, (unsigned long long)seg->paddr);
	}
	return 0;
}

/* Keeps the segments sorted by address. */
static int elf_add_segment(
	struct unpack_kernel *kernel, const struct unpack_segment *seg, struct unpack_error *err)
{
	u32 at = kernel->segment_count;
	const struct unpack_segment *s = kernel->segments;

	if (at == UNPACK_SEGMENTS_MAX) {
		return unpack_error_set(err, -ENOEXEC, "ELF has more than %u loadable segments",
			UNPACK_SEGMENTS_MAX);
	}
	while (at > 0 && s[at - 1].paddr > seg->paddr) {
		at--;
	}
	if ((at > 0 && s[at - 1].paddr + s[at - 1].memsz > seg->paddr) ||
		(at < kernel->segment_count && seg->paddr + seg->memsz > s[at].paddr)) {
		return unpack_error_set(err, -ENOEXEC,
			"ELF segment of %#llx bytes for %#llx overlaps another",
			(unsigned long long)seg->memsz, (unsigned long long)seg->paddr);
	}
	memmove(&kernel->segments[at + 1], &kernel->segments[at],
		(kernel->segment_count - at) * sizeof(*seg));
	kernel->segments[at] = *seg;
	kernel->segment_count++;
	return 0;
}

static int elf_read_segments(
	const struct elf *elf, struct unpack_kernel *kernel, struct unpack_error *err)
{
	for (u32 i = 0; i < elf->phdr_count; i++) {
		const u8 *phdr = elf->phdrs + (u64)i * elf->phdr_stride;
		struct unpack_segment seg;
		int ret;

		if (elf_get(phdr, elf->layout->p_type) != ELF_PT_LOAD) {
			continue;
		}
		ret = elf_read_segment(elf, phdr, &seg, err);
		if (ret == 0 && seg.memsz > 0) {
			ret = elf_add_segment(kernel, &seg, err);
		}
		if (ret) {
			return ret;
		}
	}
	if (kernel->segment_count == 0) {
		return unpack_error_set(err, -ENOEXEC, "ELF has no loadable segment");
	}
	return 0;
}

/*
 * Walks a list of notes: name size, descriptor size, type, then both padded to four bytes. Xen's
 * notes are padded to four even where the segment claims an alignment of eight.
 */
static bool elf_find_note(const struct elf *elf, u64 offset, u64 size, u64 *entry)
{
	const u8 *p;

	if (!elf_inside(elf, offset, size)) {
		return false;
	}
	p = elf->data + offset;
	while (size >= NOTE_HEADER_SIZE) {
		u64 name_size = elf_get(p, (struct elf_field){ 0, 4 });
		u64 desc_size = elf_get(p, (struct elf_field){ 4, 4 });
		u64 type = elf_get(p, (struct elf_field){ 8, 4 });
		u64 desc_at = NOTE_HEADER_SIZE + ALIGN_UP(name_size, 4);
		u64 next = desc_at + ALIGN_UP(desc_size, 4);

		if (desc_at + desc_size > size) {
			return false;
		}
		if (type == NOTE_PHYS32_ENTRY && name_size == 4 &&
			memcmp(p + NOTE_HEADER_SIZE, "Xen", 4) == 0 &&
			(desc_size == 4 || desc_size == 8)) {
			*entry = elf_get(p + desc_at, (struct elf_field){ 0, desc_size });
			return true;
		}
		p += MIN(next, size);
		size -= MIN(next, size);
	}
	return false;
}

static bool elf_find_entry(const struct elf *elf, u64 *entry)
{
	const struct elf_layout *l = elf->layout;

	for (u32 i = 0; i < elf->phdr_count; i++) {
		const u8 *phdr = elf->phdrs + (u64)i * elf->phdr_stride;

		if (elf_get(phdr, l->p_type) == ELF_PT_NOTE &&
			elf_find_note(elf, elf_get(phdr, l->p_offset), elf_get(phdr, l->p_filesz),
				entry)) {
			return true;
		}
	}
	for (u32 i = 0; i < elf->shdr_count; i++) {
		const u8 *shdr = elf->shdrs + (u64)i * elf->shdr_stride;

		if (elf_get(shdr, l->sh_type) == ELF_SHT_NOTE &&
			elf_find_note(elf, elf_get(shdr, l->sh_offset), elf_get(shdr, l->sh_size),
				entry)) {
			return true;
		}
	}
	return false;
}

static int elf_read_entry(
	const struct elf *elf, struct unpack_kernel *kernel, struct unpack_error *err)
{
	u64 entry;

	if (!elf_find_entry(elf, &entry)) {
		return unpack_error_set(err, -ENOEXEC,
			"ELF has no PVH entry note (Xen, type 18): a kernel needs CONFIG_PVH");
	}
	for (u32 i = 0; i < kernel->segment_count; i++) {
		const struct unpack_segment *s = &kernel->segments[i];

		if (entry >= s->paddr && entry - s->paddr < s->memsz) {
			kernel->entry = entry;
			return 0;
		}
	}
	return unpack_error_set(err, -ENOEXEC, "the PVH entry %#llx lies in no ELF segment",
		(unsigned long long)entry);
}

int unpack_elf_parse(
	const void *file, u64 size, struct unpack_kernel *kernel, struct unpack_error *err)
{
	struct elf elf = { .data = file, .size = size };
	int ret = elf_open(&elf, err);

	kernel->segment_count = 0;
	if (ret == 0) {
		ret = elf_read_segments(&elf, kernel, err);
	}
	if (ret == 0) {
		ret = elf_read_entry(&elf, kernel, err);
	}
	return ret;
}
