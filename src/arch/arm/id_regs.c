/* SPDX-License-Identifier: GPL-2.0-only */
/* Which ID register fields guests see. Pure but for what id_regs_hw.c reads. */
#include "arch/arm/id_regs.h"

#include "lib/bits.h"
#include "lib/compiler.h"

u64 id_regs_host[ID_REGS];
static u64 guest[ID_REGS];

/* Field i of four bits. */
#define F(i) (0xfULL << (4 * (i)))

/* A field of a register that may pass, up to a value. */
struct id_rule {
	u8 index;
	u64 pass;  /* fields that are passed as they are */
	u64 limit; /* fields that pass up to the value here; of 15 alone: as they are */
};

#define ID(crm, op2) .index = ID_REG_INDEX(crm, op2)

/*
 * DDI 0487, D17.2 and G8.2. Not passed, among others: EL2, EL3, RAS, SVE, SME, MPAM, AMU, MTE,
 * pointer authentication (its keys are not switched), performance counters, trace, statistical
 * profiling, LORegions, nested virtualisation, 52-bit addresses.
 */
static const struct id_rule rules[] = {
	{ ID(1, 0), .pass = F(0) | F(1) | F(2) | F(3) | F(4) | F(6) }, /* ID_PFR0: DIT, CSV2 */
	{ ID(1, 1), .pass = F(0) | F(4) | F(7) },		       /* ID_PFR1: GIC */
	{ ID(1, 2), .pass = F(0) },				       /* ID_DFR0: CopDbg */
	{ ID(1, 4), .pass = ~0U },				       /* ID_MMFR0 */
	{ ID(1, 5), .pass = ~0U },				       /* ID_MMFR1 */
	{ ID(1, 6), .pass = ~0U },				       /* ID_MMFR2 */
	{ ID(1, 7), .pass = ~0U },				       /* ID_MMFR3 */
	{ ID(2, 0), .pass = ~0U },				       /* ID_ISAR0 */
	{ ID(2, 1), .pass = ~0U },				       /* ID_ISAR1 */
	{ ID(2, 2), .pass = ~0U },				       /* ID_ISAR2 */
	{ ID(2, 3), .pass = ~0U },				       /* ID_ISAR3 */
	{ ID(2, 4), .pass = ~0U },				       /* ID_ISAR4 */
	{ ID(2, 5), .pass = ~0U },				       /* ID_ISAR5 */
	{ ID(2, 6), .pass = F(0) | F(1) | F(2) | F(3) | F(4) | F(5) }, /* ID_MMFR4 */
	{ ID(2, 7), .pass = F(0) | F(1) | F(2) | F(3) | F(4) | F(5) | F(6) }, /* ID_ISAR6 */
	{ ID(3, 0), .pass = ~0U },					      /* MVFR0 */
	{ ID(3, 1), .pass = ~0U },					      /* MVFR1 */
	{ ID(3, 2), .pass = ~0U },					      /* MVFR2 */
	{ ID(3, 4), .pass = F(0) | F(1) },			/* ID_PFR2: CSV3, SSBS */
	{ ID(3, 6), .pass = F(0) },				/* ID_MMFR5: ETS */
	{ ID(4, 0),						/* ID_AA64PFR0 */
		.pass = F(0) | F(1) | F(4) | F(5) | F(6)	/* EL0, EL1, FP, AdvSIMD, GIC */
			| F(12) | F(15),			/* DIT, CSV3 */
		.limit = field_put(F(14), 1) },			/* CSV2: 2 has SCXTNUM_ELx */
	{ ID(4, 1), .pass = F(0) | F(1) },			/* ID_AA64PFR1: BT, SSBS */
	{ ID(5, 0), .pass = F(0) | F(3) | F(5) | F(7) | F(9) }, /* ID_AA64DFR0: debug, DoubleLock */
	{ ID(6, 0),						/* ID_AA64ISAR0: not TME */
		.pass = ~(F(0) | F(6)) },
	{ ID(6, 1), /* ID_AA64ISAR1: no PAuth, XS, LS64 */
		.pass = F(0) | F(3) | F(4) | F(5) | F(8) | F(9) | F(10) | F(11) | F(12) | F(13) },
	{ ID(7, 0), /* ID_AA64MMFR0 */
		.pass = F(1) | F(2) | F(4) | F(5) | F(6) | F(7) | F(11) },
	{ ID(7, 1), /* ID_AA64MMFR1 */
		.pass = F(0) | F(3) | F(5) | F(6) | F(9) | F(11) | F(12) },
	{ ID(7, 2), /* ID_AA64MMFR2 */
		.pass = F(0) | F(1) | F(2) | F(4) | F(5) | F(7) | F(8) | F(9) | F(12) | F(13) |
			F(15) },
};

#define PFR0_EL0 F(0)
#define PFR0_EL1 F(1)
#define PFR0_GIC F(6)
#define PFR1_GIC F(7)
#define MMFR0_PA F(0)
#define MMFR0_TGRAN4 F(7)
#define TGRAN4_NONE 0xf

static u64 filtered(const struct id_rule *r, u64 host)
{
	u64 value = host & r->pass;

	for (unsigned int i = 0; i < 16; i++) {
		u64 most = field_get(F(i), r->limit);

		if (most != 0) {
			value |= field_put(F(i), MIN(most, field_get(F(i), host)));
		}
	}
	return value;
}

static u64 pa_range(unsigned int pa_bits)
{
	static const u8 sizes[] = { 32, 36, 40, 42, 44, 48 };
	u64 i = ARRAY_SIZE(sizes) - 1;

	while (i > 0 && sizes[i] > pa_bits) {
		i--;
	}
	return i;
}

void id_regs_filter(unsigned int pa_bits)
{
	u64 *mmfr0 = &guest[ID_REG_INDEX(7, 0)];

	for (unsigned int i = 0; i < ARRAY_SIZE(rules); i++) {
		guest[rules[i].index] = filtered(&rules[i], id_regs_host[rules[i].index]);
	}
	*mmfr0 = field_set(*mmfr0, MMFR0_PA, pa_range(pa_bits));
	if (field_get(MMFR0_TGRAN4, *mmfr0) != TGRAN4_NONE) {
		*mmfr0 = field_set(*mmfr0, MMFR0_TGRAN4, 0); /* 1: with 52 bits */
	}
}

u64 id_regs_guest(unsigned int index, bool gic)
{
	u64 value = guest[index];

	if (!gic && index == ID_REG_INDEX(4, 0)) {
		value &= ~PFR0_GIC;
	}
	if (!gic && index == ID_REG_INDEX(1, 1)) {
		value &= ~PFR1_GIC;
	}
	return value;
}
