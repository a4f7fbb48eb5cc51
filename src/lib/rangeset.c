/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sorted ranges in the caller's array. Between calls: start <= end in each, and at least one value
 * lies between neighbours. An operation that fails must leave the set as it was.
 */
#include "lib/rangeset.h"
#include "lib/errno.h"
#include "lib/string.h"

void rangeset_init(struct rangeset *rs, struct range *ranges, size_t capacity)
{
	*rs = (struct rangeset){ .ranges = ranges, .capacity = capacity };
}

/* Index of the first range that ends at or above @v; count when there is none. */
static size_t rangeset_search(const struct rangeset *rs, u64 v)
{
	size_t lo = 0, hi = rs->count;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (rs->ranges[mid].end < v) {
			lo = mid + 1;
		} else {
			hi = mid;
		}
	}
	return lo;
}

/* Replaces ranges [i, j) by room for @n new ones at i. */
static int rangeset_splice(struct rangeset *rs, size_t i, size_t j, size_t n)
{
	size_t count = rs->count - (j - i) + n;

	if (count > rs->capacity) {
		return -ENOSPC;
	}
	memmove(rs->ranges + i + n, rs->ranges + j, (rs->count - j) * sizeof(*rs->ranges));
	rs->count = count;
	return 0;
}

int rangeset_add(struct rangeset *rs, u64 start, u64 end)
{
	struct range r = { start, end };
	size_t i, j;
	int err;

	if (start > end) {
		return -EINVAL;
	}
	/* Ranges [i, j) touch or overlap the new one, and merge with it. */
	i = rangeset_search(rs, start == 0 ? 0 : start - 1);
	for (j = i; j < rs->count; j++) {
		if (rs->ranges[j].start > end && rs->ranges[j].start - end > 1) {
			break;
		}
		r.start = MIN(r.start, rs->ranges[j].start);
		r.end = MAX(r.end, rs->ranges[j].end);
	}
	err = rangeset_splice(rs, i, j, 1);
	if (err == 0) {
		rs->ranges[i] = r;
	}
	return err;
}

int rangeset_remove(struct rangeset *rs, u64 start, u64 end)
{
	struct range left[2];
	size_t i, j, n = 0;
	int err;

	if (start > end) {
		return -EINVAL;
	}
	/* Of the ranges [i, j) that overlap, what sticks out below and above is left. */
	i = rangeset_search(rs, start);
	for (j = i; j < rs->count && rs->ranges[j].start <= end; j++) {
		if (rs->ranges[j].start < start) {
			left[n++] = (struct range){ rs->ranges[j].start, start - 1 };
		}
		if (rs->ranges[j].end > end) {
			left[n++] = (struct range){ end + 1, rs->ranges[j].end };
		}
	}
	err = rangeset_splice(rs, i, j, n);
	if (err == 0) {
		memcpy(rs->ranges + i, left, n * sizeof(*left));
	}
	return err;
}

bool rangeset_contains(const struct rangeset *rs, u64 start, u64 end)
{
	size_t i = rangeset_search(rs, end);

	return start <= end && i < rs->count && rs->ranges[i].start <= start;
}

bool rangeset_overlaps(const struct rangeset *rs, u64 start, u64 end)
{
	size_t i = rangeset_search(rs, start);

	return start <= end && i < rs->count && rs->ranges[i].start <= end;
}

bool rangeset_next_gap(const struct rangeset *rs, u64 from, struct range *gap)
{
	size_t i = rangeset_search(rs, from);

	if (i < rs->count && rs->ranges[i].start <= from) {
		if (rs->ranges[i].end == UINT64_MAX) {
			return false;
		}
		from = rs->ranges[i++].end + 1;
	}
	gap->start = from;
	gap->end = i < rs->count ? rs->ranges[i].start - 1 : UINT64_MAX;
	return true;
}
