/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One vCPU for each CPU, for good: no queue, no tick, no lock on the way in or out of the guest.
 * The lock here serialises creation and destruction alone.
 */
#include "core/log.h"
#include "lib/errno.h"
#include "sched/pool.h"

static struct spinlock null_lock = SPINLOCK_INIT(RANK_SCHED);

static void null_pcpu_init(struct pcpu *p)
{
}

static bool null_take(struct pcpu *p, struct vcpu *v)
{
	if (p->sched->only) {
		return false;
	}
	v->cpu = p;
	WRITE_ONCE(p->sched->only, v);
	return true;
}

/* The first free CPU of the pool, from the n-th on, and then from the start. */
static bool null_find(struct vcpu *v, unsigned int first)
{
	const struct cpupool *pool = v->domain->cpupool;
	unsigned int count = pool_cpu_count(pool);

	for (unsigned int i = 0; i < count; i++) {
		if (null_take(pool_cpu(pool, (first + i) % count), v)) {
			return true;
		}
	}
	return false;
}

static int null_vcpu_create(struct vcpu *v)
{
	bool found;

	spin_lock(&null_lock);
	found = null_find(v, pool_first_cpu(v));
	spin_unlock(&null_lock);
	if (!found) {
		log_warn("d%uv%u: sched=null has no CPU left for it", v->domain->id, v->id);
		return -EBUSY;
	}
	return 0;
}

static void null_vcpu_destroy(struct vcpu *v)
{
	spin_lock(&null_lock);
	WRITE_ONCE(v->cpu->sched->only, NULL);
	spin_unlock(&null_lock);
}

static struct vcpu *null_pick(struct pcpu *p)
{
	struct vcpu *v = READ_ONCE(p->sched->only);

	return v && __atomic_load_n(&v->hold, __ATOMIC_SEQ_CST) == 0 ? v : NULL;
}

static void null_changed(struct vcpu *v)
{
	pcpu_set_work(v->cpu, PCPU_WORK_SCHED);
}

const struct sched_ops sched_null = {
	.name = "null",
	.pcpu_init = null_pcpu_init,
	.vcpu_create = null_vcpu_create,
	.vcpu_destroy = null_vcpu_destroy,
	.pick = null_pick,
	.wake = null_changed,
	.sleep = null_changed,
};
