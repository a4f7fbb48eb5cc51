/* SPDX-License-Identifier: GPL-2.0-only */
/* Gives a domain its memory: the part of building that every architecture shares. */
#ifndef BOOT_BUILD_H
#define BOOT_BUILD_H

#include "boot/memmap.h"
#include "lib/compiler.h"

struct domain;

/* Allocates frames for [start, end) and maps them in leaves as large as alignment and memory allow.
 * -ENOMEM; what was mapped stays for the domain's destruction. */
int build_populate(struct domain *d, u64 start, u64 end);

/*
 * For a domain whose gfns are mfns: takes as much of [start, end) as is free, up to *budget bytes,
 * maps it and adds it to map as RAM, and what is in use as unusable. *budget is lowered.
 */
int build_populate_identity(struct domain *d, u64 start, u64 end, u64 *budget, struct memmap *map);

/* Copies from host memory (boot modules) to the domain's RAM. -EFAULT, -ENOMEM. */
int build_copy(struct domain *d, gpa_t to, hpa_t from, u64 size);

#endif
