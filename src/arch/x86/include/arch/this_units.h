/* SPDX-License-Identifier: GPL-2.0-only */
/* The machine's part of the table in src/units.c: its vCPUs, IOMMU and devices, in order. */
#include "arch/x86/passthrough.h"
#include "arch/x86/unit.h"
#include "arch/x86/vdev/ioapic.h"
#include "arch/x86/vdev/lapic.h"
#include "arch/x86/vdev/ports.h"
#include "drv/iommu/iommu.h"
#include "vdev/vpci.h"

#define ARCH_UNITS                                                                          \
	&x86_unit, &iommu_unit, &passthrough_unit, &lapic_unit, &vioapic_unit, &ports_unit, \
		&vpci_unit
