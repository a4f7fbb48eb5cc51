/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * domctl (xen/domctl.h): dispatch of what the tools ask and do about domains, and the operations
 * that change one: its life, limits, name. Version, domain and caller are checked here.
 */
#include "abi/domctl.h"

#include "abi/domain.h"
#include "arch/contract/abi.h"
#include "core/domain.h"
#include "lib/string.h"
#include "mm/frame.h"

#define DOMCTL_ARGS offsetof(struct xen_domctl, u) /* the same for 32-bit callers */
static_assert(DOMCTL_ARGS == 16 && sizeof(struct xen_domctl) == 144, "struct xen_domctl");
static_assert(sizeof(struct xen_domctl_max_mem) == 8, "xen_domctl_max_mem");
static_assert(sizeof(struct xen_domctl_setdomainhandle) == 16, "xen_domctl_setdomainhandle");
static_assert(sizeof(struct xen_domctl_paging_mempool) == 8, "xen_domctl_paging_mempool");

#define PAUSES_MAX 255 /* that the tools can hold on one domain, as in Xen */

/* --- life --- */

/* The vCPUs stop within the time that an IPI takes; it is not waited for. */
static s64 domctl_pause(struct hypercall *call, struct domain *d, struct xen_domctl *op)
{
	struct abi_domain *a = d->abi;
	int rc = 0;

	if (d == call->v->domain) {
		return -EINVAL;
	}
	spin_lock(&a->lock);
	if (a->tool_pauses == PAUSES_MAX) {
		rc = -EOVERFLOW;
	} else {
		a->tool_pauses++;
	}
	spin_unlock(&a->lock);
	if (rc == 0) {
		domain_pause(d);
	}
	return rc;
}

static s64 domctl_unpause(struct hypercall *call, struct domain *d, struct xen_domctl *op)
{
	struct abi_domain *a = d->abi;
	int rc = 0;

	spin_lock(&a->lock);
	if (a->tool_pauses == 0) {
		rc = -EINVAL;
	} else {
		a->tool_pauses--;
	}
	spin_unlock(&a->lock);
	if (rc == 0) {
		domain_unpause(d);
	}
	return rc;
}

/* Nothing to resume is fine, too. */
static s64 domctl_resume(struct hypercall *call, struct domain *d, struct xen_domctl *op)
{
	if (d == call->v->domain) {
		return -EINVAL;
	}
	(void)domain_resume(d);
	return 0;
}

/* One CPU at a time takes domains apart; the others come again. */
static s64 domctl_destroy(struct hypercall *call, struct domain *d, struct xen_domctl *op)
{
	static bool busy;
	int rc;

	if (d == call->v->domain || d->hardware) {
		return -EINVAL;
	}
	if (__atomic_exchange_n(&busy, true, __ATOMIC_ACQUIRE)) {
		return -ERESTART;
	}
	do {
		rc = domain_kill_step(d);
	} while (rc == -ERESTART && !abi_preempt(call));
	__atomic_store_n(&busy, false, __ATOMIC_RELEASE);
	return rc;
}

/* --- limits, name --- */

/* May be less than the domain has: then it gets nothing more until it has given enough back. */
static s64 domctl_max_mem(struct hypercall *call, struct domain *d, struct xen_domctl *op)
{
	WRITE_ONCE(d->page_max, op->u.max_mem.max_memkb >> (PAGE_SHIFT - 10));
	return 0;
}

static s64 domctl_set_handle(struct hypercall *call, struct domain *d, struct xen_domctl *op)
{
	static_assert(sizeof(d->abi->handle) == sizeof(xen_domain_handle_t), "a UUID");

	spin_lock(&d->abi->lock);
	memcpy(d->abi->handle, op->u.setdomainhandle.handle, sizeof(d->abi->handle));
	spin_unlock(&d->abi->lock);
	return 0;
}

/* A limit, not a store: it may grow by what is free now, and shrink to what is used. */
static s64 domctl_set_pool(struct hypercall *call, struct domain *d, struct xen_domctl *op)
{
	u64 pages = op->u.paging_mempool.size >> PAGE_SHIFT, had;
	int rc = 0;

	if (op->u.paging_mempool.size % PAGE_SIZE != 0 || pages > ~0U) {
		return -EINVAL;
	}
	spin_lock(&d->lock);
	had = d->pool.limit;
	if (pages < READ_ONCE(d->pool.used) || (pages > had && pages - had > frame_free_count())) {
		rc = -ENOMEM;
	} else {
		WRITE_ONCE(d->pool.limit, pages);
	}
	spin_unlock(&d->lock);
	return rc;
}

/* --- dispatch --- */

/* Others are -ENOSYS, once domain and caller are right. */
static const struct domctl_entry {
	domctl_fn *fn;
	u8 back;    /* bytes of the union that go back to the caller */
	bool x86;   /* on Arm there is no such operation */
	bool dying; /* also for a domain that is being taken apart */
} domctls[] = {
	[XEN_DOMCTL_destroydomain] = { domctl_destroy, .dying = true },
	[XEN_DOMCTL_pausedomain] = { domctl_pause },
	[XEN_DOMCTL_unpausedomain] = { domctl_unpause },
	[XEN_DOMCTL_setvcpuaffinity] = { domctl_sched_set_affinity },
	[XEN_DOMCTL_max_mem] = { domctl_max_mem },
	[XEN_DOMCTL_getvcpuinfo] = { domctl_info_vcpu, sizeof(struct xen_domctl_getvcpuinfo) },
	[XEN_DOMCTL_scheduler_op] = { domctl_sched_op, sizeof(struct xen_domctl_scheduler_op) },
	[XEN_DOMCTL_setdomainhandle] = { domctl_set_handle },
	[XEN_DOMCTL_getvcpuaffinity] = { domctl_sched_get_affinity },
	[XEN_DOMCTL_resumedomain] = { domctl_resume },
	[XEN_DOMCTL_gettscinfo] = { domctl_info_tsc, sizeof(struct xen_domctl_tsc_info),
		.x86 = true },
	[XEN_DOMCTL_get_paging_mempool_size] = { domctl_info_get_pool,
		sizeof(struct xen_domctl_paging_mempool) },
	[XEN_DOMCTL_set_paging_mempool_size] = { domctl_set_pool },
};

/* NULL: there is no such operation. */
static const struct domctl_entry *domctl_find(u32 cmd)
{
	const struct domctl_entry *e = cmd < ARRAY_SIZE(domctls) ? &domctls[cmd] : NULL;

	return e && e->fn && (!e->x86 || arch_abi_family == ABI_X86) ? e : NULL;
}

static s64 domctl_run(struct hypercall *call, struct domain *d, struct xen_domctl *op,
	const struct domctl_entry *e)
{
	s64 rc;

	if (!call->v->domain->privileged) {
		return -EPERM;
	}
	if (!e) {
		return -ENOSYS;
	}
	rc = e->fn(call, d, op);
	if (rc == 0 && e->back != 0 &&
		abi_write(call, call->args[0] + DOMCTL_ARGS, &op->u, e->back) != 0) {
		return -EFAULT;
	}
	return rc;
}

/* The one that is about a domain which is yet to come. */
static s64 domctl_create(struct hypercall *call)
{
	return call->v->domain->privileged ? -ENOSYS : -EPERM;
}

s64 abi_domctl(struct hypercall *call)
{
	struct xen_domctl op;
	const struct domctl_entry *e;
	struct domain *d;
	s64 rc;

	if (abi_read(call, call->args[0], &op, sizeof(op)) != 0) {
		return -EFAULT;
	}
	if (op.interface_version != XEN_DOMCTL_INTERFACE_VERSION) {
		return -EACCES;
	}
	if (op.cmd == XEN_DOMCTL_getdomaininfo) {
		return domctl_info_next(call, &op);
	}
	if (op.cmd == XEN_DOMCTL_createdomain) {
		return domctl_create(call);
	}
	e = domctl_find(op.cmd);
	d = e && e->dying ? domain_get_dying(op.domain) : domain_get(op.domain);
	if (!d) {
		return -ESRCH;
	}
	rc = domctl_run(call, d, &op, e);
	domain_put(d);
	return rc;
}
