/* SPDX-License-Identifier: GPL-2.0-only */
/* src/lib/sort.c against libc's qsort, and checksum.h. */
#include <stdlib.h>
#include <string.h>

#include "lib/checksum.h"
#include "lib/sort.h"
#include "unit/harness.h"
#include "unit/random.h"

#define MOST 100

static int cmp_u32(const void *a, const void *b)
{
	u32 x = *(const u32 *)a, y = *(const u32 *)b;

	return x < y ? -1 : x > y;
}

UNIT_TEST(numbers, "arrays of every length, with equal elements, sort as qsort sorts them")
{
	u32 got[MOST], want[MOST];
	u64 seed = 41;

	for (size_t round = 0; round < 5000; round++) {
		size_t n = round % (MOST + 1);
		u64 limit = 1ULL << random_below(&seed, 33);

		for (size_t i = 0; i < n; i++) {
			got[i] = (u32)random_below(&seed, limit);
		}
		memcpy(want, got, sizeof(want));
		qsort(want, n, sizeof(*want), cmp_u32);
		sort(got, n, sizeof(*got), cmp_u32);
		CHECK_EQ(memcmp(got, want, n * sizeof(*want)), 0);
	}
}

struct record {
	u8 key;
	u8 payload[4];
} __packed;

static int cmp_record(const void *a, const void *b)
{
	return ((const struct record *)a)->key - ((const struct record *)b)->key;
}

UNIT_TEST(records, "elements of odd size move as a whole")
{
	struct record r[200];

	for (size_t i = 0; i < ARRAY_SIZE(r); i++) {
		r[i].key = (u8)(i * 37 % 200);
		memset(r[i].payload, r[i].key ^ 0x5a, sizeof(r[i].payload));
	}
	sort(r, ARRAY_SIZE(r), sizeof(*r), cmp_record);
	for (size_t i = 0; i < ARRAY_SIZE(r); i++) {
		CHECK_EQ(r[i].key, i);
		CHECK_EQ(r[i].payload[0], (u8)(i ^ 0x5a));
		CHECK_EQ(r[i].payload[3], (u8)(i ^ 0x5a));
	}
}

static size_t calls;

static int cmp_counted(const void *a, const void *b)
{
	calls++;
	return cmp_u32(a, b);
}

UNIT_TEST(bound, "sorted and equal input costs no more than 2 n log2 n comparisons")
{
	static u32 v[4096];

	calls = 0;
	sort(v, ARRAY_SIZE(v), sizeof(*v), cmp_counted);
	CHECK(calls <= 2 * 4096 * 12);
	for (u32 i = 0; i < ARRAY_SIZE(v); i++) {
		v[i] = i;
	}
	calls = 0;
	sort(v, ARRAY_SIZE(v), sizeof(*v), cmp_counted);
	CHECK(calls <= 2 * 4096 * 12);
}

UNIT_TEST(sum, "sum8 adds bytes modulo 256")
{
	static const u8 bytes[] = { 0xff, 0x02, 0x10, 0xef };

	CHECK_EQ(sum8(bytes, 0), 0);
	CHECK_EQ(sum8(bytes, 3), 0x11);
	CHECK_EQ(sum8(bytes, 4), 0);
}
