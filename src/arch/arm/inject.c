/* SPDX-License-Identifier: GPL-2.0-only */
/* Exceptions taken to EL1 in a guest's place, as values of its registers. Touches no hardware. */
#include "arch/arm/inject.h"

#include "arch/arm/exit.h"
#include "arch/arm/vcpu.h"
#include "lib/bits.h"

/* --- AArch64: DDI 0487, D1.3.6 and AArch64.TakeException() --- */

#define PSTATE_FLAGS mask64(31, 28)
#define PSTATE_PAN BIT64(22)
#define PSTATE_DIT BIT64(24)
#define PSTATE_SSBS BIT64(12)
#define PSTATE_BTYPE mask64(11, 10)
#define SCTLR_SPAN BIT64(23)
#define SCTLR_DSSBS BIT64(44)

#define VECTOR_SP0 0x000
#define VECTOR_SPX 0x200
#define VECTOR_LOWER64 0x400
#define VECTOR_LOWER32 0x600

static u64 vector_a64(u64 pstate)
{
	if (pstate & PSTATE_A32) {
		return VECTOR_LOWER32;
	}
	if ((pstate & PSTATE_MODE) < 4) {
		return VECTOR_LOWER64;
	}
	return pstate & 1 ? VECTOR_SPX : VECTOR_SP0;
}

static u64 pstate_a64(u64 old, u64 sctlr)
{
	u64 new = MODE_EL1H | PSTATE_DAIF | (old & PSTATE_FLAGS);

	if (!(old & PSTATE_A32)) {
		new |= old &PSTATE_DIT;
	}
	new |= old &PSTATE_PAN;
	/* RES1 where there is no PAN. */
	new |= sctlr &SCTLR_SPAN ? 0 : PSTATE_PAN;
	return new | (sctlr & SCTLR_DSSBS ? PSTATE_SSBS : 0);
}

static u64 syndrome_a64(const struct vm_exit *e, bool same_el)
{
	unsigned int class = ESR_UNKNOWN;
	u64 iss = 0;

	if (e->inject != INJECT_UNDEFINED) {
		class = e->inject == INJECT_DATA_ABORT ? ESR_DATA_ABORT : ESR_FETCH_ABORT;
		class += same_el;
		iss = FSC_EXTERNAL | (e->inject == INJECT_DATA_ABORT ? e->esr & ESR_ABORT_WNR : 0);
	}
	/* UNKNOWN and fetch aborts always have IL set. */
	return field_put(ESR_EC, class) | iss |
	       (e->inject == INJECT_DATA_ABORT ? e->esr & ESR_IL : ESR_IL);
}

void inject_a64(struct arm_regs *r, struct arm_context *c, const struct vm_exit *e)
{
	u64 vector = vector_a64(r->pstate);

	c->esr = syndrome_a64(e, vector < VECTOR_LOWER64);
	if (e->inject != INJECT_UNDEFINED) {
		c->far = e->far;
	}
	c->elr_el1 = r->pc;
	c->spsr_el1 = r->pstate;
	r->pc = c->vbar + vector;
	r->pstate = pstate_a64(r->pstate, c->sctlr);
}

/* --- AArch32: DDI 0487, G1.12 --- */

#define CPSR_J BIT64(24)
#define CPSR_IT (mask64(26, 25) | mask64(15, 10))
#define CPSR_E BIT64(9)
#define CPSR_A BIT64(8)
#define CPSR_I BIT64(7)
#define SCTLR32_V BIT64(13)
#define SCTLR32_EE BIT64(25)
#define SCTLR32_TE BIT64(30)
#define TTBCR_EAE BIT64(31)
#define HIGH_VECTORS 0xffff0000ULL

/* DFSR and IFSR: a synchronous external abort, in the two formats (G8.2.43). */
#define FSR_LPAE BIT64(9)
#define FSR_LPAE_EXTERNAL 0x10
#define FSR_SHORT_EXTERNAL 0x08
#define FSR_WNR BIT64(11)

static const struct {
	u8 mode, vector;
	u8 lr;		       /* index of LR in that mode, as AArch64 names it */
	u8 offset_a, offset_t; /* of the return address from the instruction */
} a32_exceptions[] = {
	[INJECT_UNDEFINED] = { MODE_UND32, 0x04, 22, 4, 2 },
	[INJECT_FETCH_ABORT] = { MODE_ABT32, 0x0c, 20, 4, 4 },
	[INJECT_DATA_ABORT] = { MODE_ABT32, 0x10, 20, 8, 8 },
};

static u64 fault_status(const struct arm_context *c)
{
	return c->tcr & TTBCR_EAE ? FSR_LPAE | FSR_LPAE_EXTERNAL : FSR_SHORT_EXTERNAL;
}

void inject_a32(struct arm_regs *r, struct arm_context *c, const struct vm_exit *e)
{
	u64 old = r->pstate;
	u64 lr = r->pc + (old & PSTATE_T32 ? a32_exceptions[e->inject].offset_t
					   : a32_exceptions[e->inject].offset_a);
	u64 base = c->sctlr & SCTLR32_V ? HIGH_VECTORS : c->vbar;

	r->x[a32_exceptions[e->inject].lr] = (u32)lr;
	r->pc = (u32)(base + a32_exceptions[e->inject].vector);
	r->pstate = old & ~(PSTATE_MODE | PSTATE_T32 | PSTATE_SS | CPSR_J | CPSR_IT | CPSR_E);
	r->pstate |= a32_exceptions[e->inject].mode | CPSR_I;
	r->pstate |= c->sctlr & SCTLR32_TE ? PSTATE_T32 : 0;
	r->pstate |= c->sctlr & SCTLR32_EE ? CPSR_E : 0;
	if (e->inject == INJECT_UNDEFINED) {
		c->spsr_und = old;
		return;
	}
	r->pstate |= CPSR_A;
	c->spsr_abt = old;
	if (e->inject == INJECT_DATA_ABORT) {
		c->esr = fault_status(c) | (e->esr & ESR_ABORT_WNR ? FSR_WNR : 0);
		c->far = (c->far & ~0xffffffffULL) | (u32)e->far; /* DFAR */
	} else {
		c->ifsr32 = fault_status(c);
		c->far = (u32)c->far | e->far << 32; /* IFAR */
	}
}

/* --- conditions --- */

/* For each condition without its lowest bit, which inverts it, the combinations of NZCV for which
 * it holds: bit i for NZCV == i (F1.3). */
static const u16 conditions[8] = {
	0xf0f0, /* EQ: Z */
	0xcccc, /* CS: C */
	0xff00, /* MI: N */
	0xaaaa, /* VS: V */
	0x0c0c, /* HI: C and not Z */
	0xaa55, /* GE: N == V */
	0x0a05, /* GT: N == V and not Z */
	0xffff, /* AL */
};

static unsigned int it_state(u64 pstate)
{
	return (unsigned int)(field_get(mask64(15, 10), pstate) << 2 |
			      field_get(mask64(26, 25), pstate));
}

bool inject_condition_holds(u32 esr, u64 pstate)
{
	unsigned int flags = (unsigned int)field_get(PSTATE_FLAGS, pstate), cond;
	bool holds;

	if (esr & ESR_CV) {
		cond = (unsigned int)field_get(ESR_COND, esr);
	} else {
		/* T32: the IT block says it; outside of one it is unconditional. */
		cond = it_state(pstate) ? it_state(pstate) >> 4 : 0xe;
	}
	holds = conditions[cond >> 1] >> flags & 1;
	return cond < 0xe && (cond & 1) ? !holds : holds;
}

/* ITAdvance() (F1.2.1). */
static u64 it_advance(u64 pstate)
{
	unsigned int it = it_state(pstate);

	it = it & 7 ? (it & 0xe0) | (it << 1 & 0x1f) : 0;
	return (pstate & ~CPSR_IT) | field_put(mask64(15, 10), it >> 2) |
	       field_put(mask64(26, 25), it & 3);
}

u64 inject_step_over(u64 pstate)
{
	if (pstate & PSTATE_A32) {
		return it_advance(pstate & ~PSTATE_SS);
	}
	return pstate & ~(PSTATE_SS | PSTATE_BTYPE);
}

/* --- banked registers: DDI 0487, D1.6.5, table D1-85 --- */

/* SP of the mode, LR is beside it. */
unsigned int inject_a32_gpr(u64 pstate, unsigned int n)
{
	static const struct {
		u8 lr, sp;
	} banked[32] = {
		[MODE_IRQ32] = { 16, 17 },
		[MODE_SVC32] = { 18, 19 },
		[MODE_ABT32] = { 20, 21 },
		[MODE_UND32] = { 22, 23 },
		[MODE_FIQ32] = { 30, 29 },
	};
	unsigned int mode = (unsigned int)(pstate & PSTATE_MODE);

	if (mode == MODE_FIQ32 && n >= 8 && n <= 12) {
		return 16 + n;
	}
	if (n < 13 || !banked[mode].lr) {
		return n;
	}
	return n == 14 ? banked[mode].lr : banked[mode].sp;
}
