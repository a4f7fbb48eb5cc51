/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Finds free guest memory and plans the moves into it. It must never plan a write to memory that is
 * not free, nor one that destroys bytes which a later move still reads.
 */
#include "boot/unpack/unpack_plan.h"
#include "lib/string.h"

#include <xen/arch-x86/hvm/start_info.h>

typedef int range_change_fn(struct rangeset *rs, u64 start, u64 end);

static int plan_change(struct unpack_memory *m, range_change_fn *change, u64 start, u64 end,
	struct unpack_error *err)
{
	if (change(&m->free, start, end - 1) == 0) {
		return 0;
	}
	return unpack_error_set(err, -E2BIG, "the memory map has more than %u separate free ranges",
		UNPACK_RANGES_MAX);
}

/* Adds the whole pages of an entry. Page 0 stays out: its address is NULL. */
static int plan_add_ram(
	struct unpack_memory *m, const struct hvm_memmap_table_entry *e, struct unpack_error *err)
{
	u64 start = MAX(e->addr, PAGE_SIZE);
	u64 end = e->addr + MIN(e->size, ~0ULL - e->addr);

	end = ALIGN_DOWN(MIN(end, UNPACK_MEMORY_END), PAGE_SIZE);
	if (start >= end) {
		return 0;
	}
	start = ALIGN_UP(start, PAGE_SIZE);
	return start < end ? plan_change(m, rangeset_add, start, end, err) : 0;
}

int unpack_plan_use(struct unpack_memory *m, u64 start, u64 size, struct unpack_error *err)
{
	u64 end = start + MIN(size, ~0ULL - start);

	end = MIN(end, UNPACK_MEMORY_END);
	if (start >= end) {
		return 0;
	}
	return plan_change(
		m, rangeset_remove, ALIGN_DOWN(start, PAGE_SIZE), ALIGN_UP(end, PAGE_SIZE), err);
}

int unpack_plan_memory(struct unpack_memory *m, const struct hvm_memmap_table_entry *map, u32 count,
	struct unpack_error *err)
{
	int ret = 0;

	rangeset_init(&m->free, m->ranges, UNPACK_RANGES_MAX);
	for (u32 i = 0; i < count && ret == 0; i++) {
		if (map[i].type == XEN_HVM_MEMMAP_TYPE_RAM) {
			ret = plan_add_ram(m, &map[i], err);
		}
	}
	for (u32 i = 0; i < count && ret == 0; i++) {
		if (map[i].type != XEN_HVM_MEMMAP_TYPE_RAM) {
			ret = unpack_plan_use(m, map[i].addr, map[i].size, err);
		}
	}
	if (ret == 0 && rangeset_empty(&m->free)) {
		ret = unpack_error_set(err, -ENOMEM, "the memory map has no RAM below 4 GiB");
	}
	return ret;
}

void unpack_plan_copy(struct unpack_memory *to, const struct unpack_memory *from)
{
	rangeset_init(&to->free, to->ranges, UNPACK_RANGES_MAX);
	memcpy(to->ranges, from->ranges, from->free.count * sizeof(from->ranges[0]));
	to->free.count = from->free.count;
}

static u64 plan_range_size(const struct range *r)
{
	return r->end - r->start + 1;
}

static const struct range *plan_find_largest(const struct unpack_memory *m)
{
	const struct range *r, *largest = NULL;

	rangeset_for_each(r, &m->free) {
		if (!largest || plan_range_size(r) > plan_range_size(largest)) {
			largest = r;
		}
	}
	return largest;
}

u64 unpack_plan_largest(const struct unpack_memory *m)
{
	const struct range *largest = plan_find_largest(m);

	return largest ? plan_range_size(largest) : 0;
}

int unpack_plan_room(const struct unpack_memory *m, u64 unpacked_size, struct unpack_room *room,
	struct unpack_error *err)
{
	const struct range *r = plan_find_largest(m);
	u64 size = r ? plan_range_size(r) : 0;
	u64 output_size = ALIGN_UP(unpacked_size, PAGE_SIZE) + PAGE_SIZE;

	if (unpacked_size == 0) {
		output_size = ALIGN_DOWN(size / 2, PAGE_SIZE);
	}
	if (size == 0 || output_size >= size) {
		return unpack_error_set(err, -ENOMEM,
			"not enough memory: needs %llu KiB to unpack, largest free is %llu KiB",
			(unsigned long long)(output_size / KiB(1)),
			(unsigned long long)(size / KiB(1)));
	}
	room->arena = r->start;
	room->arena_size = size - output_size;
	room->output = room->arena + room->arena_size;
	room->output_size = output_size;
	return 0;
}

static void plan_fill(
	struct unpack_plan *plan, const struct unpack_kernel *kernel, u64 file, bool descending)
{
	u32 count = kernel->segment_count;

	for (u32 i = 0; i < count; i++) {
		const struct unpack_segment *s = &kernel->segments[descending ? count - 1 - i : i];

		plan->moves[i] = (struct unpack_move){
			.dst = s->paddr,
			.src = file + s->offset,
			.filesz = s->filesz,
			.memsz = s->memsz,
		};
	}
	plan->move_count = count;
}

/* Does each move leave alone what the moves after it read? */
static bool plan_keeps_sources(const struct unpack_plan *plan)
{
	for (u32 i = 0; i < plan->move_count; i++) {
		u64 dst = plan->moves[i].dst;
		u64 dst_end = dst + plan->moves[i].memsz;

		for (u32 j = i + 1; j < plan->move_count; j++) {
			u64 src = plan->moves[j].src;

			if (src < dst_end && dst < src + plan->moves[j].filesz) {
				return false;
			}
		}
	}
	return true;
}

int unpack_plan_moves(struct unpack_plan *plan, const struct unpack_kernel *kernel, u64 file,
	const struct unpack_memory *m, struct unpack_error *err)
{
	for (u32 i = 0; i < kernel->segment_count; i++) {
		const struct unpack_segment *s = &kernel->segments[i];

		if (!rangeset_contains(&m->free, s->paddr, s->paddr + s->memsz - 1)) {
			return unpack_error_set(err, -ENOMEM,
				"not enough memory: its segment at %#llx-%#llx is not free RAM",
				(unsigned long long)s->paddr,
				(unsigned long long)(s->paddr + s->memsz - 1));
		}
	}
	plan->entry = kernel->entry;
	plan_fill(plan, kernel, file, false);
	if (!plan_keeps_sources(plan)) {
		plan_fill(plan, kernel, file, true);
	}
	if (!plan_keeps_sources(plan)) {
		return unpack_error_set(err, -ENOMEM,
			"not enough memory: the unpacked file at %#llx is in the way of its "
			"segments, largest free is %llu KiB",
			(unsigned long long)file,
			(unsigned long long)(unpack_plan_largest(m) / KiB(1)));
	}
	return 0;
}

int unpack_plan_trampoline(
	struct unpack_plan *plan, const struct unpack_memory *m, struct unpack_error *err)
{
	struct unpack_memory rest;
	int ret = 0;

	unpack_plan_copy(&rest, m);
	for (u32 i = 0; i < plan->move_count && ret == 0; i++) {
		const struct unpack_move *move = &plan->moves[i];

		ret = unpack_plan_use(&rest, move->dst, move->memsz, err);
		if (ret == 0) {
			ret = unpack_plan_use(&rest, move->src, move->filesz, err);
		}
	}
	if (ret) {
		return ret;
	}
	if (rangeset_empty(&rest.free)) {
		return unpack_error_set(
			err, -ENOMEM, "not enough memory: no page is free beside the kernel");
	}
	plan->trampoline = rest.ranges[0].start;
	return 0;
}
