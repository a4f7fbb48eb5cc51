/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The part of the hypervisor's address space that maps things on purpose: device registers, boot
 * data, registered guest pages, stacks with guard pages. Built on arch_hv_map().
 */
#ifndef MM_VMAP_H
#define MM_VMAP_H

#include "arch/contract/paging.h"
#include "lib/compiler.h"

/* Maps size bytes from pa, which need not be aligned; the result has pa's offset in its page. NULL: no memory
 * or no room. An unmapped guard page follows each mapping. Any CPU. */
void *vmap(hpa_t pa, u64 size, enum hv_prot prot);
/* Maps count frames side by side. */
void *vmap_frames(const mfn_t *mfns, unsigned int count, enum hv_prot prot);
/* Unmaps what either returned; all CPUs have forgotten it on return. */
void vunmap(void *va);

#endif
