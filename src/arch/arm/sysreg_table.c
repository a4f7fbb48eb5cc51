/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What each system register that exits does. Free of hardware. What a guest is not told of by its
 * ID registers is UNDEFINED, or tolerated where kernels touch it without asking: debug registers
 * and performance counters read as zero and ignore writes.
 */
#include "arch/arm/sysreg_table.h"

#include "arch/arm/esr.h"
#include "arch/arm/id_regs.h"
#include "arch/arm/inject.h"
#include "arch/arm/vcpu.h"
#include "arch/arm/vgic/vgic.h"
#include "arch/arm/vtimer.h"
#include "core/log.h"

/* OSLSR_EL1 (DDI 0487, D17.3.21): OS lock implemented, and not locked. */
#define OSLSR_UNLOCKED BIT64(3)

static bool is_user(const struct vcpu *v)
{
	u64 mode = v->arch->regs.pstate & PSTATE_MODE;

	return mode == 0 || mode == MODE_USR32;
}

/* Reads as zero, writes go nowhere. */
static bool ignore(struct vcpu *v, u32 reg, bool write, u64 *value)
{
	return !is_user(v);
}

static bool write_only(struct vcpu *v, u32 reg, bool write, u64 *value)
{
	return write && !is_user(v);
}

static bool read_only(struct vcpu *v, u32 reg, bool write, u64 *value)
{
	return !write && !is_user(v);
}

/* Cache maintenance by set and way reaches one CPU's cache alone, and means nothing to a guest that
 * does not know where it runs. Guests that need it are told so once. */
static bool set_way(struct vcpu *v, u32 reg, bool write, u64 *value)
{
	if (!v->domain->arch->set_way_seen) {
		v->domain->arch->set_way_seen = true;
		log_guest("d%u: cache maintenance by set and way does nothing", v->domain->id);
	}
	return write && !is_user(v);
}

/* By rising encoding: op0, op2, op1, CRn, CRm. */
const struct sysreg_entry sysreg_table[] = {
	{ SYSREG(1, 0, 7, 6, 2), set_way },		      /* DC ISW */
	{ SYSREG(1, 0, 7, 10, 2), set_way },		      /* DC CSW */
	{ SYSREG(1, 0, 7, 14, 2), set_way },		      /* DC CISW */
	{ SYSREG(2, 0, 0, 2, 0), ignore },		      /* MDCCINT_EL1 */
	{ SYSREG(2, 0, 1, 0, 0), read_only },		      /* MDRAR_EL1 */
	{ SYSREG(2, 3, 0, 1, 0), read_only },		      /* MDCCSR_EL0 */
	{ SYSREG(2, 3, 0, 4, 0), ignore },		      /* DBGDTR_EL0 */
	{ SYSREG(2, 3, 0, 5, 0), ignore },		      /* DBGDTRRX_EL0 */
	{ SYSREG(2, 0, 0, 0, 2), ignore },		      /* OSDTRRX_EL1 */
	{ SYSREG(2, 0, 0, 2, 2), ignore },		      /* MDSCR_EL1 */
	{ SYSREG(2, 0, 0, 3, 2), ignore },		      /* OSDTRTX_EL1 */
	{ SYSREG(2, 0, 0, 6, 2), ignore },		      /* OSECCR_EL1 */
	{ SYSREG(2, 0, 1, 0, 4), write_only },		      /* OSLAR_EL1 */
	{ SYSREG(2, 0, 1, 1, 4), read_only, OSLSR_UNLOCKED }, /* OSLSR_EL1 */
	{ SYSREG(2, 0, 1, 3, 4), ignore },		      /* OSDLR_EL1 */
	{ SYSREG(2, 0, 1, 4, 4), ignore },		      /* DBGPRCR_EL1 */
	{ SYSREG(2, 0, 7, 8, 6), ignore },		      /* DBGCLAIMSET_EL1 */
	{ SYSREG(2, 0, 7, 9, 6), ignore },		      /* DBGCLAIMCLR_EL1 */
	{ SYSREG(2, 0, 7, 14, 6), read_only },		      /* DBGAUTHSTATUS_EL1 */
	{ SYSREG(3, 3, 9, 12, 0), ignore },		      /* PMCR_EL0 */
	{ SYSREG(3, 3, 9, 13, 0), ignore },		      /* PMCCNTR_EL0 */
	{ SYSREG(3, 3, 9, 14, 0), ignore },		      /* PMUSERENR_EL0 */
	{ SYSREG(3, 3, 14, 2, 0), vtimer_sysreg },	      /* CNTP_TVAL_EL0 */
	{ SYSREG(3, 0, 1, 0, 1), ignore },		      /* ACTLR_EL1 */
	{ SYSREG(3, 0, 9, 14, 1), ignore },		      /* PMINTENSET_EL1 */
	{ SYSREG(3, 3, 9, 12, 1), ignore },		      /* PMCNTENSET_EL0 */
	{ SYSREG(3, 3, 9, 13, 1), ignore },		      /* PMXEVTYPER_EL0 */
	{ SYSREG(3, 3, 14, 0, 1), vtimer_sysreg },	      /* CNTPCT_EL0 */
	{ SYSREG(3, 3, 14, 2, 1), vtimer_sysreg },	      /* CNTP_CTL_EL0 */
	{ SYSREG(3, 0, 9, 14, 2), ignore },		      /* PMINTENCLR_EL1 */
	{ SYSREG(3, 3, 9, 12, 2), ignore },		      /* PMCNTENCLR_EL0 */
	{ SYSREG(3, 3, 9, 13, 2), ignore },		      /* PMXEVCNTR_EL0 */
	{ SYSREG(3, 3, 14, 2, 2), vtimer_sysreg },	      /* CNTP_CVAL_EL0 */
	{ SYSREG(3, 3, 9, 12, 3), ignore },		      /* PMOVSCLR_EL0 */
	{ SYSREG(3, 3, 9, 14, 3), ignore },		      /* PMOVSSET_EL0 */
	{ SYSREG(3, 3, 9, 12, 4), ignore },		      /* PMSWINC_EL0 */
	{ SYSREG(3, 0, 12, 11, 5), vgic_sysreg },	      /* ICC_SGI1R_EL1 */
	{ SYSREG(3, 0, 12, 12, 5), vgic_sysreg },	      /* ICC_SRE_EL1 */
	{ SYSREG(3, 3, 9, 12, 5), ignore },		      /* PMSELR_EL0 */
	{ SYSREG(3, 0, 12, 11, 6), vgic_sysreg },	      /* ICC_ASGI1R_EL1 */
	{ SYSREG(3, 3, 9, 12, 6), read_only },		      /* PMCEID0_EL0 */
	{ SYSREG(3, 0, 12, 11, 7), vgic_sysreg },	      /* ICC_SGI0R_EL1 */
	{ SYSREG(3, 3, 9, 12, 7), read_only },		      /* PMCEID1_EL0 */
};
const unsigned int sysreg_count = ARRAY_SIZE(sysreg_table);

/* --- families --- */

/* DBGBVR<n>, DBGBCR<n>, DBGWVR<n>, DBGWCR<n>: op0 2, op1 0, CRn 0, CRm n, op2 4 to 7. */
#define BREAKPOINTS SYSREG(2, 0, 0, 0, 4)
#define BREAKPOINTS_MASK SYSREG(3, 7, 15, 0, 4)
/* PMEVCNTR<n>, PMEVTYPER<n>, PMCCFILTR: op0 3, op1 3, CRn 14, CRm 8 to 15. */
#define COUNTERS SYSREG(3, 3, 14, 8, 0)
#define COUNTERS_MASK SYSREG(3, 7, 15, 8, 0)
/* ID registers: op0 3, op1 0, CRn 0, CRm 0 to 7. */
#define IDS SYSREG(3, 0, 0, 0, 0)
#define IDS_MASK SYSREG(3, 7, 15, 8, 0)

static bool id_register(struct vcpu *v, u32 reg, bool write, u64 *value)
{
	unsigned int crm = reg >> 1 & 15, op2 = reg >> 17 & 7;
	struct vgic_layout gic;

	if (write || crm == 0) {
		return false;
	}
	vgic_get_layout(v->domain, &gic);
	*value = id_regs_guest(ID_REG_INDEX(crm, op2), gic.version == 3);
	return true;
}

static const struct {
	u32 mask, reg;
	sysreg_fn *fn;
} families[] = {
	{ IDS_MASK, IDS, id_register },
	{ BREAKPOINTS_MASK, BREAKPOINTS, ignore },
	{ COUNTERS_MASK, COUNTERS, ignore },
};

static bool in_family(struct vcpu *v, u32 reg, bool write, u64 *value)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(families); i++) {
		if ((reg & families[i].mask) == families[i].reg) {
			return families[i].fn(v, reg, write, value);
		}
	}
	return false;
}

bool sysreg_access(struct vcpu *v, u32 reg, bool write, u64 *value)
{
	unsigned int low = 0, high = ARRAY_SIZE(sysreg_table);

	while (low < high) {
		unsigned int middle = (low + high) / 2;

		if (sysreg_table[middle].reg < reg) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	if (low == ARRAY_SIZE(sysreg_table) || sysreg_table[low].reg != reg) {
		return in_family(v, reg, write, value);
	}
	if (!write) {
		*value = sysreg_table[low].value;
	}
	return sysreg_table[low].fn(v, reg, write, value);
}

/* --- AArch32 --- */

struct cp_entry {
	u32 reg, sysreg;
};

/* Coprocessor 15, by its AArch64 name. */
static const struct cp_entry cp15[] = {
	{ CP(0, 1, 0, 1), SYSREG(3, 0, 1, 0, 1) },     /* ACTLR */
	{ CP(0, 1, 0, 3), SYSREG(3, 0, 1, 0, 1) },     /* ACTLR2 */
	{ CP(0, 7, 6, 2), SYSREG(1, 0, 7, 6, 2) },     /* DCISW */
	{ CP(0, 7, 10, 2), SYSREG(1, 0, 7, 10, 2) },   /* DCCSW */
	{ CP(0, 7, 14, 2), SYSREG(1, 0, 7, 14, 2) },   /* DCCISW */
	{ CP(0, 9, 14, 1), SYSREG(3, 0, 9, 14, 1) },   /* PMINTENSET */
	{ CP(0, 9, 14, 2), SYSREG(3, 0, 9, 14, 2) },   /* PMINTENCLR */
	{ CP(0, 12, 12, 5), SYSREG(3, 0, 12, 12, 5) }, /* ICC_SRE */
	{ CP(0, 14, 2, 0), SYSREG(3, 3, 14, 2, 0) },   /* CNTP_TVAL */
	{ CP(0, 14, 2, 1), SYSREG(3, 3, 14, 2, 1) },   /* CNTP_CTL */
};

static const struct cp_entry cp15_64[] = {
	{ CP_64(0, 9), SYSREG(3, 3, 9, 13, 0) },   /* PMCCNTR */
	{ CP_64(0, 12), SYSREG(3, 0, 12, 11, 5) }, /* ICC_SGI1R */
	{ CP_64(1, 12), SYSREG(3, 0, 12, 11, 6) }, /* ICC_ASGI1R */
	{ CP_64(2, 12), SYSREG(3, 0, 12, 11, 7) }, /* ICC_SGI0R */
	{ CP_64(0, 14), SYSREG(3, 3, 14, 0, 1) },  /* CNTPCT */
	{ CP_64(2, 14), SYSREG(3, 3, 14, 2, 2) },  /* CNTP_CVAL */
};

/* The rest of the performance counters: c9 and c14 with the op2 that AArch64 has under op1 3. */
#define CP_PMU CP(0, 9, 12, 0)
#define CP_PMU_MASK CP(7, 15, 12, 0)
#define CP_COUNTERS CP(0, 14, 8, 0)
#define CP_COUNTERS_MASK CP(7, 15, 8, 0)
#define CP_IDS CP(0, 0, 0, 0)
#define CP_IDS_MASK CP(7, 15, 8, 0)
#define CRM_MVFR 3
#define CP_OP1_3 SYSREG(3, 3, 0, 0, 0)

static u32 cp_find(const struct cp_entry *table, unsigned int count, u32 reg)
{
	for (unsigned int i = 0; i < count; i++) {
		if (table[i].reg == reg) {
			return table[i].sysreg;
		}
	}
	return 0;
}

/* In c0, what follows the names of AArch32 is reserved there. MVFR is not in CP15. */
static bool cp15_id(struct vcpu *v, u32 reg, bool write, u64 *value)
{
	unsigned int crm = reg >> 1 & 15, op2 = reg >> 17 & 7;

	if (crm > CRM_MVFR || (crm == CRM_MVFR && op2 < 4)) {
		return !write;
	}
	return id_register(v, IDS | reg, write, value);
}

bool sysreg_cp15(struct vcpu *v, u32 reg, bool write, u64 *value)
{
	u32 sysreg = cp_find(cp15, ARRAY_SIZE(cp15), reg);

	if (sysreg) {
		return sysreg_access(v, sysreg, write, value);
	}
	if ((reg & CP_IDS_MASK) == CP_IDS) {
		return cp15_id(v, reg, write, value);
	}
	if ((reg & CP_PMU_MASK) == CP_PMU || (reg & CP_COUNTERS_MASK) == CP_COUNTERS) {
		return sysreg_access(v, reg | CP_OP1_3, write, value);
	}
	return false;
}

bool sysreg_cp15_64(struct vcpu *v, u32 reg, bool write, u64 *value)
{
	u32 sysreg = cp_find(cp15_64, ARRAY_SIZE(cp15_64), reg);

	return sysreg && sysreg_access(v, sysreg, write, value);
}

/* DBGDIDR (DDI 0487, G8.3.12): version 8 of the debug architecture, with the least it may have. */
#define CP14_DBGDIDR CP(0, 0, 0, 0)
#define DBGDIDR_LEAST 0x11060000

/* Debug registers are op1 0. */
bool sysreg_cp14(struct vcpu *v, u32 reg, bool write, u64 *value)
{
	if (!write) {
		*value = reg == CP14_DBGDIDR ? DBGDIDR_LEAST : 0;
	}
	return (reg & CP(7, 0, 0, 0)) == 0 && !is_user(v);
}
