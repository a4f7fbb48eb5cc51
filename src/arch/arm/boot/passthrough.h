/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What devices are made of: pages of registers and interrupts, read from device trees. Pure: who
 * gets them is the builder's business.
 */
#ifndef ARCH_ARM_BOOT_PASSTHROUGH_H
#define ARCH_ARM_BOOT_PASSTHROUGH_H

#include "arch/arm/boot/fdt_plan.h"
#include "lib/bitmap.h"
#include "lib/rangeset.h"

#define RESOURCES_RANGES 1024
#define RESOURCES_INTIDS 1024

struct resources {
	struct rangeset pages; /* page numbers */
	struct range ranges[RESOURCES_RANGES];
	BITMAP(spis, RESOURCES_INTIDS); /* INTIDs */
};

void resources_init(struct resources *r);
/* All pages that a range of bytes touches; an empty one: none. -EINVAL, -ENOSPC. */
int __must_check resources_add(struct resources *r, u64 start, u64 size);
int __must_check resources_remove(struct resources *r, u64 start, u64 size);

/*
 * Of one node: registers and, of a PCI host bridge, windows, as the CPU sees them; the SPIs that it
 * or a device behind its interrupt-map raises. What cannot be made out is left out. -ENOSPC.
 */
int __must_check resources_of(const struct dt *dt, const struct dt_node *n, struct resources *r);
/* Of all nodes that dom0 keeps and that are not disabled, without those of nodes that are given to
 * others. -ENOSPC. */
int __must_check resources_dom0(const struct fdt_host *host, struct resources *r);

/* --- partial trees --- */

struct passthrough_range {
	u64 pa, gpa, size;
};
#define PASSTHROUGH_RANGES 64

struct passthrough {
	struct passthrough_range ranges[PASSTHROUGH_RANGES];
	unsigned int range_count;
	BITMAP(spis, RESOURCES_INTIDS);
};

/*
 * Everything that the nodes below /passthrough of a partial tree ask for (xen,reg, xen,path,
 * xen,force-assign-without-iommu). -EINVAL, -ENOENT, -EPERM, -ENOSPC: *bad is the node, *why says
 * which property is wrong and how.
 */
int passthrough_read(const struct dt *partial, const struct dt *host, struct passthrough *out,
	const struct dt_node **bad, const char **why);

#endif
