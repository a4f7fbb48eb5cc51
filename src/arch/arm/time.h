/* SPDX-License-Identifier: GPL-2.0-only */
/* System time of the host: the system counter, and the EL2 physical timer of each CPU. */
#ifndef ARCH_ARM_TIME_H
#define ARCH_ARM_TIME_H

#include "lib/types.h"

struct pcpu;

/* Time begins: with the rate that the firmware left in CNTFRQ_EL0. Boot CPU, first of all. */
void time_init_early(void);
/* The rate that the device tree states, 0: CNTFRQ_EL0 is right. Ends in boot_fail() if there is
 * none. */
void time_init(u32 hz);
/* This CPU's timer interrupt. -EBUSY and the like. */
int time_cpu_up(struct pcpu *p);

u64 time_hz(void);
u64 time_boot_count(void); /* the counter at system time 0 */
u64 time_count(void);	   /* CNTPCT_EL0, not read early */
u64 time_ns_of(u64 count); /* system time at that count */
u64 time_count_of(u64 ns); /* the first count at which it is that time */

#endif
