/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One vCPU for each CPU, for good: no queue, no tick, no lock on the way in or out of the guest.
 * The lock here serialises creation and destruction alone.
 */
#include "core/log.h"
#include "lib/errno.h"
#include "sched/sched.h"

static struct spinlock null_lock = SPINLOCK_INIT(RANK_SCHED);

static void null_pcpu_init(struct pcpu *p)
{
}

static bool null_take(struct pcpu *p, struct vcpu *v)
{
	if (!p || !p->online || p->sched->only) {
		return false;
	}
	v->cpu = p;
	WRITE_ONCE(p->sched->only, v);
	return true;
}

static int null_vcpu_create(struct vcpu *v)
{
	unsigned int first = sched_first_cpu(v);
	bool found = false;

	spin_lock(&null_lock);
	for (unsigned int i = 0; i < pcpu_count && !found; i++) {
		found = null_take(pcpus[(first + i) % pcpu_count], v);
	}
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
