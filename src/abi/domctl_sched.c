/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * domctl about scheduling: affinities and the parameters of policies. The policies here keep vCPUs
 * to their pool and nothing narrower: what asks for more is refused, not forgotten.
 */
#include "abi/cpumap.h"
#include "abi/domctl.h"
#include "core/domain.h"
#include "sched/pool.h"

static_assert(sizeof(struct xen_domctl_vcpuaffinity) == 40, "xen_domctl_vcpuaffinity");
static_assert(sizeof(struct xen_domctl_scheduler_op) == 24, "xen_domctl_scheduler_op");

/* --- affinity --- */

static const u32 affinity_flags[] = { XEN_VCPUAFFINITY_HARD, XEN_VCPUAFFINITY_SOFT };

static const struct xenctl_bitmap *domctl_sched_bitmap(
	const struct xen_domctl_vcpuaffinity *a, unsigned int i)
{
	return i == 0 ? &a->cpumap_hard : &a->cpumap_soft;
}

/* Asked for by flag, and so has to have an address. */
static bool domctl_sched_wants(const struct xen_domctl_vcpuaffinity *a, unsigned int i)
{
	return (a->flags & affinity_flags[i]) != 0;
}

static int domctl_sched_check(const struct domain *d, const struct xen_domctl_vcpuaffinity *a)
{
	if (!domain_vcpu(d, a->vcpu) || a->flags == 0) {
		return -EINVAL;
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(affinity_flags); i++) {
		if (domctl_sched_wants(a, i) &&
			handle_addr(domctl_sched_bitmap(a, i)->bitmap) == 0) {
			return -EINVAL;
		}
	}
	return 0;
}

static int domctl_sched_write(
	struct hypercall *call, const struct xen_domctl_vcpuaffinity *a, const struct cpumap *map)
{
	int rc = 0;

	for (unsigned int i = 0; i < ARRAY_SIZE(affinity_flags) && rc == 0; i++) {
		if (domctl_sched_wants(a, i)) {
			rc = cpumap_write(call, domctl_sched_bitmap(a, i), map);
		}
	}
	return rc;
}

/* Every vCPU may run on, and prefers, all CPUs; the pool limits that. */
s64 domctl_sched_get_affinity(struct hypercall *call, struct domain *d, struct xen_domctl *op)
{
	struct cpumap map;
	int rc = domctl_sched_check(d, &op->u.vcpuaffinity);

	if (rc != 0) {
		return rc;
	}
	cpumap_all(&map);
	return domctl_sched_write(call, &op->u.vcpuaffinity, &map);
}

/* Fine if it leaves the vCPU all of its pool. The effective set, the pool, goes back. */
s64 domctl_sched_set_affinity(struct hypercall *call, struct domain *d, struct xen_domctl *op)
{
	const struct xen_domctl_vcpuaffinity *a = &op->u.vcpuaffinity;
	int rc = domctl_sched_check(d, a);
	struct cpumap pool, map;

	cpumap_pool(&pool, d->cpupool);
	for (unsigned int i = 0; i < ARRAY_SIZE(affinity_flags) && rc == 0; i++) {
		if (!domctl_sched_wants(a, i)) {
			continue;
		}
		rc = cpumap_read(call, domctl_sched_bitmap(a, i), &map);
		if (rc != 0 || bitmap_subset(pool.cpus, map.cpus, MAX_PCPUS)) {
			continue;
		}
		rc = i == 0 && !bitmap_intersects(pool.cpus, map.cpus, MAX_PCPUS) ? -EINVAL
										  : -EOPNOTSUPP;
	}
	return rc == 0 ? domctl_sched_write(call, a, &pool) : rc;
}

/* --- parameters --- */

static s64 domctl_sched_credit2(struct domain *d, struct xen_domctl_scheduler_op *a)
{
	struct xen_domctl_sched_credit2 *p = &a->u.credit2;
	u16 weight = (u16)d->vcpus[0]->sched->fair.weight;

	switch (a->cmd) {
	case XEN_DOMCTL_SCHEDOP_getinfo:
		p->weight = weight;
		p->cap = 0;
		return 0;
	case XEN_DOMCTL_SCHEDOP_putinfo: /* a weight of 0: as it is */
		return (p->weight == 0 || p->weight == weight) && p->cap == 0 ? 0 : -EOPNOTSUPP;
	default:
		return -EINVAL;
	}
}

s64 domctl_sched_op(struct hypercall *call, struct domain *d, struct xen_domctl *op)
{
	struct xen_domctl_scheduler_op *a = &op->u.scheduler_op;
	u32 policy = sysctl_cpupool_policy(d->cpupool->ops);

	if (a->sched_id != policy || a->cmd > XEN_DOMCTL_SCHEDOP_getvcpuinfo) {
		return -EINVAL;
	}
	return policy == XEN_SCHEDULER_CREDIT2 ? domctl_sched_credit2(d, a) : 0;
}
