/* SPDX-License-Identifier: GPL-2.0-only */
/* The vmap region: content, offsets, guard pages, reuse and failure. */
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "arch/host/host.h"
#include "mm/frame.h"
#include "mm/heap.h"
#include "mm/vmap.h"
#include "unit/harness.h"

static void machine(void)
{
	static bool done;

	if (!done) {
		host_machine_init(MiB(128));
	}
	done = true;
}

static sigjmp_buf trap;

static void on_segv(int sig)
{
	siglongjmp(trap, 1);
}

/* Does reading va fault? */
static __attribute__((no_sanitize("address"))) bool faults(const volatile u8 *va)
{
	struct sigaction old, sa = { .sa_handler = on_segv };
	bool hit = true;

	sigaction(SIGSEGV, &sa, &old);
	if (sigsetjmp(trap, 1) == 0) {
		(void)*va;
		hit = false;
	}
	sigaction(SIGSEGV, &old, NULL);
	return hit;
}

UNIT_TEST(vmap_window, "a mapping shows the memory, keeps the offset, and ends in a guard page")
{
	u8 *a, *w;

	machine();
	w = arch_map_frame(MFN(0x3001));
	w[0x123] = 77;
	a = vmap(HPA(0x3001123), 2 * PAGE_SIZE, HV_RW);
	CHECK(a != NULL);
	CHECK_EQ((uintptr_t)a % PAGE_SIZE, 0x123);
	CHECK_EQ(a[0], 77);
	a[1] = 78;
	CHECK_EQ(w[0x124], 78);
	arch_unmap_frame(w);
	CHECK(!faults(a - 0x123 + 3 * PAGE_SIZE - 1));
	CHECK(faults(a - 0x123 + 3 * PAGE_SIZE));
	vunmap(a);
	CHECK(faults(a));
	vunmap(NULL);
}

UNIT_TEST(vmap_bad, "impossible sizes are refused")
{
	machine();
	CHECK(vmap(HPA(0), 0, HV_RW) == NULL);
	CHECK(vmap(HPA(~0ULL - 5), 100, HV_RW) == NULL);
	CHECK(vmap(HPA(0), ~0ULL, HV_RW) == NULL);
	CHECK(vmap(HPA(0), arch_vmap_size, HV_RW) == NULL);
	CHECK(vmap_frames(NULL, 0, HV_RW) == NULL);
}

UNIT_TEST(vmap_large, "large mappings lie so that large pages fit")
{
	u8 *a;

	machine();
	a = vmap(HPA(MiB(34) + 0x5000), MiB(6), HV_DEVICE);
	CHECK_EQ((uintptr_t)a % MiB(2), 0x5000);
	vunmap(a);
}

UNIT_TEST(vmap_scattered, "scattered frames appear side by side")
{
	const mfn_t mfns[] = { MFN(900), MFN(5000), MFN(5001), MFN(20) };
	u8 *a;

	machine();
	for (unsigned int i = 0; i < 4; i++) {
		u8 *w = arch_map_frame(mfns[i]);

		w[i] = (u8)(50 + i);
		arch_unmap_frame(w);
	}
	a = vmap_frames(mfns, 4, HV_RO);
	for (unsigned int i = 0; i < 4; i++) {
		CHECK_EQ(a[i * PAGE_SIZE + i], 50 + i);
	}
	CHECK(faults(a + 4 * PAGE_SIZE));
	vunmap(a);
}

UNIT_TEST(vmap_random, "mappings never overlap, and the region fills up and empties")
{
	static struct {
		u8 *va;
		u64 pages;
	} maps[500];
	u64 before, used;

	machine();
	srand(3);
	before = host_mapped_bytes;
	used = pool_system.used;
	for (unsigned int i = 0; i < 20000; i++) {
		unsigned int m = rand() % ARRAY_SIZE(maps);

		if (maps[m].va) {
			vunmap(maps[m].va);
			maps[m].va = NULL;
			continue;
		}
		maps[m].pages = rand() % 20 == 0 ? (u64)(rand() % 2000000) + 1 : 1 + rand() % 600;
		maps[m].va = vmap(
			HPA(TiB(1) + rand() % 1000 * PAGE_SIZE), maps[m].pages * PAGE_SIZE, HV_RW);
		for (unsigned int k = 0; k < ARRAY_SIZE(maps) && maps[m].va; k++) {
			CHECK(k == m || !maps[k].va ||
				maps[m].va + maps[m].pages * PAGE_SIZE < maps[k].va ||
				maps[k].va + maps[k].pages * PAGE_SIZE < maps[m].va);
		}
	}
	for (unsigned int m = 0; m < ARRAY_SIZE(maps); m++) {
		vunmap(maps[m].va);
	}
	CHECK(host_mapped_bytes <= before + MiB(2));
	CHECK_EQ(pool_system.used, used);
}

UNIT_TEST(vmap_oom, "a mapping that fails half-way leaves nothing behind")
{
	const mfn_t mfns[] = { MFN(900), MFN(5000), MFN(20) };
	u64 before, used;

	machine();
	heap_free(&pool_system, heap_alloc(&pool_system, 64));
	before = host_mapped_bytes;
	used = pool_system.used;
	for (unsigned int budget = 0; budget < 3; budget++) {
		host_map_budget = budget;
		CHECK(vmap_frames(mfns, 3, HV_RW) == NULL);
		CHECK_EQ(host_mapped_bytes, before);
		CHECK_EQ(pool_system.used, used);
	}
	host_map_budget = 0;
	CHECK(vmap(HPA(0x1000), 1, HV_RW) == NULL);
	host_map_budget = ~0ULL;
	CHECK_EQ(pool_system.used, used);
}

UNIT_TEST(vmap_full, "the last gap is used, and its guard page is not")
{
	u8 *all, *rest;

	machine();
	all = vmap(HPA(0), arch_vmap_size - 4 * PAGE_SIZE, HV_RW);
	CHECK(all != NULL);
	CHECK(vmap(HPA(0), 3 * PAGE_SIZE, HV_RW) == NULL);
	rest = vmap(HPA(0), 2 * PAGE_SIZE, HV_RW);
	CHECK(rest == all + arch_vmap_size - 3 * PAGE_SIZE);
	vunmap(rest);
	vunmap(all);
}
