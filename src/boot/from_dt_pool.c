/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * CPU pools from the nodes xen,cpupool. Pool 0 is the boot CPU's; CPUs that no node names are in
 * one pool more, or in pool 0 when the boot CPU is among them. A broken node makes no pool.
 */
#include "boot/from_dt_internal.h"

#include "lib/errno.h"
#include "lib/string.h"

#define MPIDR_AFFINITY 0xff00ffffffULL

static bool cpu_mpidr(const struct dt *dt, const struct dt_node *n, u64 *mpidr)
{
	struct dt_range r;

	if (!dt_is_type(dt, n, "cpu") || dt_reg(dt, n, 0, &r)) {
		return false;
	}
	*mpidr = r.start & MPIDR_AFFINITY;
	return true;
}

static bool pool_has(const struct from_dt_pool *p, u64 mpidr)
{
	for (unsigned int i = 0; i < p->cpu_count; i++) {
		if (p->mpidrs[i] == mpidr) {
			return true;
		}
	}
	return false;
}

static bool any_pool_has(const struct from_dt_config *c, unsigned int pools, u64 mpidr)
{
	for (unsigned int i = 0; i < pools; i++) {
		if (pool_has(&c->pools[i], mpidr)) {
			return true;
		}
	}
	return false;
}

/* CPU i of a node; 1: there are no more. */
static int read_cpu(
	const struct from_dt *f, const struct dt_node *n, unsigned int i, struct from_dt_pool *p)
{
	u32 phandle;
	u64 mpidr;

	if (dt_cell(f->dt, n, "cpupool-cpus", i, &phandle)) {
		return 1;
	}
	if (!cpu_mpidr(f->dt, dt_by_phandle(f->dt, phandle), &mpidr)) {
		return from_dt_bad(f, n, "cpupool-cpus", "entry %u is no CPU's node", i);
	}
	if (any_pool_has(f->out, f->out->pool_count, mpidr) || pool_has(p, mpidr)) {
		return from_dt_bad(f, n, "cpupool-cpus", "CPU %#llx is in a pool already",
			(unsigned long long)mpidr);
	}
	if (p->cpu_count == CONFIG_MAX_CPUS) {
		return from_dt_bad(f, n, "cpupool-cpus", "more than %u CPUs", CONFIG_MAX_CPUS);
	}
	p->mpidrs[p->cpu_count++] = mpidr;
	return 0;
}

static int read_pool(const struct from_dt *f, const struct dt_node *n, struct from_dt_pool *p)
{
	int rc = 0;

	*p = (struct from_dt_pool){
		.name = dt_name(f->dt, n),
		.scheduler = dt_string(f->dt, n, "cpupool-sched"),
		.phandle = n->phandle,
	};
	if (!p->scheduler && dt_has(f->dt, n, "cpupool-sched")) {
		return from_dt_bad(f, n, "cpupool-sched", "not a string");
	}
	for (unsigned int i = 0; !rc; i++) {
		rc = read_cpu(f, n, i, p);
	}
	if (rc > 0 && p->cpu_count == 0) {
		return from_dt_bad(f, n, "cpupool-cpus", "names no CPU");
	}
	return rc < 0 ? rc : 0;
}

/* Entry 0 of the table is kept free for the boot CPU's pool while the nodes are read. */
static void read_pools(const struct from_dt *f)
{
	struct from_dt_config *c = f->out;

	c->pools[0] = (struct from_dt_pool){ .name = "" };
	c->pool_count = 1;
	dt_for_each_child(f->dt, dt_find(f->dt, "/chosen"), n)
	{
		if (!dt_compatible(f->dt, n, "xen,cpupool")) {
			continue;
		}
		/* One entry more for the CPUs that nobody names. */
		if (c->pool_count == FROM_DT_POOLS_MAX - 1) {
			from_dt_bad(f, n, "compatible", "more than 14 pools");
		} else if (!read_pool(f, n, &c->pools[c->pool_count])) {
			c->pool_count++;
		}
	}
}

static void add_unnamed(const struct from_dt *f, struct from_dt_pool *p)
{
	unsigned int pools = f->out->pool_count;
	u64 mpidr;

	dt_for_each_child(f->dt, dt_find(f->dt, "/cpus"), n)
	{
		if (cpu_mpidr(f->dt, n, &mpidr) && dt_available(f->dt, n) &&
			!any_pool_has(f->out, pools, mpidr) && !pool_has(p, mpidr) &&
			p->cpu_count < CONFIG_MAX_CPUS) {
			p->mpidrs[p->cpu_count++] = mpidr;
		}
	}
}

void from_dt_pools(const struct from_dt *f)
{
	struct from_dt_config *c = f->out;
	struct from_dt_pool *rest;

	read_pools(f);
	if (c->pool_count == 1) {
		c->pool_count = 0;
		return;
	}
	for (unsigned int i = 1; i < c->pool_count; i++) {
		if (pool_has(&c->pools[i], f->host->boot_mpidr)) {
			c->pools[0] = c->pools[i];
			memmove(&c->pools[i], &c->pools[i + 1],
				(c->pool_count - i - 1) * sizeof(c->pools[0]));
			c->pool_count--;
			break;
		}
	}
	rest = c->pools[0].cpu_count ? &c->pools[c->pool_count] : &c->pools[0];
	*rest = (struct from_dt_pool){ .name = "" };
	add_unnamed(f, rest);
	if (rest != &c->pools[0] && rest->cpu_count) {
		c->pool_count++;
	}
}

int from_dt_pool_by_phandle(const struct from_dt_config *c, u32 phandle)
{
	for (unsigned int i = 0; phandle && i < c->pool_count; i++) {
		if (c->pools[i].phandle == phandle) {
			return (int)i;
		}
	}
	return -ENOENT;
}
