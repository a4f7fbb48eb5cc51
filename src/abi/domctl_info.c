/* SPDX-License-Identifier: GPL-2.0-only */
/* domctl that only asks about a domain or one of its vCPUs. It changes nothing. */
#include "abi/domain.h"
#include "abi/domctl.h"
#include "arch/contract/abi.h"
#include "core/domain.h"
#include "core/time.h"
#include "lib/bits.h"
#include "lib/string.h"
#include "mm/s2.h"
#include "sched/pool.h"

static_assert(sizeof(struct xen_domctl_getvcpuinfo) == 24, "xen_domctl_getvcpuinfo");
static_assert(sizeof(struct xen_domctl_tsc_info) == 24, "xen_domctl_tsc_info");
static_assert(offsetof(struct xen_domctl_getdomaininfo, tot_pages) == 8 &&
		      offsetof(struct xen_domctl_getdomaininfo, cpu_time) == 56 &&
		      offsetof(struct xen_domctl_getdomaininfo, handle) == 76 &&
		      offsetof(struct xen_domctl_getdomaininfo, gpaddr_bits) == 96,
	"xen_domctl_getdomaininfo");

#define SHUTDOWN_NONE (~0U) /* the code of a domain that has not shut down */

static bool domctl_info_held(const struct vcpu *v, enum vcpu_hold why)
{
	return (READ_ONCE(v->hold) & BIT32(why)) != 0;
}

static u64 domctl_info_time(struct vcpu *v)
{
	struct sched_times t;

	sched_get_times(v, &t);
	return t.ns[SCHED_RUNNING];
}

/* Running if one vCPU runs, blocked if all that are up are. */
static void domctl_info_vcpus(struct domain *d, struct xen_domctl_getdomaininfo *info)
{
	u32 flags = XEN_DOMINF_blocked;
	struct vcpu *v;

	for_each_vcpu(d, v) {
		info->cpu_time += domctl_info_time(v);
		info->max_vcpu_id = v->id;
		if (domctl_info_held(v, VCPU_HOLD_DOWN)) {
			continue;
		}
		info->nr_online_vcpus++;
		if (!domctl_info_held(v, VCPU_HOLD_BLOCKED)) {
			flags &= ~XEN_DOMINF_blocked;
			if (READ_ONCE(v->sched->chosen)) {
				flags |= XEN_DOMINF_running;
			}
		}
	}
	info->flags |= info->nr_online_vcpus != 0 ? flags : 0;
}

void domctl_info_fill(struct domain *d, struct xen_domctl_getdomaininfo *info)
{
	bool shut_down = READ_ONCE(d->shut_down);

	memset(info, 0, sizeof(*info));
	info->domain = d->id;
	info->max_vcpu_id = XEN_INVALID_MAX_VCPU_ID;
	info->flags = XEN_DOMINF_hvm_guest | XEN_DOMINF_hap |
		      (shut_down ? d->shutdown_code : SHUTDOWN_NONE) << XEN_DOMINF_shutdownshift;
	info->flags |= shut_down ? XEN_DOMINF_shutdown : 0;
	domctl_info_vcpus(d, info);
	info->tot_pages = READ_ONCE(d->page_count);
	info->max_pages = READ_ONCE(d->page_max);
	info->cpupool = d->cpupool->id;
	info->gpaddr_bits = (u8)(PAGE_SHIFT + ilog2(s2_limit(d->s2)));
	arch_domain_info(d, info);
	spin_lock(&d->abi->lock);
	info->shared_info_frame = d->abi->shared_gfn;
	info->flags |= d->abi->tool_pauses != 0 ? XEN_DOMINF_paused : 0;
	memcpy(info->handle, d->abi->handle, sizeof(info->handle));
	spin_unlock(&d->abi->lock);
}

/* The domain with this id, or the next one, which stands in the answer. */
s64 domctl_info_next(struct hypercall *call, struct xen_domctl *op)
{
	struct domain *d = domain_get(op->domain);
	bool privileged = call->v->domain->privileged;

	if (!d) {
		if (op->domain >= DOMID_FIRST_RESERVED) {
			return -EINVAL;
		}
		d = domain_next(op->domain);
	}
	if (!d) {
		return -ESRCH;
	}
	if (privileged) {
		domctl_info_fill(d, &op->u.getdomaininfo);
		op->domain = d->id;
	}
	domain_put(d);
	if (!privileged) {
		return -EPERM;
	}
	return abi_write(call, call->args[0], op, sizeof(*op));
}

s64 domctl_info_vcpu(struct hypercall *call, struct domain *d, struct xen_domctl *op)
{
	struct xen_domctl_getvcpuinfo *a = &op->u.getvcpuinfo;
	struct vcpu *v = domain_vcpu(d, a->vcpu);

	if (!v) {
		return -EINVAL;
	}
	a->online = !domctl_info_held(v, VCPU_HOLD_DOWN);
	a->blocked = domctl_info_held(v, VCPU_HOLD_BLOCKED);
	a->running = READ_ONCE(v->sched->chosen);
	a->cpu_time = domctl_info_time(v);
	a->cpu = v->cpu->id;
	return 0;
}

/* TSC_MODE_DEFAULT, and the guest reads the machine's counter. */
s64 domctl_info_tsc(struct hypercall *call, struct domain *d, struct xen_domctl *op)
{
	struct xen_domctl_tsc_info *a = &op->u.tsc_info;
	struct host_info host;

	if (d == call->v->domain) {
		return -EINVAL;
	}
	arch_host_info(&host);
	a->tsc_mode = 0;
	a->gtsc_khz = host.khz;
	a->incarnation = 0;
	a->elapsed_nsec = arch_host_counter_ns();
	return 0;
}

s64 domctl_info_get_pool(struct hypercall *call, struct domain *d, struct xen_domctl *op)
{
	op->u.paging_mempool.size = READ_ONCE(d->pool.limit) << PAGE_SHIFT;
	return 0;
}
