/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Decodes loads and stores (DDI 0487, C4.1.88 "Loads and Stores", F4.1.5, F3.1.20) with an
 * immediate offset. No SIMD registers, no exclusives, no atomics: nobody uses them on devices.
 */
#include "arch/arm/insn.h"

#include "lib/bits.h"

static u32 bits(u32 insn, unsigned int hi, unsigned int lo)
{
	return (u32)field_get(mask64(hi, lo), insn);
}

static bool bit(u32 insn, unsigned int n)
{
	return insn >> n & 1;
}

/* The field of `width` bits at lo, as a signed number. */
static s32 signed_bits(u32 insn, unsigned int lo, unsigned int width)
{
	return (s32)(insn << (32 - lo - width)) >> (32 - width);
}

/* Two that write one register, or a base register that is overwritten otherwise: unpredictable. */
static bool is_predictable(const struct insn_access *a, unsigned int no_register)
{
	for (unsigned int i = 0; a->writeback && i < a->count; i++) {
		if (a->reg[i] == a->base && a->base != no_register) {
			return false;
		}
	}
	return a->write || a->count == 1 || a->reg[0] != a->reg[1];
}

/* --- AArch64 --- */

#define A64_ZERO 31

enum a64_mode { A64_OFFSET, A64_POST, A64_PRE };

static void a64_index(struct insn_access *a, enum a64_mode mode, s32 imm)
{
	a->writeback = mode != A64_OFFSET;
	a->offset = mode == A64_POST ? 0 : imm;
	a->step = mode == A64_OFFSET ? 0 : imm;
}

/* LDP, STP, LDPSW, LDNP, STNP: opc 101 V mode L imm7 Rt2 Rn Rt. */
static bool a64_pair(u32 insn, struct insn_access *a)
{
	static const enum a64_mode modes[4] = { A64_OFFSET, A64_POST, A64_OFFSET, A64_PRE };
	unsigned int opc = bits(insn, 31, 30), mode = bits(insn, 24, 23);
	bool load = bit(insn, 22);

	/* opc 01: LDPSW, which has no hint; its store is of memory tags. */
	if (opc == 3 || (opc == 1 && (!load || mode == 0))) {
		return false;
	}
	*a = (struct insn_access){ .write = !load,
		.sign = opc == 1,
		.wide = opc != 0,
		.size = opc == 2 ? 8 : 4,
		.count = 2,
		.reg = { (u8)bits(insn, 4, 0), (u8)bits(insn, 14, 10) },
		.base = (u8)bits(insn, 9, 5) };
	a64_index(a, modes[mode], signed_bits(insn, 15, 7) * a->size);
	return true;
}

/* size and opc of single registers: opc 0 stores, 1 loads, 2 and 3 load signed. */
static bool a64_single(u32 insn, struct insn_access *a)
{
	unsigned int size = bits(insn, 31, 30), opc = bits(insn, 23, 22);

	/* Signed loads fill a larger register than they read; what is left is a prefetch. */
	if ((opc == 2 && size == 3) || (opc == 3 && size >= 2)) {
		return false;
	}
	*a = (struct insn_access){ .write = opc == 0,
		.sign = opc >= 2,
		.wide = opc == 2 || size == 3,
		.size = (u8)(1U << size),
		.count = 1,
		.reg = { (u8)bits(insn, 4, 0) },
		.base = (u8)bits(insn, 9, 5) };
	return true;
}

/* size 111 V 00 opc 0 imm9 mode Rn Rt. */
static bool a64_imm9(u32 insn, struct insn_access *a)
{
	/* Unscaled; post-indexed; with the rights of EL0; pre-indexed. */
	static const enum a64_mode modes[4] = { A64_OFFSET, A64_POST, A64_OFFSET, A64_PRE };

	if (!a64_single(insn, a)) {
		return false;
	}
	a64_index(a, modes[bits(insn, 11, 10)], signed_bits(insn, 12, 9));
	return true;
}

/* size 111 V 01 opc imm12 Rn Rt. */
static bool a64_imm12(u32 insn, struct insn_access *a)
{
	if (!a64_single(insn, a)) {
		return false;
	}
	a64_index(a, A64_OFFSET, (s32)bits(insn, 21, 10) * a->size);
	return true;
}

static const struct {
	u32 mask, value;
	bool (*decode)(u32 insn, struct insn_access *a);
} a64_classes[] = {
	{ 0x3e000000, 0x28000000, a64_pair },
	{ 0x3f200000, 0x38000000, a64_imm9 },
	{ 0x3f000000, 0x39000000, a64_imm12 },
};

bool insn_decode_a64(u32 insn, struct insn_access *out)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(a64_classes); i++) {
		if ((insn & a64_classes[i].mask) == a64_classes[i].value) {
			return a64_classes[i].decode(insn, out) && is_predictable(out, A64_ZERO);
		}
	}
	return false;
}

/* --- AArch32 --- */

#define A32_PC 15
#define A32_NO_REGISTER 16

/* P (index), U (up), W (writeback): without P the base register is always written back. */
static bool a32_index(struct insn_access *a, bool p, bool u, bool w, u32 imm)
{
	s32 signed_imm = u ? (s32)imm : -(s32)imm;

	a->writeback = !p || w;
	a->offset = p ? signed_imm : 0;
	a->step = a->writeback ? signed_imm : 0;
	return a->base != A32_PC && a->reg[0] != A32_PC && a->reg[1] != A32_PC &&
	       is_predictable(a, A32_NO_REGISTER);
}

/* LDR, STR, LDRB, STRB: cond 010 P U B W L Rn Rt imm12. */
static bool a32_word(u32 insn, struct insn_access *a)
{
	*a = (struct insn_access){ .write = !bit(insn, 20),
		.size = bit(insn, 22) ? 1 : 4,
		.count = 1,
		.reg = { (u8)bits(insn, 15, 12) },
		.base = (u8)bits(insn, 19, 16) };
	return a32_index(a, bit(insn, 24), bit(insn, 23), bit(insn, 21), bits(insn, 11, 0));
}

/* Halfwords, signed bytes, doublewords: cond 000 P U 1 W L Rn Rt imm4 1 S H 1 imm4. */
static bool a32_half(u32 insn, struct insn_access *a)
{
	bool load = bit(insn, 20), sign = bit(insn, 6), half = bit(insn, 5);
	bool pair = !load && sign; /* LDRD and STRD stand where signed stores would */
	u8 reg = (u8)bits(insn, 15, 12);

	*a = (struct insn_access){ .write = pair ? half : !load,
		.sign = load && sign,
		.size = pair   ? 4
			: half ? 2
			       : 1,
		.count = pair ? 2 : 1,
		.reg = { reg, pair ? (u8)(reg + 1) : 0 },
		.base = (u8)bits(insn, 19, 16) };
	if ((!sign && !half) || (pair && (reg & 1))) {
		return false;
	}
	return a32_index(a, bit(insn, 24), bit(insn, 23), bit(insn, 21),
		bits(insn, 11, 8) << 4 | bits(insn, 3, 0));
}

bool insn_decode_a32(u32 insn, struct insn_access *out)
{
	if (bits(insn, 31, 28) == 0xf) {
		return false;
	}
	if (bits(insn, 27, 25) == 2) {
		return a32_word(insn, out);
	}
	return bits(insn, 27, 25) == 0 && bit(insn, 22) && bit(insn, 7) && bit(insn, 4) &&
	       a32_half(insn, out);
}

/* 1111 100 S 0 size L Rn  Rt 1 P U W imm8. */
bool insn_decode_t32(u32 insn, struct insn_access *out)
{
	unsigned int size = bits(insn, 22, 21);
	bool load = bit(insn, 20), sign = bit(insn, 24), w = bit(insn, 8);

	/* Without P and W it is another instruction, and PUW 110 has the rights of PL0. */
	if ((insn & 0xfe800800) != 0xf8000800 || size == 3 || (sign && (!load || size == 2)) ||
		(!bit(insn, 10) && !w) || bits(insn, 10, 8) == 6) {
		return false;
	}
	*out = (struct insn_access){ .write = !load,
		.sign = sign,
		.size = (u8)(1U << size),
		.count = 1,
		.reg = { (u8)bits(insn, 15, 12) },
		.base = (u8)bits(insn, 19, 16) };
	return a32_index(out, bit(insn, 10), bit(insn, 9), w, bits(insn, 7, 0));
}
