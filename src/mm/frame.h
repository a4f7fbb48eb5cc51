/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The machine's page frames: who owns which, how often it is referenced, which are free. The table
 * is sparse: a section of 1 GiB gets its slice when the allocator first breaks it up, so that boot
 * costs nothing per frame and a 12 TiB machine costs what it uses.
 */
#ifndef MM_FRAME_H
#define MM_FRAME_H

#include "lib/compiler.h"

struct domain;

#define FRAME_ORDER_MAX 18 /* 1 GiB blocks */
#define ORDER_4K 0
#define ORDER_2M 9
#define ORDER_1G 18

enum frame_state {
	FRAME_RESERVED = 0, /* not RAM, or in use since before boot */
	FRAME_FREE,
	FRAME_HEAP,	 /* the hypervisor's own */
	FRAME_GUEST,	 /* belongs to domain `owner` */
	FRAME_HEAP_FREE, /* in a chunk of the heap, not in use there */
};

/* All frames of the 2 MiB chunk are as its first record says; the other 511 records hold nothing.
 * So what is given and taken in chunks costs one record for each of them. mm/buddy.c sets it, and
 * writes the records out before one frame of the chunk is treated apart. */
#define FRAME_UNIFORM 0x80

struct frame {
	u32 refs;  /* guest frames: 1 for being in the domain's physical map + one per other user */
	u16 owner; /* domain id of a FRAME_GUEST */
	u8 state;  /* enum frame_state; FRAME_UNIFORM in the first record of a 2 MiB chunk */
	u8 order;  /* of a free block, at its head */
	union {
		struct {
			u32 next, prev; /* free block: list of its order, as frame numbers */
		};
		u64 private; /* heap: owner's use */
	};
};
static_assert(sizeof(struct frame) == 16, "4 MiB of table for 1 GiB of RAM");

/* --- boot --- */
/*
 * Gives RAM to the allocator; ranges do not overlap and come in any order; partial pages, frame 0
 * and what lies beyond 16 TiB are dropped. A range without 4 MiB of contiguous room waits for a
 * later one that has it. Boot CPU.
 */
void frame_add_ram(hpa_t start, u64 size);

/* --- blocks --- */
enum frame_zone {
	FRAME_ANY,
	FRAME_BELOW_4G,
	FRAME_BELOW_4T, /* what the heap window reaches */
};
/*
 * A naturally aligned block of 1 << order frames (0..18) in state `state` with refs 1 each, owner
 * set, content undefined; MFN_INVALID when there is none. High memory is handed out before low. Any
 * CPU, with locks below RANK_FRAME_TABLE held at most, or from within arch_hv_map().
 */
mfn_t frame_alloc(unsigned int order, enum frame_zone zone, enum frame_state state, u16 owner);
/* From now on the above gives nothing. */
void frame_seal(void);
/* Takes exactly these frames out of the free lists (1:1 mappings, boot modules). -EBUSY if any is
 * not free, -ENOMEM if there is no room for the frame table; then none was taken. */
int frame_alloc_at(mfn_t mfn, u64 count, enum frame_state state, u16 owner);
/* Takes frames that are RAM, but were never added (what a device tree sets aside for one domain),
 * as a guest's with refs 1. -EBUSY if any was added, or claimed before; -ENOMEM as above. Boot CPU.
 */
int frame_claim(mfn_t mfn, u64 count, u16 owner);
/* Would frame_alloc_at() find all of them free? Out of date at once; costs a look at each block. */
bool frame_is_free(mfn_t mfn, u64 count);
/* Returns frames to the free lists whatever their refs; merges. Does not scrub: who held secrets
 * in them has wiped them. */
void frame_free(mfn_t mfn, u64 count);
/* Frames that can be given out; those that the table will need for its records are not counted. */
u64 frame_free_count(void);
u64 frame_total_count(void); /* frames ever added */

/* --- references to guest frames --- */
/* A reference that keeps the frame from being reused; false if it is not RAM that belongs to d. */
bool frame_get(mfn_t mfn, const struct domain *d);
/* The same, whichever domain it belongs to. The caller has found it in a map and looks again. */
bool frame_get_any(mfn_t mfn);
/* The last reference frees the frame (after scrubbing it through a window). The domain's page_count
 * is the caller's business. */
void frame_put(mfn_t mfn);
/* The frame's own record, or NULL where the table has none. Not for the heap's frames. */
struct frame *frame_of(mfn_t mfn);

#endif
