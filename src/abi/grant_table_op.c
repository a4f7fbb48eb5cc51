/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * grant_table_op (xen/grant_table.h): a domain's own table. Access to others' pages is refused with
 * the status that says why.
 */
#include "abi/hypercall.h"
#include "arch/contract/abi.h"
#include "arch/contract/io.h"
#include "arch/contract/paging.h"
#include "comm/grant.h"
#include "core/domain.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "lib/xen_public.h"
#include "mm/frame.h"

#include <xen/grant_table.h>

#define SETUP_FRAMES_MAX 512U /* more entries of a frame list than any table has */

static_assert(sizeof(struct gnttab_query_size) == 16, "both widths");
static_assert(sizeof(struct gnttab_map_grant_ref) == 32, "both widths");
static_assert(sizeof(struct gnttab_unmap_grant_ref) == 24, "both widths");
static_assert(sizeof(struct gnttab_copy) == 40 && sizeof(struct gnttab_setup_table) == 24,
	"64-bit callers");

/* Where things stand for 32-bit callers. */
#define COMPAT_COPY_SIZE 24
#define COMPAT_COPY_STATUS 20

/* uop is the address of the arguments, count how many there are. */
typedef s64 grant_op_fn(struct hypercall *call, u64 uop, u32 count);

/* --- the table itself --- */

/* The table that a domid names, or the status that says why not. */
static s16 grant_op_find(struct hypercall *call, u16 domid, struct domain **d)
{
	switch (abi_find_target(call, domid, d)) {
	case 0:
		return GNTST_okay;
	case -EPERM:
		return GNTST_permission_denied;
	default:
		return GNTST_bad_domain;
	}
}

static s64 grant_op_query_size(struct hypercall *call, u64 uop, u32 count)
{
	struct gnttab_query_size op;
	struct domain *d;

	if (count != 1) {
		return -EINVAL;
	}
	if (abi_read(call, uop, &op, sizeof(op)) != 0) {
		return -EFAULT;
	}
	op.status = grant_op_find(call, op.dom, &d);
	if (op.status == GNTST_okay) {
		grant_size(d, &op.nr_frames, &op.max_nr_frames);
		abi_put(call, d);
	}
	return abi_write(call, uop, &op, sizeof(op));
}

static s16 grant_op_list_frames(struct hypercall *call, struct domain *d, u64 list, u32 frames)
{
	s16 status = GNTST_okay;

	if (frames > SETUP_FRAMES_MAX || grant_grow(d, frames) != 0) {
		return GNTST_general_error;
	}
	for (u32 i = 0; i < frames; i++) {
		u64 at = abi_entry(list, i, abi_word_size(call));

		if (abi_write_word(call, at, grant_frame_gfn(d, i)) != 0) {
			status = GNTST_bad_virt_addr;
		}
	}
	return status;
}

/* struct gnttab_setup_table begins alike for both widths; the list's handle follows. */
#define SETUP_LIST(call) ((call)->compat ? 12 : 16)

static s64 grant_op_setup_table(struct hypercall *call, u64 uop, u32 count)
{
	struct {
		domid_t dom;
		u32 nr_frames;
		s16 status;
	} op;
	struct domain *d;
	u64 list;

	if (count != 1) {
		return -EINVAL;
	}
	if (abi_read(call, uop, &op, sizeof(op)) != 0 ||
		abi_read_word(call, uop + SETUP_LIST(call), &list) != 0) {
		return -EFAULT;
	}
	op.status = grant_op_find(call, op.dom, &d);
	if (op.status == GNTST_okay) {
		op.status = grant_op_list_frames(call, d, list, op.nr_frames);
		abi_put(call, d);
	}
	return abi_write(call, uop + offsetof(struct gnttab_setup_table, status), &op.status,
		sizeof(op.status));
}

static s64 grant_op_set_version(struct hypercall *call, u64 uop, u32 count)
{
	struct gnttab_set_version op;
	int rc;

	if (abi_read(call, uop, &op, sizeof(op)) != 0) {
		return -EFAULT;
	}
	rc = grant_set_version(call->v->domain, op.version);
	op.version = grant_version(call->v->domain);
	return abi_write(call, uop, &op, sizeof(op)) ?: rc;
}

static s64 grant_op_get_version(struct hypercall *call, u64 uop, u32 count)
{
	struct gnttab_get_version op;
	struct domain *d;
	int rc;

	if (abi_read(call, uop, &op, sizeof(op)) != 0) {
		return -EFAULT;
	}
	rc = abi_find_target(call, op.dom, &d);
	if (rc != 0) {
		return rc;
	}
	op.version = grant_version(d);
	abi_put(call, d);
	return abi_write(call, uop + offsetof(struct gnttab_get_version, version), &op.version,
		sizeof(op.version));
}

/* --- access to others' frames --- */

/* What stands at [at, + size) of each of an array's arguments, judged and answered by `judge`. */
struct grant_batch {
	size_t size;	  /* of an argument */
	size_t status_at; /* of its s16 */
	s16 (*judge)(struct hypercall *call, const void *op);
};

union grant_batch_op {
	struct gnttab_map_grant_ref map;
	struct gnttab_unmap_grant_ref unmap;
	struct gnttab_copy copy;
	struct gnttab_swap_grant_ref swap;
};

static s64 grant_op_batch(struct hypercall *call, u64 uop, u32 count, const struct grant_batch *b)
{
	union grant_batch_op op;

	for (u32 i = 0; i < count; i++) {
		s16 status;

		if (i > 0 && abi_preempt(call)) {
			call->args[1] = uop + i * b->size;
			call->args[2] = count - i;
			return -ERESTART;
		}
		memset(&op, 0, sizeof(op));
		if (abi_read(call, uop + i * b->size, &op, b->size) != 0) {
			return -EFAULT;
		}
		status = b->judge(call, &op);
		if (abi_write(call, uop + i * b->size + b->status_at, &status, sizeof(status)) !=
			0) {
			return -EFAULT;
		}
	}
	return 0;
}

static s16 grant_op_judge_map(struct hypercall *call, const void *arg)
{
	const struct gnttab_map_grant_ref *op = arg;
	struct domain *d;

	if ((op->flags & (GNTMAP_device_map | GNTMAP_host_map)) == 0) {
		return GNTST_bad_gntref;
	}
	if (op->flags & (GNTMAP_device_map | GNTMAP_application_map | GNTMAP_contains_pte)) {
		return GNTST_general_error;
	}
	d = domain_get(op->dom);
	if (!d) {
		return GNTST_bad_domain;
	}
	domain_put(d);
	return GNTST_no_space; /* no handle is left: there are none */
}

static s64 grant_op_map(struct hypercall *call, u64 uop, u32 count)
{
	static const struct grant_batch b = { sizeof(struct gnttab_map_grant_ref),
		offsetof(struct gnttab_map_grant_ref, status), grant_op_judge_map };

	return grant_op_batch(call, uop, count, &b);
}

/* Nothing is mapped, so no handle is valid. */
static s16 grant_op_judge_unmap(struct hypercall *call, const void *arg)
{
	return GNTST_bad_handle;
}

static s64 grant_op_unmap(struct hypercall *call, u64 uop, u32 count)
{
	static const struct grant_batch b = { sizeof(struct gnttab_unmap_grant_ref),
		offsetof(struct gnttab_unmap_grant_ref, status), grant_op_judge_unmap };

	return grant_op_batch(call, uop, count, &b);
}

static s16 grant_op_judge_side(struct hypercall *call, u16 domid)
{
	struct domain *d;

	if (abi_find(call, domid, &d) != 0) {
		return GNTST_bad_domain;
	}
	abi_put(call, d);
	return GNTST_okay;
}

static s16 grant_op_judge_copy(struct hypercall *call, const void *arg)
{
	/* For 32-bit callers a side's frame is 4 bytes shorter. */
	const u8 *raw = arg;
	size_t dom_at = call->compat ? sizeof(u32) : sizeof(u64);
	u16 source, dest;
	s16 status;

	memcpy(&source, raw + dom_at, sizeof(source));
	memcpy(&dest, raw + 2 * dom_at + sizeof(u32), sizeof(dest));
	status = grant_op_judge_side(call, source);
	if (status == GNTST_okay) {
		status = grant_op_judge_side(call, dest);
	}
	/* Both are here, and no entry of either can be used. */
	return status == GNTST_okay ? GNTST_bad_gntref : status;
}

static s64 grant_op_copy(struct hypercall *call, u64 uop, u32 count)
{
	static const struct grant_batch wide = { sizeof(struct gnttab_copy),
		offsetof(struct gnttab_copy, status), grant_op_judge_copy };
	static const struct grant_batch narrow = { COMPAT_COPY_SIZE, COMPAT_COPY_STATUS,
		grant_op_judge_copy };

	return grant_op_batch(call, uop, count, call->compat ? &narrow : &wide);
}

/* Of two entries of the caller's own table; without version 2 and mappings there is no one to whom
 * the exchange would have to be hidden, so the guest can do it itself. */
static s16 grant_op_judge_swap(struct hypercall *call, const void *arg)
{
	return GNTST_bad_gntref;
}

static s64 grant_op_swap(struct hypercall *call, u64 uop, u32 count)
{
	static const struct grant_batch b = { sizeof(struct gnttab_swap_grant_ref),
		offsetof(struct gnttab_swap_grant_ref, status), grant_op_judge_swap };

	return grant_op_batch(call, uop, count, &b);
}

/* Drivers of devices that do not snoop ask for it on Arm, where a guest may not reach the caches of
 * pages that it has from others. One page at a time: what the CPU does here is the same for both
 * flags. */
static int grant_op_flush_page(struct domain *d, const struct gnttab_cache_flush *op)
{
	mfn_t mfn = hpa_to_mfn(HPA(op->a.dev_bus_addr));
	u8 *page;

	if (op->offset >= PAGE_SIZE || op->length > PAGE_SIZE ||
		op->offset + op->length > PAGE_SIZE ||
		(op->op & ~(GNTTAB_CACHE_INVAL | GNTTAB_CACHE_CLEAN)) != 0) {
		return op->op & GNTTAB_CACHE_SOURCE_GREF ? -EOPNOTSUPP : -EINVAL;
	}
	if (op->length == 0 || op->op == 0) {
		return 0;
	}
	if (!frame_get(mfn, d)) {
		return -EPERM;
	}
	page = arch_map_frame(mfn);
	arch_cache_writeback(page + op->offset, op->length);
	arch_unmap_frame(page);
	frame_put(mfn);
	return 0;
}

static s64 grant_op_cache_flush(struct hypercall *call, u64 uop, u32 count)
{
	struct gnttab_cache_flush op;

	if (arch_abi_family != ABI_ARM) {
		return -ENOSYS;
	}
	for (u32 i = 0; i < count; i++) {
		int rc;

		if (i > 0 && abi_preempt(call)) {
			call->args[1] = uop + i * sizeof(op);
			call->args[2] = count - i;
			return -ERESTART;
		}
		if (abi_read(call, uop + i * sizeof(op), &op, sizeof(op)) != 0) {
			return -EFAULT;
		}
		rc = grant_op_flush_page(call->v->domain, &op);
		if (rc != 0) {
			return rc;
		}
	}
	return 0;
}

/* Others than these are not offered to domains with stage-2 tables. */
static grant_op_fn *const grant_ops[] = {
	[GNTTABOP_map_grant_ref] = grant_op_map,
	[GNTTABOP_unmap_grant_ref] = grant_op_unmap,
	[GNTTABOP_setup_table] = grant_op_setup_table,
	[GNTTABOP_copy] = grant_op_copy,
	[GNTTABOP_query_size] = grant_op_query_size,
	[GNTTABOP_set_version] = grant_op_set_version,
	[GNTTABOP_get_version] = grant_op_get_version,
	[GNTTABOP_swap_grant_ref] = grant_op_swap,
	[GNTTABOP_cache_flush] = grant_op_cache_flush,
};

s64 abi_grant_table_op(struct hypercall *call)
{
	u32 op = (u32)call->args[0], count = (u32)call->args[2];

	if (op >= ARRAY_SIZE(grant_ops) || !grant_ops[op]) {
		return -ENOSYS;
	}
	return (s32)count < 0 ? -EINVAL : grant_ops[op](call, call->args[1], count);
}
