/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The life of an exit: the vendor's file decodes it into one struct vm_exit, exit.c dispatches on
 * its kind, a handler in exit_*.c answers with an enum exit_result, and only the dispatcher acts on
 * that: it alone advances the guest's PC, injects, blocks or crashes.
 */
#ifndef ARCH_X86_EXIT_H
#define ARCH_X86_EXIT_H

#include "arch/contract/exit.h"
#include "lib/compiler.h"

struct vcpu;

enum exit_kind {
	EXIT_KIND_NONE,	  /* nothing to do: an interrupt or NMI of the host's */
	EXIT_KIND_WINDOW, /* the guest can take an interrupt now */
	EXIT_KIND_CPUID,
	EXIT_KIND_RDMSR,
	EXIT_KIND_WRMSR,
	EXIT_KIND_IO,
	EXIT_KIND_HYPERCALL,
	EXIT_KIND_HLT,
	EXIT_KIND_S2_FAULT,
	EXIT_KIND_CR_WRITE,
	EXIT_KIND_XSETBV,
	EXIT_KIND_WBINVD,
	EXIT_KIND_INVALID_INSN, /* an instruction of virtualisation that the guest does not have */
	EXIT_KIND_EXCEPTION,
	EXIT_KIND_SHUTDOWN,  /* triple fault */
	EXIT_KIND_BAD_STATE, /* the CPU refused the guest's state */
	EXIT_KIND_UNKNOWN,
	EXIT_KINDS
};

/* Why nested translation failed. */
#define S2_FAULT_WRITE BIT32(0)
#define S2_FAULT_FETCH BIT32(1)
#define S2_FAULT_PRESENT BIT32(2) /* an entry was there but did not allow it */
#define S2_FAULT_WALK BIT32(3)	  /* while the CPU walked the guest's own tables */

struct vm_exit {
	enum exit_kind kind;
	u8 insn_len; /* bytes to advance on EXIT_SKIP; valid for kinds that are instructions */
	u64 reason;  /* the vendor's code, for messages */
	union {
		struct {
			u16 port;
			u8 size;
			bool in, string, rep;
		} io;
		struct {
			u64 gpa;
			u32 flags; /* S2_FAULT_* */
		} s2;
		struct {
			u8 cr;
			u64 value; /* that is to be written */
		} cr;
		struct {
			u8 vector;
			u32 error;
			u64 qualification; /* cr2 or dr6 */
		} exception;
	};
	/* What EXIT_INJECT injects. */
	struct {
		u8 vector;
		bool has_error;
		u32 error;
		u64 cr2;
	} inject;
};

exit_fn exit_cpuid, exit_rdmsr, exit_wrmsr, exit_io, exit_hypercall, exit_hlt, exit_s2_fault,
	exit_cr_write, exit_xsetbv;

/* Fill e->inject. */
enum exit_result exit_inject(struct vm_exit *e, u8 vector);
enum exit_result exit_inject_error(struct vm_exit *e, u8 vector, u32 error);

#endif
