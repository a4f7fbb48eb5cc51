/* SPDX-License-Identifier: GPL-2.0-only */
/* Interrupt lines of vdev's devices: pins of the virtual GIC. */
#include "arch/arm/vgic/vgic.h"
#include "arch/contract/irq.h"
#include "lib/xen_public.h"
#include "vdev/vpl011.h"

static_assert(VPL011_BASE == GUEST_PL011_BASE, "where a guest's serial port is");
static_assert(VPL011_SIZE == GUEST_PL011_SIZE, "how much it takes");
static_assert(VPL011_INTID == GUEST_VPL011_SPI, "its interrupt");

void arch_guest_irq(struct domain *d, u32 intid, bool level)
{
	vgic_set_level(d, NULL, intid, level);
}
