/* SPDX-License-Identifier: GPL-2.0-only */
/* Counting interrupts, and the tests that do. CPU 0 has interrupts off but inside irq_wait(). */
#ifndef GUEST_INTERRUPTS_TIMERS_IRQ_H
#define GUEST_INTERRUPTS_TIMERS_IRQ_H

#include "guest/lib/apic.h"
#include "guest/lib/check.h"
#include "guest/lib/cpu.h"
#include "guest/lib/smp.h"
#include "guest/lib/xen.h"

#define MS 1000000ULL
/* How long something may take that takes no time: the machine may be busy. */
#define SOON_MS 2000

struct irq_stat {
	volatile u32 count; /* on all CPUs */
	volatile u32 cpu_count[CPU_MAX];
	volatile u64 time; /* system time of the last one */
	volatile u64 rip;
	volatile u32 order; /* its place among all interrupts since irq_reset() */
};

extern struct irq_stat irq_stats[256];

/* Counts the vector from now on, with an EOI or without. */
void irq_count(u8 vector, bool eoi);
void irq_reset(void);

/* Interrupts on until the vector has been seen @count times; false after @ms. */
bool irq_wait(u8 vector, u32 count, unsigned int ms);
/* Interrupts on for that long, whatever comes. */
void irq_open(unsigned int ms);

/* Event channels: hypercalls that return a port, or 0. */
u32 event_bind_ipi(unsigned int vcpu);
u32 event_bind_virq(u32 virq, unsigned int vcpu);
long event_call(u32 op, u32 port);

void test_apic(bool x2);
void test_flow(void);
void test_events(void);
void test_events_fifo(void);
void test_event_timers(void);
void test_vcpus(void);
void test_clock(void);

#endif
