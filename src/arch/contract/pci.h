/* SPDX-License-Identifier: GPL-2.0-only */
/* What configuration space as a guest sees it needs of the architecture. */
#ifndef ARCH_CONTRACT_PCI_H
#define ARCH_CONTRACT_PCI_H

#include "lib/types.h"

struct domain;

/* May device registers of the hardware domain lie in [start, start + size)? False where RAM is, or
 * registers that the hypervisor keeps for itself. Any CPU. */
bool arch_mmio_usable(u64 start, u64 size);

/* One message-signalled interrupt of a function, as the architecture keeps it. */
struct arch_msi;
struct msi_message {
	u64 address;
	u32 data;
};

/* NULL: no memory. Charged to d. */
struct arch_msi *arch_msi_create(struct domain *d, u32 sbdf);
/* The guest wants *guest delivered; *host is what the device must be programmed with. May be called
 * again with another message. -EINVAL: not an interrupt message; -ENOSPC. RANK_VPCI may be held. */
int arch_msi_bind(struct arch_msi *m, const struct msi_message *guest, struct msi_message *host);
/* The device does not send it any more. Harmless when it is not bound. */
void arch_msi_unbind(struct arch_msi *m);
/* Once the domain does not run any more; NULL is fine. */
void arch_msi_destroy(struct domain *d, struct arch_msi *m);

#endif
