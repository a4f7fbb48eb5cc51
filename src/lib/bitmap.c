/* SPDX-License-Identifier: GPL-2.0-only */
/* Searching, counting and combining bitmaps, a word at a time; never looks beyond the
 * given size. */
#include "lib/bitmap.h"

/* The bits of word @i that belong to a map of @size bits. */
static unsigned long bitmap_valid(size_t i, size_t size)
{
	size_t left = size - i * BITS_PER_LONG;

	return left >= BITS_PER_LONG ? ~0UL : (1UL << left) - 1;
}

/* Finds a set bit in the map with every word XORed with @flip. */
static size_t bitmap_find(const unsigned long *map, size_t size, size_t from, unsigned long flip)
{
	unsigned long skip = from < size ? ~0UL << (from % BITS_PER_LONG) : 0;

	for (size_t i = from / BITS_PER_LONG; i * BITS_PER_LONG < size; i++, skip = ~0UL) {
		unsigned long w = (READ_ONCE(map[i]) ^ flip) & skip & bitmap_valid(i, size);

		if (w != 0) {
			return i * BITS_PER_LONG + (size_t)__builtin_ctzl(w);
		}
	}
	return size;
}

size_t bitmap_find_next(const unsigned long *map, size_t size, size_t from)
{
	return bitmap_find(map, size, from, 0);
}

size_t bitmap_find_next_zero(const unsigned long *map, size_t size, size_t from)
{
	return bitmap_find(map, size, from, ~0UL);
}

/* The bits that [start, end) has in its first word; *@start moves on to the next word. */
static unsigned long bitmap_range_word(size_t *start, size_t end)
{
	size_t first = *start % BITS_PER_LONG;
	size_t count = MIN(BITS_PER_LONG - first, end - *start);

	*start += count;
	return (~0UL >> (BITS_PER_LONG - count)) << first;
}

void bitmap_set_range(unsigned long *map, size_t start, size_t count)
{
	for (size_t end = start + count; start < end;) {
		size_t i = start / BITS_PER_LONG;

		map[i] |= bitmap_range_word(&start, end);
	}
}

void bitmap_clear_range(unsigned long *map, size_t start, size_t count)
{
	for (size_t end = start + count; start < end;) {
		size_t i = start / BITS_PER_LONG;

		map[i] &= ~bitmap_range_word(&start, end);
	}
}

size_t bitmap_weight(const unsigned long *map, size_t size)
{
	size_t n = 0;

	for (size_t i = 0; i < BITMAP_LONGS(size); i++) {
		n += (size_t)__builtin_popcountl(READ_ONCE(map[i]) & bitmap_valid(i, size));
	}
	return n;
}

/* Puts @w into word @i of @dst, except for the bits beyond the size. */
static void bitmap_store(unsigned long *dst, size_t i, size_t size, unsigned long w)
{
	unsigned long valid = bitmap_valid(i, size);

	dst[i] = (dst[i] & ~valid) | (w & valid);
}

void bitmap_copy(unsigned long *dst, const unsigned long *src, size_t size)
{
	for (size_t i = 0; i < BITMAP_LONGS(size); i++) {
		bitmap_store(dst, i, size, src[i]);
	}
}

void bitmap_and(unsigned long *dst, const unsigned long *a, const unsigned long *b, size_t size)
{
	for (size_t i = 0; i < BITMAP_LONGS(size); i++) {
		bitmap_store(dst, i, size, a[i] & b[i]);
	}
}

void bitmap_or(unsigned long *dst, const unsigned long *a, const unsigned long *b, size_t size)
{
	for (size_t i = 0; i < BITMAP_LONGS(size); i++) {
		bitmap_store(dst, i, size, a[i] | b[i]);
	}
}

void bitmap_andnot(unsigned long *dst, const unsigned long *a, const unsigned long *b, size_t size)
{
	for (size_t i = 0; i < BITMAP_LONGS(size); i++) {
		bitmap_store(dst, i, size, a[i] & ~b[i]);
	}
}

bool bitmap_equal(const unsigned long *a, const unsigned long *b, size_t size)
{
	for (size_t i = 0; i < BITMAP_LONGS(size); i++) {
		if (((a[i] ^ b[i]) & bitmap_valid(i, size)) != 0) {
			return false;
		}
	}
	return true;
}

bool bitmap_intersects(const unsigned long *a, const unsigned long *b, size_t size)
{
	for (size_t i = 0; i < BITMAP_LONGS(size); i++) {
		if ((a[i] & b[i] & bitmap_valid(i, size)) != 0) {
			return true;
		}
	}
	return false;
}

bool bitmap_subset(const unsigned long *inner, const unsigned long *outer, size_t size)
{
	for (size_t i = 0; i < BITMAP_LONGS(size); i++) {
		if ((inner[i] & ~outer[i] & bitmap_valid(i, size)) != 0) {
			return false;
		}
	}
	return true;
}
