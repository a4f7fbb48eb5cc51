/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Accounting of hypervisor memory. Every page the hypervisor allocates because of a domain is
 * charged to that domain's pool, whose size is set at creation: running out is that domain's error
 * and nobody else's. The pool counts; mm/heap.c supplies the pages.
 */
#ifndef MM_POOL_H
#define MM_POOL_H

#include "lib/types.h"

#define POOL_SLAB_CLASSES 14 /* sizes of small objects, see mm/heap.c */

struct pool {
	const char *name;
	u64 limit;		      /* pages */
	u64 used;		      /* pages, atomic */
	u32 slabs[POOL_SLAB_CLASSES]; /* mm/heap.c: slabs with room, as frame numbers; 0: none */
};

extern struct pool pool_system; /* the hypervisor itself: no limit but the machine's */

void pool_init(struct pool *p, const char *name, u64 limit_pages);
/* 0, or -ENOMEM when used + pages would pass the limit. Any CPU. */
int pool_charge(struct pool *p, u64 pages);
void pool_uncharge(struct pool *p, u64 pages);

#endif
