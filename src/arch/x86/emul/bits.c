/* SPDX-License-Identifier: GPL-2.0-only */
/* Handlers of shifts, bit tests and bit scans. */
#include "arch/x86/emul/alu.h"
#include "arch/x86/emul/internal.h"

static void bits_set_flag(struct emul *e, u64 flag, bool on)
{
	e->next.rflags = (e->next.rflags & ~flag) | (on ? flag : 0);
}

/* The count is an immediate (C0, C1), one (D0, D1) or CL (D2, D3). */
enum emul_result emul_bits_shift(struct emul *e)
{
	const struct emul_insn *i = &e->insn;
	u64 count = i->imm;
	enum emul_result r;
	u64 a;

	if (i->opcode >= 0xd0) {
		count = i->opcode >= 0xd2 ? e->next.gpr[REG_RCX] & 0xff : 1;
	}
	r = emul_rm_read_rmw(e, i->op_bytes, &a);
	if (r != EMUL_OKAY) {
		return r;
	}
	a = emul_alu_shift[(i->modrm >> 3) & 7](i->op_bytes, a, count, &e->next.rflags);
	return emul_rm_write(e, i->op_bytes, a);
}

enum emul_result emul_bits_shift_double(struct emul *e)
{
	const struct emul_insn *i = &e->insn;
	u64 count = (i->opcode & 1) ? e->next.gpr[REG_RCX] & 0xff : i->imm;
	u64 fill = emul_reg_get(e, i->reg, i->op_bytes);
	enum emul_result r;
	u64 a;

	r = emul_rm_read_rmw(e, i->op_bytes, &a);
	if (r != EMUL_OKAY) {
		return r;
	}
	a = (i->opcode & 8) ? emul_alu_shrd(i->op_bytes, a, fill, count, &e->next.rflags)
			    : emul_alu_shld(i->op_bytes, a, fill, count, &e->next.rflags);
	return emul_rm_write(e, i->op_bytes, a);
}

enum bit_op { BIT_TEST, BIT_SET, BIT_RESET, BIT_COMPLEMENT };

static enum emul_result bits_apply(struct emul *e, enum bit_op op, u32 n)
{
	u32 bytes = e->insn.op_bytes;
	enum emul_result r;
	u64 a;

	r = op == BIT_TEST ? emul_rm_read(e, bytes, &a) : emul_rm_read_rmw(e, bytes, &a);
	if (r != EMUL_OKAY) {
		return r;
	}
	bits_set_flag(e, X86_EFLAGS_CF, (a >> n) & 1);
	switch (op) {
	case BIT_TEST:
		return EMUL_OKAY;
	case BIT_SET:
		a |= BIT64(n);
		break;
	case BIT_RESET:
		a &= ~BIT64(n);
		break;
	case BIT_COMPLEMENT:
		a ^= BIT64(n);
		break;
	}
	return emul_rm_write(e, bytes, a);
}

/* A bit number in a register may lie outside the operand: signed, in units of the operand. */
enum emul_result emul_bits_test(struct emul *e)
{
	struct emul_insn *i = &e->insn;
	u32 bits = i->op_bytes * 8;
	u64 n = emul_sign_extend(emul_reg_get(e, i->reg, i->op_bytes), i->op_bytes);
	struct emul_mem saved = i->mem;
	enum emul_result r;

	if (i->has_mem) {
		i->mem.offset += (u64)((s64)n >> 3) & ~(u64)(i->op_bytes - 1);
		i->mem.offset &= emul_mask(i->addr_bytes);
	}
	r = bits_apply(e, (i->opcode >> 3) & 3, (u32)n & (bits - 1));
	i->mem = saved;
	return r;
}

enum emul_result emul_bits_test_imm(struct emul *e)
{
	const struct emul_insn *i = &e->insn;

	if (((i->modrm >> 3) & 7) < 4) {
		return emul_raise(e, X86_EXC_UD);
	}
	return bits_apply(e, (i->modrm >> 3) & 3, (u32)i->imm & (i->op_bytes * 8 - 1));
}

static u32 bits_lowest(u64 v)
{
	u32 n = 0;

	while (n < 64 && !((v >> n) & 1)) {
		n++;
	}
	return n;
}

static u32 bits_highest(u64 v)
{
	u32 n = 63;

	while (n > 0 && !((v >> n) & 1)) {
		n--;
	}
	return n;
}

static u32 bits_count(u64 v)
{
	u32 n = 0;

	for (; v; v &= v - 1) {
		n++;
	}
	return n;
}

/* BSF and BSR of zero leave the register alone, as AMD documents and Intel parts do. */
static enum emul_result bits_scan_old(struct emul *e, u64 v, u64 result)
{
	bits_set_flag(e, X86_EFLAGS_ZF, v == 0);
	if (v != 0) {
		emul_reg_set(e, e->insn.reg, e->insn.op_bytes, result);
	}
	return EMUL_OKAY;
}

static enum emul_result bits_scan_new(struct emul *e, u64 v, u64 result)
{
	bits_set_flag(e, X86_EFLAGS_CF, v == 0);
	bits_set_flag(e, X86_EFLAGS_ZF, result == 0);
	emul_reg_set(e, e->insn.reg, e->insn.op_bytes, result);
	return EMUL_OKAY;
}

static enum emul_result bits_popcnt(struct emul *e, u64 v)
{
	bits_set_flag(e,
		X86_EFLAGS_CF | X86_EFLAGS_PF | X86_EFLAGS_AF | X86_EFLAGS_SF | X86_EFLAGS_OF,
		false);
	bits_set_flag(e, X86_EFLAGS_ZF, v == 0);
	emul_reg_set(e, e->insn.reg, e->insn.op_bytes, bits_count(v));
	return EMUL_OKAY;
}

/* 0F B8 POPCNT (F3 only), 0F BC BSF or TZCNT, 0F BD BSR or LZCNT. */
enum emul_result emul_bits_scan(struct emul *e)
{
	const struct emul_insn *i = &e->insn;
	bool f3 = i->rep == 0xf3;
	u32 bits = i->op_bytes * 8;
	enum emul_result r;
	u64 v;

	if (i->opcode == 0xb8 && (!f3 || !(e->features & EMUL_HAS_POPCNT))) {
		return emul_raise(e, X86_EXC_UD);
	}
	r = emul_rm_read(e, i->op_bytes, &v);
	if (r != EMUL_OKAY) {
		return r;
	}
	if (i->opcode == 0xb8) {
		return bits_popcnt(e, v);
	}
	if (i->opcode == 0xbc) {
		return f3 && (e->features & EMUL_HAS_BMI1)
			       ? bits_scan_new(e, v, v ? bits_lowest(v) : bits)
			       : bits_scan_old(e, v, bits_lowest(v));
	}
	return f3 && (e->features & EMUL_HAS_LZCNT)
		       ? bits_scan_new(e, v, v ? bits - 1 - bits_highest(v) : bits)
		       : bits_scan_old(e, v, bits_highest(v));
}

/* ANDN r, vvvv, rm: 32 or 64 bits by VEX.W. */
enum emul_result emul_bits_andn(struct emul *e)
{
	const struct emul_insn *i = &e->insn;
	u32 bytes = (i->rex & 8) ? 8 : 4;
	enum emul_result r;
	u64 v;

	if (!i->vex || i->vex_pp != 0) {
		return EMUL_UNHANDLEABLE;
	}
	if (i->vex_l || !(e->features & EMUL_HAS_BMI1)) {
		return emul_raise(e, X86_EXC_UD);
	}
	r = emul_rm_read(e, bytes, &v);
	if (r != EMUL_OKAY) {
		return r;
	}
	v = emul_alu_and(bytes, ~emul_reg_get(e, i->vex_reg, bytes), v, &e->next.rflags);
	emul_reg_set(e, i->reg, bytes, v & emul_mask(bytes));
	return EMUL_OKAY;
}
