/* SPDX-License-Identifier: GPL-2.0-only */
/* Interrupt lines of guests, as devices of vdev/ that every architecture has drive them. */
#ifndef ARCH_CONTRACT_IRQ_H
#define ARCH_CONTRACT_IRQ_H

#include "lib/types.h"

struct domain;

/* The line of a device that is no CPU's own is high or low from now on; intid as the domain's
 * interrupt controller numbers it. Any CPU; locks below RANK_VDEV may be held. A line that the
 * domain does not have is ignored. */
void arch_guest_irq(struct domain *d, u32 intid, bool level);

#endif
