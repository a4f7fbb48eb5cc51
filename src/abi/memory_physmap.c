/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What stands at a gfn: shared_info, frames of the grant table, a page of the domain from somewhere
 * else, or nothing. A page of ours is at one gfn at a time.
 */
#include "abi/domain.h"
#include "abi/memory_op.h"
#include "arch/contract/abi.h"
#include "comm/evtchn.h"
#include "comm/grant.h"
#include "mm/frame.h"
#include "mm/guest.h"

#define GFN_MAX (~0ULL >> PAGE_SHIFT)

/* --- one page --- */

static bool physmap_is_mmio(struct domain *d, u64 gfn)
{
	u8 type = guest_lookup(d, GFN(gfn)).type;

	return type == S2_MMIO || type == S2_MMIO_RO;
}

/* A page of the hypervisor appears at gfn, and is not any more where it was. */
static int physmap_place(struct domain *d, u64 gfn, mfn_t mfn, u64 old_gfn)
{
	if (old_gfn != ~0ULL && old_gfn != gfn) {
		struct s2_entry old = guest_lookup(d, GFN(old_gfn));

		if (old.type == S2_SHARED && mfn_eq(old.mfn, mfn)) {
			(void)guest_unmap(d, GFN(old_gfn), 1);
		}
	}
	return guest_map_shared(d, GFN(gfn), mfn);
}

static int physmap_add_shared_info(struct domain *d, u64 idx, u64 gfn)
{
	u64 old;

	if (idx != 0) {
		return -EINVAL;
	}
	spin_lock(&d->abi->lock);
	old = d->abi->shared_gfn;
	d->abi->shared_gfn = gfn;
	spin_unlock(&d->abi->lock);
	return physmap_place(d, gfn, evtchn_shared_info_mfn(d), old);
}

static int physmap_add_grant(struct domain *d, u64 idx, u64 gfn)
{
	mfn_t mfn;
	u64 old;
	int rc;

	if (idx > ~0U) {
		return -EINVAL;
	}
	rc = grant_frame(d, (u32)idx, gfn, &mfn, &old);
	return rc != 0 ? rc : physmap_place(d, gfn, mfn, old);
}

/* Moves a page of RAM. The reference that we take becomes the one of the new place. */
static int physmap_move(struct domain *d, u64 from, u64 gfn)
{
	mfn_t mfn;
	int rc;

	if (from > GFN_MAX || !guest_get_ram(d, GFN(from), false, &mfn)) {
		return -EINVAL;
	}
	if (from == gfn) {
		frame_put(mfn);
		return 0;
	}
	rc = guest_unmap(d, GFN(from), 1);
	if (rc == 0) {
		rc = guest_unmap(d, GFN(gfn), 1);
	}
	if (rc == 0) {
		rc = guest_map_ram(d, GFN(gfn), mfn, 1);
	}
	if (rc != 0) {
		frame_put(mfn);
	}
	return rc;
}

static int physmap_add_one(struct domain *d, u32 space, u64 idx, u64 gfn)
{
	if (gfn > GFN_MAX) {
		return -EINVAL;
	}
	if (physmap_is_mmio(d, gfn)) {
		return -EPERM;
	}
	switch (space) {
	case XENMAPSPACE_shared_info:
		return physmap_add_shared_info(d, idx, gfn);
	case XENMAPSPACE_grant_table:
		return physmap_add_grant(d, idx, gfn);
	case XENMAPSPACE_gmfn:
	case XENMAPSPACE_gmfn_range:
		return arch_abi_family == ABI_X86 ? physmap_move(d, idx, gfn) : -ENOSYS;
	default:
		return arch_abi_family == ABI_X86 ? -EINVAL : -ENOSYS;
	}
}

/* A page of another domain's RAM. The reference that we take becomes the map's. */
static int physmap_map_foreign(struct domain *d, u64 gfn, struct domain *owner, u64 idx)
{
	mfn_t mfn;
	int rc;

	if (idx > GFN_MAX || gfn > GFN_MAX || !guest_get_ram(owner, GFN(idx), true, &mfn)) {
		return -EINVAL;
	}
	rc = guest_map_foreign(d, GFN(gfn), mfn, S2_FOREIGN);
	if (rc != 0) {
		frame_put(mfn);
	}
	return rc;
}

static int physmap_add_foreign(
	struct hypercall *call, struct domain *d, u64 gfn, u16 owner_id, u64 idx)
{
	struct domain *owner;
	int rc = abi_find(call, owner_id, &owner);

	if (rc != 0) {
		return rc;
	}
	if (owner == call->v->domain || owner == d || !call->v->domain->privileged) {
		rc = -EPERM;
	} else {
		rc = physmap_map_foreign(d, gfn, owner, idx);
	}
	abi_put(call, owner);
	return rc;
}

/* --- add_to_physmap --- */

/* struct xen_add_to_physmap. */
struct physmap_add {
	u16 domid, size;
	u32 space;
	u64 idx, gfn;
};

static int physmap_read_add(struct hypercall *call, u64 arg, struct physmap_add *a)
{
	struct xen_add_to_physmap wide;
	struct {
		u16 domid, size;
		u32 space, idx, gpfn;
	} narrow;
	static_assert(sizeof(wide) == 24 && sizeof(narrow) == 16, "struct xen_add_to_physmap");
	int rc;

	if (call->compat) {
		rc = abi_read(call, arg, &narrow, sizeof(narrow));
		*a = (struct physmap_add){ narrow.domid, narrow.size, narrow.space, narrow.idx,
			narrow.gpfn == ~0U ? ~0ULL : narrow.gpfn };
	} else {
		rc = abi_read(call, arg, &wide, sizeof(wide));
		*a = (struct physmap_add){ wide.domid, wide.size, wide.space, wide.idx, wide.gpfn };
	}
	return rc;
}

static s64 physmap_add_range(
	struct hypercall *call, struct domain *d, const struct physmap_add *a, u64 start)
{
	if (a->size < start) {
		return -EILSEQ;
	}
	if (a->gfn + a->size < a->gfn || a->idx + a->size < a->idx) {
		return -EOVERFLOW;
	}
	for (u64 i = start; i < a->size; i++) {
		int rc;

		if (i != start && abi_preempt(call)) {
			return memory_op_continue(call, i);
		}
		rc = physmap_add_one(d, a->space, a->idx + i, a->gfn + i);
		if (rc != 0) {
			return rc;
		}
	}
	return 0;
}

static s64 physmap_add_to(
	struct hypercall *call, struct domain *d, const struct physmap_add *a, u64 start)
{
	if (a->space == XENMAPSPACE_dev_mmio && (!d->hardware || d != call->v->domain)) {
		return -EACCES;
	}
	if (a->gfn == ~0ULL) {
		return -EINVAL;
	}
	return a->space == XENMAPSPACE_gmfn_range ? physmap_add_range(call, d, a, start)
						  : physmap_add_one(d, a->space, a->idx, a->gfn);
}

s64 memory_physmap_add(struct hypercall *call, u64 arg, u64 start)
{
	struct physmap_add a;
	struct domain *d;
	s64 rc;

	if (start > 0xffff) {
		return -EDOM;
	}
	if (physmap_read_add(call, arg, &a) != 0) {
		return -EFAULT;
	}
	if (a.space == XENMAPSPACE_gmfn_foreign) {
		return -ENOSYS; /* the batch knows whose page it is */
	}
	rc = abi_find_target(call, a.domid, &d);
	if (rc == 0) {
		rc = physmap_add_to(call, d, &a, start);
		abi_put(call, d);
	}
	return rc;
}

/* --- add_to_physmap_batch --- */

/* struct xen_add_to_physmap_batch. */
struct physmap_batch {
	u16 domid, space, size, extra;
	u64 idxs, gfns, errs; /* addresses; errs of s32 */
};

static int physmap_read_batch(struct hypercall *call, u64 arg, struct physmap_batch *b)
{
	struct xen_add_to_physmap_batch wide;
	struct {
		u16 domid, space, size, extra;
		u32 idxs, gpfns, errs;
	} narrow;
	static_assert(sizeof(wide) == 32 && sizeof(narrow) == 20, "xen_add_to_physmap_batch");
	int rc;

	if (call->compat) {
		rc = abi_read(call, arg, &narrow, sizeof(narrow));
		*b = (struct physmap_batch){ narrow.domid, narrow.space, narrow.size, narrow.extra,
			narrow.idxs, narrow.gpfns, narrow.errs };
	} else {
		rc = abi_read(call, arg, &wide, sizeof(wide));
		*b = (struct physmap_batch){ wide.domid, wide.space, wide.size,
			wide.u.foreign_domid, handle_addr(wide.idxs), handle_addr(wide.gpfns),
			handle_addr(wide.errs) };
	}
	return rc;
}

/* Entry i; its own result goes to errs. 0, or what ends the batch. */
static int physmap_batch_one(
	struct hypercall *call, struct domain *d, const struct physmap_batch *b, u64 i)
{
	size_t word = abi_word_size(call);
	u64 idx, gfn;
	s32 err;

	if (abi_read_word(call, abi_entry(b->idxs, i, word), &idx) != 0 ||
		abi_read_word(call, abi_entry(b->gfns, i, word), &gfn) != 0) {
		return -EFAULT;
	}
	if (gfn == (call->compat ? ~0U : ~0ULL)) {
		return -EINVAL;
	}
	err = b->space == XENMAPSPACE_gmfn_foreign
		      ? physmap_add_foreign(call, d, gfn, b->extra, idx)
		      : physmap_add_one(d, b->space, idx, gfn);
	return abi_write(call, abi_entry(b->errs, i, sizeof(err)), &err, sizeof(err));
}

static s64 physmap_batch_run(
	struct hypercall *call, struct domain *d, const struct physmap_batch *b, u64 start)
{
	if (b->space == XENMAPSPACE_dev_mmio && (!d->hardware || d != call->v->domain)) {
		return -EACCES;
	}
	if (b->size < start || (b->size == start && start != 0)) {
		return -EILSEQ;
	}
	if (b->space == XENMAPSPACE_dev_mmio && b->extra != 0) {
		return -EOPNOTSUPP;
	}
	for (u64 i = start; i < b->size; i++) {
		int rc;

		if (i != start && abi_preempt(call)) {
			return memory_op_continue(call, i);
		}
		rc = physmap_batch_one(call, d, b, i);
		if (rc != 0) {
			return rc;
		}
	}
	return 0;
}

s64 memory_physmap_add_batch(struct hypercall *call, u64 arg, u64 start)
{
	struct physmap_batch b;
	struct domain *d;
	s64 rc;

	if (start > 0xffff) {
		return -EDOM;
	}
	if (physmap_read_batch(call, arg, &b) != 0) {
		return -EFAULT;
	}
	if (b.space == XENMAPSPACE_gmfn_range) {
		return -EOPNOTSUPP;
	}
	rc = abi_find_target(call, b.domid, &d);
	if (rc == 0) {
		rc = physmap_batch_run(call, d, &b, start);
		abi_put(call, d);
	}
	return rc;
}

/* --- remove_from_physmap --- */

static int physmap_remove(struct domain *d, u64 gfn)
{
	if (gfn > GFN_MAX) {
		return -ENOENT;
	}
	switch (guest_lookup(d, GFN(gfn)).type) {
	case S2_NONE:
	case S2_MMIO:
	case S2_MMIO_RO:
		return -ENOENT;
	default:
		grant_forget_gfn(d, gfn);
		return guest_unmap(d, GFN(gfn), 1);
	}
}

s64 memory_physmap_remove(struct hypercall *call, u64 arg, u64 start)
{
	struct domain *d;
	u16 domid;
	u64 gfn;
	s64 rc;

	/* struct xen_remove_from_physmap: the frame is the second word */
	if (abi_read(call, arg, &domid, sizeof(domid)) != 0 ||
		abi_read_word(call, arg + abi_word_size(call), &gfn) != 0) {
		return -EFAULT;
	}
	rc = abi_find_target(call, domid, &d);
	if (rc == 0) {
		rc = physmap_remove(d, gfn);
		abi_put(call, d);
	}
	return rc;
}

/* --- acquire_resource --- */

/* Another domain's grant table or rings, for tools. Of oneself it is refused, and no other domain
 * has anything to give yet. */
s64 memory_physmap_acquire(struct hypercall *call, u64 arg, u64 start)
{
	/* struct xen_mem_acquire_resource without the handle at its end: alike for both widths */
	struct {
		u16 domid, type;
		u32 id, frame_count, pad;
		u64 frame;
	} a;
	struct domain *d;
	s64 rc;

	if (abi_read(call, arg, &a, sizeof(a)) != 0) {
		return -EFAULT;
	}
	if (a.pad != 0 || a.frame >> 32 != 0 || (a.frame + a.frame_count) >> 32 != 0) {
		return -EINVAL;
	}
	rc = abi_find(call, a.domid, &d);
	if (rc == 0) {
		rc = d == call->v->domain || !call->v->domain->privileged ? -EPERM : -EOPNOTSUPP;
		abi_put(call, d);
	}
	return rc;
}
