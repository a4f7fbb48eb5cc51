/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Conversion between rates (counter ticks and nanoseconds) by one multiplication and a shift, in
 * the form that the Xen ABI hands to guests. Pure; needs no 128-bit arithmetic.
 */
#ifndef LIB_SCALED_H
#define LIB_SCALED_H

#include "lib/compiler.h"

/* value * mul * 2^shift / 2^32: tsc_to_system_mul and tsc_shift of struct vcpu_time_info. */
struct scaled {
	u32 mul;
	s8 shift;
};

/* The low 64 bits of (a * mul) >> shift; shift 0 to 95. */
u64 mul_u64_u32_shift(u64 a, u32 mul, unsigned int shift);

/*
 * Shifts first, as guests do: bits that a left shift pushes out of the 64 are lost, and so are
 * those that a right shift drops. The shift is at most 63 either way.
 */
u64 scaled_apply(u64 value, struct scaled s);

/*
 * The best scale for value * num / den: mul is at least 2^31; the scale is never above the ratio
 * and falls short of it by at most 2^-30 of it. -EINVAL when either is 0, -ERANGE when the ratio is
 * outside 2^-32 to 2^31.
 */
int __must_check scaled_from_ratio(u64 num, u64 den, struct scaled *s);

/* From ticks at @hz to nanoseconds. */
int __must_check scaled_from_hz(u64 hz, struct scaled *s);

#endif
