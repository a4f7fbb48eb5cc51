/* SPDX-License-Identifier: GPL-2.0-only */
/* src/lib/scaled.c against 128-bit arithmetic, and atomic.h's results on one thread. */
#include "lib/atomic.h"
#include "lib/errno.h"
#include "lib/scaled.h"
#include "unit/harness.h"
#include "unit/random.h"

typedef unsigned __int128 u128;

UNIT_TEST(multiply, "the product shifts as 128 bits do, for every shift")
{
	u64 seed = 43;

	for (int i = 0; i < 100000; i++) {
		u64 a = random_spread(&seed);
		u32 mul = (u32)random_spread(&seed);
		unsigned int shift = (unsigned int)random_below(&seed, 96);

		CHECK_EQ(mul_u64_u32_shift(a, mul, shift), (u64)((u128)a * mul >> shift));
	}
	CHECK_EQ(mul_u64_u32_shift(~0ULL, ~0U, 0), (u64)((u128)~0ULL * ~0U));
	CHECK_EQ(mul_u64_u32_shift(~0ULL, ~0U, 32), (u64)((u128)~0ULL * ~0U >> 32));
}

UNIT_TEST(apply, "applying a scale shifts first, then multiplies, as guests do")
{
	u64 seed = 47;

	for (int i = 0; i < 100000; i++) {
		u64 v = random_spread(&seed);
		struct scaled s = { .mul = (u32)random_next(&seed),
			.shift = (s8)((int)random_below(&seed, 127) - 63) };
		u64 shifted = s.shift < 0 ? v >> -s.shift : v << s.shift;

		CHECK_EQ(scaled_apply(v, s), (u64)((u128)shifted * s.mul >> 32));
	}
}

/* mul * 2^shift / 2^32 is at most num / den, and short of it by at most 2^-30 of it. */
static void check_scale(u64 num, u64 den, struct scaled s)
{
	/* Both times 2^32 * den, and the shift on the side where it goes to the left. */
	u128 scale = (u128)s.mul * den << MAX(s.shift, 0);
	u128 exact = (u128)num << 32 << MAX(-s.shift, 0);

	CHECK(s.mul >> 31 == 1);
	CHECK(scale <= exact);
	CHECK(exact - scale <= exact >> 30);
}

UNIT_TEST(ratio, "a ratio's scale is never above it, and within 2^-30 of it")
{
	u64 seed = 53;
	unsigned int good = 0;

	for (int i = 0; i < 100000; i++) {
		u64 num = random_spread(&seed) | 1, den = random_spread(&seed) | 1;
		struct scaled s;

		if (scaled_from_ratio(num, den, &s) == 0) {
			good++;
			check_scale(num, den, s);
		} else {
			/* Outside 2^-32 to 2^31, give or take the rounding of the divisor. */
			CHECK((u128)num << 32 <= (u128)den + (den >> 58) ||
				(u128)num >= ((u128)den << 31) - ((u128)den >> 27));
		}
	}
	CHECK(good > 30000);
}

UNIT_TEST(frequencies, "an hour of ticks becomes an hour of nanoseconds at every usual frequency")
{
	static const u64 hz[] = { 32768, 1193182, 3579545, 14318180, 62500000, 1000000000,
		2399998000, 3000000000, 5200000001 };
	const u64 hour = 3600 * 1000000000ULL;
	struct scaled s;

	for (size_t i = 0; i < ARRAY_SIZE(hz); i++) {
		u64 ns;

		CHECK_EQ(scaled_from_hz(hz[i], &s), 0);
		ns = scaled_apply(hz[i] * 3600, s);
		CHECK(ns <= hour && hour - ns < hour >> 29);
		CHECK_EQ(scaled_from_ratio(hz[i], 1000000000, &s), 0);
		ns = scaled_apply(hour, s);
		CHECK(ns <= hz[i] * 3600 && hz[i] * 3600 - ns <= (hz[i] * 3600 >> 29) + 1);
	}
}

UNIT_TEST(one, "equal rates scale by one: a half, shifted left by one")
{
	struct scaled s;

	CHECK_EQ(scaled_from_hz(1000000000, &s), 0);
	CHECK_EQ(s.mul, 1U << 31);
	CHECK_EQ(s.shift, 1);
	CHECK_EQ(scaled_apply(12345, s), 12345);
}

UNIT_TEST(refused, "zero and ratios out of range are refused, and the scale stays")
{
	struct scaled s = { .mul = 5, .shift = 6 };

	CHECK_EQ(scaled_from_hz(0, &s), -EINVAL);
	CHECK_EQ(scaled_from_ratio(0, 1, &s), -EINVAL);
	CHECK_EQ(scaled_from_ratio(1ULL << 40, 1, &s), -ERANGE);
	CHECK_EQ(scaled_from_ratio(1, 1ULL << 40, &s), -ERANGE);
	CHECK_EQ(scaled_from_ratio(1, ~0ULL, &s), -ERANGE);
	CHECK_EQ(scaled_from_ratio(~0ULL, 1, &s), -ERANGE);
	CHECK(s.mul == 5 && s.shift == 6);
}

UNIT_TEST(atomics, "atomic operations return what their comments say")
{
	atomic_t a = { 5 };
	atomic64_t b = { 1ULL << 40 };

	atomic_inc(&a);
	CHECK_EQ(atomic_add_return(&a, 4), 10);
	CHECK_EQ(atomic_sub_return(&a, 8), 2);
	CHECK(!atomic_dec_and_test(&a));
	CHECK(atomic_dec_and_test(&a));
	CHECK_EQ(atomic_cmpxchg(&a, 1, 7), 0);
	CHECK_EQ(atomic_cmpxchg(&a, 0, 7), 0);
	CHECK_EQ(atomic_xchg(&a, 12), 7);
	CHECK_EQ(atomic_or(&a, 3), 12);
	CHECK_EQ(atomic_and(&a, 6), 15);
	CHECK_EQ(atomic_read(&a), 6);
	atomic_set_release(&a, 9);
	atomic_dec(&a);
	CHECK_EQ(atomic_read_acquire(&a), 8);
	CHECK_EQ(atomic64_add_return(&b, 1), (1ULL << 40) + 1);
	CHECK_EQ(atomic64_or(&b, 1ULL << 63), (1ULL << 40) + 1);
	CHECK_EQ(atomic64_and(&b, ~0ULL << 41), 1ULL << 63 | ((1ULL << 40) + 1));
	CHECK_EQ(atomic64_read(&b), 1ULL << 63);
	CHECK_EQ(atomic64_cmpxchg(&b, 1ULL << 63, 2), 1ULL << 63);
	CHECK_EQ(atomic64_xchg(&b, 0), 2);
}
