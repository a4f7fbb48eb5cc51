/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A fair share of CPU time by weight. Each CPU has a queue ordered by virtual runtime: the time
 * that a vCPU ran, divided by its weight. The one that had least runs next, for at most a slice
 * when others wait. An idle CPU takes waiting vCPUs from the longest queue; a busy one that has too
 * many hands some on. All this within a pool of CPUs.
 *
 *            wake                    pick
 *   OFF ─────────────▶ QUEUED ─────────────────▶ CHOSEN
 *    ▲                  │  ▲        pick           │
 *    ├──── sleep ───────┘  └───────────────────────┤
 *    └──────────────── pick, when held ────────────┘
 *
 * A vCPU changes its state and its CPU under the lock of its CPU's queue; it changes its CPU only
 * while its registers are in memory (not running).
 */
#include "core/time.h"
#include "sched/pool.h"

#define WEIGHT_DEFAULT 256
#define SLICE_NS (10 * NS_PER_MS)
/* A woken vCPU takes the CPU from one that had so much more; and so much credit may it have. */
#define PREEMPT_NS (1 * NS_PER_MS)
#define CREDIT_NS (5 * NS_PER_MS)
#define LEAD_NS SLICE_NS /* that a vCPU has over others keeps it waiting no longer */
#define BALANCE_NS (10 * SLICE_NS)

enum fair_state { FAIR_OFF, FAIR_QUEUED, FAIR_CHOSEN };

static struct sched_fair_pcpu *fair_queue(const struct pcpu *p)
{
	return &p->sched->fair;
}

static struct sched_fair_vcpu *fair_entity(const struct vcpu *v)
{
	return &v->sched->fair;
}

static struct vcpu *fair_vcpu(const struct rb_node *n)
{
	struct sched_fair_vcpu *e = rb_entry(n, struct sched_fair_vcpu, node);
	struct sched_vcpu *s = container_of(e, struct sched_vcpu, fair);

	return s->vcpu;
}

static bool fair_less(const struct rb_node *a, const struct rb_node *b)
{
	return rb_entry(a, struct sched_fair_vcpu, node)->vruntime_ns <
	       rb_entry(b, struct sched_fair_vcpu, node)->vruntime_ns;
}

static struct vcpu *fair_first(const struct sched_fair_pcpu *q)
{
	struct rb_node *n = rb_first(&q->tree);

	return n ? fair_vcpu(n) : NULL;
}

static bool fair_may_run(const struct vcpu *v)
{
	return __atomic_load_n(&v->hold, __ATOMIC_SEQ_CST) == 0;
}

/* --- a queue, under its lock --- */

static void fair_enqueue(struct sched_fair_pcpu *q, struct vcpu *v)
{
	struct sched_fair_vcpu *e = fair_entity(v);

	rb_insert(&q->tree, &e->node, fair_less);
	e->state = FAIR_QUEUED;
	q->queued_count++;
}

static void fair_dequeue(struct sched_fair_pcpu *q, struct vcpu *v)
{
	struct sched_fair_vcpu *e = fair_entity(v);

	rb_erase(&q->tree, &e->node);
	e->state = FAIR_OFF;
	q->queued_count--;
}

/* The clock follows the least vruntime of those that compete. */
static void fair_advance(struct sched_fair_pcpu *q)
{
	struct vcpu *first = fair_first(q);
	u64 least_ns = ~0ULL;

	if (q->chosen) {
		least_ns = fair_entity(q->chosen)->vruntime_ns;
	}
	if (first) {
		least_ns = MIN(least_ns, fair_entity(first)->vruntime_ns);
	}
	if (least_ns != ~0ULL) {
		q->base_ns = MAX(q->base_ns, least_ns);
	}
}

/* Charges the chosen one for the time since it was last charged. */
static void fair_charge(struct sched_fair_pcpu *q, u64 now_ns)
{
	struct sched_fair_vcpu *e;

	if (q->chosen) {
		e = fair_entity(q->chosen);
		if (now_ns > e->start_ns) {
			e->vruntime_ns += (now_ns - e->start_ns) * WEIGHT_DEFAULT / e->weight;
			e->start_ns = now_ns;
		}
	}
	fair_advance(q);
}

static void fair_choose(struct sched_fair_pcpu *q, struct vcpu *v, u64 now_ns)
{
	q->chosen = v;
	if (v) {
		fair_entity(v)->state = FAIR_CHOSEN;
		fair_entity(v)->start_ns = now_ns;
		q->slice_start_ns = now_ns;
	}
}

/* Has somebody in the queue a better claim than the chosen one, who may run on? */
static bool fair_must_switch(const struct sched_fair_pcpu *q, u64 now_ns)
{
	struct vcpu *first = fair_first(q);
	u64 had_ns, least_ns;

	if (!first) {
		return false;
	}
	had_ns = fair_entity(q->chosen)->vruntime_ns;
	least_ns = fair_entity(first)->vruntime_ns;
	if (now_ns - q->slice_start_ns >= SLICE_NS) {
		return least_ns <= had_ns;
	}
	return least_ns + PREEMPT_NS < had_ns;
}

/* Puts away the one that was chosen, if its time is over; then none is chosen. */
static void fair_put_chosen(struct sched_fair_pcpu *q, u64 now_ns)
{
	struct vcpu *v = q->chosen;

	fair_charge(q, now_ns);
	if (!v) {
		return;
	}
	if (!fair_may_run(v)) {
		q->chosen = NULL;
		fair_entity(v)->state = FAIR_OFF;
	} else if (fair_must_switch(q, now_ns)) {
		q->chosen = NULL;
		fair_enqueue(q, v);
	} else if (now_ns - q->slice_start_ns >= SLICE_NS) {
		q->slice_start_ns = now_ns;
	}
}

/* A tick only while somebody waits. */
static void fair_arm_slice(struct sched_fair_pcpu *q)
{
	bool wanted = q->chosen && q->queued_count > 0;

	if (wanted) {
		timer_set(&q->slice, q->slice_start_ns + SLICE_NS);
	} else if (q->slice_armed) {
		timer_stop(&q->slice);
	}
	q->slice_armed = wanted;
}

/* --- between queues --- */

static bool fair_is_idle(const struct pcpu *p)
{
	const struct sched_fair_pcpu *q = fair_queue(p);

	return !READ_ONCE(q->chosen) && READ_ONCE(q->queued_count) == 0;
}

static unsigned int fair_load(const struct pcpu *p)
{
	const struct sched_fair_pcpu *q = fair_queue(p);

	return READ_ONCE(q->queued_count) + (READ_ONCE(q->chosen) ? 1 : 0);
}

/* Each queue has a clock of its own. v takes along how much it is behind or ahead, within bounds.
 * Both queues are locked, and charged. */
static void fair_move(struct vcpu *v, struct pcpu *to)
{
	struct sched_fair_vcpu *e = fair_entity(v);
	u64 from_ns = fair_queue(v->cpu)->base_ns, to_ns = fair_queue(to)->base_ns;
	u64 ahead_ns = e->vruntime_ns - MIN(e->vruntime_ns, from_ns);
	u64 behind_ns = from_ns - MIN(from_ns, e->vruntime_ns);

	ahead_ns = MIN(ahead_ns, LEAD_NS);
	behind_ns = MIN(behind_ns, CREDIT_NS);
	e->vruntime_ns = to_ns + ahead_ns - MIN(behind_ns, to_ns);
	e->moved_ns = arch_now_ns();
	__atomic_store_n(&v->cpu, to, __ATOMIC_SEQ_CST);
}

/* Of those with the fewest to run, the one that has not been given any for the longest time. */
static struct pcpu *fair_least_loaded(struct pcpu *best)
{
	const struct cpupool *pool = best->sched->pool;
	struct pcpu *p;

	for_each_pool_cpu(pool, p) {
		unsigned int load = fair_load(p), least = fair_load(best);

		if (load < least ||
			(load == least && READ_ONCE(fair_queue(p)->balanced_ns) <
						  READ_ONCE(fair_queue(best)->balanced_ns))) {
			best = p;
		}
	}
	return best;
}

/* Where a woken vCPU had best run: where it ran, if nobody is there; else where it can run at once;
 * else where fewest wait. Racy looks: any answer is correct. */
static struct pcpu *fair_place(const struct vcpu *v)
{
	struct pcpu *last = READ_ONCE(v->cpu);

	return !vcpu_stopped(v) || fair_is_idle(last) ? last : fair_least_loaded(last);
}

static struct pcpu *fair_busiest(const struct pcpu *self)
{
	struct pcpu *busiest = NULL, *p;
	unsigned int most = 0;

	for_each_pool_cpu(self->sched->pool, p) {
		unsigned int waiting = READ_ONCE(fair_queue(p)->queued_count);

		if (p != self && waiting > most) {
			most = waiting;
			busiest = p;
		}
	}
	return busiest;
}

/* One that waits and whose registers are in memory. Under q's lock. */
static struct vcpu *fair_find_movable(const struct sched_fair_pcpu *q)
{
	for (struct rb_node *n = rb_first(&q->tree); n; n = rb_next(n)) {
		struct vcpu *v = fair_vcpu(n);

		if (vcpu_stopped(v)) {
			return v;
		}
	}
	return NULL;
}

/* p has nothing to do: runs what waits elsewhere, or what was queued here meanwhile. */
static struct vcpu *fair_steal(struct pcpu *p, u64 now_ns)
{
	struct pcpu *from = fair_busiest(p);
	struct sched_fair_pcpu *q = fair_queue(p);
	struct vcpu *v;

	if (!from) {
		return NULL;
	}
	spin_lock_pair(&q->lock, &fair_queue(from)->lock);
	v = fair_first(q);
	if (v) {
		fair_dequeue(q, v);
	} else if ((v = fair_find_movable(fair_queue(from))) != NULL) {
		fair_dequeue(fair_queue(from), v);
		fair_move(v, p);
	}
	fair_choose(q, v, now_ns);
	fair_arm_slice(q);
	spin_unlock_pair(&q->lock, &fair_queue(from)->lock);
	return v;
}

/* Who has been on this queue the longest moves on, so that all take turns in being where it is
 * crowded. NULL: that one cannot move now. Under q's lock. */
static struct vcpu *fair_find_oldest(const struct sched_fair_pcpu *q)
{
	struct vcpu *oldest = q->chosen;

	for (struct rb_node *n = rb_first(&q->tree); n; n = rb_next(n)) {
		struct vcpu *v = fair_vcpu(n);

		if (!oldest || fair_entity(v)->moved_ns <= fair_entity(oldest)->moved_ns) {
			oldest = v;
		}
	}
	return oldest != q->chosen && vcpu_stopped(oldest) ? oldest : NULL;
}

static bool fair_hand_on(struct pcpu *p, struct pcpu *to, bool oldest)
{
	struct sched_fair_pcpu *q = fair_queue(p), *q_to = fair_queue(to);
	u64 now_ns = arch_now_ns();
	struct vcpu *v;

	spin_lock_pair(&q->lock, &q_to->lock);
	v = oldest ? fair_find_oldest(q) : fair_find_movable(q);
	if (v) {
		fair_charge(q, now_ns);
		fair_charge(q_to, now_ns);
		fair_dequeue(q, v);
		fair_move(v, to);
		fair_enqueue(q_to, v);
		q->balanced_ns = q_to->balanced_ns = now_ns;
	}
	spin_unlock_pair(&q->lock, &q_to->lock);
	return v != NULL;
}

/*
 * While all CPUs are busy, nobody fetches; and one that looked while the vCPU that waits was still
 * loaded, went to sleep with empty hands. So a queue that is longer than another hands one on. A
 * difference of one is passed round now and then, else who shares a CPU with one more would get
 * less for ever.
 */
static void fair_balance(struct pcpu *p)
{
	struct pcpu *to = fair_least_loaded(p);
	unsigned int here = fair_load(p), there = fair_load(to);
	u64 since_ns = arch_now_ns() - fair_queue(p)->balanced_ns;

	if (there >= here || (there + 1 == here && since_ns < BALANCE_NS)) {
		return;
	}
	if (fair_hand_on(p, to, there + 1 == here)) {
		pcpu_set_work(to, PCPU_WORK_SCHED);
	}
}

static void fair_slice_over(void *arg)
{
	fair_balance(arg);
	pcpu_set_work(arg, PCPU_WORK_SCHED);
}

/* --- the policy --- */

static void fair_pcpu_init(struct pcpu *p)
{
	struct sched_fair_pcpu *q = fair_queue(p);

	spin_init(&q->lock, RANK_SCHED);
	timer_init(&q->slice, p, fair_slice_over, p);
}

static int fair_vcpu_create(struct vcpu *v)
{
	v->cpu = pool_cpu(v->domain->cpupool, pool_first_cpu(v));
	fair_entity(v)->weight = WEIGHT_DEFAULT;
	return 0;
}

/* It is held and not loaded; its CPU may not have noticed yet that it is not chosen any more. */
static void fair_vcpu_destroy(struct vcpu *v)
{
	struct sched_fair_pcpu *q = fair_queue(v->cpu);

	spin_lock(&q->lock);
	if (q->chosen == v) {
		q->chosen = NULL;
	}
	fair_entity(v)->state = FAIR_OFF;
	spin_unlock(&q->lock);
}

static struct vcpu *fair_pick(struct pcpu *p)
{
	struct sched_fair_pcpu *q = fair_queue(p);
	u64 now_ns = arch_now_ns();
	struct vcpu *v;

	spin_lock(&q->lock);
	fair_put_chosen(q, now_ns);
	v = q->chosen;
	if (!v && (v = fair_first(q)) != NULL) {
		fair_dequeue(q, v);
		fair_choose(q, v, now_ns);
	}
	fair_arm_slice(q);
	spin_unlock(&q->lock);

	return v ? v : fair_steal(p, now_ns);
}

/* Does the woken v deserve the CPU more than who has it? Under q's lock. */
static bool fair_preempts(struct sched_fair_pcpu *q, const struct vcpu *v)
{
	if (!q->chosen) {
		return true;
	}
	return fair_entity(v)->vruntime_ns + PREEMPT_NS < fair_entity(q->chosen)->vruntime_ns;
}

/* Returns whether the CPU has to look again. Both queues are locked. */
static bool fair_wake_on(struct vcpu *v, struct pcpu *from, struct pcpu *to)
{
	struct sched_fair_pcpu *q = fair_queue(to);
	struct sched_fair_vcpu *e = fair_entity(v);
	u64 least_ns;

	if (e->state != FAIR_OFF || !fair_may_run(v)) {
		return false;
	}
	if (from != to && !vcpu_stopped(v)) {
		return fair_wake_on(v, from, from);
	}
	fair_charge(q, arch_now_ns());
	if (from != to) {
		fair_move(v, to);
	}
	least_ns = q->base_ns - MIN(q->base_ns, (u64)CREDIT_NS);
	e->vruntime_ns = MAX(e->vruntime_ns, least_ns);
	fair_enqueue(q, v);
	return fair_preempts(q, v) || !q->slice_armed;
}

static void fair_wake(struct vcpu *v)
{
	struct pcpu *from, *to, *on;
	bool look;

	for (;;) {
		from = READ_ONCE(v->cpu);
		to = fair_place(v);
		spin_lock_pair(&fair_queue(from)->lock, &fair_queue(to)->lock);
		if (from == READ_ONCE(v->cpu)) {
			break;
		}
		spin_unlock_pair(&fair_queue(from)->lock, &fair_queue(to)->lock);
	}
	look = fair_wake_on(v, from, to);
	on = v->cpu;
	spin_unlock_pair(&fair_queue(from)->lock, &fair_queue(to)->lock);
	if (look) {
		pcpu_set_work(on, PCPU_WORK_SCHED);
	}
}

static struct pcpu *fair_lock_cpu_of(const struct vcpu *v)
{
	for (;;) {
		struct pcpu *p = READ_ONCE(v->cpu);

		spin_lock(&fair_queue(p)->lock);
		if (p == READ_ONCE(v->cpu)) {
			return p;
		}
		spin_unlock(&fair_queue(p)->lock);
	}
}

static void fair_sleep(struct vcpu *v)
{
	struct pcpu *p = fair_lock_cpu_of(v);
	struct sched_fair_pcpu *q = fair_queue(p);
	bool look = false;

	if (!fair_may_run(v)) {
		if (fair_entity(v)->state == FAIR_QUEUED) {
			fair_dequeue(q, v);
		}
		look = fair_entity(v)->state == FAIR_CHOSEN || !vcpu_stopped(v);
	}
	spin_unlock(&q->lock);
	if (look) {
		pcpu_set_work(p, PCPU_WORK_SCHED);
	}
}

/* Goes behind the one that had least, and its slice is over. */
static void fair_yield(struct vcpu *v)
{
	struct pcpu *p = fair_lock_cpu_of(v);
	struct sched_fair_pcpu *q = fair_queue(p);
	struct vcpu *first;
	u64 now_ns = arch_now_ns();

	fair_charge(q, now_ns);
	first = fair_first(q);
	if (first && q->chosen == v) {
		fair_entity(v)->vruntime_ns = MAX(
			fair_entity(v)->vruntime_ns, fair_entity(first)->vruntime_ns);
		q->slice_start_ns = now_ns - MIN(now_ns, SLICE_NS);
	}
	spin_unlock(&q->lock);
	if (first) {
		pcpu_set_work(p, PCPU_WORK_SCHED);
	}
}

const struct sched_ops sched_fair = {
	.name = "fair",
	.pcpu_init = fair_pcpu_init,
	.vcpu_create = fair_vcpu_create,
	.vcpu_destroy = fair_vcpu_destroy,
	.pick = fair_pick,
	.wake = fair_wake,
	.sleep = fair_sleep,
	.yield = fair_yield,
};
