/* SPDX-License-Identifier: GPL-2.0-only */
/* The Arm part of a domain and of a vCPU. */
#ifndef ARCH_ARM_VCPU_H
#define ARCH_ARM_VCPU_H

#include "core/domain.h"
#include "core/unit.h"

struct vgic_domain;
struct vgic_vcpu;
struct vtimer;

/* Saved at every exit. */
struct arm_regs {
	u64 x[31];
	u64 pc;	    /* ELR_EL2 */
	u64 pstate; /* SPSR_EL2 */
};

/* Live in the CPU while the vCPU is loaded; saved and restored by arch_vcpu_unload() and _load().
 */
struct arm_context {
	u64 sp_el0, sp_el1, elr_el1, spsr_el1;
	u64 sctlr, cpacr, ttbr0, ttbr1, tcr;
	u64 esr, far, afsr0, afsr1, mair, amair, vbar, contextidr;
	u64 tpidr_el0, tpidrro_el0, tpidr_el1, par, csselr, cntkctl;
	/* of AArch32 guests */
	u64 spsr_abt, spsr_und, spsr_irq, spsr_fiq, dacr32, ifsr32, fpexc32;
};

struct arm_vectors { /* SIMD and floating point: eager */
	u64 q[64];
	u64 fpcr, fpsr;
} __aligned(16);

struct arch_domain {
	u16 vmid;
	u64 vttbr, vtcr;
	u16 *last_vcpu;		  /* for each CPU, which vCPU it had loaded last */
	bool aarch32;		  /* EL1 runs in AArch32 (XEN_DOMCTL_set_address_size) */
	u32 evtchn_irq;		  /* PPI of event-channel upcalls */
	bool native_wfi;	  /* vwfi=native: WFI and WFE do not exit */
	bool set_way_seen;	  /* it was told about its cache maintenance */
	struct vgic_domain *vgic; /* vgic/ */
	u64 timer_offset;	  /* vtimer.c: CNTVOFF_EL2 */
	struct hw_irqs *irqs;	  /* irq.c: host interrupts that belong to the domain */
};

struct arch_vcpu {
	struct arm_regs regs; /* first: the entry code counts on it */
	u64 hcr;	      /* HCR_EL2 for this vCPU */
	u64 vmpidr;	      /* what it reads as MPIDR_EL1 */
	bool initialised;     /* has a state to run from */
	struct arm_context context;
	struct arm_vectors vectors;
	struct vgic_vcpu *vgic; /* vgic/ */
	struct vtimer *vtimer;	/* vtimer.c */
};
static_assert(offsetof(struct arch_vcpu, regs) == 0, "enter.S");

extern const struct unit arm_unit; /* vcpu.c */

/* First state of a vCPU that is down: pc, x0 (context id), everything else as after reset, EL1 with
 * MMU off. AArch32 if the domain is. */
void vcpu_reset(struct vcpu *v, u64 pc, u64 x0);

/* Chooses the stage-2 format, by cpu_features. Boot CPU, before units_boot(). 0, or -errno and what
 * is missing. */
int vcpu_probe(const char **why);

#endif
