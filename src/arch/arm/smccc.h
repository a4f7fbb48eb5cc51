/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Firmware calls of guests, by HVC #0 or SMC #0 (DEN0028): one table of functions. Free of
 * hardware: host tests call it.
 */
#ifndef ARCH_ARM_SMCCC_H
#define ARCH_ARM_SMCCC_H

#include "arch/contract/exit.h"
#include "lib/types.h"

/* The call in v's registers. v is current, its PC is at the instruction. EXIT_RETRY: nothing was
 * done yet. Whoever is not known gets -1. */
enum exit_result smccc_call(struct vcpu *v);
/* Is there such a function? */
bool smccc_has(u32 func);

/* A function: arguments and results in v->arch->regs.x. */
typedef enum exit_result smccc_fn(struct vcpu *v, u64 *x);

/* Results of 32 bits are negative as such (5.1: sign-extended). */
static inline enum exit_result smccc_return(u64 *x, s32 result)
{
	x[0] = (u64)(s64)result;
	return EXIT_SKIP;
}

/* vpsci.c: those of DEN0022. */
smccc_fn vpsci_version, vpsci_cpu_suspend, vpsci_cpu_off, vpsci_cpu_on, vpsci_affinity_info,
	vpsci_migrate_info_type, vpsci_system_off, vpsci_system_reset, vpsci_features;

#endif
