/* SPDX-License-Identifier: GPL-2.0-only */
/* CPUs that cannot go on: started in nothing, without a stack. */
#include "guest/arm-isolation/attacks.h"
#include "guest/lib-arm64/cpu.h"
#include "guest/lib-arm64/fdt.h"
#include "guest/lib-arm64/psci.h"
#include "guest/lib-arm64/smp.h"
#include "guest/lib/check.h"

/* Every exception faults again, for ever. */
static u64 lose_stack(u64 address)
{
	__asm__ volatile("mov sp, %0\n\tsub sp, sp, #64\n\tstr xzr, [sp]" : : "r"(address));
	return 0;
}

static void check_alive(const char *after)
{
	u64 before = counter();

	delay_us(300000);
	CHECK(counter() - before < counter_ticks(5000000), "the first CPU goes on: %s", after);
}

void attack_cpus(void)
{
	if (smp_count() < 3) {
		check_skip("fewer than three CPUs", "CPUs that are lost");
		return;
	}
	CHECK(smp_stop(2), "CPU 2 goes down");
	CHECK_EQ(smccc_hvc(PSCI_CPU_ON, fdt_info.mpidr[2], NOWHERE, 0), PSCI_SUCCESS,
		"CPU 2 starts in nowhere");
	check_alive("a CPU in nowhere");
	smp_run(1, lose_stack, NOWHERE);
	check_alive("a CPU without a stack");
	CHECK_EQ(smccc_hvc(PSCI_AFFINITY_INFO, fdt_info.mpidr[1], 0, 0), 0, "CPU 1 is still on");
	CHECK_EQ(smccc_hvc(PSCI_AFFINITY_INFO, fdt_info.mpidr[2], 0, 0), 0, "CPU 2 is still on");
}
