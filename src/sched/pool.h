/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * CPU pools: each CPU belongs to one, each pool has a policy of its own, and the vCPUs of a domain
 * run on the CPUs of the domain's pool and nowhere else. Pool 0 is always there, with the boot CPU.
 */
#ifndef SCHED_POOL_H
#define SCHED_POOL_H

#include "lib/atomic.h"
#include "sched/sched.h"

#define POOL_MAX 16

struct cpupool {
	u32 id;
	char name[32];
	const struct sched_ops *ops;
	atomic_t domain_count; /* domains that are bound to it */
	u32 turn;	       /* where the next vCPU begins, atomic */
};

/* A pool as boot data describe it. */
struct pool_spec {
	const char *name;      /* NULL: Pool-<id> */
	const char *scheduler; /* as sched= names it; NULL: as sched= says */
	const u32 *cpus;       /* struct pcpu.id; one that does not run is left out */
	unsigned int cpu_count;
};

/* Makes the pools with the ids 0 .. count - 1. The first has to hold CPU 0. CPUs that nobody names
 * come into a pool more, with the policy of sched=. Pools that are left without a CPU exist, but
 * take no domain. Says what it finds wrong, in one line each, and goes on without that entry.
 * -EINVAL: CPU 0 is not in the first; -ENOSPC: more than POOL_MAX; -EBUSY: a domain is there, or it
 * has been called before. Then nothing has changed. Boot context, all CPUs run. */
int pool_boot(const struct pool_spec *specs, unsigned int count);

/* The pool with this id or NULL; the first one with a higher id or NULL. They live for ever. */
struct cpupool *pool_find(u32 id);
struct cpupool *pool_next(const struct cpupool *pool);

/* Moves a CPU over. -EBUSY: domains are bound to the pool that it leaves. Boot context. */
int pool_take_cpu(struct cpupool *pool, struct pcpu *p);

unsigned int pool_cpu_count(const struct cpupool *pool);
/* The n-th CPU of the pool, rising ids, from 0; NULL: it has fewer. */
struct pcpu *pool_cpu(const struct cpupool *pool, unsigned int n);

/* Where vCPU `v` should start: vCPU i of the hardware domain on the i-th CPU of its pool (modulo
 * their count), others in turn. For policies. */
unsigned int pool_first_cpu(const struct vcpu *v);

/* --- for sched.c --- */
void pool_set_default(const struct sched_ops *ops); /* sched= */
void pool_cpu_up(struct pcpu *p);		    /* into pool 0 */
/* Binds a domain. -ENODEV: there is no such pool, or it has no CPU. */
int pool_bind(struct domain *d, u32 id);
void pool_unbind(struct domain *d);

static inline bool pool_has(const struct cpupool *pool, const struct pcpu *p)
{
	return READ_ONCE(p->sched->pool) == pool;
}

#define for_each_pool_cpu(pool, p) \
	for_each_cpu(p)            \
		if (pool_has((pool), (p)))

#endif
