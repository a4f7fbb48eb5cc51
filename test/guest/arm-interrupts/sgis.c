/* SPDX-License-Identifier: GPL-2.0-only */
/* Interrupts of one CPU to itself and to others. */
#include "guest/arm-interrupts/irq.h"
#include "guest/lib-arm64/cpu.h"
#include "guest/lib-arm64/fdt.h"
#include "guest/lib-arm64/gic.h"
#include "guest/lib-arm64/smp.h"
#include "guest/lib-arm64/trap.h"
#include "guest/lib/check.h"

static volatile u32 cpu_hits[CPU_MAX];

static void count_cpu(u32 irq)
{
	irq_count(irq);
	__atomic_add_fetch(&cpu_hits[cpu_index()], 1, __ATOMIC_SEQ_CST);
}

static u64 listen(u64 sgi)
{
	gic_enable((u32)sgi);
	irq_enable();
	return 0;
}

/* Sleeps until the count of its own hits is @want. */
static u64 sleep_until(u64 want)
{
	u64 end = counter() + counter_ticks(2000000);

	irq_disable();
	while (cpu_hits[cpu_index()] < want && counter() < end) {
		wfi();
		irq_enable();
		__asm__ volatile("isb");
		irq_disable();
	}
	irq_enable();
	return cpu_hits[cpu_index()];
}

static u64 answer(u64 sgi)
{
	gic_send((u32)sgi, 0);
	return 0;
}

static void test_self(void)
{
	irq_reset();
	for (u32 sgi = 0; sgi < 16; sgi++) {
		gic_enable(sgi);
		gic_send(sgi, 0);
		CHECK(irq_wait(sgi, 1, 1000), "SGI %u to itself", sgi);
	}
	delay_us(1000);
	for (u32 sgi = 0; sgi < 16; sgi++) {
		CHECK_EQ(irq_counts[sgi], 1, "SGI %u came once", sgi);
	}
	irq_reset();
	for (u32 i = 0; i < 1000; i++) {
		gic_send(3, 0);
		if (!irq_wait(3, i + 1, 1000)) {
			break;
		}
	}
	CHECK_EQ(irq_counts[3], 1000, "a thousand SGIs, one after the other");
	irq_reset();
	for (u32 i = 0; i < 100; i++) {
		gic_send(4, 0);
	}
	irq_wait(4, 1, 1000);
	CHECK_EQ(irq_counts[4], 1, "an SGI that is pending is not pending twice");
}

static void test_others(void)
{
	u32 cpus = smp_count();

	if (cpus < 2) {
		check_skip("one CPU", "SGIs to other CPUs");
		return;
	}
	irq_reset();
	trap_set_irq(count_cpu);
	for (u32 cpu = 1; cpu < cpus; cpu++) {
		smp_call(cpu, listen, 5);
		gic_send(5, cpu);
		CHECK(smp_wait_for(&cpu_hits[cpu], 1, 2000), "SGI to CPU %u", cpu);
	}
	gic_send_others(5);
	for (u32 cpu = 1; cpu < cpus; cpu++) {
		CHECK(smp_wait_for(&cpu_hits[cpu], 2, 2000), "SGI to all others: CPU %u", cpu);
	}
	CHECK_EQ(cpu_hits[0], 0, "SGI to all others: not to itself");
	for (u32 cpu = 1; cpu < cpus; cpu++) {
		smp_run(cpu, sleep_until, 3);
		delay_us(5000);
		gic_send(5, cpu);
		CHECK(smp_wait(cpu, 3000, NULL) && cpu_hits[cpu] == 3, "SGI wakes CPU %u from WFI",
			cpu);
	}
	gic_enable(6);
	smp_call(1, answer, 6);
	CHECK(irq_wait(6, 1, 2000), "SGI from CPU 1");
	if (fdt_info.gic_version == 2) {
		CHECK_EQ(irq_last_raw >> 10 & 7, 1, "SGI from CPU 1 names its sender");
	}
}

void test_sgis(void)
{
	test_self();
	test_others();
}
