/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which CPU belongs to which pool, and which domain runs in which. Decides nothing about who runs.
 *
 * The list of pools and the pools of CPUs change only while no vCPU can notice: at boot. What every
 * CPU keeps for a policy is set up for all policies, so that a CPU changes over by one pointer.
 */
#include "sched/pool.h"

#include "core/log.h"
#include "lib/errno.h"
#include "lib/printf.h"
#include "lib/string.h"

static struct cpupool pools[POOL_MAX] = { { .name = "Pool-0", .ops = SCHED_DEFAULT } };
static unsigned int pool_count = 1;

void pool_set_default(const struct sched_ops *ops)
{
	pools[0].ops = ops;
}

struct cpupool *pool_find(u32 id)
{
	return id < pool_count ? &pools[id] : NULL;
}

struct cpupool *pool_next(const struct cpupool *pool)
{
	return pool_find(pool->id + 1);
}

/* --- CPUs --- */

void pool_cpu_up(struct pcpu *p)
{
	WRITE_ONCE(p->sched->pool, &pools[0]);
}

int pool_take_cpu(struct cpupool *pool, struct pcpu *p)
{
	if (pool_has(pool, p)) {
		return 0;
	}
	if (atomic_read(&p->sched->pool->domain_count) != 0) {
		return -EBUSY;
	}
	WRITE_ONCE(p->sched->pool, pool);
	return 0;
}

struct pcpu *pool_cpu(const struct cpupool *pool, unsigned int n)
{
	struct pcpu *p;

	for_each_pool_cpu(pool, p) {
		if (n-- == 0) {
			return p;
		}
	}
	return NULL;
}

unsigned int pool_cpu_count(const struct cpupool *pool)
{
	unsigned int count = 0;
	struct pcpu *p;

	for_each_pool_cpu(pool, p) {
		count++;
	}
	return count;
}

unsigned int pool_first_cpu(const struct vcpu *v)
{
	struct cpupool *pool = v->domain->cpupool;
	u32 n = v->domain->hardware ? v->id : __atomic_fetch_add(&pool->turn, 1, __ATOMIC_RELAXED);

	return n % pool_cpu_count(pool);
}

/* --- domains --- */

int pool_bind(struct domain *d, u32 id)
{
	struct cpupool *pool = pool_find(id);

	if (!pool || pool_cpu_count(pool) == 0) {
		log_err("d%u (%s): CPU pool %u %s", d->id, d->name, id,
			pool ? "has no CPU" : "does not exist");
		return -ENODEV;
	}
	d->cpupool = pool;
	atomic_inc(&pool->domain_count);
	return 0;
}

void pool_unbind(struct domain *d)
{
	atomic_dec(&d->cpupool->domain_count);
	d->cpupool = NULL;
}

/* --- boot --- */

static void pool_set_name(struct cpupool *pool, const char *name)
{
	if (name && name[0] != '\0') {
		strlcpy(pool->name, name, sizeof(pool->name));
	} else {
		fmt_snprintf(pool->name, sizeof(pool->name), "Pool-%u", pool->id);
	}
}

static const struct sched_ops *pool_policy(u32 id, const char *scheduler)
{
	const struct sched_ops *ops;

	if (!scheduler) {
		return sched_policy();
	}
	ops = sched_find(scheduler);
	if (!ops) {
		ops = sched_policy();
		log_warn("CPU pool %u: there is no scheduler \"%s\": it gets %s", id, scheduler,
			ops->name);
	}
	return ops;
}

/* spec NULL: the CPUs that nobody names. */
static void pool_create(u32 id, const struct pool_spec *spec)
{
	struct cpupool *pool = &pools[id];

	pool->id = id;
	pool_set_name(pool, spec ? spec->name : NULL);
	pool->ops = pool_policy(id, spec ? spec->scheduler : NULL);
}

/* The first spec that names the CPU; `count`: none. */
static unsigned int pool_spec_of(const struct pool_spec *specs, unsigned int count, u32 cpu)
{
	for (unsigned int i = 0; i < count; i++) {
		for (unsigned int j = 0; j < specs[i].cpu_count; j++) {
			if (specs[i].cpus[j] == cpu) {
				return i;
			}
		}
	}
	return count;
}

static void pool_report_twice(const struct pool_spec *specs, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		for (unsigned int j = 0; j < specs[i].cpu_count; j++) {
			unsigned int first = pool_spec_of(specs, count, specs[i].cpus[j]);

			if (first != i) {
				log_warn("CPU pool %u: CPU %u is in pool %u already", i,
					specs[i].cpus[j], first);
			}
		}
	}
}

/* True if some CPU is named by nobody. */
static bool pool_is_rest(const struct pool_spec *specs, unsigned int count)
{
	struct pcpu *p;

	for_each_cpu(p) {
		if (pool_spec_of(specs, count, p->id) == count) {
			return true;
		}
	}
	return false;
}

static void pool_report(void)
{
	for (struct cpupool *pool = pool_find(0); pool; pool = pool_next(pool)) {
		log_info("CPU pool %u (%s): scheduler %s, %u CPU(s)", pool->id, pool->name,
			pool->ops->name, pool_cpu_count(pool));
	}
}

int pool_boot(const struct pool_spec *specs, unsigned int count)
{
	struct pcpu *p;

	if (count == 0 || pool_spec_of(specs, count, 0) != 0) {
		return -EINVAL;
	}
	if (count + pool_is_rest(specs, count) > POOL_MAX) {
		return -ENOSPC;
	}
	if (pool_count != 1 || atomic_read(&pools[0].domain_count) != 0) {
		return -EBUSY;
	}
	pool_report_twice(specs, count);
	for (u32 id = 0; id < count; id++) {
		pool_create(id, &specs[id]);
	}
	pool_count = count;
	if (pool_is_rest(specs, count)) {
		pool_create(pool_count++, NULL);
	}
	for_each_cpu(p) {
		WRITE_ONCE(p->sched->pool, &pools[pool_spec_of(specs, count, p->id)]);
	}
	pool_report();
	return 0;
}
