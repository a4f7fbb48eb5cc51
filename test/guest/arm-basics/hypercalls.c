/* SPDX-License-Identifier: GPL-2.0-only */
/* The calls of a kernel, with right and wrong arguments. */
#include "guest/arm-basics/tests.h"
#include "guest/lib-arm64/cpu.h"
#include "guest/lib-arm64/fdt.h"
#include "guest/lib-arm64/trap.h"
#include "guest/lib/check.h"
#include "guest/lib/hypercall.h"
#include "lib/errno.h"
#include "lib/string.h"
#include <xen/event_channel.h>
#include <xen/features.h>
#include <xen/grant_table.h>
#include <xen/hvm/hvm_op.h>
#include <xen/hvm/params.h>
#include <xen/memory.h>
#include <xen/physdev.h>
#include <xen/sched.h>
#include <xen/vcpu.h>
#include <xen/version.h>

/* Above all RAM, and above what stage 2 of any of these domains has. */
#define NOWHERE 0xffffff000000ULL

static u8 shared_page[4096] __aligned(4096);

static void test_version(void)
{
	static char text[1024];
	struct xen_feature_info features = { .submap_idx = 0 };

	CHECK_EQ(hypercall(__HYPERVISOR_xen_version, XENVER_version, 0), 4 << 16 | 17,
		"xen_version");
	CHECK_EQ(hypercall(__HYPERVISOR_xen_version, XENVER_capabilities, text), 0, "capabilities");
	CHECK(strstr(text, "xen-3.0-aarch64") != NULL, "capabilities name aarch64");
	CHECK_EQ(hypercall(__HYPERVISOR_xen_version, XENVER_pagesize, 0), 4096, "pagesize");
	CHECK_EQ(
		hypercall(__HYPERVISOR_xen_version, XENVER_get_features, &features), 0, "features");
	CHECK((features.submap & BIT32(XENFEAT_auto_translated_physmap)) != 0,
		"features: translated memory");
	features.submap_idx = 1000;
	CHECK_EQ(hypercall(__HYPERVISOR_xen_version, XENVER_get_features, &features), -EINVAL,
		"features: no such map");
	CHECK_EQ(hypercall(__HYPERVISOR_xen_version, 99, 0), -ENOSYS, "xen_version 99");
	CHECK_EQ(hypercall(__HYPERVISOR_xen_version, XENVER_capabilities, NOWHERE), -EFAULT,
		"capabilities to nowhere");
	CHECK_EQ(hypercall(__HYPERVISOR_xen_version, XENVER_get_features, 0), -EFAULT,
		"features to address 0");
}

static void test_numbers(void)
{
	static const u8 absent[] = { 0, 4, 8, 14, 15, 23, 25, 28, 43, 47, 55, 60, 63 };

	for (size_t i = 0; i < sizeof(absent); i++) {
		CHECK_EQ(hypercall(absent[i], 0, 0, 0, 0, 0), -ENOSYS, "hypercall %u", absent[i]);
	}
	CHECK_EQ(hypercall(64, 0), -ENOSYS, "hypercall 64");
	CHECK_EQ(hypercall(~0UL, 0), -ENOSYS, "hypercall ~0");
	CHECK_EQ(FAULT_CLASS(TRY("hvc #1")), EC_UNKNOWN, "hvc #1");
	CHECK_EQ(FAULT_CLASS(TRY("hvc #0xea0")), EC_UNKNOWN, "hvc #0xea0");
	CHECK_EQ(FAULT_CLASS(TRY("smc #1")), EC_UNKNOWN, "smc #1");
}

static void test_memory(void)
{
	struct xen_add_to_physmap map = {
		.domid = DOMID_SELF,
		.space = XENMAPSPACE_shared_info,
		.gpfn = (u64)shared_page >> 12,
	};
	struct shared_info *info = (struct shared_info *)shared_page;
	domid_t self = DOMID_SELF;

	CHECK(hypercall(__HYPERVISOR_memory_op, XENMEM_current_reservation, &self) > 0x1000,
		"current_reservation");
	CHECK(hypercall(__HYPERVISOR_memory_op, XENMEM_maximum_gpfn, &self) > 0, "maximum_gpfn");
	CHECK_EQ(hypercall(__HYPERVISOR_memory_op, 63, 0), -ENOSYS, "memory_op 63");
	shared_page[0] = 0x55;
	CHECK_EQ(hypercall(__HYPERVISOR_memory_op, XENMEM_add_to_physmap, &map), 0,
		"the shared page in place of ours");
	CHECK(shared_page[0] != 0x55, "the shared page is another page");
	WRITE_ONCE(info->evtchn_mask[0], ~0UL);
	CHECK_EQ(READ_ONCE(info->evtchn_mask[0]), ~0UL, "the shared page can be written");
	map.space = 99;
	CHECK_EQ(hypercall(__HYPERVISOR_memory_op, XENMEM_add_to_physmap, &map), -ENOSYS,
		"add_to_physmap, no such space");
	CHECK_EQ(hypercall(__HYPERVISOR_memory_op, XENMEM_add_to_physmap, NOWHERE), -EFAULT,
		"add_to_physmap from nowhere");
}

static void test_events(void)
{
	struct evtchn_alloc_unbound alloc = { .dom = DOMID_SELF, .remote_dom = DOMID_SELF };
	struct evtchn_bind_interdomain bind = { .remote_dom = DOMID_SELF };
	struct evtchn_status status = { .dom = DOMID_SELF };
	struct evtchn_send send;
	struct evtchn_close close;
	struct shared_info *info = (struct shared_info *)shared_page;

	CHECK_EQ(hypercall(__HYPERVISOR_event_channel_op, EVTCHNOP_alloc_unbound, &alloc), 0,
		"alloc_unbound");
	bind.remote_port = alloc.port;
	CHECK_EQ(hypercall(__HYPERVISOR_event_channel_op, EVTCHNOP_bind_interdomain, &bind), 0,
		"bind_interdomain with itself");
	send.port = bind.local_port;
	CHECK_EQ(hypercall(__HYPERVISOR_event_channel_op, EVTCHNOP_send, &send), 0, "send");
	CHECK((READ_ONCE(info->evtchn_pending[0]) & BIT64(alloc.port)) != 0,
		"the other end is pending");
	status.port = alloc.port;
	CHECK_EQ(hypercall(__HYPERVISOR_event_channel_op, EVTCHNOP_status, &status), 0, "status");
	CHECK_EQ(status.status, EVTCHNSTAT_interdomain, "status: interdomain");
	close.port = alloc.port;
	CHECK_EQ(hypercall(__HYPERVISOR_event_channel_op, EVTCHNOP_close, &close), 0, "close");
	CHECK_EQ(hypercall(__HYPERVISOR_event_channel_op, EVTCHNOP_close, &close), -EINVAL,
		"close again");
	send.port = 4000;
	CHECK_EQ(hypercall(__HYPERVISOR_event_channel_op, EVTCHNOP_send, &send), -EINVAL,
		"send, no such port");
	CHECK_EQ(hypercall(__HYPERVISOR_event_channel_op, 99, &send), -ENOSYS,
		"event_channel_op 99");
	CHECK_EQ(hypercall(__HYPERVISOR_event_channel_op, EVTCHNOP_send, NOWHERE), -EFAULT,
		"send from nowhere");
}

static void test_vcpu(void)
{
	struct vcpu_register_vcpu_info reg = {
		.mfn = (u64)shared_page >> 12,
		.offset = 4080,
	};

	CHECK_EQ(hypercall(__HYPERVISOR_vcpu_op, VCPUOP_register_vcpu_info, 0, &reg), -ENXIO,
		"vcpu_info over the end of a page");
	CHECK_EQ(hypercall(__HYPERVISOR_vcpu_op, VCPUOP_register_vcpu_info, 1000, &reg), -ENOENT,
		"vcpu_info of no vCPU");
	CHECK_EQ(hypercall(__HYPERVISOR_vcpu_op, 99, 0, 0), -EINVAL, "vcpu_op 99");
	CHECK_EQ(hypercall(__HYPERVISOR_vcpu_op, VCPUOP_up, 0, 0), -EINVAL,
		"vcpu_op up: Arm has PSCI");
}

static void test_others(void)
{
	struct xen_hvm_param param = { .domid = DOMID_SELF, .index = HVM_PARAM_CALLBACK_IRQ };
	struct gnttab_query_size size = { .dom = DOMID_SELF };
	struct sched_shutdown shutdown = { .reason = 99 };

	CHECK_EQ(hypercall(__HYPERVISOR_sched_op, SCHEDOP_yield, 0), 0, "yield");
	CHECK_EQ(hypercall(__HYPERVISOR_sched_op, 99, 0), -ENOSYS, "sched_op 99");
	CHECK_EQ(hypercall(__HYPERVISOR_sched_op, SCHEDOP_shutdown, NOWHERE), -EFAULT,
		"shutdown from nowhere");
	CHECK_EQ(shutdown.reason, 99, "an argument is not changed");
	CHECK_EQ(hypercall(__HYPERVISOR_grant_table_op, GNTTABOP_query_size, &size, 1), 0,
		"grant table: query_size");
	CHECK_EQ(size.status, GNTST_okay, "query_size: status");
	CHECK(size.max_nr_frames >= size.nr_frames, "query_size: frames");
	CHECK_EQ(hypercall(__HYPERVISOR_physdev_op, 99, 0), -ENOSYS, "physdev_op 99");
	CHECK_EQ(hypercall(__HYPERVISOR_hvm_op, HVMOP_get_param, &param), 0,
		"hvm_op: callback of events");
	if (fdt_info.hypervisor) {
		CHECK_EQ(param.value, 2ULL << 56 | 2 << 8 | (fdt_info.hypervisor_irq & 0xff),
			"hvm_op: the PPI of the tree");
	} else {
		check_skip("no hypervisor node", "hvm_op: the PPI of the tree");
	}
	param.index = 999;
	CHECK_EQ(hypercall(__HYPERVISOR_hvm_op, HVMOP_get_param, &param), -EINVAL,
		"hvm_op: no such parameter");
	CHECK_EQ(hypercall(__HYPERVISOR_hvm_op, 99, &param), -ENOSYS, "hvm_op 99");
}

void test_hypercalls(void)
{
	test_version();
	test_numbers();
	test_memory();
	test_events();
	test_vcpu();
	test_others();
}
