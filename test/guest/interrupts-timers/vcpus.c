/* SPDX-License-Identifier: GPL-2.0-only */
/* vCPUs going up and down by every way, their run states, and one time for all of them. */
#include "irq.h"

#include "guest/lib/hypercall.h"
#include <xen/hvm/hvm_vcpu.h>
#include <xen/vcpu.h>

#define CALL __HYPERVISOR_vcpu_op

extern u64 head_stack;
extern u32 head_cpu;
extern u8 smp_stacks[CPU_MAX][STACK_SIZE];
extern const u8 head_common[];

static volatile u32 vcpus_ticks;

static u64 vcpus_count(u64 unused)
{
	for (;;) {
		vcpus_ticks++;
		xen_delay_us(100);
	}
	return 0;
}

static u64 vcpus_down_self(u64 unused)
{
	return (u64)hypercall(CALL, VCPUOP_down, cpu_index(), 0);
}

static bool vcpus_ticking(void)
{
	u32 before = vcpus_ticks;

	return smp_wait_for(&vcpus_ticks, before + 5, SOON_MS);
}

static void vcpus_up_and_down(void)
{
	u64 got = 1;
	u32 before;

	smp_run(1, vcpus_down_self, 0);
	for (unsigned int i = 0; i < 100 && hypercall(CALL, VCPUOP_is_up, 1, 0) != 0; i++) {
		xen_delay_us(10000);
	}
	CHECK_EQ(hypercall(CALL, VCPUOP_is_up, 1, 0), 0, "a vCPU can go down by itself");
	CHECK(!smp_is_done(1, NULL), "it does not go on");
	CHECK_EQ(hypercall(CALL, VCPUOP_up, 1, 0), 0, "it can be brought up again");
	CHECK(smp_wait(1, SOON_MS, &got), "it goes on where it was");
	CHECK_EQ(got, 0, "its call has succeeded");
	CHECK_EQ(hypercall(CALL, VCPUOP_is_up, 1, 0), 1, "it is up");
	CHECK_EQ(hypercall(CALL, VCPUOP_up, 1, 0), 0, "up of a vCPU that is up");
	smp_run(1, vcpus_count, 0);
	CHECK(vcpus_ticking(), "it runs");
	CHECK_EQ(hypercall(CALL, VCPUOP_down, 1, 0), 0, "another vCPU can be taken down");
	xen_delay_us(2000);
	before = vcpus_ticks;
	xen_delay_us(20000);
	CHECK_EQ(vcpus_ticks, before, "it stands still");
	CHECK_EQ(hypercall(CALL, VCPUOP_up, 1, 0), 0, "up again");
	CHECK(vcpus_ticking(), "it runs again");
	CHECK(smp_start(1), "INIT and SIPI start it over");
}

/* CPU 2 without any APIC: 32-bit state, as for a PVH guest's first vCPU. */
static void vcpus_initialise(void)
{
	static struct vcpu_hvm_context c = { .mode = VCPU_HVM_MODE_32B };
	struct vcpu_hvm_x86_32 *r = &c.cpu_regs.x86_32;

	r->eip = (u32)(uintptr_t)head_common;
	r->cr0 = 0x11;
	r->cs_limit = r->ds_limit = r->ss_limit = r->es_limit = ~0U;
	r->tr_limit = 0x67;
	r->cs_ar = 0xc9b;
	r->ds_ar = r->ss_ar = r->es_ar = 0xc93;
	r->tr_ar = 0x8b;
	head_stack = (uintptr_t)(smp_stacks[2] + STACK_SIZE);
	head_cpu = 2;
	c.mode = 99;
	CHECK_EQ(hypercall(CALL, VCPUOP_initialise, 2, &c), -22, "initialise, mode 99");
	c.mode = VCPU_HVM_MODE_32B;
	CHECK_EQ(hypercall(CALL, VCPUOP_initialise, 2, &c), 0, "initialise a vCPU");
	CHECK_EQ(hypercall(CALL, VCPUOP_is_up, 2, 0), 0, "it is not up yet");
	CHECK_EQ(hypercall(CALL, VCPUOP_initialise, 2, &c), -17, "initialise twice");
	CHECK_EQ(hypercall(CALL, VCPUOP_up, 2, 0), 0, "up of the initialised vCPU");
	CHECK_EQ(smp_call(2, vcpus_down_self, 0) | 1, 1, "it runs code of ours");
}

static void vcpus_runstate(void)
{
	static struct vcpu_runstate_info area;
	struct vcpu_register_runstate_memory_area r = { .addr.v = &area };
	u64 running, blocked;

	hypercall(CALL, VCPUOP_register_runstate_memory_area, 0, &r);
	running = area.time[RUNSTATE_running];
	blocked = area.time[RUNSTATE_blocked];
	irq_count(0x45, true);
	apic_write(APIC_TDCR, APIC_TDCR_BY_1);
	apic_write(APIC_LVT_TIMER, 0x45);
	apic_write(APIC_TMICT, 3000000);
	irq_enable_and_halt();
	apic_write(APIC_LVT_TIMER, APIC_LVT_MASKED);
	CHECK_EQ(area.state, RUNSTATE_running, "runstate area: running");
	CHECK(area.time[RUNSTATE_blocked] > blocked, "runstate area: it was blocked in HLT");
	CHECK(area.time[RUNSTATE_running] > running, "runstate area: and has run");
	CHECK(area.state_entry_time <= xen_time() + MS, "runstate area: entered in the past");
	CHECK_EQ(area.state_entry_time >> 63, 0, "runstate area: no update is going on");
}

void test_vcpus(void)
{
	CHECK(smp_start(1), "INIT and SIPI start CPU 1");
	vcpus_up_and_down();
	vcpus_initialise();
	vcpus_runstate();
}

static volatile u64 clock_last;
static volatile s64 clock_worst;
static bool clock_lock;

/* Takes turns with the other CPU: no reading may lie before the one that was taken before it. */
static u64 clock_read(u64 turns)
{
	const struct vcpu_time_info *time = &xen_vcpu_info(cpu_index())->time;

	for (u64 i = 0; i < turns; i++) {
		while (__atomic_exchange_n(&clock_lock, true, __ATOMIC_ACQUIRE)) {
			cpu_relax();
		}
		u64 now = xen_time_of(time);

		clock_worst = MIN(clock_worst, (s64)(now - clock_last));
		clock_last = now;
		__atomic_store_n(&clock_lock, false, __ATOMIC_RELEASE);
	}
	return 1;
}

void test_clock(void)
{
	const struct shared_info *s = xen_shared_info();
	u64 tsc = rdtsc(), start = xen_time();

	smp_run(1, clock_read, 20000);
	clock_read(20000);
	CHECK(smp_wait(1, 20000, NULL), "two CPUs read the time");
	CHECK(clock_worst > -(s64)MS, "their times differ by less than 1 ms");
	CHECK(xen_time() > start, "time goes on");
	CHECK(rdtsc() > tsc, "the TSC goes on");
	CHECK_EQ(s->wc_version & 1, 0, "the wall clock is not being changed");
	CHECK((u64)s->wc_sec_hi << 32 < BIT64(40), "the wall clock's upper half");
}
