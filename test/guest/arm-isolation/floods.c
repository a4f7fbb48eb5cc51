/* SPDX-License-Identifier: GPL-2.0-only */
/* The same exit again and again, from several CPUs, while the first one watches the clock. */
#include "guest/arm-isolation/attacks.h"
#include "guest/lib-arm64/cpu.h"
#include "guest/lib-arm64/fdt.h"
#include "guest/lib-arm64/gic.h"
#include "guest/lib-arm64/psci.h"
#include "guest/lib-arm64/smp.h"
#include "guest/lib-arm64/trap.h"
#include "guest/lib/check.h"
#include "guest/lib/hypercall.h"
#include <xen/xen.h>

#define FLOOD_MS 300

static volatile u32 received;

static void receive(u32 irq)
{
	if (irq == fdt_info.timer_irqs[2]) {
		write_sysreg(cntv_ctl_el0, 2); /* or its level stays, for ever */
	}
	__atomic_add_fetch(&received, 1, __ATOMIC_RELAXED);
}

static u64 flood(u64 kind)
{
	u64 end = counter() + counter_ticks(FLOOD_MS * 1000), count = 0;

	while (counter() < end) {
		switch (kind) {
		case 0:
			smccc_smc(0x82001234, count, count, count);
			break;
		case 1:
			gic_send_others(5);
			break;
		case 2:
			TRY("ldr wzr, [%[a]]", [a] "r"(NOWHERE));
			break;
		case 3:
			TRY("mrs x10, S3_6_C1_C0_0");
			break;
		case 4:
			TRY("dc cisw, xzr");
			break;
		default:
			write_sysreg(cntv_tval_el0, 0);
			write_sysreg(cntv_ctl_el0, 1);
			break;
		}
		count++;
	}
	write_sysreg(cntv_ctl_el0, 0);
	return count;
}

static u64 open_irqs(u64 unused)
{
	gic_enable(5);
	irq_enable();
	return 0;
}

static void flood_all(u64 kind, const char *name)
{
	u32 cpus = smp_count();
	u64 least = flood(kind), count;

	CHECK(least > 0, "flood on one CPU: %s", name);
	for (u32 i = 1; i < cpus; i++) {
		smp_run(i, flood, kind);
	}
	flood(kind);
	for (u32 i = 1; i < cpus; i++) {
		CHECK(smp_wait(i, 20000, &count) && count > 0, "flood on all CPUs: %s, CPU %u",
			name, i);
	}
}

/* Calls with random numbers and arguments, but those that would end the test rightly. */
static void storm(void)
{
	static const u64 harmless = ~(BIT64(__HYPERVISOR_memory_op) | BIT64(__HYPERVISOR_sched_op) |
				      BIT64(__HYPERVISOR_console_io) | BIT64(__HYPERVISOR_sysctl) |
				      BIT64(__HYPERVISOR_domctl) | BIT64(__HYPERVISOR_platform_op) |
				      BIT64(__HYPERVISOR_multicall));
	static u64 scratch[512] __aligned(4096);
	u32 calls = 0;

	for (u32 i = 0; i < 20000; i++) {
		u64 r = attack_random(), nr = r & 63;

		if ((harmless >> nr & 1) == 0) {
			continue;
		}
		scratch[r >> 8 & 511] = attack_random();
		hypercall5(nr, r >> 16 & 31, r & BIT64(62) ? (u64)scratch : attack_random(),
			r >> 24 & 7, attack_random(), attack_random());
		calls++;
	}
	CHECK(calls > 10000, "random hypercalls");
}

void attack_floods(void)
{
	trap_set_irq(receive);
	for (u32 i = 1; i < smp_count(); i++) {
		smp_call(i, open_irqs, 0);
	}
	open_irqs(0);
	flood_all(0, "SMC");
	flood_all(1, "SGIs");
	flood_all(2, "aborts");
	flood_all(3, "undefined registers");
	flood_all(4, "cache operations by set and way");
	gic_enable(fdt_info.timer_irqs[2]);
	flood_all(5, "timer");
	gic_disable(fdt_info.timer_irqs[2]);
	CHECK(smp_count() < 2 || received > 0, "SGIs came");
	storm();
	irq_disable();
	trap_set_irq(NULL);
}
