/* SPDX-License-Identifier: GPL-2.0-only */
/* Long division for lib/rate.h. */
#include "lib/rate.h"

struct rate rate_from_ratio(u64 num, u64 den)
{
	struct rate r = { .whole = num / den };
	u64 rest = num % den;

	for (unsigned int i = 0; i < 64; i++) {
		/* 2 * rest >= den, without the bit that the product may lose */
		bool one = rest >= den - rest;

		rest = one ? rest - (den - rest) : rest + rest;
		r.fraction = r.fraction << 1 | one;
	}
	return r;
}
