/* SPDX-License-Identifier: GPL-2.0-only */
/* Which ports of the machine the hardware domain reaches, and what stands behind the others. */
#ifndef ARCH_X86_VDEV_PORTS_H
#define ARCH_X86_VDEV_PORTS_H

#include "core/unit.h"

struct domain;

/* The devices behind ports that exit. After bus_unit. */
extern const struct unit ports_unit;

/* Fills d->arch->io_bitmap (12 KiB, all ones so far). */
void ports_setup_hardware_domain(struct domain *d);

#endif
