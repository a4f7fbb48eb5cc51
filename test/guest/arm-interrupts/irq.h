/* SPDX-License-Identifier: GPL-2.0-only */
/* What the parts of this guest share: a count of each interrupt that came. */
#ifndef GUEST_ARM_INTERRUPTS_IRQ_H
#define GUEST_ARM_INTERRUPTS_IRQ_H

#include "lib/compiler.h"

extern volatile u32 irq_counts[1024];
extern volatile u32 irq_last_raw; /* as acknowledged: version 2 has the sender of an SGI in it */

/* Counts each interrupt; the default function of trap_set_irq() here. */
void irq_count(u32 irq);
void irq_reset(void);

/* With interrupts on: until @irq has come @count times, or about @ms milliseconds. */
bool irq_wait(u32 irq, u32 count, unsigned int ms);
/* The same with WFI between. */
bool irq_wait_wfi(u32 irq, u32 count, unsigned int ms);

void test_registers(void);
void test_sgis(void);
void test_flow(void);
void test_timers(void);
void test_events(void);

#endif
