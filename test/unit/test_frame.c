/* SPDX-License-Identifier: GPL-2.0-only */
/* The frame allocator against a model of one byte for each frame. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "arch/contract/paging.h"
#include "arch/host/host.h"
#include "core/domain.h"
#include "lib/errno.h"
#include "mm/frame.h"
#include "unit/harness.h"

/* A machine as PCs have it, with something beyond 4 TiB. */
static const struct {
	u64 start, size;
} ram[] = {
	{ 0, KiB(636) }, { MiB(1), GiB(3) - MiB(1) - 0x1234 }, { GiB(4), GiB(3) + MiB(100) },
	{ TiB(4) + MiB(512), GiB(2) + MiB(512) },
	{ TiB(5) + 0x800, MiB(1) }, /* waits for room, which there is */
};

static u8 *model[ARRAY_SIZE(ram)]; /* 1: in use */

static u64 ram_first(unsigned int r)
{
	u64 n = (ram[r].start + PAGE_SIZE - 1) / PAGE_SIZE;

	return n == 0 ? 1 : n;
}

static u64 ram_end(unsigned int r)
{
	return (ram[r].start + ram[r].size) / PAGE_SIZE;
}

static u8 *model_of(u64 n)
{
	for (unsigned int r = 0; r < ARRAY_SIZE(ram); r++) {
		if (n >= ram_first(r) && n < ram_end(r)) {
			return &model[r][n - ram_first(r)];
		}
	}
	return NULL;
}

static bool model_take(u64 n, u64 count)
{
	for (u64 i = 0; i < count; i++) {
		u8 *m = model_of(n + i);

		if (!m || *m) {
			return false;
		}
		*m = 1;
	}
	return true;
}

static void model_drop(u64 n, u64 count)
{
	for (u64 i = 0; i < count; i++) {
		*model_of(n + i) = 0;
	}
}

static void machine(void)
{
	static bool done;
	u64 total = 0;

	if (done) {
		return;
	}
	done = true;
	host_machine_init(0);
	for (unsigned int r = 0; r < ARRAY_SIZE(ram); r++) {
		model[r] = calloc(1, ram_end(r) - ram_first(r));
		total += ram_end(r) - ram_first(r);
		frame_add_ram(HPA(ram[r].start), ram[r].size);
	}
	CHECK_EQ(frame_total_count(), total);
}

UNIT_TEST(frame_big, "adding 8 TiB costs one bit for each GiB: nothing is mapped")
{
	u64 calls;

	machine();
	calls = host_map_calls;
	frame_add_ram(HPA(TiB(6)), TiB(8));
	CHECK_EQ(host_map_calls, calls);
	/* Take it away again, so that the other tests see small zones. */
	CHECK_EQ(frame_alloc_at(MFN(TiB(6) / PAGE_SIZE), GiB(2) / PAGE_SIZE, FRAME_GUEST, 1), 0);
	CHECK(frame_of(MFN(TiB(6) / PAGE_SIZE)) != NULL);
	CHECK(frame_of(MFN(TiB(7) / PAGE_SIZE)) == NULL);
	frame_free(MFN(TiB(6) / PAGE_SIZE), GiB(2) / PAGE_SIZE);
}

UNIT_TEST(frame_waiting, "a range too small for its own slice is usable all the same")
{
	struct frame *f;

	machine();
	f = frame_of(MFN(TiB(5) / PAGE_SIZE + 1));
	CHECK(f != NULL);
	CHECK_EQ(f->state, FRAME_FREE);
	CHECK_EQ(frame_of(MFN(TiB(5) / PAGE_SIZE))->state, FRAME_RESERVED);
	CHECK_EQ(frame_of(MFN(1))->state, FRAME_FREE);
	CHECK_EQ(frame_of(MFN(0))->state, FRAME_RESERVED);
	CHECK_EQ(frame_of(MFN(ram_end(0)))->state, FRAME_RESERVED);
	CHECK(frame_of(MFN(1ULL << 32)) == NULL);
	CHECK(frame_of(MFN_INVALID) == NULL);
}

UNIT_TEST(frame_zones, "zones hold, and high memory goes first")
{
	mfn_t any, low, mid;

	machine();
	any = frame_alloc(ORDER_4K, FRAME_ANY, FRAME_GUEST, 3);
	mid = frame_alloc(ORDER_2M, FRAME_BELOW_4T, FRAME_GUEST, 3);
	low = frame_alloc(ORDER_1G, FRAME_BELOW_4G, FRAME_HEAP, 0);
	CHECK(any.v >= TiB(4) / PAGE_SIZE);
	CHECK(mid.v >= GiB(4) / PAGE_SIZE && mid.v < TiB(4) / PAGE_SIZE);
	CHECK(low.v < GiB(4) / PAGE_SIZE && low.v % (1 << ORDER_1G) == 0);
	CHECK_EQ(frame_of(any)->refs, 1);
	CHECK_EQ(frame_of(any)->owner, 3);
	CHECK_EQ(frame_of(MFN(mid.v + 511))->state, FRAME_GUEST);
	CHECK_EQ(frame_of(MFN(low.v + 262143))->state, FRAME_HEAP);
	frame_free(any, 1);
	frame_free(mid, 512);
	frame_free(low, 1 << ORDER_1G);
}

UNIT_TEST(frame_at, "frame_alloc_at() takes all or nothing, across sections and slices")
{
	u64 start = GiB(5) / PAGE_SIZE - 700, count = GiB(1) / PAGE_SIZE + 1400;
	u64 before;
	mfn_t b;

	machine();
	CHECK_EQ(frame_alloc_at(MFN(start), count, FRAME_GUEST, 7), 0);
	CHECK_EQ(frame_of(MFN(start))->owner, 7);
	CHECK_EQ(frame_of(MFN(start + count - 1))->refs, 1);
	before = frame_free_count();
	CHECK_EQ(frame_alloc_at(MFN(start - 5), 6, FRAME_GUEST, 7), -EBUSY);
	CHECK_EQ(frame_alloc_at(MFN(start + count - 1), 2, FRAME_GUEST, 7), -EBUSY);
	CHECK_EQ(frame_alloc_at(MFN(0), 1, FRAME_GUEST, 7), -EBUSY);
	CHECK_EQ(frame_alloc_at(MFN(ram_end(0)), 1, FRAME_GUEST, 7), -EBUSY);
	CHECK_EQ(frame_alloc_at(MFN(TiB(5) / PAGE_SIZE - 5), 10, FRAME_GUEST, 7), -EBUSY);
	CHECK_EQ(frame_alloc_at(MFN(1ULL << 40), 1, FRAME_GUEST, 7), -EBUSY);
	CHECK_EQ(frame_alloc_at(MFN(5), ~0ULL, FRAME_GUEST, 7), -EBUSY);
	CHECK_EQ(frame_free_count(), before);
	frame_free(MFN(start), count);
	CHECK_EQ(frame_free_count(), before + count);
	/* Everything merges again. */
	CHECK_EQ(frame_alloc_at(MFN(GiB(5) / PAGE_SIZE), 1 << ORDER_1G, FRAME_GUEST, 7), 0);
	frame_free(MFN(GiB(5) / PAGE_SIZE), 1 << ORDER_1G);
	b = frame_alloc(ORDER_1G, FRAME_BELOW_4T, FRAME_GUEST, 7);
	CHECK_EQ(b.v, GiB(5) / PAGE_SIZE);
	frame_free(b, 1 << ORDER_1G);
}

struct block {
	u64 n, count;
};

static void take_block(struct block *b, unsigned int order, enum frame_zone zone)
{
	mfn_t mfn = frame_alloc(order, zone, FRAME_GUEST, 9);

	b->count = 0;
	if (mfn_eq(mfn, MFN_INVALID)) {
		return;
	}
	if (zone == FRAME_BELOW_4G) {
		CHECK(mfn.v + BIT64(order) <= GiB(4) / PAGE_SIZE);
	}
	if (zone == FRAME_BELOW_4T) {
		CHECK(mfn.v + BIT64(order) <= TiB(4) / PAGE_SIZE);
	}
	b->n = mfn.v;
	b->count = BIT64(order);
	CHECK_EQ(mfn.v % BIT64(order), 0);
	if (mfn.v < TiB(5) / PAGE_SIZE + 0x101) {
		CHECK(model_take(mfn.v, b->count));
	}
}

static void give_block(struct block *b)
{
	if (b->n < TiB(5) / PAGE_SIZE + 0x101) {
		model_drop(b->n, b->count);
	}
	frame_free(MFN(b->n), b->count);
	b->count = 0;
}

UNIT_TEST(frame_random, "random blocks never overlap, and all come back")
{
	static struct block blocks[3000];
	u64 before, inside = 0, at = 0;

	machine();
	srand(1);
	frame_free(frame_alloc(ORDER_4K, FRAME_BELOW_4G, FRAME_GUEST, 1), 1);
	frame_free(frame_alloc(ORDER_4K, FRAME_BELOW_4T, FRAME_GUEST, 1), 1);
	for (unsigned int i = 0; i < 60000; i++) {
		struct block *b = &blocks[rand() % ARRAY_SIZE(blocks)];
		bool exact = rand() % 8 == 0;

		if (b->count != 0) {
			inside -= b->count;
			give_block(b);
		} else if (exact) {
			u64 n = ram_first(1) + rand() % (ram_end(1) - ram_first(1) - 3000);
			u64 count = 1 + rand() % 2999;

			if (frame_alloc_at(MFN(n), count, FRAME_GUEST, 9) == 0) {
				CHECK(model_take(n, count));
				*b = (struct block){ n, count };
				at++;
			}
		} else {
			take_block(b, rand() % 13, rand() % 3);
		}
		inside += b->count;
	}
	CHECK(at > 100);
	before = frame_free_count();
	for (unsigned int i = 0; i < ARRAY_SIZE(blocks); i++) {
		if (blocks[i].count != 0) {
			give_block(&blocks[i]);
		}
	}
	CHECK_EQ(frame_free_count(), before + inside);
}

UNIT_TEST(frame_exhaust, "a zone runs out without harm, and every frame of it is handed out once")
{
	u64 before, got = 0;
	u32 last = 0;
	mfn_t m;

	machine();
	before = frame_free_count();
	while (!mfn_eq(m = frame_alloc(ORDER_4K, FRAME_BELOW_4G, FRAME_HEAP, 0), MFN_INVALID)) {
		CHECK(model_take(m.v, 1));
		frame_of(m)->private = last;
		last = (u32)m.v;
		got++;
	}
	CHECK(got > GiB(2) / PAGE_SIZE);
	CHECK_EQ(frame_free_count(), before - got);
	CHECK(mfn_eq(frame_alloc(ORDER_2M, FRAME_BELOW_4G, FRAME_HEAP, 0), MFN_INVALID));
	while (last != 0) {
		u32 next = (u32)frame_of(MFN(last))->private;

		model_drop(last, 1);
		frame_free(MFN(last), 1);
		last = next;
	}
	CHECK_EQ(frame_free_count(), before);
	/* It has merged up to a GiB again. */
	m = frame_alloc(ORDER_1G, FRAME_BELOW_4G, FRAME_HEAP, 0);
	CHECK(!mfn_eq(m, MFN_INVALID));
	frame_free(m, 1 << ORDER_1G);
}

UNIT_TEST(frame_refs, "references keep a frame; the last one wipes and frees it")
{
	struct domain d = { .id = 5 }, other = { .id = 6 };
	u64 before;
	mfn_t m;
	u8 *va;

	machine();
	before = frame_free_count();
	m = frame_alloc(ORDER_4K, FRAME_ANY, FRAME_GUEST, 5);
	va = arch_map_frame(m);
	memset(va, 0x55, PAGE_SIZE);
	CHECK(frame_get(m, &d));
	CHECK(!frame_get(m, &other));
	CHECK_EQ(frame_of(m)->refs, 2);
	frame_put(m);
	CHECK_EQ(va[0], 0x55);
	CHECK_EQ(frame_free_count(), before - 1);
	frame_put(m);
	CHECK_EQ(va[0] | va[4095], 0);
	CHECK_EQ(frame_free_count(), before);
	CHECK(!frame_get(m, &d));
	CHECK(!frame_get(MFN_INVALID, &d));
	CHECK(!frame_get(MFN(TiB(15) / PAGE_SIZE), &d));
	arch_unmap_frame(va);
	CHECK_EQ(host_windows, 0);
	m = frame_alloc(ORDER_4K, FRAME_ANY, FRAME_GUEST, 5);
	frame_of(m)->refs = ~0U;
	CHECK(!frame_get(m, &d));
	frame_free(m, 1);
	m = frame_alloc(ORDER_4K, FRAME_ANY, FRAME_HEAP, 0);
	CHECK(!frame_get(m, &(struct domain){ .id = 0 }));
	frame_free(m, 1);
}

UNIT_TEST(frame_separate, "one frame of a large block is counted and freed apart from the others")
{
	struct domain d = { .id = 5 };
	u64 before, middle = 3 * BIT64(ORDER_2M) + 77;
	mfn_t m;

	machine();
	before = frame_free_count();
	m = frame_alloc(ORDER_1G, FRAME_ANY, FRAME_GUEST, 5);
	CHECK(frame_get(mfn_add(m, middle), &d));
	CHECK_EQ(frame_of(mfn_add(m, middle))->refs, 2);
	CHECK_EQ(frame_of(mfn_add(m, middle - 1))->refs, 1);
	CHECK_EQ(frame_of(mfn_add(m, middle + 1))->owner, 5);
	CHECK_EQ(frame_of(mfn_add(m, BIT64(ORDER_1G) - 1))->refs, 1);
	frame_put(mfn_add(m, middle));
	frame_put(mfn_add(m, middle));
	before -= BIT64(ORDER_1G);
	CHECK_EQ(frame_free_count(), before + 1);
	/* The rest in pieces that begin and end within chunks. */
	frame_free(m, 1000);
	frame_free(mfn_add(m, 1000), middle - 1000);
	frame_free(mfn_add(m, middle + 1), BIT64(ORDER_1G) - middle - 1);
	CHECK_EQ(frame_free_count(), before + BIT64(ORDER_1G));
	CHECK(!frame_get(mfn_add(m, middle + 1), &d));
	/* It is whole again, and a chunk of the hypervisor's is nobody's. */
	m = frame_alloc(ORDER_1G, FRAME_ANY, FRAME_HEAP, 0);
	CHECK(!mfn_eq(m, MFN_INVALID));
	CHECK(!frame_get(mfn_add(m, middle), &d));
	CHECK(!frame_get_any(mfn_add(m, 5)));
	frame_free(m, BIT64(ORDER_1G));
}

UNIT_TEST(frame_no_table, "a section whose slice cannot be mapped stays free and is not lost")
{
	u64 before;
	mfn_t m;

	machine();
	/* All but the whole sections above 6 TiB is taken, so that new slices are needed. */
	before = frame_free_count();
	host_map_budget = 0;
	CHECK_EQ(frame_alloc_at(MFN(TiB(8) / PAGE_SIZE), 10, FRAME_GUEST, 1), -ENOMEM);
	CHECK_EQ(frame_alloc_at(MFN(TiB(8) / PAGE_SIZE), 1 << ORDER_1G, FRAME_GUEST, 1), -ENOMEM);
	CHECK_EQ(frame_free_count(), before);
	host_map_budget = ~0ULL;
	CHECK_EQ(frame_alloc_at(MFN(TiB(8) / PAGE_SIZE), 10, FRAME_GUEST, 1), 0);
	frame_free(MFN(TiB(8) / PAGE_SIZE), 10);
	m = frame_alloc(ORDER_1G, FRAME_ANY, FRAME_GUEST, 1);
	CHECK(!mfn_eq(m, MFN_INVALID));
	frame_free(m, 1 << ORDER_1G);
}

/* --- several CPUs --- */

static u64 smp_failures, smp_twice;

static void smp_round(unsigned int id, unsigned int *seed)
{
	static const unsigned int orders[] = { 0, 0, 3, ORDER_2M, 12, ORDER_1G };
	mfn_t got[24];
	unsigned int order[24];

	for (unsigned int i = 0; i < ARRAY_SIZE(got); i++) {
		order[i] = orders[rand_r(seed) % (i == 0 ? 6 : 5)];
		got[i] = frame_alloc(order[i], FRAME_ANY, FRAME_GUEST, (u16)id);
		if (mfn_eq(got[i], MFN_INVALID)) {
			__atomic_fetch_add(&smp_failures, 1, __ATOMIC_RELAXED);
		}
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(got); i++) {
		if (mfn_eq(got[i], MFN_INVALID)) {
			continue;
		}
		if (frame_of(got[i])->owner != id ||
			frame_of(MFN(got[i].v + BIT64(order[i]) - 1))->owner != id) {
			__atomic_fetch_add(&smp_twice, 1, __ATOMIC_RELAXED);
		}
		frame_free(got[i], BIT64(order[i]));
	}
}

static void *smp_cpu(void *arg)
{
	unsigned int id = (unsigned int)(uintptr_t)arg, seed = id;

	host_be_cpu(id);
	for (unsigned int i = 0; i < 150; i++) {
		smp_round(id, &seed);
	}
	return NULL;
}

UNIT_TEST(frame_smp, "CPUs that break up sections at the same time neither fail nor share a frame")
{
	pthread_t threads[3];
	u64 before;

	machine();
	host_cpus_init(4);
	before = frame_free_count();
	for (unsigned int i = 0; i < 3; i++) {
		pthread_create(&threads[i], NULL, smp_cpu, (void *)(uintptr_t)(i + 1));
	}
	for (unsigned int i = 0; i < 3; i++) {
		pthread_join(threads[i], NULL);
	}
	CHECK_EQ(smp_failures, 0);
	CHECK_EQ(smp_twice, 0);
	/* What is missing are slices: 1,024 frames for each section that was broken up. */
	CHECK(before - frame_free_count() < 100 * 1024);
}

UNIT_TEST(frame_claim_hole, "RAM that was never added can be claimed, once, and then given back")
{
	u64 at = (GiB(3) + MiB(512)) / PAGE_SIZE + 3, count = MiB(64) / PAGE_SIZE + 1, total;

	machine();
	total = frame_total_count();
	CHECK(!frame_is_free(MFN(at), count));
	CHECK_EQ(frame_claim(MFN(at), count, 7), 0);
	CHECK_EQ(frame_total_count(), total + count);
	for (u64 n = at; n < at + count; n += count - 1) {
		CHECK_EQ(frame_of(MFN(n))->owner, 7);
		CHECK_EQ(frame_of(MFN(n))->state, FRAME_GUEST);
		CHECK_EQ(frame_of(MFN(n))->refs, 1);
	}
	CHECK_EQ(frame_of(MFN(at - 1))->state, FRAME_RESERVED);
	CHECK_EQ(frame_of(MFN(at + count))->state, FRAME_RESERVED);
	/* Again, in part, and what the allocator has. */
	CHECK_EQ(frame_claim(MFN(at + count - 1), 2, 8), -EBUSY);
	CHECK_EQ(frame_claim(MFN(MiB(512) / PAGE_SIZE), 1, 8), -EBUSY);
	CHECK_EQ(frame_claim(MFN(GiB(5) / PAGE_SIZE), 1, 8), -EBUSY);
	CHECK_EQ(frame_claim(MFN(0), 1, 8), -EBUSY);
	frame_free(MFN(at), count);
	CHECK(frame_is_free(MFN(at), count));
	CHECK(!frame_is_free(MFN(at), count + 1));
	CHECK_EQ(frame_alloc_at(MFN(at), count, FRAME_GUEST, 9), 0);
}
