/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Architectural bit names of x86: RFLAGS, control registers, EFER, exception vectors and page-fault
 * error codes. Constants only (AMD64 APM vol. 2, 3.1 and 8.2; Intel SDM vol. 3, 2.5 and 6.3).
 */
#ifndef ARCH_X86_CPU_BITS_H
#define ARCH_X86_CPU_BITS_H

#include "lib/compiler.h"

#define X86_EFLAGS_CF BIT64(0)
#define X86_EFLAGS_FIXED BIT64(1) /* always one */
#define X86_EFLAGS_PF BIT64(2)
#define X86_EFLAGS_AF BIT64(4)
#define X86_EFLAGS_ZF BIT64(6)
#define X86_EFLAGS_SF BIT64(7)
#define X86_EFLAGS_TF BIT64(8)
#define X86_EFLAGS_IF BIT64(9)
#define X86_EFLAGS_DF BIT64(10)
#define X86_EFLAGS_OF BIT64(11)
#define X86_EFLAGS_IOPL_SHIFT 12
#define X86_EFLAGS_IOPL (3ULL << X86_EFLAGS_IOPL_SHIFT)
#define X86_EFLAGS_NT BIT64(14)
#define X86_EFLAGS_RF BIT64(16)
#define X86_EFLAGS_VM BIT64(17)
#define X86_EFLAGS_AC BIT64(18)
#define X86_EFLAGS_VIF BIT64(19)
#define X86_EFLAGS_VIP BIT64(20)
#define X86_EFLAGS_ID BIT64(21)

#define X86_CR0_PE BIT64(0)
#define X86_CR0_MP BIT64(1)
#define X86_CR0_EM BIT64(2)
#define X86_CR0_TS BIT64(3)
#define X86_CR0_ET BIT64(4)
#define X86_CR0_NE BIT64(5)
#define X86_CR0_WP BIT64(16)
#define X86_CR0_AM BIT64(18)
#define X86_CR0_NW BIT64(29)
#define X86_CR0_CD BIT64(30)
#define X86_CR0_PG BIT64(31)

#define X86_CR3_PWT BIT64(3)
#define X86_CR3_PCD BIT64(4)
#define X86_CR3_NOFLUSH BIT64(63) /* with CR4.PCIDE */

#define X86_CR4_VME BIT64(0)
#define X86_CR4_PVI BIT64(1)
#define X86_CR4_TSD BIT64(2)
#define X86_CR4_DE BIT64(3)
#define X86_CR4_PSE BIT64(4)
#define X86_CR4_PAE BIT64(5)
#define X86_CR4_MCE BIT64(6)
#define X86_CR4_PGE BIT64(7)
#define X86_CR4_PCE BIT64(8)
#define X86_CR4_OSFXSR BIT64(9)
#define X86_CR4_OSXMMEXCPT BIT64(10)
#define X86_CR4_UMIP BIT64(11)
#define X86_CR4_LA57 BIT64(12)
#define X86_CR4_VMXE BIT64(13)
#define X86_CR4_SMXE BIT64(14)
#define X86_CR4_FSGSBASE BIT64(16)
#define X86_CR4_PCIDE BIT64(17)
#define X86_CR4_OSXSAVE BIT64(18)
#define X86_CR4_SMEP BIT64(20)
#define X86_CR4_SMAP BIT64(21)
#define X86_CR4_PKE BIT64(22)
#define X86_CR4_CET BIT64(23)
#define X86_CR4_PKS BIT64(24)

#define X86_EFER_SCE BIT64(0)
#define X86_EFER_LME BIT64(8)
#define X86_EFER_LMA BIT64(10)
#define X86_EFER_NXE BIT64(11)
#define X86_EFER_SVME BIT64(12)
#define X86_EFER_LMSLE BIT64(13)
#define X86_EFER_FFXSR BIT64(14)
#define X86_EFER_TCE BIT64(15)
#define X86_EFER_AUTOIBRS BIT64(21)

#define X86_XCR0_X87 BIT64(0)
#define X86_XCR0_SSE BIT64(1)
#define X86_XCR0_AVX BIT64(2)
#define X86_XCR0_OPMASK BIT64(5)
#define X86_XCR0_ZMM_HI256 BIT64(6)
#define X86_XCR0_HI16_ZMM BIT64(7)
#define X86_XCR0_PKRU BIT64(9)

#define X86_DR6_BS BIT64(14)
#define X86_DR6_DEFAULT 0xffff0ff0ULL
#define X86_DR7_DEFAULT 0x400ULL

#define X86_EXC_DE 0
#define X86_EXC_DB 1
#define X86_EXC_NMI 2
#define X86_EXC_BP 3
#define X86_EXC_OF 4
#define X86_EXC_BR 5
#define X86_EXC_UD 6
#define X86_EXC_NM 7
#define X86_EXC_DF 8
#define X86_EXC_TS 10
#define X86_EXC_NP 11
#define X86_EXC_SS 12
#define X86_EXC_GP 13
#define X86_EXC_PF 14
#define X86_EXC_MF 16
#define X86_EXC_AC 17
#define X86_EXC_MC 18
#define X86_EXC_XM 19
#define X86_EXC_VE 20
#define X86_EXC_CP 21
#define X86_EXC_HV 28
#define X86_EXC_VC 29
#define X86_EXC_SX 30

/* Vectors below 32 that push an error code: DF TS NP SS GP PF AC CP VC SX. */
#define X86_EXC_HAS_ERROR 0x60227d00U

#define X86_PF_P BIT32(0)
#define X86_PF_W BIT32(1)
#define X86_PF_U BIT32(2)
#define X86_PF_RSVD BIT32(3)
#define X86_PF_I BIT32(4)
#define X86_PF_PK BIT32(5)
#define X86_PF_SS BIT32(6)

#endif
