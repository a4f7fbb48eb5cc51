/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The way into a guest and out of it. While the guest runs, the stack holds
 *
 *   sp + 0     struct arch_vcpu *, struct vcpu *
 *   sp + 16    x19 to x28 of vcpu_enter()'s caller
 *   sp + 96    its frame record: x29, x30
 *
 * An exit saves the guest's registers and calls exit_handle(), which says whether to go back at
 * once: only then did nothing else want the CPU, and vcpu_enter() has not returned.
 */
#include "arch/arm/asm_offsets.h"

	.text

/* void vcpu_enter(struct arch_vcpu *a, struct vcpu *v) */
	.globl	vcpu_enter
	.type	vcpu_enter, @function
vcpu_enter:
	stp	x29, x30, [sp, #-16]!
	stp	x27, x28, [sp, #-16]!
	stp	x25, x26, [sp, #-16]!
	stp	x23, x24, [sp, #-16]!
	stp	x21, x22, [sp, #-16]!
	stp	x19, x20, [sp, #-16]!
	stp	x0, x1, [sp, #-16]!
	b	enter

/* sp is the stack as above, x0 to x30 are the guest's. */
	.macro	guest_exit name, vector
	.globl	\name
	.type	\name, @function
\name:
	stp	x0, x1, [sp, #-16]!
	ldr	x0, [sp, #16]
	stp	x2, x3, [x0, #16]
	mov	w1, #\vector
	b	exit
	.endm

	guest_exit guest_irq, EXIT_VECTOR_IRQ
	guest_exit guest_fiq, EXIT_VECTOR_IRQ
	guest_exit guest_serror, EXIT_VECTOR_SERROR

	.globl	guest_sync
	.type	guest_sync, @function
guest_sync:
	stp	x0, x1, [sp, #-16]!
	ldr	x0, [sp, #16]
	stp	x2, x3, [x0, #16]
	mov	w1, #EXIT_VECTOR_SYNC
exit:
	ldp	x2, x3, [sp], #16
	stp	x2, x3, [x0]
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
	mrs	x2, elr_el2
	mrs	x3, spsr_el2
	stp	x30, x2, [x0, #VCPU_X30]
	str	x3, [x0, #VCPU_PSTATE]
	ldr	x0, [sp, #8]
	add	x29, sp, #96		/* backtraces go on behind the guest */
	bl	exit_handle		/* (struct vcpu *, enum exit_vector) */
	cbz	w0, leave
	ldr	x0, [sp]
enter:
	ldp	x2, x3, [x0, #VCPU_PC]
	msr	elr_el2, x2
	msr	spsr_el2, x3
	ldp	x2, x3, [x0, #16]
	ldp	x4, x5, [x0, #32]
	ldp	x6, x7, [x0, #48]
	ldp	x8, x9, [x0, #64]
	ldp	x10, x11, [x0, #80]
	ldp	x12, x13, [x0, #96]
	ldp	x14, x15, [x0, #112]
	ldp	x16, x17, [x0, #128]
	ldp	x18, x19, [x0, #144]
	ldp	x20, x21, [x0, #160]
	ldp	x22, x23, [x0, #176]
	ldp	x24, x25, [x0, #192]
	ldp	x26, x27, [x0, #208]
	ldp	x28, x29, [x0, #224]
	ldr	x30, [x0, #VCPU_X30]
	ldp	x0, x1, [x0]
	eret
	dsb	nsh			/* nothing is speculated past it with the guest's values */
	isb

leave:
	add	sp, sp, #16
	ldp	x19, x20, [sp], #16
	ldp	x21, x22, [sp], #16
	ldp	x23, x24, [sp], #16
	ldp	x25, x26, [sp], #16
	ldp	x27, x28, [sp], #16
	ldp	x29, x30, [sp], #16
	ret

	.section .note.GNU-stack, "", @progbits
