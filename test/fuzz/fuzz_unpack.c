/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The parsers of a kernel file (src/boot/unpack), as the unpacker runs them: format, container, ELF
 * file, placement in a small memory. The first two bytes choose where the file lies and how large
 * the room for unpacking is. What a plan promises is checked move by move.
 */
#include <stdlib.h>
#include <string.h>

#include "boot/unpack/unpack_elf.h"
#include "boot/unpack/unpack_format.h"
#include "boot/unpack/unpack_frame.h"
#include "boot/unpack/unpack_plan.h"

#include <xen/arch-x86/hvm/start_info.h>

#define REQUIRE(e)                        \
	do {                              \
		if (!(e)) {               \
			__builtin_trap(); \
		}                         \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct unpack_error err;

static const struct hvm_memmap_table_entry map[] = {
	{ 0x1000, 0x9e000, XEN_HVM_MEMMAP_TYPE_RAM, 0 },
	{ 0x100000, 0x7f00000, XEN_HVM_MEMMAP_TYPE_RAM, 0 },
	{ 0x180000, 0x1000, XEN_HVM_MEMMAP_TYPE_RESERVED, 0 },
};

/* Stands in for the libraries: copies the block as it is. */
static s64 copy_block(const void *src, u32 src_size, void *dst, u32 dst_size)
{
	u32 n = MIN(src_size, dst_size);

	memcpy(dst, src, n);
	return src_size > 0 && *(const u8 *)src == 0xff ? -1 : (s64)n;
}

static u32 first_byte(u32 sum, const void *data, u32 size)
{
	return size ? sum + *(const u8 *)data : sum;
}

static void check_moves(const struct unpack_plan *plan, const struct unpack_kernel *k,
	const struct unpack_memory *m, u64 file, u64 size)
{
	REQUIRE(plan->move_count == k->segment_count && plan->entry == k->entry);
	for (u32 i = 0; i < plan->move_count; i++) {
		const struct unpack_move *a = &plan->moves[i];
		u64 dst_end = (u64)a->dst + a->memsz;

		REQUIRE(a->memsz >= a->filesz && a->memsz > 0);
		REQUIRE(a->src >= file && a->src + (u64)a->filesz <= file + size);
		REQUIRE(rangeset_contains(&m->free, a->dst, dst_end - 1));
		for (u32 j = i + 1; j < plan->move_count; j++) {
			const struct unpack_move *b = &plan->moves[j];

			REQUIRE(b->dst >= dst_end || (u64)b->dst + b->memsz <= a->dst);
			REQUIRE(b->src >= dst_end || b->src + (u64)b->filesz <= a->dst);
		}
	}
}

/* A kernel that fills the memory leaves no page for it; otherwise it is out of every move's way. */
static void check_trampoline(struct unpack_plan *plan, const struct unpack_memory *m)
{
	u64 start, end;

	if (unpack_plan_trampoline(plan, m, &err)) {
		return;
	}
	start = plan->trampoline;
	end = start + UNPACK_TRAMPOLINE_SIZE;
	REQUIRE(rangeset_contains(&m->free, start, end - 1));
	for (u32 i = 0; i < plan->move_count; i++) {
		const struct unpack_move *a = &plan->moves[i];

		REQUIRE(a->dst >= end || (u64)a->dst + a->memsz <= start);
		REQUIRE(a->filesz == 0 || a->src >= end || (u64)a->src + a->filesz <= start);
	}
}

static void try_elf(const u8 *elf, u64 size, u64 file)
{
	struct unpack_kernel k;
	struct unpack_memory m;
	struct unpack_plan plan;

	if (unpack_elf_parse(elf, size, &k, &err)) {
		REQUIRE(err.text[0] != '\0');
		return;
	}
	REQUIRE(unpack_plan_memory(&m, map, ARRAY_SIZE(map), &err) == 0);
	if (unpack_plan_moves(&plan, &k, file, &m, &err) == 0) {
		check_moves(&plan, &k, &m, file, size);
		check_trampoline(&plan, &m);
	}
}

static void try_frame(const u8 *data, const struct unpack_payload *p, u64 room, u64 file)
{
	u8 *dst = malloc(room);
	struct unpack_stream s = { data + p->offset, p->size, dst, room, 0 };
	int ret = p->codec == UNPACK_LZ4 ? unpack_frame_lz4(&s, copy_block)
					 : unpack_frame_lzop(&s, copy_block, first_byte);

	REQUIRE(s.dst_used <= room);
	if (ret == 0) {
		try_elf(dst, s.dst_used, file);
	}
	free(dst);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct unpack_payload p;
	u64 file, room;

	if (size < 2) {
		return 0;
	}
	file = KiB(4) * data[0];
	room = 1 + KiB(1) * data[1];
	data += 2;
	size -= 2;
	err.text[0] = '\0';
	try_elf(data, size, file);
	err.text[0] = '\0';
	if (unpack_format_find(data, size, &p, &err)) {
		REQUIRE(err.text[0] != '\0');
		return 0;
	}
	REQUIRE(p.offset <= size && p.size <= size - p.offset);
	if (p.codec == UNPACK_ELF) {
		try_elf(data + p.offset, p.size, file);
	} else if (p.codec == UNPACK_LZ4 || p.codec == UNPACK_LZOP) {
		try_frame(data, &p, room, file);
	}
	return 0;
}
