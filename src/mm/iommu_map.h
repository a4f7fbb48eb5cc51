/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What mm/guest.c asks of drv/iommu, so that a domain's devices reach the same frames as its CPUs.
 * Called only for domains with d->iommu set, by whoever changes the physical map.
 */
#ifndef MM_IOMMU_MAP_H
#define MM_IOMMU_MAP_H

#include "lib/types.h"

struct domain;

#ifdef CONFIG_IOMMU
/* Adds [gfn, gfn + count) → consecutive mfns, where nothing is mapped. -ENOMEM: part of it may be
 * mapped; the caller unmaps it. */
int iommu_map(struct domain *d, gfn_t gfn, mfn_t mfn, u64 count, bool write);
/* Removes what is there; holes are fine. -ENOMEM: nothing more was removed. Devices may go on using
 * stale entries until iommu_flush(). */
int iommu_unmap(struct domain *d, gfn_t gfn, u64 count);
/* On return no device of d uses an entry that is not in its tables. Called with the lock of the
 * domain's s2 held (RANK_S2). Cannot fail. */
void iommu_flush(struct domain *d);
#else
/* No driver: d->iommu stays NULL. */
static inline int iommu_map(struct domain *d, gfn_t gfn, mfn_t mfn, u64 count, bool write)
{
	return 0;
}

static inline int iommu_unmap(struct domain *d, gfn_t gfn, u64 count)
{
	return 0;
}

static inline void iommu_flush(struct domain *d)
{
}
#endif

#endif
