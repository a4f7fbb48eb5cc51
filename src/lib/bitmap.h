/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Arrays of unsigned long as sets of bit numbers, bit 0 lowest. Plain operations need the caller's
 * lock; those named _atomic do not, and are full barriers. Bits at and above the given size are
 * never looked at, and never changed by an operation that takes a size.
 */
#ifndef LIB_BITMAP_H
#define LIB_BITMAP_H

#include "lib/compiler.h"

#define BITS_PER_LONG (8 * sizeof(unsigned long))
#define BITMAP_LONGS(bits) DIV_ROUND_UP((size_t)(bits), BITS_PER_LONG)

/* BITMAP(name, 64); declares a variable or member for that many bits. */
#define BITMAP(name, bits) unsigned long name[BITMAP_LONGS(bits)]

static inline unsigned long bitmap_mask(size_t bit)
{
	return 1UL << (bit % BITS_PER_LONG);
}

static inline bool bitmap_test(const unsigned long *map, size_t bit)
{
	return (READ_ONCE(map[bit / BITS_PER_LONG]) & bitmap_mask(bit)) != 0;
}

static inline void bitmap_set(unsigned long *map, size_t bit)
{
	map[bit / BITS_PER_LONG] |= bitmap_mask(bit);
}

static inline void bitmap_clear(unsigned long *map, size_t bit)
{
	map[bit / BITS_PER_LONG] &= ~bitmap_mask(bit);
}

/* The bit's former value. */
static inline bool bitmap_test_and_set(unsigned long *map, size_t bit)
{
	bool was = bitmap_test(map, bit);

	bitmap_set(map, bit);
	return was;
}

static inline bool bitmap_test_and_clear(unsigned long *map, size_t bit)
{
	bool was = bitmap_test(map, bit);

	bitmap_clear(map, bit);
	return was;
}

/* Sequentially consistent, each of the four. */
static inline bool bitmap_test_and_set_atomic(unsigned long *map, size_t bit)
{
	unsigned long mask = bitmap_mask(bit);

	return (__atomic_fetch_or(&map[bit / BITS_PER_LONG], mask, __ATOMIC_SEQ_CST) & mask) != 0;
}

static inline bool bitmap_test_and_clear_atomic(unsigned long *map, size_t bit)
{
	unsigned long mask = bitmap_mask(bit);

	return (__atomic_fetch_and(&map[bit / BITS_PER_LONG], ~mask, __ATOMIC_SEQ_CST) & mask) != 0;
}

static inline void bitmap_set_atomic(unsigned long *map, size_t bit)
{
	__atomic_fetch_or(&map[bit / BITS_PER_LONG], bitmap_mask(bit), __ATOMIC_SEQ_CST);
}

static inline void bitmap_clear_atomic(unsigned long *map, size_t bit)
{
	__atomic_fetch_and(&map[bit / BITS_PER_LONG], ~bitmap_mask(bit), __ATOMIC_SEQ_CST);
}

/* The lowest set or clear bit at or above @from and below @size; @size when there is none. */
size_t bitmap_find_next(const unsigned long *map, size_t size, size_t from);
size_t bitmap_find_next_zero(const unsigned long *map, size_t size, size_t from);

static inline size_t bitmap_find_first(const unsigned long *map, size_t size)
{
	return bitmap_find_next(map, size, 0);
}

static inline size_t bitmap_find_first_zero(const unsigned long *map, size_t size)
{
	return bitmap_find_next_zero(map, size, 0);
}

static inline bool bitmap_empty(const unsigned long *map, size_t size)
{
	return bitmap_find_first(map, size) == size;
}

static inline bool bitmap_full(const unsigned long *map, size_t size)
{
	return bitmap_find_first_zero(map, size) == size;
}

/* Sets or clears bits @start to @start + @count - 1. */
void bitmap_set_range(unsigned long *map, size_t start, size_t count);
void bitmap_clear_range(unsigned long *map, size_t start, size_t count);

/* How many of the bits below @size are set. */
size_t bitmap_weight(const unsigned long *map, size_t size);

/* Whole sets, bits 0 to @size - 1. @dst may be one of the operands. */
void bitmap_copy(unsigned long *dst, const unsigned long *src, size_t size);
void bitmap_and(unsigned long *dst, const unsigned long *a, const unsigned long *b, size_t size);
void bitmap_or(unsigned long *dst, const unsigned long *a, const unsigned long *b, size_t size);
void bitmap_andnot(unsigned long *dst, const unsigned long *a, const unsigned long *b, size_t size);
bool bitmap_equal(const unsigned long *a, const unsigned long *b, size_t size);
bool bitmap_intersects(const unsigned long *a, const unsigned long *b, size_t size);
bool bitmap_subset(const unsigned long *inner, const unsigned long *outer, size_t size);

/* Visits the set bits in rising order. The body may clear @bit. */
#define bitmap_for_each(bit, map, size)                            \
	for ((bit) = bitmap_find_first(map, size); (bit) < (size); \
		(bit) = bitmap_find_next(map, size, (bit) + 1))

#endif
