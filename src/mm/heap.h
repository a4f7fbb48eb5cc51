/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Hypervisor memory: whole pages out of 2 MiB chunks that belong to the hypervisor and are mapped
 * at HEAP_BASE + physical address, so that va <-> pa is arithmetic although nothing else of RAM is
 * mapped; and small objects cut from such pages. Memory is zeroed when handed out.
 */
#ifndef MM_HEAP_H
#define MM_HEAP_H

#include "lib/compiler.h"
#include "mm/pool.h"

/* 1 << order contiguous, naturally aligned, zeroed pages (order 0..9) charged to pool; NULL when
 * the pool or the machine has no more. Any CPU; may take RANK_HEAP and RANK_FRAME_TABLE. */
void *heap_pages_alloc(struct pool *pool, unsigned int order);
/* pool and order as given at allocation; NULL is fine. */
void heap_pages_free(struct pool *pool, void *va, unsigned int order);

/* A zeroed object of 1 .. 2 MiB, aligned to 16 (or to its size if that is a power of two up to a
 * page). The pool is charged by whole pages of the slab or block it lands in. */
void *heap_alloc(struct pool *pool, size_t size);
void heap_free(struct pool *pool, void *va); /* NULL is fine */

#define heap_new(pool, type) ((type *)heap_alloc((pool), sizeof(type)))

/* Gives chunks that have become free back to the machine, all but one. Takes RANK_HEAP and unmaps:
 * the caller holds no lock. After the end of a domain, and before giving up for lack of memory. */
void heap_trim(void);

/* For static configurations: nothing is allocated any more, neither here nor as frames; who asks is
 * refused, and named. Boot CPU, when the last domain has been built. */
void heap_seal(void);
u64 heap_refused(void); /* how often that has happened */

/* Only for addresses that the two allocators returned. */
mfn_t heap_va_to_mfn(const void *va);
hpa_t heap_va_to_hpa(const void *va);
void *heap_mfn_to_va(mfn_t mfn);

#endif
