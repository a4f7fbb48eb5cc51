/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The hypervisor's own page tables: four levels of 512 entries, shared by all CPUs. What an entry
 * looks like is the architecture's (struct hvpt_fmt), and so is what the TLBs need.
 *
 *   root ─▶ level 3 (1 GiB leaves) ─▶ level 2 (2 MiB leaves) ─▶ level 1 (pages)
 *
 * Table pages come from a reserve in the image and then from whole 2 MiB chunks of the heap window,
 * so that they are always reachable. They are never given back, and an entry only ever changes
 * between empty and something: no architecture has to break a mapping before it makes another.
 */
#ifndef MM_HVPT_H
#define MM_HVPT_H

#include "arch/contract/paging.h"
#include "core/locks.h"
#include "lib/types.h"

struct hvpt_fmt {
	u64 present;	     /* set in every entry that is not empty */
	u64 table;	     /* what a pointer to a table has besides the address */
	u64 leaf_mask, leaf; /* above level 1: (entry & leaf_mask) == leaf, else a pointer */
	u64 page, block;     /* what a leaf of level 1 has, and one above */
	u64 prot[HV_WC + 1]; /* and what each right adds */
};

struct hvpt {
	const struct hvpt_fmt *fmt;
	unsigned int leaf_max; /* 2: up to 2 MiB, 3: up to 1 GiB */
	u64 *root;
	u64 image_va, image_pa, image_size; /* what lies there is in the image */
	/* After entries were added; NULL: nothing to do. */
	void (*added)(void);
	/* After entries of this range were emptied. No lock is held. */
	void (*flush)(u64 va, u64 size);

	/* Starts as the reserve in the image, zeroed or not. */
	u64 *spare;
	unsigned int spare_count;
	bool refilling;
	struct spinlock lock;
};

/* arch_hv_map() and arch_hv_unmap(). */
int hvpt_map(struct hvpt *t, u64 va, hpa_t pa, u64 size, enum hv_prot prot);
void hvpt_unmap(struct hvpt *t, u64 va, u64 size);

/* The entry for va at `level`, with the tables above it made if `make`; NULL: a leaf is in the way,
 * there are none, or no memory. Boot context, or a range of which the caller is the only user. */
u64 *hvpt_walk(struct hvpt *t, u64 va, unsigned int level, bool make);

/* Of a table page, and of anything else in the image or the heap window. */
u64 hvpt_pa(const struct hvpt *t, const void *va);

#endif
