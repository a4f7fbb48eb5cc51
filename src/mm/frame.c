/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The frame table and the allocator of whole frames. It never looks into a frame, except to wipe
 * one whose last reference went away.
 *
 *   section (1 GiB)   one bit in `whole` while it is free and has no slice: nothing else is known
 *        │            or needed, so that adding RAM costs one bit for each GiB
 *        ▼ first broken up, or given out
 *   slice (4 MiB)     262,144 records at arch_frame_base + mfn * 16, in frames taken from free RAM
 *        │
 *        ▼
 *   zones[]           buddy lists of free blocks: below 4 GiB, below 4 TiB, above
 *
 * Slices are made under slices.lock and never under zones_lock, because mapping one may need page
 * tables and arch_hv_map() may come back here for those. Such a nested call takes what the lists
 * have and fails otherwise; it never makes a slice. Whoever finds the lists empty waits for
 * slices.lock and looks again, so a section that is just being broken up is not missed.
 */
#include "mm/frame.h"

#include "arch/contract/paging.h"
#include "core/domain.h"
#include "core/locks.h"
#include "core/log.h"
#include "core/pcpu.h"
#include "lib/atomic.h"
#include "lib/bitmap.h"
#include "lib/bits.h"
#include "lib/bug.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/buddy.h"

#define SECTION_FRAMES BIT64(FRAME_ORDER_MAX)
#define SECTIONS 16384U /* 16 TiB: frame numbers have 32 bits */
#define SLICE_ORDER 10
#define SLICE_FRAMES BIT64(SLICE_ORDER)
#define SLICE_BYTES (SLICE_FRAMES * PAGE_SIZE)
static_assert(SECTION_FRAMES * sizeof(struct frame) == SLICE_BYTES, "a slice is one block");

enum zone { ZONE_4G, ZONE_4T, ZONE_HIGH, ZONE_COUNT };
static const u32 zone_end[ZONE_COUNT] = { 4, 4096, SECTIONS }; /* sections */

static struct spinlock zones_lock = SPINLOCK_INIT(RANK_FRAME);
static struct buddy zones[ZONE_COUNT] = {
	[0 ... ZONE_COUNT - 1] = { .state = FRAME_FREE, .order_max = FRAME_ORDER_MAX },
};
static BITMAP(whole, SECTIONS);	 /* under zones_lock */
static BITMAP(sliced, SECTIONS); /* set once, read without lock */
static u32 whole_count[ZONE_COUNT];
static u64 whole_end; /* no section from here on was ever whole; only grows */
static u64 total_count;

static struct {
	struct spinlock lock;
	bool busy;
	const struct pcpu *cpu;
} slices = { .lock = SPINLOCK_INIT(RANK_FRAME_TABLE) };

/* Frames [start, end). */
struct span {
	u64 start, end;
};
static const struct span nowhere;

/* Ranges that wait for room for their section's slice. */
static struct span waiting[32];
static unsigned int waiting_count;

static enum zone frame_section_zone(u64 section)
{
	unsigned int z = 0;

	while (section >= zone_end[z]) {
		z++;
	}
	return (enum zone)z;
}

static struct buddy *frame_zone_of(u64 n)
{
	return &zones[frame_section_zone(n / SECTION_FRAMES)];
}

static bool frame_is_sliced(u64 n)
{
	return n / SECTION_FRAMES < SECTIONS && bitmap_test(sliced, n / SECTION_FRAMES);
}

static struct frame *frame_place(mfn_t mfn)
{
	if (!frame_is_sliced(mfn.v)) {
		return NULL;
	}
	smp_rmb(); /* pairs with the barrier of bitmap_set_atomic() in frame_slice_make() */
	return buddy_frame(mfn.v);
}

struct frame *frame_of(mfn_t mfn)
{
	struct frame *f = frame_place(mfn);

	if (f && unlikely(buddy_is_uniform(mfn.v))) {
		spin_lock(&zones_lock);
		buddy_expand(mfn.v);
		spin_unlock(&zones_lock);
	}
	return f;
}

/* So that a guest's frame can be counted apart from its neighbours. Only guests' chunks: the heap
 * writes its own out, under its own lock. False: it is in a chunk of something else. */
static bool frame_separate(mfn_t mfn)
{
	const struct frame *chunk = buddy_frame(ALIGN_DOWN(mfn.v, CHUNK_FRAMES));
	bool guest;

	if (likely(!buddy_is_uniform(mfn.v))) {
		return true;
	}
	spin_lock(&zones_lock);
	guest = chunk->state == (FRAME_GUEST | FRAME_UNIFORM);
	if (guest) {
		buddy_expand(mfn.v);
	}
	guest = !buddy_is_uniform(mfn.v);
	spin_unlock(&zones_lock);
	return guest;
}

/* --- slices --- */

static const struct pcpu *frame_me(void)
{
	return READ_ONCE(locks_checked) ? this_pcpu() : NULL;
}

/* False: this CPU has it already, and came back through arch_hv_map(). */
static bool frame_slices_lock(void)
{
	if (READ_ONCE(slices.busy) && READ_ONCE(slices.cpu) == frame_me()) {
		return false;
	}
	spin_lock(&slices.lock);
	WRITE_ONCE(slices.cpu, frame_me());
	WRITE_ONCE(slices.busy, true);
	return true;
}

static void frame_slices_unlock(void)
{
	WRITE_ONCE(slices.busy, false);
	spin_unlock(&slices.lock);
}

/* Room for a slice in `in`, as high as possible, outside `avoid`; 0: none. */
static u64 frame_spot(struct span in, struct span avoid)
{
	u64 spot = ALIGN_DOWN(in.end, SLICE_FRAMES);

	while (spot >= in.start + SLICE_FRAMES) {
		spot -= SLICE_FRAMES;
		if (spot >= avoid.end || spot + SLICE_FRAMES <= avoid.start) {
			return spot;
		}
		spot = MIN(spot, ALIGN_DOWN(avoid.start, SLICE_FRAMES));
	}
	return 0;
}

/* Takes room for a slice out of the free lists. */
static u64 frame_spot_listed(struct span avoid)
{
	u64 spot = 0;

	spin_lock(&zones_lock);
	for (unsigned int z = ZONE_COUNT; z-- > 0 && spot == 0;) {
		for (unsigned int o = SLICE_ORDER; o <= FRAME_ORDER_MAX && spot == 0; o++) {
			u64 n = zones[z].heads[o];

			while (n != 0 && spot == 0) {
				spot = frame_spot((struct span){ n, n + BIT64(o) }, avoid);
				n = buddy_frame(n)->next;
			}
		}
	}
	if (spot != 0) {
		buddy_carve(frame_zone_of(spot), spot, SLICE_FRAMES);
	}
	spin_unlock(&zones_lock);
	return spot;
}

/* Maps `spot` as the slice of a section and fills it: all its frames in one state. */
static int frame_slice_make(u64 section, u64 spot, enum frame_state state)
{
	u64 first = section * SECTION_FRAMES;
	int err = arch_hv_map(
		(u64)(uintptr_t)buddy_frame(first), mfn_to_hpa(MFN(spot)), SLICE_BYTES, HV_RW);

	if (err) {
		return err;
	}
	buddy_mark_new(first, SECTION_FRAMES, state);
	bitmap_set_atomic(sliced, section);
	return 0;
}

static void frame_whole_set(u64 section)
{
	spin_lock(&zones_lock);
	bitmap_set(whole, section);
	whole_count[frame_section_zone(section)]++;
	WRITE_ONCE(whole_end, MAX(whole_end, section + 1));
	spin_unlock(&zones_lock);
}

static bool frame_whole_take(u64 section)
{
	bool taken;

	spin_lock(&zones_lock);
	taken = bitmap_test_and_clear(whole, section);
	whole_count[frame_section_zone(section)] -= taken;
	spin_unlock(&zones_lock);
	return taken;
}

static void frame_lists_add(u64 start, u64 end)
{
	spin_lock(&zones_lock);
	if (start < end) {
		buddy_add(frame_zone_of(start), start, end - start);
	}
	spin_unlock(&zones_lock);
}

/* Breaks a whole section up into the lists; its slice takes 4 MiB of it, outside `avoid`. */
static int frame_break_self(u64 section, struct span avoid)
{
	struct span all = { section * SECTION_FRAMES, (section + 1) * SECTION_FRAMES };
	u64 spot = frame_spot(all, avoid);
	int err;

	if (spot == 0) {
		return -ENOMEM;
	}
	if (!frame_whole_take(section)) {
		return -EBUSY;
	}
	err = frame_slice_make(section, spot, FRAME_FREE);
	if (err) {
		frame_whole_set(section);
		return err;
	}
	buddy_mark(spot, SLICE_FRAMES, FRAME_HEAP, 0, 1);
	frame_lists_add(all.start, spot);
	frame_lists_add(spot + SLICE_FRAMES, all.end);
	return 0;
}

/* The highest whole section in [from, to) that does not meet `avoid`; `to` if there is none. */
static u64 frame_whole_find(u64 from, u64 to, struct span avoid)
{
	for (u64 s = MIN(to, READ_ONCE(whole_end)); s-- > from;) {
		if (bitmap_test(whole, s) && (s * SECTION_FRAMES >= avoid.end ||
						     (s + 1) * SECTION_FRAMES <= avoid.start)) {
			return s;
		}
	}
	return to;
}

/* Room for a slice of another section: from the lists, or from a section broken up for it. */
static u64 frame_spot_take(struct span avoid)
{
	u64 spot = frame_spot_listed(avoid);
	u64 donor;

	if (spot != 0) {
		return spot;
	}
	donor = frame_whole_find(0, SECTIONS, avoid);
	if (donor == SECTIONS || frame_break_self(donor, nowhere) != 0) {
		return 0;
	}
	return frame_spot_listed(avoid);
}

static void frame_spot_give_back(u64 spot)
{
	buddy_mark(spot, SLICE_FRAMES, FRAME_FREE, 0, 0);
	frame_lists_add(spot, spot + SLICE_FRAMES);
}

/* Puts a whole section into the lists undivided: its slice lies elsewhere, outside `avoid`. */
static int frame_list_whole(u64 section, struct span avoid)
{
	u64 first = section * SECTION_FRAMES;
	u64 spot = frame_spot_take(avoid);
	int err;

	if (spot == 0) {
		return -ENOMEM;
	}
	buddy_mark(spot, SLICE_FRAMES, FRAME_HEAP, 0, 1);
	if (!frame_whole_take(section)) {
		frame_spot_give_back(spot);
		return -EBUSY;
	}
	err = frame_slice_make(section, spot, FRAME_FREE);
	if (err) {
		frame_whole_set(section);
		frame_spot_give_back(spot);
		return err;
	}
	frame_lists_add(first, first + SECTION_FRAMES);
	return 0;
}

/* --- adding RAM --- */

static int frame_slice_for_part(u64 section, struct span part)
{
	u64 spot = frame_spot(part, nowhere);
	bool own = spot != 0;
	int err;

	if (!own) {
		spot = frame_spot_take(nowhere);
	}
	if (spot == 0) {
		return -ENOMEM;
	}
	err = frame_slice_make(section, spot, FRAME_RESERVED);
	if (err) {
		if (!own) {
			frame_spot_give_back(spot);
		}
		return err;
	}
	buddy_mark(spot, SLICE_FRAMES, FRAME_HEAP, 0, 1);
	return 0;
}

/* The first frame in [n, end) that is not reserved (or, with false, that is), else end. */
static u64 frame_skip(u64 n, u64 end, bool reserved)
{
	while (n < end) {
		u64 chunk = ALIGN_DOWN(n, CHUNK_FRAMES);
		bool uniform = buddy_is_uniform(n);
		u8 state = buddy_frame(uniform ? chunk : n)->state & (u8)~FRAME_UNIFORM;

		if ((state == FRAME_RESERVED) != reserved) {
			return n;
		}
		n = uniform ? chunk + CHUNK_FRAMES : n + 1;
	}
	return MIN(n, end);
}

/* Lists the frames of a part whose records are not taken by a slice that was put into it. */
static void frame_list_part(struct span part)
{
	u64 n = part.start;

	/* A chunk that the part ends in is not uniform any more. */
	buddy_expand(part.start);
	buddy_expand(part.end - 1);
	while (n < part.end) {
		u64 from = n;

		n = frame_skip(n, part.end, true);
		buddy_mark(from, n - from, FRAME_FREE, 0, 0);
		frame_lists_add(from, n);
		n = frame_skip(n, part.end, false);
	}
}

static bool frame_add_part(struct span part)
{
	u64 section = part.start / SECTION_FRAMES;

	if (!bitmap_test(sliced, section) && frame_slice_for_part(section, part) != 0) {
		return false;
	}
	frame_list_part(part);
	return true;
}

static void frame_add_later(struct span part)
{
	if (waiting_count == ARRAY_SIZE(waiting)) {
		log_warn("memory: frames %#llx-%#llx dropped, too many small ranges",
			(unsigned long long)part.start, (unsigned long long)part.end - 1);
		total_count -= part.end - part.start;
		return;
	}
	waiting[waiting_count++] = part;
}

static void frame_retry_waiting(void)
{
	unsigned int count = waiting_count;

	waiting_count = 0;
	for (unsigned int i = 0; i < count; i++) {
		if (!frame_add_part(waiting[i])) {
			frame_add_later(waiting[i]);
		}
	}
}

void frame_add_ram(hpa_t start, u64 size)
{
	u64 limit = SECTIONS * SECTION_FRAMES;
	u64 n = MAX(1ULL, (start.v >> PAGE_SHIFT) + ((start.v & ~PAGE_MASK) != 0));
	u64 end = MIN(limit, size > ~start.v ? limit : (start.v + size) >> PAGE_SHIFT);

	if (!frame_slices_lock()) {
		BUG();
	}
	total_count += n < end ? end - n : 0;
	while (n < end) {
		u64 next = MIN(end, (n / SECTION_FRAMES + 1) * SECTION_FRAMES);

		if (next - n == SECTION_FRAMES) {
			frame_whole_set(n / SECTION_FRAMES);
		} else if (!frame_add_part((struct span){ n, next })) {
			frame_add_later((struct span){ n, next });
		}
		n = next;
	}
	frame_retry_waiting();
	frame_slices_unlock();
}

/* --- blocks --- */

static const enum zone zone_top[] = {
	[FRAME_ANY] = ZONE_HIGH,
	[FRAME_BELOW_4G] = ZONE_4G,
	[FRAME_BELOW_4T] = ZONE_4T,
};

/* *more: there are sections that could be broken up, or somebody is at it. */
static u64 frame_take_listed(enum zone z, unsigned int order, bool *more)
{
	u64 n;

	spin_lock(&zones_lock);
	n = buddy_take(&zones[z], order);
	*more = whole_count[z] != 0 || READ_ONCE(slices.busy);
	spin_unlock(&zones_lock);
	return n;
}

/* Breaks up a section of the zone, so that its lists hold a block of this order. */
static int frame_refill(enum zone z, unsigned int order)
{
	u64 from = z == 0 ? 0 : zone_end[z - 1];
	u64 s = whole_count[z] == 0 ? zone_end[z] : frame_whole_find(from, zone_end[z], nowhere);
	struct span self = { s * SECTION_FRAMES, (s + 1) * SECTION_FRAMES };

	if (s == zone_end[z]) {
		return -ENOMEM;
	}
	return order == FRAME_ORDER_MAX ? frame_list_whole(s, self) : frame_break_self(s, nowhere);
}

static u64 frame_take_zone(enum zone z, unsigned int order)
{
	bool more;
	u64 n = frame_take_listed(z, order, &more);

	if (n != 0 || !more || !frame_slices_lock()) {
		return n;
	}
	do {
		n = frame_take_listed(z, order, &more);
	} while (n == 0 && frame_refill(z, order) == 0);
	frame_slices_unlock();
	return n;
}

static bool frame_sealed;

void frame_seal(void)
{
	WRITE_ONCE(frame_sealed, true);
}

mfn_t frame_alloc(unsigned int order, enum frame_zone zone, enum frame_state state, u16 owner)
{
	u64 n = 0;

	ASSERT(order <= FRAME_ORDER_MAX);
	if (READ_ONCE(frame_sealed)) {
		return MFN_INVALID;
	}
	for (int z = zone_top[zone]; z >= 0 && n == 0; z--) {
		n = frame_take_zone((enum zone)z, order);
	}
	if (n == 0) {
		return MFN_INVALID;
	}
	buddy_mark(n, BIT64(order), state, owner, 1);
	return MFN(n);
}

/* Under zones_lock: are all of them free? */
static bool frame_all_free(struct span want)
{
	u64 n = want.start;

	while (n < want.end) {
		unsigned int order = FRAME_ORDER_MAX;
		u64 head = ALIGN_DOWN(n, SECTION_FRAMES);

		if (!bitmap_test(whole, n / SECTION_FRAMES) &&
			(!frame_is_sliced(n) || !buddy_find(frame_zone_of(n), n, &head, &order))) {
			return false;
		}
		n = head + BIT64(order);
	}
	return true;
}

/* Makes records for all of the range, in slices outside of it. */
static int frame_records_for(struct span want)
{
	for (u64 s = want.start / SECTION_FRAMES; s * SECTION_FRAMES < want.end; s++) {
		struct span all = { s * SECTION_FRAMES, (s + 1) * SECTION_FRAMES };
		int err = 0;

		if (!bitmap_test(sliced, s)) {
			bool inside = frame_spot(all, want) == 0;

			err = inside ? frame_list_whole(s, want) : frame_break_self(s, want);
		}
		if (err) {
			return err;
		}
	}
	return 0;
}

static int frame_take_at(struct span want)
{
	int err = -EBUSY;

	spin_lock(&zones_lock);
	if (frame_all_free(want)) {
		for (u64 n = want.start; n < want.end;) {
			u64 end = MIN(want.end, (n / SECTION_FRAMES + 1) * SECTION_FRAMES);

			buddy_carve(frame_zone_of(n), n, end - n);
			n = end;
		}
		err = 0;
	}
	spin_unlock(&zones_lock);
	return err;
}

int frame_alloc_at(mfn_t mfn, u64 count, enum frame_state state, u16 owner)
{
	struct span want = { mfn.v, mfn.v + count };
	u64 limit = SECTIONS * SECTION_FRAMES;
	bool is_free;
	int err;

	if (mfn.v == 0 || mfn.v >= limit || count > limit - mfn.v || !frame_slices_lock()) {
		return -EBUSY;
	}
	spin_lock(&zones_lock);
	is_free = frame_all_free(want);
	spin_unlock(&zones_lock);
	err = is_free ? frame_records_for(want) : -EBUSY;
	if (!err) {
		err = frame_take_at(want);
	}
	frame_slices_unlock();
	if (!err) {
		buddy_mark(mfn.v, count, state, owner, 1);
	}
	return err;
}

bool frame_is_free(mfn_t mfn, u64 count)
{
	u64 limit = SECTIONS * SECTION_FRAMES;
	bool is_free;

	if (mfn.v == 0 || mfn.v >= limit || count > limit - mfn.v) {
		return false;
	}
	spin_lock(&zones_lock);
	is_free = frame_all_free((struct span){ mfn.v, mfn.v + count });
	spin_unlock(&zones_lock);
	return is_free;
}

/* --- claiming RAM that was never added --- */

/* Records for all sections of the range: their other frames stay reserved. Under slices.lock. */
static int frame_claim_records(struct span want)
{
	for (u64 s = want.start / SECTION_FRAMES; s * SECTION_FRAMES < want.end; s++) {
		u64 spot;
		int err;

		if (bitmap_test(whole, s)) {
			return -EBUSY;
		}
		if (bitmap_test(sliced, s)) {
			continue;
		}
		spot = frame_spot_take(want);
		if (spot == 0) {
			return -ENOMEM;
		}
		buddy_mark(spot, SLICE_FRAMES, FRAME_HEAP, 0, 1);
		err = frame_slice_make(s, spot, FRAME_RESERVED);
		if (err) {
			frame_spot_give_back(spot);
			return err;
		}
	}
	return 0;
}

int frame_claim(mfn_t mfn, u64 count, u16 owner)
{
	struct span want = { mfn.v, mfn.v + count };
	u64 limit = SECTIONS * SECTION_FRAMES;
	int err;

	if (count == 0 || mfn.v == 0 || mfn.v >= limit || count > limit - mfn.v ||
		!frame_slices_lock()) {
		return -EBUSY;
	}
	err = frame_claim_records(want);
	if (!err && frame_skip(want.start, want.end, true) != want.end) {
		err = -EBUSY;
	}
	if (!err) {
		spin_lock(&zones_lock);
		if (!IS_ALIGNED(want.start, CHUNK_FRAMES)) {
			buddy_expand(want.start);
		}
		if (!IS_ALIGNED(want.end, CHUNK_FRAMES)) {
			buddy_expand(want.end - 1);
		}
		buddy_mark(want.start, count, FRAME_GUEST, owner, 1);
		total_count += count;
		spin_unlock(&zones_lock);
	}
	frame_slices_unlock();
	return err;
}

void frame_free(mfn_t mfn, u64 count)
{
	u64 n = mfn.v, last = mfn.v + count;

	while (n < last) {
		u64 end = MIN(last, (n / SECTION_FRAMES + 1) * SECTION_FRAMES);

		BUG_ON(!frame_is_sliced(n));
		/* All of it under the lock: frame_get() may be writing out a chunk's records. */
		spin_lock(&zones_lock);
		if (!IS_ALIGNED(n, CHUNK_FRAMES)) {
			buddy_expand(n);
		}
		if (!IS_ALIGNED(end, CHUNK_FRAMES)) {
			buddy_expand(end - 1);
		}
		ASSERT((buddy_frame(n)->state & ~FRAME_UNIFORM) != FRAME_FREE);
		buddy_mark(n, end - n, FRAME_FREE, 0, 0);
		buddy_add(frame_zone_of(n), n, end - n);
		spin_unlock(&zones_lock);
		n = end;
	}
}

u64 frame_free_count(void)
{
	u64 count = 0;

	spin_lock(&zones_lock);
	for (unsigned int z = 0; z < ZONE_COUNT; z++) {
		count += zones[z].free + whole_count[z] * (SECTION_FRAMES - SLICE_FRAMES);
	}
	spin_unlock(&zones_lock);
	return count;
}

u64 frame_total_count(void)
{
	return total_count;
}

/* --- references --- */

/* refs, owner and state in one word, so that a frame cannot change hands between two looks
 * at it. */
union frame_head {
	struct {
		u32 refs;
		u16 owner;
		u8 state, order;
	};
	u64 word;
};
static_assert(sizeof(union frame_head) == 8 && offsetof(struct frame, private) == 8,
	"the first eight bytes of a record");

/* owner NULL: anybody's. */
static bool frame_get_from(mfn_t mfn, const u16 *owner)
{
	struct frame *f = frame_place(mfn);
	union frame_head old, new;

	if (!f || !frame_separate(mfn)) {
		return false;
	}
	old.word = __atomic_load_n((u64 *)f, __ATOMIC_RELAXED);
	do {
		if (old.state != FRAME_GUEST || (owner && old.owner != *owner) || old.refs == 0 ||
			old.refs == ~0U) {
			return false;
		}
		new = old;
		new.refs++;
		/* Acquire: pairs with the release in frame_put(). */
	} while (!__atomic_compare_exchange_n(
		(u64 *)f, &old.word, new.word, true, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED));
	return true;
}

bool frame_get(mfn_t mfn, const struct domain *d)
{
	return frame_get_from(mfn, &d->id);
}

bool frame_get_any(mfn_t mfn)
{
	return frame_get_from(mfn, NULL);
}

static void frame_scrub(mfn_t mfn)
{
	void *va = arch_map_frame(mfn);

	memset(va, 0, PAGE_SIZE);
	arch_unmap_frame(va);
}

void frame_put(mfn_t mfn)
{
	struct frame *f = frame_place(mfn);
	u32 left;

	BUG_ON(!f || !frame_separate(mfn) || f->state != FRAME_GUEST);
	left = __atomic_sub_fetch(&f->refs, 1, __ATOMIC_ACQ_REL);
	BUG_ON(left == ~0U);
	if (left == 0) {
		frame_scrub(mfn);
		frame_free(mfn, 1);
	}
}
