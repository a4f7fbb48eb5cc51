/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Timers: one tree by expiry for each CPU, and the CPU's one hardware timer set to the earliest. A
 * callback never runs under a lock, and never on another CPU than the timer's.
 */
#include "core/timer.h"

#include "arch/contract/cpu.h"
#include "core/pcpu.h"
#include "core/time.h"

#define TIMER_OFF (~0ULL)

static bool timer_less(const struct rb_node *a, const struct rb_node *b)
{
	return rb_entry(a, struct timer, node)->expires_ns <
	       rb_entry(b, struct timer, node)->expires_ns;
}

void timer_queue_init(struct timer_queue *q)
{
	*q = (struct timer_queue){ .programmed_ns = TIMER_OFF };
	spin_init(&q->lock, RANK_TIMER);
}

void timer_init(struct timer *t, struct pcpu *cpu, void (*fn)(void *arg), void *arg)
{
	*t = (struct timer){ .fn = fn, .arg = arg, .cpu = cpu };
}

/* Locks the queue of the CPU that the timer is on, which may change until the lock is held. */
static struct pcpu *timer_lock(struct timer *t)
{
	for (;;) {
		struct pcpu *p = READ_ONCE(t->cpu);

		spin_lock(&p->timers.lock);
		if (p == READ_ONCE(t->cpu)) {
			return p;
		}
		spin_unlock(&p->timers.lock);
	}
}

static void timer_unlock(struct pcpu *p)
{
	spin_unlock(&p->timers.lock);
}

static void timer_dequeue(struct pcpu *p, struct timer *t)
{
	if (t->queued) {
		rb_erase(&p->timers.tree, &t->node);
		t->queued = false;
	}
}

static void timer_enqueue(struct pcpu *p, struct timer *t)
{
	rb_insert(&p->timers.tree, &t->node, timer_less);
	t->queued = true;
}

/* Sees to it that the hardware is set early enough; true: the other CPU has to do that. */
static bool timer_hasten(struct pcpu *p, u64 expires_ns)
{
	if (expires_ns >= p->timers.programmed_ns) {
		return false;
	}
	if (p != this_pcpu()) {
		return true;
	}
	p->timers.programmed_ns = expires_ns;
	arch_timer_program(expires_ns);
	return false;
}

void timer_set(struct timer *t, u64 expires_ns)
{
	struct pcpu *p = timer_lock(t);
	bool remote;

	timer_dequeue(p, t);
	t->expires_ns = expires_ns;
	timer_enqueue(p, t);
	remote = timer_hasten(p, expires_ns);
	timer_unlock(p);
	if (remote) {
		pcpu_set_work(p, PCPU_WORK_TIMER);
	}
}

void timer_stop(struct timer *t)
{
	struct pcpu *p = timer_lock(t);

	timer_dequeue(p, t);
	timer_unlock(p);
}

void timer_sync(struct timer *t)
{
	for (;;) {
		struct pcpu *p = timer_lock(t);
		bool busy = p != this_pcpu() && p->timers.running == t;

		timer_dequeue(p, t);
		timer_unlock(p);
		if (!busy) {
			return;
		}
		arch_cpu_relax();
	}
}

void timer_migrate(struct timer *t, struct pcpu *cpu)
{
	struct pcpu *old;
	bool remote = false;

	for (;;) {
		old = READ_ONCE(t->cpu);
		spin_lock_pair(&old->timers.lock, &cpu->timers.lock);
		if (old == READ_ONCE(t->cpu)) {
			break;
		}
		spin_unlock_pair(&old->timers.lock, &cpu->timers.lock);
	}
	if (t->queued && old != cpu) {
		timer_dequeue(old, t);
		timer_enqueue(cpu, t);
		remote = timer_hasten(cpu, t->expires_ns);
	}
	WRITE_ONCE(t->cpu, cpu);
	spin_unlock_pair(&old->timers.lock, &cpu->timers.lock);
	if (remote) {
		pcpu_set_work(cpu, PCPU_WORK_TIMER);
	}
}

/* Always, even for the same time: the interrupt that led here may have come a little early. */
static void timer_program(struct timer_queue *q, const struct rb_node *first)
{
	u64 next_ns = first ? rb_entry(first, struct timer, node)->expires_ns : TIMER_OFF;

	if (next_ns == TIMER_OFF && q->programmed_ns == TIMER_OFF) {
		return;
	}
	q->programmed_ns = next_ns;
	arch_timer_program(next_ns);
}

void timer_run(struct pcpu *p)
{
	struct timer_queue *q = &p->timers;
	u64 now_ns = arch_now_ns();
	struct rb_node *first;

	spin_lock(&q->lock);
	for (unsigned int i = 0; (first = rb_first(&q->tree)) != NULL && i < TIMER_BATCH; i++) {
		struct timer *t = rb_entry(first, struct timer, node);
		void (*fn)(void *arg) = t->fn;
		void *arg = t->arg;

		if (t->expires_ns > now_ns) {
			break;
		}
		timer_dequeue(p, t);
		q->running = t;
		spin_unlock(&q->lock);
		fn(arg);
		spin_lock(&q->lock);
		q->running = NULL;
	}
	timer_program(q, first);
	spin_unlock(&q->lock);
}
