/* SPDX-License-Identifier: GPL-2.0-only */
/* vcpu_op and set_timer_op, arguments; what timers do is in the guest "interrupts-timers". */
#include "tests.h"

#include "guest/lib/smp.h"
#include "lib/string.h"
#include <xen/vcpu.h>

#define CALL __HYPERVISOR_vcpu_op

static struct vcpu_info vcpu_infos[3] __aligned(64);
static u8 vcpu_two_pages[2 * PAGE_SIZE] __aligned(PAGE_SIZE);

static void vcpu_state(void)
{
	struct vcpu_runstate_info r;

	memset(&r, 0xff, sizeof(r));
	WANT(1, "is_up of this vCPU", CALL, VCPUOP_is_up, 0, 0);
	WANT(0, "is_up of a vCPU not started", CALL, VCPUOP_is_up, 1, 0);
	WANT(0, "get_runstate_info", CALL, VCPUOP_get_runstate_info, 0, &r);
	CHECK_EQ(r.state, RUNSTATE_running, "this vCPU is running");
	CHECK(r.time[RUNSTATE_running] > 0, "it has run for some time");
	WANT(0, "get_runstate_info of vCPU 1", CALL, VCPUOP_get_runstate_info, 1, &r);
	CHECK_EQ(r.state, RUNSTATE_offline, "vCPU 1 is offline");
	WANT(-EFAULT, "get_runstate_info, unmapped", CALL, VCPUOP_get_runstate_info, 0, UNMAPPED);
	WANT(0, "down of a vCPU that is down", CALL, VCPUOP_down, 1, 0);
	WANT(-EINVAL, "up of a vCPU without state", CALL, VCPUOP_up, 1, 0);
	WANT(-EFAULT, "initialise, unmapped", CALL, VCPUOP_initialise, 1, UNMAPPED);
}

static void vcpu_info_area(void)
{
	struct vcpu_register_vcpu_info r = { 0 };
	u64 address = (uintptr_t)&vcpu_infos[1];

	r.mfn = (uintptr_t)vcpu_two_pages >> PAGE_SHIFT;
	r.offset = PAGE_SIZE - 32;
	WANT(-ENXIO, "register_vcpu_info across pages", CALL, VCPUOP_register_vcpu_info, 0, &r);
	r.offset = 4;
	WANT(-ENXIO, "register_vcpu_info, misaligned", CALL, VCPUOP_register_vcpu_info, 0, &r);
	r.offset = PAGE_SIZE;
	WANT(-ENXIO, "register_vcpu_info, offset 4096", CALL, VCPUOP_register_vcpu_info, 0, &r);
	r.offset = 0;
	r.mfn = 0xfffff;
	WANT(-EINVAL, "register_vcpu_info, not RAM", CALL, VCPUOP_register_vcpu_info, 0, &r);
	r.mfn = ~0ULL >> 12;
	WANT(-EINVAL, "register_vcpu_info, no such frame", CALL, VCPUOP_register_vcpu_info, 0, &r);
	WANT(-EFAULT, "register_vcpu_info, unmapped", CALL, VCPUOP_register_vcpu_info, 0, UNMAPPED);
	r.mfn = address >> PAGE_SHIFT;
	r.offset = (u32)(address & ~PAGE_MASK);
	WANT(0, "register_vcpu_info", CALL, VCPUOP_register_vcpu_info, 0, &r);
	CHECK(READ_ONCE(vcpu_infos[1].time.tsc_to_system_mul) != 0, "vcpu_info has the time");
	WANT(-EINVAL, "register_vcpu_info twice", CALL, VCPUOP_register_vcpu_info, 0, &r);
	CHECK_EQ(vcpu_infos[0].time.version | vcpu_infos[2].time.version, 0,
		"nothing is written beside vcpu_info");
}

static void vcpu_runstate_area(void)
{
	static struct vcpu_runstate_info area;
	struct vcpu_register_runstate_memory_area r = { .addr.v = &area };

	area.state = 99;
	WANT(0, "register_runstate_memory_area", CALL, VCPUOP_register_runstate_memory_area, 0, &r);
	CHECK_EQ(READ_ONCE(area.state), RUNSTATE_running, "the runstate area is written at once");
	r.addr.p = UNMAPPED;
	WANT(0, "runstate area at an unmapped address", CALL, VCPUOP_register_runstate_memory_area,
		0, &r);
	r.addr.p = NONCANONICAL;
	WANT(0, "runstate area, non-canonical", CALL, VCPUOP_register_runstate_memory_area, 0, &r);
	WANT(-EFAULT, "runstate area, unmapped argument", CALL,
		VCPUOP_register_runstate_memory_area, 0, UNMAPPED);
}

static void vcpu_time_area(void)
{
	static struct vcpu_time_info area;
	struct vcpu_register_time_memory_area r = { .addr.v = &area };

	WANT(0, "register_vcpu_time_memory_area", CALL, VCPUOP_register_vcpu_time_memory_area, 0,
		&r);
	CHECK(READ_ONCE(area.tsc_to_system_mul) != 0, "the time area is written at once");
	r.addr.p = NONCANONICAL;
	WANT(0, "time area, non-canonical", CALL, VCPUOP_register_vcpu_time_memory_area, 0, &r);
	WANT(-EFAULT, "time area, unmapped argument", CALL, VCPUOP_register_vcpu_time_memory_area,
		0, UNMAPPED);
}

static void vcpu_timers(void)
{
	struct vcpu_set_periodic_timer periodic = { .period_ns = 1000 };
	struct vcpu_set_singleshot_timer shot = { .timeout_abs_ns = 1,
		.flags = VCPU_SSHOTTMR_future };

	WANT(0, "stop_periodic_timer", CALL, VCPUOP_stop_periodic_timer, 0, 0);
	WANT(-EINVAL, "set_periodic_timer, 1 us", CALL, VCPUOP_set_periodic_timer, 0, &periodic);
	periodic.period_ns = ~0ULL;
	WANT(-EINVAL, "set_periodic_timer, too long", CALL, VCPUOP_set_periodic_timer, 0,
		&periodic);
	WANT(-EFAULT, "set_periodic_timer, unmapped", CALL, VCPUOP_set_periodic_timer, 0, UNMAPPED);
	WANT(0, "set_singleshot_timer in the past", CALL, VCPUOP_set_singleshot_timer, 0, &shot);
	shot = (struct vcpu_set_singleshot_timer){ .timeout_abs_ns = ~0ULL >> 1 };
	WANT(0, "set_singleshot_timer", CALL, VCPUOP_set_singleshot_timer, 0, &shot);
	WANT(-EINVAL, "set_singleshot_timer of another vCPU", CALL, VCPUOP_set_singleshot_timer, 1,
		&shot);
	WANT(-EINVAL, "stop_singleshot_timer of another vCPU", CALL, VCPUOP_stop_singleshot_timer,
		1, 0);
	WANT(-EFAULT, "set_singleshot_timer, unmapped", CALL, VCPUOP_set_singleshot_timer, 0,
		UNMAPPED);
	WANT(0, "stop_singleshot_timer", CALL, VCPUOP_stop_singleshot_timer, 0, 0);
	WANT(0, "set_timer_op 0", __HYPERVISOR_set_timer_op, 0);
	WANT(0, "set_timer_op far away", __HYPERVISOR_set_timer_op, ~0ULL >> 1);
	WANT(0, "set_timer_op 0 again", __HYPERVISOR_set_timer_op, 0);
}

void test_vcpu(void)
{
	struct vcpu_get_physid id;
	long rc;

	vcpu_state();
	vcpu_info_area();
	vcpu_runstate_area();
	vcpu_time_area();
	vcpu_timers();
	rc = hypercall(CALL, VCPUOP_get_physid, 0, &id);
	CHECK(rc == 0 || rc == -EINVAL, "get_physid, of a vCPU that is pinned or is not");
	for (u32 op = 0; op <= 13; op++) {
		CHECK_EQ(hypercall(CALL, op, MANY, UNMAPPED), -ENOENT, "vcpu_op %u, no such vCPU",
			op);
	}
	WANT(-ENOSYS, "vcpu_op 14", CALL, 14, 0, 0);
	WANT(-ENOSYS, "vcpu_op ~0", CALL, 0x7fffffff, 0, 0);
}
