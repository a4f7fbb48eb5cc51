/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How a handler of exits answers the dispatcher, the same on every architecture: the handler
 * changes registers and devices, and only the dispatcher (exit.c) advances the guest's PC, injects,
 * blocks a vCPU or crashes a domain. struct vm_exit is each architecture's own.
 */
#ifndef ARCH_CONTRACT_EXIT_H
#define ARCH_CONTRACT_EXIT_H

struct vcpu;
struct vm_exit;

enum exit_result {
	EXIT_DONE,   /* enter again at the PC as it is */
	EXIT_SKIP,   /* the instruction was emulated: advance */
	EXIT_RETRY,  /* run the same instruction again */
	EXIT_INJECT, /* raise e->inject in the guest */
	EXIT_BLOCK,  /* advance, then give up the CPU until an event */
	EXIT_CRASH,  /* end the domain; the handler has logged why with log_guest() */
};
typedef enum exit_result exit_fn(struct vcpu *v, struct vm_exit *e);

#endif
