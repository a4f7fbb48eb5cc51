/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ESR_EL2, taken apart (DDI 0487, D13.2.37, "ESR_ELx"): exception classes, and the fields of the
 * syndromes that the handlers look at. Pure.
 */
#ifndef ARCH_ARM_ESR_H
#define ARCH_ARM_ESR_H

#include "lib/bits.h"

/* Exception classes, bits 31:26. */
enum esr_class {
	ESR_UNKNOWN = 0x00,
	ESR_WFX = 0x01,
	ESR_CP15 = 0x03,    /* MCR, MRC */
	ESR_CP15_64 = 0x04, /* MCRR, MRRC */
	ESR_CP14 = 0x05,
	ESR_CP14_LDC = 0x06,
	ESR_FP = 0x07,
	ESR_CP10 = 0x08, /* VMRS of an ID register */
	ESR_PAUTH = 0x09,
	ESR_LS64 = 0x0a,
	ESR_CP14_64 = 0x0c,
	ESR_ILLEGAL_STATE = 0x0e,
	ESR_SVC32 = 0x11,
	ESR_HVC32 = 0x12,
	ESR_SMC32 = 0x13,
	ESR_SVC64 = 0x15,
	ESR_HVC64 = 0x16,
	ESR_SMC64 = 0x17,
	ESR_SYSREG = 0x18,
	ESR_SVE = 0x19,
	ESR_FETCH_ABORT = 0x20, /* from a lower EL */
	ESR_FETCH_ABORT_SAME = 0x21,
	ESR_DATA_ABORT = 0x24, /* from a lower EL */
	ESR_DATA_ABORT_SAME = 0x25,
	ESR_SERROR = 0x2f,
	ESR_CLASSES = 64
};

#define ESR_EC mask64(31, 26)
#define ESR_IL BIT32(25) /* the instruction is 32 bits long */
#define ESR_ISS mask64(24, 0)

/* Instructions of AArch32: their condition. */
#define ESR_CV BIT32(24)
#define ESR_COND mask64(23, 20)

/* WFI, WFE. */
#define ESR_WFX_WFE BIT32(0)

/* HVC, SMC: bits 15:0 are the immediate. */
#define ESR_IMM mask64(15, 0)

/*
 * System registers are named by their encoding, as it stands in the syndrome of MSR and MRS with
 * direction and general register left out; coprocessor registers of AArch32 likewise.
 */
#define SYSREG(op0, op1, crn, crm, op2)                                              \
	((u32)(op0) << 20 | (u32)(op2) << 17 | (u32)(op1) << 14 | (u32)(crn) << 10 | \
		(u32)(crm) << 1)
#define SYSREG_OF(esr) ((esr)&0x3ffc1e)
#define ESR_SYSREG_READ BIT32(0)
#define ESR_SYSREG_RT mask64(9, 5)

#define CP(op1, crn, crm, op2) \
	((u32)(op2) << 17 | (u32)(op1) << 14 | (u32)(crn) << 10 | (u32)(crm) << 1)
#define CP_OF(esr) ((esr)&0xffc1e)
#define CP_64(op1, crm) ((u32)(op1) << 16 | (u32)(crm) << 1)
#define CP_64_OF(esr) ((esr)&0xf001e)
#define ESR_CP_64_RT2 mask64(14, 10)

/* Aborts. */
#define ESR_ABORT_FSC mask64(5, 0)
#define ESR_ABORT_WNR BIT32(6)
#define ESR_ABORT_S1PTW BIT32(7)
#define ESR_ABORT_CM BIT32(8)
#define ESR_ABORT_FNV BIT32(10)
#define ESR_DABT_SF BIT32(15)
#define ESR_DABT_SRT mask64(20, 16)
#define ESR_DABT_SSE BIT32(21)
#define ESR_DABT_SAS mask64(23, 22)
#define ESR_DABT_ISV BIT32(24)

/* Bits 5:2 of the fault status; 1:0 are the level. */
#define FSC_TYPE 0x3c
#define FSC_ADDRESS_SIZE 0x00
#define FSC_TRANSLATION 0x04
#define FSC_ACCESS_FLAG 0x08
#define FSC_PERMISSION 0x0c
#define FSC_EXTERNAL 0x10

static inline unsigned int esr_class(u32 esr)
{
	return esr >> 26;
}

/* Bytes of the instruction. */
static inline unsigned int esr_insn_len(u32 esr)
{
	return 2 + ((esr & ESR_IL) >> 24);
}

/* HVC is an instruction that has been executed: the PC is behind it. */
static inline bool esr_is_hvc(u32 esr)
{
	return (esr_class(esr) | (ESR_HVC32 ^ ESR_HVC64)) == (ESR_HVC32 | ESR_HVC64);
}

/* The fault came of the tables of stage 2, and not from the machine. */
static inline bool esr_is_s2_fault(u32 esr)
{
	return (esr & ESR_ABORT_FSC) < FSC_EXTERNAL;
}

#endif
