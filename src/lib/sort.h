/* SPDX-License-Identifier: GPL-2.0-only */
/* Sorting in place. */
#ifndef LIB_SORT_H
#define LIB_SORT_H

#include "lib/compiler.h"

/*
 * Sorts @n elements of @size bytes into rising order of @cmp (below 0, 0, above 0 as in qsort).
 * O(n log n) always, no recursion, no memory; equal elements may change places.
 */
void sort(void *base, size_t n, size_t size, int (*cmp)(const void *a, const void *b));

#endif
