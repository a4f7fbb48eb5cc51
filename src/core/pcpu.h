/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A physical CPU. Fields under "own" are touched by that CPU alone; "shared" ones by anybody, with
 * the rule that stands beside them.
 */
#ifndef CORE_PCPU_H
#define CORE_PCPU_H

#include "lib/compiler.h"
#include "core/timer.h"

struct vcpu;
struct arch_pcpu;
struct sched_pcpu;

/* Work that a CPU does before it enters a guest or sleeps; set by anybody,
 * then arch_pcpu_kick(). */
enum pcpu_work {
	PCPU_WORK_SCHED, /* choose again who runs */
	PCPU_WORK_TIMER, /* some timer may have expired */
	PCPU_WORK_CALL,	 /* run the functions that pcpu_call() left */
};

struct pcpu {
	struct pcpu *self; /* first: %gs:0 on x86 */

	/* own */
	u32 id;	       /* 0 .. pcpu_count - 1, dense */
	u8 lock_depth; /* debug: ranks of the locks this CPU holds */
	u8 lock_ranks[16];
	bool nmi_busy;
	struct vcpu *current; /* whose state is loaded, or NULL; others may look, racily */
	bool in_run;	      /* inside arch_vcpu_run() */
	struct timer_queue timers;
	struct sched_pcpu *sched;
	struct arch_pcpu *arch;

	/* shared */
	u32 work;      /* bits of enum pcpu_work, atomic */
	bool online;   /* written by this CPU, once */
	bool in_guest; /* seq_cst: true only between the last look at work and the next exit */
	bool idle;     /* seq_cst: true only from the last look at work to the end of the sleep */
	struct pcpu_call *calls; /* atomic list head */
};

#define MAX_PCPUS CONFIG_MAX_CPUS

extern struct pcpu *pcpus[MAX_PCPUS];
extern unsigned int pcpu_count; /* CPUs that exist; all are online once boot has finished */

/* maxcpus=: the most CPUs that are started. */
unsigned int pcpu_limit(void);

#include "arch/this_pcpu.h" /* struct pcpu *this_pcpu(void) */

#define for_each_cpu(p)                                           \
	for (unsigned int i_##p = 0; i_##p < pcpu_count; i_##p++) \
		if (((p) = pcpus[i_##p]) != NULL && (p)->online)

/* Sets a work bit and makes the CPU look at it soon. Any context. */
void pcpu_set_work(struct pcpu *p, enum pcpu_work w);

/* Runs fn(arg) on CPU p with interrupts masked. Does not wait. The call structure belongs to the
 * caller until *done is true (release by p, acquire by the waiter). */
struct pcpu_call {
	struct pcpu_call *next;
	void (*fn)(void *arg);
	void *arg;
	bool done;
};
void pcpu_call(struct pcpu *p, struct pcpu_call *c);
/* Waits for a call, and meanwhile runs those that others left for this CPU: so two CPUs may wait
 * for each other. No lock held. */
void pcpu_call_wait(struct pcpu_call *c);
/* Runs what was left by pcpu_call(); by the CPU itself, no lock held. */
void pcpu_run_calls(struct pcpu *p);

/* Fills in what core owns of a CPU's structure, which is zero: identity, timers. Sets neither
 * pcpus[] nor pcpu_count. */
void pcpu_init(struct pcpu *p, u32 id);

/* --- the loop ---
 * One stack for each CPU, none for a vCPU: a CPU runs this for ever, interrupts masked.
 *
 *   work (calls, timers) ─▶ who runs? ─▶ load ─▶ arch_vcpu_run() ─┐
 *     ▲                         └─ nobody ─▶ arch_pcpu_idle() ────┤
 *     └───────────────────────────────────────────────────────────┘
 *
 * No request is lost, because both sides write first and look second, all sequentially consistent:
 *
 *   somebody                              the CPU
 *   work |= bit (or v->pending, v->hold)  in_guest = true (or idle = true)
 *   if (in_guest or idle): kick           if (work or v->pending or v->hold): do not enter
 *
 * A kick that arrives after the look ends guest mode or the sleep at once, since interrupts are
 * masked until then.
 *
 * A vCPU that only waits for an event stays loaded while its CPU sleeps. It is unloaded when
 * another one takes the CPU, or when it is held for any further reason. */
void pcpu_loop(void) __noreturn;
/* One round of it. */
void pcpu_step(struct pcpu *p);
/* Unloads whatever vCPU this CPU has loaded; outside of arch_vcpu_run(). */
void pcpu_unload(struct pcpu *p);

/* The two looks of the protocol above are pcpu_enter_guest() and pcpu_left_guest() of
 * core/domain.h. */

#endif
