/* SPDX-License-Identifier: GPL-2.0-only */
/* AMD-Vi's event log. */
#ifndef DRV_IOMMU_AMDVI_EVENTS_H
#define DRV_IOMMU_AMDVI_EVENTS_H

#include "drv/iommu/amdvi.h"

/* Prints and removes at most budget events; how many there were. Restarts a log that ran over. */
unsigned int amdvi_events_handle(struct amdvi_unit *u, unsigned int budget);

#endif
