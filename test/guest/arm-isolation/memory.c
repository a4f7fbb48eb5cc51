/* SPDX-License-Identifier: GPL-2.0-only */
/* Accesses to what the domain does not have: data, code, page tables, pages that it gave back. */
#include "guest/arm-isolation/attacks.h"
#include "guest/lib-arm64/cpu.h"
#include "guest/lib-arm64/fdt.h"
#include "guest/lib-arm64/trap.h"
#include "guest/lib/check.h"
#include "guest/lib/hypercall.h"
#include <xen/memory.h>

#define GIB_NORMAL 447 /* an entry of the page table that nothing else uses: 447 GiB */

extern u64 head_table[512];

static u8 given_page[4096] __aligned(4096);

static void set_entry(u32 index, u64 value)
{
	WRITE_ONCE(head_table[index], value);
	__asm__ volatile("dsb ishst\n\ttlbi vmalle1is\n\tdsb ish\n\tisb" : : : "memory");
}

static void check_hole(u64 address, const char *name)
{
	u64 v;

	CHECK_EQ(FAULT_CLASS(TRY_GET("ldr %[out], [%[a]]", &v, [a] "r"(address))), EC_DABT,
		"read of %s", name);
	CHECK_EQ(trap_last_far(), address, "read of %s: its address", name);
	CHECK_EQ(FAULT_CLASS(TRY("str xzr, [%[a]]", [a] "r"(address))), EC_DABT, "write of %s",
		name);
	CHECK_EQ(FAULT_CLASS(TRY("ldrb wzr, [%[a]]", [a] "r"(address + 1))), EC_DABT,
		"read of a byte of %s", name);
	CHECK_EQ(FAULT_CLASS(TRY("ldnp xzr, x10, [%[a]]", [a] "r"(address))), EC_DABT,
		"read of a pair of %s", name);
}

static void attack_data(void)
{
	check_hole(NOWHERE, "nowhere");
	check_hole(NOWHERE + 0xff8, "the end of a page of nowhere");
	check_hole(0x7ffffffff8, "the last word that is mapped");
	/* Behind the memory of the device tree, unless something else is there. */
	check_hole((fdt_info.memory + fdt_info.memory_size + (64ULL << 30)) & ~0xfffULL,
		"64 GiB behind the memory");
	CHECK_EQ(FAULT_CLASS(TRY("ldr xzr, [%[a]]", [a] "r"(NOWHERE + 4))), EC_DABT,
		"a misaligned read of nowhere");
	CHECK_EQ(FAULT_CLASS(TRY("ldxr x10, [%[a]]", [a] "r"(NOWHERE))), EC_DABT,
		"an exclusive read of nowhere");
	CHECK_EQ(FAULT_CLASS(TRY("ldr xzr, [%[a]]", [a] "r"(1ULL << 40))), EC_DABT,
		"an address that stage 1 does not have");
}

static void attack_code(void)
{
	int fault;

	set_entry(GIB_NORMAL, (u64)GIB_NORMAL << 30 | PTE_NORMAL);
	CHECK_EQ(FAULT_CLASS(fault_of_call((u64)GIB_NORMAL << 30)), EC_IABT,
		"an instruction from nowhere");
	CHECK_EQ(FAULT_CLASS(fault_of_call(((u64)GIB_NORMAL << 30) + 0x1ffc)), EC_IABT,
		"an instruction from the end of a page of nowhere");
	CHECK_EQ(FAULT_CLASS(fault_of_call(NOWHERE)), EC_IABT, "an instruction from a device");
	/* Either is right: nothing is cached of it. */
	fault = FAULT_CLASS(TRY("dc civac, %[a]", [a] "r"((u64)GIB_NORMAL << 30)));
	CHECK(fault == -1 || fault == EC_DABT, "cache maintenance of nowhere");
	CHECK_EQ(FAULT_CLASS(TRY("dc zva, %[a]", [a] "r"((u64)GIB_NORMAL << 30))), EC_DABT,
		"dc zva of nowhere");
}

/* The walk of stage 1 itself goes to nowhere. */
static void attack_tables(void)
{
	u64 v;

	set_entry(GIB_NORMAL, NOWHERE | 3);
	CHECK_EQ(FAULT_CLASS(TRY_GET("ldr %[out], [%[a]]", &v, [a] "r"((u64)GIB_NORMAL << 30))),
		EC_DABT, "a page table in nowhere");
	CHECK_EQ(FAULT_CLASS(fault_of_call((u64)GIB_NORMAL << 30)), EC_IABT,
		"an instruction by a page table in nowhere");
	set_entry(GIB_NORMAL, (fdt_info.gic_dist & ~0xfffULL) | 3);
	v = FAULT_CLASS(TRY("ldr xzr, [%[a]]", [a] "r"((u64)GIB_NORMAL << 30)));
	CHECK(v == EC_DABT, "a page table in the interrupt controller");
	set_entry(GIB_NORMAL, ~0ULL);
	v = FAULT_CLASS(TRY("ldr xzr, [%[a]]", [a] "r"((u64)GIB_NORMAL << 30)));
	CHECK(v == EC_DABT, "a page table entry of ones");
	set_entry(GIB_NORMAL, 0);
}

static void attack_given_back(void)
{
	xen_pfn_t frame = (u64)given_page >> 12;
	struct xen_memory_reservation r = { .nr_extents = 1, .domid = DOMID_SELF };

	set_xen_guest_handle(r.extent_start, &frame);
	given_page[0] = 0x77;
	CHECK_EQ(hypercall(__HYPERVISOR_memory_op, XENMEM_decrease_reservation, &r), 1,
		"a page is given back");
	CHECK_EQ(FAULT_CLASS(TRY("ldrb wzr, [%[a]]", [a] "r"(given_page))), EC_DABT,
		"a page that was given back is gone");
	CHECK_EQ(hypercall(__HYPERVISOR_memory_op, XENMEM_decrease_reservation, &r), 0,
		"it is not given back twice");
	CHECK_EQ(hypercall(__HYPERVISOR_memory_op, XENMEM_populate_physmap, &r), 1,
		"a page comes in its place");
	CHECK_EQ(TRY("ldrb wzr, [%[a]]", [a] "r"(given_page)), 0, "it can be read");
}

void attack_memory(void)
{
	attack_data();
	attack_code();
	attack_tables();
	attack_given_back();
}
