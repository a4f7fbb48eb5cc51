/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Free blocks of 1 << order frames, aligned to their size, listed by order through their frame
 * records. mm/frame.c keeps one set for each zone of RAM, mm/heap.c one inside its chunks.
 *
 * A free frame has state `state`; the first one of a block carries the block's order, the others
 * ORDER_INNER. Frame 0 is in no block, so that 0 ends a list. All functions need the owner's lock
 * and frame records for every section they touch.
 */
#ifndef MM_BUDDY_H
#define MM_BUDDY_H

#include "mm/frame.h"

#define ORDER_INNER 0xff

struct buddy {
	u8 state;     /* enum frame_state of a free frame */
	u8 order_max; /* blocks do not merge beyond it */
	u64 free;     /* frames */
	u32 heads[FRAME_ORDER_MAX + 1];
};

/* The record of a frame that is known to have one. */
struct frame *buddy_frame(u64 n);
/* Gives a state to frames that are on no list. Needs no lock: nobody else looks at them. */
void buddy_mark(u64 start, u64 count, enum frame_state state, u16 owner, u32 refs);
/* Adds frames that buddy_mark() gave the free state, in the largest blocks that fit; merges. */
void buddy_add(struct buddy *b, u64 start, u64 count);
/* Takes a block off its list, splitting a larger one; the upper half is given out. 0: none. */
u64 buddy_take(struct buddy *b, unsigned int order);
/* The free block that frame n is in; false if n is not free. */
bool buddy_find(const struct buddy *b, u64 n, u64 *head, unsigned int *order);
/* Takes exactly these frames, all of them free. */
void buddy_carve(struct buddy *b, u64 start, u64 count);

#endif
