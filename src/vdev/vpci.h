/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The PCI functions that the hardware domain sees: the host's own, but that the hypervisor looks at
 * what is written to the command register, BARs and interrupt capabilities, and keeps functions of
 * its own hidden. Registers without a handler are the device's.
 */
#ifndef VDEV_VPCI_H
#define VDEV_VPCI_H

#include "core/unit.h"

struct domain;

extern const struct unit vpci_unit;

/* Makes a function of the host known to the domain; its BARs are mapped if it decodes them.
 * -ENODEV: no such function; -EPERM: d does not own the machine's devices, or the function is
 * hidden; -ENOMEM. Idempotent. */
int vpci_add_device(struct domain *d, u32 sbdf);
/* The domain never sees this function; before domains are created. */
int vpci_hide(u32 sbdf);

/* Configuration space as the domain sees it: 1 to 4 bytes at any register below 4096, in any
 * alignment. What is not there reads as all ones. */
u32 vpci_read(struct domain *d, u32 sbdf, u16 reg, unsigned int size);
void vpci_write(struct domain *d, u32 sbdf, u16 reg, unsigned int size, u32 value);

#endif
