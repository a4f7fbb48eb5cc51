/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * RAM for the allocator: all that a map names but what is in use already (image, modules, what the
 * firmware reserves). Boot CPU, before the first domain.
 */
#ifndef BOOT_RAM_H
#define BOOT_RAM_H

#include "boot/memmap.h"

#define RAM_KEEP_MAX 256

/* Keeps the pages of [start, start + size) from the allocator. Ranges may overlap and come in any
 * order. Ends in boot_fail() if they are more than RAM_KEEP_MAX. */
void ram_keep(u64 start, u64 size);
/* Is a byte of the range kept? */
bool ram_is_kept(u64 start, u64 size);
/* Gives [start, end), which is RAM in whole pages, to the allocator without what is kept. */
void ram_give(u64 start, u64 end);
/* The same with all RAM of a normalised map. */
void ram_give_map(const struct memmap *m);

#endif
