/* SPDX-License-Identifier: GPL-2.0-only */
/* SMCCC: its own queries, numbers of nobody, and the registers that a call must keep. */
#include "guest/arm-basics/tests.h"
#include "guest/lib-arm64/psci.h"
#include "guest/lib/check.h"

static const u32 nobody[] = {
	0x84ffffff, /* a standard service */
	0x8600ffff, /* hypervisor */
	0xc6000000,
	0x82000000, /* SiP */
	0x83000000, /* OEM */
	0xb2000000, /* trusted OS */
	0xbf00ffff,
	0x80001234,
	0x04000000,
};

/* DEN 0028, 2.6: x4 to x17 keep their values in version 1.1. */
static u64 kept_registers(void)
{
	u64 wrong;

	__asm__ volatile(
		"mov x4, #4\n\tmov x5, #5\n\tmov x8, #8\n\tmov x12, #12\n\tmov x17, #17\n\t"
		"mov x18, #18\n\tmov w0, #0x84000000\n\thvc #0\n\t"
		"eor x0, x4, #4\n\tmov x1, #5\n\teor x1, x5, x1\n\torr x0, x0, x1\n\t"
		"eor x1, x8, #8\n\torr x0, x0, x1\n\teor x1, x12, #12\n\torr x0, x0, x1\n\t"
		"mov x2, #17\n\teor x1, x17, x2\n\torr x0, x0, x1\n\t"
		"mov x2, #18\n\teor x1, x18, x2\n\torr %0, x0, x1"
		: "=r"(wrong)
		:
		: "x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12",
		"x13", "x14", "x15", "x16", "x17", "x18", "memory");
	return wrong;
}

void test_smccc(void)
{
	CHECK((s32)smccc_hvc(SMCCC_VERSION, 0, 0, 0) >= (1 << 16 | 1), "SMCCC_VERSION");
	CHECK_EQ((s32)smccc_hvc(SMCCC_ARCH_FEATURES, SMCCC_ARCH_FEATURES, 0, 0), 0,
		"ARCH_FEATURES of itself");
	CHECK_EQ((s32)smccc_hvc(SMCCC_ARCH_FEATURES, 0x80001234, 0, 0), -1,
		"ARCH_FEATURES of nothing");
	CHECK((s32)smccc_hvc(SMCCC_ARCH_FEATURES, SMCCC_ARCH_WORKAROUND_1, 0, 0) >= -1,
		"ARCH_FEATURES of the first workaround");
	for (size_t i = 0; i < sizeof(nobody) / sizeof(nobody[0]); i++) {
		CHECK_EQ((s32)smccc_hvc(nobody[i], 1, 2, 3), -1, "HVC %#x", nobody[i]);
		CHECK_EQ((s32)smccc_smc(nobody[i], 1, 2, 3), -1, "SMC %#x", nobody[i]);
	}
	CHECK_EQ(kept_registers(), 0, "a call keeps x4 to x18");
}
