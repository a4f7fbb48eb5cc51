/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The vector tables of EL2 (DDI 0487, D1.3.1): what comes from a guest goes to enter.S, what comes
 * from the hypervisor itself is the end (traps.c). The tables differ in what they do against
 * branch-predictor state that a guest left behind; mitigation.c chooses one for each CPU.
 */
#include "arch/arm/asm_offsets.h"
#include "arch/arm/smccc_numbers.h"

	.text

/* --- from the hypervisor: any register of a guest may go, this CPU does not go back to one --- */

/* An entry has room for 32 instructions; .org refuses to go back. */
	.macro	entry_end
	.org	7b + 128
	.endm

	.macro	fatal kind
7:	msr	tpidr_el0, x0
	msr	tpidrro_el0, x1
	mov	x1, #\kind
	b	vectors_fatal
	entry_end
	.endm

/* The stack may be what is broken: the frame goes to the top of the emergency stack. */
vectors_fatal:
	mrs	x0, tpidr_el2
	ldr	x0, [x0, #PCPU_ARCH]
	ldr	x0, [x0, #ARCH_PCPU_EMERGENCY_TOP]
	sub	x0, x0, #TRAP_SIZE
	str	x1, [x0, #TRAP_KIND]
	stp	x2, x3, [x0, #16]
	stp	x4, x5, [x0, #32]
	stp	x6, x7, [x0, #48]
	stp	x8, x9, [x0, #64]
	stp	x10, x11, [x0, #80]
	stp	x12, x13, [x0, #96]
	stp	x14, x15, [x0, #112]
	stp	x16, x17, [x0, #128]
	stp	x18, x19, [x0, #144]
	stp	x20, x21, [x0, #160]
	stp	x22, x23, [x0, #176]
	stp	x24, x25, [x0, #192]
	stp	x26, x27, [x0, #208]
	stp	x28, x29, [x0, #224]
	mov	x1, sp
	stp	x30, x1, [x0, #TRAP_X30]
	mrs	x1, tpidr_el0
	mrs	x2, tpidrro_el0
	stp	x1, x2, [x0]
	mrs	x1, elr_el2
	mrs	x2, spsr_el2
	stp	x1, x2, [x0, #TRAP_PC]
	mrs	x2, esr_el2
	mrs	x3, far_el2
	stp	x2, x3, [x0, #TRAP_ESR]
	/* What looks like a call from where it happened, for the backtrace. */
	stp	x29, x1, [x0, #TRAP_RECORD]
	add	x29, x0, #TRAP_RECORD
	mov	sp, x0
	bl	traps_fatal
	b	stop

/* --- from a guest: x0 and x1 are still the guest's, sp is the CPU's stack --- */

	.macro	harden_none
	.endm

/* CVE-2022-23960: as many taken branches as the branch history holds. */
	.macro	harden_loop count
	stp	x0, x1, [sp, #-16]!
	mov	x0, #\count
9:	b	8f
8:	subs	x0, x0, #1
	b.ne	9b
	dsb	nsh
	isb
	ldp	x0, x1, [sp], #16
	.endm

/* CLRBHB, a hint: a NOP where it does not exist. */
	.macro	harden_clrbhb
	hint	#22
	isb
	.endm

/* SMCCC 1.1 preserves x4 and above (DEN0028, 2.6). */
	.macro	harden_firmware function
	stp	x0, x1, [sp, #-32]!
	stp	x2, x3, [sp, #16]
	movz	w0, #((\function) & 0xffff)
	movk	w0, #((\function) >> 16), lsl #16
	smc	#0
	ldp	x2, x3, [sp, #16]
	ldp	x0, x1, [sp], #32
	.endm

	.macro	harden_firmware_loop function, count
	harden_firmware \function
	harden_loop \count
	.endm

	.macro	guest target, harden:vararg
7:	\harden
	b	\target
	entry_end
	.endm

	.macro	vector_table name, harden:vararg
	.balign	2048
	.globl	\name
\name:
	fatal	0			/* EL2 with SP_EL0: never used */
	fatal	1
	fatal	2
	fatal	3
	fatal	4			/* EL2 */
	fatal	5
	fatal	6
	fatal	7
	guest	guest_sync, \harden	/* AArch64 */
	guest	guest_irq, \harden
	guest	guest_fiq, \harden
	guest	guest_serror, \harden
	guest	guest_sync, \harden	/* AArch32 */
	guest	guest_irq, \harden
	guest	guest_fiq, \harden
	guest	guest_serror, \harden
	.endm

	vector_table vectors_none, harden_none
	vector_table vectors_loop8, harden_loop 8
	vector_table vectors_loop11, harden_loop 11
	vector_table vectors_loop24, harden_loop 24
	vector_table vectors_loop32, harden_loop 32
	vector_table vectors_loop38, harden_loop 38
	vector_table vectors_loop132, harden_loop 132
	vector_table vectors_clrbhb, harden_clrbhb
	vector_table vectors_firmware1, harden_firmware SMCCC_ARCH_WORKAROUND_1
	vector_table vectors_firmware1_loop8, harden_firmware_loop SMCCC_ARCH_WORKAROUND_1, 8
	vector_table vectors_firmware3, harden_firmware SMCCC_ARCH_WORKAROUND_3

	.section .note.GNU-stack, "", @progbits
