/* SPDX-License-Identifier: GPL-2.0-only */
/* PSCI as DEN 0022 has it, by HVC and by SMC, and CPUs that go down and up. */
#include "guest/lib-arm64/psci.h"

#include "guest/arm-basics/tests.h"
#include "guest/lib-arm64/cpu.h"
#include "guest/lib-arm64/fdt.h"
#include "guest/lib-arm64/smp.h"
#include "guest/lib/check.h"

#define NO_CPU 0xff00000fULL

static void test_features(void)
{
	static const struct {
		u32 function;
		s32 answer;
	} features[] = {
		{ PSCI_VERSION, 0 },
		{ PSCI_CPU_OFF, 0 },
		{ PSCI_CPU_ON, 0 },
		{ PSCI_CPU_ON32, 0 },
		{ PSCI_CPU_SUSPEND, 0 },
		{ PSCI_AFFINITY_INFO, 0 },
		{ PSCI_SYSTEM_OFF, 0 },
		{ PSCI_SYSTEM_RESET, 0 },
		{ PSCI_FEATURES, 0 },
		{ PSCI_MIGRATE_INFO_TYPE, 0 },
		{ SMCCC_VERSION, 0 },
		{ 0x8400001f, PSCI_NOT_SUPPORTED },
		{ 0, PSCI_NOT_SUPPORTED },
		{ 0xffffffff, PSCI_NOT_SUPPORTED },
	};

	for (size_t i = 0; i < sizeof(features) / sizeof(features[0]); i++) {
		CHECK_EQ((s32)smccc_hvc(PSCI_FEATURES, features[i].function, 0, 0),
			features[i].answer, "PSCI_FEATURES of %#x", features[i].function);
	}
}

static void test_errors(void)
{
	u64 self = read_sysreg(mpidr_el1) & 0xff00ffffff;
	u64 entry = (u64)&test_psci;

	CHECK_EQ(smccc_hvc(PSCI_CPU_ON, self, entry, 0), PSCI_ALREADY_ON, "CPU_ON of itself");
	CHECK_EQ(smccc_hvc(PSCI_CPU_ON, NO_CPU, entry, 0), PSCI_INVALID_PARAMETERS,
		"CPU_ON of no CPU");
	CHECK_EQ(smccc_hvc(PSCI_AFFINITY_INFO, self, 0, 0), 0, "AFFINITY_INFO of itself: on");
	CHECK_EQ(smccc_hvc(PSCI_AFFINITY_INFO, NO_CPU, 0, 0), PSCI_INVALID_PARAMETERS,
		"AFFINITY_INFO of no CPU");
	CHECK_EQ((s32)smccc_hvc(0x8400001e, 0, 0, 0), PSCI_NOT_SUPPORTED,
		"a function that does not exist");
	CHECK_EQ(smccc_hvc(0xc400001e, 0, 0, 0), PSCI_NOT_SUPPORTED,
		"a 64-bit function that does not exist");
}

static u64 get_one(u64 x)
{
	return x + 1;
}

static void test_cpus(void)
{
	if (smp_count() < 2) {
		check_skip("one CPU", "CPUs up and down");
		return;
	}
	CHECK_EQ(smccc_hvc(PSCI_AFFINITY_INFO, fdt_info.mpidr[1], 0, 0), 1,
		"AFFINITY_INFO of CPU 1: off");
	CHECK(smp_start(1), "CPU 1 comes up");
	CHECK_EQ(smccc_hvc(PSCI_AFFINITY_INFO, fdt_info.mpidr[1], 0, 0), 0,
		"AFFINITY_INFO of CPU 1: on");
	CHECK_EQ(smp_call(1, get_one, 41), 42, "CPU 1 works");
	CHECK_EQ(smp_power_on(1), PSCI_ALREADY_ON, "CPU_ON of CPU 1 that is on");
	for (u32 i = 0; i < 3; i++) {
		CHECK(smp_stop(1), "CPU 1 goes down, %u", i);
		CHECK(smp_start(1), "CPU 1 comes up again, %u", i);
	}
	CHECK_EQ(smp_call(1, get_one, 1), 2, "CPU 1 works again");
	CHECK(smp_stop(1), "CPU 1 goes down");
	CHECK(smp_start_all(), "all CPUs come up");
}

void test_psci(void)
{
	u32 version = (u32)smccc_hvc(PSCI_VERSION, 0, 0, 0);

	CHECK_EQ(version, 1 << 16 | 1, "PSCI_VERSION is 1.1");
	CHECK_EQ((u32)smccc_smc(PSCI_VERSION, 0, 0, 0), version, "PSCI_VERSION by SMC");
	CHECK_EQ((s32)smccc_hvc(PSCI_MIGRATE_INFO_TYPE, 0, 0, 0), 2, "MIGRATE_INFO_TYPE");
	test_features();
	test_errors();
	test_cpus();
}
