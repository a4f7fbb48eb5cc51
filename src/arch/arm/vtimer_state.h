/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A generic timer's arithmetic (DDI 0487, D11.2): counter and compare value are unsigned 64-bit
 * numbers, the timer value is the signed 32-bit distance between them. Pure.
 */
#ifndef ARCH_ARM_VTIMER_STATE_H
#define ARCH_ARM_VTIMER_STATE_H

#include "core/time.h"
#include "lib/compiler.h"

#define TIMER_CTL_ENABLE BIT32(0)
#define TIMER_CTL_IMASK BIT32(1)
#define TIMER_CTL_ISTATUS BIT32(2)

/* What a guest has written. */
struct vtimer_regs {
	u64 cval;
	u32 ctl; /* ENABLE and IMASK */
};

static inline bool vtimer_met(const struct vtimer_regs *r, u64 count)
{
	return (r->ctl & TIMER_CTL_ENABLE) != 0 && count >= r->cval;
}

/* Enabled and not masked: it interrupts once it is met. */
static inline bool vtimer_armed(const struct vtimer_regs *r)
{
	return (r->ctl & (TIMER_CTL_ENABLE | TIMER_CTL_IMASK)) == TIMER_CTL_ENABLE;
}

/* The level of its interrupt. */
static inline bool vtimer_level(const struct vtimer_regs *r, u64 count)
{
	return vtimer_armed(r) && count >= r->cval;
}

static inline u32 vtimer_read_ctl(const struct vtimer_regs *r, u64 count)
{
	return r->ctl | (vtimer_met(r, count) ? TIMER_CTL_ISTATUS : 0);
}

static inline void vtimer_write_ctl(struct vtimer_regs *r, u64 value)
{
	r->ctl = (u32)value & (TIMER_CTL_ENABLE | TIMER_CTL_IMASK);
}

static inline u32 vtimer_read_tval(const struct vtimer_regs *r, u64 count)
{
	return (u32)(r->cval - count);
}

static inline void vtimer_write_tval(struct vtimer_regs *r, u64 value, u64 count)
{
	r->cval = count + (u64)(s64)(s32)value;
}

/* Nanoseconds that ticks last at hz (not 0, at most 2^32), rounded up; ~0 from 2^31 seconds on:
 * no timer waits so long. */
static inline u64 vtimer_ticks_to_ns(u64 ticks, u64 hz)
{
	u64 seconds = ticks / hz;

	if (seconds >> 31 != 0) {
		return ~0ULL;
	}
	return seconds * NS_PER_S + DIV_ROUND_UP(ticks % hz * NS_PER_S, hz);
}

/* The system time at which it will be met, counting from now on. ~0: never. */
static inline u64 vtimer_deadline(const struct vtimer_regs *r, u64 count, u64 hz, u64 now_ns)
{
	u64 ns = r->cval > count ? vtimer_ticks_to_ns(r->cval - count, hz) : 0;

	return now_ns > ~0ULL - ns ? ~0ULL : now_ns + ns;
}

#endif
