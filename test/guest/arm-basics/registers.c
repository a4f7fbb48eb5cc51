/* SPDX-License-Identifier: GPL-2.0-only */
/* System registers: what must be there, what must be undefined, what is nobody's business. */
#include "guest/arm-basics/tests.h"
#include "guest/lib-arm64/cpu.h"
#include "guest/lib-arm64/trap.h"
#include "guest/lib/check.h"

#define CHECK_UNDEFINED_READ(reg)                                                                  \
	do {                                                                                       \
		u64 v_;                                                                            \
                                                                                                   \
		CHECK_EQ(FAULT_CLASS(TRY_GET("mrs %[out], " #reg, &v_)), EC_UNKNOWN, "mrs " #reg); \
	} while (0)
#define CHECK_UNDEFINED_WRITE(reg) \
	CHECK_EQ(FAULT_CLASS(TRY("msr " #reg ", xzr")), EC_UNKNOWN, "msr " #reg)
#define CHECK_READ(reg)                                                      \
	do {                                                                 \
		u64 v_;                                                      \
                                                                             \
		CHECK_EQ(TRY_GET("mrs %[out], " #reg, &v_), 0, "mrs " #reg); \
	} while (0)
#define CHECK_ZERO(reg)                                                      \
	do {                                                                 \
		u64 v_;                                                      \
                                                                             \
		CHECK_EQ(TRY_GET("mrs %[out], " #reg, &v_), 0, "mrs " #reg); \
		CHECK_EQ(v_, 0, #reg " is 0");                               \
	} while (0)

/* Fields of ID registers, by position: Arm ARM D17.2. */
static u32 field(u64 reg, unsigned int low)
{
	return (u32)(reg >> low & 0xf);
}

static void test_id(void)
{
	u64 pfr0 = read_sysreg(id_aa64pfr0_el1), dfr0 = read_sysreg(id_aa64dfr0_el1);
	u64 mmfr0 = read_sysreg(id_aa64mmfr0_el1), isar1 = read_sysreg(id_aa64isar1_el1);

	CHECK_EQ(read_sysreg(currentel) >> 2, 1, "EL1");
	CHECK(field(pfr0, 0) != 0 && field(pfr0, 4) != 0, "PFR0: EL0 and EL1");
	CHECK_EQ(field(pfr0, 32), 0, "PFR0: no SVE");
	CHECK_EQ(field(pfr0, 44), 0, "PFR0: no activity monitors");
	CHECK_EQ(field(dfr0, 32), 0, "DFR0: no statistical profiling");
	CHECK_EQ(field(isar1, 4) | field(isar1, 8), 0, "ISAR1: no pointer authentication");
	CHECK_EQ(field(isar1, 24) | field(isar1, 28), 0, "ISAR1: no generic authentication");
	CHECK_EQ(field(mmfr0, 28), 0, "MMFR0: 4 KiB pages");
	CHECK((read_sysreg(mpidr_el1) & BIT64(31)) != 0, "MPIDR: bit 31");
	CHECK((read_sysreg(ctr_el0) & BIT64(31)) != 0, "CTR: bit 31");
	CHECK(read_sysreg(midr_el1) != 0, "MIDR");
	CHECK_READ(id_pfr0_el1);
	CHECK_READ(id_isar0_el1);
	CHECK_READ(id_mmfr0_el1);
	CHECK_READ(id_dfr0_el1);
	CHECK_READ(mvfr0_el1);
	CHECK_READ(id_aa64isar0_el1);
	CHECK_READ(id_aa64mmfr1_el1);
	CHECK_READ(id_aa64pfr1_el1);
	CHECK_READ(id_aa64dfr1_el1);
	CHECK_READ(revidr_el1);
	CHECK_READ(clidr_el1);
	/* Reserved places of the ID space read as zero. */
	CHECK_ZERO(S3_0_C0_C4_7);
	CHECK_ZERO(S3_0_C0_C5_7);
	CHECK_ZERO(S3_0_C0_C6_7);
	CHECK_ZERO(S3_0_C0_C7_7);
}

/* MDSCR_EL1.SS is what the hypervisor itself would use. */
static void test_debug(void)
{
	u64 v;

	CHECK_EQ(TRY_GET("mrs %[out], mdscr_el1", &v), 0, "mrs mdscr_el1");
	CHECK_EQ(TRY("msr mdscr_el1, xzr"), 0, "msr mdscr_el1");
	CHECK_EQ(TRY("msr oslar_el1, xzr"), 0, "msr oslar_el1");
	CHECK_EQ(TRY_GET("mrs %[out], oslsr_el1", &v), 0, "mrs oslsr_el1");
	CHECK_EQ(TRY("msr dbgbcr0_el1, xzr"), 0, "msr dbgbcr0_el1");
	CHECK_EQ(TRY("msr dbgwcr0_el1, xzr"), 0, "msr dbgwcr0_el1");
	CHECK_EQ(TRY_GET("mrs %[out], mdccsr_el0", &v), 0, "mrs mdccsr_el0");
}

/* The performance monitor counts nothing here, but kernels touch it. */
static void test_pmu(void)
{
	u64 v;

	CHECK_EQ(TRY("msr pmcr_el0, xzr"), 0, "msr pmcr_el0");
	CHECK_EQ(TRY("msr pmuserenr_el0, xzr"), 0, "msr pmuserenr_el0");
	CHECK_EQ(TRY("msr pmintenclr_el1, xzr"), 0, "msr pmintenclr_el1");
	CHECK_EQ(TRY("msr pmcntenclr_el0, xzr"), 0, "msr pmcntenclr_el0");
	CHECK_EQ(TRY("msr pmovsclr_el0, xzr"), 0, "msr pmovsclr_el0");
	CHECK_EQ(TRY_GET("mrs %[out], pmccntr_el0", &v), 0, "mrs pmccntr_el0");
}

static void test_undefined(void)
{
	CHECK_UNDEFINED_READ(hcr_el2);
	CHECK_UNDEFINED_READ(vttbr_el2);
	CHECK_UNDEFINED_READ(sctlr_el2);
	CHECK_UNDEFINED_WRITE(hcr_el2);
	CHECK_UNDEFINED_WRITE(vbar_el2);
	CHECK_UNDEFINED_READ(scr_el3);
	CHECK_UNDEFINED_READ(sctlr_el3);
	CHECK_UNDEFINED_READ(cnthctl_el2);
	CHECK_UNDEFINED_READ(S3_4_C12_C11_0); /* ICH_HCR_EL2 */
	CHECK_UNDEFINED_READ(S3_0_C1_C2_0);   /* ZCR_EL1 */
	CHECK_UNDEFINED_READ(S3_0_C2_C1_0);   /* APIAKEYLO_EL1 */
	CHECK_UNDEFINED_READ(S3_0_C9_C9_7);   /* PMSIDR_EL1 */
	CHECK_UNDEFINED_READ(S3_0_C9_C11_0);  /* TRBLIMITR_EL1 */
	CHECK_UNDEFINED_READ(S3_3_C13_C2_0);  /* AMCR_EL0 */
	CHECK_EQ(FAULT_CLASS(TRY(".inst 0x00000000")), EC_UNKNOWN, "udf #0");
	CHECK_EQ(FAULT_CLASS(TRY("tlbi alle2")), EC_UNKNOWN, "tlbi alle2");
	CHECK_EQ(FAULT_CLASS(TRY("at s12e1r, xzr")), EC_UNKNOWN, "at s12e1r");
}

/* What traps when EL2 says so, and must do what it says. */
static void test_own(void)
{
	u64 sctlr = read_sysreg(sctlr_el1);

	CHECK_EQ(TRY("msr sctlr_el1, %[v]", [v] "r"(sctlr)), 0, "msr sctlr_el1");
	write_sysreg(contextidr_el1, 0x1234);
	CHECK_EQ(read_sysreg(contextidr_el1), 0x1234, "contextidr_el1");
	write_sysreg(tpidr_el0, 0x1122334455667788);
	CHECK_EQ(read_sysreg(tpidr_el0), 0x1122334455667788, "tpidr_el0");
	write_sysreg(tpidrro_el0, 0x99);
	CHECK_EQ(read_sysreg(tpidrro_el0), 0x99, "tpidrro_el0");
	write_sysreg(cpacr_el1, 3 << 20);
	CHECK_EQ(TRY("fmov d0, xzr"), 0, "floating point");
	write_sysreg(cpacr_el1, 0);
	CHECK_EQ(TRY("isb"), 0, "isb");
	CHECK(read_sysreg(cntfrq_el0) > 0, "CNTFRQ");
	CHECK(counter() > 0, "CNTVCT");
	CHECK_EQ(TRY("msr csselr_el1, xzr"), 0, "msr csselr_el1");
	CHECK(read_sysreg(ccsidr_el1) != 0, "CCSIDR");
}

void test_registers(void)
{
	test_id();
	test_debug();
	test_pmu();
	test_undefined();
	test_own();
}
