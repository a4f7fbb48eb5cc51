/* SPDX-License-Identifier: GPL-2.0-only */
/* The same calls from 32-bit code: other registers, and structs laid out for 32 bits. */
#include "tests.h"

#include <xen/event_channel.h>
#include <xen/features.h>
#include <xen/hvm/hvm_op.h>
#include <xen/hvm/params.h>
#include <xen/memory.h>
#include <xen/platform.h>
#include <xen/sched.h>
#include <xen/vcpu.h>
#include <xen/version.h>

/* Linear, unmapped: compatibility mode reaches 4 GiB only, of which all is mapped. */
#define PTR(p) ((u32)(uintptr_t)(p))
#define COMPAT(want, name, nr, a1, a2, a3) \
	CHECK_EQ(hypercall_compat(nr, a1, a2, a3, 0, 0), want, "32-bit " name)

struct compat_memory_map {
	u32 nr_entries, buffer;
};

struct compat_add_to_physmap {
	u16 domid, size;
	u32 space, idx, gpfn;
};

struct compat_reservation {
	u32 extent_start, nr_extents, extent_order, mem_flags;
	u16 domid;
};

struct compat_poll {
	u32 ports, nr_ports;
	u64 timeout __packed;
};

struct compat_multicall_entry {
	u32 op, result, args[6];
};

static_assert(sizeof(struct compat_multicall_entry) == 32, "xen.h as 32-bit code sees it");

static u8 compat_page[PAGE_SIZE] __aligned(PAGE_SIZE);

static void compat_memory(void)
{
	static u8 entries[20 * 64];
	struct compat_memory_map map = { 64, PTR(entries) };
	struct compat_add_to_physmap add = { DOMID_SELF, 0, XENMAPSPACE_shared_info, 0,
		PTR(compat_page) >> PAGE_SHIFT };
	u32 frame = PTR(compat_page) >> PAGE_SHIFT;
	struct compat_reservation r = { PTR(&frame), 1, 0, 0, DOMID_SELF };
	u16 self = DOMID_SELF;

	COMPAT(0, "memory_map", __HYPERVISOR_memory_op, XENMEM_memory_map, PTR(&map), 0);
	CHECK(map.nr_entries > 1 && map.nr_entries < 64, "32-bit memory_map counts its entries");
	COMPAT(0, "add_to_physmap", __HYPERVISOR_memory_op, XENMEM_add_to_physmap, PTR(&add), 0);
	CHECK(((struct shared_info *)(uintptr_t)compat_page)->vcpu_info[0].time.version != 0,
		"32-bit add_to_physmap did it");
	add.space = 99;
	COMPAT(-EINVAL, "add_to_physmap, bad space", __HYPERVISOR_memory_op, XENMEM_add_to_physmap,
		PTR(&add), 0);
	COMPAT(1, "decrease_reservation", __HYPERVISOR_memory_op, XENMEM_decrease_reservation,
		PTR(&r), 0);
	COMPAT(1, "populate_physmap", __HYPERVISOR_memory_op, XENMEM_populate_physmap, PTR(&r), 0);
	CHECK(hypercall_compat(__HYPERVISOR_memory_op, XENMEM_current_reservation, PTR(&self), 0, 0,
		      0) > 0x1000,
		"32-bit current_reservation");
	COMPAT(-ENOSYS, "memory_op 63", __HYPERVISOR_memory_op, 63, 0, 0);
}

static void compat_events(void)
{
	struct evtchn_bind_ipi bind = { .vcpu = 0 };
	struct evtchn_send send;
	struct evtchn_close close;
	evtchn_port_t port = MANY;
	struct compat_poll poll = { PTR(&port), 1, 0 };

	COMPAT(0, "bind_ipi", __HYPERVISOR_event_channel_op, EVTCHNOP_bind_ipi, PTR(&bind), 0);
	send.port = close.port = port = bind.port;
	COMPAT(0, "send", __HYPERVISOR_event_channel_op, EVTCHNOP_send, PTR(&send), 0);
	COMPAT(0, "poll of a pending port", __HYPERVISOR_sched_op, SCHEDOP_poll, PTR(&poll), 0);
	COMPAT(0, "close", __HYPERVISOR_event_channel_op, EVTCHNOP_close, PTR(&close), 0);
	port = MANY;
	COMPAT(-EINVAL, "poll, bad port", __HYPERVISOR_sched_op, SCHEDOP_poll, PTR(&poll), 0);
	COMPAT(-ENOSYS, "event_channel_op 99", __HYPERVISOR_event_channel_op, 99, 0, 0);
}

static void compat_others(void)
{
	static struct compat_multicall_entry calls[2];
	struct xen_hvm_param param = { .domid = DOMID_SELF, .index = HVM_PARAM_STORE_EVTCHN };
	struct vcpu_set_singleshot_timer shot = { .timeout_abs_ns = 1,
		.flags = VCPU_SSHOTTMR_future };
	static struct xen_platform_op platform;

	COMPAT(0, "get_param", __HYPERVISOR_hvm_op, HVMOP_get_param, PTR(&param), 0);
	COMPAT(1, "is_up", __HYPERVISOR_vcpu_op, VCPUOP_is_up, 0, 0);
	COMPAT(-ENOENT, "is_up, no such vCPU", __HYPERVISOR_vcpu_op, VCPUOP_is_up, MANY, 0);
	COMPAT(0, "set_singleshot_timer", __HYPERVISOR_vcpu_op, VCPUOP_set_singleshot_timer, 0,
		PTR(&shot));
	platform.cmd = XENPF_get_cpuinfo;
	platform.interface_version = 1;
	COMPAT(-EACCES, "platform_op, wrong version", __HYPERVISOR_platform_op, PTR(&platform), 0,
		0);
	COMPAT(0, "console_io", __HYPERVISOR_console_io, CONSOLEIO_write, 7, PTR("32-bit\n"));
	calls[0] = (struct compat_multicall_entry){ .op = __HYPERVISOR_xen_version,
		.args = { XENVER_version } };
	calls[1] = (struct compat_multicall_entry){ .op = 0xff };
	COMPAT(0, "multicall", __HYPERVISOR_multicall, PTR(calls), 2, 0);
	CHECK_EQ(calls[0].result, 4 << 16 | 17, "32-bit multicall 0: version");
	CHECK_EQ((s32)calls[1].result, -ENOSYS, "32-bit multicall 1: unknown");
}

void test_compat(void)
{
	struct xen_feature_info f = { .submap_idx = 0 };

	COMPAT(4 << 16 | 17, "version", __HYPERVISOR_xen_version, XENVER_version, 0, 0);
	COMPAT(0, "get_features", __HYPERVISOR_xen_version, XENVER_get_features, PTR(&f), 0);
	CHECK(f.submap & BIT32(XENFEAT_dom0), "32-bit get_features: dom0");
	COMPAT(-ENOSYS, "xen_version 99", __HYPERVISOR_xen_version, 99, 0, 0);
	COMPAT(-ENOSYS, "hypercall 0xff", 0xff, 0, 0, 0);
	compat_memory();
	compat_events();
	compat_others();
}
