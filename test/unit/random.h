/* SPDX-License-Identifier: GPL-2.0-only */
/* Random numbers for tests: the same on every run, so that a failure can be repeated. */
#ifndef UNIT_RANDOM_H
#define UNIT_RANDOM_H

#include "lib/types.h"

/* One step of xorshift64*; *@state must not start as 0. */
static inline u64 random_next(u64 *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 0x2545f4914f6cdd1dULL;
}

/* 0 to @n - 1. */
static inline u64 random_below(u64 *state, u64 n)
{
	return (random_next(state) >> 16) % n;
}

/* A number of random magnitude, so that small, large and round ones all occur. */
static inline u64 random_spread(u64 *state)
{
	u64 v = random_next(state) >> random_below(state, 64);

	return random_below(state, 4) == 0 ? ~v : v;
}

#endif
