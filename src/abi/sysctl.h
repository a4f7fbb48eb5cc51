/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of sysctl (xen/sysctl.h) share. A handler gets the caller's structure, copied;
 * what it leaves there goes back to the caller, as far as the table in sysctl.c says, when it
 * returns 0.
 */
#ifndef ABI_SYSCTL_H
#define ABI_SYSCTL_H

#include "abi/hypercall.h"
#include "lib/errno.h"
#include "lib/xen_public.h"

#include <xen/sysctl.h>

typedef s64 sysctl_fn(struct hypercall *call, struct xen_sysctl *op);

/* sysctl_console.c */
sysctl_fn sysctl_console_read, sysctl_console_keys, sysctl_console_trace;
/* sysctl_cpupool.c */
sysctl_fn sysctl_cpupool_op, sysctl_cpupool_sched_id, sysctl_cpupool_scheduler;
/* sysctl_info.c */
sysctl_fn sysctl_info_physinfo, sysctl_info_domains, sysctl_info_availheap, sysctl_info_cputopo,
	sysctl_info_numa, sysctl_info_pcitopo, sysctl_info_levelling;

#endif
