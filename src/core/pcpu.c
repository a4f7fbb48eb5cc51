/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a physical CPU does all day: work that others left for it, then the vCPU that the scheduler
 * chose, then sleep. Owns struct pcpu's work word; holds no lock across anything.
 */
#include "core/pcpu.h"

#include "arch/contract/cpu.h"
#include "core/domain.h"
#include "core/locks.h"
#include "core/param.h"
#include "core/schedule.h"
#include "lib/bug.h"
#include "lib/errno.h"
#include "lib/parse.h"

struct pcpu *pcpus[MAX_PCPUS];
unsigned int pcpu_count;

static u64 opt_maxcpus = MAX_PCPUS;

static int pcpu_parse_maxcpus(const char *value)
{
	const char *end = value;

	if (!value || parse_u64(value, &end, 0, &opt_maxcpus) || *end || opt_maxcpus == 0) {
		return -EINVAL;
	}
	return 0;
}
PARAM(maxcpus, "maxcpus", pcpu_parse_maxcpus);

unsigned int pcpu_limit(void)
{
	return MIN(opt_maxcpus, (u64)MAX_PCPUS);
}

void pcpu_init(struct pcpu *p, u32 id)
{
	p->self = p;
	p->id = id;
	timer_queue_init(&p->timers);
}

/* Pairs with pcpu_look(): the bit is there before we read what state the CPU is in. */
void pcpu_set_work(struct pcpu *p, enum pcpu_work w)
{
	__atomic_fetch_or(&p->work, BIT32(w), __ATOMIC_SEQ_CST);
	if (p != this_pcpu() && (__atomic_load_n(&p->in_guest, __ATOMIC_SEQ_CST) ||
					__atomic_load_n(&p->idle, __ATOMIC_SEQ_CST))) {
		arch_pcpu_kick(p);
	}
}

/* --- calls --- */

/* Release: whoever takes the list sees the call. Pairs with the exchange in pcpu_run_calls(). */
void pcpu_call(struct pcpu *p, struct pcpu_call *c)
{
	c->done = false;
	c->next = __atomic_load_n(&p->calls, __ATOMIC_RELAXED);
	while (!__atomic_compare_exchange_n(
		&p->calls, &c->next, c, true, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED)) {
	}
	pcpu_set_work(p, PCPU_WORK_CALL);
}

/* The list is newest first; calls run in the order in which they were made. */
static struct pcpu_call *pcpu_reverse(struct pcpu_call *c)
{
	struct pcpu_call *oldest = NULL;

	while (c) {
		struct pcpu_call *next = c->next;

		c->next = oldest;
		oldest = c;
		c = next;
	}
	return oldest;
}

void pcpu_run_calls(struct pcpu *p)
{
	struct pcpu_call *c = pcpu_reverse(__atomic_exchange_n(&p->calls, NULL, __ATOMIC_SEQ_CST));

	while (c) {
		struct pcpu_call *next = c->next;

		c->fn(c->arg);
		/* From here on it is the caller's, and may be gone. */
		__atomic_store_n(&c->done, true, __ATOMIC_RELEASE);
		c = next;
	}
}

void pcpu_call_wait(struct pcpu_call *c)
{
	while (!__atomic_load_n(&c->done, __ATOMIC_ACQUIRE)) {
		pcpu_run_calls(this_pcpu());
		arch_cpu_relax();
	}
}

/* --- the loop --- */

void pcpu_unload(struct pcpu *p)
{
	struct vcpu *v = p->current;

	if (!v) {
		return;
	}
	arch_vcpu_unload(v);
	WRITE_ONCE(p->current, NULL);
	/* Pairs with vcpu_stopped(): who sees false also sees the state that was saved. */
	__atomic_store_n(&v->running, false, __ATOMIC_RELEASE);
}

/* False: somebody has held v since it was chosen, and may already rely on its being stopped. */
static bool pcpu_load(struct pcpu *p, struct vcpu *v)
{
	if (p->current == v) {
		return true;
	}
	pcpu_unload(p);
	/* Pairs with vcpu_hold() and then vcpu_stopped(): write running, read hold. */
	__atomic_store_n(&v->running, true, __ATOMIC_SEQ_CST);
	if (__atomic_load_n(&v->hold, __ATOMIC_SEQ_CST) != 0) {
		__atomic_store_n(&v->running, false, __ATOMIC_RELEASE);
		return false;
	}
	WRITE_ONCE(p->current, v);
	arch_vcpu_load(v);
	return true;
}

static void pcpu_do_work(struct pcpu *p)
{
	u32 sched = BIT32(PCPU_WORK_SCHED);
	u32 work = __atomic_fetch_and(&p->work, sched, __ATOMIC_SEQ_CST);

	if (work & BIT32(PCPU_WORK_CALL)) {
		pcpu_run_calls(p);
	}
	if (work & BIT32(PCPU_WORK_TIMER)) {
		timer_run(p);
	}
	/* Timers and calls may have set it, too; the look that it asks for comes next. */
	__atomic_fetch_and(&p->work, ~sched, __ATOMIC_SEQ_CST);
}

/* A vCPU that only waits for an event keeps its state here while there is nobody else to run. */
static bool pcpu_must_unload(const struct vcpu *v)
{
	return (__atomic_load_n(&v->hold, __ATOMIC_SEQ_CST) & ~BIT32(VCPU_HOLD_BLOCKED)) != 0;
}

static void pcpu_sleep(struct pcpu *p)
{
	if (p->current && pcpu_must_unload(p->current)) {
		pcpu_unload(p);
	}
	__atomic_store_n(&p->idle, true, __ATOMIC_SEQ_CST);
	if (__atomic_load_n(&p->work, __ATOMIC_SEQ_CST) == 0) {
		arch_pcpu_idle(p);
	}
	__atomic_store_n(&p->idle, false, __ATOMIC_RELEASE);
}

void pcpu_step(struct pcpu *p)
{
	struct vcpu *v;

	ASSERT(p->lock_depth == 0);
	pcpu_do_work(p);
	v = sched_pick(p);
	if (!v) {
		pcpu_sleep(p);
		return;
	}
	if (!pcpu_load(p, v)) {
		return;
	}
	p->in_run = true;
	arch_vcpu_run(v);
	p->in_run = false;
}

void pcpu_loop(void)
{
	struct pcpu *p = this_pcpu();

	for (;;) {
		pcpu_step(p);
	}
}
