/* SPDX-License-Identifier: GPL-2.0-only */
/* Exceptions of the hypervisor itself: our own bug, or a broken machine. */
#ifndef ARCH_ARM_TRAPS_H
#define ARCH_ARM_TRAPS_H

#include "lib/types.h"

/* What vectors.S leaves on the emergency stack. */
struct trap_frame {
	u64 x[31];
	u64 sp, pc, pstate, esr, far;
	u64 kind;      /* entry of the vector table */
	u64 unused;    /* keeps the record aligned */
	u64 record[2]; /* a frame record: the interrupted function's frame pointer, and pc */
};

void traps_fatal(const struct trap_frame *f) __noreturn;

#endif
