/* SPDX-License-Identifier: GPL-2.0-only */
/* Exception and interrupt entry: 256 stubs build a struct trap_frame and call trap_handle(). */
#include "arch/x86/layout.h"

	.text
	.altmacro
.macro stub n
	.balign 16
	.if (\n == 8) || (\n >= 10 && \n <= 14) || (\n == 17) || (\n == 21) || (\n == 29) || \
		(\n == 30)
	.else
	pushq	$0
	.endif
	pushq	$\n
	jmp	trap_common
.endm

	.globl trap_stubs
	.balign 16
trap_stubs:
	n = 0
	.rept 256
	stub %n
	n = n + 1
	.endr

/*
 * Only the hypervisor's own code is ever interrupted, so %gs is always right: between a guest's
 * exit and the reload of %gs (svm.S) the global interrupt flag is clear, and blocks NMIs too.
 */
trap_common:
	cld
	pushq	%rax
	pushq	%rcx
	pushq	%rdx
	pushq	%rbx
	pushq	%rbp
	pushq	%rsi
	pushq	%rdi
	pushq	%r8
	pushq	%r9
	pushq	%r10
	pushq	%r11
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	movq	%rsp, %rdi
	movq	80(%rsp), %rbp		/* backtraces go on from the interrupted frame */
	call	trap_handle
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%r11
	popq	%r10
	popq	%r9
	popq	%r8
	popq	%rdi
	popq	%rsi
	popq	%rbp
	popq	%rbx
	popq	%rdx
	popq	%rcx
	popq	%rax
	addq	$16, %rsp
	iretq
