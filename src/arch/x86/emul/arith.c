/* SPDX-License-Identifier: GPL-2.0-only */
/* Handlers of integer arithmetic: operands in, alu.c, result out. Holds no arithmetic of
 * its own. */
#include "arch/x86/emul/alu.h"
#include "arch/x86/emul/internal.h"

/* rm = rm OP b; CMP only sets flags. */
static enum emul_result arith_on_rm(struct emul *e, u32 op, u64 b)
{
	u32 bytes = e->insn.op_bytes;
	bool compare = op == 7;
	enum emul_result r;
	u64 a;

	r = compare ? emul_rm_read(e, bytes, &a) : emul_rm_read_rmw(e, bytes, &a);
	if (r != EMUL_OKAY) {
		return r;
	}
	a = emul_alu_binary[op](bytes, a, b & emul_mask(bytes), &e->next.rflags);
	return compare ? EMUL_OKAY : emul_rm_write(e, bytes, a);
}

static void arith_on_reg(struct emul *e, u32 op, u32 reg, u64 b)
{
	u32 bytes = e->insn.op_bytes;
	u64 a = emul_reg_get(e, reg, bytes);

	a = emul_alu_binary[op](bytes, a, b & emul_mask(bytes), &e->next.rflags);
	if (op != 7) {
		emul_reg_set(e, reg, bytes, a);
	}
}

/* Opcode bits 5:3 are the operation; bits 2:0 the form: rm,reg  reg,rm  accumulator,immediate. */
enum emul_result emul_arith_binary(struct emul *e)
{
	const struct emul_insn *i = &e->insn;
	u32 op = (i->opcode >> 3) & 7;
	enum emul_result r;
	u64 b;

	switch (i->opcode & 7) {
	case 0:
	case 1:
		return arith_on_rm(e, op, emul_reg_get(e, i->reg, i->op_bytes));
	case 2:
	case 3:
		r = emul_rm_read(e, i->op_bytes, &b);
		if (r == EMUL_OKAY) {
			arith_on_reg(e, op, i->reg, b);
		}
		return r;
	default:
		arith_on_reg(e, op, REG_RAX, i->imm);
		return EMUL_OKAY;
	}
}

enum emul_result emul_arith_group1(struct emul *e)
{
	return arith_on_rm(e, (e->insn.modrm >> 3) & 7, e->insn.imm);
}

static enum emul_result arith_test_rm(struct emul *e, u64 b)
{
	u32 bytes = e->insn.op_bytes;
	enum emul_result r;
	u64 a;

	r = emul_rm_read(e, bytes, &a);
	if (r == EMUL_OKAY) {
		emul_alu_and(bytes, a, b & emul_mask(bytes), &e->next.rflags);
	}
	return r;
}

enum emul_result emul_arith_test(struct emul *e)
{
	const struct emul_insn *i = &e->insn;

	if (i->has_modrm) {
		return arith_test_rm(e, emul_reg_get(e, i->reg, i->op_bytes));
	}
	emul_alu_and(i->op_bytes, emul_reg_get(e, REG_RAX, i->op_bytes),
		i->imm & emul_mask(i->op_bytes), &e->next.rflags);
	return EMUL_OKAY;
}

enum emul_result emul_arith_inc_dec_reg(struct emul *e)
{
	u32 reg = e->insn.opcode & 7, bytes = e->insn.op_bytes;
	u64 a = emul_reg_get(e, reg, bytes);

	a = (e->insn.opcode & 8) ? emul_alu_dec(bytes, a, &e->next.rflags)
				 : emul_alu_inc(bytes, a, &e->next.rflags);
	emul_reg_set(e, reg, bytes, a);
	return EMUL_OKAY;
}

enum emul_result emul_arith_inc_dec(struct emul *e)
{
	u32 op = (e->insn.modrm >> 3) & 7, bytes = e->insn.op_bytes;
	enum emul_result r;
	u64 a;

	if (op > 1) {
		return emul_raise(e, X86_EXC_UD);
	}
	r = emul_rm_read_rmw(e, bytes, &a);
	if (r != EMUL_OKAY) {
		return r;
	}
	a = op ? emul_alu_dec(bytes, a, &e->next.rflags) : emul_alu_inc(bytes, a, &e->next.rflags);
	return emul_rm_write(e, bytes, a);
}

static enum emul_result arith_not_neg(struct emul *e, bool negate)
{
	u32 bytes = e->insn.op_bytes;
	enum emul_result r;
	u64 a;

	r = emul_rm_read_rmw(e, bytes, &a);
	if (r != EMUL_OKAY) {
		return r;
	}
	a = negate ? emul_alu_sub(bytes, 0, a, &e->next.rflags) : ~a & emul_mask(bytes);
	return emul_rm_write(e, bytes, a);
}

/* The double-width accumulator: AX for bytes, rDX:rAX for the rest. */
static void arith_get_wide(const struct emul *e, u64 *low, u64 *high)
{
	u32 bytes = e->insn.op_bytes;

	*low = emul_reg_get(e, REG_RAX, bytes);
	*high = bytes == 1 ? (e->next.gpr[REG_RAX] >> 8) & 0xff : emul_reg_get(e, REG_RDX, bytes);
}

static void arith_set_wide(struct emul *e, u64 low, u64 high)
{
	u32 bytes = e->insn.op_bytes;

	if (bytes == 1) {
		emul_reg_set(e, REG_RAX, 2, high << 8 | low);
		return;
	}
	emul_reg_set(e, REG_RAX, bytes, low);
	emul_reg_set(e, REG_RDX, bytes, high);
}

static enum emul_result arith_multiply(struct emul *e, bool is_signed)
{
	u32 bytes = e->insn.op_bytes;
	enum emul_result r;
	u64 a, b, low, high;

	r = emul_rm_read(e, bytes, &b);
	if (r != EMUL_OKAY) {
		return r;
	}
	a = emul_reg_get(e, REG_RAX, bytes);
	if (is_signed) {
		emul_alu_imul(bytes, a, b, &low, &high, &e->next.rflags);
	} else {
		emul_alu_mul(bytes, a, b, &low, &high, &e->next.rflags);
	}
	arith_set_wide(e, low, high);
	return EMUL_OKAY;
}

static enum emul_result arith_divide(struct emul *e, bool is_signed)
{
	u32 bytes = e->insn.op_bytes;
	u64 divisor, low, high, quotient, remainder;
	enum emul_result r;
	bool fits;

	r = emul_rm_read(e, bytes, &divisor);
	if (r != EMUL_OKAY) {
		return r;
	}
	arith_get_wide(e, &low, &high);
	fits = is_signed ? emul_alu_idiv(bytes, low, high, divisor, &quotient, &remainder)
			 : emul_alu_div(bytes, low, high, divisor, &quotient, &remainder);
	if (!fits) {
		return emul_raise(e, X86_EXC_DE);
	}
	arith_set_wide(e, quotient, remainder);
	return EMUL_OKAY;
}

/* TEST, TEST, NOT, NEG, MUL, IMUL, DIV, IDIV */
enum emul_result emul_arith_group3(struct emul *e)
{
	u32 op = (e->insn.modrm >> 3) & 7;

	switch (op) {
	case 0:
	case 1:
		return arith_test_rm(e, e->insn.imm);
	case 2:
	case 3:
		return arith_not_neg(e, op == 3);
	case 4:
	case 5:
		return arith_multiply(e, op == 5);
	default:
		return arith_divide(e, op == 7);
	}
}

static enum emul_result arith_imul(struct emul *e, u64 b, u64 a)
{
	u32 bytes = e->insn.op_bytes;
	u64 low, high;

	emul_alu_imul(bytes, a, b, &low, &high, &e->next.rflags);
	emul_reg_set(e, e->insn.reg, bytes, low);
	return EMUL_OKAY;
}

enum emul_result emul_arith_imul2(struct emul *e)
{
	u32 bytes = e->insn.op_bytes;
	enum emul_result r;
	u64 b;

	r = emul_rm_read(e, bytes, &b);
	return r != EMUL_OKAY ? r : arith_imul(e, b, emul_reg_get(e, e->insn.reg, bytes));
}

enum emul_result emul_arith_imul3(struct emul *e)
{
	enum emul_result r;
	u64 b;

	r = emul_rm_read(e, e->insn.op_bytes, &b);
	return r != EMUL_OKAY ? r : arith_imul(e, b, e->insn.imm);
}

/* CBW, CWDE, CDQE: the lower half of rAX is sign-extended. */
enum emul_result emul_arith_cbw(struct emul *e)
{
	u32 bytes = e->insn.op_bytes;

	emul_reg_set(e, REG_RAX, bytes, emul_sign_extend(e->next.gpr[REG_RAX], bytes / 2));
	return EMUL_OKAY;
}

/* CWD, CDQ, CQO: rDX becomes the sign of rAX. */
enum emul_result emul_arith_cwd(struct emul *e)
{
	u32 bytes = e->insn.op_bytes;
	bool negative = (e->next.gpr[REG_RAX] >> (bytes * 8 - 1)) & 1;

	emul_reg_set(e, REG_RDX, bytes, negative ? ~0ULL : 0);
	return EMUL_OKAY;
}

/* CLI and STI obey IOPL; the virtual interrupt flag (VME, PVI) is left to others. */
static enum emul_result arith_set_if(struct emul *e, bool on)
{
	u32 iopl = (e->regs->rflags & X86_EFLAGS_IOPL) >> X86_EFLAGS_IOPL_SHIFT;
	u64 virtual = e->mode == EMUL_VM86 ? X86_CR4_VME : X86_CR4_PVI;

	if (e->mode != EMUL_REAL && e->cpl > iopl) {
		return e->cpl == 3 && (e->cr4 & virtual) ? EMUL_UNHANDLEABLE
							 : emul_raise_error(e, X86_EXC_GP, 0);
	}
	if (on && !(e->regs->rflags & X86_EFLAGS_IF)) {
		e->shadow = EMUL_SHADOW_STI;
	}
	e->next.rflags = (e->next.rflags & ~X86_EFLAGS_IF) | (on ? X86_EFLAGS_IF : 0);
	return EMUL_OKAY;
}

/* CMC, and the pairs that clear (even) or set (odd) CF, IF, DF. */
enum emul_result emul_arith_flag(struct emul *e)
{
	bool on = e->insn.opcode & 1;
	u64 flag = e->insn.opcode >= 0xfc ? X86_EFLAGS_DF : X86_EFLAGS_CF;

	if (e->insn.opcode == 0xf5) {
		e->next.rflags ^= X86_EFLAGS_CF;
		return EMUL_OKAY;
	}
	if (e->insn.opcode == 0xfa || e->insn.opcode == 0xfb) {
		return arith_set_if(e, on);
	}
	e->next.rflags = (e->next.rflags & ~flag) | (on ? flag : 0);
	return EMUL_OKAY;
}

#define LOW_FLAGS (X86_EFLAGS_SF | X86_EFLAGS_ZF | X86_EFLAGS_AF | X86_EFLAGS_PF | X86_EFLAGS_CF)

enum emul_result emul_arith_sahf(struct emul *e)
{
	u64 ah = (e->next.gpr[REG_RAX] >> 8) & 0xff;

	e->next.rflags = (e->next.rflags & ~LOW_FLAGS) | (ah & LOW_FLAGS);
	return EMUL_OKAY;
}

enum emul_result emul_arith_lahf(struct emul *e)
{
	u64 ah = (e->next.rflags & LOW_FLAGS) | X86_EFLAGS_FIXED;

	e->next.gpr[REG_RAX] = (e->next.gpr[REG_RAX] & ~0xff00ULL) | ah << 8;
	return EMUL_OKAY;
}
