/* SPDX-License-Identifier: GPL-2.0-only */
/* src/lib/bitmap.c and bits.h against an array of bools. */
#include <string.h>

#include "lib/bitmap.h"
#include "lib/bits.h"
#include "unit/harness.h"
#include "unit/random.h"

#define SIZE 200

/* The same set twice; the bits of the last word beyond SIZE are guards that must stay. */
struct pair {
	BITMAP(map, SIZE);
	bool model[BITMAP_LONGS(SIZE) * BITS_PER_LONG];
};

static void pair_fill(struct pair *p, u64 *seed)
{
	unsigned int density = (unsigned int)random_below(seed, 5);

	for (size_t i = 0; i < ARRAY_SIZE(p->model); i++) {
		p->model[i] = random_below(seed, 4) < density;
		if (p->model[i]) {
			bitmap_set(p->map, i);
		} else {
			bitmap_clear(p->map, i);
		}
	}
}

static void pair_check(const struct pair *p)
{
	for (size_t i = 0; i < ARRAY_SIZE(p->model); i++) {
		CHECK_EQ(bitmap_test(p->map, i), p->model[i]);
	}
}

static size_t model_next(const struct pair *p, size_t size, size_t from, bool value)
{
	while (from < size && p->model[from] != value) {
		from++;
	}
	return MIN(from, size);
}

UNIT_TEST(single, "setting and clearing one bit changes that bit and tells what it was")
{
	struct pair p = { 0 };
	u64 seed = 17;

	for (int i = 0; i < 4000; i++) {
		size_t bit = random_below(&seed, SIZE);
		bool was = p.model[bit], set = random_below(&seed, 2) != 0;

		p.model[bit] = set;
		if (i % 2 == 0) {
			CHECK_EQ(set ? bitmap_test_and_set(p.map, bit)
				     : bitmap_test_and_clear(p.map, bit),
				was);
		} else {
			CHECK_EQ(set ? bitmap_test_and_set_atomic(p.map, bit)
				     : bitmap_test_and_clear_atomic(p.map, bit),
				was);
		}
		pair_check(&p);
	}
	memset(&p, 0, sizeof(p));
	bitmap_set_atomic(p.map, 70);
	bitmap_set_atomic(p.map, 71);
	bitmap_clear_atomic(p.map, 70);
	p.model[71] = true;
	pair_check(&p);
}

UNIT_TEST(find, "searches agree with the model at every size and start")
{
	struct pair p = { 0 };
	u64 seed = 19;

	for (int i = 0; i < 20000; i++) {
		size_t size = random_below(&seed, SIZE + 1), from = random_below(&seed, SIZE + 40);
		size_t weight = 0, bit, n = 0;

		pair_fill(&p, &seed);
		CHECK_EQ(bitmap_find_next(p.map, size, from), model_next(&p, size, from, true));
		CHECK_EQ(bitmap_find_next_zero(p.map, size, from),
			model_next(&p, size, from, false));
		CHECK_EQ(bitmap_find_first(p.map, size), model_next(&p, size, 0, true));
		CHECK_EQ(bitmap_find_first_zero(p.map, size), model_next(&p, size, 0, false));
		for (size_t j = 0; j < size; j++) {
			weight += p.model[j];
		}
		CHECK_EQ(bitmap_weight(p.map, size), weight);
		CHECK_EQ(bitmap_empty(p.map, size), weight == 0);
		CHECK_EQ(bitmap_full(p.map, size), weight == size);
		bitmap_for_each(bit, p.map, size) {
			CHECK(p.model[bit]);
			n++;
		}
		CHECK_EQ(n, weight);
	}
}

UNIT_TEST(range, "range operations change their bits and no others")
{
	struct pair p = { 0 };
	u64 seed = 23;

	for (int i = 0; i < 10000; i++) {
		size_t start = random_below(&seed, SIZE),
		       count = random_below(&seed, SIZE - start + 1);
		bool set = random_below(&seed, 2) != 0;

		pair_fill(&p, &seed);
		if (set) {
			bitmap_set_range(p.map, start, count);
		} else {
			bitmap_clear_range(p.map, start, count);
		}
		memset(p.model + start, set, count);
		pair_check(&p);
	}
}

/* Are all, or none, of the first @size results of @op true? */
static void check_relations(const struct pair *a, const struct pair *b, size_t size)
{
	bool equal = true, intersects = false, subset = true;

	for (size_t i = 0; i < size; i++) {
		equal = equal && a->model[i] == b->model[i];
		intersects = intersects || (a->model[i] && b->model[i]);
		subset = subset && (!a->model[i] || b->model[i]);
	}
	CHECK_EQ(bitmap_equal(a->map, b->map, size), equal);
	CHECK_EQ(bitmap_intersects(a->map, b->map, size), intersects);
	CHECK_EQ(bitmap_subset(a->map, b->map, size), subset);
}

UNIT_TEST(sets, "set operations agree with the model, and leave bits beyond the size alone")
{
	struct pair a = { 0 }, b = { 0 }, d = { 0 };
	u64 seed = 29;

	for (int i = 0; i < 10000; i++) {
		size_t size = random_below(&seed, SIZE + 1);
		unsigned int op = (unsigned int)random_below(&seed, 4);

		pair_fill(&a, &seed);
		pair_fill(&b, &seed);
		pair_fill(&d, &seed);
		if (op == 0) {
			bitmap_copy(d.map, a.map, size);
		} else {
			(op == 1	  ? bitmap_and
				: op == 2 ? bitmap_or
					  : bitmap_andnot)(d.map, a.map, b.map, size);
		}
		for (size_t j = 0; j < size; j++) {
			const bool results[] = { a.model[j], a.model[j] && b.model[j],
				a.model[j] || b.model[j], a.model[j] && !b.model[j] };

			d.model[j] = results[op];
		}
		pair_check(&d);
		check_relations(&a, &b, size);
		check_relations(&d, &a, size);
		bitmap_copy(b.map, a.map, size);
		memcpy(b.model, a.model, size);
		check_relations(&a, &b, size);
	}
}

UNIT_TEST(positions, "bit positions and powers of two agree with a loop")
{
	u64 seed = 31;

	CHECK_EQ(ffs64(0), 0);
	CHECK_EQ(fls64(0), 0);
	CHECK_EQ(ilog2_up(0), 0);
	CHECK(!is_pow2(0));
	for (int i = 0; i < 20000; i++) {
		u64 x = random_spread(&seed) | 1ULL << random_below(&seed, 64);
		unsigned int low = 0, high = 63, count = 0;

		while ((x >> low & 1) == 0) {
			low++;
		}
		while ((x >> high & 1) == 0) {
			high--;
		}
		for (unsigned int j = 0; j < 64; j++) {
			count += x >> j & 1;
		}
		CHECK_EQ(ffs64(x), low + 1);
		CHECK_EQ(fls64(x), high + 1);
		CHECK_EQ(ilog2(x), high);
		CHECK_EQ(ilog2_up(x), high + (low != high));
		CHECK_EQ(is_pow2(x), low == high);
		CHECK_EQ(popcount64(x), count);
	}
}

UNIT_TEST(orders, "an order is the smallest that holds the pages or bytes")
{
	CHECK_EQ(order_of_pages(0), 0);
	CHECK_EQ(order_of_pages(1), 0);
	CHECK_EQ(order_of_pages(2), 1);
	CHECK_EQ(order_of_pages(3), 2);
	CHECK_EQ(order_of_bytes(0), 0);
	CHECK_EQ(order_of_bytes(1), 0);
	CHECK_EQ(order_of_bytes(PAGE_SIZE), 0);
	CHECK_EQ(order_of_bytes(PAGE_SIZE + 1), 1);
	CHECK_EQ(order_of_bytes(MiB(2)), 9);
	CHECK_EQ(order_of_bytes(~0ULL), 52);
	CHECK_EQ(roundup_pow2(5), 8);
	CHECK_EQ(roundup_pow2(8), 8);
	CHECK_EQ(roundup_pow2(1ULL << 63), 1ULL << 63);
}

UNIT_TEST(fields, "masks and fields cover the bits that they name")
{
	static_assert(mask64(7, 4) == 0xf0, "a constant expression");

	CHECK_EQ(mask64(63, 0), ~0ULL);
	CHECK_EQ(mask64(63, 63), 1ULL << 63);
	CHECK_EQ(mask64(0, 0), 1);
	CHECK_EQ(mask64(51, 12), 0xffffffffff000ULL);
	CHECK_EQ(field_get(mask64(15, 8), 0x123456), 0x34);
	CHECK_EQ(field_put(mask64(15, 8), 0x1ab), 0xab00);
	CHECK_EQ(field_set(0x123456, mask64(15, 8), 0xff), 0x12ff56);
	CHECK_EQ(bswap16(0x1234), 0x3412);
	CHECK_EQ(be32_to_cpu(0x12345678), 0x78563412);
	CHECK_EQ(be64_to_cpu(0x0102030405060708ULL), 0x0807060504030201ULL);
}
