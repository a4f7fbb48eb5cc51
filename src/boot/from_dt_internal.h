/* SPDX-License-Identifier: GPL-2.0-only */
/* What the readers of /chosen share: from_dt.c (the whole), from_dt_domain.c (a node xen,domain)
 * and from_dt_pool.c (the nodes xen,cpupool). */
#ifndef BOOT_FROM_DT_INTERNAL_H
#define BOOT_FROM_DT_INTERNAL_H

#include "boot/from_dt.h"

struct from_dt {
	const struct dt *dt;
	const struct from_dt_host *host;
	struct from_dt_config *out;
};

/* --- modules --- */

enum from_dt_module_kind {
	FROM_DT_KERNEL,
	FROM_DT_RAMDISK,
	FROM_DT_DEVICE_TREE,
	FROM_DT_OTHER, /* an XSM policy: not used */
	FROM_DT_KINDS,
};

/* The modules of one domain by their kind, NULL: it has none. */
struct from_dt_modules {
	const struct dt_node *node[FROM_DT_KINDS];
	const struct dt_node *again; /* a second one of a kind, or NULL */
};

bool from_dt_is_module(const struct dt *dt, const struct dt_node *n);
/* Those among the children of a node. */
void from_dt_find_modules(
	const struct dt *dt, const struct dt_node *parent, struct from_dt_modules *out);
/* Takes them over into the description. -EINVAL after a line that says why. */
int from_dt_take_modules(const struct from_dt *f, const struct from_dt_modules *m,
	const struct dt_node *n, struct domain_desc *d);

/* --- parts of a domain --- */

/* The domain that a node xen,domain describes: its number among them, from 1. 0: none of them. */
u16 from_dt_domid(const struct dt *dt, const struct dt_node *n);
/* The cells of xen,static-mem. */
void from_dt_static_cells(const struct dt *dt, const struct dt_node *n, u8 *address, u8 *size);
/* xen,shared-mem. -ENOENT: not all of it is there; -EINVAL: more than 64 bits. */
int from_dt_shared(const struct dt *dt, const struct dt_node *n, struct desc_shared *out);
/* The shared regions and event channels among the children of a node. -EINVAL after a line. */
int from_dt_connections(
	const struct from_dt *f, const struct dt_node *parent, struct domain_desc *d);
/* All of a node xen,domain. -EINVAL after a line. */
int from_dt_domain(const struct from_dt *f, const struct dt_node *n, struct domain_desc *d);

/* --- pools --- */

void from_dt_pools(const struct from_dt *f);
/* The place in out->pools of the node with that phandle. -ENOENT. */
int from_dt_pool_by_phandle(const struct from_dt_config *c, u32 phandle);

/* --- messages --- */

/* One line that names node and property; the consequence is the caller's to add. -EINVAL. */
int from_dt_bad(const struct from_dt *f, const struct dt_node *n, const char *property,
	const char *fmt, ...) __printf(4, 5);

#endif
