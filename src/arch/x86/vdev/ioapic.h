/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guest's I/O APICs. The hardware domain gets one for each of the host's, at the same addresses
 * with the same GSIs; a pin it unmasks is bound to the host's pin (passthrough.h).
 */
#ifndef ARCH_X86_VDEV_IOAPIC_H
#define ARCH_X86_VDEV_IOAPIC_H

#include "core/unit.h"

struct domain;
struct vcpu;

extern const struct unit vioapic_unit;

/* The level of an interrupt line; an edge is up and down again. Any CPU. */
void vioapic_set_line(struct domain *d, u32 gsi, bool asserted);
/* The local APIC broadcasts the EOI of a level-triggered vector. */
void vioapic_eoi(struct domain *d, u8 vector);
/* The first vCPU that the pin's interrupts go to, or NULL: none, or the pin is masked. */
struct vcpu *vioapic_target(struct domain *d, u32 gsi);
void vioapic_dump(struct domain *d);

#endif
