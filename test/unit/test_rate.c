/* SPDX-License-Identifier: GPL-2.0-only */
/* Rates, against division in 128 bits. */
#include "lib/rate.h"
#include "unit/harness.h"
#include "unit/random.h"

static u64 exact(u64 value, u64 num, u64 den)
{
	return (u64)((unsigned __int128)value * num / den);
}

/* At most one below, never above. */
static void check(u64 value, u64 num, u64 den)
{
	u64 got = rate_apply(value, rate_from_ratio(num, den)), want = exact(value, num, den);

	CHECK(want - got <= 1);
}

UNIT_TEST(known_rates, "rates of real counters, from one tick to decades")
{
	static const u64 rates[] = { 1, 32768, 1000000, 19200000, 24000000, 33333333, 54000000,
		62500000, 99999999, 100000000, 999999999, 1000000000, 1000000001, 4000000000 };

	for (unsigned int i = 0; i < ARRAY_SIZE(rates); i++) {
		for (u64 value = 1; value >> 60 == 0; value = value * 3 + 1) {
			check(value, 1000000000, rates[i]);
			check(value, rates[i], 1000000000);
		}
	}
}

UNIT_TEST(whole_rates, "a rate that is a whole number is exact")
{
	struct rate r = rate_from_ratio(1000000000, 62500000);

	CHECK_EQ(r.whole, 16);
	CHECK_EQ(r.fraction, 0);
	CHECK_EQ(rate_apply(12345, r), 12345 * 16);
	r = rate_from_ratio(5, 5);
	CHECK_EQ(rate_apply(~0ULL, r), ~0ULL);
	r = rate_from_ratio(0, 7);
	CHECK_EQ(rate_apply(~0ULL, r), 0);
}

UNIT_TEST(halves, "the bits of a fraction are at their places")
{
	CHECK_EQ(rate_from_ratio(1, 2).fraction, 1ULL << 63);
	CHECK_EQ(rate_from_ratio(3, 4).fraction, 3ULL << 62);
	CHECK_EQ(rate_from_ratio(1, 3).fraction, 0x5555555555555555ULL);
	CHECK_EQ(rate_from_ratio(~0ULL - 1, ~0ULL).fraction, ~0ULL - 1);
}

UNIT_TEST(random_rates, "any ratio at all")
{
	u64 r = 42;

	for (unsigned int i = 0; i < 20000; i++) {
		u64 num = random_spread(&r);
		u64 den = random_spread(&r);
		u64 value = random_spread(&r);

		if (den != 0 && (unsigned __int128)value * num / den >> 64 == 0) {
			check(value, num, den);
		}
	}
}

UNIT_TEST(parts, "the product in four parts is that of the machine")
{
	u64 r = 7;

	for (unsigned int i = 0; i < 20000; i++) {
		u64 a = random_next(&r), b = random_next(&r);

		CHECK_EQ(rate_mul_high_parts(a, b), (u64)((unsigned __int128)a * b >> 64));
	}
	CHECK_EQ(rate_mul_high_parts(~0ULL, ~0ULL), ~0ULL - 1);
}
