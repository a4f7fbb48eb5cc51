/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Instruction bytes to struct emul_insn: prefixes, opcode, ModRM and SIB, displacement, immediate.
 * Calls no hook and reads no memory but the bytes given (AMD64 APM vol. 3, chapter 1).
 */
#include "arch/x86/emul/internal.h"
#include "lib/string.h"

/* The bytes that are left. Every step returns EMUL_OKAY or the result of emul_decode(). */
struct cursor {
	struct emul *e;
	const u8 *bytes;
	u32 len;
	u32 pos;
};

static enum emul_result decode_bytes(struct cursor *c, void *out, u32 bytes)
{
	if (c->pos + bytes > EMUL_INSN_MAX) {
		return emul_raise_error(c->e, X86_EXC_GP, 0);
	}
	if (c->pos + bytes > c->len) {
		return EMUL_TRUNCATED;
	}
	memcpy(out, c->bytes + c->pos, bytes);
	c->pos += bytes;
	return EMUL_OKAY;
}

/* A little-endian number, sign-extended to 64 bits. */
static enum emul_result decode_signed(struct cursor *c, u64 *out, u32 bytes)
{
	enum emul_result r;

	*out = 0;
	r = decode_bytes(c, out, bytes);
	*out = emul_sign_extend(*out, bytes);
	return r;
}

static enum emul_result decode_unsigned(struct cursor *c, u64 *out, u32 bytes)
{
	*out = 0;
	return decode_bytes(c, out, bytes);
}

/* In 64-bit mode the four old segment overrides are ignored. */
static void decode_segment(struct emul *e, enum x86_seg_reg seg)
{
	if (e->mode != EMUL_LONG64 || seg == SEG_FS || seg == SEG_GS) {
		e->insn.seg_override = (s8)seg;
	}
}

struct prefixes {
	bool opsize, addrsize;
};

/* Whether @b is a prefix, which is then noted. A REX counts only right before the opcode. */
static bool decode_prefix(struct emul *e, struct prefixes *p, u8 b)
{
	if (e->mode == EMUL_LONG64 && (b & 0xf0) == 0x40) {
		e->insn.rex = b;
		return true;
	}
	switch (b) {
	case 0x26:
	case 0x2e:
	case 0x36:
	case 0x3e:
		decode_segment(e, (b >> 3) & 3);
		break;
	case 0x64:
	case 0x65:
		decode_segment(e, b & 7);
		break;
	case 0x66:
		p->opsize = true;
		break;
	case 0x67:
		p->addrsize = true;
		break;
	case 0xf0:
		e->insn.lock = true;
		break;
	case 0xf2:
	case 0xf3:
		e->insn.rep = b;
		break;
	default:
		return false;
	}
	e->insn.rex = 0;
	return true;
}

/* C4 and C5 are VEX except, outside 64-bit mode, when what follows is a LES/LDS memory operand. */
static enum emul_result decode_vex_is(struct cursor *c, u8 b, bool *vex)
{
	struct emul *e = c->e;

	*vex = false;
	if ((b != 0xc4 && b != 0xc5) || !emul_protected(e)) {
		return EMUL_OKAY;
	}
	if (c->pos >= EMUL_INSN_MAX) {
		return emul_raise_error(e, X86_EXC_GP, 0);
	}
	if (c->pos >= c->len) {
		return EMUL_TRUNCATED;
	}
	*vex = e->mode == EMUL_LONG64 || (c->bytes[c->pos] & 0xc0) == 0xc0;
	return EMUL_OKAY;
}

/* VEX (AMD64 APM vol. 3, 1.2.7): R, X, B become a REX; 66, F2, F3, LOCK and REX are not allowed. */
static enum emul_result decode_vex(struct cursor *c, struct prefixes *p, u8 first, u8 *map)
{
	struct emul_insn *i = &c->e->insn;
	u8 v[2] = { 0, 0 };
	enum emul_result r;

	r = decode_bytes(c, v, first == 0xc4 ? 2 : 1);
	if (r != EMUL_OKAY) {
		return r;
	}
	if (i->rex || i->lock || i->rep || p->opsize) {
		return emul_raise(c->e, X86_EXC_UD);
	}
	i->vex = true;
	if (first == 0xc5) {
		i->rex = 0x40 | ((v[0] & 0x80) ? 0 : 4);
		*map = EMUL_MAP_0F;
		v[1] = v[0] & 0x7f;
	} else {
		i->rex = 0x40 | ((~v[0] >> 5) & 7) | ((v[1] >> 4) & 8);
		*map = v[0] & 0x1f;
	}
	i->vex_pp = v[1] & 3;
	i->vex_l = v[1] & 4;
	i->vex_reg = (~v[1] >> 3) & 15;
	if (c->e->mode != EMUL_LONG64) {
		i->rex = 0x40;
		i->vex_reg &= 7;
	}
	if (*map != EMUL_MAP_0F && *map != EMUL_MAP_0F38 && *map != EMUL_MAP_0F3A) {
		return EMUL_UNHANDLEABLE;
	}
	return decode_bytes(c, &i->opcode, 1);
}

/* 0F, 0F 38 and 0F 3A. */
static enum emul_result decode_escape(struct cursor *c, u8 *map)
{
	struct emul_insn *i = &c->e->insn;
	enum emul_result r;

	*map = EMUL_MAP_1;
	if (i->opcode != 0x0f) {
		return EMUL_OKAY;
	}
	*map = EMUL_MAP_0F;
	r = decode_bytes(c, &i->opcode, 1);
	if (r != EMUL_OKAY || (i->opcode != 0x38 && i->opcode != 0x3a)) {
		return r;
	}
	*map = i->opcode == 0x38 ? EMUL_MAP_0F38 : EMUL_MAP_0F3A;
	return decode_bytes(c, &i->opcode, 1);
}

static enum emul_result decode_opcode(struct cursor *c, struct prefixes *p)
{
	struct emul_insn *i = &c->e->insn;
	enum emul_result r;
	bool vex;
	u8 b = 0;

	do {
		r = decode_bytes(c, &b, 1);
		if (r != EMUL_OKAY) {
			return r;
		}
	} while (decode_prefix(c->e, p, b));
	i->opcode = b;
	r = decode_vex_is(c, b, &vex);
	if (r != EMUL_OKAY) {
		return r;
	}
	return vex ? decode_vex(c, p, b, &i->map) : decode_escape(c, &i->map);
}

static void decode_sizes(struct emul *e, const struct prefixes *p, u32 flags)
{
	static const u8 op_default[EMUL_MODE_COUNT] = { 2, 2, 2, 4, 4 };
	static const u8 addr_default[EMUL_MODE_COUNT] = { 2, 2, 2, 4, 8 };
	struct emul_insn *i = &e->insn;
	bool opsize = p->opsize;
	u8 op = op_default[e->mode];
	u8 addr = addr_default[e->mode];

	i->opsize = p->opsize;
	i->addr_bytes = !p->addrsize ? addr : addr == 4 ? 2 : 4;
	if (e->mode == EMUL_LONG64 && (flags & (OP_D64 | OP_BRANCH))) {
		op = 8;
		opsize = opsize && !(e->intel && (flags & OP_BRANCH));
	}
	i->op_bytes = !opsize ? op : op == 2 ? 4 : 2;
	if (i->rex & 8) {
		i->op_bytes = 8;
	}
	if (flags & OP_BYTE) {
		i->op_bytes = 1;
	}
}

/* Base and index registers of the 16-bit forms, and whether they imply SS; 8 is none. */
static const struct {
	u8 base, index;
	bool stack;
} decode_modrm16[8] = {
	{ REG_RBX, REG_RSI, false },
	{ REG_RBX, REG_RDI, false },
	{ REG_RBP, REG_RSI, true },
	{ REG_RBP, REG_RDI, true },
	{ REG_RSI, 8, false },
	{ REG_RDI, 8, false },
	{ REG_RBP, 8, true },
	{ REG_RBX, 8, false },
};

static enum emul_result decode_disp(struct cursor *c, u64 *disp)
{
	struct emul_insn *i = &c->e->insn;
	u32 mod = i->modrm >> 6;

	*disp = 0;
	if (mod == 0) {
		return EMUL_OKAY;
	}
	return decode_signed(c, disp, mod == 1 ? 1 : i->addr_bytes == 2 ? 2 : 4);
}

static enum emul_result decode_mem16(struct cursor *c)
{
	struct emul_insn *i = &c->e->insn;
	const u64 *gpr = c->e->regs->gpr;
	u32 rm = i->modrm & 7;
	enum emul_result r;
	u64 disp;

	if ((i->modrm & 0xc7) == 6) {
		i->mem.seg = SEG_DS;
		return decode_signed(c, &i->mem.offset, 2);
	}
	r = decode_disp(c, &disp);
	i->mem.seg = decode_modrm16[rm].stack ? SEG_SS : SEG_DS;
	i->mem.offset = disp + gpr[decode_modrm16[rm].base];
	if (decode_modrm16[rm].index != 8) {
		i->mem.offset += gpr[decode_modrm16[rm].index];
	}
	return r;
}

/* The SIB byte: leaves the sum without displacement in mem.offset. *base is 16 if there is none. */
static enum emul_result decode_sib(struct cursor *c, u32 *base)
{
	struct emul_insn *i = &c->e->insn;
	enum emul_result r;
	u32 index;
	u8 sib = 0;

	r = decode_bytes(c, &sib, 1);
	if (r != EMUL_OKAY) {
		return r;
	}
	index = ((sib >> 3) & 7) | ((i->rex & 2) ? 8 : 0);
	if (index != REG_RSP) {
		i->mem.offset = c->e->regs->gpr[index] << (sib >> 6);
	}
	*base = (sib & 7) == 5 && i->modrm < 0x40 ? 16 : (sib & 7) | ((i->rex & 1) ? 8 : 0);
	return EMUL_OKAY;
}

static enum emul_result decode_mem32(struct cursor *c, bool *rip_relative)
{
	struct emul_insn *i = &c->e->insn;
	u32 base = (i->modrm & 7) | ((i->rex & 1) ? 8 : 0);
	enum emul_result r = EMUL_OKAY;
	u64 disp;

	*rip_relative = false;
	if ((i->modrm & 7) == 4) {
		r = decode_sib(c, &base);
	} else if ((i->modrm & 0xc7) == 5) {
		*rip_relative = c->e->mode == EMUL_LONG64;
		base = 16;
	}
	if (r != EMUL_OKAY) {
		return r;
	}
	r = base == 16 && i->modrm < 0x40 ? decode_signed(c, &disp, 4) : decode_disp(c, &disp);
	i->mem.offset += disp + (base < 16 ? c->e->regs->gpr[base] : 0);
	i->mem.seg = base == REG_RSP || base == REG_RBP ? SEG_SS : SEG_DS;
	i->mem_rsp = base == REG_RSP;
	return r;
}

static enum emul_result decode_modrm(struct cursor *c, bool *rip_relative)
{
	struct emul_insn *i = &c->e->insn;
	u32 flags = i->op->flags;
	enum emul_result r;

	*rip_relative = false;
	if (!(flags & OP_MODRM)) {
		return EMUL_OKAY;
	}
	r = decode_bytes(c, &i->modrm, 1);
	if (r != EMUL_OKAY) {
		return r;
	}
	i->has_modrm = true;
	i->reg = ((i->modrm >> 3) & 7) | ((i->rex & 4) ? 8 : 0);
	i->rm = (i->modrm & 7) | ((i->rex & 1) ? 8 : 0);
	if (i->modrm >= 0xc0 || (flags & OP_REG)) {
		return (flags & OP_MEM) ? emul_raise(c->e, X86_EXC_UD) : EMUL_OKAY;
	}
	i->has_mem = true;
	return i->addr_bytes == 2 ? decode_mem16(c) : decode_mem32(c, rip_relative);
}

static enum emul_result decode_moffs(struct cursor *c)
{
	struct emul_insn *i = &c->e->insn;

	i->has_mem = true;
	i->mem.seg = SEG_DS;
	return decode_unsigned(c, &i->mem.offset, i->addr_bytes);
}

/* Two immediates: ENTER and far pointers. */
static enum emul_result decode_imm_pair(struct cursor *c, u32 first, u32 second)
{
	struct emul_insn *i = &c->e->insn;
	enum emul_result r;
	u64 v;

	r = decode_unsigned(c, &i->imm, first);
	if (r == EMUL_OKAY) {
		r = decode_unsigned(c, &v, second);
		i->imm2 = (u16)v;
	}
	return r;
}

static enum emul_result decode_imm(struct cursor *c)
{
	struct emul_insn *i = &c->e->insn;
	u32 flags = i->op->flags;
	u32 z = MIN(i->op_bytes, 4);
	enum emul_imm kind = (flags & OP_IMM_MASK) >> OP_IMM_SHIFT;

	if ((flags & OP_GROUP3) && (i->modrm & 0x30) == 0) {
		return decode_signed(c, &i->imm, z);
	}
	switch (kind) {
	case IMM_NONE:
		return EMUL_OKAY;
	case IMM_S8:
		return decode_signed(c, &i->imm, 1);
	case IMM_U8:
		return decode_unsigned(c, &i->imm, 1);
	case IMM_Z:
		return decode_signed(c, &i->imm, z);
	case IMM_V:
		return decode_unsigned(c, &i->imm, i->op_bytes);
	case IMM_U16:
		return decode_unsigned(c, &i->imm, 2);
	case IMM_ENTER:
		return decode_imm_pair(c, 2, 1);
	case IMM_FAR:
		return decode_imm_pair(c, z, 2);
	case IMM_MOFFS:
		return decode_moffs(c);
	}
	return EMUL_UNHANDLEABLE;
}

static u32 decode_mem_bytes(const struct emul_insn *i)
{
	u32 size = i->op->flags & OP_SIZE_MASK;

	if (i->op->flags & OP_SIMD) {
		return emul_simd_bytes(i);
	}
	if (i->op->flags & OP_PAIR) {
		return (i->rex & 8) ? 16 : 8;
	}
	return size == OP_SIZE_NONE ? 0 : size ? size >> OP_SIZE_SHIFT : i->op_bytes;
}

static void decode_finish_mem(struct emul *e, bool rip_relative)
{
	struct emul_insn *i = &e->insn;

	if (!i->has_mem) {
		return;
	}
	if (rip_relative) {
		i->mem.offset += e->regs->rip + i->length;
	}
	i->mem.offset &= emul_mask(i->addr_bytes);
	if (i->seg_override >= 0) {
		i->mem.seg = i->seg_override;
	}
	i->mem.bytes = decode_mem_bytes(i);
}

/* What makes an otherwise well-formed instruction illegal. */
static enum emul_result decode_check(struct emul *e)
{
	const struct emul_insn *i = &e->insn;
	bool lockable = i->has_mem && (i->op->lock & BIT32((i->modrm >> 3) & 7));

	if (i->op->flags & OP_UD) {
		return emul_raise(e, X86_EXC_UD);
	}
	return i->lock && !lockable ? emul_raise(e, X86_EXC_UD) : EMUL_OKAY;
}

/* Opcodes that cannot be decoded further: unknown ones, and VEX where the table knows no VEX. */
static enum emul_result decode_lookup(struct emul *e)
{
	struct emul_insn *i = &e->insn;

	i->op = &emul_opcodes[i->map][i->opcode];
	if (!i->op->flags && !i->op->execute) {
		return EMUL_UNHANDLEABLE;
	}
	if (i->vex && i->map == EMUL_MAP_0F && !(i->op->flags & OP_VEX)) {
		return EMUL_UNHANDLEABLE;
	}
	if (e->mode == EMUL_LONG64 && (i->op->flags & OP_NO64)) {
		return emul_raise(e, X86_EXC_UD);
	}
	return EMUL_OKAY;
}

static enum emul_result decode_insn(struct emul *e, const u8 *insn, size_t len)
{
	static const u32 group5[8] = { [2] = OP_BRANCH, [4] = OP_BRANCH, [6] = OP_D64 };
	struct cursor c = { .e = e, .bytes = insn, .len = MIN(len, (size_t)EMUL_INSN_MAX) };
	struct prefixes p = { false, false };
	enum emul_result r;
	bool rip_relative;

	e->insn = (struct emul_insn){ .seg_override = -1 };
	r = decode_opcode(&c, &p);
	if (r == EMUL_OKAY) {
		r = decode_lookup(e);
	}
	if (r != EMUL_OKAY) {
		return r;
	}
	decode_sizes(e, &p, e->insn.op->flags);
	r = decode_modrm(&c, &rip_relative);
	if (e->insn.op->flags & OP_GROUP5) {
		decode_sizes(e, &p, group5[(e->insn.modrm >> 3) & 7]);
	}
	if (r == EMUL_OKAY) {
		r = decode_imm(&c);
	}
	if (r != EMUL_OKAY) {
		return r;
	}
	e->insn.length = (u8)c.pos;
	decode_finish_mem(e, rip_relative);
	return decode_check(e);
}

enum emul_result emul_decode(struct emul *e, const u8 *insn, size_t len)
{
	enum emul_result r = decode_insn(e, insn, len);

	if (r != EMUL_OKAY) {
		e->insn.op = NULL; /* emul_execute() refuses what was not decoded */
	}
	return r;
}
