/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An x86 domain without its CPU's part, for tests of its devices: what arch/x86/vcpu.c would
 * allocate, and the functions of the hypervisor that the devices call and no test looks at.
 */
#ifndef UNIT_VDEV_MACHINE_H
#define UNIT_VDEV_MACHINE_H

#include "arch/host/host.h"
#include "arch/x86/exit.h"
#include "arch/x86/tsc.h"
#include "arch/x86/vcpu.h"
#include "arch/x86/vdev/lapic.h"
#include "comm/evtchn.h"
#include "core/timer.h"
#include "lib/errno.h"
#include "mm/heap.h"
#include "sched/sched.h"
#include "vdev/bus.h"

static int machine_domain_create(struct domain *d, const struct domain_desc *desc)
{
	d->arch = heap_new(&d->pool, struct arch_domain);
	return d->arch ? 0 : -ENOMEM;
}

static void machine_domain_destroy(struct domain *d)
{
	heap_free(&d->pool, d->arch);
	d->arch = NULL;
}

static int machine_vcpu_create(struct vcpu *v)
{
	v->arch = heap_new(&v->domain->pool, struct arch_vcpu);
	return v->arch ? 0 : -ENOMEM;
}

static void machine_vcpu_destroy(struct vcpu *v)
{
	heap_free(&v->domain->pool, v->arch);
	v->arch = NULL;
}

static const struct unit machine_unit = {
	.name = "machine",
	.domain_create = machine_domain_create,
	.domain_destroy = machine_domain_destroy,
	.vcpu_create = machine_vcpu_create,
	.vcpu_destroy = machine_vcpu_destroy,
};

enum exit_result exit_inject_error(struct vm_exit *e, u8 vector, u32 error)
{
	e->inject.vector = vector;
	e->inject.has_error = true;
	e->inject.error = error;
	return EXIT_INJECT;
}

/* No event channels: nothing is owed when the local APIC is turned on. */
bool evtchn_upcall_pending(struct vcpu *v)
{
	return false;
}

/* The TSC counts nanoseconds. */
u64 tsc_hz(void)
{
	return 1000000000;
}

u32 tsc_to_system_mul(void)
{
	return 1U << 31;
}

s8 tsc_shift(void)
{
	return 1;
}

/* Time passes, and the timers of all CPUs run. */
static inline void machine_advance(u64 ns)
{
	struct pcpu *p, *self = host_pcpu;

	host_now_ns += ns;
	for_each_cpu(p) {
		host_pcpu = p;
		timer_run(p);
	}
	host_pcpu = self;
}

static inline bool machine_is_pending(struct vcpu *v, enum vcpu_pending what)
{
	bool was = (v->pending & BIT32(what)) != 0;

	v->pending &= ~BIT32(what);
	return was;
}

#endif
