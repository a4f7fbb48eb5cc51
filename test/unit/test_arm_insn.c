/* SPDX-License-Identifier: GPL-2.0-only */
/* The decoder of loads and stores: what an assembler made of the text beside it. */
#include <stdlib.h>
#include <string.h>

#include "arch/arm/insn.h"
#include "unit/harness.h"

struct sample {
	u32 insn;
	struct insn_access want;
};

#define ST .write = true
#define ONE(r) .count = 1, .reg = { (r) }
#define TWO(r, r2) .count = 2, .reg = { (r), (r2) }
#define PRE(b, imm) .base = (b), .writeback = true, .offset = (imm), .step = (imm)
#define POST(b, imm) .base = (b), .writeback = true, .step = (imm)
#define AT(b, imm) .base = (b), .offset = (imm)
#define W(n) .size = (n)
#define X(n) .size = (n), .wide = true
#define S .sign = true

static const struct sample a64[] = {
	{ 0xf8408c20, { ONE(0), X(8), PRE(1, 8) } },		/* ldr x0, [x1, #8]! */
	{ 0xb85fc462, { ONE(2), W(4), POST(3, -4) } },		/* ldr w2, [x3], #-4 */
	{ 0xf81f0fe4, { ST, ONE(4), X(8), PRE(31, -16) } },	/* str x4, [sp, #-16]! */
	{ 0x380014c5, { ST, ONE(5), W(1), POST(6, 1) } },	/* strb w5, [x6], #1 */
	{ 0x78402d07, { ONE(7), W(2), PRE(8, 2) } },		/* ldrh w7, [x8, #2]! */
	{ 0xb8804549, { ONE(9), X(4), S, POST(10, 4) } },	/* ldrsw x9, [x10], #4 */
	{ 0x38c0158b, { ONE(11), W(1), S, POST(12, 1) } },	/* ldrsb w11, [x12], #1 */
	{ 0x3890058b, { ONE(11), X(1), S, POST(12, -256) } },	/* ldrsb x11, [x12], #-256 */
	{ 0x78cffd8b, { ONE(11), W(2), S, PRE(12, 255) } },	/* ldrsh w11, [x12, #255]! */
	{ 0xa9400440, { TWO(0, 1), X(8), AT(2, 0) } },		/* ldp x0, x1, [x2] */
	{ 0x29ff0440, { TWO(0, 1), W(4), PRE(2, -8) } },	/* ldp w0, w1, [x2, #-8]! */
	{ 0xa89f93e3, { ST, TWO(3, 4), X(8), POST(31, 504) } }, /* stp x3, x4, [sp], #504 */
	{ 0x291f94df, { ST, TWO(31, 5), W(4), AT(6, 252) } },	/* stp wzr, w5, [x6, #252] */
	{ 0x68c12127, { TWO(7, 8), X(4), S, POST(9, 8) } },	/* ldpsw x7, x8, [x9], #8 */
	{ 0xa8410861, { TWO(1, 2), X(8), AT(3, 16) } },		/* ldnp x1, x2, [x3, #16] */
	{ 0x28000861, { ST, TWO(1, 2), W(4), AT(3, 0) } },	/* stnp w1, w2, [x3] */
	{ 0xb97ffc20, { ONE(0), W(4), AT(1, 16380) } },		/* ldr w0, [x1, #16380] */
	{ 0xf97ffc20, { ONE(0), X(8), AT(1, 32760) } },		/* ldr x0, [x1, #32760] */
	{ 0xf900003f, { ST, ONE(31), X(8), AT(1, 0) } },	/* str xzr, [x1] */
	{ 0xf85ff020, { ONE(0), X(8), AT(1, -1) } },		/* ldur x0, [x1, #-1] */
	{ 0xb8003820, { ST, ONE(0), W(4), AT(1, 3) } },		/* sttr w0, [x1, #3] */
	{ 0x393ffc5f, { ST, ONE(31), W(1), AT(2, 4095) } },	/* strb wzr, [x2, #4095] */
};

static const u32 a64_refused[] = {
	0x3cc10420,		/* ldr q0, [x1], #16 */
	0xad400440,		/* ldp q0, q1, [x2] */
	0x6cc10400,		/* ldp d0, d1, [x0], #16 */
	0xc85f7c20,		/* ldxr x0, [x1] */
	0x88dffc20,		/* ldar w0, [x1] */
	0xf8626820,		/* ldr x0, [x1, x2] */
	0x58000000,		/* ldr x0, . */
	0xf9800000,		/* prfm pldl1keep, [x0] */
	0xf8804549,		/* a load that is signed and as wide as it gets */
	0xb8c04549,		/* a signed word into a word */
	0xf8c04549, 0xd50b7420, /* dc zva, x0 */
	0xd503201f,		/* nop */
	0x68810440,		/* stgp x0, x1, [x2], #32 */
	0xf8408421,		/* ldr x1, [x1], #8 */
	0xa8c10421,		/* ldp x1, x1, [x1], #16 */
	0xf8008421,		/* str x1, [x1], #8 */
	0xa9400000,		/* ldp x0, x0, [x0] */
};

static const struct sample a32[] = {
	{ 0xe4910004, { ONE(0), W(4), POST(1, 4) } },	     /* ldr r0, [r1], #4 */
	{ 0xe5232008, { ST, ONE(2), W(4), PRE(3, -8) } },    /* str r2, [r3, #-8]! */
	{ 0xe4554001, { ONE(4), W(1), POST(5, -1) } },	     /* ldrb r4, [r5], #-1 */
	{ 0xe1f760b2, { ONE(6), W(2), PRE(7, 2) } },	     /* ldrh r6, [r7, #2]! */
	{ 0xe0d980d1, { ONE(8), W(1), S, POST(9, 1) } },     /* ldrsb r8, [r9], #1 */
	{ 0xe17bafff, { ONE(10), W(2), S, PRE(11, -255) } }, /* ldrsh r10, [r11, #-255]! */
	{ 0xe0c102b2, { ST, ONE(0), W(2), POST(1, 34) } },   /* strh r0, [r1], #34 */
	{ 0xe0c420d8, { TWO(2, 3), W(4), POST(4, 8) } },     /* ldrd r2, r3, [r4], #8 */
	{ 0xe14861f0, { ST, TWO(6, 7), W(4), AT(8, -16) } }, /* strd r6, r7, [r8, #-16] */
	{ 0xe5910fff, { ONE(0), W(4), AT(1, 4095) } },	     /* ldr r0, [r1, #4095] */
	{ 0x149d0004, { ONE(0), W(4), POST(13, 4) } },	     /* ldrne r0, [sp], #4 */
};

static const u32 a32_refused[] = {
	0xe7910002, /* ldr r0, [r1, r2] */
	0xe8b00006, /* ldm r0!, {r1, r2} */
	0xe49f0004, /* ldr r0, [pc], #4 */
	0xe491f004, /* ldr pc, [r1], #4 */
	0xe4911004, /* ldr r1, [r1], #4 */
	0xe0c430d8, /* ldrd r3, r4, [r4], #8 */
	0xe0c4e0d8, /* ldrd r14, pc, [r4], #8 */
	0xf4910004, /* unconditional space */
	0xe0110192, /* a multiplication */
};

static const struct sample t32[] = {
	{ 0xf8510b04, { ONE(0), W(4), POST(1, 4) } },	  /* ldr r0, [r1], #4 */
	{ 0xf8432d08, { ST, ONE(2), W(4), PRE(3, -8) } }, /* str r2, [r3, #-8]! */
	{ 0xf8154fff, { ONE(4), W(1), PRE(5, 255) } },	  /* ldrb r4, [r5, #255]! */
	{ 0xf9376902, { ONE(6), W(2), S, POST(7, -2) } }, /* ldrsh r6, [r7], #-2 */
	{ 0xf8510c04, { ONE(0), W(4), AT(1, -4) } },	  /* ldr r0, [r1, #-4] */
};

static const u32 t32_refused[] = {
	0xf8510e04, /* ldrt r0, [r1, #4] */
	0xf8d10004, /* ldr.w r0, [r1, #4] */
	0xf8510004, /* ldr r0, [r1, r4] */
	0xf8611b04, /* size 11 */
	0xf9411b04, /* a signed word */
	0xf9010b04, /* a signed store */
	0xf85f0b04, /* ldr r0, [pc], #4 */
};

static bool same(const struct insn_access *a, const struct insn_access *b)
{
	return a->write == b->write && a->sign == b->sign && a->size == b->size &&
	       a->count == b->count && a->reg[0] == b->reg[0] && a->reg[1] == b->reg[1] &&
	       a->base == b->base && a->writeback == b->writeback && a->offset == b->offset &&
	       a->step == b->step;
}

static void check(const struct sample *s, unsigned int count,
	bool (*decode)(u32, struct insn_access *), bool has_wide)
{
	for (unsigned int i = 0; i < count; i++) {
		struct insn_access got;
		bool ok = decode(s[i].insn, &got) && same(&got, &s[i].want);

		/* A store does not care how wide its register is. */
		if (ok && has_wide && !got.write) {
			ok = got.wide == s[i].want.wide;
		}
		CHECK_EQ(ok ? s[i].insn : 0, s[i].insn);
	}
}

static void check_refused(
	const u32 *insn, unsigned int count, bool (*decode)(u32, struct insn_access *))
{
	for (unsigned int i = 0; i < count; i++) {
		struct insn_access got;

		CHECK_EQ(decode(insn[i], &got) ? insn[i] : 0, 0);
	}
}

UNIT_TEST(insn_a64, "A64: loads and stores with an immediate, and nothing else")
{
	check(a64, ARRAY_SIZE(a64), insn_decode_a64, true);
	check_refused(a64_refused, ARRAY_SIZE(a64_refused), insn_decode_a64);
}

UNIT_TEST(insn_a32, "A32: words, bytes, halfwords, doublewords; no PC, no unpredictable ones")
{
	check(a32, ARRAY_SIZE(a32), insn_decode_a32, false);
	check_refused(a32_refused, ARRAY_SIZE(a32_refused), insn_decode_a32);
}

UNIT_TEST(insn_t32, "T32: those of 32 bits that write back")
{
	check(t32, ARRAY_SIZE(t32), insn_decode_t32, false);
	check_refused(t32_refused, ARRAY_SIZE(t32_refused), insn_decode_t32);
}
