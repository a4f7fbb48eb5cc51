/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where things go: which guest memory is free, where to unpack to, and in which order to move the
 * kernel's segments to their places. Pure: it reads no memory but what it is given.
 */
#ifndef BOOT_UNPACK_UNPACK_PLAN_H
#define BOOT_UNPACK_UNPACK_PLAN_H

#include "boot/unpack/unpack_elf.h"
#include "lib/rangeset.h"

#define UNPACK_RANGES_MAX 256

/* Guest memory that nobody uses, in whole pages between the first page and UNPACK_MEMORY_END. */
struct unpack_memory {
	struct rangeset free;
	struct range ranges[UNPACK_RANGES_MAX];
};

struct hvm_memmap_table_entry;

/* The free memory of a memory map: what is RAM in it, and nothing else at the same time. */
int __must_check unpack_plan_memory(struct unpack_memory *m,
	const struct hvm_memmap_table_entry *map, u32 count, struct unpack_error *err);

/* Takes every page that @size bytes at @start touch; @size 0 takes none. */
int __must_check unpack_plan_use(
	struct unpack_memory *m, u64 start, u64 size, struct unpack_error *err);

/* An independent copy. */
void unpack_plan_copy(struct unpack_memory *to, const struct unpack_memory *from);

/*
 * Where to unpack: the output at the upper end of the largest free range, the arena below it, from
 * which the decompressors allocate.
 */
struct unpack_room {
	u64 arena, arena_size;
	u64 output, output_size;
};

/*
 * @unpacked_size is what the file claims, and the output gets up to two pages more; without a claim
 * (0) it gets half of the range. -ENOMEM when the claim does not fit.
 */
int __must_check unpack_plan_room(const struct unpack_memory *m, u64 unpacked_size,
	struct unpack_room *room, struct unpack_error *err);

/* The size of the largest free range, in bytes. */
u64 unpack_plan_largest(const struct unpack_memory *m);

/* One segment's way: move filesz bytes (the two places may overlap), then zero up to memsz. */
struct unpack_move {
	u32 dst, src;
	u32 filesz, memsz;
};

struct unpack_plan {
	struct unpack_move moves[UNPACK_SEGMENTS_MAX]; /* to be made in this order */
	u32 move_count;
	u32 trampoline; /* guest physical: UNPACK_TRAMPOLINE_SIZE bytes that no move touches */
	u32 entry;
};

#define UNPACK_TRAMPOLINE_SIZE PAGE_SIZE

/*
 * Plans the moves of @kernel, whose file lies at @file. Destinations must be free in @m; @file need
 * not be. -ENOMEM when a segment cannot have its place, or no order keeps the sources intact.
 */
int __must_check unpack_plan_moves(struct unpack_plan *plan, const struct unpack_kernel *kernel,
	u64 file, const struct unpack_memory *m, struct unpack_error *err);

/* Places the trampoline on the lowest page that is free in @m and that no move reads or writes. */
int __must_check unpack_plan_trampoline(
	struct unpack_plan *plan, const struct unpack_memory *m, struct unpack_error *err);

#endif
