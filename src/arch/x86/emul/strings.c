/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Handlers of the string instructions, with and without REP. One call runs a bounded number of
 * iterations; a failure after the first one ends the call early with EMUL_OKAY and rep_again, so
 * that it comes again, first, in the next call.
 */
#include "arch/x86/emul/alu.h"
#include "arch/x86/emul/internal.h"

/* What one call works on. */
struct string {
	const struct strings_kind *kind;
	u32 bytes; /* of one item */
	u16 port;
	struct emul_mem src, dst;
};

struct strings_kind {
	enum emul_result (*item)(struct emul *e, struct string *s);
	enum emul_result (*bulk)(struct emul *e, struct string *s, u64 *count);
	bool src, dst; /* RSI, RDI move */
	bool compares; /* REPE and REPNE look at ZF */
	bool port;
};

/* A destination that faults must do so before the port is read. */
static enum emul_result strings_ins(struct emul *e, struct string *s)
{
	enum emul_result r;
	u32 v = 0;

	if (!e->ops->read_io) {
		return EMUL_UNHANDLEABLE;
	}
	r = emul_mem_probe(e, &s->dst);
	if (r == EMUL_OKAY) {
		r = e->ops->read_io(e, s->port, s->bytes, &v);
	}
	return r != EMUL_OKAY ? r : emul_mem_write(e, &s->dst, &v, 0);
}

static enum emul_result strings_outs(struct emul *e, struct string *s)
{
	enum emul_result r;
	u32 v = 0;

	if (!e->ops->write_io) {
		return EMUL_UNHANDLEABLE;
	}
	r = emul_mem_read(e, &s->src, &v, 0);
	return r != EMUL_OKAY ? r : e->ops->write_io(e, s->port, s->bytes, v);
}

static enum emul_result strings_movs(struct emul *e, struct string *s)
{
	enum emul_result r;
	u64 v = 0;

	r = emul_mem_read(e, &s->src, &v, 0);
	return r != EMUL_OKAY ? r : emul_mem_write(e, &s->dst, &v, 0);
}

static enum emul_result strings_cmps(struct emul *e, struct string *s)
{
	enum emul_result r;
	u64 a = 0, b = 0;

	r = emul_mem_read(e, &s->src, &a, 0);
	if (r == EMUL_OKAY) {
		r = emul_mem_read(e, &s->dst, &b, 0);
	}
	if (r == EMUL_OKAY) {
		emul_alu_sub(s->bytes, a, b, &e->next.rflags);
	}
	return r;
}

static enum emul_result strings_stos(struct emul *e, struct string *s)
{
	return emul_mem_write(e, &s->dst, &e->next.gpr[REG_RAX], 0);
}

static enum emul_result strings_lods(struct emul *e, struct string *s)
{
	enum emul_result r;
	u64 v = 0;

	r = emul_mem_read(e, &s->src, &v, 0);
	if (r == EMUL_OKAY) {
		emul_reg_set(e, REG_RAX, s->bytes, v);
	}
	return r;
}

static enum emul_result strings_scas(struct emul *e, struct string *s)
{
	enum emul_result r;
	u64 v = 0;

	r = emul_mem_read(e, &s->dst, &v, 0);
	if (r == EMUL_OKAY) {
		emul_alu_sub(s->bytes, emul_reg_get(e, REG_RAX, s->bytes), v, &e->next.rflags);
	}
	return r;
}

/* The linear address of @count items from @m on; anything in the way means: not in bulk. */
static bool strings_range(
	struct emul *e, const struct emul_mem *m, u64 count, bool write, u64 *linear)
{
	struct emul_mem all = *m;

	all.bytes = (u32)count * m->bytes;
	return m->offset + all.bytes - 1 <= emul_mask(e->insn.addr_bytes) &&
	       m->offset + all.bytes - 1 >= m->offset &&
	       emul_linear(e, &all, write, linear) == EMUL_OKAY;
}

static enum emul_result strings_bulk_ins(struct emul *e, struct string *s, u64 *count)
{
	u64 dst;

	if (!e->ops->rep_read_io || !strings_range(e, &s->dst, *count, true, &dst)) {
		return EMUL_UNHANDLEABLE;
	}
	return e->ops->rep_read_io(e, s->port, dst, s->bytes, count);
}

static enum emul_result strings_bulk_outs(struct emul *e, struct string *s, u64 *count)
{
	u64 src;

	if (!e->ops->rep_write_io || !strings_range(e, &s->src, *count, false, &src)) {
		return EMUL_UNHANDLEABLE;
	}
	return e->ops->rep_write_io(e, s->port, src, s->bytes, count);
}

static enum emul_result strings_bulk_movs(struct emul *e, struct string *s, u64 *count)
{
	u64 src, dst;

	if (!e->ops->rep_movs || !strings_range(e, &s->src, *count, false, &src) ||
		!strings_range(e, &s->dst, *count, true, &dst)) {
		return EMUL_UNHANDLEABLE;
	}
	return e->ops->rep_movs(e, src, dst, s->bytes, count);
}

static enum emul_result strings_bulk_stos(struct emul *e, struct string *s, u64 *count)
{
	u64 dst;

	if (!e->ops->rep_stos || !strings_range(e, &s->dst, *count, true, &dst)) {
		return EMUL_UNHANDLEABLE;
	}
	return e->ops->rep_stos(e, dst, &e->next.gpr[REG_RAX], s->bytes, count);
}

/* By opcode without its lowest bit: 6C, 6E, A4 ... AE. */
static const struct strings_kind *strings_kind(u8 opcode)
{
	static const struct strings_kind ports[2] = {
		{ strings_ins, strings_bulk_ins, .dst = true, .port = true },
		{ strings_outs, strings_bulk_outs, .src = true, .port = true },
	};
	static const struct strings_kind memory[6] = {
		{ strings_movs, strings_bulk_movs, .src = true, .dst = true },
		{ strings_cmps, NULL, .src = true, .dst = true, .compares = true },
		{ NULL }, /* A8: TEST */
		{ strings_stos, strings_bulk_stos, .dst = true },
		{ strings_lods, NULL, .src = true },
		{ strings_scas, NULL, .dst = true, .compares = true },
	};

	return opcode < 0xa0 ? &ports[(opcode >> 1) & 1] : &memory[((opcode >> 1) - 0x52) % 6];
}

static void strings_advance(struct emul *e, enum x86_reg reg, u64 by)
{
	emul_reg_set_addr(e, reg, e->insn.addr_bytes, e->next.gpr[reg] + by);
}

/* After @count items. */
static void strings_step(struct emul *e, const struct string *s, u64 count)
{
	u64 by = count * s->bytes;

	if (e->next.rflags & X86_EFLAGS_DF) {
		by = -by;
	}
	if (s->kind->src) {
		strings_advance(e, REG_RSI, by);
	}
	if (s->kind->dst) {
		strings_advance(e, REG_RDI, by);
	}
	if (e->insn.rep) {
		strings_advance(e, REG_RCX, -count);
	}
}

static void strings_locate(const struct emul *e, struct string *s)
{
	u64 mask = emul_mask(e->insn.addr_bytes);

	s->src.offset = e->next.gpr[REG_RSI] & mask;
	s->dst.offset = e->next.gpr[REG_RDI] & mask;
}

static u64 strings_left(const struct emul *e)
{
	return e->next.gpr[REG_RCX] & emul_mask(e->insn.addr_bytes);
}

/* One instruction without REP, or one iteration with it. */
static enum emul_result strings_once(struct emul *e, struct string *s)
{
	enum emul_result r;

	strings_locate(e, s);
	r = s->kind->item(e, s);
	if (r == EMUL_OKAY) {
		strings_step(e, s, 1);
	}
	return r;
}

/* REPE (F3) goes on while equal, REPNE (F2) while not; other instructions know one REP only. */
static bool strings_ended(const struct emul *e, const struct string *s)
{
	bool zero = e->next.rflags & X86_EFLAGS_ZF;

	return strings_left(e) == 0 || (s->kind->compares && zero != (e->insn.rep == 0xf3));
}

/* EMUL_UNHANDLEABLE: item by item, please. A page's worth of items at most. */
static enum emul_result strings_bulk(struct emul *e, struct string *s)
{
	bool aligned = e->cpl == 3 && (e->cr0 & X86_CR0_AM) && (e->next.rflags & X86_EFLAGS_AC);
	u64 count = MIN(strings_left(e), PAGE_SIZE / s->bytes), done = count;
	enum emul_result r;

	if (!s->kind->bulk || aligned || e->single_step || (e->next.rflags & X86_EFLAGS_DF)) {
		return EMUL_UNHANDLEABLE;
	}
	strings_locate(e, s);
	r = s->kind->bulk(e, s, &done);
	if (r != EMUL_OKAY) {
		return r;
	}
	if (done == 0 || done > count) {
		return EMUL_RETRY;
	}
	strings_step(e, s, done);
	return EMUL_OKAY;
}

static enum emul_result strings_repeat(struct emul *e, struct string *s)
{
	u32 max = e->single_step || !e->rep_max ? 1 : e->rep_max;
	enum emul_result r;
	u32 done;

	r = strings_bulk(e, s);
	if (r == EMUL_UNHANDLEABLE) {
		r = strings_once(e, s);
		for (done = 1; done < max && r == EMUL_OKAY && !strings_ended(e, s); done++) {
			if (strings_once(e, s) != EMUL_OKAY) {
				break;
			}
		}
	}
	if (r == EMUL_OKAY && !strings_ended(e, s)) {
		e->rep_again = true;
		e->next.rip = e->regs->rip;
		e->next.rflags |= e->regs->rflags & X86_EFLAGS_RF;
	}
	return r;
}

enum emul_result emul_strings_run(struct emul *e)
{
	const struct emul_insn *i = &e->insn;
	struct string s = { .kind = strings_kind(i->opcode) };
	enum emul_result r;

	s.bytes = s.kind->port ? MIN(i->op_bytes, 4) : i->op_bytes;
	s.src.seg = i->seg_override >= 0 ? i->seg_override : SEG_DS;
	s.dst.seg = SEG_ES;
	s.src.bytes = s.dst.bytes = s.bytes;
	s.port = (u16)e->next.gpr[REG_RDX];
	if (s.kind->port) {
		r = emul_io_check(e, s.port, s.bytes);
		if (r != EMUL_OKAY) {
			return r;
		}
	}
	if (i->rep && strings_left(e) == 0) {
		return EMUL_OKAY;
	}
	return i->rep ? strings_repeat(e, &s) : strings_once(e, &s);
}
