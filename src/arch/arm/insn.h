/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Loads and stores for which the CPU gives no syndrome: those that write their base register back,
 * and pairs. Pure: instruction in, what it does out. Everything else is refused.
 */
#ifndef ARCH_ARM_INSN_H
#define ARCH_ARM_INSN_H

#include "lib/types.h"

struct insn_access {
	bool write, sign, wide; /* loads: sign-extended; the register has 64 bits */
	u8 size;		/* of one access: 1, 2, 4 or 8 bytes */
	u8 count;		/* 2: a pair, one behind the other */
	u8 reg[2];		/* as the instruction names them: 31 is zero in AArch64 */
	u8 base;		/* 31 is the stack pointer in AArch64 */
	bool writeback;
	s32 offset; /* of the first access from the base register */
	s32 step;   /* writeback: what is added to the base register */
};

/* False: not one of these, or unpredictable. */
bool insn_decode_a64(u32 insn, struct insn_access *out);
bool insn_decode_a32(u32 insn, struct insn_access *out);
/* A T32 instruction of 32 bits, its first half in bits 31:16. */
bool insn_decode_t32(u32 insn, struct insn_access *out);

#endif
