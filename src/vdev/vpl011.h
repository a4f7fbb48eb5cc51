/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The UART of a guest that has no other console: an SBSA subset of the PL011 (DDI 0183), whose
 * output goes to the hypervisor's console line by line and whose input comes from there.
 */
#ifndef VDEV_VPL011_H
#define VDEV_VPL011_H

#include "core/unit.h"
#include "lib/types.h"

/* GUEST_PL011_BASE, GUEST_PL011_SIZE, GUEST_VPL011_SPI of xen/arch-arm.h */
#define VPL011_BASE 0x22000000ULL
#define VPL011_SIZE 0x1000ULL
#define VPL011_INTID 32

extern const struct unit vpl011_unit; /* makes one where the description says so */

struct vpl011_place {
	u64 base; /* VPL011_SIZE bytes from here */
	u32 intid;
};

/* The host's own port: one that is at the host's addresses (a direct-mapped domain) has its UART
 * there, where certainly nothing else of the domain's is. Boot context, before any domain; without
 * it, or if it is smaller than VPL011_SIZE or has no interrupt, such a domain cannot have one. */
void vpl011_set_host(u64 base, u64 size, u32 intid);
/* Where the UART of this domain is, for its device tree too. -ENODEV, with a line that says why. */
int vpl011_place(const struct domain_desc *desc, struct vpl011_place *place);

#endif
