/* SPDX-License-Identifier: GPL-2.0-only */
/* memory_op: what only asks, and the reservation (ballooning). */
#include "tests.h"

#include "guest/lib/start.h"
#include <xen/arch-x86/hvm/start_info.h>
#include <xen/memory.h>

#define CALL __HYPERVISOR_memory_op
#define BALLOON_PAGES 8

struct e820_entry {
	u64 addr, size;
	u32 type;
} __packed;

static u8 memory_pages[BALLOON_PAGES][PAGE_SIZE] __aligned(PAGE_SIZE);
static struct e820_entry memory_entries[128];

static void memory_map(void)
{
	struct xen_memory_map map = { .nr_entries = ARRAY_SIZE(memory_entries) };
	u64 ram = 0;

	set_xen_guest_handle(map.buffer, memory_entries);
	WANT(0, "memory_map", CALL, XENMEM_memory_map, &map);
	CHECK(map.nr_entries > 1 && map.nr_entries <= ARRAY_SIZE(memory_entries),
		"memory_map counts its entries");
	for (u32 i = 0; i < map.nr_entries; i++) {
		ram += memory_entries[i].type == 1 ? memory_entries[i].size : 0;
	}
	CHECK(ram > MiB(32), "memory_map has RAM");
	map.nr_entries = 1;
	WANT(0, "memory_map into one entry", CALL, XENMEM_memory_map, &map);
	CHECK_EQ(map.nr_entries, 1, "memory_map cut to one entry");
	map.nr_entries = 0;
	WANT(0, "memory_map into no entry", CALL, XENMEM_memory_map, &map);
	map.nr_entries = 16;
	set_xen_guest_handle(map.buffer, (void *)UNMAPPED);
	WANT(-EFAULT, "memory_map, unmapped buffer", CALL, XENMEM_memory_map, &map);
	map.nr_entries = ~0U;
	WANT(-EFAULT, "memory_map, endless unmapped buffer", CALL, XENMEM_memory_map, &map);
	map.nr_entries = ARRAY_SIZE(memory_entries);
	set_xen_guest_handle(map.buffer, memory_entries);
	WANT(-ENOSYS, "machine_memory_map, not for PVH", CALL, XENMEM_machine_memory_map, &map);
}

static void memory_counts(void)
{
	domid_t self = DOMID_SELF, none = NO_DOMAIN;

	CHECK(hypercall(CALL, XENMEM_maximum_ram_page, 0) > 0x1000, "maximum_ram_page");
	CHECK(hypercall(CALL, XENMEM_current_reservation, &self) > 0x1000, "current_reservation");
	CHECK(hypercall(CALL, XENMEM_maximum_reservation, &self) > 0x1000, "maximum_reservation");
	CHECK(hypercall(CALL, XENMEM_maximum_gpfn, &self) > 0x1000, "maximum_gpfn");
	WANT(-ESRCH, "current_reservation of no domain", CALL, XENMEM_current_reservation, &none);
	WANT(-ESRCH, "maximum_reservation of no domain", CALL, XENMEM_maximum_reservation, &none);
	WANT(-ESRCH, "maximum_gpfn of no domain", CALL, XENMEM_maximum_gpfn, &none);
	WANT(-EFAULT, "current_reservation, unmapped", CALL, XENMEM_current_reservation, UNMAPPED);
	WANT(-EFAULT, "maximum_gpfn, unmapped", CALL, XENMEM_maximum_gpfn, UNMAPPED);
	CHECK(hypercall(CALL, XENMEM_get_sharing_freed_pages, 0) >= 0, "get_sharing_freed_pages");
	CHECK(hypercall(CALL, XENMEM_get_sharing_shared_pages, 0) >= 0, "get_sharing_shared_pages");
}

/* Pages go and come back, and hold what is written. */
static void memory_balloon(void)
{
	xen_pfn_t frames[BALLOON_PAGES];
	struct xen_memory_reservation r = { .nr_extents = BALLOON_PAGES, .domid = DOMID_SELF };
	domid_t self = DOMID_SELF;
	long before = hypercall(CALL, XENMEM_current_reservation, &self);
	volatile u64 *word = (u64 *)memory_pages[3];

	for (size_t i = 0; i < BALLOON_PAGES; i++) {
		frames[i] = ((uintptr_t)memory_pages >> PAGE_SHIFT) + i;
	}
	set_xen_guest_handle(r.extent_start, frames);
	WANT(BALLOON_PAGES, "decrease_reservation", CALL, XENMEM_decrease_reservation, &r);
	CHECK_EQ(hypercall(CALL, XENMEM_current_reservation, &self), before - BALLOON_PAGES,
		"current_reservation after decrease");
	CHECK_EQ(*word, ~0ULL, "a page given back reads as ones");
	WANT(0, "decrease_reservation of the same pages", CALL, XENMEM_decrease_reservation, &r);
	WANT(BALLOON_PAGES, "populate_physmap", CALL, XENMEM_populate_physmap, &r);
	CHECK_EQ(hypercall(CALL, XENMEM_current_reservation, &self), before,
		"current_reservation after populate");
	*word = 0x1122334455667788;
	CHECK_EQ(*word, 0x1122334455667788, "a populated page holds what is written");
}

static void memory_reservation_errors(void)
{
	xen_pfn_t frame = (uintptr_t)memory_pages >> PAGE_SHIFT;
	struct xen_memory_reservation r = { .nr_extents = 1, .domid = NO_DOMAIN };

	set_xen_guest_handle(r.extent_start, &frame);
	WANT(0, "decrease_reservation in no domain", CALL, XENMEM_decrease_reservation, &r);
	WANT(0, "populate_physmap in no domain", CALL, XENMEM_populate_physmap, &r);
	r.domid = DOMID_SELF;
	r.extent_order = 30;
	WANT(0, "decrease_reservation, order 30", CALL, XENMEM_decrease_reservation, &r);
	WANT(0, "populate_physmap, order 30", CALL, XENMEM_populate_physmap, &r);
	r.extent_order = ~0U;
	WANT(0, "decrease_reservation, order ~0", CALL, XENMEM_decrease_reservation, &r);
	r.extent_order = 0;
	frame = ~0ULL >> 12;
	WANT(0, "decrease_reservation, frame beyond all", CALL, XENMEM_decrease_reservation, &r);
	WANT(0, "populate_physmap, frame beyond all", CALL, XENMEM_populate_physmap, &r);
	r.nr_extents = 0;
	WANT(0, "decrease_reservation of nothing", CALL, XENMEM_decrease_reservation, &r);
	r.nr_extents = ~0UL;
	WANT(0, "decrease_reservation, ~0 extents", CALL, XENMEM_decrease_reservation, &r);
	r.nr_extents = 1;
	set_xen_guest_handle(r.extent_start, (void *)UNMAPPED);
	WANT(0, "decrease_reservation, unmapped list", CALL, XENMEM_decrease_reservation, &r);
	WANT(0, "populate_physmap, unmapped list", CALL, XENMEM_populate_physmap, &r);
	WANT(0, "decrease_reservation, unmapped", CALL, XENMEM_decrease_reservation, UNMAPPED);
	WANT(0, "populate_physmap, unmapped", CALL, XENMEM_populate_physmap, UNMAPPED);
}

static void memory_unknown(void)
{
	static const u32 ops[] = { 8, 29, 63, 0x3f };
	struct xen_vnuma_topology_info numa = { .domid = DOMID_SELF };

	for (size_t i = 0; i < ARRAY_SIZE(ops); i++) {
		CHECK_EQ(hypercall(CALL, ops[i], 0), -ENOSYS, "memory_op %u (%zu)", ops[i], i);
	}
	WANT(-EOPNOTSUPP, "get_vnumainfo", CALL, XENMEM_get_vnumainfo, &numa);
	WANT(-EFAULT, "get_vnumainfo, unmapped", CALL, XENMEM_get_vnumainfo, UNMAPPED);
}

void test_memory(void)
{
	memory_map();
	memory_counts();
	memory_balloon();
	memory_reservation_errors();
	memory_unknown();
}
