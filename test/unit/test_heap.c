/* SPDX-License-Identifier: GPL-2.0-only */
/* The heap: content, alignment, accounting, exhaustion, and that nothing leaks. */
#include <stdlib.h>
#include <string.h>

#include "arch/host/host.h"
#include "lib/bits.h"
#include "lib/errno.h"
#include "mm/frame.h"
#include "mm/heap.h"
#include "mm/inject.h"
#include "unit/harness.h"

static void machine(void)
{
	static bool done;

	if (!done) {
		host_machine_init(MiB(256));
	}
	done = true;
}

static bool all_are(const u8 *p, size_t size, u8 want)
{
	for (size_t i = 0; i < size; i++) {
		if (p[i] != want) {
			return false;
		}
	}
	return true;
}

UNIT_TEST(heap_sizes, "objects of every size are zeroed, aligned and wholly usable")
{
	struct pool p;

	machine();
	pool_init(&p, "test", 2000);
	for (size_t size = 1; size <= 10000; size += 1 + size / 37) {
		u8 *a = heap_alloc(&p, size), *b = heap_alloc(&p, size);
		size_t align = is_pow2(size) && size >= 16 ? MIN(size, PAGE_SIZE) : 16;

		CHECK(a && b && a != b);
		CHECK_EQ((uintptr_t)a % align, 0);
		CHECK_EQ((uintptr_t)b % align, 0);
		CHECK(all_are(a, size, 0) && all_are(b, size, 0));
		memset(a, 0xaa, size);
		memset(b, 0xbb, size);
		CHECK(all_are(a, size, 0xaa));
		heap_free(&p, a);
		CHECK(all_are(b, size, 0xbb));
		heap_free(&p, b);
	}
	CHECK_EQ(p.used, 0);
	CHECK(heap_alloc(&p, 0) == NULL);
	CHECK(heap_alloc(&p, MiB(2) + 1) == NULL);
	CHECK(heap_alloc(&p, ~0UL) == NULL);
	heap_free(&p, NULL);
	heap_pages_free(&p, NULL, 0);
}

UNIT_TEST(heap_addresses, "addresses translate by arithmetic, both ways")
{
	struct pool p;
	u8 *a;

	machine();
	pool_init(&p, "test", 8);
	a = heap_pages_alloc(&p, 3);
	CHECK_EQ((uintptr_t)a % (8 * PAGE_SIZE), 0);
	CHECK(heap_mfn_to_va(heap_va_to_mfn(a)) == a);
	CHECK_EQ(heap_va_to_hpa(a + 5).v, mfn_to_hpa(heap_va_to_mfn(a)).v + 5);
	CHECK_EQ(frame_of(heap_va_to_mfn(a))->state, FRAME_HEAP);
	CHECK_EQ(p.used, 8);
	CHECK(heap_alloc(&p, 1) == NULL);
	heap_pages_free(&p, a, 3);
	CHECK_EQ(p.used, 0);
}

UNIT_TEST(heap_slab_charge, "small objects are charged by page, each pool for itself")
{
	struct pool p, q;
	void *a[256], *b;

	machine();
	pool_init(&p, "p", 1);
	pool_init(&q, "q", 1);
	for (unsigned int i = 0; i < 256; i++) {
		a[i] = heap_alloc(&p, 16);
		CHECK(a[i] != NULL);
	}
	CHECK_EQ(p.used, 1);
	CHECK(heap_alloc(&p, 16) == NULL);
	b = heap_alloc(&q, 16);
	CHECK(b && heap_va_to_mfn(b).v != heap_va_to_mfn(a[0]).v);
	for (unsigned int i = 0; i < 256; i++) {
		heap_free(&p, a[(i * 7) % 256]);
	}
	CHECK_EQ(p.used, 0);
	heap_free(&q, b);
	CHECK_EQ(q.used, 0);
}

struct thing {
	u8 *va;
	size_t size;
	u8 mark;
	unsigned int pool;
	int order; /* -1: heap_alloc() */
};

static void thing_make(struct thing *t, struct pool *pools)
{
	t->pool = rand() % 3;
	t->mark = (u8)rand();
	t->order = rand() % 10 == 0 ? rand() % 6 : -1;
	if (t->order >= 0) {
		t->size = PAGE_SIZE << t->order;
		t->va = heap_pages_alloc(&pools[t->pool], t->order);
	} else {
		t->size = rand() % 50 == 0 ? 1 + rand() % 20000 : 1 + rand() % 1500;
		t->va = heap_alloc(&pools[t->pool], t->size);
	}
	if (t->va) {
		CHECK(all_are(t->va, t->size, 0));
		memset(t->va, t->mark, t->size);
	}
}

static void thing_drop(struct thing *t, struct pool *pools)
{
	CHECK(all_are(t->va, t->size, t->mark));
	if (t->order >= 0) {
		heap_pages_free(&pools[t->pool], t->va, t->order);
	} else {
		heap_free(&pools[t->pool], t->va);
	}
	t->va = NULL;
}

UNIT_TEST(heap_random, "random objects keep their content, and nothing leaks")
{
	static struct thing things[4000];
	struct pool pools[3];
	u64 mapped, refused = 0;

	machine();
	heap_trim();
	mapped = host_mapped_bytes;
	srand(2);
	pool_init(&pools[0], "0", 100);
	pool_init(&pools[1], "1", 3000);
	pool_init(&pools[2], "2", 1000000);
	for (unsigned int i = 0; i < 100000; i++) {
		struct thing *t = &things[rand() % ARRAY_SIZE(things)];

		if (t->va) {
			thing_drop(t, pools);
		} else {
			thing_make(t, pools);
			refused += !t->va;
		}
	}
	CHECK(refused > 100);
	CHECK(host_mapped_bytes > mapped);
	for (unsigned int i = 0; i < ARRAY_SIZE(things); i++) {
		if (things[i].va) {
			thing_drop(&things[i], pools);
		}
	}
	for (unsigned int i = 0; i < 3; i++) {
		CHECK_EQ(pools[i].used, 0);
	}
	heap_trim();
	CHECK(host_mapped_bytes <= mapped + MiB(2));
}

UNIT_TEST(heap_exhaust, "an empty machine is an error of the caller, and passes")
{
	u64 before = 0, got = 0;
	void *last = NULL, *p;

	machine();
	heap_trim();
	before = frame_free_count();
	while ((p = heap_pages_alloc(&pool_system, ORDER_2M)) != NULL) {
		*(void **)p = last;
		last = p;
		got++;
	}
	CHECK(got > 100);
	CHECK_EQ(pool_system.used, got * 512);
	CHECK(heap_alloc(&pool_system, 100) == NULL);
	CHECK_EQ(pool_system.used, got * 512);
	while (last) {
		p = *(void **)last;
		heap_pages_free(&pool_system, last, ORDER_2M);
		last = p;
	}
	heap_trim();
	CHECK_EQ(pool_system.used, 0);
	CHECK(frame_free_count() + 600 > before);
	p = heap_alloc(&pool_system, 100);
	CHECK(p != NULL);
	heap_free(&pool_system, p);
}

static bool refuse_pages(size_t bytes)
{
	return bytes >= PAGE_SIZE;
}

UNIT_TEST(heap_inject, "a test can refuse allocations; a mapping that fails leaks no frames")
{
	u64 before;

	machine();
	host_heap_refuse = refuse_pages;
	CHECK(heap_pages_alloc(&pool_system, 0) == NULL);
	CHECK(heap_alloc(&pool_system, 5000) == NULL);
	host_heap_refuse = NULL;
	heap_trim();
	host_map_budget = 0;
	before = frame_free_count();
	for (unsigned int i = 0; i < 2; i++) {
		void *p = heap_pages_alloc(&pool_system, ORDER_2M);

		if (!p) {
			break;
		}
		CHECK(i == 0);
		/* The one chunk that is kept: hold on to it, so that the next needs a mapping. */
		CHECK(heap_pages_alloc(&pool_system, ORDER_2M) == NULL);
		heap_pages_free(&pool_system, p, ORDER_2M);
		break;
	}
	CHECK_EQ(frame_free_count(), before);
	host_map_budget = ~0ULL;
}

UNIT_TEST(sealed, "a sealed heap gives nothing, and takes back what it gave")
{
	struct pool p;
	void *a;

	machine();
	pool_init(&p, "test", 10000);
	a = heap_alloc(&p, 64);
	heap_seal();
	CHECK_EQ(heap_refused(), 0);
	CHECK(heap_alloc(&p, 64) == NULL);
	CHECK(heap_pages_alloc(&p, 0) == NULL);
	CHECK(mfn_eq(frame_alloc(0, FRAME_ANY, FRAME_GUEST, 1), MFN_INVALID));
	CHECK_EQ(heap_refused(), 2);
	heap_free(&p, a);
	CHECK_EQ(p.used, 0);
}
