/* SPDX-License-Identifier: GPL-2.0-only */
/* The loops over the table of units: forward to make, backward to take apart. */
#include "core/unit.h"

#include "core/console.h"
#include "core/log.h"

int units_boot(void)
{
	for (unsigned int i = 0; i < unit_count; i++) {
		int rc = units[i]->boot ? units[i]->boot() : 0;

		if (rc != 0) {
			log_err("unit %s cannot start: error %d", units[i]->name, -rc);
			return rc;
		}
	}
	return 0;
}

int units_cpu_up(struct pcpu *p)
{
	for (unsigned int i = 0; i < unit_count; i++) {
		int rc = units[i]->cpu_up ? units[i]->cpu_up(p) : 0;

		if (rc != 0) {
			log_err("unit %s cannot start on this CPU: error %d", units[i]->name, -rc);
			return rc;
		}
	}
	return 0;
}

/* Those before `end`, last first. */
static void units_domain_unwind(struct domain *d, unsigned int end)
{
	while (end-- > 0) {
		if (units[end]->domain_destroy) {
			units[end]->domain_destroy(d);
		}
	}
}

int units_domain_create(struct domain *d, const struct domain_desc *desc)
{
	for (unsigned int i = 0; i < unit_count; i++) {
		int rc = units[i]->domain_create ? units[i]->domain_create(d, desc) : 0;

		if (rc != 0) {
			units_domain_unwind(d, i);
			return rc;
		}
	}
	return 0;
}

int units_domain_relinquish(struct domain *d)
{
	for (unsigned int i = unit_count; i-- > 0;) {
		int rc = units[i]->domain_relinquish ? units[i]->domain_relinquish(d) : 0;

		if (rc != 0) {
			return rc;
		}
	}
	return 0;
}

void units_domain_destroy(struct domain *d)
{
	units_domain_unwind(d, unit_count);
}

static void units_vcpu_unwind(struct vcpu *v, unsigned int end)
{
	while (end-- > 0) {
		if (units[end]->vcpu_destroy) {
			units[end]->vcpu_destroy(v);
		}
	}
}

int units_vcpu_create(struct vcpu *v)
{
	for (unsigned int i = 0; i < unit_count; i++) {
		int rc = units[i]->vcpu_create ? units[i]->vcpu_create(v) : 0;

		if (rc != 0) {
			units_vcpu_unwind(v, i);
			return rc;
		}
	}
	return 0;
}

void units_vcpu_destroy(struct vcpu *v)
{
	units_vcpu_unwind(v, unit_count);
}

void units_register_keys(void)
{
	for (unsigned int i = 0; i < unit_count; i++) {
		const struct unit *u = units[i];

		if (u->dump && console_key_register(u->dump_key, u->dump_what, u->dump) != 0) {
			log_warn("unit %s: debug key '%c' is taken", u->name, u->dump_key);
		}
	}
}
