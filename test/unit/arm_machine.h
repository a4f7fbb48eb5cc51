/* SPDX-License-Identifier: GPL-2.0-only */
/* An Arm domain without registers, for tests of what hangs off it: struct arch_domain and _vcpu. */
#ifndef UNIT_ARM_MACHINE_H
#define UNIT_ARM_MACHINE_H

#include "arch/arm/vcpu.h"
#include "arch/host/host.h"
#include "core/unit.h"
#include "lib/errno.h"
#include "mm/heap.h"
#include "sched/sched.h"

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

#endif
