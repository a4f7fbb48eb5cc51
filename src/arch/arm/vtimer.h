/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The generic timers of a vCPU (DDI 0487, D11): the virtual one is the CPU's own while the vCPU is
 * loaded, its interrupt arrives through a list register with the hw bit; the physical one is
 * emulated by core/timer.c. While a vCPU is not loaded, core/timer.c stands in for its virtual
 * timer and wakes it.
 */
#ifndef ARCH_ARM_VTIMER_H
#define ARCH_ARM_VTIMER_H

#include "core/unit.h"
#include "lib/types.h"

struct vcpu;

#define VTIMER_PPI_VIRTUAL 27
#define VTIMER_PPI_PHYSICAL 30

extern const struct unit vtimer_unit;

/* By arch_vcpu_load() and _unload(), on the vCPU's CPU, no lock held; in any order with vgic_load()
 * and _unload(). They own CNTVOFF_EL2 and CNTV_*; the unit sets CNTHCTL_EL2 on each CPU, once. */
void vtimer_load(struct vcpu *v);
void vtimer_unload(struct vcpu *v);
/* As after power-on. v is not loaded. */
void vtimer_reset(struct vcpu *v);
/* Would the virtual timer interrupt now, and has not yet? v is loaded here, or not at all. A vCPU
 * that blocks may do without the answer: its timer's interrupt ends the CPU's sleep, or stands
 * in. */
bool vtimer_pending(struct vcpu *v);
/* CNTP_CTL_EL0, CNTP_CVAL_EL0, CNTP_TVAL_EL0, CNTPCT_EL0 (encoded as SYSREG() of esr.h); false:
 * UNDEFINED. v is loaded here. */
bool vtimer_sysreg(struct vcpu *v, u32 reg, bool write, u64 *value);

#endif
