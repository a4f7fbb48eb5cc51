/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sysctl about CPU pools and their policies. Pools are as they were at boot: requests to change
 * them find the errors that Xen has for changes that cannot be made now.
 */
#include "abi/cpumap.h"
#include "abi/domctl.h"
#include "abi/sysctl.h"
#include "core/domain.h"
#include "sched/pool.h"

/* The ABI's name for a policy: whatever shares by weight looks like credit2. */
u32 sysctl_cpupool_policy(const struct sched_ops *ops)
{
	return ops == &sched_null ? XEN_SCHEDULER_NULL : XEN_SCHEDULER_CREDIT2;
}

s64 sysctl_cpupool_sched_id(struct hypercall *call, struct xen_sysctl *op)
{
	op->u.sched_id.sched_id = sysctl_cpupool_policy(pool_find(0)->ops);
	return 0;
}

/* --- pools --- */

typedef s64 cpupool_fn(struct hypercall *call, struct xen_sysctl_cpupool_op *a);

static s64 cpupool_create(struct hypercall *call, struct xen_sysctl_cpupool_op *a)
{
	return pool_find(a->cpupool_id) ? -EEXIST : -ENOSPC;
}

/* None is without CPUs or could lose them. */
static s64 cpupool_destroy(struct hypercall *call, struct xen_sysctl_cpupool_op *a)
{
	return pool_find(a->cpupool_id) ? -EBUSY : -ENOENT;
}

/* Ids are dense: the pool itself is the first whose id is not below. */
static s64 cpupool_info(struct hypercall *call, struct xen_sysctl_cpupool_op *a)
{
	const struct cpupool *pool = pool_find(a->cpupool_id);
	struct cpumap map;

	if (!pool) {
		return -ENOENT;
	}
	a->sched_id = sysctl_cpupool_policy(pool->ops);
	a->n_dom = (u32)atomic_read(&pool->domain_count);
	cpumap_pool(&map, pool);
	return cpumap_write(call, &a->cpumap, &map);
}

/* No CPU is ever without a pool. */
static s64 cpupool_add_cpu(struct hypercall *call, struct xen_sysctl_cpupool_op *a)
{
	if (!pool_find(a->cpupool_id)) {
		return -ENOENT;
	}
	return a->cpu != XEN_SYSCTL_CPUPOOL_PAR_ANY && a->cpu >= cpumap_size() ? -EINVAL : -ENODEV;
}

static s64 cpupool_remove_cpu(struct hypercall *call, struct xen_sysctl_cpupool_op *a)
{
	const struct cpupool *pool = pool_find(a->cpupool_id);
	struct cpumap map;
	u32 cpu = a->cpu;

	if (!pool) {
		return -ENOENT;
	}
	if (cpu == XEN_SYSCTL_CPUPOOL_PAR_ANY) {
		return pool_cpu_count(pool) != 0 ? -EBUSY : -EINVAL;
	}
	if (cpu >= pcpu_count || (cpu == 0 && pool->id == 0)) {
		return -EINVAL;
	}
	cpumap_pool(&map, pool);
	return bitmap_test(map.cpus, cpu) ? -EBUSY : -EADDRNOTAVAIL;
}

static s64 cpupool_move_domain(struct hypercall *call, struct xen_sysctl_cpupool_op *a)
{
	struct domain *d;
	s64 rc;

	if (a->domid == DOMID_SELF || a->domid == call->v->domain->id) {
		return -EPERM;
	}
	d = a->domid < DOMID_FIRST_RESERVED ? domain_get((u16)a->domid) : NULL;
	if (!d) {
		return -ESRCH;
	}
	if (d->cpupool->id == a->cpupool_id) {
		rc = 0;
	} else {
		rc = pool_find(a->cpupool_id) ? -EBUSY : -ENOENT;
	}
	domain_put(d);
	return rc;
}

static s64 cpupool_free_info(struct hypercall *call, struct xen_sysctl_cpupool_op *a)
{
	struct cpumap map = { 0 };

	return cpumap_write(call, &a->cpumap, &map);
}

static cpupool_fn *const cpupool_ops[] = {
	[XEN_SYSCTL_CPUPOOL_OP_CREATE] = cpupool_create,
	[XEN_SYSCTL_CPUPOOL_OP_DESTROY] = cpupool_destroy,
	[XEN_SYSCTL_CPUPOOL_OP_INFO] = cpupool_info,
	[XEN_SYSCTL_CPUPOOL_OP_ADDCPU] = cpupool_add_cpu,
	[XEN_SYSCTL_CPUPOOL_OP_RMCPU] = cpupool_remove_cpu,
	[XEN_SYSCTL_CPUPOOL_OP_MOVEDOMAIN] = cpupool_move_domain,
	[XEN_SYSCTL_CPUPOOL_OP_FREEINFO] = cpupool_free_info,
};

s64 sysctl_cpupool_op(struct hypercall *call, struct xen_sysctl *op)
{
	struct xen_sysctl_cpupool_op *a = &op->u.cpupool_op;

	if (a->op >= ARRAY_SIZE(cpupool_ops) || !cpupool_ops[a->op]) {
		return -ENOSYS;
	}
	return cpupool_ops[a->op](call, a);
}

/* --- policies --- */

/* How long a vCPU runs at least before another may take its CPU. It cannot be changed. */
#define RATELIMIT_US 1000

static s64 cpupool_credit2(struct xen_sysctl_scheduler_op *a)
{
	u32 *limit = &a->u.sched_credit2.ratelimit_us;

	if (a->cmd == XEN_SYSCTL_SCHEDOP_putinfo) {
		if (*limit != 0 && (*limit < XEN_SYSCTL_SCHED_RATELIMIT_MIN ||
					   *limit > XEN_SYSCTL_SCHED_RATELIMIT_MAX)) {
			return -EINVAL;
		}
		return *limit == RATELIMIT_US ? 0 : -EOPNOTSUPP;
	}
	*limit = RATELIMIT_US;
	return 0;
}

s64 sysctl_cpupool_scheduler(struct hypercall *call, struct xen_sysctl *op)
{
	struct xen_sysctl_scheduler_op *a = &op->u.scheduler_op;
	const struct cpupool *pool;

	if (a->cmd != XEN_SYSCTL_SCHEDOP_putinfo && a->cmd != XEN_SYSCTL_SCHEDOP_getinfo) {
		return -EINVAL;
	}
	pool = pool_find(a->cpupool_id);
	if (!pool) {
		return -ESRCH;
	}
	if (a->sched_id != sysctl_cpupool_policy(pool->ops)) {
		return -EINVAL;
	}
	return a->sched_id == XEN_SCHEDULER_CREDIT2 ? cpupool_credit2(a) : 0;
}
