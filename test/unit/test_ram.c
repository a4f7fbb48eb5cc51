/* SPDX-License-Identifier: GPL-2.0-only */
/* boot/ram.c: what the allocator gets is the map without what is kept, page by page. */
#include "arch/host/host.h"
#include "boot/ram.h"
#include "mm/frame.h"
#include "unit/harness.h"

static bool is_free(u64 pa)
{
	if (frame_alloc_at(hpa_to_mfn(HPA(pa)), 1, FRAME_HEAP, 0) != 0) {
		return false;
	}
	frame_free(hpa_to_mfn(HPA(pa)), 1);
	return true;
}

static struct memmap map;

UNIT_TEST(pieces, "kept ranges that overlap, touch, lie at the ends or outside are cut out")
{
	static const struct {
		u64 start, size;
	} kept[] = {
		{ MiB(64), MiB(2) },			     /* the first pages */
		{ MiB(127), MiB(4) },			     /* across the end of the first bank */
		{ MiB(80) + 5, 1 },			     /* a byte keeps its page */
		{ MiB(90), MiB(2) },			     /* overlaps the next */
		{ MiB(91), MiB(3) }, { MiB(94), PAGE_SIZE }, /* touches it */
		{ MiB(80) + PAGE_SIZE - 1, 2 }, /* across two pages, one of them kept */
		{ MiB(500), MiB(1) },		/* not RAM at all */
		{ MiB(300), 0 },		/* nothing */
		{ ~0ULL - 100, 101 },		/* up to the end of the world */
		{ MiB(256), MiB(32) },		/* all of the second bank */
	};

	host_cpus_init(1);
	host_machine_init(0);
	memmap_init(&map);
	CHECK_EQ(memmap_add(&map, MiB(64), MiB(64), MEMMAP_RAM), 0);
	CHECK_EQ(memmap_add(&map, MiB(256), MiB(32), MEMMAP_RAM), 0);
	CHECK_EQ(memmap_add(&map, MiB(320), MiB(16), MEMMAP_RAM), 0);
	CHECK_EQ(memmap_add(&map, MiB(336), MiB(16), MEMMAP_RESERVED), 0);
	CHECK_EQ(memmap_normalise(&map), 0);
	for (unsigned int i = 0; i < ARRAY_SIZE(kept); i++) {
		ram_keep(kept[i].start, kept[i].size);
	}
	CHECK(ram_is_kept(MiB(80), 1));
	CHECK(ram_is_kept(MiB(79), MiB(1) + 1));
	CHECK(!ram_is_kept(MiB(79), MiB(1)));
	CHECK(!ram_is_kept(MiB(94) + PAGE_SIZE, PAGE_SIZE));
	ram_give_map(&map);

	for (u64 pa = MiB(60); pa < MiB(360); pa += PAGE_SIZE) {
		bool ram = (pa >= MiB(64) && pa < MiB(128)) || (pa >= MiB(320) && pa < MiB(336));
		bool used = pa < MiB(66) || (pa >= MiB(127) && pa < MiB(128)) ||
			    (pa >= MiB(80) && pa < MiB(80) + 2 * PAGE_SIZE) ||
			    (pa >= MiB(90) && pa < MiB(94) + PAGE_SIZE);

		/* Frames that the allocator's own table took are not free either. */
		if (is_free(pa)) {
			CHECK(ram && !used);
		}
	}
	/* 80 MiB without 2 + 1 + 4 MiB and 3 pages, and what the frame table took. */
	CHECK(frame_free_count() <= MiB(73) / PAGE_SIZE - 3);
	CHECK(frame_free_count() >= MiB(73) / PAGE_SIZE - 3 - MiB(16) / PAGE_SIZE);
}

UNIT_TEST(full, "more ranges than there is room for are refused")
{
	static unsigned int i; /* survives the jump */

	while (i <= RAM_KEEP_MAX && !host_ends_machine(ram_keep(GiB(1) + i * MiB(1), 1))) {
		i++;
	}
	CHECK(i > 200 && i < RAM_KEEP_MAX);
	CHECK(!host_ends_machine(ram_keep(0, 0)));
}
