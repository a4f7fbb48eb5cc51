/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of the emulator share: the opcode table's entries, operand access and the
 * handlers that the table names. Not for callers, who see emul.h only.
 */
#ifndef ARCH_X86_EMUL_INTERNAL_H
#define ARCH_X86_EMUL_INTERNAL_H

#include "arch/x86/cpu_bits.h"
#include "arch/x86/emul/emul.h"

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "values are copied to guest memory");

/* Attributes of an opcode. */
#define OP_KNOWN BIT32(0) /* for instructions that have no other attribute */
#define OP_MODRM BIT32(1)
#define OP_BYTE BIT32(2)   /* operand size 1 */
#define OP_D64 BIT32(3)	   /* operand size is 64 or 16 in 64-bit mode, never 32 */
#define OP_BRANCH BIT32(4) /* as D64; Intel ignores 66 in 64-bit mode */
#define OP_NO64 BIT32(5)   /* #UD in 64-bit mode */
#define OP_MEM BIT32(6)	   /* #UD with a register operand */
#define OP_VEX BIT32(7)	   /* has a VEX form that the handler knows */
#define OP_GROUP3 BIT32(8) /* F6/F7: an immediate for TEST (/0 and /1) only */
#define OP_REG BIT32(9)	   /* ModRM.mod is ignored: always registers (MOV CR, MOV DR) */
#define OP_UD BIT32(10)	   /* #UD by definition */
#define OP_SIMD BIT32(11)  /* simd.c has the size of the memory operand */

/* Immediates: what follows ModRM and displacement. */
#define OP_IMM_SHIFT 12
#define OP_IMM_MASK (15U << OP_IMM_SHIFT)
enum emul_imm {
	IMM_NONE,
	IMM_S8, /* one byte, sign-extended */
	IMM_U8,
	IMM_Z, /* 2 or 4 bytes by operand size, sign-extended */
	IMM_V, /* 2, 4 or 8 bytes by operand size */
	IMM_U16,
	IMM_ENTER, /* u16, u8 */
	IMM_FAR,   /* 2 or 4 bytes by operand size, then u16 */
	IMM_MOFFS, /* an offset of address size, which is the memory operand */
};
#define OP_IMM(kind) ((u32)(kind) << OP_IMM_SHIFT)

/* Size of the memory operand; by default the operand size. */
#define OP_SIZE_SHIFT 16
#define OP_SIZE_MASK (63U << OP_SIZE_SHIFT)
#define OP_SIZE(bytes) ((u32)(bytes) << OP_SIZE_SHIFT)
#define OP_SIZE_NONE (63U << OP_SIZE_SHIFT)

#define OP_GROUP5 BIT32(23) /* FF: CALL, JMP and PUSH have sizes of their own */
#define OP_PAIR BIT32(22)   /* twice the operand size: CMPXCHG8B and CMPXCHG16B */

struct emul_opcode {
	enum emul_result (*execute)(struct emul *e); /* NULL: its length is all that is known */
	u32 flags; /* OP_*; 0 with no handler: not even its length is known */
	u8 lock;   /* bit n: LOCK is legal with memory and ModRM.reg == n */
};

extern const struct emul_opcode emul_opcodes[EMUL_MAP_COUNT][256];

/* operand.c: masks and registers. Sizes are 1, 2, 4 or 8 bytes. */
u64 emul_mask(u32 bytes);
u64 emul_sign_extend(u64 v, u32 bytes);
u64 emul_reg_get(const struct emul *e, u32 reg, u32 bytes);
void emul_reg_set(struct emul *e, u32 reg, u32 bytes, u64 v);
/* The counter, index and stack registers: @bytes is the address size. */
void emul_reg_set_addr(struct emul *e, u32 reg, u32 bytes, u64 v);

/* operand.c: memory. @write: the access is, or will become, a write. */
enum emul_result emul_linear(struct emul *e, const struct emul_mem *m, bool write, u64 *linear);
enum emul_result emul_code_linear(struct emul *e, u64 rip, u32 *bytes, u64 *linear);
enum emul_result emul_check_target(struct emul *e, u64 rip);
enum emul_result emul_mem_read(struct emul *e, const struct emul_mem *m, void *buf, u32 flags);
enum emul_result emul_mem_write(
	struct emul *e, const struct emul_mem *m, const void *buf, u32 flags);
/* Whether a write would fault, as far as the caller's hooks can tell. */
enum emul_result emul_mem_probe(struct emul *e, const struct emul_mem *m);

/* operand.c: the ModRM operand, as register or memory. RMW: a write of the same size follows. */
enum emul_result emul_rm_read(struct emul *e, u32 bytes, u64 *v);
enum emul_result emul_rm_read_rmw(struct emul *e, u32 bytes, u64 *v);
enum emul_result emul_rm_write(struct emul *e, u32 bytes, u64 v);

/* operand.c: the stack. RSP changes in e->next. */
enum emul_result emul_stack_bytes(struct emul *e, u32 *bytes);
enum emul_result emul_push(struct emul *e, const void *buf, u32 bytes);
enum emul_result emul_push_probe(struct emul *e, u32 bytes);
enum emul_result emul_pop(struct emul *e, void *buf, u32 bytes);

static inline bool emul_protected(const struct emul *e)
{
	return e->mode != EMUL_REAL && e->mode != EMUL_VM86;
}

/* arith.c */
enum emul_result emul_arith_binary(struct emul *e);	 /* 00..3D */
enum emul_result emul_arith_group1(struct emul *e);	 /* 80..83 */
enum emul_result emul_arith_test(struct emul *e);	 /* 84, 85, A8, A9 */
enum emul_result emul_arith_inc_dec_reg(struct emul *e); /* 40..4F */
enum emul_result emul_arith_inc_dec(struct emul *e);	 /* FE /0 /1, FF /0 /1 */
enum emul_result emul_arith_group3(struct emul *e);	 /* F6, F7 */
enum emul_result emul_arith_imul2(struct emul *e);	 /* 0F AF */
enum emul_result emul_arith_imul3(struct emul *e);	 /* 69, 6B */
enum emul_result emul_arith_cbw(struct emul *e);	 /* 98 */
enum emul_result emul_arith_cwd(struct emul *e);	 /* 99 */
enum emul_result emul_arith_flag(struct emul *e);	 /* F5, F8..FD */
enum emul_result emul_arith_sahf(struct emul *e);	 /* 9E */
enum emul_result emul_arith_lahf(struct emul *e);	 /* 9F */

/* bits.c */
enum emul_result emul_bits_shift(struct emul *e);	 /* C0, C1, D0..D3 */
enum emul_result emul_bits_shift_double(struct emul *e); /* 0F A4, A5, AC, AD */
enum emul_result emul_bits_test(struct emul *e);	 /* 0F A3, AB, B3, BB */
enum emul_result emul_bits_test_imm(struct emul *e);	 /* 0F BA */
enum emul_result emul_bits_scan(struct emul *e);	 /* 0F BC, BD, B8 */
enum emul_result emul_bits_andn(struct emul *e);	 /* VEX 0F38 F2 */

/* move.c */
enum emul_result emul_move_to_rm(struct emul *e);     /* 88, 89 */
enum emul_result emul_move_to_reg(struct emul *e);    /* 8A, 8B */
enum emul_result emul_move_from_sreg(struct emul *e); /* 8C */
enum emul_result emul_move_to_sreg(struct emul *e);   /* 8E */
enum emul_result emul_move_load_sreg(struct emul *e, enum x86_seg_reg n, u16 sel);
enum emul_result emul_move_imm_reg(struct emul *e);	 /* B0..BF */
enum emul_result emul_move_imm_rm(struct emul *e);	 /* C6, C7 */
enum emul_result emul_move_moffs(struct emul *e);	 /* A0..A3 */
enum emul_result emul_move_extend(struct emul *e);	 /* 0F B6, B7, BE, BF */
enum emul_result emul_move_movsxd(struct emul *e);	 /* 63 */
enum emul_result emul_move_lea(struct emul *e);		 /* 8D */
enum emul_result emul_move_xlat(struct emul *e);	 /* D7 */
enum emul_result emul_move_xchg(struct emul *e);	 /* 86, 87 */
enum emul_result emul_move_xchg_acc(struct emul *e);	 /* 90..97 */
enum emul_result emul_move_cmov(struct emul *e);	 /* 0F 40..4F */
enum emul_result emul_move_setcc(struct emul *e);	 /* 0F 90..9F */
enum emul_result emul_move_bswap(struct emul *e);	 /* 0F C8..CF */
enum emul_result emul_move_movbe(struct emul *e);	 /* 0F38 F0, F1 */
enum emul_result emul_move_movnti(struct emul *e);	 /* 0F C3 */
enum emul_result emul_move_cmpxchg(struct emul *e);	 /* 0F B0, B1 */
enum emul_result emul_move_xadd(struct emul *e);	 /* 0F C0, C1 */
enum emul_result emul_move_cmpxchg_pair(struct emul *e); /* 0F C7 /1 */
enum emul_result emul_move_nop(struct emul *e);		 /* NOP, PREFETCH, fences */
enum emul_result emul_move_fence(struct emul *e);	 /* 0F AE with a register */

/* stack.c */
enum emul_result emul_stack_push_reg(struct emul *e);  /* 50..57 */
enum emul_result emul_stack_pop_reg(struct emul *e);   /* 58..5F */
enum emul_result emul_stack_push_imm(struct emul *e);  /* 68, 6A */
enum emul_result emul_stack_push_rm(struct emul *e);   /* FF /6 */
enum emul_result emul_stack_pop_rm(struct emul *e);    /* 8F */
enum emul_result emul_stack_push_sreg(struct emul *e); /* 06, 0E, 16, 1E, 0F A0, A8 */
enum emul_result emul_stack_pop_sreg(struct emul *e);  /* 07, 17, 1F, 0F A1, A9 */
enum emul_result emul_stack_pusha(struct emul *e);     /* 60 */
enum emul_result emul_stack_popa(struct emul *e);      /* 61 */
enum emul_result emul_stack_pushf(struct emul *e);     /* 9C */
enum emul_result emul_stack_popf(struct emul *e);      /* 9D */
enum emul_result emul_stack_leave(struct emul *e);     /* C9 */

/* flow.c */
bool emul_condition(u64 rflags, u32 code);	   /* the low four bits of Jcc, SETcc, CMOVcc */
enum emul_result emul_flow_jcc(struct emul *e);	   /* 70..7F, 0F 80..8F */
enum emul_result emul_flow_loop(struct emul *e);   /* E0..E3 */
enum emul_result emul_flow_jmp(struct emul *e);	   /* E9, EB */
enum emul_result emul_flow_call(struct emul *e);   /* E8 */
enum emul_result emul_flow_ret(struct emul *e);	   /* C2, C3 */
enum emul_result emul_flow_group5(struct emul *e); /* FE, FF */

/* io.c */
enum emul_result emul_io_check(struct emul *e, u16 port, u32 bytes);
enum emul_result emul_io_in(struct emul *e);  /* E4, E5, EC, ED */
enum emul_result emul_io_out(struct emul *e); /* E6, E7, EE, EF */

/* strings.c */
enum emul_result emul_strings_run(struct emul *e); /* 6C..6F, A4..A7, AA..AF */

/* simd.c */
u32 emul_simd_bytes(const struct emul_insn *i); /* size of the memory operand, 0 if unknown */
enum emul_result emul_simd_move(struct emul *e);

#endif
