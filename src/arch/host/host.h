/* SPDX-License-Identifier: GPL-2.0-only */
/* What a test asks of its machine. */
#ifndef ARCH_HOST_HOST_H
#define ARCH_HOST_HOST_H

#include <setjmp.h>

#include "arch/contract/cpu.h"
#include "core/desc.h"
#include "core/domain.h"
#include "lib/types.h"

/* --- memory (paging.c) --- */

/* A machine with RAM at [0, ram), given to mm/frame.c. Once for each process; more RAM may be added
 * with frame_add_ram() anywhere below 16 TiB. */
void host_machine_init(u64 ram);

/* Calls of arch_hv_map() so far, and bytes mapped at present: for leak checks. */
extern u64 host_map_calls;
extern u64 host_mapped_bytes;
/* arch_hv_map() fails when this is 0, and counts it down otherwise; ~0: never fails. */
extern u64 host_map_budget;
/* Windows that are open on this thread. */
extern _Thread_local unsigned int host_windows;

/* --- CPUs and time (cpu.c) --- */

/* System time. A test moves it on; nothing else does. */
extern u64 host_now_ns;
/* What each CPU's timer is programmed for, ~0: off. */
extern u64 host_timer_ns[MAX_PCPUS];
extern u64 host_kicks[MAX_PCPUS];    /* arch_pcpu_kick() */
extern u64 host_vcpu_events;	     /* arch_vcpu_event() */
extern u64 host_vcpu_dumps;	     /* arch_vcpu_dump() */
extern struct vcpu *host_vcpu_event; /* of the last of them */
/* What CPUs do, for tests to replace; NULL: nothing. Idle sleep ends at once. */
extern void (*host_vcpu_run)(struct vcpu *v);
extern void (*host_pcpu_idle)(struct pcpu *p);
extern bool (*host_vcpu_has_event)(struct vcpu *v); /* NULL: VCPU_PENDING_EVENT is set */
/* Called while somebody spins. host_boot() lets the CPUs that no thread plays do their work. */
extern void (*host_relax)(void);

/* Creates CPUs 0 .. n - 1, on-line, without boot of units; the thread plays CPU 0. Once. */
void host_cpus_init(unsigned int n);
/* The thread goes on as another CPU. */
void host_be_cpu(unsigned int id);

/* Runs the statement; true: it ended in arch_machine_end(), and *host_end says how. */
#define host_ends_machine(statement)                                                            \
	(setjmp(host_end_env) == 0                                                              \
			? (host_end_caught = true, (statement), host_end_caught = false, false) \
			: true)
extern jmp_buf host_end_env;
extern bool host_end_caught;
extern enum machine_end host_end;

/* --- guests (guest.c) --- */

/* Answers arch_guest_translate(); NULL: linear addresses are guest physical ones. */
extern int (*host_guest_translate)(struct vcpu *v, u64 linear, bool write, gpa_t *gpa);
/* What arch_s2_fmt() returns: a test that has stage-2 tables sets it. */
extern const struct s2_fmt *host_s2_fmt;
/* How many levels its tables have: with 3, a domain's end has 512 times fewer holes to pass. */
extern unsigned int host_s2_levels;
extern u64 host_s2_flushes;

/* arch_guest_irq(); NULL: nobody listens. */
extern void (*host_guest_irq)(struct domain *d, u32 intid, bool level);

/* --- domains (domain.c). The test defines units[] and unit_count. --- */

/* A machine with that many CPUs and that much RAM, all units booted on all CPUs. Once. */
void host_boot(unsigned int cpus, u64 ram);
/* A description with a pool of 1024 pages and no memory, to change or to create from. */
struct domain_desc host_desc(u16 id, unsigned int vcpus);
/* domain_create(), which has to succeed. The vCPUs are down and paused. */
struct domain *host_domain_create(u16 id, unsigned int vcpus);
/* Brings all its vCPUs up and takes the first pause off. */
void host_domain_start(struct domain *d);
/* Makes v the vCPU whose exit this thread handles, on v's CPU; NULL: none any more. */
void host_set_current(struct vcpu *v);

#endif
