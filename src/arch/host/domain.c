/* SPDX-License-Identifier: GPL-2.0-only */
/* Domains for tests: real ones, made by domain_create() with the test's own table of units. */
#include <stdio.h>
#include <stdlib.h>

#include "arch/host/host.h"
#include "core/unit.h"

/* CPUs that no thread plays get a round of their loop whenever somebody waits for them. */
static void host_serve_others(void)
{
	struct pcpu *self = host_pcpu, *p;

	for_each_cpu(p) {
		if (p != self && p->lock_depth == 0 && !p->in_run && READ_ONCE(p->work) != 0) {
			host_pcpu = p;
			pcpu_step(p);
		}
	}
	host_pcpu = self;
}

void host_boot(unsigned int cpus, u64 ram)
{
	int rc;

	host_cpus_init(cpus);
	host_machine_init(ram);
	host_relax = host_serve_others;
	rc = units_boot();
	for (unsigned int i = 0; i < cpus && rc == 0; i++) {
		host_be_cpu(i);
		rc = units_cpu_up(pcpus[i]);
	}
	host_be_cpu(0);
	if (rc != 0) {
		fprintf(stderr, "host_boot: error %d\n", -rc);
		abort();
	}
}

struct domain_desc host_desc(u16 id, unsigned int vcpus)
{
	return (struct domain_desc){
		.id = id,
		.name = "test",
		.vcpu_count = vcpus,
		.pool_pages = 1024,
		.evtchn_limit = 1023,
		.grant_frames = 4,
		.maptrack_frames = 4,
	};
}

struct domain *host_domain_create(u16 id, unsigned int vcpus)
{
	struct domain_desc desc = host_desc(id, vcpus);
	struct domain *d = NULL;
	int rc = domain_create(&desc, &d);

	if (rc != 0) {
		fprintf(stderr, "host_domain_create(%u): error %d\n", id, -rc);
		abort();
	}
	return d;
}

void host_domain_start(struct domain *d)
{
	struct vcpu *v;

	for_each_vcpu(d, v) {
		vcpu_release(v, VCPU_HOLD_DOWN);
	}
	domain_unpause(d);
}

void host_set_current(struct vcpu *v)
{
	struct pcpu *p = host_pcpu;

	if (p->current) {
		p->current->running = false;
		p->current = NULL;
	}
	p->in_run = false;
	if (v) {
		p = v->cpu;
		host_pcpu = p;
		p->current = v;
		p->in_run = true;
		v->running = true;
	}
}
