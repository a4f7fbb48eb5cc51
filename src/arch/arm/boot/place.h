/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which addresses a domain's RAM has: banks at the addresses of Xen's guests (GUEST_RAM0_BASE, …),
 * or those of the machine for domains that are mapped 1:1. Pure.
 */
#ifndef ARCH_ARM_BOOT_PLACE_H
#define ARCH_ARM_BOOT_PLACE_H

#include "core/desc.h"
#include "lib/compiler.h"
#include "lib/rangeset.h"

#define RAM_BANKS_MAX 32

struct ram_bank {
	u64 start, size;
};

/* Sorted, disjoint; neighbours that touch are one. */
struct ram {
	struct ram_bank banks[RAM_BANKS_MAX];
	unsigned int count;
};

/* Adds a bank. -ENOSPC; -EINVAL: it overlaps another, or wraps. */
int __must_check ram_add(struct ram *ram, u64 start, u64 size);
u64 ram_bytes(const struct ram *ram);

/* The banks of a guest with this many bytes (whole pages). -ENOMEM: more than the layout has. */
int __must_check place_guest(u64 bytes, struct ram *ram);

/* A part of a guest's RAM whose frames are given. */
struct place_piece {
	u64 gpa, pa, size;
};
#define PLACE_PIECES_MAX (DESC_BANKS_MAX + 2)

/*
 * The domain's static banks one behind the other in the guest's layout; direct: where they are.
 * -ENOMEM: too many bytes; -EINVAL: they overlap.
 */
int __must_check place_static(const struct domain_desc *desc, struct place_piece *pieces,
	unsigned int *count, struct ram *ram);

/*
 * Of the free ranges of a machine, the bank that a 1:1 domain gets next: the largest that serves
 * `bytes`, aligned to 1 GiB or 2 MiB where that loses nothing. low: below 4 GiB. False: there is
 * none of at least 2 MiB.
 */
bool place_identity(
	const struct ram_bank *runs, unsigned int count, u64 bytes, bool low, struct ram_bank *out);

/*
 * The largest `max` ranges of a set of page numbers, as bytes in whole blocks of 2 MiB of at least
 * `least` bytes each. Returns how many.
 */
unsigned int place_largest(
	const struct rangeset *pages, u64 least, struct ram_bank *out, unsigned int max);

#endif
