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

void buddy_mark(u64 start, u64 count, enum frame_state state, u16 owner, u32 refs)
{
	const struct frame want = {
		.refs = refs, .owner = owner, .state = (u8)state, .order = ORDER_INNER
	};
	struct frame *f = buddy_frame(start);

	for (u64 i = 0; i < count; i++) {
		f[i] = want;
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

	return f->state == b->state && f->order == order;
}

static void buddy_add_block(struct buddy *b, u64 n, unsigned int order)
{
	b->free += BIT64(order);
	while (order < b->order_max && buddy_is_head(b, n ^ BIT64(order), order)) {
		buddy_unlink(b, n ^ BIT64(order));
		n &= ~BIT64(order);
		order++;
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
		found--;
		buddy_link(b, n, found);
		n += BIT64(found);
	}
	b->free -= BIT64(order);
	return n;
}

bool buddy_find(const struct buddy *b, u64 n, u64 *head, unsigned int *order)
{
	for (unsigned int o = 0; o <= b->order_max; o++) {
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
