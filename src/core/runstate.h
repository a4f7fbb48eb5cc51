/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a vCPU spends its time on, as the scheduler tells it; abi/vtime.c keeps the accounts that
 * guests and tools read.
 */
#ifndef CORE_RUNSTATE_H
#define CORE_RUNSTATE_H

struct vcpu;

enum runstate { /* RUNSTATE_* of xen/vcpu.h */
	RUN_RUNNING = 0,
	RUN_RUNNABLE = 1, /* waits for a CPU */
	RUN_BLOCKED = 2,
	RUN_OFFLINE = 3, /* down, paused, shut down */
};

/* The vCPU changes from what it did until now to `to`. Any CPU, run queue locks may be held; calls
 * for one vCPU do not overlap. Telling the same state twice is harmless. */
void vtime_runstate(struct vcpu *v, enum runstate to);

#endif
