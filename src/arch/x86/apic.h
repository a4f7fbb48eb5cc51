/* SPDX-License-Identifier: GPL-2.0-only */
/* The host's local APICs (xAPIC or x2APIC) and their timers. */
#ifndef ARCH_X86_APIC_H
#define ARCH_X86_APIC_H

#include "lib/types.h"

#define APIC_ID 0x020
#define APIC_VERSION 0x030
#define APIC_TPR 0x080
#define APIC_PPR 0x0a0
#define APIC_EOI 0x0b0
#define APIC_LDR 0x0d0
#define APIC_DFR 0x0e0
#define APIC_SVR 0x0f0
#define APIC_ISR 0x100
#define APIC_TMR 0x180
#define APIC_IRR 0x200
#define APIC_ESR 0x280
#define APIC_LVT_CMCI 0x2f0
#define APIC_ICR 0x300
#define APIC_ICR_HIGH 0x310
#define APIC_LVT_TIMER 0x320
#define APIC_LVT_THERMAL 0x330
#define APIC_LVT_PERF 0x340
#define APIC_LVT_LINT0 0x350
#define APIC_LVT_LINT1 0x360
#define APIC_LVT_ERROR 0x370
#define APIC_TIMER_INIT 0x380
#define APIC_TIMER_COUNT 0x390
#define APIC_TIMER_DIV 0x3e0
#define APIC_SELF_IPI 0x3f0

#define APIC_DM_FIXED 0x000
#define APIC_DM_LOWEST 0x100
#define APIC_DM_SMI 0x200
#define APIC_DM_NMI 0x400
#define APIC_DM_INIT 0x500
#define APIC_DM_STARTUP 0x600
#define APIC_DM_EXTINT 0x700
#define APIC_ICR_LOGICAL 0x800
#define APIC_ICR_BUSY 0x1000
#define APIC_ICR_ASSERT 0x4000
#define APIC_ICR_LEVEL 0x8000
#define APIC_ICR_SHORTHAND 0xc0000
#define APIC_LVT_MASKED 0x10000
#define APIC_LVT_PERIODIC 0x20000
#define APIC_LVT_TSC_DEADLINE 0x40000

/* Vectors of the hypervisor itself; devices get those below. */
#define VECTOR_DEVICE_FIRST 0x30
#define VECTOR_DEVICE_LAST 0xdf
#define VECTOR_TIMER 0xf0
#define VECTOR_KICK 0xf1
#define VECTOR_ERROR 0xfe
#define VECTOR_SPURIOUS 0xff

/* Boot CPU: maps the registers, or turns x2APIC on. `x2apic=` and `no-x2apic` steer it. */
void apic_init(void);
/* Each CPU: enables its APIC, masks what is not used. */
void apic_cpu_init(void);
u32 apic_id(void);
bool apic_is_x2apic(void);
void apic_eoi(void);
/* command: delivery mode, vector, level as in the low half of the ICR. */
void apic_send(u32 dest_apic_id, u32 command);
void apic_send_all_but_self(u32 command);
/* Boot CPU, once the TSC rate is known. */
void apic_timer_calibrate(void);

#endif
