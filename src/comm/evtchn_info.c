/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The records that a guest and the hypervisor share: shared_info, a heap page charged to the
 * domain, and each vCPU's vcpu_info, in that page or where the guest registered it. The guest
 * writes them at any time: they are only ever changed by single atomic accesses, and nothing that
 * is read from them is trusted.
 */
#include "arch/contract/cpu.h"
#include "comm/evtchn_internal.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/heap.h"

int evtchn_info_create(struct evtchn_domain *ed)
{
	ed->shared = heap_pages_alloc(&ed->domain->pool, 0);
	return ed->shared ? 0 : -ENOMEM;
}

void evtchn_info_destroy(struct evtchn_domain *ed)
{
	if (ed->shared) {
		heap_pages_free(&ed->domain->pool, ed->shared, 0);
		ed->shared = NULL;
	}
}

int evtchn_info_vcpu_create(struct vcpu *v)
{
	struct evtchn_vcpu *ev = v->evtchn;

	if (v->id < XEN_LEGACY_MAX_VCPUS) {
		ev->info = &v->domain->evtchn->shared->vcpu_info[v->id];
		return 0;
	}
	ev->own = heap_new(&v->domain->pool, struct vcpu_info);
	ev->info = ev->own;
	return ev->own ? 0 : -ENOMEM;
}

void evtchn_info_vcpu_destroy(struct vcpu *v)
{
	struct evtchn_vcpu *ev = v->evtchn;

	if (ev->registered.va) {
		shared_page_unmap(&ev->registered);
	}
	heap_free(&v->domain->pool, ev->own);
	ev->own = NULL;
	ev->info = NULL;
}

struct vcpu_info *evtchn_vcpu_info(struct vcpu *v)
{
	/* Pairs with the release in evtchn_info_switch(). */
	return __atomic_load_n(&v->evtchn->info, __ATOMIC_ACQUIRE);
}

bool evtchn_vcpu_info_visible(struct vcpu *v)
{
	return evtchn_vcpu_info(v) != v->evtchn->own;
}

struct shared_info *evtchn_shared_info(struct domain *d)
{
	return d->evtchn->shared;
}

mfn_t evtchn_shared_info_mfn(struct domain *d)
{
	return heap_va_to_mfn(d->evtchn->shared);
}

void evtchn_set_compat(struct domain *d, bool compat)
{
	WRITE_ONCE(d->evtchn->compat, compat);
}

bool evtchn_compat(struct domain *d)
{
	return READ_ONCE(d->evtchn->compat);
}

/* The byte behind evtchn_upcall_pending; on Arm it has no name. */
static u8 *evtchn_info_mask(struct vcpu_info *info)
{
	return &info->evtchn_upcall_pending + 1;
}

bool evtchn_upcall_pending(struct vcpu *v)
{
	return READ_ONCE(evtchn_vcpu_info(v)->evtchn_upcall_pending) != 0;
}

void evtchn_upcall_unmask(struct vcpu *v)
{
	WRITE_ONCE(*evtchn_info_mask(evtchn_vcpu_info(v)), 0);
}

void evtchn_info_notify(struct vcpu *v)
{
	u8 *pending = &evtchn_vcpu_info(v)->evtchn_upcall_pending;

	if (__atomic_exchange_n(pending, 1, __ATOMIC_SEQ_CST) == 0) {
		evtchn_poll_end(v);
		vcpu_set_pending(v, VCPU_PENDING_EVENT);
		arch_vcpu_event(v);
	}
}

/* A sender that still uses the old record has set its port's pending bit before it looked for the
 * record: the upcall that follows the switch covers it. */
static void evtchn_info_switch(struct vcpu *v, struct vcpu_info *info)
{
	if (evtchn_vcpu_info_visible(v)) {
		memcpy(info, evtchn_vcpu_info(v), sizeof(*info));
	} else {
		memset(info, 0, sizeof(*info));
		*evtchn_info_mask(info) = 1;
	}
	__atomic_store_n(&v->evtchn->info, info, __ATOMIC_SEQ_CST);
	if (evtchn_compat(v->domain)) {
		WRITE_ONCE(((u32 *)info)[1], ~0U);
	} else {
		WRITE_ONCE(info->evtchn_pending_sel, ~0UL);
	}
	WRITE_ONCE(info->evtchn_upcall_pending, 0);
	evtchn_info_notify(v);
}

static int evtchn_info_register(struct vcpu *v, u64 gfn, u32 offset)
{
	struct evtchn_vcpu *ev = v->evtchn;
	bool down = (READ_ONCE(v->hold) & BIT32(VCPU_HOLD_DOWN)) != 0;
	int rc;

	if (ev->registered.va || (v != vcpu_current() && !down)) {
		return -EINVAL;
	}
	rc = shared_page_map(
		v->domain, GPA((gfn << PAGE_SHIFT) + offset), sizeof(*ev->info), &ev->registered);
	if (rc == 0) {
		evtchn_info_switch(v, ev->registered.va);
	}
	return rc;
}

int evtchn_register_vcpu_info(struct vcpu *v, u64 gfn, u32 offset)
{
	struct evtchn_domain *ed = v->domain->evtchn;
	u32 align = evtchn_compat(v->domain) ? sizeof(u32) : sizeof(u64);
	int rc;

	if (offset > PAGE_SIZE - sizeof(struct vcpu_info) || !IS_ALIGNED(offset, align)) {
		return -ENXIO;
	}
	if (gfn > ~0ULL >> PAGE_SHIFT) {
		return -EINVAL;
	}
	spin_lock(&ed->lock);
	rc = evtchn_info_register(v, gfn, offset);
	spin_unlock(&ed->lock);
	return rc;
}
