/* SPDX-License-Identifier: GPL-2.0-only */
/* Sets of physical CPUs as the tools give and get them: struct xenctl_bitmap of xen/xen.h. */
#ifndef ABI_CPUMAP_H
#define ABI_CPUMAP_H

#include "abi/hypercall.h"
#include "core/pcpu.h"
#include "lib/bitmap.h"

struct cpupool;
struct xenctl_bitmap;

struct cpumap {
	BITMAP(cpus, MAX_PCPUS);
};

/* As many CPUs as there are numbers for, on-line or not: Xen's nr_cpu_ids. */
unsigned int cpumap_size(void);
void cpumap_all(struct cpumap *map);
/* The CPUs of a pool. */
void cpumap_pool(struct cpumap *map, const struct cpupool *pool);

/* Bits that the caller leaves out are 0; those beyond MAX_PCPUS are not looked at. -EFAULT. */
int cpumap_read(struct hypercall *call, const struct xenctl_bitmap *from, struct cpumap *map);
/* Fills up with zeros, or leaves out what there is no room for. -EFAULT; -EINVAL: room for more
 * than CPUMAP_BITS_MAX, which would take long to fill. */
int cpumap_write(struct hypercall *call, const struct xenctl_bitmap *to, const struct cpumap *map);

#define CPUMAP_BITS_MAX (8 * PAGE_SIZE)

#endif
