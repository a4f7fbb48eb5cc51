/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The part of the hypervisor's address space that maps things on purpose: device registers, boot
 * data, registered guest pages, stacks with guard pages. Built on arch_hv_map().
 */
#ifndef MM_VMAP_H
#define MM_VMAP_H

#include "arch/contract/paging.h"
#include "lib/compiler.h"

/* Maps size bytes from pa, which need not be aligned; the result has pa's offset in its page. NULL:
 * no memory or no room. An unmapped guard page follows each mapping. Any CPU; may take RANK_VMAP
 * and what the heap takes. */
void *vmap(hpa_t pa, u64 size, enum hv_prot prot);
/* Maps count frames side by side. */
void *vmap_frames(const mfn_t *mfns, unsigned int count, enum hv_prot prot);
/* Unmaps what either returned. NULL is fine. The caller holds no lock: arch_hv_unmap() may wait
 * for other CPUs. The addresses are used again only after all others have been. */
void vunmap(void *va);

/* So many mappings more will need no memory for their descriptors. -ENOMEM. */
int vmap_keep_spares(unsigned int count);

#endif
