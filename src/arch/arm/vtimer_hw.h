/* SPDX-License-Identifier: GPL-2.0-only */
/* The CPU's generic timers as vtimer.c uses them. Host tests supply a model. */
#ifndef ARCH_ARM_VTIMER_HW_H
#define ARCH_ARM_VTIMER_HW_H

#include "arch/arm/vtimer_state.h"

/* On each CPU: EL1's timers off. EL1 reads the counters itself, and its accesses to the physical
 * timer exit (CNTHCTL_EL2). */
void vtimer_hw_init(void);
/* The CPU's virtual timer becomes a guest's: its count is CNTPCT_EL0 - offset. */
void vtimer_hw_load(u64 offset, const struct vtimer_regs *r);
/* Takes it back: afterwards it does not interrupt any more. */
void vtimer_hw_unload(struct vtimer_regs *r);
/* While it is the guest's: the level of its interrupt. */
bool vtimer_hw_level(void);

#endif
