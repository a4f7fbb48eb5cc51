/* SPDX-License-Identifier: GPL-2.0-only */
/* The virtual and the physical timer. */
#include "guest/arm-interrupts/irq.h"
#include "guest/lib-arm64/cpu.h"
#include "guest/lib-arm64/fdt.h"
#include "guest/lib-arm64/gic.h"
#include "guest/lib-arm64/smp.h"
#include "guest/lib-arm64/trap.h"
#include "guest/lib/check.h"

#define ENABLE 1
#define IMASK 2
#define ISTATUS 4

static u32 timer_ppi;
static bool timer_physical, timer_keep;

static void set_ctl(u64 v)
{
	if (timer_physical) {
		write_sysreg(cntp_ctl_el0, v);
	} else {
		write_sysreg(cntv_ctl_el0, v);
	}
}

static u64 get_ctl(void)
{
	return timer_physical ? read_sysreg(cntp_ctl_el0) : read_sysreg(cntv_ctl_el0);
}

static u64 time_now(void)
{
	return timer_physical ? read_sysreg(cntpct_el0) : counter();
}

static void set_cval(u64 v)
{
	if (timer_physical) {
		write_sysreg(cntp_cval_el0, v);
	} else {
		write_sysreg(cntv_cval_el0, v);
	}
}

static void set_tval(u64 v)
{
	if (timer_physical) {
		write_sysreg(cntp_tval_el0, v);
	} else {
		write_sysreg(cntv_tval_el0, v);
	}
}

static volatile u64 timer_came;

static void count_timer(u32 irq)
{
	if (irq == timer_ppi) {
		timer_came = time_now();
		if (!timer_keep || irq_counts[irq] >= 2) {
			set_ctl(ENABLE | IMASK);
		}
	}
	irq_count(irq);
}

static void start(u64 us)
{
	irq_reset();
	trap_set_irq(count_timer);
	set_cval(time_now() + counter_ticks(us));
	set_ctl(ENABLE);
}

static void test_one(const char *name)
{
	u64 before;

	timer_keep = false;
	gic_enable(timer_ppi);
	set_ctl(0);
	CHECK_EQ(get_ctl(), 0, "%s: off", name);
	before = time_now();
	start(50000);
	CHECK_EQ(get_ctl(), ENABLE, "%s: running", name);
	CHECK(irq_wait(timer_ppi, 1, 2000), "%s: it comes", name);
	CHECK(timer_came - before >= counter_ticks(50000), "%s: not early", name);
	CHECK(timer_came - before < counter_ticks(1000000), "%s: not a second late", name);
	CHECK_EQ(get_ctl(), ENABLE | IMASK | ISTATUS, "%s: its condition is met", name);
	delay_us(3000);
	irq_wait(timer_ppi, 2, 10);
	CHECK_EQ(irq_counts[timer_ppi], 1, "%s: masked, it came once", name);

	irq_reset();
	trap_set_irq(count_timer);
	set_tval(counter_ticks(2000));
	set_ctl(ENABLE);
	CHECK(irq_wait_wfi(timer_ppi, 1, 2000), "%s: by TVAL, and WFI", name);

	start(50000);
	set_cval(time_now() + counter_ticks(10000000));
	CHECK(!irq_wait(timer_ppi, 1, 100), "%s: put off", name);
	CHECK_EQ(get_ctl() & ISTATUS, 0, "%s: its condition is not met", name);

	set_ctl(ENABLE | IMASK);
	set_cval(0);
	CHECK(!irq_wait(timer_ppi, 1, 10), "%s: past, but masked", name);
	set_ctl(ENABLE);
	CHECK(irq_wait(timer_ppi, 1, 2000), "%s: unmasked, it comes", name);

	gic_disable(timer_ppi);
	start(100);
	CHECK(!irq_wait(timer_ppi, 1, 20), "%s: its PPI is disabled", name);
	gic_enable(timer_ppi);
	CHECK(irq_wait(timer_ppi, 1, 2000), "%s: its PPI is enabled", name);
	set_ctl(0);
}

/* A level that stays is delivered again. */
static void test_level(const char *name)
{
	timer_keep = true;
	start(100);
	CHECK(irq_wait(timer_ppi, 3, 300), "%s: the level stays, it comes again", name);
	timer_keep = false;
	set_ctl(0);
}

static void test_many(const char *name)
{
	u32 came = 0;

	for (u32 i = 0; i < 50; i++) {
		start(200);
		came += irq_wait_wfi(timer_ppi, 1, 1000);
	}
	CHECK_EQ(came, 50, "%s: fifty times", name);
	set_ctl(0);
}

static void on_cpu(const char *name, bool physical, u32 ppi)
{
	timer_physical = physical;
	timer_ppi = ppi;
	test_one(name);
	test_level(name);
	test_many(name);
}

static u64 on_other(u64 unused)
{
	irq_disable();
	on_cpu("virtual timer of CPU 1", false, fdt_info.timer_irqs[2]);
	irq_enable();
	return 1;
}

void test_timers(void)
{
	u64 virtual;

	on_cpu("virtual timer", false, fdt_info.timer_irqs[2]);
	on_cpu("physical timer", true, fdt_info.timer_irqs[1]);
	virtual = counter();
	CHECK(read_sysreg(cntpct_el0) >= virtual, "CNTPCT is not behind CNTVCT");
	if (smp_count() > 1) {
		CHECK_EQ(smp_call(1, on_other, 0), 1, "CPU 1 has timers of its own");
	}
}
