/* SPDX-License-Identifier: GPL-2.0-only */
/* Exits for single instructions: HVC, SMC, WFI and WFE. */
#include "abi/hypercall.h"
#include "arch/arm/exit.h"
#include "arch/arm/inject.h"
#include "arch/arm/smccc.h"
#include "arch/arm/vcpu.h"
#include "arch/contract/cpu.h"
#include "sched/sched.h"

#define HVC_LEN 4
#define HYPERCALL_IMM 0xea1 /* XEN_HYPERCALL_TAG */
#define HYPERCALL_REG 16    /* r12 in AArch32 */
#define HYPERCALL_REG32 12
#define HYPERCALL_ARGS 5

/* All hypercall structures of 32-bit guests are those of 64-bit ones (xen/arch-arm.h). */
static enum exit_result hypercall(struct vcpu *v)
{
	u64 *x = v->arch->regs.x;
	bool a32 = v->arch->regs.pstate & PSTATE_A32;
	struct hypercall call;
	s64 ret;

	call.compat = false;
	for (unsigned int i = 0; i < HYPERCALL_ARGS; i++) {
		call.args[i] = unlikely(a32) ? (u32)x[i] : x[i];
	}
	call.args[HYPERCALL_ARGS] = 0;
	if (unlikely(abi_hypercall(v, (u32)x[a32 ? HYPERCALL_REG32 : HYPERCALL_REG], &call, &ret) ==
		     HC_RETRY)) {
		for (unsigned int i = 0; i < HYPERCALL_ARGS; i++) {
			x[i] = call.args[i];
		}
		return EXIT_RETRY;
	}
	x[0] = unlikely(a32) ? (u32)ret : (u64)ret;
	/* HC_BLOCK too: the call has changed the hold word itself, which is looked at before the
	 * entry. */
	return EXIT_SKIP;
}

/* The preferred return address is behind the instruction: back to it, as for all others. */
enum exit_result exit_hvc(struct vcpu *v, struct vm_exit *e)
{
	v->arch->regs.pc -= HVC_LEN;
	if (likely((e->esr & ESR_IMM) == HYPERCALL_IMM)) {
		return hypercall(v);
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
