/* SPDX-License-Identifier: GPL-2.0-only */
/* MSRs: those that hold what is written, those that refuse values, those that do not exist. */
#include "tests.h"

#include "guest/lib/apic.h"
#include "guest/lib/start.h"

#define MSR_EFER 0xc0000080
#define EFER_SCE BIT64(0)
#define EFER_LME BIT64(8)
#define EFER_LMA BIT64(10)
#define EFER_NXE BIT64(11)
#define EFER_SVME BIT64(12)

static const struct {
	u32 msr;
	u64 value;
	const char *name;
} msr_writable[] = {
	{ 0x174, 0x1234, "SYSENTER_CS" },
	{ 0x175, 0xffff800000123456, "SYSENTER_ESP" },
	{ 0x176, 0x00007fffffffffff, "SYSENTER_EIP" },
	{ 0x277, 0x0001040600070106, "PAT" },
	{ 0xc0000081, 0x0023001000000000, "STAR" },
	{ 0xc0000082, 0xffff800000001000, "LSTAR" },
	{ 0xc0000083, 0xffff800000002000, "CSTAR" },
	{ 0xc0000084, 0x47700, "SFMASK" },
	{ 0xc0000100, 0x123456789abc, "FS_BASE" },
	{ 0xc0000101, 0xffff8123456789ab, "GS_BASE" },
	{ 0xc0000102, 0xffffffffffffffff, "KERNEL_GS_BASE" },
};

static const struct {
	u32 msr;
	u64 value;
	const char *name;
} msr_illegal[] = {
	{ 0x277, 0x0000000000000002, "PAT type 2" },
	{ 0x277, 0x0800000000000000, "PAT type 8" },
	{ 0xc0000082, 0x800000000000, "LSTAR, non-canonical" },
	{ 0xc0000083, 0x800000000000, "CSTAR, non-canonical" },
	{ 0xc0000100, 0x800000000000, "FS_BASE, non-canonical" },
	{ 0xc0000101, 0x1000000000000, "GS_BASE, non-canonical" },
	{ 0xc0000102, 0x8000000000000000, "KERNEL_GS_BASE, non-canonical" },
	{ 0x2ff, 0x2, "MTRR default type 2" },
	{ MSR_APIC_BASE, APIC_DEFAULT_BASE | APIC_BASE_X2, "APIC_BASE, x2APIC but not enabled" },
	{ MSR_APIC_BASE, ~0ULL, "APIC_BASE, all bits" },
	{ MSR_X2APIC + APIC_ID / 16, 1, "x2APIC ID" },
	{ MSR_X2APIC + APIC_EOI / 16, 1, "x2APIC EOI, not 0" },
	{ MSR_X2APIC + APIC_SVR / 16, BIT64(32), "x2APIC SVR, bit 32" },
};

static const struct {
	u32 msr;
	const char *name;
} msr_absent[] = {
	{ 0x480, "VMX_BASIC" },
	{ 0x490, "VMX_PROCBASED_CTLS3" },
	{ 0xc0010118, "SVM_KEY" },
	{ 0x150, "an unused number" },
	{ 0x1234, "an unused number" },
	{ 0x3fff, "an unused number" },
	{ 0xc0002fff, "an unused number" },
	{ 0x40000200, "a hypervisor number" },
	{ 0xffffffff, "the last number" },
	{ MSR_X2APIC + APIC_ICR2 / 16, "x2APIC ICR2" },
	{ MSR_X2APIC + 0x3ff, "x2APIC 0x3ff" },
	{ MSR_X2APIC + APIC_DFR / 16, "x2APIC DFR" },
};

static void msr_hold(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(msr_writable); i++) {
		u64 old = rdmsr(msr_writable[i].msr), got = 0;
		u32 fault = msr_write(msr_writable[i].msr, msr_writable[i].value);

		msr_read(msr_writable[i].msr, &got);
		msr_write(msr_writable[i].msr, old);
		CHECK_FAULT(fault, 0, "%s can be written", msr_writable[i].name);
		CHECK_EQ(got, msr_writable[i].value, "%s reads as written", msr_writable[i].name);
	}
}

static void msr_refuse(void)
{
	u64 value;

	for (size_t i = 0; i < ARRAY_SIZE(msr_illegal); i++) {
		u64 old = rdmsr(msr_illegal[i].msr);
		u32 fault = msr_write(msr_illegal[i].msr, msr_illegal[i].value);

		if (fault == 0) {
			msr_write(msr_illegal[i].msr, old);
		}
		CHECK_FAULT(fault, GP, "%s", msr_illegal[i].name);
	}
	for (size_t i = 0; i < ARRAY_SIZE(msr_absent); i++) {
		CHECK_FAULT(msr_read(msr_absent[i].msr, &value), GP, "MSR %#x, %s, read",
			msr_absent[i].msr, msr_absent[i].name);
		CHECK_FAULT(msr_write(msr_absent[i].msr, 0), GP, "MSR %#x, %s, write",
			msr_absent[i].msr, msr_absent[i].name);
	}
}

static void msr_efer(void)
{
	u64 efer = rdmsr(MSR_EFER);

	CHECK_EQ(efer, EFER_LME | EFER_LMA | EFER_NXE, "EFER as this guest set it");
	CHECK_FAULT(msr_write(MSR_EFER, efer | EFER_SCE), 0, "EFER.SCE can be set");
	CHECK_EQ(rdmsr(MSR_EFER), efer | EFER_SCE, "EFER.SCE reads as written");
	CHECK_FAULT(msr_write(MSR_EFER, efer & ~EFER_LME), GP, "EFER.LME off while paging");
	CHECK_FAULT(msr_write(MSR_EFER, efer | EFER_SVME), GP, "EFER.SVME");
	CHECK_FAULT(msr_write(MSR_EFER, efer | BIT64(1)), GP, "EFER bit 1");
	CHECK_FAULT(msr_write(MSR_EFER, efer | BIT64(63)), GP, "EFER bit 63");
	CHECK_FAULT(msr_write(MSR_EFER, efer), 0, "EFER back");
	CHECK_EQ(rdmsr(MSR_EFER), efer, "EFER at the end");
}

static void msr_apic_base(void)
{
	u64 base = rdmsr(MSR_APIC_BASE);

	CHECK_EQ(base, APIC_DEFAULT_BASE | APIC_BASE_ENABLED | APIC_BASE_X2 | APIC_BASE_BSP,
		"APIC_BASE in x2APIC mode");
	CHECK_FAULT(msr_write(MSR_APIC_BASE, base & ~APIC_BASE_X2), GP,
		"APIC_BASE, straight from x2APIC to xAPIC");
	CHECK_FAULT(msr_write(MSR_APIC_BASE, base & ~(APIC_BASE_X2 | APIC_BASE_ENABLED)), 0,
		"the APIC can be disabled");
	CHECK_EQ(has_feature(1, 'd', 9), 0, "CPUID has no APIC then");
	CHECK_FAULT(msr_write(MSR_APIC_BASE, base), GP, "APIC_BASE, from disabled to x2APIC");
	CHECK_FAULT(msr_write(MSR_APIC_BASE, base & ~APIC_BASE_X2), 0, "the APIC can be enabled");
	CHECK_EQ(has_feature(1, 'd', 9), 1, "CPUID has an APIC again");
	CHECK_FAULT(msr_write(MSR_APIC_BASE, base), 0, "x2APIC mode again");
}

static void msr_tsc(void)
{
	u64 before = rdtsc(), value = rdmsr(0x10), after = rdtsc();

	CHECK(before <= value && value <= after, "the TSC's MSR agrees with RDTSC");
	if (!HAS_RDTSCP) {
		check_skip("the CPU has no RDTSCP", "TSC_AUX");
		return;
	}
	CHECK_FAULT(msr_write(0xc0000103, 0x12345678), 0, "TSC_AUX can be written");
	CHECK_EQ(rdmsr(0xc0000103), 0x12345678, "TSC_AUX reads as written");
	__asm__ volatile("rdtscp" : "=c"(value) : : "rax", "rdx");
	CHECK_EQ(value, 0x12345678, "RDTSCP gives TSC_AUX");
}

void test_msrs(void)
{
	apic_enable(true);
	msr_hold();
	msr_refuse();
	msr_efer();
	msr_apic_base();
	msr_tsc();
}
