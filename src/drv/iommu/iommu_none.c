/* SPDX-License-Identifier: GPL-2.0-only */
/* A build without an IOMMU driver: no domain has d->iommu set, so that none of these is called. */
#include "lib/bug.h"
#include "mm/iommu_map.h"

int iommu_map(struct domain *d, gfn_t gfn, mfn_t mfn, u64 count, bool write)
{
	BUG();
}

int iommu_unmap(struct domain *d, gfn_t gfn, u64 count)
{
	BUG();
}

void iommu_flush(struct domain *d)
{
	BUG();
}
