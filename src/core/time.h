/* SPDX-License-Identifier: GPL-2.0-only */
/* System time and wall-clock time. */
#ifndef CORE_TIME_H
#define CORE_TIME_H

#include "lib/types.h"

#define NS_PER_US 1000ULL
#define NS_PER_MS 1000000ULL
#define NS_PER_S 1000000000ULL

/* Nanoseconds since boot, monotonic, the same on all CPUs. Any context. */
u64 arch_now_ns(void);
/* Programs this CPU's timer interrupt for a system time, ~0: off. Past times fire at once. */
void arch_timer_program(u64 deadline_ns);
/* Busy-waits, boot and reset paths only. */
void arch_delay_us(u32 us);

#endif
