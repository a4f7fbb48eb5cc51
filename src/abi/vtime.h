/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Time as a guest sees it in its shared records: TSC scale and system time of a vCPU, the wall
 * clock, and what its vCPUs spent their time on (which sched/ accounts).
 *
 * Records are written with a version that is odd meanwhile (vcpu_time_info, wall clock) or a flag
 * in the time stamp (runstate), so that a guest that reads at the same time reads again.
 */
#ifndef ABI_VTIME_H
#define ABI_VTIME_H

#include "core/unit.h"
#include "lib/compiler.h"

struct domain;
struct vcpu;

extern const struct unit vtime_unit; /* after evtchn and abi */

/* Brings the current vCPU's records up to date: on the way into the guest when VCPU_PENDING_TIME
 * was set (the caller has cleared it). No lock held. */
void vtime_update(struct vcpu *v);

/* The wall clock: nanoseconds since 1970 UTC at system time 0. Told to all domains. */
void vtime_set_wallclock(u64 epoch_ns);
u64 vtime_wallclock(void);
/* Writes it anew where the domain's shared_info has changed its layout. */
void vtime_tell_wallclock(struct domain *d);

/* --- registration by the guest: records to be written from now on --- */

enum vtime_record { VTIME_RUNSTATE, VTIME_TIME_INFO, VTIME_RECORDS };

/* By linear address in v's page tables, which need not map it all the time. 0: none any more.
 * compat: the record is laid out for i386. */
void vtime_register_linear(struct vcpu *v, enum vtime_record what, u64 linear, bool compat);
/* By guest physical address; ~0: none any more. -ENXIO: crosses a page or is misaligned; -EINVAL:
 * not the domain's RAM; -ENOMEM. */
int vtime_register_phys(struct vcpu *v, enum vtime_record what, u64 gpa, bool compat);

/* --- VIRQ_TIMER --- */

/* Once, at a system time; a past one at once. v is current. */
void vtime_set_singleshot(struct vcpu *v, u64 deadline_ns);
void vtime_stop_singleshot(struct vcpu *v);
/* Every period_ns from now on, 0: no more. */
void vtime_set_periodic(struct vcpu *v, u64 period_ns);

#endif
