/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A domain gives frames back and gets new ones (the balloon). The result of these operations is the
 * number of extents that are done: errors end the list early and are not told apart.
 */
#include "abi/memory_op.h"
#include "arch/contract/paging.h"
#include "lib/bits.h"
#include "lib/string.h"
#include "mm/frame.h"
#include "mm/guest.h"

/* 2 MiB: what can be wiped and mapped before the operation has to give way. */
#define RESERVATION_ORDER_MAX ORDER_2M

/* One extent; false ends the list. */
typedef bool reservation_fn(struct domain *d, const struct memory_extents *x, u64 gfn);

static bool reservation_valid(const struct memory_extents *x, u64 start)
{
	return x->count <= MEMOP_EXTENT_MAX && start < x->count &&
	       x->order <= RESERVATION_ORDER_MAX;
}

static bool reservation_read_gfn(
	struct hypercall *call, const struct memory_extents *x, u64 i, u64 *gfn)
{
	return abi_read_word(call, abi_entry(x->list, i, abi_word_size(call)), gfn) == 0 &&
	       *gfn <= ~0ULL >> PAGE_SHIFT;
}

static s64 reservation_walk(struct hypercall *call, struct domain *d,
	const struct memory_extents *x, u64 start, reservation_fn *one)
{
	u64 i, gfn;

	for (i = start; i < x->count; i++) {
		if (i != start && abi_preempt(call)) {
			return memory_op_continue(call, i);
		}
		if (!reservation_read_gfn(call, x, i, &gfn) || !one(d, x, gfn)) {
			break;
		}
	}
	return (s64)i;
}

static s64 reservation_run(struct hypercall *call, u64 arg, u64 start, reservation_fn *one)
{
	struct memory_extents x;
	struct domain *d;
	s64 done = (s64)start;

	if (memory_op_read_extents(call, arg, &x) == 0 && reservation_valid(&x, start) &&
		abi_find_target(call, x.domid, &d) == 0) {
		done = reservation_walk(call, d, &x, start, one);
		abi_put(call, d);
	}
	return done;
}

/* --- populate --- */

static void reservation_wipe(mfn_t mfn, u64 count)
{
	for (u64 i = 0; i < count; i++) {
		void *va = arch_map_frame(mfn_add(mfn, i));

		memset(va, 0, PAGE_SIZE);
		arch_unmap_frame(va);
	}
}

/* The caller may ask for frames below a power of two. */
static bool reservation_zone(u32 flags, enum frame_zone *zone)
{
	u32 bits = XENMEMF_get_address_bits(flags);

	*zone = FRAME_ANY;
	if (bits == 0) {
		return true;
	}
	if (bits < 42) {
		*zone = FRAME_BELOW_4G;
	} else if (bits < 44) {
		*zone = FRAME_BELOW_4T;
	}
	return bits >= 32;
}

static mfn_t reservation_alloc(struct domain *d, const struct memory_extents *x, u64 gfn)
{
	enum frame_zone zone;
	u64 count = BIT64(x->order);

	if (d->direct_mapped) {
		/* Only the very frames fit, and somebody may have them by now. */
		return frame_alloc_at(MFN(gfn), count, FRAME_GUEST, d->id) == 0 ? MFN(gfn)
										: MFN_INVALID;
	}
	return reservation_zone(x->flags, &zone) ? frame_alloc(x->order, zone, FRAME_GUEST, d->id)
						 : MFN_INVALID;
}

static bool reservation_populate_one(struct domain *d, const struct memory_extents *x, u64 gfn)
{
	u64 count = BIT64(x->order);
	mfn_t mfn;

	/* Racy against the domain's other vCPUs, by a few extents: the pool of the machine is the
	 * limit that counts, this one the tools' wish. */
	if (READ_ONCE(d->page_count) + count > READ_ONCE(d->page_max) || d->dying) {
		return false;
	}
	mfn = reservation_alloc(d, x, gfn);
	if (mfn_eq(mfn, MFN_INVALID)) {
		return false;
	}
	reservation_wipe(mfn, count);
	if (guest_map_ram(d, GFN(gfn), mfn, count) != 0) {
		for (u64 i = 0; i < count; i++) {
			frame_put(mfn_add(mfn, i));
		}
		return false;
	}
	return true;
}

s64 memory_reservation_populate(struct hypercall *call, u64 arg, u64 start)
{
	return reservation_run(call, arg, start, reservation_populate_one);
}

/* --- decrease --- */

static bool reservation_may_go(struct domain *d, u64 gfn)
{
	switch (guest_lookup(d, GFN(gfn)).type) {
	case S2_RAM:
	case S2_RAM_RO:
	case S2_LOGDIRTY:
	case S2_SHARED:
		return true;
	default:
		return false;
	}
}

static bool reservation_decrease_one(struct domain *d, const struct memory_extents *x, u64 gfn)
{
	u64 count = BIT64(x->order);

	for (u64 i = 0; i < count; i++) {
		if (!reservation_may_go(d, gfn + i)) {
			return false;
		}
	}
	return guest_unmap(d, GFN(gfn), count) == 0;
}

s64 memory_reservation_decrease(struct hypercall *call, u64 arg, u64 start)
{
	return reservation_run(call, arg, start, reservation_decrease_one);
}

/* Frames that are mapped nowhere: a domain with stage-2 tables has no use for them. */
s64 memory_reservation_increase(struct hypercall *call, u64 arg, u64 start)
{
	return (s64)start;
}

/* The two reservations and the number of extents that are done. */
s64 memory_reservation_exchange(struct hypercall *call, u64 arg, u64 start)
{
	struct memory_extents in, out;
	size_t size = call->compat ? 20 : sizeof(struct xen_memory_reservation);

	if (memory_op_read_extents(call, arg, &in) != 0 ||
		memory_op_read_extents(call, arg + size, &out) != 0) {
		return -EFAULT;
	}
	if (MAX(in.order, out.order) > RESERVATION_ORDER_MAX) {
		return -EPERM;
	}
	/* It is for PV domains, which care what machine frames they have. */
	return -EINVAL;
}

/* --- claims --- */

/* A claim is only compared with what is free now: populate_physmap fails later if somebody else was
 * faster, and tools have to expect that in any case. */
static s64 reservation_claim(struct domain *d, u64 pages)
{
	u64 have = READ_ONCE(d->page_count);

	if (pages == 0) {
		return 0;
	}
	if (pages > READ_ONCE(d->page_max) || pages < have) {
		return -EINVAL;
	}
	return pages - have > frame_free_count() ? -ENOMEM : 0;
}

s64 memory_reservation_claim(struct hypercall *call, u64 arg, u64 start)
{
	struct memory_extents x;
	struct domain *d;
	s64 rc = -EPERM;

	if (memory_op_read_extents(call, arg, &x) != 0) {
		return -EFAULT;
	}
	if (x.list != 0 || x.order != 0 || x.flags != 0) {
		return -EINVAL;
	}
	d = domain_get(x.domid);
	if (!d) {
		return -EINVAL;
	}
	if (call->v->domain->privileged) {
		rc = reservation_claim(d, x.count);
	}
	domain_put(d);
	return rc;
}
