/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What all scheduling policies share: the option that chooses one, the unit, and the account of
 * each vCPU's time. Decides nothing about who runs.
 */
#include "sched/sched.h"

#include "core/desc.h"
#include "core/log.h"
#include "core/param.h"
#include "core/time.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/heap.h"
#include "sched/pool.h"

static const struct sched_ops *policy = SCHED_DEFAULT;

static const struct {
	const char *word;
	const struct sched_ops *ops;
} policies[] = {
	{ "null", &sched_null },
	{ "fair", SCHED_DEFAULT },
	{ "credit2", SCHED_DEFAULT },
	{ "credit", SCHED_DEFAULT },
};

const struct sched_ops *sched_find(const char *word)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(policies); i++) {
		if (strcmp(policies[i].word, word) == 0) {
			return policies[i].ops;
		}
	}
	return NULL;
}

static int sched_parse(const char *value)
{
	const struct sched_ops *ops = value ? sched_find(value) : NULL;

	if (!ops) {
		return -EINVAL;
	}
	policy = ops;
	pool_set_default(ops);
	if (strcmp(ops->name, value) != 0) {
		log_info("sched=%s: %s takes its place", value, ops->name);
	}
	return 0;
}
PARAM(sched, "sched", sched_parse);

const struct sched_ops *sched_policy(void)
{
	return policy;
}

static const struct sched_ops *sched_ops_of(const struct vcpu *v)
{
	return v->domain->cpupool->ops;
}

/* --- time --- */

static enum sched_state sched_state_of(const struct vcpu *v)
{
	u32 hold = __atomic_load_n(&v->hold, __ATOMIC_SEQ_CST);

	if (READ_ONCE(v->sched->chosen)) {
		return SCHED_RUNNING;
	}
	if (hold == 0) {
		return SCHED_RUNNABLE;
	}
	return hold == BIT32(VCPU_HOLD_BLOCKED) ? SCHED_BLOCKED : SCHED_OFFLINE;
}

/* Adds the time since the last change. */
static void sched_book(struct sched_times *t, u64 now_ns)
{
	t->ns[t->state] += now_ns - MIN(now_ns, t->since_ns);
}

/* After any change: callers need no order among each other, since each looks at what is now. */
static void sched_account(struct vcpu *v)
{
	struct sched_vcpu *s = v->sched;
	enum sched_state state;

	spin_lock(&s->times_lock);
	state = sched_state_of(v);
	if (state != s->times.state) {
		u64 now_ns = arch_now_ns();

		sched_book(&s->times, now_ns);
		s->times.since_ns = now_ns;
		s->times.state = state;
	}
	spin_unlock(&s->times_lock);
}

void sched_get_times(struct vcpu *v, struct sched_times *out)
{
	struct sched_vcpu *s = v->sched;

	spin_lock(&s->times_lock);
	*out = s->times;
	spin_unlock(&s->times_lock);
	sched_book(out, arch_now_ns());
}

/* --- what core asks --- */

static void sched_set_chosen(struct vcpu *v, bool chosen)
{
	if (v) {
		WRITE_ONCE(v->sched->chosen, chosen);
		sched_account(v);
	}
}

struct vcpu *sched_pick(struct pcpu *p)
{
	struct vcpu *old = p->sched->chosen;
	struct vcpu *v = p->sched->pool->ops->pick(p);

	if (v == old) {
		return v;
	}
	p->sched->chosen = v;
	sched_set_chosen(old, false);
	sched_set_chosen(v, true);
	if (v) {
		/* Its guest's records of stolen time are old. Own CPU: no kick is needed. */
		__atomic_fetch_or(&v->pending, BIT32(VCPU_PENDING_TIME), __ATOMIC_SEQ_CST);
	}
	return v;
}

void sched_wake(struct vcpu *v)
{
	sched_ops_of(v)->wake(v);
	sched_account(v);
}

void sched_sleep(struct vcpu *v)
{
	sched_ops_of(v)->sleep(v);
	sched_account(v);
}

void sched_note(struct vcpu *v)
{
	sched_account(v);
}

void sched_vcpu_yield(struct vcpu *v)
{
	const struct sched_ops *ops = sched_ops_of(v);

	if (ops->yield) {
		ops->yield(v);
	}
}

/* --- unit --- */

static int sched_cpu_up(struct pcpu *p)
{
	struct sched_pcpu *s = heap_new(&pool_system, struct sched_pcpu);

	if (!s) {
		return -ENOMEM;
	}
	p->sched = s;
	for (unsigned int i = 0; i < ARRAY_SIZE(policies); i++) {
		if (strcmp(policies[i].word, policies[i].ops->name) == 0) {
			policies[i].ops->pcpu_init(p);
		}
	}
	pool_cpu_up(p);
	return 0;
}

static int sched_domain_create(struct domain *d, const struct domain_desc *desc)
{
	return pool_bind(d, desc->cpupool);
}

static void sched_domain_destroy(struct domain *d)
{
	pool_unbind(d);
}

static int sched_vcpu_create(struct vcpu *v)
{
	struct sched_vcpu *s = heap_new(&v->domain->pool, struct sched_vcpu);
	int rc;

	if (!s) {
		return -ENOMEM;
	}
	spin_init(&s->times_lock, RANK_SCHED);
	s->vcpu = v;
	s->times.state = SCHED_OFFLINE;
	s->times.since_ns = arch_now_ns();
	v->sched = s;
	rc = sched_ops_of(v)->vcpu_create(v);
	if (rc != 0) {
		v->sched = NULL;
		heap_free(&v->domain->pool, s);
	}
	return rc;
}

/* On v's CPU, between two rounds of its loop: what it chose last may have been v. */
static void sched_forget(void *arg)
{
	struct vcpu *v = arg;
	struct sched_pcpu *s = this_pcpu()->sched;

	if (s->chosen == v) {
		s->chosen = NULL;
	}
}

/* Once the policy does not offer v any more, its CPU may still have it in its hands. */
static void sched_vcpu_destroy(struct vcpu *v)
{
	struct pcpu_call call = { .fn = sched_forget, .arg = v };

	sched_ops_of(v)->vcpu_destroy(v);
	if (v->cpu == this_pcpu()) {
		sched_forget(v);
	} else {
		pcpu_call(v->cpu, &call);
		pcpu_call_wait(&call);
	}
	heap_free(&v->domain->pool, v->sched);
	v->sched = NULL;
}

static const char *const state_words[SCHED_STATES] = { "running", "runnable", "blocked",
	"offline" };

static void sched_dump_cpu(const struct pcpu *p)
{
	struct vcpu *v = READ_ONCE(p->sched->chosen);
	struct sched_times t;

	if (!v) {
		log_dump("CPU %u: idle", p->id);
		return;
	}
	sched_get_times(v, &t);
	log_dump("CPU %u: d%uv%u %s; ran %llu ms, waited %llu ms", p->id, v->domain->id, v->id,
		state_words[t.state], (unsigned long long)(t.ns[SCHED_RUNNING] / NS_PER_MS),
		(unsigned long long)(t.ns[SCHED_RUNNABLE] / NS_PER_MS));
}

static void sched_dump(void)
{
	struct pcpu *p;

	for (struct cpupool *pool = pool_find(0); pool; pool = pool_next(pool)) {
		log_dump("CPU pool %u (%s): scheduler %s", pool->id, pool->name, pool->ops->name);
		for_each_pool_cpu(pool, p) {
			sched_dump_cpu(p);
		}
	}
}

const struct unit sched_unit = {
	.name = "sched",
	.cpu_up = sched_cpu_up,
	.domain_create = sched_domain_create,
	.domain_destroy = sched_domain_destroy,
	.vcpu_create = sched_vcpu_create,
	.vcpu_destroy = sched_vcpu_destroy,
	.dump = sched_dump,
	.dump_key = 'r',
	.dump_what = "scheduler",
};
