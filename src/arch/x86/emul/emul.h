/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The pure x86 instruction emulator: decodes and executes one instruction of a guest, for emulated
 * MMIO, port string I/O and instruction lengths. No globals, no allocation, no CPU state: all of it
 * is in the caller's struct emul, and whatever the guest can observe goes through struct emul_ops.
 *
 * Context: any; takes no locks; one struct emul belongs to one caller at a time.
 * The guest's bytes and registers are never trusted: no input makes it loop longer than rep_max
 * iterations, read or write outside struct emul and *regs, or assert.
 */
#ifndef ARCH_X86_EMUL_EMUL_H
#define ARCH_X86_EMUL_EMUL_H

#include "arch/x86/regs.h"

enum emul_result {
	EMUL_OKAY,	   /* done; registers committed */
	EMUL_EXCEPTION,	   /* e->exc is to be injected; nothing committed */
	EMUL_RETRY,	   /* an access could not be made now; nothing committed, run again later */
	EMUL_UNHANDLEABLE, /* not an instruction, operand or hook that the emulator knows */
	EMUL_TRUNCATED,	   /* emul_decode only: the instruction goes on after the bytes given */
};

/*
 * How the guest executes: segmentation rules and default sizes. Compatibility mode is
 * PROT16/PROT32.
 */
enum emul_mode {
	EMUL_REAL,
	EMUL_VM86,
	EMUL_PROT16,
	EMUL_PROT32,
	EMUL_LONG64,
	EMUL_MODE_COUNT,
};

#define EMUL_INSN_MAX 15 /* AMD64 APM vol. 3, 1.1: longer instructions raise #GP */

struct emul_exception {
	u8 vector; /* X86_EXC_* */
	bool has_error;
	u32 error;
	u64 cr2; /* for X86_EXC_PF */
};

/* Flags of the read and write hooks. */
#define EMUL_ACC_RMW BIT32(0)	/* a read whose bytes are written back: ask for write permission */
#define EMUL_ACC_STACK BIT32(1) /* push, pop, call, ret */

/* Guest features that decide what an encoding means. */
#define EMUL_HAS_BMI1 BIT32(0)	/* F3 BSF is TZCNT */
#define EMUL_HAS_LZCNT BIT32(1) /* F3 BSR is LZCNT */
#define EMUL_HAS_POPCNT BIT32(2)
#define EMUL_HAS_MOVBE BIT32(3)
#define EMUL_HAS_ALL 0xfU

struct emul;

/*
 * What the guest's instruction does to the world. A NULL hook makes the instructions that need it
 * EMUL_UNHANDLEABLE. Linear addresses passed in have gone through segmentation: they are canonical,
 * inside the segment's limit, and do not wrap. Hooks page, and split at page boundaries.
 * A hook may return EMUL_EXCEPTION after filling e->exc (emul_raise_pf() helps), EMUL_RETRY when
 * the access has not been made, or EMUL_UNHANDLEABLE; it must not touch *e->regs.
 */
struct emul_ops {
	/* Instruction bytes. @bytes is 1..15 and stays within one 4 KiB page. */
	enum emul_result (*fetch)(struct emul *e, u64 linear, void *buf, u32 bytes);
	/* Data: @bytes is 1..64, @flags EMUL_ACC_*. One iteration writes memory at most once. */
	enum emul_result (*read)(struct emul *e, u64 linear, void *buf, u32 bytes, u32 flags);
	enum emul_result (*write)(
		struct emul *e, u64 linear, const void *buf, u32 bytes, u32 flags);
	/*
	 * Optional: whether a write would succeed. Asked before INS reads a port, so that a fault
	 * does not lose what the device gave, and before CALL checks its target.
	 */
	enum emul_result (*probe_write)(struct emul *e, u64 linear, u32 bytes);
	/*
	 * Atomic compare and exchange of 1, 2, 4, 8 or 16 bytes: @old is what memory is expected to
	 * hold, and on return what it did hold; @new was stored if the two are equal. Writes of
	 * LOCKed instructions and of XCHG go here instead of to write, after an ordinary read.
	 */
	enum emul_result (*cmpxchg)(
		struct emul *e, u64 linear, void *old, const void *new, u32 bytes);

	/* Ports: @bytes is 1, 2 or 4; read_io's *value is zero-extended. */
	enum emul_result (*read_io)(struct emul *e, u16 port, u32 bytes, u32 *value);
	enum emul_result (*write_io)(struct emul *e, u16 port, u32 bytes, u32 value);
	/*
	 * TSS permission bitmap: called when CPL > IOPL or in virtual-8086 mode. May be NULL:
	 * access is then allowed, for callers whose exit is raised after the CPU has made this
	 * check.
	 */
	enum emul_result (*check_io)(struct emul *e, u16 port, u32 bytes);

	/*
	 * Optional bulk forms of REP with DF=0: up to *count items of @bytes at ascending
	 * addresses. The hook stores in *count how many items were done (0 with EMUL_OKAY is
	 * EMUL_RETRY). EMUL_UNHANDLEABLE, with nothing done, makes the emulator go item by item.
	 */
	enum emul_result (*rep_read_io)(
		struct emul *e, u16 port, u64 linear, u32 bytes, u64 *count);
	enum emul_result (*rep_write_io)(
		struct emul *e, u16 port, u64 linear, u32 bytes, u64 *count);
	enum emul_result (*rep_movs)(struct emul *e, u64 src, u64 dst, u32 bytes, u64 *count);
	enum emul_result (*rep_stos)(
		struct emul *e, u64 linear, const void *item, u32 bytes, u64 *count);

	enum emul_result (*read_seg)(struct emul *e, enum x86_seg_reg seg, struct x86_seg *out);
	/* Only for MOV/POP to a segment register in real and virtual-8086 mode. */
	enum emul_result (*write_seg)(
		struct emul *e, enum x86_seg_reg seg, const struct x86_seg *in);

	/* YMM 0..15, always all 32 bytes; XMM is the lower half. put_vec is called last. */
	enum emul_result (*get_vec)(struct emul *e, u32 reg, u8 buf[32]);
	enum emul_result (*put_vec)(struct emul *e, u32 reg, const u8 buf[32]);
	/* MMX 0..7. Either also makes all x87 tags valid and the top of stack zero. */
	enum emul_result (*get_mmx)(struct emul *e, u32 reg, u64 *value);
	enum emul_result (*put_mmx)(struct emul *e, u32 reg, u64 value);
};

/* A decoded memory operand. The offset is within the segment, already cut to the address size. */
struct emul_mem {
	enum x86_seg_reg seg;
	u64 offset;
	u32 bytes; /* size of the access; 0 if only the address is used (LEA, INVLPG, NOP) */
};

/* Opcode maps. */
enum emul_map { EMUL_MAP_1, EMUL_MAP_0F, EMUL_MAP_0F38, EMUL_MAP_0F3A, EMUL_MAP_COUNT };

struct emul_opcode; /* decode_tables.c */

struct emul_insn {
	u8 length; /* 1..15 */
	u8 map;	   /* enum emul_map */
	u8 opcode;
	u8 op_bytes;   /* operand size: 1, 2, 4 or 8 */
	u8 addr_bytes; /* address size: 2, 4 or 8 */
	u8 rep;	       /* 0xf2, 0xf3 or 0: the last one given */
	bool opsize;   /* 66 was given */
	bool lock;
	u8 rex; /* 0x40..0x4f, or 0 */
	bool vex;
	bool vex_l;	 /* 256 bits */
	u8 vex_pp;	 /* 0, 1: 66, 2: F3, 3: F2 */
	u8 vex_reg;	 /* vvvv, not inverted */
	s8 seg_override; /* enum x86_seg_reg, or -1 */
	bool has_modrm;
	u8 modrm;
	u8 reg;	      /* ModRM.reg with REX.R */
	u8 rm;	      /* ModRM.rm with REX.B, when the operand is a register */
	bool has_mem; /* ModRM or moffs names memory; string and stack operands are implied */
	bool mem_rsp; /* the address was formed with RSP as its base: POP adds to it */
	struct emul_mem mem;
	u64 imm;  /* sign-extended where the instruction does so; relative targets too */
	u16 imm2; /* second immediate: selector of a far pointer, ENTER's level */
	const struct emul_opcode *op;
};

/* Interrupt shadow that the instruction leaves behind. */
enum emul_shadow { EMUL_SHADOW_NONE, EMUL_SHADOW_STI, EMUL_SHADOW_MOV_SS };

struct emul {
	/* Filled by the caller before emul_run() or emul_decode(). */
	const struct emul_ops *ops;
	void *opaque;	       /* the caller's, for its hooks */
	struct x86_regs *regs; /* changed only when the result is EMUL_OKAY */
	enum emul_mode mode;   /* emul_mode_of() */
	u8 cpl;
	bool intel;   /* vendor: 66 on near branches in 64-bit mode is ignored (AMD honours it) */
	u32 features; /* EMUL_HAS_*: what the guest's CPUID offers */
	u64 cr0;
	u64 cr4;
	u64 xcr0;    /* read for VEX only */
	u32 rep_max; /* most iterations of REP per call; 0 counts as 1 */
	u8 fetched;  /* bytes of bytes[] that the caller has already (decode assists), or 0 */
	u8 bytes[EMUL_INSN_MAX];

	/* Results. */
	struct emul_exception exc; /* with EMUL_EXCEPTION */
	struct emul_insn insn;	   /* after a successful decode */
	bool rep_again; /* OKAY, but REP has iterations left: rip still points to the instruction */
	bool single_step; /* RFLAGS.TF was set: raise #DB (DR6.BS) after this instruction */
	enum emul_shadow shadow;

	/* The emulator's own. */
	struct x86_regs next; /* what is committed to *regs */
	bool locked;	      /* the memory operand is written by cmpxchg against old */
	u64 old;
};

/* Mode from CR0, EFER, RFLAGS and the attributes of CS (X86_SEG_*). */
enum emul_mode emul_mode_of(u64 cr0, u64 efer, u64 rflags, u16 cs_attr);

/*
 * Fetches, decodes and executes the instruction at regs->rip. Needs ops->fetch unless e->fetched
 * covers the instruction, and ops->read_seg.
 */
enum emul_result emul_run(struct emul *e);

/*
 * Decodes @len bytes at @insn into e->insn. Needs e->mode and e->regs, calls no hook, changes only
 * e->insn and e->exc. EMUL_OKAY also for known instructions that emul_execute() cannot execute;
 * EMUL_EXCEPTION (#UD, #GP) for what no CPU executes; EMUL_TRUNCATED if more bytes are needed.
 */
enum emul_result emul_decode(struct emul *e, const u8 *insn, size_t len);

/*
 * Executes e->insn; EMUL_UNHANDLEABLE if the last decode failed. Never returns EMUL_TRUNCATED.
 */
enum emul_result emul_execute(struct emul *e);

/* For hooks and callers: fill e->exc and return EMUL_EXCEPTION. */
enum emul_result emul_raise(struct emul *e, u8 vector);
enum emul_result emul_raise_error(struct emul *e, u8 vector, u32 error);
enum emul_result emul_raise_pf(struct emul *e, u32 error, u64 cr2);

#endif
