/* SPDX-License-Identifier: GPL-2.0-only */
/* This CPU's local APIC, through MMIO or through MSRs, whichever mode the CPU is in. */
#ifndef GUEST_LIB_APIC_H
#define GUEST_LIB_APIC_H

#include "lib/compiler.h"

#define APIC_DEFAULT_BASE 0xfee00000UL
#define MSR_APIC_BASE 0x1b
#define MSR_X2APIC 0x800
#define APIC_BASE_BSP BIT64(8)
#define APIC_BASE_X2 BIT64(10)
#define APIC_BASE_ENABLED BIT64(11)

/* Offsets in the MMIO page; SDM vol. 3, table 11-1. */
enum {
	APIC_ID = 0x20,
	APIC_VERSION = 0x30,
	APIC_TPR = 0x80,
	APIC_PPR = 0xa0,
	APIC_EOI = 0xb0,
	APIC_LDR = 0xd0,
	APIC_DFR = 0xe0,
	APIC_SVR = 0xf0,
	APIC_ISR = 0x100,
	APIC_TMR = 0x180,
	APIC_IRR = 0x200,
	APIC_ESR = 0x280,
	APIC_ICR = 0x300,
	APIC_ICR2 = 0x310,
	APIC_LVT_TIMER = 0x320,
	APIC_LVT_LINT0 = 0x350,
	APIC_LVT_LINT1 = 0x360,
	APIC_LVT_ERROR = 0x370,
	APIC_TMICT = 0x380,
	APIC_TMCCT = 0x390,
	APIC_TDCR = 0x3e0,
	APIC_SELF_IPI = 0x3f0, /* x2APIC only */
};

#define APIC_SVR_ENABLE BIT32(8)
#define APIC_LVT_MASKED BIT32(16)
#define APIC_LVT_PERIODIC BIT32(17)
#define APIC_ICR_LOWEST (1U << 8)
#define APIC_ICR_NMI (4U << 8)
#define APIC_ICR_INIT (5U << 8)
#define APIC_ICR_STARTUP (6U << 8)
#define APIC_ICR_LOGICAL BIT32(11)
#define APIC_ICR_ASSERT BIT32(14)
#define APIC_ICR_SELF (1U << 18)
#define APIC_ICR_ALL (2U << 18)
#define APIC_ICR_OTHERS (3U << 18)
#define APIC_TDCR_BY_1 0xb

/* Enables the APIC in the given mode; from x2APIC back to xAPIC by way of disabled. */
void apic_enable(bool x2);
bool apic_is_x2(void);

u32 apic_read(u32 reg);
void apic_write(u32 reg, u32 value);
void apic_eoi(void);

/* This CPU's ID, and the one of any vCPU of a Xen domain. */
u32 apic_get_id(void);
u32 apic_id_of(unsigned int vcpu);

/* @dest is an APIC ID, or a logical destination with APIC_ICR_LOGICAL. Waits until it is sent. */
void apic_send(u32 dest, u32 icr);

/* True if @vector is set in the register (APIC_ISR, APIC_TMR, APIC_IRR). */
bool apic_vector_is_set(u32 reg, u8 vector);

#endif
