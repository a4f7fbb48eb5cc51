/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One-shot timers in system time (nanoseconds since boot, the same on all CPUs), a red-black tree
 * for each CPU. The callback runs on that CPU with no lock held and interrupts masked.
 */
#ifndef CORE_TIMER_H
#define CORE_TIMER_H

#include "core/locks.h"
#include "lib/rbtree.h"

struct pcpu;

struct timer_queue {
	struct spinlock lock;
	struct rb_root tree;
	u64 programmed_ns;     /* what the hardware is set to, ~0 for off */
	struct timer *running; /* whose callback runs now, or NULL */
};

struct timer {
	struct rb_node node;
	u64 expires_ns;
	void (*fn)(void *arg);
	void *arg;
	struct pcpu *cpu; /* on whose queue it is or will be */
	bool queued;	  /* under cpu->timers.lock */
};

void timer_queue_init(struct timer_queue *q);
void timer_init(struct timer *t, struct pcpu *cpu, void (*fn)(void *arg), void *arg);
/* (Re)arms; a time in the past fires as soon as the CPU looks. Any CPU. */
void timer_set(struct timer *t, u64 expires_ns);
/* Disarms. On return the callback is not going to start any more; on t->cpu it is not running. */
void timer_stop(struct timer *t);
/* timer_stop(), then waits until the callback does not run on any CPU (but this one). The caller
 * holds no lock that the callback takes, and nothing arms the timer again meanwhile. */
void timer_sync(struct timer *t);
/* Moves an armed or idle timer to another CPU's queue. */
void timer_migrate(struct timer *t, struct pcpu *cpu);

/* Callbacks that one timer_run() makes at most; if more are due, the interrupt comes again. */
#define TIMER_BATCH 64

/* Runs what has expired and programs the hardware for the next one. Own CPU, no lock held. */
void timer_run(struct pcpu *p);

#endif
