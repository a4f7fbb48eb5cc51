/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The x86 register file as every part of the hypervisor passes it around: general registers in
 * hardware encoding order, segment registers in hardware encoding order with VMCB attributes.
 * Layouts only: no accessors with side effects, nothing that touches a CPU.
 */
#ifndef ARCH_X86_REGS_H
#define ARCH_X86_REGS_H

#include "lib/compiler.h"

/* Encoding order of ModRM.reg/rm with REX (AMD64 APM vol. 3, 1.4.1). */
enum x86_reg {
	REG_RAX,
	REG_RCX,
	REG_RDX,
	REG_RBX,
	REG_RSP,
	REG_RBP,
	REG_RSI,
	REG_RDI,
	REG_R8,
	REG_R9,
	REG_R10,
	REG_R11,
	REG_R12,
	REG_R13,
	REG_R14,
	REG_R15,
	X86_REG_COUNT,
};

/* Encoding order of ModRM.reg in MOV Sreg (AMD64 APM vol. 3, MOV). */
enum x86_seg_reg {
	SEG_ES,
	SEG_CS,
	SEG_SS,
	SEG_DS,
	SEG_FS,
	SEG_GS,
	X86_SEG_COUNT,
};

struct x86_regs {
	u64 gpr[X86_REG_COUNT];
	u64 rip;
	u64 rflags;
};
static_assert(sizeof(struct x86_regs) == 18 * 8, "register file has no padding");
static_assert(offsetof(struct x86_regs, rip) == 128, "rip follows the general registers");

/* One segment register as the VMCB save area holds it (AMD64 APM vol. 2, appendix B). */
struct x86_seg {
	u16 sel;
	u16 attr;  /* X86_SEG_*: descriptor bits 40..47 and 52..55 put together */
	u32 limit; /* in bytes, after scaling by G */
	u64 base;
};
static_assert(sizeof(struct x86_seg) == 16, "VMCB segment is 16 bytes");
static_assert(offsetof(struct x86_seg, limit) == 4, "VMCB segment limit");
static_assert(offsetof(struct x86_seg, base) == 8, "VMCB segment base");

#define X86_SEG_TYPE_MASK 0x00f
#define X86_SEG_ACCESSED 0x001
#define X86_SEG_WRITABLE 0x002	  /* data segments */
#define X86_SEG_READABLE 0x002	  /* code segments */
#define X86_SEG_EXPAND_DOWN 0x004 /* data segments */
#define X86_SEG_CONFORMING 0x004  /* code segments */
#define X86_SEG_CODE 0x008
#define X86_SEG_S 0x010 /* code or data, not a system segment */
#define X86_SEG_DPL_SHIFT 5
#define X86_SEG_DPL_MASK 0x060
#define X86_SEG_P 0x080
#define X86_SEG_AVL 0x100
#define X86_SEG_L 0x200
#define X86_SEG_DB 0x400
#define X86_SEG_G 0x800

#endif
