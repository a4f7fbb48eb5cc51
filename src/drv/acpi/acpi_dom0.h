/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ACPI tables that a PVH dom0 sees: a root pointer, a root table and a MADT of our making; the
 * rest are the host's own, where they lie, apart from those that describe what dom0 does not own
 * (timers, IOMMUs, NUMA).
 */
#ifndef DRV_ACPI_ACPI_DOM0_H
#define DRV_ACPI_ACPI_DOM0_H

#include "drv/acpi/acpi.h"

struct acpi_dom0 {
	unsigned int vcpu_count; /* 1 .. MAX_VCPUS; vCPU i has APIC id 2 i and processor uid i */
	bool x2apic;		 /* describe vCPUs by x2APIC entries whatever their ids */
	gpa_t at;		 /* where the result will lie; 16-byte aligned */
};

/* Bytes that acpi_dom0_build() may need at most for this many vCPUs. */
size_t acpi_dom0_max_size(const struct acpi_info *host, unsigned int vcpu_count);

/*
 * Writes RSDP (first, at dom0->at), XSDT and MADT into buf. Pure. Returns 0 and *used, or -ENOSPC
 * when size is too small, -EINVAL for a wrong description.
 */
int __must_check acpi_dom0_build(const struct acpi_info *host, const struct acpi_dom0 *dom0,
	void *buf, size_t size, size_t *used);

/* May dom0 read this table of the host? Also true for DSDT and FACS, which no root table lists. */
bool acpi_dom0_visible(const struct acpi_table *t);

/*
 * The host's table of index *cursor or behind that dom0 may see, and moves *cursor on; NULL at the
 * end. Start with 0. Its physical range is to be mapped to the same guest address.
 */
const struct acpi_table *acpi_dom0_next_table(const struct acpi_info *host, unsigned int *cursor);

#endif
