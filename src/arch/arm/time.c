/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * System time: the counter that all CPUs share (CNTPCT_EL0), scaled; deadlines in this CPU's EL2
 * timer (CNTHP). DDI 0487, D11.
 */
#include "arch/arm/time.h"

#include "arch/arm/irq.h"
#include "arch/arm/machine.h"
#include "arch/arm/sysreg.h"
#include "core/log.h"
#include "core/pcpu.h"
#include "core/time.h"
#include "lib/rate.h"

static struct rate to_ns = { 1, 0 }, to_counts = { 1, 0 }; /* 1 GHz until it is known */
static u64 boot_count, hz = NS_PER_S;

u64 time_hz(void)
{
	return hz;
}

u64 time_boot_count(void)
{
	return boot_count;
}

u64 time_count(void)
{
	isb();
	return sysreg_read(cntpct_el0);
}

u64 time_ns_of(u64 count)
{
	return rate_apply(count - boot_count, to_ns);
}

/* Rounded up, and one more for what both rates round down: a timer never fires early. */
u64 time_count_of(u64 ns)
{
	return boot_count + rate_apply(ns, to_counts) + 2;
}

u64 arch_now_ns(void)
{
	return time_ns_of(time_count());
}

void arch_delay_us(u32 us)
{
	u64 end = time_count() + hz / 1000000 * us + us * (hz % 1000000) / 1000000;

	while (time_count() < end) {
		__asm__ volatile("yield");
	}
}

/* --- the timer --- */

#define CTL_ENABLE 1
#define CTL_MASK 2

void arch_timer_program(u64 deadline_ns)
{
	if (deadline_ns == ~0ULL) {
		sysreg_write(cnthp_ctl_el2, CTL_MASK);
	} else {
		sysreg_write(cnthp_cval_el2, time_count_of(deadline_ns));
		sysreg_write(cnthp_ctl_el2, CTL_ENABLE);
	}
	isb();
}

/* The line is a level: it falls here, and rises when the next deadline is programmed. */
static void fired(void *arg)
{
	sysreg_write(cnthp_ctl_el2, CTL_MASK);
	isb();
	pcpu_set_work(this_pcpu(), PCPU_WORK_TIMER);
}

int time_cpu_up(struct pcpu *p)
{
	sysreg_write(cnthp_ctl_el2, CTL_MASK);
	isb();
	return irq_request(arm_machine.timer.hyp, false, fired, NULL);
}

/* --- boot --- */

static void set_rate(u64 rate)
{
	hz = rate;
	to_ns = rate_from_ratio(NS_PER_S, rate);
	to_counts = rate_from_ratio(rate, NS_PER_S);
}

void time_init_early(void)
{
	u64 rate = (u32)sysreg_read(cntfrq_el0);

	boot_count = time_count();
	if (rate) {
		set_rate(rate);
	}
}

void time_init(u32 stated)
{
	u64 rate = stated ? stated : (u32)sysreg_read(cntfrq_el0);

	if (rate == 0) {
		boot_fail("time: CNTFRQ_EL0 is 0, and the timer's node has no clock-frequency");
	}
	set_rate(rate);
	log_info("system counter: %llu kHz", (unsigned long long)rate / 1000);
}
