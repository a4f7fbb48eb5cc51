/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A set of u64 kept as sorted, disjoint, non-adjacent ranges in an array that the caller supplies:
 * I/O port and MMIO permissions, memory maps. No allocation, no locking: the caller serialises.
 */
#ifndef LIB_RANGESET_H
#define LIB_RANGESET_H

#include "lib/compiler.h"

/* Both ends included: the whole of 0..2^64-1 can be expressed, the empty range cannot. */
struct range {
	u64 start;
	u64 end;
};

struct rangeset {
	struct range *ranges;
	size_t count;
	size_t capacity;
};

/* An empty set over @capacity entries at @ranges, which must outlive it. */
void rangeset_init(struct rangeset *rs, struct range *ranges, size_t capacity);

/*
 * Adds or removes @start to @end. -EINVAL when start > end; -ENOSPC when the result would need more
 * ranges than there is room for (removing splits). The set is unchanged after an error.
 */
int __must_check rangeset_add(struct rangeset *rs, u64 start, u64 end);
int __must_check rangeset_remove(struct rangeset *rs, u64 start, u64 end);

/* Is all, or any, of @start to @end in the set? False when start > end. */
bool rangeset_contains(const struct rangeset *rs, u64 start, u64 end);
bool rangeset_overlaps(const struct rangeset *rs, u64 start, u64 end);

/*
 * The first stretch at or above @from that is not in the set, as long as it goes; it starts at
 * @from itself when that is not in the set. False when everything from there on is.
 */
bool rangeset_next_gap(const struct rangeset *rs, u64 from, struct range *gap);

static inline bool rangeset_empty(const struct rangeset *rs)
{
	return rs->count == 0;
}

#define rangeset_for_each(r, rs) for ((r) = (rs)->ranges; (r) < (rs)->ranges + (rs)->count; (r)++)

#endif
