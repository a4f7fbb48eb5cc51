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

struct vcpu;

#define VTIMER_PPI_VIRTUAL 27
#define VTIMER_PPI_PHYSICAL 30

extern const struct unit vtimer_unit;

void vtimer_load(struct vcpu *v);
void vtimer_unload(struct vcpu *v);
/* The vCPU is about to wait (WFI, block) while it stays loaded: its timer has to wake it. */
bool vtimer_pending(struct vcpu *v); /* would it interrupt now? */
/* CNTP_CTL_EL0, CNTP_CVAL_EL0, CNTP_TVAL_EL0, CNTPCT_EL0 (encoded as in exit.h); false: UNDEFINED.
 */
bool vtimer_sysreg(struct vcpu *v, u32 reg, bool write, u64 *value);

#endif
