/* SPDX-License-Identifier: GPL-2.0-only */
/* Walks, fills and empties the hypervisor's page tables; keeps a stock of table pages. */
#include "mm/hvpt.h"

#include "lib/bug.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/frame.h"

#define ENTRIES 512
#define ENTRY_ADDR 0x000ffffffffff000ULL
#define LEVELS 4
#define TABLES_LOW 8 /* take another chunk when fewer are left */

static unsigned int level_shift(unsigned int level)
{
	return PAGE_SHIFT + 9 * (level - 1);
}

static u64 level_size(unsigned int level)
{
	return BIT64(level_shift(level));
}

static unsigned int level_index(u64 va, unsigned int level)
{
	return (va >> level_shift(level)) % ENTRIES;
}

static bool entry_is_leaf(const struct hvpt *t, u64 entry, unsigned int level)
{
	return level == 1 || (entry & t->fmt->leaf_mask) == t->fmt->leaf;
}

static bool entry_is_table(const struct hvpt *t, u64 entry, unsigned int level)
{
	return (entry & t->fmt->present) != 0 && !entry_is_leaf(t, entry, level);
}

/* --- table pages --- */

u64 hvpt_pa(const struct hvpt *t, const void *at)
{
	u64 va = (uintptr_t)at;

	if (va - t->image_va < t->image_size) {
		return va - t->image_va + t->image_pa;
	}
	return va - arch_heap_base;
}

static u64 *table_va(const struct hvpt *t, u64 entry)
{
	u64 pa = entry & ENTRY_ADDR;

	if (pa - t->image_pa < t->image_size) {
		return (u64 *)(uintptr_t)(pa - t->image_pa + t->image_va);
	}
	return (u64 *)(uintptr_t)(pa + arch_heap_base);
}

static u64 *table_alloc(struct hvpt *t)
{
	u64 *table = t->spare;

	if (t->spare_count == 0) {
		return NULL;
	}
	t->spare += ENTRIES;
	t->spare_count--;
	memset(table, 0, PAGE_SIZE);
	return table;
}

u64 *hvpt_walk(struct hvpt *t, u64 va, unsigned int level, bool make)
{
	u64 *table = t->root;

	for (unsigned int l = LEVELS; l > level; l--) {
		u64 *e = &table[level_index(va, l)];

		if ((*e & t->fmt->present) == 0) {
			u64 *new = make ? table_alloc(t) : NULL;

			if (!new) {
				return NULL;
			}
			/* Release: a walk by hardware finds the new table empty. */
			__atomic_store_n(e, hvpt_pa(t, new) | t->fmt->table, __ATOMIC_RELEASE);
		} else if (entry_is_leaf(t, *e, l)) {
			return NULL;
		}
		table = table_va(t, *e);
	}
	return &table[level_index(va, level)];
}

/* --- mapping --- */

static unsigned int best_level(const struct hvpt *t, u64 va, u64 pa, u64 size)
{
	for (unsigned int level = t->leaf_max; level > 1; level--) {
		if (IS_ALIGNED(va | pa, level_size(level)) && size >= level_size(level)) {
			return level;
		}
	}
	return 1;
}

static u64 leaf_encode(const struct hvpt *t, u64 pa, unsigned int level, enum hv_prot prot)
{
	return pa | t->fmt->prot[prot] | (level > 1 ? t->fmt->block : t->fmt->page);
}

/*
 * Maps the first piece of a range, which is as long as leaves of one size go in one table; returns
 * its bytes, 0: no memory. Where a table of an earlier mapping stands, smaller leaves go into it.
 */
static u64 map_piece(struct hvpt *t, u64 va, u64 pa, u64 size, enum hv_prot prot)
{
	unsigned int level = best_level(t, va, pa, size);
	u64 *e = hvpt_walk(t, va, level, true);
	u64 done = 0, step;

	while (e && entry_is_table(t, *e, level)) {
		e = hvpt_walk(t, va, --level, true);
	}
	if (!e) {
		return 0;
	}
	step = level_size(level);
	ASSERT((*e & t->fmt->present) == 0);
	do {
		WRITE_ONCE(*e, leaf_encode(t, pa + done, level, prot));
		done += step;
		e++;
	} while (size - done >= step && level_index(va + done, level) != 0 &&
		 (*e & t->fmt->present) == 0);
	return done;
}

/* Bytes that were mapped: size, or less for want of memory. */
static u64 map_range(struct hvpt *t, u64 va, u64 pa, u64 size, enum hv_prot prot)
{
	u64 done = 0, piece;

	spin_lock(&t->lock);
	do {
		piece = map_piece(t, va + done, pa + done, size - done, prot);
		done += piece;
	} while (piece != 0 && done < size);
	spin_unlock(&t->lock);
	if (t->added) {
		t->added();
	}
	return done;
}

/*
 * Before the lock is taken, since frame_alloc() may come back here to map a slice of the frame
 * table: then, and while another CPU is at it, the tables that are left must do.
 */
static void refill(struct hvpt *t)
{
	mfn_t chunk;
	u64 pa;

	if (READ_ONCE(t->spare_count) >= TABLES_LOW ||
		__atomic_exchange_n(&t->refilling, true, __ATOMIC_ACQUIRE)) {
		return;
	}
	chunk = frame_alloc(ORDER_2M, FRAME_BELOW_4T, FRAME_HEAP, 0);
	if (!mfn_eq(chunk, MFN_INVALID)) {
		pa = mfn_to_hpa(chunk).v;
		if (map_range(t, arch_heap_base + pa, pa, MiB(2), HV_RW) == MiB(2)) {
			spin_lock(&t->lock);
			/* The few left in the old one are lost. */
			t->spare = (u64 *)(uintptr_t)(arch_heap_base + pa);
			t->spare_count = ENTRIES;
			spin_unlock(&t->lock);
		} else {
			frame_free(chunk, ENTRIES);
		}
	}
	__atomic_store_n(&t->refilling, false, __ATOMIC_RELEASE);
}

int hvpt_map(struct hvpt *t, u64 va, hpa_t pa, u64 size, enum hv_prot prot)
{
	u64 done;

	refill(t);
	done = map_range(t, va, pa.v, size, prot);
	if (done < size) {
		hvpt_unmap(t, va, done);
		return -ENOMEM;
	}
	return 0;
}

/* Empties the leaf at va, if there is one; returns where the next may begin. */
static u64 unmap_piece(struct hvpt *t, u64 va)
{
	u64 *table = t->root;

	for (unsigned int level = LEVELS; level >= 1; level--) {
		u64 *e = &table[level_index(va, level)];

		if (!entry_is_table(t, *e, level)) {
			WRITE_ONCE(*e, 0);
			return ALIGN_DOWN(va, level_size(level)) + level_size(level);
		}
		table = table_va(t, *e);
	}
	unreachable();
}

void hvpt_unmap(struct hvpt *t, u64 va, u64 size)
{
	if (size == 0) {
		return;
	}
	spin_lock(&t->lock);
	for (u64 at = va; at - va < size;) {
		at = unmap_piece(t, at);
	}
	spin_unlock(&t->lock);
	t->flush(va, size);
}
