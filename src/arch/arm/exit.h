/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The life of an exit: the vectors save the guest's registers (enter.S), exit.c finds the kind in
 * the exception class of ESR_EL2, a handler in exit_*.c answers with an enum exit_result, and only
 * the dispatcher acts on that: it alone advances the guest's PC, injects, blocks or crashes.
 *
 * The instruction that exited is the one at the PC, HVC too: its PC is taken back by the
 * dispatcher.
 */
#ifndef ARCH_ARM_EXIT_H
#define ARCH_ARM_EXIT_H

#include "arch/arm/esr.h"
#include "arch/contract/exit.h"
#include "lib/compiler.h"

/* What EXIT_INJECT raises at EL1. */
enum exit_inject { INJECT_UNDEFINED, INJECT_DATA_ABORT, INJECT_FETCH_ABORT };

struct vm_exit {
	u32 esr;   /* class and syndrome (esr.h) */
	u8 inject; /* enum exit_inject, with EXIT_INJECT */
	u64 far;   /* of aborts: the virtual address; injected aborts report it */
};

exit_fn exit_hvc, exit_smc, exit_wfx, exit_sysreg, exit_cp15, exit_cp15_64, exit_cp14, exit_cp14_64,
	exit_cp10, exit_data_abort, exit_fetch_abort;

/* The most frequent exit, which exit.c tells by its whole syndrome: a hypercall from AArch64. */
#define EXIT_HYPERCALL_IMM 0xea1 /* XEN_HYPERCALL_TAG */
#define EXIT_HYPERCALL_ESR ((u32)ESR_HVC64 << 26 | ESR_IL | EXIT_HYPERCALL_IMM)
enum exit_result exit_hypercall(struct vcpu *v);

/* Answers with EXIT_INJECT. */
enum exit_result exit_undefined(struct vcpu *v, struct vm_exit *e);
/* An external abort, at e->far. */
enum exit_result exit_external_abort(struct vm_exit *e, enum exit_inject kind);

/* A virtual asynchronous abort becomes pending in the guest. v is loaded. */
void exit_inject_serror(struct vcpu *v);

/* General register i as an instruction names it: 31 is zero, and takes nothing. */
#define exit_gpr(v, i) ((i) == 31 ? 0 : (v)->arch->regs.x[i])
#define exit_set_gpr(v, i, value)                       \
	do {                                            \
		if ((i) != 31) {                        \
			(v)->arch->regs.x[i] = (value); \
		}                                       \
	} while (0)

#endif
