/* SPDX-License-Identifier: GPL-2.0-only */
/* What exits of Arm guests do to registers: syndromes, injected exceptions, system registers. */
#include <string.h>

#include "arch/arm/exit.h"
#include "arch/arm/id_regs.h"
#include "arch/arm/inject.h"
#include "arch/arm/s2_machine.h"
#include "arch/arm/sysreg_table.h"
#include "arch/arm/vcpu.h"
#include "arch/arm/vgic/vgic.h"
#include "arch/arm/vtimer.h"
#include "unit/harness.h"

/* --- what the table leads to --- */

static u32 vgic_reg, vtimer_reg;
static u8 vgic_version = 3;

bool vgic_sysreg(struct vcpu *v, u32 reg, bool write, u64 *value)
{
	vgic_reg = reg;
	return true;
}

bool vtimer_sysreg(struct vcpu *v, u32 reg, bool write, u64 *value)
{
	vtimer_reg = reg;
	*value = write ? *value : 0x1234;
	return true;
}

void vgic_get_layout(const struct domain *d, struct vgic_layout *out)
{
	*out = (struct vgic_layout){ .version = vgic_version };
}

/* --- syndromes --- */

UNIT_TEST(esr_hvc, "HVC alone has its PC behind it, from both states")
{
	for (unsigned int class = 0; class < ESR_CLASSES; class ++) {
		CHECK_EQ(
			esr_is_hvc(class << 26 | ESR_IL), class == ESR_HVC32 || class == ESR_HVC64);
	}
	CHECK_EQ(esr_insn_len(ESR_IL), 4);
	CHECK_EQ(esr_insn_len(~ESR_IL), 2);
}

UNIT_TEST(esr_sysreg, "a register's name is what the syndrome has of it")
{
	/* mrs x7, id_aa64mmfr1_el1 */
	CHECK_EQ(SYSREG_OF(0x623200ef), SYSREG(3, 0, 0, 7, 1));
	CHECK_EQ(esr_class(0x623200ef), ESR_SYSREG);
	CHECK_EQ(SYSREG_OF(0xffffffff), SYSREG(3, 7, 15, 15, 7));
	CHECK_EQ(SYSREG_OF(ESR_SYSREG_READ | ESR_SYSREG_RT | ESR_IL), 0);
	CHECK_EQ(CP_OF(0xffffffff), CP(7, 15, 15, 7));
	CHECK_EQ(CP_64_OF(0xffffffff), CP_64(15, 15));
	CHECK_EQ(CP_64_OF(ESR_CP_64_RT2 | ESR_SYSREG_RT | 1), 0);
}

UNIT_TEST(esr_faults, "faults of stage 2 are told from the machine's")
{
	CHECK(esr_is_s2_fault(FSC_TRANSLATION | 3));
	CHECK(esr_is_s2_fault(FSC_PERMISSION | 1));
	CHECK(!esr_is_s2_fault(FSC_EXTERNAL));
	CHECK(!esr_is_s2_fault(0x21)); /* alignment */
	CHECK(!esr_is_s2_fault(0x30)); /* TLB conflict */
}

/* --- exceptions of AArch64 --- */

#define VBAR 0xffff800008010800ULL
#define PC 0xffff800008123454ULL
#define NZCV 0xa0000000ULL

static struct arm_regs regs;
static struct arm_context context;

static void take_a64(u64 pstate, u64 sctlr, const struct vm_exit *e)
{
	memset(&context, 0, sizeof(context));
	regs = (struct arm_regs){ .pc = PC, .pstate = pstate };
	context.vbar = VBAR;
	context.sctlr = sctlr;
	context.far = 0x77;
	inject_a64(&regs, &context, e);
	CHECK_EQ(context.elr_el1, PC);
	CHECK_EQ(context.spsr_el1, pstate);
}

#define SCTLR_SPAN_ BIT64(23)

UNIT_TEST(inject_undefined64, "UNDEFINED goes to the vector of where it came from")
{
	static const struct {
		u64 pstate, vector;
	} from[] = { { 0x5, 0x200 }, { 0x4, 0x000 }, { 0x0, 0x400 }, { 0x10, 0x600 },
		{ 0x30, 0x600 } };
	struct vm_exit e = { .esr = 0x62000000, .inject = INJECT_UNDEFINED, .far = 1 };

	for (unsigned int i = 0; i < ARRAY_SIZE(from); i++) {
		take_a64(from[i].pstate | NZCV, SCTLR_SPAN_, &e);
		CHECK_EQ(regs.pc, VBAR + from[i].vector);
		CHECK_EQ(regs.pstate, 0x3c5 | NZCV);
		CHECK_EQ(context.esr, 0x02000000);
		CHECK_EQ(context.far, 0x77);
	}
}

UNIT_TEST(inject_abort64, "aborts name their address, direction and level of exception")
{
	struct vm_exit e = { .esr = 0x93c08046, .inject = INJECT_DATA_ABORT, .far = 0x1234 };

	take_a64(0x5, SCTLR_SPAN_, &e);
	CHECK_EQ(context.esr, 0x96000050); /* same level, write, external */
	CHECK_EQ(context.far, 0x1234);
	e.esr = 0x91c08006; /* a read, 16-bit instruction */
	take_a64(0x30, SCTLR_SPAN_, &e);
	CHECK_EQ(context.esr, 0x90000010);
	e = (struct vm_exit){ .esr = 0x82000006, .inject = INJECT_FETCH_ABORT, .far = PC };
	take_a64(0x0, SCTLR_SPAN_, &e);
	CHECK_EQ(context.esr, 0x82000010);
	take_a64(0x5, SCTLR_SPAN_, &e);
	CHECK_EQ(context.esr, 0x86000010);
	CHECK_EQ(context.far, PC);
}

UNIT_TEST(inject_pstate64, "PAN and SSBS follow SCTLR, single stepping ends, flags stay")
{
	struct vm_exit e = { .inject = INJECT_UNDEFINED };

	take_a64(0x0, 0, &e);
	CHECK_EQ(regs.pstate, 0x3c5 | BIT64(22));
	take_a64(BIT64(22), SCTLR_SPAN_, &e);
	CHECK_EQ(regs.pstate, 0x3c5 | BIT64(22));
	take_a64(PSTATE_SS | BIT64(23) | BIT64(20) | BIT64(12) | 0xc00, SCTLR_SPAN_, &e);
	CHECK_EQ(regs.pstate, 0x3c5);
	take_a64(0, SCTLR_SPAN_ | BIT64(44), &e);
	CHECK_EQ(regs.pstate, 0x3c5 | BIT64(12));
}

/* --- AArch32 --- */

static void take_a32(u64 pstate, u64 sctlr, u64 ttbcr, const struct vm_exit *e)
{
	memset(&context, 0, sizeof(context));
	memset(&regs, 0, sizeof(regs));
	regs.pc = 0xc0001000;
	regs.pstate = pstate;
	context = (struct arm_context){ .vbar = 0x8000, .sctlr = sctlr, .tcr = ttbcr };
	context.far = 0x1111111122222222;
	inject_a32(&regs, &context, e);
}

UNIT_TEST(
	inject_undefined32, "AArch32: UNDEFINED goes to that mode, with LR behind the instruction")
{
	struct vm_exit e = { .inject = INJECT_UNDEFINED };

	take_a32(0x60000013, 0, 0, &e);
	CHECK_EQ(regs.pc, 0x8004);
	CHECK_EQ(regs.pstate, 0x6000009b);
	CHECK_EQ(regs.x[22], 0xc0001004);
	CHECK_EQ(context.spsr_und, 0x60000013);
	/* Thumb in an IT block; the handler is T32, big-endian, at the high vectors. */
	take_a32(0x0600fe30, BIT64(13) | BIT64(25) | BIT64(30), 0, &e);
	CHECK_EQ(regs.pc, 0xffff0004);
	CHECK_EQ(regs.pstate, 0x2bb);
	CHECK_EQ(regs.x[22], 0xc0001002);
}

UNIT_TEST(inject_abort32, "AArch32: fault status in both formats, addresses in their halves")
{
	struct vm_exit e = { .esr = 0x93c08046, .inject = INJECT_DATA_ABORT, .far = 0x9000 };

	take_a32(0x13, 0, 0, &e);
	CHECK_EQ(regs.pc, 0x8010);
	CHECK_EQ(regs.pstate, 0x197);
	CHECK_EQ(regs.x[20], 0xc0001008);
	CHECK_EQ(context.esr, 0x808);
	CHECK_EQ(context.far, 0x1111111100009000);
	take_a32(0x13, 0, BIT64(31), &e);
	CHECK_EQ(context.esr, 0xa10);
	e.inject = INJECT_FETCH_ABORT;
	take_a32(0x13, 0, BIT64(31), &e);
	CHECK_EQ(regs.pc, 0x800c);
	CHECK_EQ(regs.x[20], 0xc0001004);
	CHECK_EQ(context.ifsr32, 0x210);
	CHECK_EQ(context.far, 0x0000900022222222);
	CHECK_EQ(context.spsr_abt, 0x13);
}

/* ConditionHolds() of the manual, F1.3, word by word. */
static bool condition(unsigned int cond, unsigned int nzcv)
{
	bool n = nzcv & 8, z = nzcv & 4, c = nzcv & 2, o = nzcv & 1, holds = true;

	switch (cond >> 1) {
	case 0:
		holds = z;
		break;
	case 1:
		holds = c;
		break;
	case 2:
		holds = n;
		break;
	case 3:
		holds = o;
		break;
	case 4:
		holds = c && !z;
		break;
	case 5:
		holds = n == o;
		break;
	case 6:
		holds = n == o && !z;
		break;
	default:
		break;
	}
	return (cond & 1) && cond != 15 ? !holds : holds;
}

UNIT_TEST(conditions, "an instruction whose condition fails is told from one that passes")
{
	for (unsigned int cond = 0; cond < 16; cond++) {
		for (unsigned int nzcv = 0; nzcv < 16; nzcv++) {
			u64 pstate = (u64)nzcv << 28 | 0x13;
			u32 esr = ESR_CV | cond << 20;
			/* IT of one instruction: the condition, and the mark of the last. */
			unsigned int it = cond << 4 | 8;
			u64 block = pstate | 0x20 | (u64)(it >> 2) << 10 | (u64)(it & 3) << 25;

			CHECK_EQ(inject_condition_holds(esr, pstate), condition(cond, nzcv));
			CHECK_EQ(inject_condition_holds(0, block), condition(cond, nzcv));
		}
	}
	CHECK(inject_condition_holds(0, 0x33));
}

static u64 it_pstate(unsigned int it)
{
	return 0x33 | (u64)(it >> 2) << 10 | (u64)(it & 3) << 25;
}

UNIT_TEST(step_over, "an emulated instruction ends single steps, and moves an IT block on")
{
	CHECK_EQ(inject_step_over(0x5 | PSTATE_SS | 0xc00 | NZCV), 0x5 | NZCV);
	CHECK_EQ(inject_step_over(it_pstate(0x05)), it_pstate(0x0a)); /* ITTE … */
	CHECK_EQ(inject_step_over(it_pstate(0x0a)), it_pstate(0x14));
	CHECK_EQ(inject_step_over(it_pstate(0x14)), it_pstate(0x08));
	CHECK_EQ(inject_step_over(it_pstate(0x18)), it_pstate(0));
	CHECK_EQ(inject_step_over(0x33), 0x33);
}

UNIT_TEST(banked, "general registers of AArch32's modes")
{
	static const struct {
		u8 mode, n, x;
	} map[] = { { 0x10, 13, 13 }, { 0x1f, 14, 14 }, { 0x12, 14, 16 }, { 0x12, 13, 17 },
		{ 0x13, 14, 18 }, { 0x13, 13, 19 }, { 0x17, 14, 20 }, { 0x17, 13, 21 },
		{ 0x1b, 14, 22 }, { 0x1b, 13, 23 }, { 0x11, 8, 24 }, { 0x11, 12, 28 },
		{ 0x11, 13, 29 }, { 0x11, 14, 30 }, { 0x11, 7, 7 }, { 0x13, 12, 12 } };

	for (unsigned int i = 0; i < ARRAY_SIZE(map); i++) {
		CHECK_EQ(inject_a32_gpr(map[i].mode, map[i].n), map[i].x);
	}
	for (unsigned int mode = 0; mode < 32; mode++) {
		CHECK(inject_a32_gpr(mode, 14) < 31);
	}
}

/* --- system registers --- */

static struct arch_domain arch_domain;
static struct domain domain = { .arch = &arch_domain };
static struct arch_vcpu arch_vcpu;
static struct vcpu vcpu = { .domain = &domain, .arch = &arch_vcpu };

static bool access_as(u64 pstate, u32 reg, bool write, u64 *value)
{
	arch_vcpu.regs.pstate = pstate;
	*value = write ? *value : 0;
	return sysreg_access(&vcpu, reg, write, value);
}

UNIT_TEST(sysreg_sorted, "the table is sorted, and names each register once")
{
	CHECK(sysreg_count > 30);
	for (unsigned int i = 1; i < sysreg_count; i++) {
		CHECK(sysreg_table[i - 1].reg < sysreg_table[i].reg);
	}
}

UNIT_TEST(sysreg_found, "every line is found, no user may, nothing else is there")
{
	unsigned int here = 0;

	for (unsigned int i = 0; i < sysreg_count; i++) {
		u64 value = 0;
		bool read = access_as(5, sysreg_table[i].reg, false, &value);
		bool write = access_as(5, sysreg_table[i].reg, true, &value);

		CHECK(read || write);
		if (sysreg_table[i].fn != vgic_sysreg && sysreg_table[i].fn != vtimer_sysreg) {
			CHECK(!access_as(0, sysreg_table[i].reg, false, &value));
			CHECK(!access_as(0, sysreg_table[i].reg, true, &value));
		}
	}
	for (u32 reg = 0; reg < 1U << 22; reg += 2) {
		u64 value = 0;

		here += (reg & ~0x3ffc1eU) == 0 && access_as(5, reg, false, &value);
	}
	/* The table's readable ones, 64 breakpoints, 64 counters, 56 ID registers. */
	CHECK_EQ(here, sysreg_count - 4 + 64 + 64 + 56);
}

UNIT_TEST(sysreg_values, "who answers, and what")
{
	u64 value = 7;

	CHECK(access_as(5, SYSREG(2, 0, 1, 1, 4), false, &value)); /* OSLSR_EL1 */
	CHECK_EQ(value, 8);
	CHECK(!access_as(5, SYSREG(2, 0, 1, 1, 4), true, &value));
	CHECK(!access_as(5, SYSREG(2, 0, 1, 0, 4), false, &value)); /* OSLAR_EL1 */
	CHECK(access_as(5, SYSREG(3, 0, 12, 11, 5), true, &value));
	CHECK_EQ(vgic_reg, SYSREG(3, 0, 12, 11, 5));
	CHECK(access_as(0, SYSREG(3, 3, 14, 2, 1), false, &value));
	CHECK_EQ(vtimer_reg, SYSREG(3, 3, 14, 2, 1));
	CHECK_EQ(value, 0x1234);
	CHECK(!access_as(5, SYSREG(3, 0, 0, 4, 0), true, &value));   /* ID registers: read-only */
	CHECK(!access_as(5, SYSREG(3, 0, 5, 3, 0), false, &value));  /* ERRIDR_EL1 */
	CHECK(!access_as(5, SYSREG(3, 3, 13, 2, 0), false, &value)); /* AMCR_EL0 */
}

UNIT_TEST(sysreg_set_way, "set and way operations are tolerated, and mentioned once")
{
	u64 value = 0;

	arch_domain.set_way_seen = false;
	CHECK(access_as(5, SYSREG(1, 0, 7, 14, 2), true, &value));
	CHECK(arch_domain.set_way_seen);
	CHECK(!access_as(0, SYSREG(1, 0, 7, 14, 2), true, &value));
}

UNIT_TEST(cp15, "AArch32 reaches the same registers by its names")
{
	u64 value = 0;

	arch_vcpu.regs.pstate = 0x13;
	CHECK(sysreg_cp15(&vcpu, CP(0, 14, 2, 1), false, &value)); /* CNTP_CTL */
	CHECK_EQ(vtimer_reg, SYSREG(3, 3, 14, 2, 1));
	CHECK(sysreg_cp15_64(&vcpu, CP_64(2, 14), true, &value)); /* CNTP_CVAL */
	CHECK_EQ(vtimer_reg, SYSREG(3, 3, 14, 2, 2));
	CHECK(sysreg_cp15_64(&vcpu, CP_64(0, 12), true, &value)); /* ICC_SGI1R */
	CHECK_EQ(vgic_reg, SYSREG(3, 0, 12, 11, 5));
	CHECK(sysreg_cp15(&vcpu, CP(0, 7, 14, 2), true, &value));  /* DCCISW */
	CHECK(sysreg_cp15(&vcpu, CP(0, 9, 12, 0), true, &value));  /* PMCR */
	CHECK(!sysreg_cp15(&vcpu, CP(0, 0, 1, 0), true, &value));  /* ID_PFR0 */
	CHECK(!sysreg_cp15(&vcpu, CP(1, 9, 0, 2), false, &value)); /* L2CTLR */
	CHECK(!sysreg_cp15_64(&vcpu, CP_64(7, 7), true, &value));
	CHECK(sysreg_cp14(&vcpu, CP(0, 0, 0, 0), false, &value)); /* DBGDIDR */
	CHECK_EQ(value, 0x11060000);
	CHECK(!sysreg_cp14(&vcpu, CP(1, 0, 0, 0), false, &value)); /* trace */
	arch_vcpu.regs.pstate = 0x10;
	CHECK(!sysreg_cp14(&vcpu, CP(0, 0, 0, 0), false, &value));
	CHECK(!sysreg_cp15(&vcpu, CP(0, 9, 12, 0), true, &value));
}

/* --- ID registers --- */

static u64 id(unsigned int crm, unsigned int op2)
{
	u64 value = 0;

	CHECK(access_as(5, SYSREG(3, 0, 0, crm, op2), false, &value));
	return value;
}

UNIT_TEST(id_filter, "guests see no feature that is not switched for them")
{
	memset(id_regs_host, 0x11, sizeof(id_regs_host));
	id_regs_host[ID_REG_INDEX(4, 0)] = 0x2222222222222222;
	id_regs_host[ID_REG_INDEX(7, 0)] = 0x1111111111111115;
	id_regs_filter(40);
	/* CSV3, CSV2 up to 1, DIT; GIC, AdvSIMD, FP; EL1, EL0. */
	CHECK_EQ(id(4, 0), 0x2102000002220022);
	CHECK_EQ(id(4, 1), 0x0000000000000011);
	CHECK_EQ(id(4, 4), 0); /* SVE */
	CHECK_EQ(id(4, 5), 0); /* SME */
	CHECK_EQ(id(5, 0), 0x0000001010101001);
	CHECK_EQ(id(5, 1), 0);
	CHECK_EQ(id(6, 0), 0x1111111110111110);
	CHECK_EQ(id(6, 1), 0x0011111100111001);
	CHECK_EQ(id(6, 2), 0);
	CHECK_EQ(id(7, 0), 0x0000100001110112);
	CHECK_EQ(id(7, 3), 0);
	vgic_version = 2;
	CHECK_EQ(id(4, 0), 0x2102000000220022);
	vgic_version = 3;
}

UNIT_TEST(id_less, "nothing is there that the CPU does not have")
{
	memset(id_regs_host, 0, sizeof(id_regs_host));
	id_regs_host[ID_REG_INDEX(7, 0)] = 0xf0000000;
	id_regs_filter(48);
	for (unsigned int i = 0; i < ID_REGS; i++) {
		CHECK_EQ(id_regs_guest(i, true), i == ID_REG_INDEX(7, 0) ? 0xf0000005 : 0);
	}
}

/* --- stage 2 --- */

UNIT_TEST(s2_shapes, "levels, root and VTCR_EL2 for each size of address")
{
	static const struct {
		u8 bits, vmid, levels, order;
		u32 vtcr;
	} want[] = {
		{ 32, 8, 3, 0, 0x80003560 },
		{ 36, 8, 3, 0, 0x8001355c },
		{ 40, 8, 3, 1, 0x80023558 },
		{ 42, 8, 3, 3, 0x80033556 },
		{ 44, 8, 4, 0, 0x80043594 },
		{ 48, 16, 4, 0, 0x800d3590 },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(want); i++) {
		struct s2_machine m = s2_machine(want[i].bits, want[i].vmid);

		CHECK_EQ(m.levels, want[i].levels);
		CHECK_EQ(m.root_order, want[i].order);
		CHECK_EQ(m.vtcr, want[i].vtcr);
	}
}
