/* SPDX-License-Identifier: GPL-2.0-only */
/* Arithmetic on the bits of one word: positions, powers of two, fields, byte order. Pure. */
#ifndef LIB_BITS_H
#define LIB_BITS_H

#include "lib/compiler.h"

/* The bits @hi down to @lo, both included (63 >= hi >= lo): a constant expression. */
#define mask64(hi, lo) ((~0ULL >> (63 - (hi))) & (~0ULL << (lo)))

/* The field that the contiguous @mask selects: out of @reg, and moved into place. */
#define field_get(mask, reg) (((u64)(reg) & (u64)(mask)) >> __builtin_ctzll(mask))
#define field_put(mask, val) (((u64)(val) << __builtin_ctzll(mask)) & (u64)(mask))

/* @reg with that field replaced. */
static inline u64 field_set(u64 reg, u64 mask, u64 val)
{
	return (reg & ~mask) | field_put(mask, val);
}

/* Number of the lowest or highest set bit, counted from 1; 0 when none is set. */
static inline unsigned int ffs64(u64 x)
{
	return (unsigned int)__builtin_ffsll((long long)x);
}

static inline unsigned int fls64(u64 x)
{
	return x == 0 ? 0 : 64 - (unsigned int)__builtin_clzll(x);
}

/* The power of two at or below @x; @x must not be 0. */
static inline unsigned int ilog2(u64 x)
{
	return 63 - (unsigned int)__builtin_clzll(x);
}

/* The power of two at or above @x; 0 for 0 and 1. */
static inline unsigned int ilog2_up(u64 x)
{
	return x <= 1 ? 0 : fls64(x - 1);
}

static inline bool is_pow2(u64 x)
{
	return x != 0 && (x & (x - 1)) == 0;
}

/* The smallest power of two that is not below @x; @x must not exceed 2^63. */
static inline u64 roundup_pow2(u64 x)
{
	return 1ULL << ilog2_up(x);
}

/* The smallest order whose 2^order pages hold @bytes, or @pages. */
static inline unsigned int order_of_pages(u64 pages)
{
	return ilog2_up(pages);
}

static inline unsigned int order_of_bytes(u64 bytes)
{
	return bytes == 0 ? 0 : ilog2_up(((bytes - 1) >> PAGE_SHIFT) + 1);
}

static inline unsigned int popcount64(u64 x)
{
	return (unsigned int)__builtin_popcountll(x);
}

static inline u16 bswap16(u16 x)
{
	return __builtin_bswap16(x);
}

static inline u32 bswap32(u32 x)
{
	return __builtin_bswap32(x);
}

static inline u64 bswap64(u64 x)
{
	return __builtin_bswap64(x);
}

/* Device trees and network headers are big-endian. */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define be16_to_cpu(x) bswap16(x)
#define be32_to_cpu(x) bswap32(x)
#define be64_to_cpu(x) bswap64(x)
#else
#error "no big-endian host is supported"
#endif

#endif
