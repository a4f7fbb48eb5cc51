/* SPDX-License-Identifier: GPL-2.0-only */
/* Guests' interrupt lines: what the test wants to know of them. */
#include "arch/contract/irq.h"

#include "arch/host/host.h"

void (*host_guest_irq)(struct domain *d, u32 intid, bool level);

void arch_guest_irq(struct domain *d, u32 intid, bool level)
{
	if (host_guest_irq) {
		host_guest_irq(d, intid, level);
	}
}
