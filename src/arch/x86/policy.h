/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a domain is told its CPUs are: CPUID leaves, and with them which control-register bits and
 * MSRs exist. Made once when the domain is created, constant afterwards.
 */
#ifndef ARCH_X86_POLICY_H
#define ARCH_X86_POLICY_H

#include "arch/x86/asm.h"

struct domain;
struct vcpu;

#define POLICY_WORDS 20 /* featureset words of xen/arch-x86/cpufeatureset.h */

struct x86_policy {
	u32 features[POLICY_WORDS];
	u32 max_basic, max_extended;
	u64 cr4_allowed, efer_allowed, xcr0_allowed;
};

/* Boot CPU, once: what this host can offer, less what cpu_identify() and `cpuid=` take away. */
void policy_init_host(void);
/* A domain's own; hardware: `dom0-cpuid=` applies too. NULL: no memory. */
struct x86_policy *policy_create(struct domain *d);
void policy_destroy(struct domain *d);
/* number: XEN_X86_FEATURE_* */
bool policy_has(const struct x86_policy *p, unsigned int number);
/* CPUID as the vCPU sees it now. */
struct cpuid_regs policy_cpuid(struct vcpu *v, u32 leaf, u32 subleaf);

/* Applies a list of [no-]feature or feature=bool to a featureset. Pure. 0, or -EINVAL at an unknown
 * name. */
int policy_apply_list(u32 *features, const char *list);

#endif
