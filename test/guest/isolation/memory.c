/* SPDX-License-Identifier: GPL-2.0-only */
/* Attacks by memory that is not the guest's, or no longer, and by hypercalls at random. */
#include "cases.h"

#include <xen/event_channel.h>
#include <xen/memory.h>
#include <xen/sched.h>
#include <xen/vcpu.h>

struct e820_entry {
	u64 addr, size;
	u32 type;
} __packed;

static struct e820_entry case_map[128];
static u32 case_map_count;

static bool case_in_map(u64 address)
{
	for (u32 i = 0; i < case_map_count; i++) {
		if (address + MiB(2) > case_map[i].addr &&
			address < case_map[i].addr + case_map[i].size) {
			return true;
		}
	}
	return false;
}

/* All that lies between the guest's memory and the devices: the hypervisor is there, somewhere. */
void case_foreign_memory(void)
{
	struct xen_memory_map map = { .nr_entries = ARRAY_SIZE(case_map) };
	u32 seen = 0, count = 0;

	set_xen_guest_handle(map.buffer, case_map);
	hypercall(__HYPERVISOR_memory_op, XENMEM_memory_map, &map);
	case_map_count = map.nr_entries;
	for (u64 a = MiB(16); a < 0xb0000000; a += MiB(2)) {
		volatile u64 *word = (u64 *)(uintptr_t)(a + 0x1238);

		if (!case_in_map(a)) {
			count++;
			*word = 0xdeadbeef;
			seen += *word != ~0ULL;
		}
	}
	CHECK(count > 100, "there is memory that is not ours");
	CHECK_EQ(seen, 0, "all of it reads as ones");
}

static void case_free(const void *page)
{
	xen_pfn_t frame = (uintptr_t)page >> PAGE_SHIFT;
	struct xen_memory_reservation r = { .nr_extents = 1, .domid = DOMID_SELF };

	set_xen_guest_handle(r.extent_start, &frame);
	hypercall(__HYPERVISOR_memory_op, XENMEM_decrease_reservation, &r);
}

static void case_remove(const void *page)
{
	struct xen_remove_from_physmap op = { .domid = DOMID_SELF,
		.gpfn = (uintptr_t)page >> PAGE_SHIFT };

	hypercall(__HYPERVISOR_memory_op, XENMEM_remove_from_physmap, &op);
}

static u32 case_bind(void)
{
	struct evtchn_bind_ipi op = { .vcpu = 0 };

	hypercall(__HYPERVISOR_event_channel_op, EVTCHNOP_bind_ipi, &op);
	return op.port;
}

static void case_register_info(unsigned int cpu, const void *page)
{
	struct vcpu_register_vcpu_info info = { .mfn = (uintptr_t)page >> PAGE_SHIFT };

	hypercall(__HYPERVISOR_vcpu_op, VCPUOP_register_vcpu_info, cpu, &info);
}

/* Every page that the hypervisor keeps is taken away while it is in use. */
void case_registered_pages(void)
{
	static u8 info[PAGE_SIZE] __aligned(PAGE_SIZE), state[PAGE_SIZE] __aligned(PAGE_SIZE);
	static u8 time[PAGE_SIZE] __aligned(PAGE_SIZE), control[PAGE_SIZE] __aligned(PAGE_SIZE);
	static u8 array[PAGE_SIZE] __aligned(PAGE_SIZE), table[PAGE_SIZE] __aligned(PAGE_SIZE);
	struct vcpu_register_runstate_memory_area runstate = { .addr.p = (uintptr_t)state };
	struct vcpu_register_time_memory_area times = { .addr.p = (uintptr_t)time };
	struct evtchn_init_control init = { .control_gfn = (uintptr_t)control >> PAGE_SHIFT };
	struct evtchn_expand_array expand = { .array_gfn = (uintptr_t)array >> PAGE_SHIFT };
	struct xen_add_to_physmap add = { .domid = DOMID_SELF,
		.space = XENMAPSPACE_grant_table,
		.gpfn = (uintptr_t)table >> PAGE_SHIFT };
	u32 port;

	watch_start();
	/* The same page for several purposes, and then for none. */
	case_register_info(0, info);
	case_register_info(1, info);
	hypercall(__HYPERVISOR_vcpu_op, VCPUOP_register_runstate_memory_area, 0, &runstate);
	hypercall(__HYPERVISOR_vcpu_op, VCPUOP_register_vcpu_time_memory_area, 0, &times);
	hypercall(__HYPERVISOR_event_channel_op, EVTCHNOP_init_control, &init);
	init.vcpu = 1;
	init.offset = 128;
	hypercall(__HYPERVISOR_event_channel_op, EVTCHNOP_init_control, &init);
	hypercall(__HYPERVISOR_event_channel_op, EVTCHNOP_expand_array, &expand);
	hypercall(__HYPERVISOR_event_channel_op, EVTCHNOP_expand_array, &expand);
	hypercall(__HYPERVISOR_memory_op, XENMEM_add_to_physmap, &add);
	hypercall(__HYPERVISOR_memory_op, XENMEM_add_to_physmap, &add);
	port = case_bind();
	case_free(info);
	case_free(state);
	case_remove(time);
	case_remove(control);
	case_free(array);
	case_remove(table);
	for (unsigned int i = 0; i < 200; i++) {
		hypercall(__HYPERVISOR_event_channel_op, EVTCHNOP_send, &port);
		hypercall(__HYPERVISOR_event_channel_op, EVTCHNOP_unmask, &port);
		hypercall(__HYPERVISOR_sched_op, SCHEDOP_yield, 0);
		xen_delay_us(500);
	}
	hypercall(__HYPERVISOR_memory_op, XENMEM_add_to_physmap, &add);
	CHECK(true, "registered pages can be given back");
	watch_check();
}

static u64 storm_calls = 100000; /* on each of two vCPUs; calls=N */

static u64 storm_next(u64 *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

/*
 * Arguments that get past the first check now and then: small numbers, ourselves, addresses. No
 * random number names a frame or an address of this guest's code, so that it lives on.
 */
static u64 storm_argument(u64 *seed, u64 *buffer)
{
	switch (storm_next(seed) % 8) {
	case 0:
	case 1:
		return storm_next(seed) % 64;
	case 2:
		return DOMID_SELF;
	case 3:
	case 4:
		return (uintptr_t)buffer;
	case 5:
		return ~0ULL;
	case 6:
		/* Whole words: a small number at half its place is one of our own frames. */
		return (uintptr_t)buffer + storm_next(seed) % 128 * 4;
	default:
		return storm_next(seed) | BIT64(46);
	}
}

/* What would end the run, or stop a CPU, or the machine. */
static bool storm_avoid(u64 nr, u64 a1)
{
	u32 op = (u32)a1;

	switch (nr) {
	case __HYPERVISOR_sched_op:
		return op == SCHEDOP_block || op == SCHEDOP_shutdown || op == SCHEDOP_poll ||
		       op == SCHEDOP_watchdog || op == SCHEDOP_remote_shutdown;
	case __HYPERVISOR_vcpu_op:
		return op == VCPUOP_down || op == VCPUOP_initialise || op == VCPUOP_send_nmi;
	case __HYPERVISOR_console_io:
	case __HYPERVISOR_kexec_op:
	case __HYPERVISOR_multicall:
		return true;
	case __HYPERVISOR_hvm_op:
		return op == 0; /* set_param: the callback would be ours to handle */
	case __HYPERVISOR_memory_op:
		/* Of any order: they would take this program away. */
		return (op & 63) == XENMEM_decrease_reservation ||
		       (op & 63) == XENMEM_populate_physmap || (op & 63) == XENMEM_exchange;
	default:
		return false;
	}
}

static u64 storm_run(u64 seed)
{
	static u64 buffers[CPU_MAX][1024];
	u64 *buffer = buffers[cpu_index()], a[5];

	for (unsigned int i = 0; i < storm_calls; i++) {
		u64 nr = storm_next(&seed) % 64;

		for (size_t j = 0; j < ARRAY_SIZE(a); j++) {
			a[j] = storm_argument(&seed, buffer);
		}
		for (size_t j = 0; j < 16; j++) {
			buffer[j] = storm_argument(&seed, buffer);
		}
		if (nr == __HYPERVISOR_grant_table_op) {
			a[2] %= 64; /* how many: each gets a status, which must fit into the buffer
				     */
		}
		if (!storm_avoid(nr, a[0])) {
			hypercall5(nr, a[0], a[1], a[2], a[3], a[4]);
		}
	}
	return 1;
}

static u64 storm_number(const char *name, u64 value)
{
	char text[24];

	if (start_option(name, text, sizeof(text))) {
		value = 0;
		for (const char *p = text; *p >= '0' && *p <= '9'; p++) {
			value = value * 10 + (u64)(*p - '0');
		}
	}
	return value;
}

void case_storm(void)
{
	u64 seed = storm_number("seed", 1);

	storm_calls = storm_number("calls", storm_calls);
	watch_start();
	smp_run(1, storm_run, seed * 0x9e3779b97f4a7c15);
	storm_run(seed * 0xbf58476d1ce4e5b9);
	CHECK(smp_wait(1, 600000, NULL), "a storm of hypercalls does no harm");
	watch_check();
}
