/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of domctl (xen/domctl.h) share. A handler gets the caller's structure, copied, and
 * the domain that it names, with a reference; what it leaves in the structure goes back to the
 * caller, as far as the table in domctl.c says, when it returns 0.
 */
#ifndef ABI_DOMCTL_H
#define ABI_DOMCTL_H

#include "abi/hypercall.h"
#include "lib/errno.h"
#include "lib/xen_public.h"

#include <xen/domctl.h>

struct sched_ops;

typedef s64 domctl_fn(struct hypercall *call, struct domain *d, struct xen_domctl *op);

/* domctl_info.c */
void domctl_info_fill(struct domain *d, struct xen_domctl_getdomaininfo *info);
s64 domctl_info_next(struct hypercall *call, struct xen_domctl *op); /* getdomaininfo */
domctl_fn domctl_info_vcpu, domctl_info_tsc, domctl_info_get_pool;
/* domctl_sched.c */
domctl_fn domctl_sched_get_affinity, domctl_sched_set_affinity, domctl_sched_op;
/* sysctl_cpupool.c: XEN_SCHEDULER_* */
u32 sysctl_cpupool_policy(const struct sched_ops *ops);

#endif
