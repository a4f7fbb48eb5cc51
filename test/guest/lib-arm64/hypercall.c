/* SPDX-License-Identifier: GPL-2.0-only */
/* The instructions, and the registers that carry a call. */
#include "guest/lib/hypercall.h"

#include "guest/lib-arm64/psci.h"

/* xen/arch-arm.h: number in x16, arguments from x0 on, result in x0, HVC #0xea1. */
long hypercall5(unsigned long nr, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5)
{
	register u64 x0 __asm__("x0") = a1;
	register u64 x1 __asm__("x1") = a2;
	register u64 x2 __asm__("x2") = a3;
	register u64 x3 __asm__("x3") = a4;
	register u64 x4 __asm__("x4") = a5;
	register u64 x16 __asm__("x16") = nr;

	__asm__ volatile("hvc #0xea1"
			 : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3), "+r"(x4), "+r"(x16)
			 :
			 : "memory");
	return (long)x0;
}

#define SMCCC_CALL(name, insn)                                                                     \
	s64 name(u32 function, u64 a1, u64 a2, u64 a3)                                             \
	{                                                                                          \
		register u64 x0 __asm__("x0") = function;                                          \
		register u64 x1 __asm__("x1") = a1;                                                \
		register u64 x2 __asm__("x2") = a2;                                                \
		register u64 x3 __asm__("x3") = a3;                                                \
                                                                                                   \
		__asm__ volatile(insn " #0"                                                        \
				 : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3)                          \
				 :                                                                 \
				 : "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13", \
				 "x14", "x15", "x16", "x17", "memory");                            \
		return (s64)x0;                                                                    \
	}
SMCCC_CALL(smccc_hvc, "hvc")
SMCCC_CALL(smccc_smc, "smc")
