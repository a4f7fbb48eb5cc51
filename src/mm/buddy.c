/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Buddy lists over frame records. It decides nothing about zones, sections or owners, and touches
 * no memory but the records.
 */
#include "mm/buddy.h"

#include "arch/contract/paging.h"
#include "lib/bits.h"
#include "lib/bug.h"

struct frame *buddy_frame(u64 n)
{
	return (struct frame *)(uintptr_t)(arch_frame_base + n * sizeof(struct frame));
}

/* The record that stands for n. */
static struct frame *buddy_chunk(u64 n)
{
	return buddy_frame(ALIGN_DOWN(n, CHUNK_FRAMES));
}

static bool frame_is_uniform(const struct frame *chunk)
{
	/* Pairs with the release in buddy_expand(). */
	return (__atomic_load_n(&chunk->state, __ATOMIC_ACQUIRE) & FRAME_UNIFORM) != 0;
}

bool buddy_is_uniform(u64 n)
{
	return frame_is_uniform(buddy_chunk(n));
}

void buddy_expand(u64 n)
{
	struct frame *chunk = buddy_chunk(n);
	struct frame inner = { .refs = chunk->refs,
		.owner = chunk->owner,
		.state = chunk->state & (u8)~FRAME_UNIFORM,
		.order = ORDER_INNER };

	if (!frame_is_uniform(chunk)) {
		return;
	}
	for (u64 i = 1; i < CHUNK_FRAMES; i++) {
		chunk[i] = inner;
	}
	__atomic_store_n(&chunk->state, inner.state, __ATOMIC_RELEASE);
}

void buddy_mark_new(u64 start, u64 count, enum frame_state state)
{
	for (u64 n = start; n < start + count; n += CHUNK_FRAMES) {
		*buddy_frame(n) = (struct frame){ .state = (u8)(state | FRAME_UNIFORM),
			.order = ORDER_INNER };
	}
}

void buddy_mark(u64 start, u64 count, enum frame_state state, u16 owner, u32 refs)
{
	struct frame want = {
		.refs = refs, .owner = owner, .state = (u8)state, .order = ORDER_INNER
	};
	u64 first = start, end = start + count;

	while (start < end) {
		bool whole = IS_ALIGNED(start, CHUNK_FRAMES) && end - start >= CHUNK_FRAMES;

		if (whole && buddy_is_uniform(start)) {
			want.state = (u8)(state | FRAME_UNIFORM);
			*buddy_frame(start) = want;
			start += CHUNK_FRAMES;
			continue;
		}
		ASSERT(!buddy_is_uniform(start));
		want.state = (u8)state;
		*buddy_frame(start) = want;
		start++;
		/* All are alike now. Nobody who looked before the flag was set finds an old record.
		 */
		if (IS_ALIGNED(start, CHUNK_FRAMES) && start - CHUNK_FRAMES >= first) {
			__atomic_store_n(&buddy_chunk(start - 1)->state, state | FRAME_UNIFORM,
				__ATOMIC_RELEASE);
		}
	}
}

static void buddy_link(struct buddy *b, u64 n, unsigned int order)
{
	struct frame *f = buddy_frame(n);

	f->order = (u8)order;
	f->prev = 0;
	f->next = b->heads[order];
	if (f->next != 0) {
		buddy_frame(f->next)->prev = (u32)n;
	}
	b->heads[order] = (u32)n;
}

static void buddy_unlink(struct buddy *b, u64 n)
{
	struct frame *f = buddy_frame(n);

	if (f->prev != 0) {
		buddy_frame(f->prev)->next = f->next;
	} else {
		ASSERT(b->heads[f->order] == n);
		b->heads[f->order] = f->next;
	}
	if (f->next != 0) {
		buddy_frame(f->next)->prev = f->prev;
	}
	f->order = ORDER_INNER;
}

static bool buddy_is_head(const struct buddy *b, u64 n, unsigned int order)
{
	const struct frame *f = buddy_frame(n);

	return (f->state & ~FRAME_UNIFORM) == b->state && f->order == order;
}

static void buddy_add_block(struct buddy *b, u64 n, unsigned int order)
{
	b->free += BIT64(order);
	if (order < ORDER_2M) {
		buddy_expand(n);
	}
	while (order < b->order_max && buddy_is_head(b, n ^ BIT64(order), order)) {
		buddy_unlink(b, n ^ BIT64(order));
		n &= ~BIT64(order);
		order++;
		if (order == ORDER_2M) {
			buddy_frame(n)->state |= FRAME_UNIFORM;
		}
	}
	buddy_link(b, n, order);
}

void buddy_add(struct buddy *b, u64 start, u64 count)
{
	ASSERT(start != 0);
	while (count != 0) {
		unsigned int order = MIN(ffs64(start) - 1, ilog2(count));

		order = MIN(order, (unsigned int)b->order_max);
		buddy_add_block(b, start, order);
		start += BIT64(order);
		count -= BIT64(order);
	}
}

u64 buddy_take(struct buddy *b, unsigned int order)
{
	unsigned int found = order;
	u64 n;

	while (found <= b->order_max && b->heads[found] == 0) {
		found++;
	}
	if (found > b->order_max) {
		return 0;
	}
	n = b->heads[found];
	buddy_unlink(b, n);
	while (found > order) {
		if (found == ORDER_2M) {
			buddy_expand(n);
		}
		found--;
		buddy_link(b, n, found);
		n += BIT64(found);
	}
	b->free -= BIT64(order);
	return n;
}

bool buddy_find(const struct buddy *b, u64 n, u64 *head, unsigned int *order)
{
	for (unsigned int o = buddy_is_uniform(n) ? ORDER_2M : 0; o <= b->order_max; o++) {
		u64 h = n & ~(BIT64(o) - 1);

		if (buddy_is_head(b, h, o)) {
			*head = h;
			*order = o;
			return true;
		}
	}
	return false;
}

void buddy_carve(struct buddy *b, u64 start, u64 count)
{
	u64 end = start + count;

	while (start < end) {
		unsigned int order;
		u64 head, head_end;

		BUG_ON(!buddy_find(b, start, &head, &order));
		head_end = head + BIT64(order);
		buddy_unlink(b, head);
		b->free -= BIT64(order);
		/* Its ends may lie within chunks. */
		if (!IS_ALIGNED(MAX(head, start), CHUNK_FRAMES)) {
			buddy_expand(start);
		}
		if (!IS_ALIGNED(MIN(end, head_end), CHUNK_FRAMES)) {
			buddy_expand(MIN(end, head_end) - 1);
		}
		/* The rests have no free buddy: their other halves are being taken. */
		if (head < start) {
			buddy_add(b, head, start - head);
		}
		if (end < head_end) {
			buddy_add(b, end, head_end - end);
		}
		start = MIN(end, head_end);
	}
}
