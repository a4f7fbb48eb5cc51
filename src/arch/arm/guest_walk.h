/* SPDX-License-Identifier: GPL-2.0-only */
/* The guest's address spaces, beside arch/contract/guest.h. */
#ifndef ARCH_ARM_GUEST_WALK_H
#define ARCH_ARM_GUEST_WALK_H

struct domain;

/* Waits until no entry of its stage 2 is being exchanged that was when it was called. RANK_S2. */
void guest_settle(struct domain *d);

#endif
