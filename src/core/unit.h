/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A subsystem as the rest sees it: hooks in one ordered table (src/units.c). Boot, creation of a
 * domain and of a vCPU walk the table forward; destruction, and the unwinding of a creation that
 * failed half-way, walk the same table backward from where it stopped.
 */
#ifndef CORE_UNIT_H
#define CORE_UNIT_H

#include "lib/types.h"

struct domain;
struct domain_desc;
struct pcpu;
struct vcpu;

/* Every hook may be NULL. A create hook that fails has undone its own work. Destroy hooks run once
 * no vCPU of the domain runs any more, and cannot fail. */
struct unit {
	const char *name;
	int (*boot)(void);	       /* boot CPU, once, heap available */
	int (*cpu_up)(struct pcpu *p); /* on that CPU, before it takes guests */
	int (*domain_create)(struct domain *d, const struct domain_desc *desc);
	/* Before any destroy hook, once no vCPU runs any more: what takes long, in bounded pieces.
	 * -ERESTART: call again; 0: done. */
	int (*domain_relinquish)(struct domain *d);
	void (*domain_destroy)(struct domain *d);
	int (*vcpu_create)(struct vcpu *v);
	void (*vcpu_destroy)(struct vcpu *v);
	void (*dump)(void); /* debug key output, may be NULL */
	char dump_key;
	const char *dump_what;
};

extern const struct unit *const units[]; /* src/units.c; tests bring their own */
extern const unsigned int unit_count;

int units_boot(void);
int units_cpu_up(struct pcpu *p);
int units_domain_create(struct domain *d, const struct domain_desc *desc);
int units_domain_relinquish(struct domain *d);
void units_domain_destroy(struct domain *d);
int units_vcpu_create(struct vcpu *v);
void units_vcpu_destroy(struct vcpu *v);
void units_register_keys(void); /* the dump hooks, as debug keys */

#endif
