/* SPDX-License-Identifier: GPL-2.0-only */
/* Rate conversion by multiply and shift; see scaled.h for the format. */
#include "lib/scaled.h"
#include "lib/errno.h"

#define NS_PER_SECOND 1000000000ULL

u64 mul_u64_u32_shift(u64 a, u32 mul, unsigned int shift)
{
	/* The product has 96 bits: hi above, the low half of lo below. Neither sum overflows. */
	u64 lo = (u64)(u32)a * mul;
	u64 hi = (a >> 32) * mul + (lo >> 32);

	if (shift >= 32) {
		return hi >> (shift - 32);
	}
	return (hi << (32 - shift)) | ((u32)lo >> shift);
}

u64 scaled_apply(u64 value, struct scaled s)
{
	value = s.shift >= 0 ? value << s.shift : value >> -s.shift;
	return mul_u64_u32_shift(value, s.mul, 32);
}

int scaled_from_ratio(u64 num, u64 den, struct scaled *s)
{
	u32 mul = 0;
	int up, shift;

	if (num == 0 || den == 0) {
		return -EINVAL;
	}
	/* Bring both to 2^61 or a little above; what is lost there makes the ratio smaller. */
	up = __builtin_clzll(num) - 2;
	num = up >= 0 ? num << up : num >> -up;
	shift = -up;
	up = __builtin_clzll(den) - 2;
	den = up >= 0 ? den << up : ((den - 1) >> -up) + 1;
	shift += up;
	/* And the ratio into [1/2, 1), so that mul has its top bit set. */
	if (num >= den) {
		den <<= 1;
		shift++;
	}
	if (shift > 31 || shift < -31) {
		return -ERANGE;
	}
	for (int i = 0; i < 32; i++) {
		num <<= 1;
		mul = mul << 1 | (num >= den);
		num -= num >= den ? den : 0;
	}
	*s = (struct scaled){ .mul = mul, .shift = (s8)shift };
	return 0;
}

int scaled_from_hz(u64 hz, struct scaled *s)
{
	return scaled_from_ratio(NS_PER_SECOND, hz, s);
}
