/* SPDX-License-Identifier: GPL-2.0-only */
/* Handlers of near branches, and the conditions of Jcc, SETcc and CMOVcc. No far transfers. */
#include "arch/x86/emul/internal.h"

bool emul_condition(u64 rflags, u32 code)
{
	bool less = !(rflags & X86_EFLAGS_SF) != !(rflags & X86_EFLAGS_OF);
	bool zero = rflags & X86_EFLAGS_ZF;
	const bool holds[8] = {
		rflags & X86_EFLAGS_OF,
		rflags & X86_EFLAGS_CF,
		zero,
		(rflags & X86_EFLAGS_CF) || zero,
		rflags & X86_EFLAGS_SF,
		rflags & X86_EFLAGS_PF,
		less,
		less || zero,
	};

	return holds[(code >> 1) & 7] != (code & 1);
}

static enum emul_result flow_jump(struct emul *e, u64 target)
{
	enum emul_result r;

	target &= emul_mask(e->insn.op_bytes);
	r = emul_check_target(e, target);
	if (r == EMUL_OKAY) {
		e->next.rip = target;
	}
	return r;
}

/* A fault of the push comes before that of the target, but neither leaves anything written. */
static enum emul_result flow_call(struct emul *e, u64 target)
{
	u64 back = e->next.rip;
	enum emul_result r;

	r = emul_push_probe(e, e->insn.op_bytes);
	if (r == EMUL_OKAY) {
		r = flow_jump(e, target);
	}
	return r != EMUL_OKAY ? r : emul_push(e, &back, e->insn.op_bytes);
}

enum emul_result emul_flow_jcc(struct emul *e)
{
	if (!emul_condition(e->next.rflags, e->insn.opcode)) {
		return EMUL_OKAY;
	}
	return flow_jump(e, e->next.rip + e->insn.imm);
}

/* LOOPNE, LOOPE, LOOP and JrCXZ; the counter has address size. */
enum emul_result emul_flow_loop(struct emul *e)
{
	const struct emul_insn *i = &e->insn;
	u64 count = e->next.gpr[REG_RCX] & emul_mask(i->addr_bytes);
	bool zero = e->next.rflags & X86_EFLAGS_ZF;
	bool taken = count == 0;

	if (i->opcode != 0xe3) {
		count = (count - 1) & emul_mask(i->addr_bytes);
		emul_reg_set_addr(e, REG_RCX, i->addr_bytes, count);
		taken = count != 0 && (i->opcode == 0xe2 || zero == (i->opcode & 1));
	}
	return taken ? flow_jump(e, e->next.rip + i->imm) : EMUL_OKAY;
}

enum emul_result emul_flow_jmp(struct emul *e)
{
	return flow_jump(e, e->next.rip + e->insn.imm);
}

enum emul_result emul_flow_call(struct emul *e)
{
	return flow_call(e, e->next.rip + e->insn.imm);
}

/* C2 drops that many bytes of arguments. */
enum emul_result emul_flow_ret(struct emul *e)
{
	enum emul_result r;
	u32 sp_bytes;
	u64 v = 0;

	r = emul_stack_bytes(e, &sp_bytes);
	if (r == EMUL_OKAY) {
		r = emul_pop(e, &v, e->insn.op_bytes);
	}
	if (r != EMUL_OKAY) {
		return r;
	}
	emul_reg_set_addr(e, REG_RSP, sp_bytes, e->next.gpr[REG_RSP] + e->insn.imm);
	return flow_jump(e, v);
}

/* INC, DEC, CALL, CALL far, JMP, JMP far, PUSH; FE has the first two only. */
enum emul_result emul_flow_group5(struct emul *e)
{
	u32 op = (e->insn.modrm >> 3) & 7;
	enum emul_result r;
	u64 target;

	switch (op) {
	case 0:
	case 1:
		return emul_arith_inc_dec(e);
	case 2:
	case 4:
		r = emul_rm_read(e, e->insn.op_bytes, &target);
		if (r != EMUL_OKAY) {
			return r;
		}
		return op == 2 ? flow_call(e, target) : flow_jump(e, target);
	case 6:
		return emul_stack_push_rm(e);
	case 7:
		return emul_raise(e, X86_EXC_UD);
	default:
		return EMUL_UNHANDLEABLE;
	}
}
