/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the architecture does to EL1's registers when it takes an exception there, and what else
 * depends on the processor state of a guest: conditions and IT blocks of AArch32. Pure: it works on
 * the values, not on the registers.
 */
#ifndef ARCH_ARM_INJECT_H
#define ARCH_ARM_INJECT_H

#include "lib/compiler.h"

struct arm_context;
struct arm_regs;
struct vm_exit;

/* PSTATE as it stands in SPSR_EL2 (DDI 0487, C5.2.19). */
#define PSTATE_MODE 0x1fULL
#define PSTATE_A32 BIT64(4)
#define PSTATE_T32 BIT64(5)
#define PSTATE_DAIF mask64(9, 6)
#define PSTATE_SS BIT64(21)

#define MODE_EL1H 0x05
#define MODE_USR32 0x10
#define MODE_FIQ32 0x11
#define MODE_IRQ32 0x12
#define MODE_SVC32 0x13
#define MODE_ABT32 0x17
#define MODE_HYP32 0x1a
#define MODE_UND32 0x1b
#define MODE_SYS32 0x1f

/* Takes e->inject to EL1 in AArch64 or AArch32: changes PC and PSTATE of r and, of c, the registers
 * that describe the exception. Of c it uses sctlr, vbar, tcr, ifsr32 and far, too. */
void inject_a64(struct arm_regs *r, struct arm_context *c, const struct vm_exit *e);
void inject_a32(struct arm_regs *r, struct arm_context *c, const struct vm_exit *e);

/* Does the instruction of AArch32 that trapped with this syndrome pass its condition? */
bool inject_condition_holds(u32 esr, u64 pstate);
/* PSTATE behind an instruction that was emulated. */
u64 inject_step_over(u64 pstate);
/* Index into arm_regs.x of general register n (below 15) in the mode of pstate. */
unsigned int inject_a32_gpr(u64 pstate, unsigned int n);

#endif
