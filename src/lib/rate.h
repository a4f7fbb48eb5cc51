/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Conversion between rates by two multiplications, exact to one unit over the whole range of 64
 * bits: for clocks that run for years. Pure. (lib/scaled.h is the coarser form that guests know.)
 */
#ifndef LIB_RATE_H
#define LIB_RATE_H

#include "lib/compiler.h"

/* whole + fraction / 2^64 */
struct rate {
	u64 whole, fraction;
};

/* num / den, rounded down; den is not 0. */
struct rate rate_from_ratio(u64 num, u64 den);

/* The high half of the product, for machines without 128-bit arithmetic. */
static inline u64 rate_mul_high_parts(u64 a, u64 b)
{
	u64 al = (u32)a, ah = a >> 32, bl = (u32)b, bh = b >> 32;
	u64 middle = ah * bl + (al * bl >> 32);

	return ah * bh + (middle >> 32) + ((al * bh + (u32)middle) >> 32);
}

#ifdef __SIZEOF_INT128__
static inline u64 rate_mul_high(u64 a, u64 b)
{
	return (u64)((unsigned __int128)a * b >> 64);
}
#else
#define rate_mul_high rate_mul_high_parts
#endif

/* value * r, rounded down, modulo 2^64; at most 1 below what the exact ratio would give. */
static inline u64 rate_apply(u64 value, struct rate r)
{
	return value * r.whole + rate_mul_high(value, r.fraction);
}

#endif
