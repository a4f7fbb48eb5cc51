/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Host interrupts that belong to a domain: pins of the host's I/O APICs and messages of its
 * devices, taken by the hypervisor and given to the domain's virtual controllers.
 */
#ifndef ARCH_X86_PASSTHROUGH_H
#define ARCH_X86_PASSTHROUGH_H

#include "arch/x86/irq.h"
#include "core/unit.h"

struct domain;

extern const struct unit passthrough_unit;

/* The domain unmasked GSI: route the host's pin to it. -EBUSY: the hypervisor's own; -ENODEV.
 * Idempotent; changes trigger and polarity when they differ. */
int passthrough_gsi_bind(struct domain *d, u32 gsi, bool level, bool active_low);
/* The domain's virtual pin saw the end of a level-triggered interrupt: let the host's pin fire
 * again. */
void passthrough_gsi_eoi(struct domain *d, u32 gsi);

/* One message-signalled interrupt vector of a function. */
struct passthrough_msi {
	struct domain *domain;
	struct irq irq;
	u32 sbdf;
	/* what the guest wrote: where the interrupt goes in the guest */
	u64 guest_address;
	u32 guest_data;
	u64 message;		 /* both, as the handler wants it; atomic */
	struct irq_message host; /* what the device gets */
	bool bound;
};
/* (Re)binds after the guest wrote address and data of a vector that is enabled; m->host is what the
 * device must be programmed with. -ENOSPC and what irq_msi_compose() answers. */
int passthrough_msi_bind(
	struct domain *d, u32 sbdf, struct passthrough_msi *m, u64 address, u32 data);
void passthrough_msi_unbind(struct passthrough_msi *m);

#endif
