/* SPDX-License-Identifier: GPL-2.0-only */
/* The pure parts of src/boot/unpack: formats, ELF files, placement, block containers. */
#include <stdlib.h>
#include <string.h>

#include "boot/unpack/unpack_elf.h"
#include "boot/unpack/unpack_format.h"
#include "boot/unpack/unpack_frame.h"
#include "boot/unpack/unpack_plan.h"
#include "unit/harness.h"
#include "unit/random.h"

#include <xen/arch-x86/hvm/start_info.h>

static struct unpack_error err;

static void put(u8 *at, u64 value, unsigned int size)
{
	for (unsigned int i = 0; i < size; i++) {
		at[i] = (u8)(value >> (8 * i));
	}
}

/* A copy of exactly @size bytes, so that the sanitizer sees a read beyond them. */
static u8 *exact(const void *data, u64 size)
{
	u8 *copy = malloc(size ?: 1);

	memcpy(copy, data, size);
	return copy;
}

/* ---- formats ---- */

#define BZ_PAYLOAD 0x600

/* A bzImage of @size bytes whose payload starts with @magic and ends with the file. */
static u64 make_bzimage(u8 *file, u64 size, const char *magic, u64 magic_size)
{
	memset(file, 0, size);
	file[0x1f1] = 1;
	memcpy(file + 0x202, "HdrS", 4);
	put(file + 0x206, 0x020f, 2);
	put(file + 0x248, BZ_PAYLOAD - 2 * 512, 4);
	put(file + 0x24c, size - BZ_PAYLOAD, 4);
	memcpy(file + BZ_PAYLOAD, magic, magic_size);
	return size;
}

static int find(const void *data, u64 size, struct unpack_payload *p)
{
	u8 *copy = exact(data, size);
	int ret = unpack_format_find(copy, size, p, &err);

	free(copy);
	return ret;
}

UNIT_TEST(magics, "each format is known by its first bytes, bare and inside a bzImage")
{
	static const struct {
		enum unpack_codec codec;
		const char *magic;
		u64 size;
	} cases[] = {
		{ UNPACK_ELF, "\177ELF", 4 },
		{ UNPACK_GZIP, "\x1f\x8b\x08", 3 },
		{ UNPACK_BZIP2, "BZh", 3 },
		{ UNPACK_LZMA, "\x5d\0\0", 3 },
		{ UNPACK_XZ, "\xfd\x37zXZ", 6 },
		{ UNPACK_LZOP, "\x89LZO\0\r\n\x1a\n", 9 },
		{ UNPACK_LZ4, "\x02\x21\x4c\x18", 4 },
		{ UNPACK_ZSTD, "\x28\xb5\x2f\xfd", 4 },
	};
	u8 file[0x700];
	struct unpack_payload p;

	for (unsigned int i = 0; i < ARRAY_SIZE(cases); i++) {
		CHECK_EQ(find(cases[i].magic, cases[i].size, &p), 0);
		CHECK_EQ(p.codec, cases[i].codec);
		CHECK_EQ(find(cases[i].magic, cases[i].size - 1, &p), -ENOEXEC);
		make_bzimage(file, sizeof(file), cases[i].magic, cases[i].size);
		CHECK_EQ(find(file, sizeof(file), &p), 0);
		CHECK_EQ(p.codec, cases[i].codec);
		CHECK_EQ(p.offset, BZ_PAYLOAD);
	}
}

UNIT_TEST(
	sizes, "the claimed size is read where each format has it, and cut off where Linux adds it")
{
	u8 file[0x700];
	struct unpack_payload p;

	make_bzimage(file, sizeof(file), "\xfd\x37zXZ", 6);
	put(file + sizeof(file) - 4, 0x12345678, 4);
	CHECK_EQ(find(file, sizeof(file), &p), 0);
	CHECK_EQ(p.unpacked_size, 0x12345678);
	CHECK_EQ(p.size, 0x100 - 4);
	make_bzimage(file, sizeof(file), "\x1f\x8b\x08", 3);
	put(file + sizeof(file) - 4, 0x12345678, 4);
	CHECK_EQ(find(file, sizeof(file), &p), 0);
	CHECK_EQ(p.unpacked_size, 0x12345678);
	CHECK_EQ(p.size, 0x100);
	CHECK_EQ(find("\xfd\x37zXZ\0\0\0\0\0\1\2\3\4", 14, &p), 0);
	CHECK_EQ(p.unpacked_size, 0);
	CHECK_EQ(p.size, 14);
}

UNIT_TEST(bad_formats, "a file that cannot be a kernel is named for what it is")
{
	u8 file[0x700];
	struct unpack_payload p;

	CHECK_EQ(find("", 0, &p), -ENOEXEC);
	CHECK_STR(err.text, "the file is empty");
	CHECK_EQ(find("#!/bin/sh", 9, &p), -ENOEXEC);
	CHECK_STR(err.text, "neither a bzImage nor an ELF file");
	CHECK_EQ(find("070701", 6, &p), -ENOEXEC);
	CHECK_STR(err.text, "an initramfs, not a kernel: the kernel is the first module");
	make_bzimage(file, sizeof(file), "BZh", 3);
	CHECK_EQ(find(file, 0x24f, &p), -ENOEXEC);
	CHECK_STR(err.text, "neither a bzImage nor an ELF file");
	CHECK_EQ(find(file, 0x6ff, &p), -ENODATA);
	CHECK_STR(
		err.text, "truncated bzImage: payload ends at 0x700 but the file has 0x6ff bytes");
	put(file + 0x24c, 0xffffffff, 4);
	CHECK_EQ(find(file, sizeof(file), &p), -ENODATA);
	put(file + 0x248, 0xffffffff, 4);
	CHECK_EQ(find(file, sizeof(file), &p), -ENODATA);
	make_bzimage(file, sizeof(file), "what", 4);
	CHECK_EQ(find(file, sizeof(file), &p), -ENOEXEC);
	CHECK_STR(err.text, "bzImage payload at 0x600 is neither an ELF file nor compressed in a "
			    "known format");
	put(file + 0x206, 0x0207, 2);
	CHECK_EQ(find(file, sizeof(file), &p), -ENOEXEC);
	CHECK_STR(err.text,
		"bzImage of boot protocol 2.07, which does not say where the payload is "
		"(2.08 or later does)");
}

/* ---- ELF ---- */

#define ELF_SIZE 0x1000
#define ELF_NOTE 0x800

struct elf_case {
	bool wide;
	u8 file[ELF_SIZE];
};

static u64 phdr_at(const struct elf_case *c, unsigned int i)
{
	return c->wide ? 64 + 56 * i : 52 + 32 * i;
}

static void put_phdr(
	struct elf_case *c, unsigned int i, u32 type, u64 offset, u64 paddr, u64 filesz, u64 memsz)
{
	u8 *p = c->file + phdr_at(c, i);

	put(p, type, 4);
	if (c->wide) {
		put(p + 8, offset, 8);
		put(p + 24, paddr, 8);
		put(p + 32, filesz, 8);
		put(p + 40, memsz, 8);
	} else {
		put(p + 4, offset, 4);
		put(p + 12, paddr, 4);
		put(p + 16, filesz, 4);
		put(p + 20, memsz, 4);
	}
}

/* Two segments, the higher one first, and the note after another one. */
static void make_elf(struct elf_case *c, bool wide)
{
	static const u8 note[] = { 4, 0, 0, 0, 5, 0, 0, 0, 6, 0, 0, 0, 'X', 'e', 'n', 0, 'l', 'i',
		'n', 'u', 'x', 0, 0, 0, 4, 0, 0, 0, 8, 0, 0, 0, 18, 0, 0, 0, 'X', 'e', 'n', 0, 0x10,
		0, 0x20, 0, 0, 0, 0, 0 };

	memset(c, 0, sizeof(*c));
	c->wide = wide;
	memcpy(c->file, "\177ELF", 4);
	c->file[4] = wide ? 2 : 1;
	c->file[5] = 1;
	put(c->file + 18, wide ? 62 : 3, 2);
	put(c->file + (wide ? 32 : 28), wide ? 64 : 52, 4);
	put(c->file + (wide ? 54 : 42), wide ? 56 : 32, 2);
	put(c->file + (wide ? 56 : 44), 3, 2);
	put_phdr(c, 0, 1, 0x400, 0x300000, 0x100, 0x2000);
	put_phdr(c, 1, 1, 0x500, 0x200000, 0x200, 0x200);
	put_phdr(c, 2, 4, ELF_NOTE, 0, sizeof(note), 0);
	memcpy(c->file + ELF_NOTE, note, sizeof(note));
}

static int parse(const struct elf_case *c, u64 size, struct unpack_kernel *k)
{
	u8 *copy = exact(c->file, size);
	int ret = unpack_elf_parse(copy, size, k, &err);

	free(copy);
	return ret;
}

UNIT_TEST(elf_good, "a 32 and a 64-bit ELF file give the same sorted segments and entry")
{
	struct elf_case c;
	struct unpack_kernel k;

	for (int wide = 0; wide < 2; wide++) {
		make_elf(&c, wide);
		CHECK_EQ(parse(&c, ELF_SIZE, &k), 0);
		CHECK_EQ(k.segment_count, 2);
		CHECK_EQ(k.segments[0].paddr, 0x200000);
		CHECK_EQ(k.segments[0].offset, 0x500);
		CHECK_EQ(k.segments[0].filesz, 0x200);
		CHECK_EQ(k.segments[1].paddr, 0x300000);
		CHECK_EQ(k.segments[1].memsz, 0x2000);
		CHECK_EQ(k.entry, 0x200010);
	}
}

UNIT_TEST(elf_section_note, "a note that only the section headers know is found")
{
	struct elf_case c;
	struct unpack_kernel k;

	make_elf(&c, true);
	put_phdr(&c, 2, 0, 0, 0, 0, 0);
	CHECK_EQ(parse(&c, ELF_SIZE, &k), -ENOEXEC);
	CHECK_STR(err.text, "ELF has no PVH entry note (Xen, type 18): a kernel needs CONFIG_PVH");
	put(c.file + 40, 0x900, 8);
	put(c.file + 58, 64, 2);
	put(c.file + 60, 1, 2);
	put(c.file + 0x904, 7, 4);
	put(c.file + 0x918, ELF_NOTE, 8);
	put(c.file + 0x920, 48, 8);
	CHECK_EQ(parse(&c, ELF_SIZE, &k), 0);
	CHECK_EQ(k.entry, 0x200010);
}

UNIT_TEST(elf_cut, "an ELF file cut off anywhere before its last byte in use is refused")
{
	struct elf_case c;
	struct unpack_kernel k;

	for (int wide = 0; wide < 2; wide++) {
		make_elf(&c, wide);
		for (u64 size = 0; size < ELF_NOTE + 48; size++) {
			CHECK(parse(&c, size, &k) != 0);
		}
		CHECK_EQ(parse(&c, ELF_NOTE + 48, &k), 0);
	}
}

UNIT_TEST(elf_bad, "each way in which an ELF file can be wrong has its own line")
{
	static const struct {
		const char *line;
		u64 at, value;
		unsigned int size;
	} cases[] = {
		{ "the unpacked kernel is not an ELF file", 0, 0, 1 },
		{ "ELF of class 3, byte order 1: neither 32 nor 64-bit little endian", 4, 3, 1 },
		{ "ELF of class 2, byte order 2: neither 32 nor 64-bit little endian", 5, 2, 1 },
		{ "ELF for machine 183, which is not an x86", 18, 183, 2 },
		{ "ELF has no program headers", 56, 0, 2 },
		{ "ELF program headers of 32 bytes instead of 56", 54, 32, 2 },
		{ "truncated ELF: program headers at 0xffffffffffffffff but the file has 0x1000 "
		  "bytes",
			32, ~0ULL, 8 },
		{ "truncated ELF: segment of 0x100 bytes at 0xffffffffffffff80 but the file has "
		  "0x1000 bytes",
			64 + 8, ~0x7fULL, 8 },
		{ "ELF segment for 0x300000 has more bytes in the file (0x100) than in memory "
		  "(0xff)",
			64 + 40, 0xff, 8 },
		{ "ELF segment of 0x2000 bytes for 0xffffe001 ends beyond 4 GiB", 64 + 24,
			0xffffe001, 8 },
		{ "ELF segment of 0xffffffffffffffff bytes for 0x300000 ends beyond 4 GiB", 64 + 40,
			~0ULL, 8 },
		{ "ELF segment of 0x200 bytes for 0x3003ff overlaps another", 64 + 56 + 24,
			0x3003ff, 8 },
		{ "ELF segment of 0x200 bytes for 0x2ffe01 overlaps another", 64 + 56 + 24,
			0x2ffe01, 8 },
		{ "the PVH entry 0x200200 lies in no ELF segment", ELF_NOTE + 40, 0x200200, 8 },
		{ "the PVH entry 0x100200010 lies in no ELF segment", ELF_NOTE + 40, 0x100200010,
			8 },
		{ "ELF has no PVH entry note (Xen, type 18): a kernel needs CONFIG_PVH",
			ELF_NOTE + 24, 0xffffffff, 4 },
		{ "ELF has no PVH entry note (Xen, type 18): a kernel needs CONFIG_PVH",
			ELF_NOTE + 36, 'x', 1 },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(cases); i++) {
		struct elf_case c;
		struct unpack_kernel k;

		make_elf(&c, true);
		put(c.file + cases[i].at, cases[i].value, cases[i].size);
		CHECK(parse(&c, ELF_SIZE, &k) != 0);
		CHECK_STR(err.text, cases[i].line);
	}
}

/* ---- placement ---- */

#define RAM XEN_HVM_MEMMAP_TYPE_RAM
#define RESERVED XEN_HVM_MEMMAP_TYPE_RESERVED

static const struct hvm_memmap_table_entry map[] = {
	{ 0x0, 0x9fc00, RAM, 0 },
	{ 0x100000, 0xff00000, RAM, 0 },
	{ 0x10000000, 0x10000000, RAM, 0 },
	{ 0x8000000, 0x800, RESERVED, 0 },
	{ 0x100000000, 0x100000000, RAM, 0 },
	{ ~0ULL - 10, 100, RAM, 0 },
};

static bool is_free(const struct unpack_memory *m, u64 start, u64 end)
{
	return rangeset_contains(&m->free, start, end - 1);
}

UNIT_TEST(memory, "free memory is whole pages of RAM below 4 GiB, without page 0 and the reserved")
{
	struct unpack_memory m, copy;

	CHECK_EQ(unpack_plan_memory(&m, map, ARRAY_SIZE(map), &err), 0);
	CHECK_EQ(m.free.count, 3);
	CHECK(is_free(&m, 0x1000, 0x9f000));
	CHECK(is_free(&m, 0x100000, 0x8000000));
	CHECK(is_free(&m, 0x8001000, 0x20000000));
	CHECK_EQ(unpack_plan_largest(&m), 0x20000000 - 0x8001000);
	unpack_plan_copy(&copy, &m);
	CHECK_EQ(unpack_plan_use(&m, 0x200fff, 2, &err), 0);
	CHECK_EQ(unpack_plan_use(&m, 0x5000, 0, &err), 0);
	CHECK_EQ(unpack_plan_use(&m, 0x1ffff000, ~0ULL, &err), 0);
	CHECK(is_free(&m, 0x100000, 0x200000));
	CHECK(is_free(&m, 0x202000, 0x8000000));
	CHECK(!rangeset_overlaps(&m.free, 0x200000, 0x201fff));
	CHECK(is_free(&m, 0x8001000, 0x1ffff000));
	CHECK(!rangeset_overlaps(&m.free, 0x1ffff000, 0x1fffffff));
	CHECK(is_free(&copy, 0x100000, 0x8000000));
	CHECK_EQ(unpack_plan_memory(&m, map + 3, 3, &err), -ENOMEM);
	CHECK_STR(err.text, "the memory map has no RAM below 4 GiB");
}

UNIT_TEST(
	room, "the output has its claimed size at the end of the largest free range, or half of it")
{
	struct unpack_memory m;
	struct unpack_room r;
	const u64 start = 0x8001000, end = 0x20000000;

	CHECK_EQ(unpack_plan_memory(&m, map, ARRAY_SIZE(map), &err), 0);
	CHECK_EQ(unpack_plan_room(&m, 0x1234567, &r, &err), 0);
	CHECK_EQ(r.arena, start);
	CHECK_EQ(r.output, r.arena + r.arena_size);
	CHECK_EQ(r.output + r.output_size, end);
	CHECK(r.output_size > 0x1234567 && r.output_size <= 0x1234567 + 2 * PAGE_SIZE);
	CHECK_EQ(unpack_plan_room(&m, 0, &r, &err), 0);
	CHECK_EQ(r.output + r.output_size, end);
	CHECK_EQ(r.output_size, ALIGN_DOWN((end - start) / 2, PAGE_SIZE));
	CHECK_EQ(unpack_plan_room(&m, 0xffffffff, &r, &err), -ENOMEM);
	CHECK_STR(err.text,
		"not enough memory: needs 4194308 KiB to unpack, largest free is 393212 "
		"KiB");
}

UNIT_TEST(map_full, "a memory map with more ranges than there is room for is refused")
{
	struct hvm_memmap_table_entry many[UNPACK_RANGES_MAX + 1];
	struct unpack_memory m;

	for (u64 i = 0; i < ARRAY_SIZE(many); i++) {
		many[i] = (struct hvm_memmap_table_entry){ MiB(i + 1), KiB(4), RAM, 0 };
	}
	CHECK_EQ(unpack_plan_memory(&m, many, UNPACK_RANGES_MAX, &err), 0);
	CHECK_EQ(unpack_plan_memory(&m, many, UNPACK_RANGES_MAX + 1, &err), -E2BIG);
}

/* Makes the moves of a plan in a small memory that starts at @base. */
static void run_moves(const struct unpack_plan *plan, u8 *memory, u64 base)
{
	for (u32 i = 0; i < plan->move_count; i++) {
		const struct unpack_move *m = &plan->moves[i];
		u8 *dst = memory + (m->dst - base);

		memmove(dst, memory + (m->src - base), m->filesz);
		memset(dst + m->filesz, 0, m->memsz - m->filesz);
	}
}

#define ARENA_BASE 0x100000
#define ARENA_PAGES 64
#define ARENA_SIZE (ARENA_PAGES * PAGE_SIZE)
#define FILE_PAGES 20

/* A random kernel: segments in the order of the file or against it, with bss between them. */
static void random_kernel(struct unpack_kernel *k, u64 *seed)
{
	u64 paddr = ARENA_BASE + random_below(seed, 16 * PAGE_SIZE);
	u64 offset = random_below(seed, PAGE_SIZE);
	bool backwards = random_below(seed, 4) == 0;

	k->segment_count = 1 + random_below(seed, 5);
	for (u32 i = 0; i < k->segment_count; i++) {
		u64 size = 1 + random_below(seed, 3 * PAGE_SIZE);
		u64 bss = random_below(seed, 2) ? 0 : random_below(seed, 4 * PAGE_SIZE);

		k->segments[i] = (struct unpack_segment){ paddr, offset, size, size + bss };
		if (backwards) {
			k->segments[i].offset = FILE_PAGES * PAGE_SIZE - offset - size;
		}
		paddr += size + bss + random_below(seed, PAGE_SIZE);
		offset += size + random_below(seed, PAGE_SIZE / 4);
	}
	k->entry = k->segments[0].paddr;
}

static bool moved_well(const struct unpack_kernel *k, const u8 *file, const u8 *memory)
{
	for (u32 i = 0; i < k->segment_count; i++) {
		const struct unpack_segment *s = &k->segments[i];
		const u8 *at = memory + (s->paddr - ARENA_BASE);

		if (memcmp(at, file + s->offset, s->filesz) != 0) {
			return false;
		}
		for (u64 j = s->filesz; j < s->memsz; j++) {
			if (at[j] != 0) {
				return false;
			}
		}
	}
	return true;
}

UNIT_TEST(moves, "whatever the plan's order, every segment arrives whole and its bss is zero")
{
	static u8 memory[ARENA_SIZE], file[FILE_PAGES * PAGE_SIZE];
	const struct hvm_memmap_table_entry ram = { ARENA_BASE, ARENA_SIZE, RAM, 0 };
	u64 seed = 42, planned = 0, trampolines = 0;

	for (u32 i = 0; i < sizeof(file); i++) {
		file[i] = 1 + random_below(&seed, 255);
	}
	for (int round = 0; round < 5000; round++) {
		u64 at = ARENA_BASE + random_below(&seed, ARENA_SIZE - sizeof(file));
		struct unpack_kernel k;
		struct unpack_memory m;
		struct unpack_plan plan;

		random_kernel(&k, &seed);
		CHECK_EQ(unpack_plan_memory(&m, &ram, 1, &err), 0);
		if (unpack_plan_moves(&plan, &k, at, &m, &err)) {
			continue;
		}
		planned++;
		CHECK_EQ(plan.move_count, k.segment_count);
		CHECK_EQ(plan.entry, k.entry);
		memset(memory, 0xee, sizeof(memory));
		memcpy(memory + (at - ARENA_BASE), file, sizeof(file));
		if (unpack_plan_trampoline(&plan, &m, &err) == 0) {
			trampolines++;
			CHECK_EQ(plan.trampoline % PAGE_SIZE, 0);
			memset(memory + (plan.trampoline - ARENA_BASE), 0x55, PAGE_SIZE);
		}
		run_moves(&plan, memory, ARENA_BASE);
		CHECK(moved_well(&k, file, memory));
		for (u32 i = 0; i < PAGE_SIZE && trampolines; i++) {
			CHECK_EQ(memory[plan.trampoline - ARENA_BASE + i], 0x55);
		}
	}
	CHECK(planned > 3000);
	CHECK_EQ(trampolines, planned);
}

UNIT_TEST(moves_bad, "a segment that is not free, or sources that cannot survive, are refused")
{
	struct unpack_memory m;
	struct unpack_plan plan;
	struct unpack_kernel k = { .segment_count = 1, .entry = 0x7fff000 };

	k.segments[0] = (struct unpack_segment){ 0x7fff000, 0, 0x1000, 0x1001 };
	CHECK_EQ(unpack_plan_memory(&m, map, ARRAY_SIZE(map), &err), 0);
	CHECK_EQ(unpack_plan_moves(&plan, &k, 0x10000000, &m, &err), -ENOMEM);
	CHECK_STR(
		err.text, "not enough memory: its segment at 0x7fff000-0x8000000 is not free RAM");
	k.segments[0].memsz = 0x1000;
	CHECK_EQ(unpack_plan_moves(&plan, &k, 0x10000000, &m, &err), 0);

	/* Two segments that swap their places: no order of two moves does it. */
	k.segment_count = 2;
	k.segments[0] = (struct unpack_segment){ 0x200000, 0x1000, 0x1000, 0x1000 };
	k.segments[1] = (struct unpack_segment){ 0x201000, 0, 0x1000, 0x1000 };
	CHECK_EQ(unpack_plan_moves(&plan, &k, 0x200000, &m, &err), -ENOMEM);
	CHECK_STR(err.text, "not enough memory: the unpacked file at 0x200000 is in the way of its "
			    "segments, largest free is 393212 KiB");
}

/* ---- containers ---- */

/* "Unpacks" a block by inverting each byte; a first byte of 0xff is corrupt. */
static s64 invert(const void *src, u32 src_size, void *dst, u32 dst_size)
{
	const u8 *s = src;
	u8 *d = dst;

	if (src_size > dst_size || (src_size && s[0] == 0xff)) {
		return -1;
	}
	for (u32 i = 0; i < src_size; i++) {
		d[i] = (u8)~s[i];
	}
	return src_size;
}

/* The same, and one byte more than it got. */
static s64 grow(const void *src, u32 src_size, void *dst, u32 dst_size)
{
	if (src_size >= dst_size || invert(src, src_size, dst, dst_size) < 0) {
		return -1;
	}
	((u8 *)dst)[src_size] = '.';
	return src_size + 1;
}

static u32 sum(u32 start, const void *data, u32 size)
{
	const u8 *d = data;

	for (u32 i = 0; i < size; i++) {
		start += d[i];
	}
	return start;
}

struct frame_case {
	u8 dst[64];
	struct unpack_stream s;
};

static int run_lz4(struct frame_case *c, const void *data, u64 size, u64 room)
{
	u8 *copy = exact(data, size);
	int ret;

	c->s = (struct unpack_stream){ copy, size, c->dst, room, 99 };
	ret = unpack_frame_lz4(&c->s, invert);
	free(copy);
	return ret;
}

UNIT_TEST(lz4, "lz4 blocks are unpacked one after the other, with or without the size behind them")
{
	static const u8 file[] = { 2, 0x21, 0x4c, 0x18, 3, 0, 0, 0, 0x9e, 0x9d, 0x9c, 1, 0, 0, 0,
		0x9b, 4, 0, 0, 0 };
	struct frame_case c;
	u8 bad[sizeof(file)];

	for (u64 size = sizeof(file); size >= sizeof(file) - 4; size -= 4) {
		CHECK_EQ(run_lz4(&c, file, size, 64), 0);
		CHECK_EQ(c.s.dst_used, 4);
		CHECK(memcmp(c.dst, "abcd", 4) == 0);
	}
	CHECK_EQ(run_lz4(&c, file, sizeof(file), 3), -ENOSPC);
	CHECK_EQ(run_lz4(&c, file, sizeof(file), 2), -ENOSPC);
	CHECK_EQ(run_lz4(&c, file, 10, 64), -ENODATA);
	CHECK_EQ(run_lz4(&c, file, 3, 64), -ENODATA);
	memcpy(bad, file, sizeof(file));
	bad[0] = 3;
	CHECK_EQ(run_lz4(&c, bad, sizeof(bad), 64), -EBADMSG);
	bad[0] = 2;
	bad[7] = 0xff;
	CHECK_EQ(run_lz4(&c, bad, sizeof(bad), 64), -ENODATA);
}

/* A file of two blocks: "abcd" grown from "abc", and "xy" stored. The name has one letter. */
static const u8 lzop_file[] = { 0x89, 'L', 'Z', 'O', 0, '\r', '\n', 0x1a, '\n', /* magic */
	0x10, 0x40, 0x20, 0xa0, 0x09, 0x40, 1, 5,				/* versions */
	0, 0, 0, 1, 0, 0, 0, 0, 1, 2, 3, 4, 0, 0, 0, 0,				/* flags, times */
	1, 'n', 9, 9, 9, 9,							/* name, checksum */
	0, 0, 0, 4, 0, 0, 0, 3, 0, 0, 1, 0x55, 0x9e, 0x9d, 0x9c,		/* at 39 */
	0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 0xf2, 'x', 'y',			/* at 54 */
	0, 0, 0, 0 };

static int run_lzop(struct frame_case *c, const void *data, u64 size, u64 room)
{
	u8 *copy = exact(data, size);
	int ret;

	c->s = (struct unpack_stream){ copy, size, c->dst, room, 99 };
	ret = unpack_frame_lzop(&c->s, grow, sum);
	free(copy);
	return ret;
}

UNIT_TEST(lzop, "lzop blocks, packed and stored, are unpacked and their checksums compared")
{
	struct frame_case c;
	u8 bad[sizeof(lzop_file)];

	CHECK_EQ(run_lzop(&c, lzop_file, sizeof(lzop_file), 64), 0);
	CHECK_EQ(c.s.dst_used, 6);
	CHECK(memcmp(c.dst, "abc.xy", 6) == 0);
	CHECK_EQ(run_lzop(&c, lzop_file, sizeof(lzop_file), 5), -ENOSPC);
	CHECK_EQ(run_lzop(&c, lzop_file, sizeof(lzop_file), 3), -ENOSPC);
	for (u64 size = 0; size < sizeof(lzop_file); size++) {
		CHECK_EQ(run_lzop(&c, lzop_file, size, 64), -ENODATA);
	}
	for (u64 at = 39; at < sizeof(lzop_file) - 4; at++) {
		memcpy(bad, lzop_file, sizeof(bad));
		bad[at] ^= 0x40;
		CHECK(run_lzop(&c, bad, sizeof(bad), 64) != 0);
	}
	memcpy(bad, lzop_file, sizeof(bad));
	bad[19] = 4; /* LZOP_MULTIPART */
	CHECK_EQ(run_lzop(&c, bad, sizeof(bad), 64), -EBADMSG);
}
