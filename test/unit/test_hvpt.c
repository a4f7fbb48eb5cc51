/* SPDX-License-Identifier: GPL-2.0-only */
/* The hypervisor's page tables, in the formats of x86 and of Arm, against a walk of their own. */
#include <string.h>

#include "arch/host/host.h"
#include "lib/errno.h"
#include "mm/frame.h"
#include "mm/hvpt.h"
#include "unit/harness.h"
#include "unit/random.h"

/* Small imitations of arch/x86/paging.c and arch/arm/paging.c. */
static const struct hvpt_fmt like_x86 = {
	.present = BIT64(0),
	.table = BIT64(0) | BIT64(1),
	.leaf_mask = BIT64(7),
	.leaf = BIT64(7),
	.block = BIT64(7),
	.prot = { [HV_RO] = BIT64(0) | BIT64(63), [HV_RW] = BIT64(0) | BIT64(1) | BIT64(63) },
};
static const struct hvpt_fmt like_arm = {
	.present = BIT64(0),
	.table = 3,
	.leaf_mask = 2,
	.leaf = 0,
	.page = 3,
	.block = 1,
	.prot = { [HV_RO] = BIT64(10) | BIT64(7), [HV_RW] = BIT64(10) },
};

/* The "image": it has the root and the reserve, at a physical address that no RAM has. */
#define RESERVE 24
#define IMAGE_PA 0x7e0000000000ULL
static u64 image[RESERVE + 1][512] __attribute__((aligned(4096)));
static struct hvpt t;
static u64 flush_va, flush_size, flushes, added;

static void on_flush(u64 va, u64 size)
{
	flush_va = va;
	flush_size = size;
	flushes++;
}

static void on_added(void)
{
	added++;
}

/* All RAM is behind the heap window here, where new tables are. */
static void machine(void)
{
	if (pcpu_count == 0) {
		host_cpus_init(1);
		host_machine_init(MiB(256));
		arch_hv_map(arch_heap_base, HPA(0), MiB(256), HV_RW);
	}
}

static void start(const struct hvpt_fmt *fmt, unsigned int leaf_max, unsigned int reserve)
{
	machine();
	memset(image, 0, sizeof(image[0]));
	memset(image + 1, 0xa5, sizeof(image) - sizeof(image[0]));
	flushes = added = 0;
	t = (struct hvpt){
		.fmt = fmt,
		.leaf_max = leaf_max,
		.root = image[0],
		.image_va = (uintptr_t)image,
		.image_pa = IMAGE_PA,
		.image_size = sizeof(image),
		.added = on_added,
		.flush = on_flush,
		.spare = image[1],
		.spare_count = reserve,
		.lock = SPINLOCK_INIT(RANK_PAGE_TABLE),
	};
}

/* What the hardware would find at va: the leaf, and its level; 0: nothing. */
static u64 find(u64 va, unsigned int *level)
{
	const u64 *table = image[0];

	for (*level = 4; *level >= 1; (*level)--) {
		u64 e = table[va >> (12 + 9 * (*level - 1)) & 511];
		u64 pa = e & 0x000ffffffffff000ULL;
		bool arm = t.fmt == &like_arm;

		if ((e & 1) == 0) {
			return 0;
		}
		if (*level == 1) {
			CHECK_EQ(arm ? e & 3 : 3, 3);
			return e;
		}
		if (arm ? (e & 2) == 0 : (e & BIT64(7)) != 0) {
			CHECK(*level <= 3);
			CHECK_EQ(pa & (BIT64(12 + 9 * (*level - 1)) - 1), 0);
			return e;
		}
		table = pa >= IMAGE_PA && pa < IMAGE_PA + sizeof(image)
				? (const u64 *)((uintptr_t)image + pa - IMAGE_PA)
				: (const u64 *)(uintptr_t)(arch_heap_base + pa);
	}
	return 0;
}

/* Physical address and right of va; ~0: not mapped. */
static u64 lookup(u64 va, unsigned int *level)
{
	u64 e = find(va, level), mask = BIT64(12 + 9 * (*level - 1)) - 1;

	return e ? (e & 0x000ffffffffff000ULL & ~mask) | (va & mask) : ~0ULL;
}

static void check_range(u64 va, u64 pa, u64 size, unsigned int want_level)
{
	unsigned int level;

	CHECK_EQ(lookup(va, &level), pa);
	CHECK_EQ(level, want_level);
	CHECK_EQ(lookup(va + size - 1, &level), pa + size - 1);
}

static const struct hvpt_fmt *const formats[] = { &like_x86, &like_arm };

UNIT_TEST(leaves, "the largest leaves that fit, with the rights of their kind")
{
	for (unsigned int f = 0; f < ARRAY_SIZE(formats); f++) {
		u64 va = 0x300000000000;
		unsigned int level;

		start(formats[f], 3, RESERVE);
		CHECK_EQ(hvpt_map(&t, va, HPA(GiB(8)), GiB(2), HV_RW), 0);
		check_range(va, GiB(8), GiB(2), 3);
		CHECK_EQ(find(va, &level) & ~0x000ffffffffff000ULL,
			formats[f]->block | formats[f]->prot[HV_RW]);
		CHECK_EQ(lookup(va - 1, &level), ~0ULL);
		CHECK_EQ(lookup(va + GiB(2), &level), ~0ULL);
		/* A page, 2 MiB, a page. */
		va += GiB(4) - PAGE_SIZE;
		CHECK_EQ(hvpt_map(&t, va, HPA(MiB(4) - PAGE_SIZE), MiB(2) + 2 * PAGE_SIZE, HV_RO),
			0);
		check_range(va, MiB(4) - PAGE_SIZE, MiB(2) + 2 * PAGE_SIZE, 1);
		check_range(va + PAGE_SIZE, MiB(4), MiB(2), 2);
		CHECK_EQ(find(va, &level) & ~0x000ffffffffff000ULL,
			formats[f]->page | formats[f]->prot[HV_RO]);
		/* The same with va and pa out of step: pages only. */
		CHECK_EQ(hvpt_map(&t, va + GiB(1), HPA(MiB(4)), MiB(4), HV_RO), 0);
		check_range(va + GiB(1), MiB(4), MiB(4), 1);
		CHECK(added >= 3);
		/* No more than the machine has. */
		t.leaf_max = 2;
		CHECK_EQ(hvpt_map(&t, va + GiB(2) + PAGE_SIZE, HPA(GiB(8)), GiB(1), HV_RW), 0);
		check_range(va + GiB(2) + PAGE_SIZE, GiB(8), GiB(1), 2);
	}
}

UNIT_TEST(unmap, "what is unmapped is gone and flushed, and its neighbours stay")
{
	for (unsigned int f = 0; f < ARRAY_SIZE(formats); f++) {
		u64 va = 0x200000000000;
		unsigned int level;

		start(formats[f], 3, RESERVE);
		CHECK_EQ(hvpt_map(&t, va, HPA(MiB(2)), MiB(6) + 3 * PAGE_SIZE, HV_RW), 0);
		CHECK_EQ(hvpt_map(&t, va + MiB(8), HPA(MiB(64)), MiB(2), HV_RW), 0);
		CHECK_EQ(flushes, 0);
		hvpt_unmap(&t, va, MiB(6) + 3 * PAGE_SIZE);
		CHECK_EQ(flushes, 1);
		CHECK_EQ(flush_va, va);
		CHECK_EQ(flush_size, MiB(6) + 3 * PAGE_SIZE);
		for (u64 at = va; at < va + MiB(8); at += PAGE_SIZE) {
			CHECK_EQ(lookup(at, &level), ~0ULL);
		}
		check_range(va + MiB(8), MiB(64), MiB(2), 2);
		/* Nothing there, far and wide; and nothing at all. */
		hvpt_unmap(&t, va + TiB(1), TiB(4));
		hvpt_unmap(&t, va, 0);
		CHECK_EQ(flushes, 2);
	}
}

UNIT_TEST(reuse, "a large range where a table of an earlier mapping stands is mapped in pieces")
{
	for (unsigned int f = 0; f < ARRAY_SIZE(formats); f++) {
		u64 va = 0x200000000000;

		start(formats[f], 3, RESERVE);
		CHECK_EQ(hvpt_map(&t, va + MiB(2), HPA(PAGE_SIZE), PAGE_SIZE, HV_RW), 0);
		hvpt_unmap(&t, va + MiB(2), PAGE_SIZE);
		CHECK_EQ(hvpt_map(&t, va, HPA(GiB(1)), GiB(2), HV_RW), 0);
		check_range(va, GiB(1), MiB(2), 2);
		check_range(va + MiB(2), GiB(1) + MiB(2), MiB(2), 1);
		check_range(va + MiB(4), GiB(1) + MiB(4), MiB(2), 2);
		check_range(va + GiB(1), GiB(2), GiB(1), 3);
	}
}

UNIT_TEST(exhausted, "without memory nothing stays mapped; with memory the stock is filled up")
{
	u64 va = 0x300000000000, pa = MiB(2), spare;
	unsigned int level;

	/* Three tables: the second GiB finds none. */
	start(&like_arm, 3, 3);
	t.refilling = true; /* as if another CPU were at it */
	CHECK_EQ(hvpt_map(&t, va + GiB(1) - MiB(1), HPA(pa), MiB(2), HV_RW), -ENOMEM);
	CHECK_EQ(lookup(va + GiB(1) - MiB(1), &level), ~0ULL);
	CHECK_EQ(flushes, 1);

	/* Now it gets a chunk, which is reachable through the tables themselves. */
	t.refilling = false;
	t.spare = image[4];
	t.spare_count = 7;
	CHECK_EQ(hvpt_map(&t, va, HPA(pa), PAGE_SIZE, HV_RW), 0);
	spare = (uintptr_t)t.spare;
	CHECK(spare >= arch_heap_base && t.spare_count > 500);
	CHECK_EQ(lookup(spare, &level), spare - arch_heap_base);
	CHECK_EQ(level, 2);
	CHECK_EQ(hvpt_map(&t, va + GiB(1) - MiB(1), HPA(pa), MiB(2), HV_RW), 0);
	check_range(va + GiB(1) - MiB(1), pa, MiB(2), 1);
	CHECK_EQ(hvpt_pa(&t, image[2]), IMAGE_PA + 2 * PAGE_SIZE);
	CHECK_EQ(hvpt_pa(&t, (void *)spare), spare - arch_heap_base);
}

UNIT_TEST(walk, "an entry is found or made; a leaf in the way is told")
{
	u64 va = 0x380000000000, *e;
	unsigned int level;

	start(&like_x86, 2, RESERVE);
	CHECK(hvpt_walk(&t, va, 1, false) == NULL);
	e = hvpt_walk(&t, va, 1, true);
	CHECK(e != NULL && *e == 0);
	CHECK(hvpt_walk(&t, va, 1, false) == e);
	CHECK(hvpt_walk(&t, va + PAGE_SIZE, 1, false) == e + 1);
	*e = IMAGE_PA | 1;
	CHECK_EQ(lookup(va, &level), IMAGE_PA);
	CHECK_EQ(hvpt_map(&t, va + GiB(1), HPA(MiB(2)), MiB(2), HV_RW), 0);
	CHECK(hvpt_walk(&t, va + GiB(1), 1, true) == NULL);
}

/* Slots of 4 MiB, mapped and unmapped at random, each with a start and a size of its own. */
#define SLOTS 64

UNIT_TEST(random_ranges, "thousands of ranges that come and go are where they should be")
{
	static struct {
		u64 va, pa, size;
	} slots[SLOTS];
	u64 base = 0x300000000000, r = 1;
	unsigned int level;

	start(&like_arm, 3, RESERVE);
	for (unsigned int i = 0; i < 4000; i++) {
		unsigned int s = (unsigned int)random_below(&r, SLOTS);
		u64 room = MiB(4) / PAGE_SIZE, first = random_below(&r, room);

		if (slots[s].size) {
			check_range(slots[s].va, slots[s].pa, slots[s].size,
				(lookup(slots[s].va, &level), level));
			hvpt_unmap(&t, slots[s].va, slots[s].size);
			CHECK_EQ(lookup(slots[s].va, &level), ~0ULL);
			CHECK_EQ(lookup(slots[s].va + slots[s].size - 1, &level), ~0ULL);
			slots[s].size = 0;
			continue;
		}
		first = random_below(&r, 2) ? 0 : first;
		slots[s].va = base + s * MiB(4) + first * PAGE_SIZE;
		slots[s].pa = random_below(&r, 2) ? GiB(3) + s * MiB(4) + first * PAGE_SIZE
						  : random_below(&r, GiB(1)) * PAGE_SIZE;
		slots[s].size = (1 + random_below(&r, room - first)) * PAGE_SIZE;
		CHECK_EQ(hvpt_map(&t, slots[s].va, HPA(slots[s].pa), slots[s].size, HV_RW), 0);
	}
	for (unsigned int s = 0; s < SLOTS; s++) {
		for (u64 at = base + s * MiB(4); at < base + (s + 1) * MiB(4); at += PAGE_SIZE) {
			u64 off = at - slots[s].va;

			CHECK_EQ(lookup(at, &level),
				off < slots[s].size ? slots[s].pa + off : ~0ULL);
		}
	}
}
