/* SPDX-License-Identifier: GPL-2.0-only */
/* A host CPU: identity, features, stacks, vectors. */
#ifndef ARCH_ARM_CPU_H
#define ARCH_ARM_CPU_H

#include "arch/arm/layout.h"
#include "core/pcpu.h"

#define CPU_STACK_SIZE 0x4000
#define CPU_EMERGENCY_SIZE 0x2000

struct arch_pcpu {
	void *emergency_top; /* first: vectors.S. Exceptions of the hypervisor itself run there */
	void *stack_top;
	u64 mpidr; /* affinity fields only */
	u64 *window_ptes, window_va;
	unsigned int window_depth;
};

/* What every CPU has: one that has less than the boot CPU is not used. Constant after boot. */
struct cpu_features {
	unsigned int pa_bits;	/* of an output address, 32 to 48 */
	unsigned int vmid_bits; /* 8 or 16 */
	u32 midr;
	bool aarch32_el1; /* guests may run AArch32 at EL1 */
	bool aarch32_el0;
	bool gic_sysregs; /* ICC_*: GICv3 by system registers */
	bool fp;	  /* FP and SIMD registers */
};
extern struct cpu_features cpu_features;

extern struct pcpu boot_pcpu;

static inline struct arch_pcpu *this_arch_pcpu(void)
{
	return this_pcpu()->arch;
}

#define MPIDR_AFFINITY 0xff00ffffffULL /* MPIDR_EL1 (DDI 0487, D17.2) */

/* Reads the ID registers of the boot CPU. */
void cpu_identify(void);
/* On each CPU, first of all: control registers of EL2 that do not belong to a vCPU. NULL, or what
 * this CPU lacks of cpu_features. */
const char *cpu_init(void);
/* This CPU's MIDR_EL1. */
u32 cpu_midr(void);
/* Chooses the vectors that this CPU needs (mitigation.h), and says so on the console. */
void cpu_mitigate(const struct pcpu *p);
/* Stacks with guard pages for CPU p. -ENOMEM. */
int cpu_alloc_stacks(struct pcpu *p);
/* A new CPU's structures, not yet in pcpus[]. NULL: no memory. */
struct pcpu *cpu_new(u32 id, u64 mpidr);
/* The end of the stack of this CPU that sp is on, 0: none. */
u64 cpu_stack_top(u64 sp);
/* Is it an address of the page below a stack of this CPU? */
bool cpu_stack_guard(u64 va);

#endif
