/* SPDX-License-Identifier: GPL-2.0-only */
/* The virtual interrupt controller of either version, the timers, and the upcall of events. */
#include "guest/arm-interrupts/irq.h"
#include "guest/lib-arm64/cpu.h"
#include "guest/lib-arm64/fdt.h"
#include "guest/lib-arm64/smp.h"
#include "guest/lib-arm64/trap.h"
#include "guest/lib/check.h"
#include "guest/lib/print.h"
#include "guest/lib/start.h"

volatile u32 irq_counts[1024];
volatile u32 irq_last_raw;

void irq_count(u32 irq)
{
	irq_last_raw = irq;
	__atomic_add_fetch(&irq_counts[irq & 0x3ff], 1, __ATOMIC_SEQ_CST);
}

void irq_reset(void)
{
	for (size_t i = 0; i < sizeof(irq_counts) / sizeof(irq_counts[0]); i++) {
		irq_counts[i] = 0;
	}
	trap_set_irq(irq_count);
}

bool irq_wait(u32 irq, u32 count, unsigned int ms)
{
	bool came;

	irq_enable();
	came = smp_wait_for(&irq_counts[irq], count, ms);
	irq_disable();
	return came;
}

bool irq_wait_wfi(u32 irq, u32 count, unsigned int ms)
{
	u64 end = counter() + counter_ticks(ms * 1000ULL);

	while (irq_counts[irq] < count && counter() < end) {
		wfi();
		irq_enable();
		__asm__ volatile("isb");
		irq_disable();
	}
	return irq_counts[irq] >= count;
}

void guest_main(void)
{
	print("arm-interrupts: GICv%u, %u CPUs\n", fdt_info.gic_version, fdt_info.cpu_count);
	irq_reset();
	CHECK(smp_start_all(), "all CPUs come up");
	test_registers();
	test_sgis();
	test_flow();
	test_timers();
	test_events();
}
