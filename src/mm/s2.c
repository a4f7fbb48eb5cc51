/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The stage-2 engine. It knows tables, leaves and holes; what an entry looks like is the format's
 * business, and what stands behind a frame its caller's.
 *
 * Changes run under s2->lock, lookups under nothing. What holds that together:
 *
 *  - An entry changes by one 64-bit store, with release: a table is complete before it can be
 *    reached. Readers use acquire. So each entry a reader sees was valid when it read it.
 *  - A table page that is cut off keeps its content until flush() has run, so that neither a
 *    processor's table walker nor an IOMMU finds anything else in it. Only then does it become
 *    spare, and it stays with this s2, which may use it again: a reader that is still in it reads
 *    memory that is mapped.
 *  - Before a spare page is written, `generation` changes. A reader compares it after each entry
 *    that it read, before it follows it, and starts again if it has changed. Nine attempts, then
 *    it takes the lock: the number of steps is bounded.
 *  - Where hardware must not meet two valid entries for one address (fmt->busy), an entry that is
 *    exchanged for another is absent in between, until flush() has run. Readers that find it so
 *    start again like those above; a guest's access that faults on it is repeated.
 *
 * A change goes down the tree once. For each entry that meets its range, decide() says what is to
 * happen; large leaves are split on the way down, and tables merged on the way up.
 */
#include "mm/s2.h"

#include "lib/atomic.h"
#include "lib/bits.h"
#include "lib/bug.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/frame.h"
#include "mm/heap.h"

#define S2_ENTRIES 512
#define S2_LEVELS 4
#define S2_LOOKUPS 9
#define S2_MFN_LIMIT BIT64(40)

/* What was removed and has not been told to anybody yet, because flush() comes first. */
struct s2_piece {
	u64 gfn, count;
	struct s2_entry e;
};

#define BATCH_PIECES 120
#define BATCH_TABLES 28

struct s2_batch {
	unsigned int piece_count, table_count;
	u64 *written; /* a run of entries that sync() has not seen */
	size_t written_count;
	void *tables[BATCH_TABLES]; /* cut off */
	struct s2_piece pieces[BATCH_PIECES];
};
static_assert(sizeof(struct s2_batch) <= PAGE_SIZE, "one page");

/* One entry of a table, as a change meets it. */
struct s2_slot {
	u64 *pte;
	u64 gfn; /* the first it translates */
	unsigned int level;
	bool whole; /* all it translates is in the range */
	bool is_table;
	hpa_t table;
	struct s2_entry cur; /* when it is not a table */
};

enum s2_todo {
	TODO_KEEP,
	TODO_REPORT,  /* stays as it is, and counts as replaced */
	TODO_REPLACE, /* by *want */
	TODO_DESCEND,
};

struct s2_op {
	struct s2 *s2;
	u64 start, end; /* gfns */
	enum s2_todo (*decide)(
		const struct s2_op *op, const struct s2_slot *at, struct s2_entry *want);
	struct s2_entry want; /* of `start`, for s2_map(); type and access, for s2_change() */
	u8 from;	      /* s2_change() */
	s2_old_fn *old;
	void *arg;
};

static const u8 s2_access_of[S2_TYPE_COUNT] = {
	[S2_RAM] = S2_RWX,
	[S2_RAM_RO] = S2_RX,
	[S2_MMIO] = S2_RW,
	[S2_MMIO_RO] = S2_R,
	[S2_SHARED] = S2_RW,
	[S2_FOREIGN] = S2_RW,
	[S2_GRANT_RW] = S2_RW,
	[S2_GRANT_RO] = S2_R,
	[S2_LOGDIRTY] = S2_RX,
};

static u64 s2_span(unsigned int level)
{
	return BIT64(9 * (level - 1));
}

static unsigned int s2_index(const struct s2 *s2, u64 gfn, unsigned int level)
{
	u64 index = gfn >> (9 * (level - 1));

	return (unsigned int)(level == s2->levels ? index : index % S2_ENTRIES);
}

static u64 *s2_table_va(hpa_t table)
{
	return heap_mfn_to_va(hpa_to_mfn(table));
}

/* --- a batch: what happens between changing entries and forgetting what they were --- */

static void s2_sync_written(struct s2 *s2)
{
	struct s2_batch *b = s2->batch;

	if (s2->sync && b->written_count != 0) {
		s2->sync(s2, b->written, b->written_count * sizeof(u64));
	}
	b->written_count = 0;
}

static void s2_write(struct s2 *s2, u64 *pte, u64 raw)
{
	struct s2_batch *b = s2->batch;

	__atomic_store_n(pte, raw, __ATOMIC_RELEASE); /* pairs with the acquire in s2_walk_to() */
	s2->pte_writes++;
	if (!s2->sync) {
		return;
	}
	if (b->written_count == 0 || pte != b->written + b->written_count) {
		s2_sync_written(s2);
		b->written = pte;
	}
	b->written_count++;
}

/* Writes an entry in place of one that the hardware may have cached: a table for a leaf, a leaf for
 * a table, or a leaf of other frames or another memory type. */
static void s2_exchange(struct s2 *s2, const struct s2_slot *at, u64 raw)
{
	if (s2->fmt->busy != 0) {
		s2_write(s2, at->pte, s2->fmt->busy);
		s2_sync_written(s2);
		if (s2->flush) {
			s2->flush(s2, GFN(at->gfn), s2_span(at->level));
		}
	}
	s2_write(s2, at->pte, raw);
}

static void s2_mark_stale(struct s2 *s2, u64 gfn, unsigned int level)
{
	if (s2->stale_start == s2->stale_end) {
		s2->stale_start = gfn;
		s2->stale_end = gfn + s2_span(level);
		return;
	}
	s2->stale_start = MIN(s2->stale_start, gfn);
	s2->stale_end = MAX(s2->stale_end, gfn + s2_span(level));
}

static void s2_spare_put(struct s2 *s2, void *table)
{
	*(void **)table = s2->spare;
	s2->spare = table;
	s2->spare_count++;
}

int s2_reserve(struct s2 *s2, u64 tables)
{
	int rc = 0;

	spin_lock(&s2->lock);
	while (s2->spare_count < tables && rc == 0) {
		void *table = heap_pages_alloc(s2->pool, 0);

		if (table) {
			s2_spare_put(s2, table);
		} else {
			rc = -ENOMEM;
		}
	}
	spin_unlock(&s2->lock);
	return rc;
}

/* Flushes, and only then reports what went away and lets its table pages be used again. */
static void s2_settle(struct s2_op *op)
{
	struct s2 *s2 = op->s2;
	struct s2_batch *b = s2->batch;

	s2_sync_written(s2);
	if (s2->stale_start != s2->stale_end && s2->flush) {
		s2->flush(s2, GFN(s2->stale_start), s2->stale_end - s2->stale_start);
	}
	s2->stale_start = 0;
	s2->stale_end = 0;
	for (unsigned int i = 0; i < b->piece_count; i++) {
		op->old(op->arg, GFN(b->pieces[i].gfn), &b->pieces[i].e, b->pieces[i].count);
	}
	b->piece_count = 0;
	if (b->table_count != 0) {
		WRITE_ONCE(s2->generation, s2->generation + 1);
		smp_wmb(); /* pairs with the barrier in s2_walk_to() */
	}
	while (b->table_count != 0) {
		s2_spare_put(s2, b->tables[--b->table_count]);
	}
}

/* A table that nothing points to any more. */
static void s2_cut_off(struct s2_op *op, void *table)
{
	struct s2_batch *b = op->s2->batch;

	if (b->table_count == BATCH_TABLES) {
		s2_settle(op);
	}
	b->tables[b->table_count++] = table;
	op->s2->table_count--;
}

/* A leaf at gfn went away, or the part of it that is in the range. */
static void s2_report(struct s2_op *op, u64 gfn, const struct s2_entry *e)
{
	struct s2_batch *b = op->s2->batch;
	struct s2_piece *p = &b->pieces[b->piece_count];
	u64 first = MAX(gfn, op->start);
	u64 count = MIN(gfn + BIT64(e->order), op->end) - first;
	u64 mfn = e->mfn.v + (first - gfn);

	if (!op->old) {
		return;
	}
	if (b->piece_count != 0 && p[-1].gfn + p[-1].count == first && p[-1].e.type == e->type &&
		p[-1].e.mfn.v + p[-1].count == mfn && p[-1].e.access == e->access) {
		p[-1].count += count;
		return;
	}
	if (b->piece_count == BATCH_PIECES) {
		s2_settle(op);
		p = b->pieces;
	}
	*p = (struct s2_piece){ .gfn = first, .count = count, .e = *e };
	p->e.mfn = MFN(mfn);
	b->piece_count++;
}

/* --- tables --- */

/* A page that is not zeroed; nobody reads it any more. */
static u64 *s2_table_get(struct s2 *s2)
{
	u64 *table = s2->spare;

	if (table) {
		s2->spare = *(void **)table;
		s2->spare_count--;
	} else {
		table = heap_pages_alloc(s2->pool, 0);
	}
	s2->table_count += table != NULL;
	return table;
}

static void s2_link_table(struct s2 *s2, const struct s2_slot *at, u64 *table)
{
	u64 raw = s2->fmt->encode_table(heap_va_to_hpa(table), at->level);

	if (s2->sync) {
		s2->sync(s2, table, PAGE_SIZE);
	}
	if (at->cur.type == S2_NONE) {
		s2_write(s2, at->pte, raw);
	} else {
		s2_exchange(s2, at, raw);
	}
}

/* The table below a hole or a large leaf, which goes on translating as before. */
static u64 *s2_split(struct s2 *s2, const struct s2_slot *at)
{
	u64 *table = s2_table_get(s2);
	struct s2_entry e = at->cur;

	if (!table) {
		return NULL;
	}
	if (e.type == S2_NONE) {
		memset(table, 0, PAGE_SIZE);
	} else {
		for (unsigned int i = 0; i < S2_ENTRIES; i++) {
			table[i] = s2->fmt->encode_leaf(&e, at->level - 1);
			e.mfn.v += s2_span(at->level - 1);
		}
		s2->pte_writes += S2_ENTRIES;
	}
	s2_link_table(s2, at, table);
	return table;
}

static struct s2_slot s2_slot_at(const struct s2_op *op, u64 *table, unsigned int level, u64 gfn)
{
	const struct s2_fmt *fmt = op->s2->fmt;
	struct s2_slot at = { .pte = &table[s2_index(op->s2, gfn, level)], .level = level };
	u64 raw = READ_ONCE(*at.pte);

	at.gfn = ALIGN_DOWN(gfn, s2_span(level));
	at.whole = op->start <= at.gfn && op->end >= at.gfn + s2_span(level);
	at.is_table = fmt->is_table(raw, level, &at.table);
	if (!at.is_table) {
		fmt->decode_leaf(raw, level, &at.cur);
	}
	return at;
}

static bool s2_same(const struct s2_entry *a, const struct s2_entry *b)
{
	return a->type == b->type && a->access == b->access && mfn_eq(a->mfn, b->mfn);
}

static bool s2_table_empty(const u64 *table)
{
	for (unsigned int i = 0; i < S2_ENTRIES; i++) {
		if (table[i] != 0) {
			return false;
		}
	}
	return true;
}

/* Is entry i the i-th part of `all`? Compared decoded: the hardware sets bits of its own. */
static bool s2_part_of(const struct s2_fmt *fmt, const u64 *table, unsigned int level,
	unsigned int i, const struct s2_entry *all)
{
	struct s2_entry e, want = *all;
	hpa_t ignored;

	if (fmt->is_table(table[i], level, &ignored)) {
		return false;
	}
	fmt->decode_leaf(table[i], level, &e);
	want.mfn.v += i * s2_span(level);
	return s2_same(&e, &want);
}

/* Do the entries of the table below `at` make up one leaf? */
static bool s2_mergeable(
	const struct s2 *s2, const struct s2_slot *at, const u64 *table, struct s2_entry *all)
{
	unsigned int below = at->level - 1;
	hpa_t ignored;

	if (at->level > s2->leaf_max || s2->fmt->is_table(table[0], below, &ignored)) {
		return false;
	}
	s2->fmt->decode_leaf(table[0], below, all);
	if (all->type == S2_NONE || !IS_ALIGNED(all->mfn.v, s2_span(at->level)) ||
		!s2_part_of(s2->fmt, table, below, S2_ENTRIES - 1, all)) {
		return false;
	}
	for (unsigned int i = 1; i < S2_ENTRIES - 1; i++) {
		if (!s2_part_of(s2->fmt, table, below, i, all)) {
			return false;
		}
	}
	return true;
}

/* After something below `at` changed: one leaf or a hole in place of the table, if that is all
 * that is left of it. */
static void s2_merge(struct s2_op *op, const struct s2_slot *at, u64 *table)
{
	struct s2 *s2 = op->s2;
	struct s2_entry all;

	if (s2_table_empty(table)) {
		s2_write(s2, at->pte, 0);
	} else if (s2_mergeable(s2, at, table, &all)) {
		s2_exchange(s2, at, s2->fmt->encode_leaf(&all, at->level));
	} else {
		return;
	}
	s2_mark_stale(s2, at->gfn, at->level);
	s2_cut_off(op, table);
}

/* --- changes --- */

static void s2_report_table(struct s2_op *op, u64 *table, unsigned int level, u64 gfn)
{
	const struct s2_fmt *fmt = op->s2->fmt;

	for (unsigned int i = 0; i < S2_ENTRIES; i++, gfn += s2_span(level)) {
		struct s2_entry e;
		hpa_t below;

		if (fmt->is_table(table[i], level, &below)) {
			s2_report_table(op, s2_table_va(below), level - 1, gfn);
			continue;
		}
		fmt->decode_leaf(table[i], level, &e);
		if (e.type != S2_NONE) {
			s2_report(op, gfn, &e);
		}
	}
	s2_cut_off(op, table);
}

/* Both lead to the same place in the same way, rights apart. */
static bool s2_same_place(const struct s2_entry *old, const struct s2_entry *new)
{
	bool old_device = old->type == S2_MMIO || old->type == S2_MMIO_RO;
	bool new_device = new->type == S2_MMIO || new->type == S2_MMIO_RO;

	return mfn_eq(old->mfn, new->mfn) && old_device == new_device;
}

/* Nothing that a TLB may hold of the old entry is wrong with the new one. */
static bool s2_only_loosened(const struct s2_entry *old, const struct s2_entry *new)
{
	return new->type != S2_NONE &&s2_same_place(old, new) && (old->access & ~new->access) == 0;
}

static void s2_replace(struct s2_op *op, const struct s2_slot *at, const struct s2_entry *want)
{
	struct s2 *s2 = op->s2;

	if (want->type == S2_NONE) {
		s2_write(s2, at->pte, 0);
	} else if (at->is_table || (at->cur.type != S2_NONE && !s2_same_place(&at->cur, want))) {
		s2_exchange(s2, at, s2->fmt->encode_leaf(want, at->level));
	} else {
		s2_write(s2, at->pte, s2->fmt->encode_leaf(want, at->level));
	}
	if (at->is_table) {
		s2_mark_stale(s2, at->gfn, at->level);
		s2_report_table(op, s2_table_va(at->table), at->level - 1, at->gfn);
	} else if (at->cur.type != S2_NONE) {
		if (!s2_only_loosened(&at->cur, want)) {
			s2_mark_stale(s2, at->gfn, at->level);
		}
		s2_report(op, at->gfn, &at->cur);
	}
}

static int s2_update(struct s2_op *op, u64 *table, unsigned int level, u64 gfn, u64 end);

static int s2_update_below(struct s2_op *op, const struct s2_slot *at)
{
	u64 *table = at->is_table ? s2_table_va(at->table) : s2_split(op->s2, at);
	int err;

	if (!table) {
		return -ENOMEM;
	}
	err = s2_update(op, table, at->level - 1, MAX(at->gfn, op->start),
		MIN(at->gfn + s2_span(at->level), op->end));
	s2_merge(op, at, table);
	return err;
}

static int s2_update(struct s2_op *op, u64 *table, unsigned int level, u64 gfn, u64 end)
{
	int err = 0;

	while (gfn < end && !err) {
		struct s2_slot at = s2_slot_at(op, table, level, gfn);
		struct s2_entry want = { 0 };

		switch (op->decide(op, &at, &want)) {
		case TODO_KEEP:
			break;
		case TODO_REPORT:
			s2_report(op, at.gfn, &at.cur);
			break;
		case TODO_REPLACE:
			s2_replace(op, &at, &want);
			break;
		case TODO_DESCEND:
			err = s2_update_below(op, &at);
			break;
		}
		gfn = at.gfn + s2_span(level);
	}
	return err;
}

static int s2_run(struct s2_op *op)
{
	struct s2 *s2 = op->s2;
	int err;

	spin_lock(&s2->lock);
	err = s2_update(op, s2->root, s2->levels, op->start, op->end);
	s2_settle(op);
	spin_unlock(&s2->lock);
	return err;
}

static enum s2_todo s2_decide_map(
	const struct s2_op *op, const struct s2_slot *at, struct s2_entry *want)
{
	u64 mfn = op->want.mfn.v +
		  (at->gfn - op->start); /* may be too low by the part before start */
	bool same = !at->is_table && at->cur.type == op->want.type &&
		    at->cur.access == op->want.access && at->cur.mfn.v == mfn;

	if (same) {
		return TODO_REPORT;
	}
	if (!at->whole || at->level > op->s2->leaf_max || !IS_ALIGNED(mfn, s2_span(at->level))) {
		return TODO_DESCEND;
	}
	*want = op->want;
	want->mfn = MFN(mfn);
	return TODO_REPLACE;
}

static enum s2_todo s2_decide_unmap(
	const struct s2_op *op, const struct s2_slot *at, struct s2_entry *want)
{
	if (!at->is_table && at->cur.type == S2_NONE) {
		return TODO_KEEP;
	}
	return at->whole ? TODO_REPLACE : TODO_DESCEND;
}

static enum s2_todo s2_decide_change(
	const struct s2_op *op, const struct s2_slot *at, struct s2_entry *want)
{
	if (at->is_table) {
		return TODO_DESCEND;
	}
	if (at->cur.type != op->from) {
		return TODO_KEEP;
	}
	if (!at->whole) {
		return TODO_DESCEND;
	}
	*want = op->want;
	want->mfn = at->cur.mfn;
	return TODO_REPLACE;
}

/* What the format makes of an entry: some cannot express every type and right. */
static struct s2_entry s2_normal(const struct s2 *s2, const struct s2_entry *e)
{
	struct s2_entry n;

	s2->fmt->decode_leaf(s2->fmt->encode_leaf(e, 1), 1, &n);
	return n;
}

static bool s2_range_ok(const struct s2 *s2, gfn_t gfn, u64 count)
{
	return gfn.v <= s2_limit(s2) && count <= s2_limit(s2) - gfn.v;
}

int s2_map(struct s2 *s2, gfn_t gfn, mfn_t mfn, u64 count, enum s2_type type, unsigned int access,
	s2_old_fn *old, void *arg)
{
	struct s2_entry e = { .mfn = mfn, .type = (u8)type };
	struct s2_op op = { .s2 = s2, .decide = s2_decide_map, .old = old, .arg = arg };

	if (!s2_range_ok(s2, gfn, count) || mfn.v > S2_MFN_LIMIT || count > S2_MFN_LIMIT - mfn.v ||
		type == S2_NONE || type >= S2_TYPE_COUNT || access > S2_RWX) {
		return -EINVAL;
	}
	e.access = (u8)(access != 0 ? access : s2_access_of[type]);
	e.mfn.v += count - 1;
	op.want = s2_normal(s2, &e);
	if (count != 0 && !mfn_eq(op.want.mfn, e.mfn)) {
		return -EINVAL;
	}
	op.want.mfn = mfn;
	op.start = gfn.v;
	op.end = gfn.v + count;
	return s2_run(&op);
}

int s2_unmap(struct s2 *s2, gfn_t gfn, u64 count, s2_old_fn *old, void *arg)
{
	struct s2_op op = { .s2 = s2, .decide = s2_decide_unmap, .old = old, .arg = arg };

	op.start = MIN(gfn.v, s2_limit(s2));
	op.end = op.start + MIN(count, s2_limit(s2) - op.start);
	return s2_run(&op);
}

int s2_change(struct s2 *s2, gfn_t gfn, u64 count, enum s2_type from, enum s2_type to)
{
	struct s2_entry e = { .type = (u8)to };
	struct s2_op op = { .s2 = s2, .decide = s2_decide_change, .from = (u8)from };

	if (!s2_range_ok(s2, gfn, count) || from == S2_NONE || to == S2_NONE ||
		to >= S2_TYPE_COUNT) {
		return -EINVAL;
	}
	e.access = s2_access_of[to];
	op.want = s2_normal(s2, &e);
	op.start = gfn.v;
	op.end = gfn.v + count;
	return s2_run(&op);
}

/* --- looking --- */

/* Goes down to the leaf or hole at gfn. False: a table page on the way was taken out of use, or an
 * entry is being exchanged. */
static bool s2_walk_to(const struct s2 *s2, u64 gfn, u32 generation, struct s2_entry *e)
{
	const u64 *table = s2->root;

	for (unsigned int level = s2->levels;; level--) {
		u64 raw = __atomic_load_n(&table[s2_index(s2, gfn, level)], __ATOMIC_ACQUIRE);
		hpa_t below;

		smp_rmb(); /* pairs with the barrier in s2_settle() */
		if (READ_ONCE(s2->generation) != generation || (raw != 0 && raw == s2->fmt->busy)) {
			return false;
		}
		if (!s2->fmt->is_table(raw, level, &below)) {
			s2->fmt->decode_leaf(raw, level, e);
			return true;
		}
		table = s2_table_va(below);
	}
}

static void s2_walk_locked(const struct s2 *s2, u64 gfn, struct s2_entry *e)
{
	if (!s2_walk_to(s2, gfn, READ_ONCE(s2->generation), e)) {
		BUG();
	}
}

struct s2_entry s2_lookup(struct s2 *s2, gfn_t gfn)
{
	struct s2_entry e = { .order = FRAME_ORDER_MAX };
	bool found = gfn.v >= s2_limit(s2);

	for (unsigned int i = 0; i < S2_LOOKUPS && !found; i++) {
		u32 generation = __atomic_load_n(&s2->generation, __ATOMIC_ACQUIRE);

		found = s2_walk_to(s2, gfn.v, generation, &e);
	}
	/* Whoever holds the lock itself never gets here, unless from flush() while an entry is
	 * exchanged, where nobody looks: nobody else changes the generation. */
	if (!found) {
		spin_lock(&s2->lock);
		s2_walk_locked(s2, gfn.v, &e);
		spin_unlock(&s2->lock);
	}
	if (e.type != S2_NONE) {
		e.mfn.v += gfn.v % BIT64(e.order);
	}
	return e;
}

bool s2_walk(struct s2 *s2, gfn_t *start, gfn_t end, unsigned int budget,
	void (*fn)(void *arg, gfn_t gfn, const struct s2_entry *e), void *arg)
{
	u64 last = MIN(end.v, s2_limit(s2));

	spin_lock(&s2->lock);
	while (start->v < last && budget > 0) {
		struct s2_entry e;
		u64 inside;

		s2_walk_locked(s2, start->v, &e);
		inside = start->v % BIT64(e.order);
		if (e.type != S2_NONE) {
			e.mfn.v += inside;
			fn(arg, *start, &e);
		}
		start->v += BIT64(e.order) - inside;
		budget--;
	}
	spin_unlock(&s2->lock);
	return start->v >= last;
}

/* --- the end --- */

/* Removes the leaf at gfn, and each table that ends there; the next gfn. */
static u64 s2_drain_step(struct s2_op *op, u64 gfn)
{
	struct s2_slot path[S2_LEVELS + 1];
	unsigned int level = op->s2->levels;
	u64 *table = op->s2->root;

	for (;; level--) {
		path[level] = s2_slot_at(op, table, level, gfn);
		if (!path[level].is_table) {
			break;
		}
		table = s2_table_va(path[level].table);
	}
	if (path[level].cur.type != S2_NONE) {
		s2_replace(op, &path[level], &(struct s2_entry){ .type = S2_NONE });
	}
	gfn = path[level].gfn + s2_span(level);
	while (++level <= op->s2->levels && IS_ALIGNED(gfn, s2_span(level))) {
		s2_merge(op, &path[level], s2_table_va(path[level].table));
	}
	return gfn;
}

static bool s2_free_spares(struct s2 *s2, unsigned int budget)
{
	while (s2->spare && budget-- > 0) {
		void *next = *(void **)s2->spare;

		heap_pages_free(s2->pool, s2->spare, 0);
		s2->spare = next;
		s2->spare_count--;
	}
	return s2->spare == NULL;
}

bool s2_drain(struct s2 *s2, gfn_t *start, unsigned int budget, s2_old_fn *old, void *arg)
{
	struct s2_op op = { .s2 = s2, .end = s2_limit(s2), .old = old, .arg = arg };
	bool clean;

	spin_lock(&s2->lock);
	clean = s2_free_spares(s2, budget);
	while (clean && start->v < op.end && budget > 0) {
		start->v = s2_drain_step(&op, start->v);
		budget--;
	}
	s2_settle(&op);
	clean = s2_free_spares(s2, BATCH_TABLES);
	spin_unlock(&s2->lock);
	return clean && start->v >= op.end;
}

static unsigned int s2_root_entries(const struct s2 *s2)
{
	return S2_ENTRIES << s2->root_order;
}

/* Frees the table that entry i points to, if it does, with all below it. */
static void s2_destroy_below(struct s2 *s2, const u64 *table, unsigned int i, unsigned int level)
{
	hpa_t below;

	if (!s2->fmt->is_table(table[i], level, &below)) {
		return;
	}
	for (unsigned int k = 0; k < S2_ENTRIES; k++) {
		s2_destroy_below(s2, s2_table_va(below), k, level - 1);
	}
	heap_pages_free(s2->pool, s2_table_va(below), 0);
	s2->table_count--;
}

void s2_destroy(struct s2 *s2)
{
	s2_free_spares(s2, ~0U);
	for (unsigned int i = 0; i < s2_root_entries(s2); i++) {
		s2_destroy_below(s2, s2->root, i, s2->levels);
	}
	heap_pages_free(s2->pool, s2->root, s2->root_order);
	s2->table_count--;
	heap_pages_free(s2->pool, s2->batch, 0);
	s2->root = NULL;
	s2->batch = NULL;
}

int s2_init(struct s2 *s2, const struct s2_fmt *fmt, unsigned int levels, unsigned int leaf_max,
	struct pool *pool, enum lock_rank rank)
{
	return s2_init_wide(s2, fmt, levels, 0, leaf_max, pool, rank);
}

int s2_init_wide(struct s2 *s2, const struct s2_fmt *fmt, unsigned int levels,
	unsigned int root_order, unsigned int leaf_max, struct pool *pool, enum lock_rank rank)
{
	if (levels < 2 || levels > MIN(fmt->levels_max, (u8)S2_LEVELS) || leaf_max == 0 ||
		root_order > S2_ROOT_ORDER_MAX) {
		return -EINVAL;
	}
	*s2 = (struct s2){
		.fmt = fmt, .pool = pool, .levels = (u8)levels, .root_order = (u8)root_order
	};
	s2->leaf_max = (u8)MIN(leaf_max, (unsigned int)fmt->leaf_max);
	spin_init(&s2->lock, rank);
	s2->batch = heap_pages_alloc(pool, 0);
	s2->root = heap_pages_alloc(pool, root_order);
	if (!s2->batch || !s2->root) {
		heap_pages_free(pool, s2->batch, 0);
		heap_pages_free(pool, s2->root, root_order);
		return -ENOMEM;
	}
	s2->root_pa = heap_va_to_hpa(s2->root);
	s2->table_count = 1;
	return 0;
}
