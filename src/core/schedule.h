/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What core asks of the scheduler; sched/sched.c has it. Core decides whether a vCPU may run (its
 * hold word); the scheduler decides where and when.
 */
#ifndef CORE_SCHEDULE_H
#define CORE_SCHEDULE_H

#include "lib/types.h"

struct pcpu;
struct vcpu;

/* Who runs on this CPU now: a vCPU without holds whose CPU this is, or NULL. Own CPU, no lock. */
struct vcpu *sched_pick(struct pcpu *p);

/* v's hold word has become zero, or is not zero any more. Both look at the word again and do what
 * it says now, so that callers on different CPUs need no order. Any CPU. */
void sched_wake(struct vcpu *v);
void sched_sleep(struct vcpu *v);
/* v is held before and after, for different reasons: books its time. */
void sched_note(struct vcpu *v);

#endif
