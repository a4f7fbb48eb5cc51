/* SPDX-License-Identifier: GPL-2.0-only */
/* Handlers of PUSH, POP and their relatives. Each accesses the stack once, as a whole. */
#include "arch/x86/emul/internal.h"
#include "lib/string.h"

static u32 stack_opcode_reg(const struct emul *e)
{
	return (e->insn.opcode & 7) | ((e->insn.rex & 1) ? 8 : 0);
}

enum emul_result emul_stack_push_reg(struct emul *e)
{
	u64 v = emul_reg_get(e, stack_opcode_reg(e), e->insn.op_bytes);

	return emul_push(e, &v, e->insn.op_bytes);
}

enum emul_result emul_stack_pop_reg(struct emul *e)
{
	enum emul_result r;
	u64 v = 0;

	r = emul_pop(e, &v, e->insn.op_bytes);
	if (r == EMUL_OKAY) {
		emul_reg_set(e, stack_opcode_reg(e), e->insn.op_bytes, v);
	}
	return r;
}

enum emul_result emul_stack_push_imm(struct emul *e)
{
	return emul_push(e, &e->insn.imm, e->insn.op_bytes);
}

enum emul_result emul_stack_push_rm(struct emul *e)
{
	enum emul_result r;
	u64 v;

	r = emul_rm_read(e, e->insn.op_bytes, &v);
	return r != EMUL_OKAY ? r : emul_push(e, &v, e->insn.op_bytes);
}

/* An address based on RSP is formed after the pop (AMD64 APM vol. 3, POP). */
enum emul_result emul_stack_pop_rm(struct emul *e)
{
	struct emul_insn *i = &e->insn;
	u64 offset = i->mem.offset;
	enum emul_result r;
	u64 v = 0;

	if (i->modrm & 0x38) { /* XOP */
		return EMUL_UNHANDLEABLE;
	}
	r = emul_pop(e, &v, i->op_bytes);
	if (r != EMUL_OKAY) {
		return r;
	}
	if (i->mem_rsp) {
		i->mem.offset = (offset + i->op_bytes) & emul_mask(i->addr_bytes);
	}
	r = emul_rm_write(e, i->op_bytes, v);
	i->mem.offset = offset;
	return r;
}

/* One-byte opcodes have the segment in bits 4:3, 0F A0 and A8 mean FS and GS. */
static enum x86_seg_reg stack_sreg(const struct emul *e)
{
	u32 n = (e->insn.opcode >> 3) & 7;

	return e->insn.map == EMUL_MAP_1 ? n & 3 : SEG_FS + (n & 1);
}

enum emul_result emul_stack_push_sreg(struct emul *e)
{
	struct x86_seg seg;
	enum emul_result r;
	u64 v;

	if (!e->ops->read_seg) {
		return EMUL_UNHANDLEABLE;
	}
	r = e->ops->read_seg(e, stack_sreg(e), &seg);
	v = seg.sel;
	return r != EMUL_OKAY ? r : emul_push(e, &v, e->insn.op_bytes);
}

enum emul_result emul_stack_pop_sreg(struct emul *e)
{
	enum emul_result r;
	u64 v = 0;

	if (emul_protected(e)) {
		return EMUL_UNHANDLEABLE;
	}
	r = emul_pop(e, &v, e->insn.op_bytes);
	return r != EMUL_OKAY ? r : emul_move_load_sreg(e, stack_sreg(e), (u16)v);
}

/* In memory, RDI comes first and RAX last; the RSP stored is the one before. */
enum emul_result emul_stack_pusha(struct emul *e)
{
	u32 bytes = e->insn.op_bytes;
	u8 buf[8 * 4];

	for (u32 n = 0; n < 8; n++) {
		memcpy(buf + n * bytes, &e->next.gpr[7 - n], bytes);
	}
	return emul_push(e, buf, 8 * bytes);
}

enum emul_result emul_stack_popa(struct emul *e)
{
	u32 bytes = e->insn.op_bytes;
	enum emul_result r;
	u8 buf[8 * 4];
	u64 v;

	r = emul_pop(e, buf, 8 * bytes);
	for (u32 n = 0; n < 8 && r == EMUL_OKAY; n++) {
		v = 0;
		memcpy(&v, buf + n * bytes, bytes);
		if (7 - n != REG_RSP) {
			emul_reg_set(e, 7 - n, bytes, v);
		}
	}
	return r;
}

static u32 stack_iopl(const struct emul *e)
{
	return (e->regs->rflags & X86_EFLAGS_IOPL) >> X86_EFLAGS_IOPL_SHIFT;
}

/* Virtual-8086 mode below IOPL 3 is #GP or, with VME, something else: not known here. */
static bool stack_flags_virtual(const struct emul *e)
{
	return e->mode == EMUL_VM86 && stack_iopl(e) < 3;
}

enum emul_result emul_stack_pushf(struct emul *e)
{
	u64 v = e->regs->rflags & ~(X86_EFLAGS_VM | X86_EFLAGS_RF);

	return stack_flags_virtual(e) ? EMUL_UNHANDLEABLE : emul_push(e, &v, e->insn.op_bytes);
}

/* Which flags POPF may change: IOPL at CPL 0, IF at CPL <= IOPL (AMD64 APM vol. 3, POPF). */
static u64 stack_popf_mask(const struct emul *e)
{
	u64 mask = X86_EFLAGS_CF | X86_EFLAGS_PF | X86_EFLAGS_AF | X86_EFLAGS_ZF | X86_EFLAGS_SF |
		   X86_EFLAGS_TF | X86_EFLAGS_DF | X86_EFLAGS_OF | X86_EFLAGS_NT;
	u32 cpl = e->mode == EMUL_REAL ? 0 : e->cpl;

	if (e->insn.op_bytes > 2) {
		mask |= X86_EFLAGS_AC | X86_EFLAGS_ID;
	}
	if (cpl == 0) {
		mask |= X86_EFLAGS_IOPL;
	}
	if (cpl <= stack_iopl(e)) {
		mask |= X86_EFLAGS_IF;
	}
	return mask;
}

enum emul_result emul_stack_popf(struct emul *e)
{
	u64 mask = stack_popf_mask(e);
	enum emul_result r;
	u64 v = 0;

	if (stack_flags_virtual(e)) {
		return EMUL_UNHANDLEABLE;
	}
	r = emul_pop(e, &v, e->insn.op_bytes);
	if (r == EMUL_OKAY) {
		e->next.rflags = (e->next.rflags & ~mask) | (v & mask);
	}
	return r;
}

enum emul_result emul_stack_leave(struct emul *e)
{
	enum emul_result r;
	u32 sp_bytes;
	u64 v = 0;

	r = emul_stack_bytes(e, &sp_bytes);
	if (r != EMUL_OKAY) {
		return r;
	}
	emul_reg_set_addr(e, REG_RSP, sp_bytes, e->next.gpr[REG_RBP]);
	r = emul_pop(e, &v, e->insn.op_bytes);
	if (r == EMUL_OKAY) {
		emul_reg_set(e, REG_RBP, e->insn.op_bytes, v);
	}
	return r;
}
