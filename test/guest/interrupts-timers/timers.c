/* SPDX-License-Identifier: GPL-2.0-only */
/* VIRQ_TIMER, by single shots, periods and the old call. Polls its pending bit, masked. */
#include "irq.h"

#include "guest/lib/hypercall.h"
#include <xen/event_channel.h>
#include <xen/sched.h>
#include <xen/vcpu.h>

#define CALL __HYPERVISOR_vcpu_op

static u32 timer_port;

static bool timer_take(void)
{
	xen_ulong_t *word = &xen_shared_info()->evtchn_pending[timer_port / 64];
	xen_ulong_t bit = BIT64(timer_port % 64);

	return __atomic_fetch_and(word, ~bit, __ATOMIC_SEQ_CST) & bit;
}

/* The time at which it was seen to fire, 0: not within @ms. */
static u64 timer_wait(unsigned int ms)
{
	u64 end = xen_time() + ms * MS;

	while (!timer_take()) {
		if (xen_time() > end) {
			return 0;
		}
		cpu_relax();
	}
	return xen_time();
}

static long timer_set(u64 when)
{
	struct vcpu_set_singleshot_timer op = { .timeout_abs_ns = when };

	return hypercall(CALL, VCPUOP_set_singleshot_timer, 0, &op);
}

static void timer_single_shots(void)
{
	static const unsigned int delays_us[] = { 100, 1000, 5000, 30000 };
	u64 when, fired;

	for (size_t i = 0; i < ARRAY_SIZE(delays_us); i++) {
		when = xen_time() + delays_us[i] * 1000ULL;
		CHECK_EQ(timer_set(when), 0, "single shot in %u us", delays_us[i]);
		fired = timer_wait(SOON_MS);
		CHECK(fired != 0, "single shot in %u us fires", delays_us[i]);
		CHECK((s64)(fired - when) > -50000, "single shot in %u us is not early",
			delays_us[i]);
		CHECK(fired < when + 500 * MS, "single shot in %u us is not late", delays_us[i]);
	}
	CHECK_EQ(timer_wait(30), 0, "a single shot fires once");
	CHECK_EQ(timer_set(xen_time() - 10 * MS), 0, "single shot in the past");
	CHECK(timer_wait(SOON_MS) != 0, "it fires at once");
	timer_set(xen_time() + 20 * MS);
	CHECK_EQ(hypercall(CALL, VCPUOP_stop_singleshot_timer, 0, 0), 0, "stop a single shot");
	CHECK_EQ(timer_wait(60), 0, "it does not fire");
	timer_set(xen_time() + 10000 * MS);
	when = xen_time() + 5 * MS;
	timer_set(when);
	fired = timer_wait(SOON_MS);
	CHECK(fired != 0, "a second single shot takes the place of the first");
}

static void timer_periods(void)
{
	struct vcpu_set_periodic_timer op = { .period_ns = 10 * MS };
	u64 start = xen_time();

	CHECK_EQ(hypercall(CALL, VCPUOP_set_periodic_timer, 0, &op), 0, "periodic timer");
	for (unsigned int i = 0; i < 5; i++) {
		CHECK(timer_wait(SOON_MS) != 0, "period %u", i);
	}
	CHECK(xen_time() - start >= 35 * MS, "five periods take their time");
	CHECK_EQ(hypercall(CALL, VCPUOP_stop_periodic_timer, 0, 0), 0, "stop the periodic timer");
	timer_take();
	CHECK_EQ(timer_wait(50), 0, "it has stopped");
}

static void timer_old_call(void)
{
	u64 when = xen_time() + 5 * MS, fired;

	CHECK_EQ(hypercall(__HYPERVISOR_set_timer_op, when), 0, "set_timer_op");
	fired = timer_wait(SOON_MS);
	CHECK(fired != 0 && (s64)(fired - when) > -50000, "set_timer_op fires, and not early");
	hypercall(__HYPERVISOR_set_timer_op, xen_time() + 20 * MS);
	CHECK_EQ(hypercall(__HYPERVISOR_set_timer_op, 0), 0, "set_timer_op 0");
	CHECK_EQ(timer_wait(60), 0, "set_timer_op 0 stops it");
}

/* Sleeps until the timer: the CPU is idle meanwhile. */
static void timer_poll(void)
{
	struct sched_poll poll = { .nr_ports = 1 };
	u64 when = xen_time() + 20 * MS;

	set_xen_guest_handle(poll.ports, &timer_port);
	timer_set(when);
	CHECK_EQ(hypercall(__HYPERVISOR_sched_op, SCHEDOP_poll, &poll), 0, "poll of the timer");
	CHECK((s64)(xen_time() - when) > -50000, "poll sleeps until the timer");
	CHECK(timer_take(), "the timer's port is pending then");
}

void test_event_timers(void)
{
	timer_port = event_bind_virq(VIRQ_TIMER, 0);
	CHECK(timer_port != 0, "a port for VIRQ_TIMER");
	for (size_t i = 0; i < ARRAY_SIZE(xen_shared_info()->evtchn_mask); i++) {
		xen_shared_info()->evtchn_mask[i] = ~0UL;
	}
	hypercall(CALL, VCPUOP_stop_periodic_timer, 0, 0);
	timer_take();
	timer_single_shots();
	timer_periods();
	timer_old_call();
	timer_poll();
	event_call(EVTCHNOP_close, timer_port);
}
