/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The 256 entry points of the IDT, and the changes of context: calls that a fault may end, calls
 * of CPL 3, and calls of 32-bit and 16-bit code.
 */
#include "guest/lib/layout.h"

#define HAS_ERROR_CODE 0x60227d00 /* vectors 8, 10 to 14, 17, 21, 29, 30 */

	.text
	.balign 16
	.globl trap_stubs
/* 16 bytes each. */
trap_stubs:
	.set vector, 0
	.rept 256
	.balign 16
	.if vector >= 32 || !((HAS_ERROR_CODE >> (vector & 31)) & 1)
	push $0
	.endif
	push $vector
	jmp trap_common
	.set vector, vector + 1
	.endr

trap_common:
	push %rax
	push %rbx
	push %rcx
	push %rdx
	push %rsi
	push %rdi
	push %rbp
	push %r8
	push %r9
	push %r10
	push %r11
	push %r12
	push %r13
	push %r14
	push %r15
	cld
	mov %rsp, %rdi
	mov %rsp, %rbp
	and $-16, %rsp
	call trap_handle
	mov %rbp, %rsp
	pop %r15
	pop %r14
	pop %r13
	pop %r12
	pop %r11
	pop %r10
	pop %r9
	pop %r8
	pop %rbp
	pop %rdi
	pop %rsi
	pop %rdx
	pop %rcx
	pop %rbx
	pop %rax
	add $16, %rsp
	iretq

.macro save_context
	push %rbx
	push %rbp
	push %r12
	push %r13
	push %r14
	push %r15
	pushf
	mov %rsp, (%rdi)
.endm

/* u64 context_call(u64 *context, u64 (*fn)(u64), u64 arg) */
	.globl context_call
context_call:
	save_context
	mov %rsi, %rax
	mov %rdx, %rdi
	call *%rax
context_return:
	popf
	pop %r15
	pop %r14
	pop %r13
	pop %r12
	pop %rbp
	pop %rbx
	ret

/* void context_leave(u64 *context, u64 result) */
	.globl context_leave
context_leave:
	mov (%rdi), %rsp
	mov %rsi, %rax
	jmp context_return

/* u64 context_user(u64 *context, u64 (*fn)(u64), u64 arg, void *stack) */
	.globl context_user
context_user:
	save_context
	lea -8(%rcx), %rcx
	movq $context_user_return, (%rcx)
	push $SEL_USER_DATA
	push %rcx
	pushf
	push $SEL_USER_CODE64
	push %rsi
	mov %rdx, %rdi
	iretq
context_user_return:
	int $VECTOR_USER_RETURN

/*
 * void context_code(struct code_regs *regs, u64 far_pointer): a far call with 32-bit operands,
 * which the callee ends with lretl. SS must have a base of 0 and its B bit set in compatibility
 * mode. A callee in 32-bit code loses the upper halves of all registers: they are on the stack.
 */
	.globl context_code
context_code:
	push %rbx
	push %rbp
	push %r12
	push %r13
	push %r14
	push %r15
	push %rsi
	push %rdi
	mov $SEL_DATA, %eax
	mov %eax, %ss
	mov %eax, %ds
	mov %eax, %es
	mov %rdi, %r8
	mov 0(%r8), %eax
	mov 4(%r8), %ebx
	mov 8(%r8), %ecx
	mov 12(%r8), %edx
	mov 16(%r8), %esi
	mov 20(%r8), %edi
	mov 24(%r8), %ebp
	lcall *8(%rsp)
	cld
	pop %r8
	mov %eax, 0(%r8)
	mov %ebx, 4(%r8)
	mov %ecx, 8(%r8)
	mov %edx, 12(%r8)
	mov %esi, 16(%r8)
	mov %edi, 20(%r8)
	mov %ebp, 24(%r8)
	pop %rsi
	pop %r15
	pop %r14
	pop %r13
	pop %r12
	pop %rbp
	pop %rbx
	ret

	.section .note.GNU-stack, "", @progbits
