/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sysctl (xen/sysctl.h): dispatch of what the tools ask about the machine. Version and caller are
 * checked here, so that no handler sees another's request.
 */
#include "abi/sysctl.h"

#include "arch/contract/abi.h"
#include "core/domain.h"

#define SYSCTL_ARGS offsetof(struct xen_sysctl, u) /* the same for 32-bit callers */
static_assert(SYSCTL_ARGS == 8 && sizeof(struct xen_sysctl) == 136, "struct xen_sysctl");
static_assert(sizeof(struct xen_sysctl_readconsole) == 24, "xen_sysctl_readconsole");
static_assert(sizeof(struct xen_sysctl_tbuf_op) == 48, "xen_sysctl_tbuf_op");
static_assert(sizeof(struct xen_sysctl_physinfo) == 112, "xen_sysctl_physinfo");
static_assert(sizeof(struct xen_sysctl_getdomaininfolist) == 24, "xen_sysctl_getdomaininfolist");
static_assert(sizeof(struct xen_sysctl_availheap) == 24, "xen_sysctl_availheap");
static_assert(sizeof(struct xen_sysctl_cputopoinfo) == 16, "xen_sysctl_cputopoinfo");
static_assert(sizeof(struct xen_sysctl_numainfo) == 24, "xen_sysctl_numainfo");
static_assert(sizeof(struct xen_sysctl_cpupool_op) == 40, "xen_sysctl_cpupool_op");
static_assert(sizeof(struct xen_sysctl_scheduler_op) == 32, "xen_sysctl_scheduler_op");
static_assert(sizeof(struct xen_sysctl_pcitopoinfo) == 24, "xen_sysctl_pcitopoinfo");

#define SYSCTL(member, handler)                                            \
	{                                                                  \
		handler, sizeof(((struct xen_sysctl *)0)->u.member), false \
	}
#define SYSCTL_X86(member, handler)                                       \
	{                                                                 \
		handler, sizeof(((struct xen_sysctl *)0)->u.member), true \
	}

/* Others are -ENOSYS. */
static const struct sysctl_entry {
	sysctl_fn *fn;
	u8 back;  /* bytes of the union that go back to the caller */
	bool x86; /* on Arm there is no such operation */
} sysctls[] = {
	[XEN_SYSCTL_readconsole] = SYSCTL(readconsole, sysctl_console_read),
	[XEN_SYSCTL_tbuf_op] = SYSCTL(tbuf_op, sysctl_console_trace),
	[XEN_SYSCTL_physinfo] = SYSCTL(physinfo, sysctl_info_physinfo),
	[XEN_SYSCTL_sched_id] = SYSCTL(sched_id, sysctl_cpupool_sched_id),
	[XEN_SYSCTL_getdomaininfolist] = SYSCTL(getdomaininfolist, sysctl_info_domains),
	[XEN_SYSCTL_debug_keys] = SYSCTL(debug_keys, sysctl_console_keys),
	[XEN_SYSCTL_availheap] = SYSCTL(availheap, sysctl_info_availheap),
	[XEN_SYSCTL_cputopoinfo] = SYSCTL(cputopoinfo, sysctl_info_cputopo),
	[XEN_SYSCTL_numainfo] = SYSCTL(numainfo, sysctl_info_numa),
	[XEN_SYSCTL_cpupool_op] = SYSCTL(cpupool_op, sysctl_cpupool_op),
	[XEN_SYSCTL_scheduler_op] = SYSCTL(scheduler_op, sysctl_cpupool_scheduler),
	[XEN_SYSCTL_pcitopoinfo] = SYSCTL_X86(pcitopoinfo, sysctl_info_pcitopo),
	[XEN_SYSCTL_get_cpu_levelling_caps] = SYSCTL_X86(cpu_levelling_caps, sysctl_info_levelling),
};

static const struct sysctl_entry *sysctl_find(u32 cmd)
{
	const struct sysctl_entry *e = cmd < ARRAY_SIZE(sysctls) ? &sysctls[cmd] : NULL;

	return e && e->fn && (!e->x86 || arch_abi_family == ABI_X86) ? e : NULL;
}

s64 abi_sysctl(struct hypercall *call)
{
	struct xen_sysctl op;
	const struct sysctl_entry *e;
	s64 rc;

	if (abi_read(call, call->args[0], &op, sizeof(op)) != 0) {
		return -EFAULT;
	}
	if (op.interface_version != XEN_SYSCTL_INTERFACE_VERSION) {
		return -EACCES;
	}
	if (!call->v->domain->privileged) {
		return -EPERM;
	}
	e = sysctl_find(op.cmd);
	if (!e) {
		return -ENOSYS;
	}
	rc = e->fn(call, &op);
	if (rc == 0 && abi_write(call, call->args[0] + SYSCTL_ARGS, &op.u, e->back) != 0) {
		return -EFAULT;
	}
	return rc;
}
