/* SPDX-License-Identifier: GPL-2.0-only */
/* The hypervisor's page tables: what the Arm code itself needs beyond arch/contract/paging.h. */
#ifndef ARCH_ARM_PAGING_H
#define ARCH_ARM_PAGING_H

#include "lib/types.h"

struct pcpu;

/* Boot CPU: leaves the early tables. load: physical address of the image. */
void paging_init(u64 load);
void paging_windows_init(struct pcpu *p);
u64 paging_image_pa(const void *va); /* of something in the image */

/* Before vmap(): one of a few fixed ranges of 2 MiB, for ever. */
enum paging_fixed { PAGING_FDT, PAGING_UART = 2, PAGING_FIXED_COUNT };
/* Maps [pa, pa + size) there, or up to 4 MiB for PAGING_FDT, and returns the address that pa has;
 * what was mapped there goes away. NULL: too large, or no memory. Boot CPU. */
void *paging_map_fixed(enum paging_fixed slot, hpa_t pa, u64 size, bool device);

#endif
