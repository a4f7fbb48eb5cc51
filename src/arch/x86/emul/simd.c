/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Handlers of MMX, SSE and AVX moves: one table of forms, no arithmetic. Legacy SSE keeps the upper
 * half of a YMM register, VEX clears what it does not write (AMD64 APM vol. 4, 1.2 and chapter 2).
 */
#include "arch/x86/emul/internal.h"
#include "lib/string.h"

#define VEC_BYTES 32

enum simd_pp { PP_NONE, PP_66, PP_F3, PP_F2 };

/* Attributes of a form. */
#define ALIGNED BIT32(0) /* memory must be aligned to its size, or #GP */
#define MEM BIT32(1)	 /* #UD with a register */
#define L0 BIT32(2)	 /* the VEX form is 128-bit only */
#define MMX BIT32(3)
#define VVVV BIT32(4)	  /* VEX.vvvv is a source; elsewhere it must be unused */
#define VVVV_REG BIT32(5) /* a source only if the other one is a register */

struct simd_form {
	u8 map;
	u8 opcode;
	u8 pp;	  /* enum simd_pp */
	u8 bytes; /* of the memory operand; 0: the vector, 1: a general register */
	enum emul_result (*execute)(struct emul *e);
	u32 flags;
};

static enum emul_result simd_get(struct emul *e, u32 reg, u8 v[VEC_BYTES])
{
	return e->ops->get_vec ? e->ops->get_vec(e, reg, v) : EMUL_UNHANDLEABLE;
}

/* Replaces the lower @bytes of a register. */
static enum emul_result simd_put(struct emul *e, u32 reg, const u8 *v, u32 bytes)
{
	u8 out[VEC_BYTES] = { 0 };
	enum emul_result r = EMUL_OKAY;

	if (!e->ops->put_vec) {
		return EMUL_UNHANDLEABLE;
	}
	if (!e->insn.vex) {
		r = simd_get(e, reg, out);
	}
	memcpy(out, v, bytes);
	return r != EMUL_OKAY ? r : e->ops->put_vec(e, reg, out);
}

/* VEX forms with two sources only: there vvvv names the one that fills the rest of 128 bits. */
static enum emul_result simd_get_rest(struct emul *e, u32 reg, u8 v[VEC_BYTES])
{
	return simd_get(e, e->insn.vex ? e->insn.vex_reg : reg, v);
}

static u32 simd_width(const struct emul_insn *i)
{
	return i->vex_l ? 32 : 16;
}

static enum emul_result simd_load(struct emul *e)
{
	const struct emul_insn *i = &e->insn;
	u8 v[VEC_BYTES] = { 0 };
	enum emul_result r;

	r = i->has_mem ? emul_mem_read(e, &i->mem, v, 0) : simd_get(e, i->rm, v);
	return r != EMUL_OKAY ? r : simd_put(e, i->reg, v, simd_width(i));
}

static enum emul_result simd_store(struct emul *e)
{
	const struct emul_insn *i = &e->insn;
	u8 v[VEC_BYTES] = { 0 };
	enum emul_result r;

	r = simd_get(e, i->reg, v);
	if (r != EMUL_OKAY) {
		return r;
	}
	return i->has_mem ? emul_mem_write(e, &i->mem, v, 0) : simd_put(e, i->rm, v, simd_width(i));
}

/* Memory to the low part with zeroes above; or a register's low part, the rest kept or vvvv's. */
static enum emul_result simd_zero_load(struct emul *e)
{
	const struct emul_insn *i = &e->insn;
	u8 v[16] = { 0 };
	enum emul_result r;

	r = emul_mem_read(e, &i->mem, v, 0);
	return r != EMUL_OKAY ? r : simd_put(e, i->reg, v, sizeof(v));
}

/* MOVSS and MOVSD between registers: @bytes of @src into what else @dst (or vvvv) holds. */
static enum emul_result simd_scalar_merge(struct emul *e, u32 dst, u32 src)
{
	u32 bytes = (e->insn.vex ? e->insn.vex_pp == PP_F3 : e->insn.rep == 0xf3) ? 4 : 8;
	u8 rest[VEC_BYTES] = { 0 }, v[VEC_BYTES] = { 0 };
	enum emul_result r;

	r = simd_get_rest(e, dst, rest);
	if (r == EMUL_OKAY) {
		r = simd_get(e, src, v);
	}
	if (r != EMUL_OKAY) {
		return r;
	}
	memcpy(rest, v, bytes);
	return simd_put(e, dst, rest, 16);
}

static enum emul_result simd_scalar_load(struct emul *e)
{
	return e->insn.has_mem ? simd_zero_load(e) : simd_scalar_merge(e, e->insn.reg, e->insn.rm);
}

static enum emul_result simd_scalar_store(struct emul *e)
{
	return e->insn.has_mem ? simd_store(e) : simd_scalar_merge(e, e->insn.rm, e->insn.reg);
}

/* MOVLPx, MOVHPx: one half from memory, or from the other half of a register; the rest stays. */
static enum emul_result simd_half_load(struct emul *e, u32 half)
{
	const struct emul_insn *i = &e->insn;
	u8 rest[VEC_BYTES] = { 0 }, v[VEC_BYTES] = { 0 };
	enum emul_result r;

	r = simd_get_rest(e, i->reg, rest);
	if (r != EMUL_OKAY) {
		return r;
	}
	if (i->has_mem) {
		r = emul_mem_read(e, &i->mem, rest + half, 0);
	} else {
		r = simd_get(e, i->rm, v);
		memcpy(rest + half, v + (8 - half), 8);
	}
	return r != EMUL_OKAY ? r : simd_put(e, i->reg, rest, 16);
}

static enum emul_result simd_low_load(struct emul *e)
{
	return simd_half_load(e, 0);
}

static enum emul_result simd_high_load(struct emul *e)
{
	return simd_half_load(e, 8);
}

static enum emul_result simd_high_store(struct emul *e)
{
	enum emul_result r;
	u8 v[VEC_BYTES] = { 0 };

	r = simd_get(e, e->insn.reg, v);
	return r != EMUL_OKAY ? r : emul_mem_write(e, &e->insn.mem, v + 8, 0);
}

/* MOVQ zeroes the upper half of its destination, register or not. */
static enum emul_result simd_movq(struct emul *e, u32 dst, u32 src)
{
	u8 v[VEC_BYTES] = { 0 };
	enum emul_result r;

	r = simd_get(e, src, v);
	memset(v + 8, 0, sizeof(v) - 8);
	return r != EMUL_OKAY ? r : simd_put(e, dst, v, 16);
}

static enum emul_result simd_movq_load(struct emul *e)
{
	return e->insn.has_mem ? simd_zero_load(e) : simd_movq(e, e->insn.reg, e->insn.rm);
}

static enum emul_result simd_movq_store(struct emul *e)
{
	return e->insn.has_mem ? simd_store(e) : simd_movq(e, e->insn.rm, e->insn.reg);
}

static u32 simd_gpr_bytes(const struct emul_insn *i)
{
	return (i->rex & 8) ? 8 : 4;
}

static enum emul_result simd_gpr_load(struct emul *e)
{
	u8 v[16] = { 0 };
	enum emul_result r;
	u64 value;

	r = emul_rm_read(e, simd_gpr_bytes(&e->insn), &value);
	memcpy(v, &value, sizeof(value));
	return r != EMUL_OKAY ? r : simd_put(e, e->insn.reg, v, sizeof(v));
}

static enum emul_result simd_gpr_store(struct emul *e)
{
	u8 v[VEC_BYTES] = { 0 };
	enum emul_result r;
	u64 value;

	r = simd_get(e, e->insn.reg, v);
	memcpy(&value, v, sizeof(value));
	return r != EMUL_OKAY ? r : emul_rm_write(e, simd_gpr_bytes(&e->insn), value);
}

/* MMX: the register number has three bits. */
static enum emul_result simd_mmx_put(struct emul *e, u32 reg, u64 v)
{
	return e->ops->put_mmx ? e->ops->put_mmx(e, reg & 7, v) : EMUL_UNHANDLEABLE;
}

static enum emul_result simd_mmx_get(struct emul *e, u32 reg, u64 *v)
{
	return e->ops->get_mmx ? e->ops->get_mmx(e, reg & 7, v) : EMUL_UNHANDLEABLE;
}

static enum emul_result simd_mmx_load(struct emul *e)
{
	enum emul_result r;
	u64 v = 0;

	r = e->insn.has_mem ? emul_mem_read(e, &e->insn.mem, &v, 0)
			    : simd_mmx_get(e, e->insn.rm, &v);
	return r != EMUL_OKAY ? r : simd_mmx_put(e, e->insn.reg, v);
}

static enum emul_result simd_mmx_store(struct emul *e)
{
	enum emul_result r;
	u64 v = 0;

	r = simd_mmx_get(e, e->insn.reg, &v);
	if (r != EMUL_OKAY) {
		return r;
	}
	return e->insn.has_mem ? emul_mem_write(e, &e->insn.mem, &v, 0)
			       : simd_mmx_put(e, e->insn.rm, v);
}

static enum emul_result simd_mmx_gpr_load(struct emul *e)
{
	enum emul_result r;
	u64 v;

	r = emul_rm_read(e, simd_gpr_bytes(&e->insn), &v);
	return r != EMUL_OKAY ? r : simd_mmx_put(e, e->insn.reg, v);
}

static enum emul_result simd_mmx_gpr_store(struct emul *e)
{
	enum emul_result r;
	u64 v = 0;

	r = simd_mmx_get(e, e->insn.reg, &v);
	return r != EMUL_OKAY ? r : emul_rm_write(e, simd_gpr_bytes(&e->insn), v);
}

#define VECTOR 0
#define GPR 1
#define MAP_0F EMUL_MAP_0F
#define MAP_0F38 EMUL_MAP_0F38

/* clang-format off */
static const struct simd_form simd_forms[] = {
	{ MAP_0F, 0x10, PP_NONE, VECTOR, simd_load, 0 }, /* MOVUPS */
	{ MAP_0F, 0x10, PP_66, VECTOR, simd_load, 0 }, /* MOVUPD */
	{ MAP_0F, 0x10, PP_F3, 4, simd_scalar_load, VVVV_REG }, /* MOVSS */
	{ MAP_0F, 0x10, PP_F2, 8, simd_scalar_load, VVVV_REG }, /* MOVSD */
	{ MAP_0F, 0x11, PP_NONE, VECTOR, simd_store, 0 },
	{ MAP_0F, 0x11, PP_66, VECTOR, simd_store, 0 },
	{ MAP_0F, 0x11, PP_F3, 4, simd_scalar_store, VVVV_REG },
	{ MAP_0F, 0x11, PP_F2, 8, simd_scalar_store, VVVV_REG },
	{ MAP_0F, 0x12, PP_NONE, 8, simd_low_load, L0 | VVVV }, /* MOVLPS, MOVHLPS */
	{ MAP_0F, 0x12, PP_66, 8, simd_low_load, L0 | VVVV | MEM }, /* MOVLPD */
	{ MAP_0F, 0x13, PP_NONE, 8, simd_store, L0 | MEM },
	{ MAP_0F, 0x13, PP_66, 8, simd_store, L0 | MEM },
	{ MAP_0F, 0x16, PP_NONE, 8, simd_high_load, L0 | VVVV }, /* MOVHPS, MOVLHPS */
	{ MAP_0F, 0x16, PP_66, 8, simd_high_load, L0 | VVVV | MEM }, /* MOVHPD */
	{ MAP_0F, 0x17, PP_NONE, 8, simd_high_store, L0 | MEM },
	{ MAP_0F, 0x17, PP_66, 8, simd_high_store, L0 | MEM },
	{ MAP_0F, 0x28, PP_NONE, VECTOR, simd_load, ALIGNED }, /* MOVAPS */
	{ MAP_0F, 0x28, PP_66, VECTOR, simd_load, ALIGNED }, /* MOVAPD */
	{ MAP_0F, 0x29, PP_NONE, VECTOR, simd_store, ALIGNED },
	{ MAP_0F, 0x29, PP_66, VECTOR, simd_store, ALIGNED },
	{ MAP_0F, 0x2b, PP_NONE, VECTOR, simd_store, ALIGNED | MEM }, /* MOVNTPS */
	{ MAP_0F, 0x2b, PP_66, VECTOR, simd_store, ALIGNED | MEM }, /* MOVNTPD */
	{ MAP_0F, 0x6e, PP_NONE, GPR, simd_mmx_gpr_load, MMX }, /* MOVD, MOVQ */
	{ MAP_0F, 0x6e, PP_66, GPR, simd_gpr_load, L0 },
	{ MAP_0F, 0x6f, PP_NONE, 8, simd_mmx_load, MMX }, /* MOVQ */
	{ MAP_0F, 0x6f, PP_66, VECTOR, simd_load, ALIGNED }, /* MOVDQA */
	{ MAP_0F, 0x6f, PP_F3, VECTOR, simd_load, 0 }, /* MOVDQU */
	{ MAP_0F, 0x7e, PP_NONE, GPR, simd_mmx_gpr_store, MMX }, /* MOVD, MOVQ */
	{ MAP_0F, 0x7e, PP_66, GPR, simd_gpr_store, L0 },
	{ MAP_0F, 0x7e, PP_F3, 8, simd_movq_load, L0 }, /* MOVQ */
	{ MAP_0F, 0x7f, PP_NONE, 8, simd_mmx_store, MMX },
	{ MAP_0F, 0x7f, PP_66, VECTOR, simd_store, ALIGNED },
	{ MAP_0F, 0x7f, PP_F3, VECTOR, simd_store, 0 },
	{ MAP_0F, 0xd6, PP_66, 8, simd_movq_store, L0 }, /* MOVQ */
	{ MAP_0F, 0xe7, PP_NONE, 8, simd_mmx_store, MMX | MEM }, /* MOVNTQ */
	{ MAP_0F, 0xe7, PP_66, VECTOR, simd_store, ALIGNED | MEM }, /* MOVNTDQ */
	{ MAP_0F, 0xf0, PP_F2, VECTOR, simd_load, MEM }, /* LDDQU */
	{ MAP_0F38, 0x2a, PP_66, VECTOR, simd_load, ALIGNED | MEM }, /* MOVNTDQA */
};
/* clang-format on */

static enum simd_pp simd_prefix(const struct emul_insn *i)
{
	if (i->vex) {
		return i->vex_pp;
	}
	if (i->rep) {
		return i->rep == 0xf3 ? PP_F3 : PP_F2;
	}
	return i->opsize ? PP_66 : PP_NONE;
}

static const struct simd_form *simd_find(const struct emul_insn *i)
{
	const struct simd_form *f;

	for (u32 n = 0; n < ARRAY_SIZE(simd_forms); n++) {
		f = &simd_forms[n];
		if (f->map == i->map && f->opcode == i->opcode && f->pp == simd_prefix(i)) {
			return f;
		}
	}
	return NULL;
}

u32 emul_simd_bytes(const struct emul_insn *i)
{
	const struct simd_form *f = simd_find(i);

	if (!f) {
		return 0;
	}
	return f->bytes == VECTOR ? simd_width(i) : f->bytes == GPR ? simd_gpr_bytes(i) : f->bytes;
}

/* Whether the guest's system software has enabled the instruction set. */
static enum emul_result simd_check_enabled(struct emul *e, const struct simd_form *f)
{
	u64 avx = X86_XCR0_SSE | X86_XCR0_AVX;
	bool enabled;

	if (e->insn.vex) {
		enabled = (e->cr4 & X86_CR4_OSXSAVE) && (e->xcr0 & avx) == avx;
	} else {
		enabled = !(e->cr0 & X86_CR0_EM) && ((f->flags & MMX) || (e->cr4 & X86_CR4_OSFXSR));
	}
	if (!enabled) {
		return emul_raise(e, X86_EXC_UD);
	}
	return (e->cr0 & X86_CR0_TS) ? emul_raise(e, X86_EXC_NM) : EMUL_OKAY;
}

/* In 64-bit mode even an address that is not canonical is first of all misaligned. */
static enum emul_result simd_check_aligned(struct emul *e, const struct simd_form *f)
{
	enum emul_result r;
	u64 linear = 0;

	if (!(f->flags & ALIGNED) || !e->insn.has_mem) {
		return EMUL_OKAY;
	}
	r = emul_linear(e, &e->insn.mem, false, &linear);
	if (r != EMUL_UNHANDLEABLE && (linear & (e->insn.mem.bytes - 1))) {
		return emul_raise_error(e, X86_EXC_GP, 0);
	}
	return r;
}

/* #UD by encoding alone. An unused VEX.vvvv is all ones, which decodes to register 0. */
static bool simd_invalid(const struct emul_insn *i, const struct simd_form *f)
{
	u32 vvvv = i->has_mem ? VVVV : VVVV | VVVV_REG;

	if (!i->has_mem && (f->flags & MEM)) {
		return true;
	}
	if (!i->vex) {
		return false;
	}
	return (f->flags & MMX) || (i->vex_l && (f->flags & L0)) ||
	       (i->vex_reg != 0 && !(f->flags & vvvv));
}

enum emul_result emul_simd_move(struct emul *e)
{
	const struct emul_insn *i = &e->insn;
	const struct simd_form *f = simd_find(i);
	enum emul_result r;

	if (!f) {
		return EMUL_UNHANDLEABLE;
	}
	if (simd_invalid(i, f)) {
		return emul_raise(e, X86_EXC_UD);
	}
	r = simd_check_enabled(e, f);
	if (r == EMUL_OKAY) {
		r = simd_check_aligned(e, f);
	}
	return r != EMUL_OKAY ? r : f->execute(e);
}
