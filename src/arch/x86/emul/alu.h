/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Integer arithmetic as x86 does it: results and flags by formula, without executing the
 * instruction. Pure functions of their arguments; @bytes is 1, 2, 4 or 8 everywhere.
 *
 * Operands and results are cut to @bytes. *flags is RFLAGS: the status flags that the instruction
 * defines are replaced, undefined ones are cleared or kept, all others are kept
 * (AMD64 APM vol. 3, chapter 3).
 */
#ifndef ARCH_X86_EMUL_ALU_H
#define ARCH_X86_EMUL_ALU_H

#include "arch/x86/cpu_bits.h"

typedef u64 emul_alu_fn(u32 bytes, u64 a, u64 b, u64 *flags);

/* The eight operations of 00..3F and group 1, by opcode bits 5:3 or ModRM.reg. */
extern emul_alu_fn *const emul_alu_binary[8];

u64 emul_alu_add(u32 bytes, u64 a, u64 b, u64 *flags);
u64 emul_alu_sub(u32 bytes, u64 a, u64 b, u64 *flags);
u64 emul_alu_and(u32 bytes, u64 a, u64 b, u64 *flags);
u64 emul_alu_inc(u32 bytes, u64 a, u64 *flags);
u64 emul_alu_dec(u32 bytes, u64 a, u64 *flags);

/* Shifts and rotates of group 2, by ModRM.reg; @b is the count, not yet masked. */
extern emul_alu_fn *const emul_alu_shift[8];

/* SHLD and SHRD: @fill is shifted in. Counts above the operand size give an undefined result. */
u64 emul_alu_shld(u32 bytes, u64 a, u64 fill, u64 count, u64 *flags);
u64 emul_alu_shrd(u32 bytes, u64 a, u64 fill, u64 count, u64 *flags);

/* The full product: low and high half. CF and OF tell that the high half matters. */
void emul_alu_mul(u32 bytes, u64 a, u64 b, u64 *low, u64 *high, u64 *flags);
void emul_alu_imul(u32 bytes, u64 a, u64 b, u64 *low, u64 *high, u64 *flags);

/* high:low / divisor. False if #DE is due: division by zero, or the quotient does not fit. */
bool emul_alu_div(u32 bytes, u64 low, u64 high, u64 divisor, u64 *quotient, u64 *remainder);
bool emul_alu_idiv(u32 bytes, u64 low, u64 high, u64 divisor, u64 *quotient, u64 *remainder);

#endif
