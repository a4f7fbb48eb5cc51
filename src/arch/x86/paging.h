/* SPDX-License-Identifier: GPL-2.0-only */
/* The hypervisor's page tables: what the x86 code itself needs beyond arch/contract/paging.h. */
#ifndef ARCH_X86_PAGING_H
#define ARCH_X86_PAGING_H

#include "lib/types.h"

struct pcpu;

/* Boot CPU: leaves the loader's tables, in which all memory was mapped. */
void paging_init(void);
/* Each CPU: control registers, PAT, the tables. */
void paging_cpu_init(void);
void paging_windows_init(struct pcpu *p);
u64 paging_cr3(void);
u64 paging_image_pa(const void *va); /* of something in the image */
/* Fills three pages of the image: the hypervisor's mappings and the first 2 MiB at 0. */
void paging_trampoline(u64 *pml4, u64 *pdpt, u64 *pd);
/* Drops this CPU's stale entries for hypervisor addresses, marks the other CPUs to do so. */
void paging_flush_all(void);
/* On each way out of guest mode and out of idle. */
void paging_flush_if_stale(void);

#endif
