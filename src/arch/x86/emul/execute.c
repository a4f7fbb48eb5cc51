/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The frame around every instruction: mode, fetch, decode, execute, commit. The only file that
 * writes *e->regs, and it does so only for EMUL_OKAY.
 */
#include "arch/x86/emul/internal.h"

enum emul_result emul_raise(struct emul *e, u8 vector)
{
	e->exc = (struct emul_exception){ .vector = vector };
	return EMUL_EXCEPTION;
}

enum emul_result emul_raise_error(struct emul *e, u8 vector, u32 error)
{
	e->exc = (struct emul_exception){ .vector = vector, .has_error = true, .error = error };
	return EMUL_EXCEPTION;
}

enum emul_result emul_raise_pf(struct emul *e, u32 error, u64 cr2)
{
	emul_raise_error(e, X86_EXC_PF, error);
	e->exc.cr2 = cr2;
	return EMUL_EXCEPTION;
}

enum emul_mode emul_mode_of(u64 cr0, u64 efer, u64 rflags, u16 cs_attr)
{
	if (!(cr0 & X86_CR0_PE)) {
		return EMUL_REAL;
	}
	if ((efer & X86_EFER_LMA) && (cs_attr & X86_SEG_L)) {
		return EMUL_LONG64;
	}
	if (!(efer & X86_EFER_LMA) && (rflags & X86_EFLAGS_VM)) {
		return EMUL_VM86;
	}
	return (cs_attr & X86_SEG_DB) ? EMUL_PROT32 : EMUL_PROT16;
}

static void execute_reset(struct emul *e)
{
	e->rep_again = false;
	e->single_step = false;
	e->shadow = EMUL_SHADOW_NONE;
}

static void execute_begin(struct emul *e)
{
	execute_reset(e);
	e->next = *e->regs;
	e->next.rip += e->insn.length;
	if (e->mode != EMUL_LONG64) {
		e->next.rip = (u32)e->next.rip;
	}
	e->next.rflags &= ~X86_EFLAGS_RF;
	e->locked = e->insn.lock;
	e->single_step = e->regs->rflags & X86_EFLAGS_TF;
}

static bool execute_vex_missing(const struct emul_insn *i)
{
	return i->vex && !(i->op->flags & OP_VEX);
}

enum emul_result emul_execute(struct emul *e)
{
	enum emul_result r;

	if (!e->insn.op || !e->insn.op->execute || execute_vex_missing(&e->insn)) {
		return EMUL_UNHANDLEABLE;
	}
	execute_begin(e);
	r = e->insn.op->execute(e);
	if (r == EMUL_OKAY) {
		*e->regs = e->next;
	} else {
		execute_reset(e);
	}
	return r == EMUL_TRUNCATED ? EMUL_UNHANDLEABLE : r;
}

/* Reads more instruction bytes, up to the end of their page and of the code segment. */
static enum emul_result execute_fetch(struct emul *e)
{
	u32 bytes = EMUL_INSN_MAX - e->fetched;
	u64 rip = e->regs->rip + e->fetched;
	enum emul_result r;
	u64 linear;

	if (!e->ops->fetch) {
		return EMUL_UNHANDLEABLE;
	}
	r = emul_code_linear(e, e->mode == EMUL_LONG64 ? rip : (u32)rip, &bytes, &linear);
	if (r != EMUL_OKAY) {
		return r;
	}
	bytes = MIN((u64)bytes, PAGE_SIZE - (linear & ~PAGE_MASK));
	r = e->ops->fetch(e, linear, e->bytes + e->fetched, bytes);
	if (r == EMUL_OKAY) {
		e->fetched += bytes;
	}
	return r;
}

/* Two fetches are the rule's limit: the bytes of one instruction lie in two pages at most. */
enum emul_result emul_run(struct emul *e)
{
	enum emul_result r = EMUL_TRUNCATED;

	execute_reset(e);
	if (e->fetched > EMUL_INSN_MAX) {
		return EMUL_UNHANDLEABLE;
	}
	if (e->fetched) {
		r = emul_decode(e, e->bytes, e->fetched);
	}
	while (r == EMUL_TRUNCATED && e->fetched < EMUL_INSN_MAX) {
		r = execute_fetch(e);
		if (r == EMUL_OKAY) {
			r = emul_decode(e, e->bytes, e->fetched);
		}
	}
	e->fetched = 0;
	if (r != EMUL_OKAY) {
		return r == EMUL_TRUNCATED ? EMUL_UNHANDLEABLE : r;
	}
	return emul_execute(e);
}
