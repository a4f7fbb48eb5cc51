/* SPDX-License-Identifier: GPL-2.0-only */
/* Handlers that move and exchange general registers and memory, and those that do nothing. */
#include "arch/x86/emul/alu.h"
#include "arch/x86/emul/internal.h"
#include "lib/string.h"

enum emul_result emul_move_to_rm(struct emul *e)
{
	const struct emul_insn *i = &e->insn;

	return emul_rm_write(e, i->op_bytes, emul_reg_get(e, i->reg, i->op_bytes));
}

enum emul_result emul_move_to_reg(struct emul *e)
{
	const struct emul_insn *i = &e->insn;
	enum emul_result r;
	u64 v;

	r = emul_rm_read(e, i->op_bytes, &v);
	if (r == EMUL_OKAY) {
		emul_reg_set(e, i->reg, i->op_bytes, v);
	}
	return r;
}

/* To memory always 16 bits; to a register zero-extended to the operand size. */
enum emul_result emul_move_from_sreg(struct emul *e)
{
	struct x86_seg seg;
	enum emul_result r;
	u32 n = (e->insn.modrm >> 3) & 7;

	if (n >= X86_SEG_COUNT) {
		return emul_raise(e, X86_EXC_UD);
	}
	if (!e->ops->read_seg) {
		return EMUL_UNHANDLEABLE;
	}
	r = e->ops->read_seg(e, n, &seg);
	if (r != EMUL_OKAY) {
		return r;
	}
	return emul_rm_write(e, e->insn.has_mem ? 2 : e->insn.op_bytes, seg.sel);
}

/* Without descriptors: the limit and attributes stay. */
enum emul_result emul_move_load_sreg(struct emul *e, enum x86_seg_reg n, u16 sel)
{
	struct x86_seg seg;
	enum emul_result r;

	if (!e->ops->read_seg || !e->ops->write_seg) {
		return EMUL_UNHANDLEABLE;
	}
	r = e->ops->read_seg(e, n, &seg);
	if (r != EMUL_OKAY) {
		return r;
	}
	seg.sel = sel;
	seg.base = (u64)sel << 4;
	if (n == SEG_SS) {
		e->shadow = EMUL_SHADOW_MOV_SS;
	}
	return e->ops->write_seg(e, n, &seg);
}

/* Real and virtual-8086 mode only. */
enum emul_result emul_move_to_sreg(struct emul *e)
{
	u32 n = (e->insn.modrm >> 3) & 7;
	enum emul_result r;
	u64 sel;

	if (n >= X86_SEG_COUNT || n == SEG_CS) {
		return emul_raise(e, X86_EXC_UD);
	}
	if (emul_protected(e)) {
		return EMUL_UNHANDLEABLE;
	}
	r = emul_rm_read(e, 2, &sel);
	return r != EMUL_OKAY ? r : emul_move_load_sreg(e, n, (u16)sel);
}

enum emul_result emul_move_imm_reg(struct emul *e)
{
	const struct emul_insn *i = &e->insn;
	u32 reg = (i->opcode & 7) | ((i->rex & 1) ? 8 : 0);

	emul_reg_set(e, reg, i->op_bytes, i->imm);
	return EMUL_OKAY;
}

enum emul_result emul_move_imm_rm(struct emul *e)
{
	if (e->insn.modrm & 0x38) { /* XABORT, XBEGIN */
		return EMUL_UNHANDLEABLE;
	}
	return emul_rm_write(e, e->insn.op_bytes, e->insn.imm);
}

/* A0, A1 load the accumulator, A2, A3 store it. */
enum emul_result emul_move_moffs(struct emul *e)
{
	u32 bytes = e->insn.op_bytes;
	enum emul_result r;
	u64 v;

	if (e->insn.opcode & 2) {
		return emul_rm_write(e, bytes, emul_reg_get(e, REG_RAX, bytes));
	}
	r = emul_rm_read(e, bytes, &v);
	if (r == EMUL_OKAY) {
		emul_reg_set(e, REG_RAX, bytes, v);
	}
	return r;
}

/* MOVZX and MOVSX: the source is a byte or a word. */
enum emul_result emul_move_extend(struct emul *e)
{
	const struct emul_insn *i = &e->insn;
	u32 bytes = (i->opcode & 1) ? 2 : 1;
	enum emul_result r;
	u64 v;

	r = emul_rm_read(e, bytes, &v);
	if (r == EMUL_OKAY) {
		emul_reg_set(
			e, i->reg, i->op_bytes, (i->opcode & 8) ? emul_sign_extend(v, bytes) : v);
	}
	return r;
}

/* ARPL outside 64-bit mode. For a 16-bit destination AMD parts still read 32 bits. */
enum emul_result emul_move_movsxd(struct emul *e)
{
	u32 bytes = e->intel ? MIN(e->insn.op_bytes, 4) : 4;
	enum emul_result r;
	u64 v;

	if (e->mode != EMUL_LONG64) {
		return EMUL_UNHANDLEABLE;
	}
	r = emul_rm_read(e, bytes, &v);
	if (r == EMUL_OKAY) {
		emul_reg_set(e, e->insn.reg, e->insn.op_bytes, emul_sign_extend(v, bytes));
	}
	return r;
}

enum emul_result emul_move_lea(struct emul *e)
{
	emul_reg_set(e, e->insn.reg, e->insn.op_bytes, e->insn.mem.offset);
	return EMUL_OKAY;
}

enum emul_result emul_move_xlat(struct emul *e)
{
	const struct emul_insn *i = &e->insn;
	u64 offset = e->next.gpr[REG_RBX] + (e->next.gpr[REG_RAX] & 0xff);
	struct emul_mem m = { .seg = SEG_DS, .bytes = 1 };
	enum emul_result r;
	u8 v = 0;

	m.offset = offset & emul_mask(i->addr_bytes);
	if (i->seg_override >= 0) {
		m.seg = i->seg_override;
	}
	r = emul_mem_read(e, &m, &v, 0);
	if (r == EMUL_OKAY) {
		e->next.gpr[REG_RAX] = (e->next.gpr[REG_RAX] & ~0xffULL) | v;
	}
	return r;
}

/* XCHG with memory is locked with or without the prefix. */
enum emul_result emul_move_xchg(struct emul *e)
{
	const struct emul_insn *i = &e->insn;
	u64 reg = emul_reg_get(e, i->reg, i->op_bytes);
	enum emul_result r;
	u64 v;

	e->locked = true;
	r = emul_rm_read_rmw(e, i->op_bytes, &v);
	if (r != EMUL_OKAY) {
		return r;
	}
	r = emul_rm_write(e, i->op_bytes, reg);
	if (r == EMUL_OKAY) {
		emul_reg_set(e, i->reg, i->op_bytes, v);
	}
	return r;
}

/* 90 without REX.B is NOP (or PAUSE): it does not even clear the upper half of RAX. */
enum emul_result emul_move_xchg_acc(struct emul *e)
{
	const struct emul_insn *i = &e->insn;
	u32 reg = (i->opcode & 7) | ((i->rex & 1) ? 8 : 0);
	u64 v = emul_reg_get(e, reg, i->op_bytes);

	if (reg == REG_RAX) {
		return EMUL_OKAY;
	}
	emul_reg_set(e, reg, i->op_bytes, emul_reg_get(e, REG_RAX, i->op_bytes));
	emul_reg_set(e, REG_RAX, i->op_bytes, v);
	return EMUL_OKAY;
}

/* The source is read, and a 32-bit destination zero-extended, whatever the condition says. */
enum emul_result emul_move_cmov(struct emul *e)
{
	const struct emul_insn *i = &e->insn;
	enum emul_result r;
	u64 v;

	r = emul_rm_read(e, i->op_bytes, &v);
	if (r != EMUL_OKAY) {
		return r;
	}
	if (!emul_condition(e->next.rflags, i->opcode)) {
		v = emul_reg_get(e, i->reg, i->op_bytes);
	}
	emul_reg_set(e, i->reg, i->op_bytes, v);
	return EMUL_OKAY;
}

enum emul_result emul_move_setcc(struct emul *e)
{
	return emul_rm_write(e, 1, emul_condition(e->next.rflags, e->insn.opcode));
}

static u64 move_swapped(u64 v, u32 bytes)
{
	u64 out = 0;

	for (u32 i = 0; i < bytes; i++) {
		out = out << 8 | (v & 0xff);
		v >>= 8;
	}
	return out;
}

/* Of 16 bits the result is undefined; zero, as on real parts. */
enum emul_result emul_move_bswap(struct emul *e)
{
	const struct emul_insn *i = &e->insn;
	u32 reg = (i->opcode & 7) | ((i->rex & 1) ? 8 : 0);
	u64 v = emul_reg_get(e, reg, i->op_bytes);

	emul_reg_set(e, reg, i->op_bytes, i->op_bytes == 2 ? 0 : move_swapped(v, i->op_bytes));
	return EMUL_OKAY;
}

/* F0 loads, F1 stores; with F2 they are CRC32. */
enum emul_result emul_move_movbe(struct emul *e)
{
	const struct emul_insn *i = &e->insn;
	u32 bytes = i->op_bytes;
	enum emul_result r;
	u64 v;

	if (i->rep) {
		return EMUL_UNHANDLEABLE;
	}
	if (!i->has_mem || !(e->features & EMUL_HAS_MOVBE)) {
		return emul_raise(e, X86_EXC_UD);
	}
	if (i->opcode & 1) {
		return emul_rm_write(e, bytes, move_swapped(emul_reg_get(e, i->reg, bytes), bytes));
	}
	r = emul_rm_read(e, bytes, &v);
	if (r == EMUL_OKAY) {
		emul_reg_set(e, i->reg, bytes, move_swapped(v, bytes));
	}
	return r;
}

enum emul_result emul_move_movnti(struct emul *e)
{
	const struct emul_insn *i = &e->insn;

	if (i->rep || i->opsize) {
		return emul_raise(e, X86_EXC_UD);
	}
	return emul_rm_write(e, i->op_bytes, emul_reg_get(e, i->reg, i->op_bytes));
}

/*
 * Memory is written in either case: the new value, or the old one back (AMD64 APM vol. 3). A
 * register that differs is left alone, even its upper half.
 */
enum emul_result emul_move_cmpxchg(struct emul *e)
{
	const struct emul_insn *i = &e->insn;
	u32 bytes = i->op_bytes;
	enum emul_result r;
	u64 v, acc;
	bool equal;

	r = emul_rm_read_rmw(e, bytes, &v);
	if (r != EMUL_OKAY) {
		return r;
	}
	acc = emul_reg_get(e, REG_RAX, bytes);
	equal = acc == v;
	emul_alu_sub(bytes, acc, v, &e->next.rflags);
	if (equal || i->has_mem) {
		r = emul_rm_write(e, bytes, equal ? emul_reg_get(e, i->reg, bytes) : v);
	}
	if (r == EMUL_OKAY && !equal) {
		emul_reg_set(e, REG_RAX, bytes, v);
	}
	return r;
}

enum emul_result emul_move_xadd(struct emul *e)
{
	const struct emul_insn *i = &e->insn;
	u32 bytes = i->op_bytes;
	enum emul_result r;
	u64 v, sum;

	r = emul_rm_read_rmw(e, bytes, &v);
	if (r != EMUL_OKAY) {
		return r;
	}
	sum = emul_alu_add(bytes, v, emul_reg_get(e, i->reg, bytes), &e->next.rflags);
	if (!i->has_mem) { /* with one register twice, the sum wins */
		emul_reg_set(e, i->reg, bytes, v);
		return emul_rm_write(e, bytes, sum);
	}
	r = emul_rm_write(e, bytes, sum);
	if (r == EMUL_OKAY) {
		emul_reg_set(e, i->reg, bytes, v);
	}
	return r;
}

static enum emul_result move_pair_store(struct emul *e, u64 old[2], const u64 want[2], u32 bytes)
{
	u64 seen[2] = { old[0], old[1] };
	enum emul_result r;
	u64 linear;

	if (!e->locked) {
		return emul_mem_write(e, &e->insn.mem, want, 0);
	}
	if (!e->ops->cmpxchg) {
		return EMUL_UNHANDLEABLE;
	}
	r = emul_linear(e, &e->insn.mem, true, &linear);
	if (r != EMUL_OKAY) {
		return r;
	}
	r = e->ops->cmpxchg(e, linear, seen, want, bytes);
	return r == EMUL_OKAY && memcmp(seen, old, bytes) != 0 ? EMUL_RETRY : r;
}

/* Reads a pair of @half bytes each; CMPXCHG16B must be aligned, canonical or not. */
static enum emul_result move_pair_load(struct emul *e, u64 value[2], u32 half)
{
	struct emul_mem *m = &e->insn.mem;
	u8 buf[16] = { 0 };
	enum emul_result r;
	u64 linear = 0;

	m->bytes = half * 2;
	r = emul_linear(e, m, true, &linear);
	if (half == 8 && (linear & 15)) {
		return emul_raise_error(e, X86_EXC_GP, 0);
	}
	if (r != EMUL_OKAY) {
		return r;
	}
	r = emul_mem_read(e, m, buf, EMUL_ACC_RMW);
	memcpy(&value[0], buf, half);
	memcpy(&value[1], buf + half, half);
	return r;
}

static void move_pair_pack(u64 out[2], u64 low, u64 high, u32 half)
{
	u8 buf[16] = { 0 };

	memcpy(buf, &low, half);
	memcpy(buf + half, &high, half);
	memcpy(out, buf, sizeof(buf));
}

/* CMPXCHG8B and CMPXCHG16B: rDX:rAX against memory, rCX:rBX in. Only ZF changes. */
enum emul_result emul_move_cmpxchg_pair(struct emul *e)
{
	u32 half = (e->insn.rex & 8) ? 8 : 4;
	u64 v[2] = { 0, 0 }, old[2], want[2];
	enum emul_result r;
	bool equal;

	if (((e->insn.modrm >> 3) & 7) != 1) {
		return EMUL_UNHANDLEABLE; /* RDRAND, RDSEED, XSAVEC, VMPTRLD ... */
	}
	if (!e->insn.has_mem) {
		return emul_raise(e, X86_EXC_UD);
	}
	r = move_pair_load(e, v, half);
	if (r != EMUL_OKAY) {
		return r;
	}
	equal = v[0] == emul_reg_get(e, REG_RAX, half) && v[1] == emul_reg_get(e, REG_RDX, half);
	move_pair_pack(old, v[0], v[1], half);
	move_pair_pack(want, emul_reg_get(e, REG_RBX, half), emul_reg_get(e, REG_RCX, half), half);
	r = move_pair_store(e, old, equal ? want : old, half * 2);
	if (r != EMUL_OKAY) {
		return r;
	}
	e->next.rflags = (e->next.rflags & ~X86_EFLAGS_ZF) | (equal ? X86_EFLAGS_ZF : 0);
	if (!equal) {
		emul_reg_set(e, REG_RAX, half, v[0]);
		emul_reg_set(e, REG_RDX, half, v[1]);
	}
	return EMUL_OKAY;
}

/* Hints: NOP rm, PREFETCH. Their memory operand is not accessed. */
enum emul_result emul_move_nop(struct emul *e)
{
	return EMUL_OKAY;
}

/* LFENCE, MFENCE, SFENCE; CLFLUSH has nothing to flush where memory is emulated. */
enum emul_result emul_move_fence(struct emul *e)
{
	u32 op = (e->insn.modrm >> 3) & 7;

	if (e->insn.rep || op < 5) {
		return EMUL_UNHANDLEABLE;
	}
	return e->insn.has_mem && op != 7 ? EMUL_UNHANDLEABLE : EMUL_OKAY;
}
