/* SPDX-License-Identifier: GPL-2.0-only */
/* memory_op: what changes the guest's memory map. */
#include "tests.h"

#include "lib/string.h"
#include <xen/grant_table.h>
#include <xen/memory.h>

#define CALL __HYPERVISOR_memory_op
#define FRAME(page) ((uintptr_t)(page) >> PAGE_SHIFT)

static u8 physmap_page[PAGE_SIZE] __aligned(PAGE_SIZE);
static u8 physmap_other[PAGE_SIZE] __aligned(PAGE_SIZE);

static long physmap_add(u32 space, u64 idx, u64 gfn)
{
	struct xen_add_to_physmap op = {
		.domid = DOMID_SELF, .space = space, .idx = idx, .gpfn = gfn
	};

	return hypercall(CALL, XENMEM_add_to_physmap, &op);
}

static void physmap_shared_info(void)
{
	const struct shared_info *s = (struct shared_info *)(uintptr_t)physmap_page;
	u32 version;

	CHECK_EQ(physmap_add(XENMAPSPACE_shared_info, 0, FRAME(physmap_page)), 0,
		"add_to_physmap(shared_info)");
	version = READ_ONCE(s->vcpu_info[0].time.version);
	CHECK(version != 0 && s->vcpu_info[0].time.tsc_to_system_mul != 0,
		"shared_info has the time");
	CHECK(READ_ONCE(s->wc_sec) > 1600000000, "shared_info has the wall clock");
	CHECK_EQ(physmap_add(XENMAPSPACE_shared_info, 0, FRAME(physmap_other)), 0,
		"shared_info moves to another page");
	CHECK(READ_ONCE(((struct shared_info *)(uintptr_t)physmap_other)->wc_sec) > 1600000000,
		"shared_info is at the new page");
	CHECK_EQ(physmap_add(XENMAPSPACE_shared_info, 1, FRAME(physmap_page)), -EINVAL,
		"shared_info, index 1");
}

static void physmap_grant_table(void)
{
	static u8 page[PAGE_SIZE] __aligned(PAGE_SIZE);
	volatile u32 *entries = (u32 *)page;

	CHECK_EQ(physmap_add(XENMAPSPACE_grant_table, 0, FRAME(page)), 0,
		"add_to_physmap(grant_table)");
	entries[100] = 0x12340000;
	CHECK_EQ(entries[100], 0x12340000, "the grant table is writable");
	entries[100] = 0;
	CHECK_EQ(physmap_add(XENMAPSPACE_grant_table, MANY, FRAME(page)), -EINVAL,
		"grant_table, index out of range");
}

static void physmap_errors(void)
{
	struct xen_add_to_physmap op = { .domid = NO_DOMAIN, .space = XENMAPSPACE_shared_info };

	WANT(-ESRCH, "add_to_physmap in no domain", CALL, XENMEM_add_to_physmap, &op);
	WANT(-EFAULT, "add_to_physmap, unmapped", CALL, XENMEM_add_to_physmap, UNMAPPED);
	CHECK_EQ(physmap_add(6, 0, FRAME(physmap_page)), -EINVAL, "add_to_physmap, space 6");
	CHECK_EQ(physmap_add(~0U, 0, FRAME(physmap_page)), -EINVAL, "add_to_physmap, space ~0");
	CHECK_EQ(physmap_add(XENMAPSPACE_gmfn, ~0ULL >> 12, FRAME(physmap_page)), -EINVAL,
		"gmfn, no such frame");
	CHECK_EQ(physmap_add(XENMAPSPACE_gmfn_foreign, 0, FRAME(physmap_page)), -ENOSYS,
		"gmfn_foreign outside a batch");
}

static void physmap_move(void)
{
	static u8 from[PAGE_SIZE] __aligned(PAGE_SIZE), to[PAGE_SIZE] __aligned(PAGE_SIZE);
	struct xen_memory_reservation r = { .nr_extents = 1, .domid = DOMID_SELF };
	xen_pfn_t frame = FRAME(from);

	memcpy(from, "moved", 6);
	CHECK_EQ(physmap_add(XENMAPSPACE_gmfn, FRAME(from), FRAME(to)), 0, "add_to_physmap(gmfn)");
	CHECK(strcmp((char *)to, "moved") == 0, "the page is at its new frame");
	CHECK_EQ(*(volatile u8 *)from, 0xff, "the old frame is empty");
	set_xen_guest_handle(r.extent_start, &frame);
	WANT(1, "the old frame can be populated", CALL, XENMEM_populate_physmap, &r);
}

static void physmap_remove(void)
{
	static u8 page[PAGE_SIZE] __aligned(PAGE_SIZE);
	struct xen_remove_from_physmap op = { .domid = DOMID_SELF, .gpfn = FRAME(page) };

	WANT(0, "remove_from_physmap", CALL, XENMEM_remove_from_physmap, &op);
	CHECK_EQ(*(volatile u8 *)page, 0xff, "a removed page reads as ones");
	WANT(-ENOENT, "remove_from_physmap twice", CALL, XENMEM_remove_from_physmap, &op);
	op.gpfn = ~0ULL >> 12;
	WANT(-ENOENT, "remove_from_physmap, frame beyond all", CALL, XENMEM_remove_from_physmap,
		&op);
	op.domid = NO_DOMAIN;
	WANT(-ESRCH, "remove_from_physmap in no domain", CALL, XENMEM_remove_from_physmap, &op);
	WANT(-EFAULT, "remove_from_physmap, unmapped", CALL, XENMEM_remove_from_physmap, UNMAPPED);
}

static void physmap_batch(void)
{
	xen_ulong_t idx = 0;
	xen_pfn_t gfn = FRAME(physmap_page);
	int err = 1;
	struct xen_add_to_physmap_batch b = {
		.domid = DOMID_SELF, .space = XENMAPSPACE_gmfn_foreign, .size = 1
	};

	set_xen_guest_handle(b.idxs, &idx);
	set_xen_guest_handle(b.gpfns, &gfn);
	set_xen_guest_handle(b.errs, &err);
	b.u.foreign_domid = NO_DOMAIN;
	WANT(0, "batch, foreign domain is none", CALL, XENMEM_add_to_physmap_batch, &b);
	CHECK_EQ(err, -ESRCH, "batch reports that there is no such domain");
	b.space = XENMAPSPACE_grant_table;
	b.u.res0 = 0;
	WANT(0, "batch(grant_table)", CALL, XENMEM_add_to_physmap_batch, &b);
	CHECK_EQ(err, 0, "batch reports each page");
	idx = MANY;
	WANT(0, "batch with a bad index", CALL, XENMEM_add_to_physmap_batch, &b);
	CHECK_EQ(err, -EINVAL, "batch reports the bad index");
	set_xen_guest_handle(b.errs, (int *)UNMAPPED);
	WANT(-EFAULT, "batch, unmapped errors", CALL, XENMEM_add_to_physmap_batch, &b);
	b.size = 0;
	WANT(0, "batch of nothing", CALL, XENMEM_add_to_physmap_batch, &b);
	WANT(-EFAULT, "batch, unmapped", CALL, XENMEM_add_to_physmap_batch, UNMAPPED);
}

void test_physmap(void)
{
	physmap_shared_info();
	physmap_grant_table();
	physmap_errors();
	physmap_move();
	physmap_remove();
	physmap_batch();
}
