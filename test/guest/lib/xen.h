/* SPDX-License-Identifier: GPL-2.0-only */
/* What a guest shares with the hypervisor: the shared page, and the time in it. */
#ifndef GUEST_LIB_XEN_H
#define GUEST_LIB_XEN_H

#include "lib/xen_public.h"

/* Maps the shared page on first use. */
struct shared_info *xen_shared_info(void);
struct vcpu_info *xen_vcpu_info(unsigned int cpu);

/* System time in ns, as CPU 0's record and the TSC give it; and as another CPU's record does. */
u64 xen_time(void);
u64 xen_time_of(const struct vcpu_time_info *time);

void xen_delay_us(unsigned int us);

#endif
