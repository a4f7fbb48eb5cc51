/* SPDX-License-Identifier: GPL-2.0-only */
/* The hypervisor's own address space, as the layers above see it. */
#ifndef ARCH_CONTRACT_PAGING_H
#define ARCH_CONTRACT_PAGING_H

#include "lib/types.h"

enum hv_prot { HV_RO, HV_RW, HV_RX, HV_DEVICE /* read-write, uncached */, HV_WC };

/* Where mm/ may put things; constants of the architecture. */
extern const u64 arch_heap_base;  /* va of physical address 0 in the heap window */
extern const u64 arch_heap_limit; /* first physical address the window does not reach */
extern const u64 arch_frame_base; /* va of struct frame of mfn 0 */
extern const u64 arch_vmap_base, arch_vmap_size;

/* Maps [pa, pa + size) at va, page aligned, with the largest pages that fit. The range is not
 * mapped. Table pages come from mm/frame (heap window) or, early, from the boot allocator. 0 or
 * -ENOMEM, then nothing is mapped. Callers keep to ranges of their own, each under a lock of its
 * own (vmap, heap, frame table): calls for different ranges come from several CPUs at once, and the
 * tables' lock is the architecture's. frame_alloc() from within a call is allowed without that lock
 * held; it may call back once, and it fails rather than making a second slice. */
int arch_hv_map(u64 va, hpa_t pa, u64 size, enum hv_prot prot);
/* Unmaps. This CPU forgets the range at once, others on their next way out of guest mode or idle:
 * nobody may use an address any more when it is unmapped, and vmap.c reuses it as late as
 * it can. */
void arch_hv_unmap(u64 va, u64 size);

/* A window on any frame, guest or not: this CPU only, nests LIFO, at most ARCH_WINDOWS deep, no
 * blocking between map and unmap. The content may change under the reader: copy, then check. */
#define ARCH_WINDOWS 16
void *arch_map_frame(mfn_t mfn);
void arch_unmap_frame(void *va);

#endif
