/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of the local APIC share. Nobody else includes this.
 *
 *   lapic.c        registers, priorities, MMIO
 *   lapic_msr.c    IA32_APIC_BASE and its modes, x2APIC registers
 *   lapic_ipi.c    who a message is for, and what it does there
 *   lapic_timer.c  the timer
 *
 * irr, tmr, irr_words, errors and reset are changed by any CPU, atomically. The rest changes only
 * on the vCPU's CPU (or while it is held); others look at ids, ldr, dfr, svr, base and ppr, racily,
 * as a message on its way to a real APIC does.
 */
#ifndef ARCH_X86_VDEV_LAPIC_INTERNAL_H
#define ARCH_X86_VDEV_LAPIC_INTERNAL_H

#include "arch/x86/apic.h"
#include "arch/x86/msr.h"
#include "arch/x86/vcpu.h"
#include "arch/x86/vdev/lapic.h"
#include "core/domain.h"

#define LAPIC_BASE_DEFAULT 0xfee00000ULL
/* Integrated APIC, 6 LVT entries (no CMCI), no suppression of EOI broadcasts (Intel SDM vol. 3,
 * 10.4.8). */
#define LAPIC_VERSION_VALUE 0x00050014

#define LAPIC_SVR_ENABLE BIT32(8)
#define LAPIC_SVR_FOCUS BIT32(9)

/* Error status (Intel SDM vol. 3, 10.5.3). */
#define LAPIC_ESR_SEND_VECTOR BIT32(5)
#define LAPIC_ESR_RECEIVE_VECTOR BIT32(6)
#define LAPIC_ESR_REGISTER BIT32(7)

/* struct lapic.reset. WAIT: INIT has been taken, a start-up IPI starts the vCPU. */
#define LAPIC_RESET_BIT_INIT BIT32(0)
#define LAPIC_RESET_BIT_STARTUP BIT32(1)
#define LAPIC_RESET_BIT_WAIT BIT32(2)
#define LAPIC_RESET_VECTOR_SHIFT 8

enum lapic_lvt {
	LVT_TIMER,
	LVT_THERMAL,
	LVT_PERF,
	LVT_LINT0,
	LVT_LINT1,
	LVT_ERROR,
	LVT_COUNT,
};

struct lapic {
	struct vcpu *vcpu;
	u32 id;	  /* 2 * vCPU; fits 8 bits */
	u64 base; /* IA32_APIC_BASE */

	u32 irr_words; /* bit n: irr[n] may not be 0 */
	u8 ppr;
	u8 tpr;
	u32 irr[8], tmr[8];
	u32 isr[8];

	u32 ldr, dfr, svr;
	u32 esr, errors; /* what the guest reads; what has been found since */
	u32 icr_low, icr_high;
	u32 lvt[LVT_COUNT];
	u32 reset;	 /* LAPIC_RESET_BIT_*, vector */
	u32 lowest_next; /* vCPU 0's: where the next lowest-priority message starts to look */

	/* timer_lock: these, against the callback on another CPU */
	struct spinlock timer_lock;
	struct timer timer;
	u32 timer_initial, timer_divide;
	u64 timer_expires_ns; /* 0: stopped */
	u64 timer_deadline;   /* TSC, 0: none */
};

static inline struct lapic *lapic_of(const struct vcpu *v)
{
	return v->arch->lapic;
}

static inline bool lapic_enabled(const struct lapic *l)
{
	return (READ_ONCE(l->base) & APIC_BASE_ENABLE) != 0;
}

static inline bool lapic_x2apic(const struct lapic *l)
{
	return (READ_ONCE(l->base) & APIC_BASE_X2APIC) != 0;
}

static inline bool lapic_soft_enabled(const struct lapic *l)
{
	return lapic_enabled(l) && (READ_ONCE(l->svr) & LAPIC_SVR_ENABLE) != 0;
}

/* lapic.c: registers by their xAPIC offset, on the vCPU's CPU. */
u32 lapic_read(struct lapic *l, u32 reg);
void lapic_write(struct lapic *l, u32 reg, u32 value);
/* Notes an error (LAPIC_ESR_*) and raises the error interrupt. Any CPU. */
void lapic_error(struct lapic *l, u32 bits);
/* Requests what an LVT entry names, unless masked. Any CPU. */
void lapic_lvt_fire(struct lapic *l, enum lapic_lvt which);
/* The APIC is off: it forgets everything but its id and IA32_APIC_BASE. */
void lapic_clear(struct lapic *l);
u32 lapic_x2apic_ldr(u32 id);

/* lapic_ipi.c: the guest wrote the command register. dest as its mode has it: 8 or 32 bits. */
void lapic_ipi_send(struct lapic *l, u32 dest, u32 command);

/* lapic_timer.c */
void lapic_timer_create(struct lapic *l);
void lapic_timer_destroy(struct lapic *l);
void lapic_timer_stop(struct lapic *l);
void lapic_timer_write_initial(struct lapic *l, u32 value);
void lapic_timer_write_divide(struct lapic *l, u32 value);
u32 lapic_timer_read_count(struct lapic *l);
void lapic_timer_write_lvt(struct lapic *l, u32 value);
void lapic_timer_write_deadline(struct lapic *l, u64 tsc);
u64 lapic_timer_read_deadline(struct lapic *l);

#endif
