/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Descriptions of domains from the host's device tree: the modules and xen,domain nodes under
 * /chosen, with the names and meanings of Xen 4.17 (docs/misc/arm/device-tree/booting.txt and
 * cpupools.txt there). Only reads; builds nothing. Nothing in the tree is trusted: what is wrong
 * costs one line, which names node and property, and the domain that it belongs to.
 */
#ifndef BOOT_FROM_DT_H
#define BOOT_FROM_DT_H

#include "boot/memmap.h"
#include "core/desc.h"
#include "lib/fdt.h"

#define FROM_DT_DOMAINS_MAX 32
#define FROM_DT_POOLS_MAX 16

/* --- early, before there is an allocator: what must not be allocated --- */

enum from_dt_claim {
	FROM_DT_MODULE,	     /* a file: kernel, ramdisk, partial tree */
	FROM_DT_STATIC_MEM,  /* xen,static-mem of a domain */
	FROM_DT_SHARED_MEM,  /* xen,shared-mem; comes once for each domain that shares it */
	FROM_DT_STATIC_HEAP, /* xen,static-heap: all that the allocator may have */
};

/* One range, not empty; @cmdline is a module's bootargs ("" without). An error ends the walk. */
typedef int from_dt_claim_fn(void *arg, enum from_dt_claim what, const struct dt_node *n,
	const struct dt_range *range, const char *cmdline);

/* In the tree's order. Entries that make no sense are left out here: from_dt() names them. What fn
 * returned, else 0. */
int from_dt_claims(const struct dt *dt, from_dt_claim_fn *fn, void *arg);

/* The hypervisor's own options, "" if none: /chosen xen,xen-bootargs; bootargs only when dom0's are
 * elsewhere (xen,dom0-bootargs, or with its kernel). */
const char *from_dt_options(const struct dt *dt);

/* --- the domains --- */

/* What the tree is judged against. */
struct from_dt_host {
	const struct memmap *map; /* all RAM */
	const struct boot_module *modules;
	unsigned int module_count; /* as from_dt_claims() told them */
	unsigned int cpu_count;	   /* that run */
	u64 boot_mpidr;		   /* affinity fields */
	unsigned int vcpus_max;	   /* of one domain: 8 with a virtual GICv2 */
	u32 spi_count;		   /* of the machine's GIC */
	u64 available;		   /* free bytes now */
};

/* A node xen,cpupool. */
struct from_dt_pool {
	const char *name;      /* of the node; "" for the CPUs that no node names */
	const char *scheduler; /* NULL: as sched= says */
	u64 mpidrs[CONFIG_MAX_CPUS];
	unsigned int cpu_count;
	u32 phandle;
};

struct from_dt_config {
	/* dom0 first, if its kernel is there. Gaps in the ids are domains that were refused. */
	struct domain_desc domains[FROM_DT_DOMAINS_MAX];
	unsigned int domain_count;
	unsigned int refused_count;
	/* [0] is the boot CPU's. No pools: the tree says nothing of them. */
	struct from_dt_pool pools[FROM_DT_POOLS_MAX];
	unsigned int pool_count;
	/* What the descriptions point to, beside the tree itself. */
	char names[FROM_DT_DOMAINS_MAX][16];
	char where[FROM_DT_DOMAINS_MAX][DT_PATH_MAX];
};

/* Fills *out, which points into the tree and *host's modules. Boot CPU; the console is there. */
void from_dt(const struct dt *dt, const struct from_dt_host *host, struct from_dt_config *out);

#endif
