/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Exceptions of the test guest: faults that a test expects, interrupts by their number. A fault
 * that nobody expects is printed, and ends the run as failed.
 */
#ifndef GUEST_LIB_ARM64_TRAP_H
#define GUEST_LIB_ARM64_TRAP_H

#include "guest/lib-arm64/layout.h"
#include "lib/compiler.h"

/* Exception classes, Arm ARM D17.2.37. */
enum {
	EC_UNKNOWN = 0x00,
	EC_SVE = 0x19,
	EC_IABT = 0x21,
	EC_PC_ALIGNMENT = 0x22,
	EC_DABT = 0x25,
	EC_SYSREG = 0x18,
	EC_SERROR = 0x2f,
};

/* As vectors.S saves it. */
struct trap_frame {
	u64 x[31], pc, pstate, unused;
};
static_assert(sizeof(struct trap_frame) == FRAME_SIZE, "vectors.S");

/* A fault as one number, 0 is none: its class, and the low bits of its syndrome. */
#define FAULT(ec) (BIT32(31) | (u32)(ec))
#define FAULT_CLASS(fault) ((fault) == 0 ? -1 : (int)((fault)&0x3f))

/* Put after an instruction at label 1: a fault there continues at label 2, with FAULT() in x9. */
#define EXTABLE                                           \
	".pushsection .extable, \"a\"\n\t.balign 8\n3:\t" \
	".quad 1b - 3b, 2b - 3b\n\t.popsection"

/* Executes one instruction: 0, or the FAULT() it raised. Operands are inputs, by name; x10 is free.
 */
#define TRY(insn, ...)                                       \
	({                                                   \
		register u64 fault_ __asm__("x9") = 0;       \
		__asm__ volatile("1: " insn "\n2:\n" EXTABLE \
				 : "+r"(fault_)              \
				 : __VA_ARGS__               \
				 : "memory", "cc", "x10");   \
		(u32) fault_;                                \
	})
/* The same for an instruction with one output, named out: as in "mrs %[out], ...". */
#define TRY_GET(insn, value, ...)                                 \
	({                                                        \
		register u64 fault_ __asm__("x9") = 0;            \
		u64 out_ = 0;                                     \
		__asm__ volatile("1: " insn "\n2:\n" EXTABLE      \
				 : "+r"(fault_), [out] "+r"(out_) \
				 : __VA_ARGS__                    \
				 : "memory", "cc", "x10");        \
		*(value) = out_;                                  \
		(u32) fault_;                                     \
	})

/* ESR and FAR of the last fault that TRY() or fault_of_call() saw on this CPU. */
u64 trap_last_esr(void);
u64 trap_last_far(void);

/* Calls an address: 0 when it returns, or the FAULT() of the very first fetch. */
u32 fault_of_call(u64 address);

/* Called with the number of each interrupt, after its acknowledge and before its end. */
typedef void trap_irq_fn(u32 irq);
void trap_set_irq(trap_irq_fn *fn);
/* Is told of each SError; false (or no function): it ends the run. */
typedef bool trap_serror_fn(u64 esr);
void trap_set_serror(trap_serror_fn *fn);

/* For start.c. */
void trap_init_cpu(void);

#endif
