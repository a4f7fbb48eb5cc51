/* SPDX-License-Identifier: GPL-2.0-only */
/* The order of the tests. */
#include "tests.h"

#include "guest/lib/start.h"

bool has_feature(u32 leaf, char reg, unsigned int bit)
{
	struct cpuid_regs r = { 0 };

	if (cpuid(leaf & 0x80000000, 0).eax >= leaf) {
		r = cpuid(leaf, 0);
	}
	switch (reg) {
	case 'a':
		return r.eax >> bit & 1;
	case 'b':
		return r.ebx >> bit & 1;
	case 'c':
		return r.ecx >> bit & 1;
	default:
		return r.edx >> bit & 1;
	}
}

void guest_main(void)
{
	test_hypervisor_leaves();
	test_features();
	test_topology();
	test_xsave();
	test_msrs();
	test_control_registers();
	test_debug_registers();
	test_instructions();
	test_user();
	test_umip();
	test_hypercall_page();
}
