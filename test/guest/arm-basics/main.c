/* SPDX-License-Identifier: GPL-2.0-only */
/* What a kernel finds: its device tree, hypercalls, PSCI, SMCCC, system registers. */
#include "guest/arm-basics/tests.h"
#include "guest/lib-arm64/cpu.h"
#include "guest/lib-arm64/fdt.h"
#include "guest/lib-arm64/trap.h"
#include "guest/lib/check.h"
#include "guest/lib/print.h"
#include "guest/lib/start.h"

static void test_tree(void)
{
	CHECK(fdt_info.gic_version == 2 || fdt_info.gic_version == 3,
		"tree: a GIC of a known kind");
	CHECK(fdt_info.cpu_count >= 1, "tree: CPUs");
	CHECK_EQ(fdt_info.mpidr[0], read_sysreg(mpidr_el1) & 0xff00ffffff,
		"tree: the first CPU is the one that boots");
	CHECK(fdt_info.memory_size >= 16 << 20, "tree: memory");
	CHECK((u64)&test_tree >= fdt_info.memory &&
			(u64)&test_tree < fdt_info.memory + fdt_info.memory_size,
		"tree: the program is in the memory of the tree");
	CHECK_EQ(fdt_info.timer_irqs[2] >= 16 && fdt_info.timer_irqs[2] < 32, true,
		"tree: the virtual timer is a PPI");
	CHECK(fdt_info.uart != 0 || fdt_info.hypervisor, "tree: something to print on");
}

void guest_main(void)
{
	print("arm-basics: GICv%u, %u CPUs, memory %#llx + %#llx\n", fdt_info.gic_version,
		fdt_info.cpu_count, (unsigned long long)fdt_info.memory,
		(unsigned long long)fdt_info.memory_size);
	test_tree();
	test_hypercalls();
	test_psci();
	test_smccc();
	test_registers();
	test_caches();
}
