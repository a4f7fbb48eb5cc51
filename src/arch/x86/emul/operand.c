/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Operands: registers of every size, memory through segmentation, and the stack. The only file that
 * calls the read, write and cmpxchg hooks with an address. Must never touch *e->regs.
 */
#include "arch/x86/emul/internal.h"
#include "lib/string.h"

u64 emul_mask(u32 bytes)
{
	return bytes >= 8 ? ~0ULL : BIT64(bytes * 8) - 1;
}

u64 emul_sign_extend(u64 v, u32 bytes)
{
	u64 sign = BIT64(bytes * 8 - 1);

	return ((v & emul_mask(bytes)) ^ sign) - sign;
}

/* Without REX, byte registers 4..7 are AH, CH, DH, BH. */
static bool operand_is_high_byte(const struct emul *e, u32 reg, u32 bytes)
{
	return bytes == 1 && !e->insn.rex && !e->insn.vex && reg >= 4 && reg < 8;
}

u64 emul_reg_get(const struct emul *e, u32 reg, u32 bytes)
{
	if (operand_is_high_byte(e, reg, bytes)) {
		return (e->next.gpr[reg - 4] >> 8) & 0xff;
	}
	return e->next.gpr[reg] & emul_mask(bytes);
}

void emul_reg_set(struct emul *e, u32 reg, u32 bytes, u64 v)
{
	u64 mask = emul_mask(bytes);

	if (operand_is_high_byte(e, reg, bytes)) {
		e->next.gpr[reg - 4] = (e->next.gpr[reg - 4] & ~0xff00ULL) | (v & 0xff) << 8;
	} else if (bytes >= 4) {
		e->next.gpr[reg] = v & mask;
	} else {
		e->next.gpr[reg] = (e->next.gpr[reg] & ~mask) | (v & mask);
	}
}

void emul_reg_set_addr(struct emul *e, u32 reg, u32 bytes, u64 v)
{
	u64 keep = bytes == 2 ? ~0xffffULL : 0;

	e->next.gpr[reg] = (e->next.gpr[reg] & keep) | (v & emul_mask(bytes));
}

static enum emul_result operand_fault(struct emul *e, enum x86_seg_reg seg)
{
	return emul_raise_error(e, seg == SEG_SS ? X86_EXC_SS : X86_EXC_GP, 0);
}

static bool operand_is_canonical(const struct emul *e, u64 linear)
{
	u32 shift = (e->cr4 & X86_CR4_LA57) ? 7 : 16;

	return (u64)((s64)(linear << shift) >> shift) == linear;
}

static enum emul_result operand_linear64(struct emul *e, const struct emul_mem *m, u64 *linear)
{
	struct x86_seg seg = { 0 };
	enum emul_result r;

	if (m->seg == SEG_FS || m->seg == SEG_GS) {
		if (!e->ops->read_seg) {
			return EMUL_UNHANDLEABLE;
		}
		r = e->ops->read_seg(e, m->seg, &seg);
		if (r != EMUL_OKAY) {
			return r;
		}
	}
	*linear = seg.base + m->offset;
	if (!operand_is_canonical(e, *linear) || !operand_is_canonical(e, *linear + m->bytes - 1) ||
		*linear + m->bytes - 1 < *linear) {
		return operand_fault(e, m->seg);
	}
	return EMUL_OKAY;
}

/* Whether the descriptor allows the access at all (AMD64 APM vol. 2, 4.11 and 4.12). */
static bool operand_seg_allows(const struct emul *e, const struct x86_seg *seg, bool write)
{
	bool code = seg->attr & X86_SEG_CODE;

	if (!emul_protected(e)) {
		return true;
	}
	if (!(seg->attr & X86_SEG_P)) {
		return false;
	}
	if (write) {
		return !code && (seg->attr & X86_SEG_WRITABLE);
	}
	return !code || (seg->attr & X86_SEG_READABLE);
}

static bool operand_in_limit(const struct x86_seg *seg, u64 first, u64 last)
{
	u32 down = X86_SEG_EXPAND_DOWN | X86_SEG_CODE | X86_SEG_S;
	u64 top = (seg->attr & X86_SEG_DB) ? 0xffffffffULL : 0xffffULL;

	if ((seg->attr & down) == (X86_SEG_EXPAND_DOWN | X86_SEG_S)) {
		return first > seg->limit && last <= top;
	}
	return last <= seg->limit;
}

enum emul_result emul_linear(struct emul *e, const struct emul_mem *m, bool write, u64 *linear)
{
	u64 last = m->offset + m->bytes - 1;
	struct x86_seg seg;
	enum emul_result r;

	*linear = 0;
	if (e->mode == EMUL_LONG64) {
		return operand_linear64(e, m, linear);
	}
	if (!e->ops->read_seg) {
		return EMUL_UNHANDLEABLE;
	}
	r = e->ops->read_seg(e, m->seg, &seg);
	if (r != EMUL_OKAY) {
		return r;
	}
	if (!operand_seg_allows(e, &seg, write) || !operand_in_limit(&seg, m->offset, last)) {
		return operand_fault(e, m->seg);
	}
	*linear = (u32)(seg.base + m->offset);
	/* An access around the end of the 4 GiB space has no contiguous linear address. */
	return *linear + m->bytes - 1 > 0xffffffffULL ? EMUL_UNHANDLEABLE : EMUL_OKAY;
}

/* How many of *bytes instruction bytes at @rip the code segment holds, and where they are. */
enum emul_result emul_code_linear(struct emul *e, u64 rip, u32 *bytes, u64 *linear)
{
	struct x86_seg cs;
	enum emul_result r;

	if (e->mode == EMUL_LONG64) {
		*linear = rip;
		return operand_is_canonical(e, rip) ? EMUL_OKAY
						    : emul_raise_error(e, X86_EXC_GP, 0);
	}
	if (!e->ops->read_seg) {
		return EMUL_UNHANDLEABLE;
	}
	r = e->ops->read_seg(e, SEG_CS, &cs);
	if (r != EMUL_OKAY) {
		return r;
	}
	if (rip > cs.limit) {
		return emul_raise_error(e, X86_EXC_GP, 0);
	}
	*bytes = MIN((u64)*bytes, cs.limit - rip + 1);
	*linear = (u32)(cs.base + rip);
	return EMUL_OKAY;
}

/* A near branch to @rip faults before it is taken (AMD64 APM vol. 3, JMP). */
enum emul_result emul_check_target(struct emul *e, u64 rip)
{
	u32 bytes = 1;
	u64 linear;

	return emul_code_linear(e, rip, &bytes, &linear);
}

/* #AC: alignment checking of 2, 4 and 8 byte accesses by user code. It precedes paging here. */
static bool operand_misaligned(const struct emul *e, u64 linear, u32 bytes)
{
	bool checked = e->cpl == 3 && (e->cr0 & X86_CR0_AM) && (e->next.rflags & X86_EFLAGS_AC);

	return checked && bytes <= 8 && (linear & (bytes - 1)) != 0;
}

static enum emul_result operand_address(
	struct emul *e, const struct emul_mem *m, bool write, u64 *linear)
{
	enum emul_result r = emul_linear(e, m, write, linear);

	if (r == EMUL_OKAY && operand_misaligned(e, *linear, m->bytes)) {
		return emul_raise_error(e, X86_EXC_AC, 0);
	}
	return r;
}

enum emul_result emul_mem_read(struct emul *e, const struct emul_mem *m, void *buf, u32 flags)
{
	enum emul_result r;
	u64 linear;

	if (!e->ops->read) {
		return EMUL_UNHANDLEABLE;
	}
	r = operand_address(e, m, flags & EMUL_ACC_RMW, &linear);
	return r != EMUL_OKAY ? r : e->ops->read(e, linear, buf, m->bytes, flags);
}

enum emul_result emul_mem_write(
	struct emul *e, const struct emul_mem *m, const void *buf, u32 flags)
{
	enum emul_result r;
	u64 linear;

	if (!e->ops->write) {
		return EMUL_UNHANDLEABLE;
	}
	r = operand_address(e, m, true, &linear);
	return r != EMUL_OKAY ? r : e->ops->write(e, linear, buf, m->bytes, flags);
}

enum emul_result emul_mem_probe(struct emul *e, const struct emul_mem *m)
{
	enum emul_result r;
	u64 linear;

	r = operand_address(e, m, true, &linear);
	if (r != EMUL_OKAY || !e->ops->probe_write) {
		return r;
	}
	return e->ops->probe_write(e, linear, m->bytes);
}

static enum emul_result operand_rm_load(struct emul *e, u32 bytes, u64 *v, u32 flags)
{
	struct emul_mem m = e->insn.mem;

	if (!e->insn.has_mem) {
		*v = emul_reg_get(e, e->insn.rm, bytes);
		return EMUL_OKAY;
	}
	m.bytes = bytes;
	*v = 0;
	return emul_mem_read(e, &m, v, flags);
}

enum emul_result emul_rm_read(struct emul *e, u32 bytes, u64 *v)
{
	return operand_rm_load(e, bytes, v, 0);
}

enum emul_result emul_rm_read_rmw(struct emul *e, u32 bytes, u64 *v)
{
	enum emul_result r;

	if (e->locked && e->insn.has_mem && !e->ops->cmpxchg) {
		return EMUL_UNHANDLEABLE;
	}
	r = operand_rm_load(e, bytes, v, EMUL_ACC_RMW);
	e->old = *v;
	return r;
}

/* Somebody else may have written since the read: then the instruction starts again, later. */
static enum emul_result operand_swap(struct emul *e, const struct emul_mem *m, u64 v)
{
	u64 old = e->old;
	enum emul_result r;
	u64 linear;

	if (!e->ops->cmpxchg) {
		return EMUL_UNHANDLEABLE;
	}
	r = operand_address(e, m, true, &linear);
	if (r != EMUL_OKAY) {
		return r;
	}
	r = e->ops->cmpxchg(e, linear, &old, &v, m->bytes);
	if (r == EMUL_OKAY && memcmp(&old, &e->old, m->bytes) != 0) {
		return EMUL_RETRY;
	}
	return r;
}

enum emul_result emul_rm_write(struct emul *e, u32 bytes, u64 v)
{
	struct emul_mem m = e->insn.mem;

	if (!e->insn.has_mem) {
		emul_reg_set(e, e->insn.rm, bytes, v);
		return EMUL_OKAY;
	}
	m.bytes = bytes;
	return e->locked ? operand_swap(e, &m, v) : emul_mem_write(e, &m, &v, 0);
}

enum emul_result emul_stack_bytes(struct emul *e, u32 *bytes)
{
	struct x86_seg ss;
	enum emul_result r;

	*bytes = 8;
	if (e->mode == EMUL_LONG64) {
		return EMUL_OKAY;
	}
	if (!e->ops->read_seg) {
		return EMUL_UNHANDLEABLE;
	}
	r = e->ops->read_seg(e, SEG_SS, &ss);
	if (r == EMUL_OKAY) {
		*bytes = emul_protected(e) && (ss.attr & X86_SEG_DB) ? 4 : 2;
	}
	return r;
}

/* Where a push of m->bytes goes. */
static enum emul_result operand_push_at(struct emul *e, struct emul_mem *m, u32 *sp_bytes)
{
	enum emul_result r = emul_stack_bytes(e, sp_bytes);

	m->offset = (e->next.gpr[REG_RSP] - m->bytes) & emul_mask(*sp_bytes);
	return r;
}

enum emul_result emul_push(struct emul *e, const void *buf, u32 bytes)
{
	struct emul_mem m = { .seg = SEG_SS, .bytes = bytes };
	enum emul_result r;
	u32 sp_bytes;

	r = operand_push_at(e, &m, &sp_bytes);
	if (r == EMUL_OKAY) {
		r = emul_mem_write(e, &m, buf, EMUL_ACC_STACK);
	}
	if (r == EMUL_OKAY) {
		emul_reg_set_addr(e, REG_RSP, sp_bytes, m.offset);
	}
	return r;
}

enum emul_result emul_push_probe(struct emul *e, u32 bytes)
{
	struct emul_mem m = { .seg = SEG_SS, .bytes = bytes };
	enum emul_result r;
	u32 sp_bytes;

	r = operand_push_at(e, &m, &sp_bytes);
	return r != EMUL_OKAY ? r : emul_mem_probe(e, &m);
}

enum emul_result emul_pop(struct emul *e, void *buf, u32 bytes)
{
	struct emul_mem m = { .seg = SEG_SS, .bytes = bytes };
	enum emul_result r;
	u32 sp_bytes;

	r = emul_stack_bytes(e, &sp_bytes);
	if (r != EMUL_OKAY) {
		return r;
	}
	m.offset = e->next.gpr[REG_RSP] & emul_mask(sp_bytes);
	r = emul_mem_read(e, &m, buf, EMUL_ACC_STACK);
	if (r == EMUL_OKAY) {
		emul_reg_set_addr(e, REG_RSP, sp_bytes, m.offset + bytes);
	}
	return r;
}
