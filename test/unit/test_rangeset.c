/* SPDX-License-Identifier: GPL-2.0-only */
/* src/lib/rangeset.c against an array of bools, at the bottom and at the top of the 64 bits. */
#include <string.h>

#include "lib/errno.h"
#include "lib/rangeset.h"
#include "unit/harness.h"
#include "unit/random.h"

#define SPAN 64
#define ROOM 12

/* model[i] stands for the value base + i. */
struct pair {
	struct range array[ROOM + 1]; /* the last is a guard */
	struct rangeset set;
	u64 base;
	bool model[SPAN];
};

static void pair_init(struct pair *p, u64 base)
{
	memset(p, 0, sizeof(*p));
	p->base = base;
	p->array[ROOM].start = 0x6a4d;
	rangeset_init(&p->set, p->array, ROOM);
}

static bool model_all(const struct pair *p, size_t a, size_t b, bool value)
{
	for (size_t i = a; i <= b; i++) {
		if (p->model[i] != value) {
			return false;
		}
	}
	return true;
}

static size_t model_runs(const bool *model)
{
	size_t n = 0;

	for (size_t i = 0; i < SPAN; i++) {
		n += model[i] && (i == 0 || !model[i - 1]);
	}
	return n;
}

static void pair_check(const struct pair *p)
{
	const struct range *r;
	size_t i = 0;

	CHECK_EQ(p->set.count, model_runs(p->model));
	CHECK_EQ(p->array[ROOM].start, 0x6a4d);
	rangeset_for_each(r, &p->set) {
		while (i < SPAN && !p->model[i]) {
			i++;
		}
		CHECK_EQ(r->start, p->base + i);
		while (i < SPAN && p->model[i]) {
			i++;
		}
		CHECK_EQ(r->end, p->base + i - 1);
	}
}

static void pair_check_gap(const struct pair *p, size_t from)
{
	size_t start = from, end;
	struct range gap = { 1, 2 };
	bool found = rangeset_next_gap(&p->set, p->base + from, &gap);

	while (start < SPAN && p->model[start]) {
		start++;
	}
	for (end = start; end < SPAN && !p->model[end]; end++) {
	}
	/* Above the span nothing is set; a span that ends at the top has no above. */
	if (start == SPAN && p->base + SPAN == 0) {
		CHECK(!found);
		CHECK(gap.start == 1 && gap.end == 2);
		return;
	}
	CHECK(found);
	CHECK_EQ(gap.start, p->base + start);
	CHECK_EQ(gap.end, end == SPAN ? ~0ULL : p->base + end - 1);
}

static void pair_step(struct pair *p, u64 *seed)
{
	size_t a = random_below(seed, SPAN), b = MIN(a + random_below(seed, 12), SPAN - 1UL);
	bool add = random_below(seed, 2) != 0, want[SPAN];
	int err, want_err;

	memcpy(want, p->model, sizeof(want));
	memset(want + a, add, b - a + 1);
	want_err = model_runs(want) > ROOM ? -ENOSPC : 0;
	err = (add ? rangeset_add : rangeset_remove)(&p->set, p->base + a, p->base + b);
	CHECK_EQ(err, want_err);
	if (want_err == 0) {
		memcpy(p->model, want, sizeof(want));
	}
	pair_check(p);
	pair_check_gap(p, a);
	CHECK_EQ(rangeset_contains(&p->set, p->base + a, p->base + b), model_all(p, a, b, true));
	a = random_below(seed, b + 1);
	CHECK_EQ(rangeset_contains(&p->set, p->base + a, p->base + b), model_all(p, a, b, true));
	CHECK_EQ(rangeset_overlaps(&p->set, p->base + a, p->base + b), !model_all(p, a, b, false));
}

static void random_steps(u64 base)
{
	struct pair p;
	u64 seed = 37;

	pair_init(&p, base);
	for (int i = 0; i < 40000; i++) {
		pair_step(&p, &seed);
	}
}

UNIT_TEST(bottom, "random steps from 0 upwards agree with the model, running out of room included")
{
	random_steps(0);
}

UNIT_TEST(middle, "random steps in the middle agree with the model")
{
	random_steps(0xfffffff0);
}

UNIT_TEST(top, "random steps up to 2^64 - 1 agree with the model")
{
	random_steps(0ULL - SPAN);
}

UNIT_TEST(room, "a full set takes what merges, refuses what splits, and stays as it was")
{
	struct range array[2];
	struct rangeset rs;

	rangeset_init(&rs, array, 2);
	CHECK(rangeset_empty(&rs));
	CHECK_EQ(rangeset_add(&rs, 10, 19), 0);
	CHECK_EQ(rangeset_add(&rs, 30, 39), 0);
	CHECK_EQ(rangeset_add(&rs, 50, 59), -ENOSPC);
	CHECK_EQ(rangeset_remove(&rs, 12, 13), -ENOSPC);
	CHECK(rangeset_contains(&rs, 10, 19) && rangeset_contains(&rs, 30, 39));
	CHECK_EQ(rangeset_add(&rs, 20, 29), 0);
	CHECK_EQ(rs.count, 1);
	CHECK(rangeset_contains(&rs, 10, 39));
}

UNIT_TEST(extremes, "everything can be added, holed and removed")
{
	struct range array[2], gap;
	struct rangeset rs;

	rangeset_init(&rs, array, 2);
	CHECK_EQ(rangeset_add(&rs, 5, 4), -EINVAL);
	CHECK_EQ(rangeset_remove(&rs, 5, 4), -EINVAL);
	CHECK_EQ(rangeset_add(&rs, 0, ~0ULL), 0);
	CHECK(!rangeset_next_gap(&rs, 0, &gap));
	CHECK(!rangeset_contains(&rs, 5, 4) && !rangeset_overlaps(&rs, 5, 4));
	CHECK_EQ(rangeset_remove(&rs, 100, 199), 0);
	CHECK(rangeset_next_gap(&rs, 0, &gap) && gap.start == 100 && gap.end == 199);
	CHECK(rangeset_next_gap(&rs, 150, &gap) && gap.start == 150 && gap.end == 199);
	CHECK_EQ(rangeset_remove(&rs, 0, ~0ULL), 0);
	CHECK(rangeset_empty(&rs));
	CHECK(rangeset_next_gap(&rs, 7, &gap) && gap.start == 7 && gap.end == ~0ULL);
}
