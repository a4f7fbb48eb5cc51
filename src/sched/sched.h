/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who runs where, and when. The core of the scheduler (sched.c) keeps what all policies share: the
 * choice of the policy, and how long each vCPU was in which state. A policy is a struct sched_ops;
 * each pool of CPUs (pool.h) has one.
 *
 *   vcpu_hold/release ─▶ sched_sleep/wake ─▶ ops ─▶ PCPU_WORK_SCHED ─▶ pcpu_step ─▶ sched_pick ─▶
 * ops
 */
#ifndef SCHED_SCHED_H
#define SCHED_SCHED_H

#include "core/domain.h"
#include "core/schedule.h"
#include "core/unit.h"

/* Where a vCPU's time went; numbers of RUNSTATE_* in xen/vcpu.h. */
enum sched_state {
	SCHED_RUNNING,
	SCHED_RUNNABLE, /* would run, had it a CPU */
	SCHED_BLOCKED,	/* waits for an event and for nothing else */
	SCHED_OFFLINE,	/* held for another reason */
	SCHED_STATES
};

struct sched_times {
	enum sched_state state;
	u64 since_ns; /* in system time, of the state above */
	u64 ns[SCHED_STATES];
};

/* fair.c: one vCPU. Under the lock of its CPU's queue. */
struct sched_fair_vcpu {
	struct rb_node node;
	u64 vruntime_ns; /* time it ran, scaled by its weight, on the clock of its queue */
	u64 start_ns;	 /* while chosen: up to when vruntime_ns is right */
	u64 moved_ns;	 /* when it came to its CPU */
	u32 weight;
	u8 state; /* enum fair_state */
};

/* fair.c: one CPU's queue. */
struct sched_fair_pcpu {
	struct spinlock lock;
	struct rb_root tree; /* runnable ones that are not chosen, by vruntime */
	u32 queued_count;
	u64 base_ns;	     /* the queue's clock: the least vruntime, never goes back */
	struct vcpu *chosen; /* by pick */
	u64 slice_start_ns;
	u64 balanced_ns; /* when it last gave or was given a vCPU to even things out */
	bool slice_armed;
	struct timer slice;
};

struct sched_vcpu {
	struct vcpu *vcpu;
	struct spinlock times_lock; /* RANK_SCHED, never together with a queue's */
	struct sched_times times;
	bool chosen; /* by the last sched_pick() of its CPU */
	struct sched_fair_vcpu fair;
};

struct cpupool;

struct sched_pcpu {
	struct cpupool *pool; /* changes at boot only */
	struct vcpu *chosen;  /* own */
	struct vcpu *only;    /* null.c: whose CPU this is, or NULL */
	struct sched_fair_pcpu fair;
};

struct sched_ops {
	const char *name;
	void (*pcpu_init)(struct pcpu *p); /* every CPU, whatever its pool */
	/* Sets v->cpu. -EBUSY: no place. */
	int (*vcpu_create)(struct vcpu *v);
	void (*vcpu_destroy)(struct vcpu *v);
	/* See core/schedule.h. */
	struct vcpu *(*pick)(struct pcpu *p);
	void (*wake)(struct vcpu *v);
	void (*sleep)(struct vcpu *v);
	void (*yield)(struct vcpu *v); /* may be NULL */
};

extern const struct sched_ops sched_null, sched_fair;
#define SCHED_DEFAULT (IS_ENABLED(CONFIG_SCHED_FAIR) ? &sched_fair : &sched_null)

/* First in the table of units: everybody may rely on v->cpu. */
extern const struct unit sched_unit;

/* The policy of pools that name none; sched= chooses it. */
const struct sched_ops *sched_policy(void);
/* The policy of this name, as in sched=, or the one that takes its place; NULL. */
const struct sched_ops *sched_find(const char *word);

/* The current vCPU lets others go first. */
void sched_vcpu_yield(struct vcpu *v);
/* Where v's time went so far, the current state included. Any CPU. */
void sched_get_times(struct vcpu *v, struct sched_times *out);

#endif
