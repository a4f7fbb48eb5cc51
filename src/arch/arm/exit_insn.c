/* SPDX-License-Identifier: GPL-2.0-only */
/* Exits for single instructions: HVC, SMC, WFI and WFE. */
#include "abi/hypercall.h"
#include "arch/arm/exit.h"
#include "arch/arm/smccc.h"
#include "arch/arm/vcpu.h"
#include "arch/contract/cpu.h"
#include "lib/string.h"
#include "sched/sched.h"

#define HYPERCALL_REG 16 /* r12 in AArch32 */
#define HYPERCALL_REG32 12
#define HYPERCALL_ARGS 5

/* HC_BLOCK is as HC_DONE: the call has changed the hold word itself, which is looked at before the
 * entry. The structures of 32-bit guests are those of 64-bit ones (xen/arch-arm.h). */
static __noinline enum exit_result hypercall32(struct vcpu *v)
{
	u64 *x = v->arch->regs.x;
	struct hypercall call = { .compat = false };
	s64 ret;

	for (unsigned int i = 0; i < HYPERCALL_ARGS; i++) {
		call.args[i] = (u32)x[i];
	}
	if (abi_hypercall(v, (u32)x[HYPERCALL_REG32], &call, &ret) == HC_RETRY) {
		for (unsigned int i = 0; i < HYPERCALL_ARGS; i++) {
			x[i] = (u32)call.args[i];
		}
		return EXIT_RETRY;
	}
	x[0] = (u32)ret;
	return EXIT_SKIP;
}

enum exit_result exit_hypercall(struct vcpu *v)
{
	u64 *x = v->arch->regs.x;
	struct hypercall call;
	s64 ret;

	call.compat = false;
	call.args[0] = x[0];
	call.args[1] = x[1];
	call.args[2] = x[2];
	call.args[3] = x[3];
	call.args[4] = x[4];
	call.args[HYPERCALL_ARGS] = 0;
	if (unlikely(abi_hypercall(v, (u32)x[HYPERCALL_REG], &call, &ret) == HC_RETRY)) {
		memcpy(x, call.args, HYPERCALL_ARGS * sizeof(*x));
		return EXIT_RETRY;
	}
	x[0] = (u64)ret;
	return EXIT_SKIP;
}

enum exit_result exit_hvc(struct vcpu *v, struct vm_exit *e)
{
	if ((e->esr & ESR_IMM) == EXIT_HYPERCALL_IMM) {
		return hypercall32(v);
	}
	if ((e->esr & ESR_IMM) == 0) {
		return smccc_call(v);
	}
	return exit_undefined(v, e);
}

enum exit_result exit_smc(struct vcpu *v, struct vm_exit *e)
{
	/* The immediate of AArch32 is not in the syndrome. */
	if (esr_class(e->esr) == ESR_SMC64 && (e->esr & ESR_IMM) != 0) {
		return exit_undefined(v, e);
	}
	return smccc_call(v);
}

enum exit_result exit_wfx(struct vcpu *v, struct vm_exit *e)
{
	if (e->esr & ESR_WFX_WFE) {
		sched_vcpu_yield(v);
		return EXIT_SKIP;
	}
	return arch_vcpu_has_event(v) ? EXIT_SKIP : EXIT_BLOCK;
}
