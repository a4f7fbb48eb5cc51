/* SPDX-License-Identifier: GPL-2.0-only */
/* The stage-2 engine and its formats, against an array of one entry for each gfn. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "arch/arm/s2_lpae.h"
#include "arch/host/host.h"
#include "arch/x86/s2_ept.h"
#include "arch/x86/s2_npt.h"
#include "drv/iommu/s2_amdvi.h"
#include "drv/iommu/s2_vtd.h"
#include "lib/errno.h"
#include "mm/heap.h"
#include "mm/inject.h"
#include "unit/harness.h"

#define G1 BIT64(18) /* gfns in a GiB and in 2 MiB */
#define M2 BIT64(9)

/* Reserved bits that must be 0, from the manuals, for leaves of level 1, 2, 3 and for pointers. */
static const struct format {
	const struct s2_fmt *fmt;
	bool types, rights_x;
	u64 leaf_zero[4], leaf_one[4]; /* by level, of an entry with all rights */
	u64 table_zero, table_one;
} formats[] = {
	{ .fmt = &s2_npt,
		.types = true,
		.rights_x = true,
		.leaf_zero = { 0, mask64(62, 59) | mask64(8, 7), mask64(62, 59) | mask64(20, 12),
			mask64(62, 59) | mask64(29, 12) },
		.leaf_one = { 0, BIT64(2) | BIT64(0), BIT64(7) | BIT64(2) | BIT64(0),
			BIT64(7) | BIT64(2) | BIT64(0) },
		.table_zero = mask64(63, 52) | mask64(8, 6),
		.table_one = BIT64(0) | BIT64(1) | BIT64(2) },
	{ .fmt = &s2_ept,
		.types = true,
		.rights_x = true,
		.leaf_zero = { 0, mask64(63, 59) | mask64(11, 7), mask64(63, 59) | mask64(20, 12),
			mask64(63, 59) | mask64(29, 12) },
		.leaf_one = { 0, 7, BIT64(7) | 7, BIT64(7) | 7 },
		.table_zero = mask64(63, 52) | mask64(11, 3),
		.table_one = 7 },
	{ .fmt = &s2_amdvi,
		.leaf_zero = { 0, mask64(58, 52) | mask64(11, 9), mask64(58, 52) | mask64(20, 9),
			mask64(58, 52) | mask64(29, 9) },
		.leaf_one = { 0, mask64(62, 60) | BIT64(0), mask64(62, 60) | BIT64(0),
			mask64(62, 60) | BIT64(0) },
		.table_zero = mask64(58, 52),
		.table_one = BIT64(62) | BIT64(61) | BIT64(0) },
	{ .fmt = &s2_vtd,
		.leaf_zero = { 0, mask64(63, 52) | mask64(11, 7), mask64(63, 52) | mask64(20, 8),
			mask64(63, 52) | mask64(29, 8) },
		.leaf_one = { 0, 3, BIT64(7) | 3, BIT64(7) | 3 },
		.table_zero = mask64(63, 52) | mask64(11, 2),
		.table_one = 3 },
	{ .fmt = &s2_lpae,
		.types = true,
		.rights_x = true,
		.leaf_zero = { 0, mask64(63, 59) | mask64(53, 48) | BIT64(11),
			mask64(63, 59) | mask64(53, 48) | mask64(20, 11) | BIT64(1),
			mask64(63, 59) | mask64(53, 48) | mask64(29, 11) | BIT64(1) },
		.leaf_one = { 0, mask64(10, 6) | 3, mask64(10, 6) | 1, mask64(10, 6) | 1 },
		.table_zero = mask64(63, 48) | mask64(11, 2),
		.table_one = 3 },
};

/* --- the model: a window of gfns on both sides of a border between level-4 entries --- */

#define BASE (BIT64(27) - G1 - 3 * M2)
#define COUNT (2 * G1)

static struct s2_entry *model;
static struct s2 s2;
static struct pool pool;
static const struct format *format;
static u64 flush_start, flush_end, flushes, bad_old, old_sum;
static bool count_same; /* count what was replaced by the very same */

static u64 hash(u64 gfn, u64 mfn, unsigned int type)
{
	u64 x = (gfn * 0x9e3779b97f4a7c15ULL) ^ (mfn * 0xc2b2ae3d27d4eb4fULL) ^ type;

	return x ^ (x >> 29);
}

static void on_flush(struct s2 *s, gfn_t start, u64 count)
{
	flush_start = MIN(flush_start, start.v);
	flush_end = MAX(flush_end, start.v + count);
	flushes++;
}

static void on_old(void *arg, gfn_t gfn, const struct s2_entry *e, u64 count)
{
	for (u64 i = 0; i < count; i++) {
		struct s2_entry now = s2_lookup(&s2, GFN(gfn.v + i));
		bool flushed = gfn.v + i >= flush_start && gfn.v + i < flush_end;
		bool same = now.type == e->type && now.mfn.v == e->mfn.v + i &&
			    now.access == e->access;

		bad_old += !flushed && !same && now.type == S2_NONE;
		if (!same || count_same) {
			old_sum += hash(gfn.v + i, e->mfn.v + i, e->type | e->access << 4);
		}
	}
}

static void setup(const struct format *f, unsigned int leaf_max)
{
	static bool done;

	if (!done) {
		host_machine_init(MiB(512));
		model = calloc(COUNT, sizeof(*model));
	}
	done = true;
	format = f;
	memset(model, 0, COUNT * sizeof(*model));
	pool_init(&pool, "test", 100000);
	CHECK_EQ(s2_init(&s2, f->fmt, 4, leaf_max, &pool, RANK_S2), 0);
	s2.flush = on_flush;
	flushes = 0;
	count_same = true;
}

static void finish(void)
{
	s2_destroy(&s2);
	CHECK_EQ(s2.table_count, 0);
	CHECK_EQ(s2.spare_count, 0);
	CHECK_EQ(pool.used, 0);
}

static struct s2_entry expect(u64 mfn, enum s2_type type, unsigned int access)
{
	struct s2_entry e = { .mfn = MFN(mfn), .type = (u8)type, .access = (u8)access };

	if (!format->types) {
		e.type = S2_RAM;
		e.access &= S2_RW;
	}
	return e;
}

static bool equal(const struct s2_entry *a, const struct s2_entry *b)
{
	return a->type == b->type && (a->type == S2_NONE || a->mfn.v == b->mfn.v) &&
	       (a->type == S2_NONE || a->access == b->access);
}

/* --- the shape of the tree --- */

static u64 tables_seen, shape_errors;

static void check_shape(const u64 *table, unsigned int level, bool root)
{
	struct s2_entry e[512];
	unsigned int leaves = 0, used = 0, in_line = 0;
	hpa_t below;

	tables_seen++;
	for (unsigned int i = 0; i < 512; i++) {
		if (format->fmt->is_table(table[i], level, &below)) {
			shape_errors += (table[i] & format->table_zero) != 0;
			shape_errors += (~table[i] & format->table_one) != 0;
			check_shape(heap_mfn_to_va(hpa_to_mfn(below)), level - 1, false);
			used++;
			continue;
		}
		format->fmt->decode_leaf(table[i], level, &e[i]);
		if (e[i].type == S2_NONE) {
			shape_errors += table[i] != 0;
			continue;
		}
		used++;
		leaves++;
		shape_errors += level > s2.leaf_max;
		shape_errors += (table[i] & format->leaf_zero[level]) != 0;
		if (e[i].access == S2_RWX || (!format->rights_x && e[i].access == S2_RW)) {
			shape_errors += (~table[i] & format->leaf_one[level]) != 0;
		}
		in_line += e[0].type == e[i].type && e[0].access == e[i].access &&
			   leaves == i + 1 && e[i].mfn.v == e[0].mfn.v + i * BIT64(9 * (level - 1));
	}
	shape_errors += used == 0 && !root;
	shape_errors += in_line == 512 && level < s2.leaf_max && e[0].mfn.v % BIT64(9 * level) == 0;
}

static void check_tree(void)
{
	tables_seen = 0;
	shape_errors = 0;
	check_shape(s2.root, s2.levels, true);
	CHECK_EQ(shape_errors, 0);
	CHECK_EQ(tables_seen, s2.table_count);
	CHECK_EQ(pool.used, s2.table_count + s2.spare_count + 1);
}

static void check_model(u64 step)
{
	u64 wrong = 0;

	for (u64 i = 0; i < COUNT; i += step) {
		struct s2_entry e = s2_lookup(&s2, GFN(BASE + i));

		wrong += !equal(&e, &model[i]);
	}
	CHECK_EQ(wrong, 0);
}

/* --- random changes --- */

struct change {
	unsigned int kind; /* 0: unmap, 1: change, else map */
	u64 at, count, mfn;
	enum s2_type type, from;
	unsigned int access;
};

static struct change random_change(void)
{
	static const u64 grains[] = { 1, 1, 1, M2, M2, G1 };
	u64 grain = grains[rand() % ARRAY_SIZE(grains)];
	struct change c = { .kind = rand() % 8, .at = rand() % COUNT, .count = 1 + rand() % 1500 };

	if (grain > 1) {
		u64 align = (BASE + c.at) % grain;

		c.at = align <= c.at ? c.at - align : 0;
		c.count = grain * (1 + rand() % (grain == M2 ? 20 : 1));
	}
	c.count = MIN(c.count, COUNT - c.at);
	/* Often in line with the gfn, so that leaves can grow and merge. */
	c.mfn = rand() % 3 ? BASE + c.at + G1 * (rand() % 2) : (u64)(rand() % 100000);
	c.type = rand() % 2 ? S2_RAM : 1 + rand() % (S2_TYPE_COUNT - 1);
	c.from = 1 + rand() % 3;
	c.access = rand() % 4 ? 0 : (rand() % 2 ? S2_RW : S2_R);
	return c;
}

static const u8 defaults[S2_TYPE_COUNT] = { 0, 7, 5, 3, 1, 3, 3, 3, 1, 5 };

static int apply(const struct change *c)
{
	flush_start = ~0ULL;
	flush_end = 0;
	old_sum = 0;
	switch (c->kind) {
	case 0:
		return s2_unmap(&s2, GFN(BASE + c->at), c->count, on_old, NULL);
	case 1:
		return s2_change(&s2, GFN(BASE + c->at), c->count, c->from, c->type);
	default:
		return s2_map(&s2, GFN(BASE + c->at), MFN(c->mfn), c->count, c->type, c->access,
			on_old, NULL);
	}
}

static struct s2_entry model_after(const struct change *c, u64 i)
{
	if (c->kind == 0) {
		return (struct s2_entry){ 0 };
	}
	if (c->kind == 1) {
		return model[i].type == c->from ? expect(model[i].mfn.v, c->type, defaults[c->type])
						: model[i];
	}
	return expect(c->mfn + (i - c->at), c->type, c->access ? c->access : defaults[c->type]);
}

/* The sum of what the change takes away. */
static u64 model_apply(const struct change *c)
{
	u64 sum = 0;

	for (u64 i = c->at; i < c->at + c->count; i++) {
		if (model[i].type != S2_NONE && c->kind != 1) {
			sum += hash(BASE + i, model[i].mfn.v, model[i].type | model[i].access << 4);
		}
		model[i] = model_after(c, i);
	}
	return sum;
}

static void random_run(const struct format *f, unsigned int leaf_max, unsigned int rounds)
{
	setup(f, leaf_max);
	for (unsigned int r = 0; r < rounds; r++) {
		struct change c = random_change();

		CHECK_EQ(apply(&c), 0);
		CHECK_EQ(old_sum, model_apply(&c));
		for (unsigned int k = 0; k < 64; k++) {
			u64 i = k < 32 ? c.at + rand() % c.count : (u64)rand() % COUNT;
			struct s2_entry e = s2_lookup(&s2, GFN(BASE + i));

			CHECK(equal(&e, &model[i]));
		}
		if (r % 50 == 0) {
			check_tree();
			check_model(r % 500 == 0 ? 1 : 37);
		}
	}
	check_model(1);
	check_tree();
	CHECK_EQ(bad_old, 0);
	finish();
}

UNIT_TEST(s2_random, "random changes match the model, in every format and leaf size")
{
	srand(4);
	for (unsigned int f = 0; f < ARRAY_SIZE(formats); f++) {
		for (unsigned int leaf = 1; leaf <= 3; leaf++) {
			random_run(&formats[f], leaf, leaf == 3 ? 400 : 100);
		}
	}
}

/* --- running out of memory --- */

static unsigned int refuse_after;

static bool refuse(size_t bytes)
{
	return refuse_after == 0 || refuse_after-- == 0;
}

/* After a failure each entry is the old or the new one. */
static void check_half(const struct change *c)
{
	u64 wrong = 0;

	for (u64 i = c->at; i < c->at + c->count; i++) {
		struct s2_entry e = s2_lookup(&s2, GFN(BASE + i));
		struct s2_entry want = model_after(c, i);

		wrong += !equal(&e, &model[i]) && !equal(&e, &want);
		/* What is gone was reported, once: the sum comes out at the end. */
		if (!equal(&e, &model[i]) && model[i].type != S2_NONE && c->kind != 1) {
			old_sum -= hash(
				BASE + i, model[i].mfn.v, model[i].type | model[i].access << 4);
		}
		model[i] = e;
	}
	CHECK_EQ(wrong, 0);
	CHECK_EQ(old_sum, 0);
}

UNIT_TEST(s2_oom, "failing at any allocation leaves a consistent tree")
{
	unsigned int failures = 0;

	srand(5);
	setup(&formats[0], 3);
	count_same = false;
	for (unsigned int r = 0; r < 300; r++) {
		struct change c = random_change();
		int err = -ENOMEM;

		for (unsigned int k = 0; err == -ENOMEM && k < 40; k++) {
			refuse_after = k;
			host_heap_refuse = refuse;
			err = apply(&c);
			host_heap_refuse = NULL;
			failures += err == -ENOMEM;
			if (err) {
				check_half(&c);
				check_tree();
			}
		}
		CHECK_EQ(err, 0);
		model_apply(&c);
		if (r % 100 == 0) {
			check_model(1);
		}
		/* Without spare pages, so that the next change needs memory again. */
		while (s2.spare) {
			void *next = *(void **)s2.spare;

			heap_pages_free(&pool, s2.spare, 0);
			s2.spare = next;
			s2.spare_count--;
		}
	}
	check_model(1);
	CHECK(failures > 100);
	finish();
}

UNIT_TEST(s2_oom_init, "an s2 that cannot get its first pages takes none")
{
	setup(&formats[0], 3);
	finish();
	for (u64 limit = 0; limit < 2; limit++) {
		pool_init(&pool, "test", limit);
		CHECK_EQ(s2_init(&s2, &s2_npt, 4, 3, &pool, RANK_S2), -ENOMEM);
		CHECK_EQ(pool.used, 0);
	}
	CHECK_EQ(s2_init(&s2, &s2_npt, 5, 3, &pool, RANK_S2), -EINVAL);
	CHECK_EQ(s2_init(&s2, &s2_npt, 1, 3, &pool, RANK_S2), -EINVAL);
}

/* --- costs --- */

UNIT_TEST(s2_superpages, "N GiB cost N or 512 N entries, however they were mapped")
{
	setup(&formats[0], 3);
	CHECK_EQ(s2_map(&s2, GFN(G1), MFN(3 * G1), 64 * G1, S2_RAM, 0, NULL, NULL), 0);
	CHECK(s2.pte_writes <= 64 + 1);
	CHECK_EQ(s2.table_count, 2);
	CHECK_EQ(flushes, 0);
	finish();

	setup(&formats[0], 2);
	CHECK_EQ(s2_map(&s2, GFN(G1), MFN(3 * G1), 8 * G1, S2_RAM, 0, NULL, NULL), 0);
	CHECK(s2.pte_writes <= 8 * 512 + 8 + 1);
	CHECK_EQ(s2.table_count, 2 + 8);
	finish();

	/* Not in line: 4 KiB leaves are all there is. */
	setup(&formats[0], 3);
	CHECK_EQ(s2_map(&s2, GFN(G1), MFN(3 * G1 + 1), M2 * 2, S2_RAM, 0, NULL, NULL), 0);
	CHECK_EQ(s2.table_count, 5);
	finish();
}

UNIT_TEST(s2_split_merge, "one page splits a GiB, and putting it back makes it one leaf again")
{
	struct s2_entry e;

	setup(&formats[1], 3);
	CHECK_EQ(s2_map(&s2, GFN(0), MFN(0), G1, S2_RAM, 0, NULL, NULL), 0);
	CHECK_EQ(s2_lookup(&s2, GFN(5)).order, 18);
	CHECK_EQ(s2_change(&s2, GFN(77777), 1, S2_RAM, S2_LOGDIRTY), 0);
	CHECK_EQ(s2.table_count, 4);
	CHECK_EQ(flushes, 1);
	e = s2_lookup(&s2, GFN(77777));
	CHECK_EQ(e.type, S2_LOGDIRTY);
	CHECK_EQ(e.access, S2_RX);
	CHECK_EQ(e.mfn.v, 77777);
	CHECK_EQ(e.order, 0);
	CHECK_EQ(s2_lookup(&s2, GFN(77776)).order, 0);
	CHECK_EQ(s2_lookup(&s2, GFN(77776 + 1024)).order, 9);
	CHECK_EQ(s2_change(&s2, GFN(0), G1, S2_LOGDIRTY, S2_RAM), 0);
	CHECK_EQ(s2_lookup(&s2, GFN(77777)).order, 18);
	CHECK_EQ(flushes, 2); /* nothing was taken away but tables */
	CHECK_EQ(s2.table_count, 2);
	/* The two tables are kept for the next split: it cannot fail. */
	CHECK_EQ(s2.spare_count, 2);
	pool.limit = 0;
	CHECK_EQ(s2_unmap(&s2, GFN(5), 1, NULL, NULL), 0);
	CHECK_EQ(s2_lookup(&s2, GFN(5)).type, S2_NONE);
	CHECK_EQ(s2_lookup(&s2, GFN(6)).mfn.v, 6);
	pool.limit = 100;
	CHECK_EQ(s2_unmap(&s2, GFN(0), G1, NULL, NULL), 0);
	CHECK_EQ(s2.table_count, 1);
	finish();
}

UNIT_TEST(s2_hw_bits, "bits that the hardware sets do not hinder a merge")
{
	u64 *root, *l3, *l2, *l1;

	setup(&formats[0], 3);
	CHECK_EQ(s2_map(&s2, GFN(0), MFN(0), M2, S2_RAM_RO, 0, NULL, NULL), 0);
	CHECK_EQ(s2_change(&s2, GFN(3), 1, S2_RAM_RO, S2_LOGDIRTY), 0);
	root = s2.root;
	l3 = heap_mfn_to_va(MFN((root[0] & S2_FMT_ADDR) >> 12));
	l2 = heap_mfn_to_va(MFN((l3[0] & S2_FMT_ADDR) >> 12));
	l1 = heap_mfn_to_va(MFN((l2[0] & S2_FMT_ADDR) >> 12));
	for (unsigned int i = 0; i < 512; i += 3) {
		l1[i] ^= NPT_A | NPT_D;
	}
	CHECK_EQ(s2_change(&s2, GFN(3), 1, S2_LOGDIRTY, S2_RAM_RO), 0);
	CHECK_EQ(s2_lookup(&s2, GFN(7)).order, 9);
	finish();
}

UNIT_TEST(s2_flush_once, "a batch flushes once, and only if something was taken away")
{
	setup(&formats[0], 3);
	CHECK_EQ(s2_map(&s2, GFN(3), MFN(9), 1000, S2_RAM_RO, 0, NULL, NULL), 0);
	CHECK_EQ(flushes, 0);
	CHECK_EQ(s2_change(&s2, GFN(3), 1000, S2_RAM_RO, S2_RAM), 0); /* only loosened */
	CHECK_EQ(flushes, 0);
	CHECK_EQ(s2_change(&s2, GFN(3), 1000, S2_RAM, S2_LOGDIRTY), 0);
	CHECK_EQ(flushes, 1);
	flush_start = ~0ULL;
	flush_end = 0;
	CHECK_EQ(s2_map(&s2, GFN(10), MFN(70), 5, S2_RAM, 0, NULL, NULL), 0);
	CHECK_EQ(flushes, 2);
	CHECK_EQ(flush_start, 10);
	CHECK_EQ(flush_end, 15);
	CHECK_EQ(s2_unmap(&s2, GFN(2000), 5000, NULL, NULL), 0);
	CHECK_EQ(flushes, 2);
	finish();
}

UNIT_TEST(s2_bounds, "ranges beyond the address width are refused, and lookups there find nothing")
{
	setup(&formats[0], 3);
	CHECK_EQ(s2_map(&s2, GFN(BIT64(36)), MFN(0), 1, S2_RAM, 0, NULL, NULL), -EINVAL);
	CHECK_EQ(s2_map(&s2, GFN(BIT64(36) - 1), MFN(0), 2, S2_RAM, 0, NULL, NULL), -EINVAL);
	CHECK_EQ(s2_map(&s2, GFN(5), MFN(0), ~0ULL, S2_RAM, 0, NULL, NULL), -EINVAL);
	CHECK_EQ(s2_map(&s2, GFN(5), MFN(BIT64(40)), 1, S2_RAM, 0, NULL, NULL), -EINVAL);
	CHECK_EQ(s2_map(&s2, GFN(5), MFN_INVALID, 1, S2_RAM, 0, NULL, NULL), -EINVAL);
	CHECK_EQ(s2_map(&s2, GFN(5), MFN(0), 1, S2_NONE, 0, NULL, NULL), -EINVAL);
	CHECK_EQ(s2_change(&s2, GFN(~0ULL), 5, S2_RAM, S2_RAM_RO), -EINVAL);
	CHECK_EQ(s2_unmap(&s2, GFN(~0ULL), ~0ULL, NULL, NULL), 0);
	CHECK_EQ(s2_lookup(&s2, GFN_INVALID).type, S2_NONE);
	CHECK_EQ(s2_lookup(&s2, GFN(5)).order, 27);
	CHECK_EQ(s2_map(&s2, GFN(BIT64(36) - 1), MFN(BIT64(40) - 1), 1, S2_RAM, 0, NULL, NULL), 0);
	CHECK_EQ(s2_lookup(&s2, GFN(BIT64(36) - 1)).mfn.v, BIT64(40) - 1);
	finish();
}

UNIT_TEST(s2_rights, "each combination of rights is kept, and never more than it is granted")
{
	for (unsigned int f = 0; f < ARRAY_SIZE(formats); f++) {
		format = &formats[f];
		for (unsigned int access = 0; access <= S2_RWX; access++) {
			struct s2_entry e = expect(0x12345600, S2_RAM, access), got;
			u64 raw = format->fmt->encode_leaf(&e, 1);

			format->fmt->decode_leaf(raw, 1, &got);
			CHECK(equal(&got, &e) || got.type == S2_NONE);
			CHECK_EQ(raw & format->leaf_zero[1], 0);
			if (format->fmt == &s2_npt) {
				CHECK_EQ(raw & NPT_P, access & S2_R ? NPT_P : 0);
				CHECK(!(raw & NPT_W) || (access & S2_W));
				CHECK(!(raw & NPT_P) || !(raw & NPT_NX) == !!(access & S2_X));
			}
			if (format->fmt == &s2_ept) {
				CHECK_EQ(raw & 7 & ~access, 0);
				CHECK((raw & EPT_R) || !(raw & 7));
			}
		}
	}
}

UNIT_TEST(s2_uncached, "device registers are uncached")
{
	struct s2_entry ram = { .type = S2_RAM, .access = 7 },
			dev = { .type = S2_MMIO, .access = 3 };

	CHECK_EQ(s2_npt.encode_leaf(&dev, 1) & 0x18, 0x18);
	CHECK_EQ(s2_npt.encode_leaf(&ram, 1) & 0x18, 0);
	CHECK_EQ(s2_ept.encode_leaf(&dev, 2) & 0x38, 0);
	CHECK_EQ(s2_ept.encode_leaf(&ram, 2) & 0x38, 0x30);
	CHECK_EQ(s2_lpae.encode_leaf(&dev, 1) & 0x3c, 0x04);
	CHECK_EQ(s2_lpae.encode_leaf(&ram, 3) & 0x3c, 0x3c);
}

/* --- walking and draining --- */

static u64 walk_next, walk_sum, walk_errors;

static void on_walk(void *arg, gfn_t gfn, const struct s2_entry *e)
{
	u64 count = BIT64(e->order) - gfn.v % BIT64(e->order);

	walk_errors += gfn.v < walk_next || e->type == S2_NONE;
	walk_next = gfn.v + 1;
	for (u64 i = 0; i < count; i++) {
		walk_sum += hash(gfn.v + i, e->mfn.v + i, e->type | e->access << 4);
	}
}

static u64 model_sum(void)
{
	u64 sum = 0;

	for (u64 i = 0; i < COUNT; i++) {
		sum += model[i].type == S2_NONE ? 0
						: hash(BASE + i, model[i].mfn.v,
							  model[i].type | model[i].access << 4);
	}
	return sum;
}

static void fill(unsigned int f)
{
	setup(&formats[f], 3);
	srand(6);
	for (unsigned int r = 0; r < 300; r++) {
		struct change c = random_change();

		CHECK_EQ(apply(&c), 0);
		model_apply(&c);
	}
}

UNIT_TEST(s2_walk_all, "a walk in pieces visits each leaf once, in order")
{
	gfn_t at = GFN(0);
	u64 calls = 0;

	fill(0);
	walk_sum = walk_next = walk_errors = 0;
	while (!s2_walk(&s2, &at, GFN(BIT64(36)), 7, on_walk, NULL)) {
		calls++;
	}
	CHECK(calls > 10);
	CHECK_EQ(walk_errors, 0);
	CHECK_EQ(walk_sum, model_sum());
	finish();
}

UNIT_TEST(s2_drain_all, "draining in pieces reports each frame once and frees every table")
{
	gfn_t at = GFN(0);
	u64 calls = 0;

	fill(2);
	old_sum = 0;
	flush_start = ~0ULL;
	flush_end = bad_old = 0;
	while (!s2_drain(&s2, &at, 9, on_old, NULL)) {
		calls++;
	}
	CHECK(calls > 10);
	CHECK_EQ(old_sum, model_sum());
	CHECK_EQ(bad_old, 0);
	CHECK_EQ(s2.table_count, 1);
	CHECK_EQ(pool.used, 2);
	finish();
}

/* --- sync --- */

/* What an IOMMU that does not snoop would see: only what sync() was called for. */
static u8 *shadow;

static void on_sync(struct s2 *s, void *table, size_t bytes)
{
	memcpy(shadow + heap_va_to_hpa(table).v, table, bytes);
}

static u64 sync_errors;

static void check_sync(const u64 *table, unsigned int level)
{
	hpa_t below;

	sync_errors += memcmp(shadow + heap_va_to_hpa(table).v, table, PAGE_SIZE) != 0;
	for (unsigned int i = 0; i < 512; i++) {
		if (s2_vtd.is_table(table[i], level, &below)) {
			check_sync(heap_mfn_to_va(hpa_to_mfn(below)), level - 1);
		}
	}
}

UNIT_TEST(s2_sync, "every entry that was written is synced")
{
	srand(7);
	setup(&formats[3], 2);
	shadow = calloc(1, MiB(512));
	s2.sync = on_sync;
	for (unsigned int r = 0; r < 300; r++) {
		struct change c = random_change();

		CHECK_EQ(apply(&c), 0);
		sync_errors = 0;
		check_sync(s2.root, 4);
		CHECK_EQ(sync_errors, 0);
	}
	free(shadow);
	finish();
}

/* --- lookups against changes --- */

static bool stop;

static void *reader(void *arg)
{
	u64 wrong = 0, n = 0;

	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
		u64 gfn = (n++ * 7919) % G1;
		struct s2_entry e = s2_lookup(&s2, GFN(gfn));

		/* Frames of the second GiB move; the rest stays where it is. */
		wrong += e.type == S2_NONE || (e.mfn.v != gfn && e.mfn.v != gfn + 4 * G1);
	}
	return (void *)(uintptr_t)wrong;
}

static void concurrent_run(const struct format *f)
{
	pthread_t thread;
	void *wrong;

	setup(f, 3);
	CHECK_EQ(s2_map(&s2, GFN(0), MFN(0), G1, S2_RAM, 0, NULL, NULL), 0);
	stop = false;
	pthread_create(&thread, NULL, reader, NULL);
	srand(8);
	for (unsigned int r = 0; r < 8000; r++) {
		u64 gfn = rand() % (G1 - 600), count = 1 + rand() % 600;

		s2_map(&s2, GFN(gfn), MFN(gfn + 4 * G1), count, S2_RAM, 0, NULL, NULL);
		if (r % 10 == 0) {
			s2_map(&s2, GFN(0), MFN(0), G1, S2_RAM, 0, NULL, NULL);
		} else {
			s2_map(&s2, GFN(gfn), MFN(gfn), count, S2_RAM, 0, NULL, NULL);
		}
	}
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	pthread_join(thread, &wrong);
	CHECK_EQ((uintptr_t)wrong, 0);
	finish();
}

UNIT_TEST(s2_concurrent, "lookups during splits, merges and changes see the old or the new")
{
	concurrent_run(&formats[0]);
	concurrent_run(&formats[ARRAY_SIZE(formats) - 1]);
}

/* --- break before make --- */

/* What a TLB may hold: the last valid entry that was written since the last flush. */
static u64 *cached;
static u64 exchange_errors, exchanges;

static void cache_entry(u64 *at, u64 raw)
{
	u64 free = LPAE_R | LPAE_W | LPAE_XN | mask64(58, 55); /* what may change at once */

	exchanges += raw == s2_lpae.busy;
	exchange_errors += (*at & LPAE_V) != 0 && (raw & LPAE_V) != 0 && ((*at ^ raw) & ~free) != 0;
	if ((raw & LPAE_V) != 0) {
		*at = raw;
	}
}

static void on_sync_cached(struct s2 *s, void *table, size_t bytes)
{
	const u64 *raw = table;
	u64 *at = cached + heap_va_to_hpa(table).v / sizeof(u64);

	if (bytes == PAGE_SIZE) { /* a new table: nothing leads there yet */
		memset(at, 0, bytes);
	}
	for (size_t i = 0; i < bytes / sizeof(u64); i++) {
		cache_entry(&at[i], raw[i]);
	}
}

static void uncache(const u64 *table, unsigned int level)
{
	u64 *at = cached + heap_va_to_hpa(table).v / sizeof(u64);
	hpa_t below;

	for (unsigned int i = 0; i < 512; i++) {
		at[i] = (table[i] & LPAE_V) != 0 ? table[i] : 0;
		if (s2_lpae.is_table(table[i], level, &below)) {
			uncache(heap_mfn_to_va(hpa_to_mfn(below)), level - 1);
		}
	}
}

static void on_flush_cached(struct s2 *s, gfn_t start, u64 count)
{
	on_flush(s, start, count);
	uncache(s->root, s->levels);
}

UNIT_TEST(s2_break_before_make, "LPAE: no entry follows another that a TLB may still hold")
{
	srand(9);
	setup(&formats[ARRAY_SIZE(formats) - 1], 3);
	cached = calloc(1, MiB(512));
	s2.sync = on_sync_cached;
	s2.flush = on_flush_cached;
	for (unsigned int r = 0; r < 60; r++) {
		u64 grain = rand() % 2 ? M2 : 1, at = rand() % (4 * M2 / grain) * grain;
		enum s2_type type = 1 + rand() % (S2_TYPE_COUNT - 1);

		CHECK_EQ(s2_map(&s2, GFN(at), MFN(at + M2 * (rand() % 2)), M2, type, 0, NULL, NULL),
			0);
		at = rand() % (4 * M2);
		CHECK_EQ(s2_unmap(&s2, GFN(at), rand() % 3, NULL, NULL), 0);
	}
	CHECK_EQ(exchange_errors, 0);
	CHECK(exchanges > 100);
	free(cached);
	finish();
}

UNIT_TEST(s2_wide, "roots of several tables translate as many bits more")
{
	setup(&formats[0], 3);
	finish();
	CHECK_EQ(s2_init_wide(&s2, &s2_lpae, 3, 5, 3, &pool, RANK_S2), -EINVAL);
	for (unsigned int order = 0; order <= S2_ROOT_ORDER_MAX; order++) {
		u64 limit = BIT64(27 + order);

		CHECK_EQ(s2_init_wide(&s2, &s2_lpae, 3, order, 3, &pool, RANK_S2), 0);
		CHECK_EQ(pool.used, BIT64(order) + 1);
		CHECK_EQ(s2.root_pa.v % (PAGE_SIZE << order), 0);
		CHECK_EQ(s2_limit(&s2), limit);
		CHECK_EQ(s2_map(&s2, GFN(limit - G1), MFN(5), G1, S2_RAM, 0, NULL, NULL), 0);
		CHECK_EQ(s2_map(&s2, GFN(limit), MFN(5), 1, S2_RAM, 0, NULL, NULL), -EINVAL);
		CHECK_EQ(s2_lookup(&s2, GFN(limit - 1)).mfn.v, 5 + G1 - 1);
		CHECK_EQ(s2_lookup(&s2, GFN(G1 - 1)).type, S2_NONE);
		CHECK_EQ(s2_map(&s2, GFN(7), MFN(9), 1, S2_RAM, 0, NULL, NULL), 0);
		finish();
	}
}

UNIT_TEST(s2_far_frames, "frames that an entry has no room for are refused")
{
	setup(&formats[ARRAY_SIZE(formats) - 1], 3);
	CHECK_EQ(s2_map(&s2, GFN(0), MFN(BIT64(36) - 1), 1, S2_MMIO, 0, NULL, NULL), 0);
	CHECK_EQ(s2_map(&s2, GFN(0), MFN(BIT64(36) - 1), 2, S2_MMIO, 0, NULL, NULL), -EINVAL);
	CHECK_EQ(s2_map(&s2, GFN(0), MFN(BIT64(38)), 1, S2_MMIO, 0, NULL, NULL), -EINVAL);
	finish();
}
