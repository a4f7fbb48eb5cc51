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

#define CHUNK_FRAMES BIT64(ORDER_2M)

/* The place of a frame's record, which the table is known to have. In a uniform chunk it is of use
 * for the first frame alone. */
struct frame *buddy_frame(u64 n);

/* Is frame n in a chunk that is described as a whole? Any CPU. */
bool buddy_is_uniform(u64 n);
/* Writes out the records of n's chunk, if they are not. Under the lock that splits such chunks: the
 * zones' for guests' and free frames, the heap's for its own. */
void buddy_expand(u64 n);

/* The table's records of [start, start + count), whole chunks, have no content yet. */
void buddy_mark_new(u64 start, u64 count, enum frame_state state);
/* Gives a state to frames that are on no list; chunks that the range covers become uniform, of
 * others the records are written out already. Needs no lock: nobody else looks at them. */
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
