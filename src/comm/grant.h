/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Grant tables: the pages in which a domain says which of its frames others may reach. The frames
 * of a table are heap pages charged to the domain; it grows up to the limit of its description.
 * Only version 1 of the entries exists here, and nothing is mapped through a table yet.
 *
 * Context of a hypercall, no lock held; numbers are the guest's: any value.
 */
#ifndef COMM_GRANT_H
#define COMM_GRANT_H

#include "core/unit.h"
#include "lib/compiler.h"

struct domain;

extern const struct unit grant_unit;

/* Frames the table has, and may have. */
void grant_size(struct domain *d, u32 *count, u32 *max);
/* Has it at least count frames now? -EINVAL: more than it may have; -ENOMEM. */
int grant_grow(struct domain *d, u32 count);
/* Frame idx, to be mapped at gfn (~0: only asked for); grows the table. *old_gfn is where it was
 * mapped before, ~0 for nowhere. -EINVAL, -ENOMEM. */
int grant_frame(struct domain *d, u32 idx, u64 gfn, mfn_t *mfn, u64 *old_gfn);
/* Where frame idx is mapped, ~0: nowhere. */
u64 grant_frame_gfn(struct domain *d, u32 idx);
/* The gfn is not a frame of the table any more. */
void grant_forget_gfn(struct domain *d, u64 gfn);

/* The layout of the entries. -EINVAL: no such version; -ENOSYS: not here. */
int grant_set_version(struct domain *d, u32 version);
u32 grant_version(struct domain *d);

#endif
