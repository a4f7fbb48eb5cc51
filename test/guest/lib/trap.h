/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Exceptions and interrupts of the test guest: faults that a test expects, handlers by vector, and
 * calls of code at CPL 3 or in other modes. A fault that nobody expects is printed, and ends the
 * run as failed.
 */
#ifndef GUEST_LIB_TRAP_H
#define GUEST_LIB_TRAP_H

#include "guest/lib/layout.h"
#include "lib/compiler.h"

enum {
	VEC_DE = 0,
	VEC_DB = 1,
	VEC_NMI = 2,
	VEC_BP = 3,
	VEC_UD = 6,
	VEC_NM = 7,
	VEC_DF = 8,
	VEC_TS = 10,
	VEC_NP = 11,
	VEC_SS = 12,
	VEC_GP = 13,
	VEC_PF = 14,
	VEC_AC = 17,
};

/* As trap_entry.S pushes it. */
struct trap_frame {
	u64 r15, r14, r13, r12, r11, r10, r9, r8, rbp, rdi, rsi, rdx, rcx, rbx, rax;
	u64 vector, error;
	u64 rip, cs, rflags, rsp, ss;
};

static_assert(sizeof(struct trap_frame) == 22 * 8, "trap_entry.S");

/* A fault as one number; 0 is none. */
#define FAULT(vector, error) (BIT32(31) | (u32)(vector) << 16 | (u16)(error))
#define FAULT_VECTOR(fault) ((fault) == 0 ? -1 : (int)((fault) >> 16 & 0xff))

/* Put after an instruction at label 1: a fault there continues at label 2, with FAULT() in r11. */
#define EXTABLE ".pushsection .extable, \"a\"\n\t.quad 1b, 2b\n\t.popsection"

/* Executes one instruction: 0, or the FAULT() it raised. Operands are inputs, by name. */
#define TRY(insn, ...)                                       \
	({                                                   \
		register u64 fault_ __asm__("r11") = 0;      \
		__asm__ volatile("1: " insn "\n2:\n" EXTABLE \
				 : "+r"(fault_)              \
				 : __VA_ARGS__               \
				 : "memory", "cc");          \
		(u32) fault_;                                \
	})

typedef void trap_fn(struct trap_frame *frame);

/* What happens on a vector; NULL takes it back. The handler of an interrupt does the EOI. */
void trap_set_handler(u8 vector, trap_fn *fn);

/* The last fault that TRY(), fault_of() or user_call() saw on this CPU: its CR2 and RIP. */
u64 trap_last_cr2(void);
u64 trap_last_rip(void);

/* Calls fn(@arg): 0 when it returns, or the FAULT() that ended it. */
u32 fault_of(u64 (*fn)(u64), u64 arg);

/* The same at CPL 3, on a stack of its own. @result, if not NULL, gets what fn returned. */
u32 user_call(u64 (*fn)(u64), u64 arg, u64 *result);

/* Registers for and from code_call*(). */
struct code_regs {
	u32 eax, ebx, ecx, edx, esi, edi, ebp;
};

/* Calls code in 32-bit or 16-bit compatibility mode at CPL 0; it must end with a 32-bit lret. */
void code_call32(const void *code, struct code_regs *regs);
void code_call16(const void *code, struct code_regs *regs);

/* For start.c and smp.c: the IDT once, then on each CPU its TSS. */
void trap_init(void);
void trap_init_cpu(unsigned int cpu);

/* This CPU's number, 0 being the one that booted. Any mode but CPL 3 under UMIP. */
static inline unsigned int cpu_index(void)
{
	u16 tr;

	__asm__ volatile("str %0" : "=r"(tr));
	return (tr - SEL_TSS) / 16;
}

#endif
