/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The trampoline. Its page is copied away from here and runs where nothing is moved to: it leaves
 * long mode and paging, moves the segments, and enters the kernel in the state that the PVH ABI
 * wants (xen/arch-x86/hvm/start_info.h): flat 32-bit segments, CR0 = PE, CR4 = 0, TR = a TSS at 0
 * with limit 0x67, interrupts off, ebx = start info. It must never touch memory but its own page
 * and what the moves name.
 */
#include "boot/unpack/unpack_leave.h"

#define MSR_EFER 0xc0000080
#define CR0_PE 0x00000001
#define CR0_PG 0x80000000

/* The members of struct leave_args and struct unpack_move. */
#define ARGS_MOVE_COUNT 0
#define ARGS_ENTRY 4
#define ARGS_START_INFO 8
#define ARGS_MOVES 16
#define MOVE_DST 0
#define MOVE_SRC 4
#define MOVE_FILESZ 8
#define MOVE_MEMSZ 12
#define MOVE_SIZE 16

	.text
	.code64
/* unpack_leave_asm(rdi = page, rsi = gdtr) */
	.globl	unpack_leave_asm
unpack_leave_asm:
	cli
	cld
	lgdt	(%rsi)
	pushq	$UNPACK_LEAVE_CS
	pushq	%rdi
	lretq

	.section .rodata
	.globl	unpack_leave_page, unpack_leave_page_end
	.balign	16
unpack_leave_page:
	.code32
	movl	$UNPACK_LEAVE_DS, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	movl	%eax, %fs
	movl	%eax, %gs
	movl	%edi, %ebp			/* the page; there is no stack from here on */

	movl	%cr0, %eax
	andl	$~CR0_PG, %eax
	movl	%eax, %cr0
	movl	$MSR_EFER, %ecx
	xorl	%eax, %eax
	xorl	%edx, %edx
	wrmsr
	movl	%eax, %cr4
	movl	%eax, %cr3
	movl	$CR0_PE, %eax
	movl	%eax, %cr0
	lidt	(leave_no_idt - unpack_leave_page)(%ebp)
	movl	$UNPACK_LEAVE_TR, %eax
	ltr	%ax

	leal	(UNPACK_LEAVE_ARGS + ARGS_MOVES)(%ebp), %edx
leave_next:
	decl	(UNPACK_LEAVE_ARGS + ARGS_MOVE_COUNT)(%ebp)
	js	leave_enter
	movl	MOVE_SRC(%edx), %esi
	movl	MOVE_DST(%edx), %edi
	cmpl	%esi, %edi
	je	leave_zero
	ja	leave_down

	movl	MOVE_FILESZ(%edx), %ecx
	shrl	$2, %ecx
	rep movsl
	movl	MOVE_FILESZ(%edx), %ecx
	andl	$3, %ecx
	rep movsb
	jmp	leave_zero

leave_down:					/* from the last byte to the first */
	movl	MOVE_FILESZ(%edx), %eax
	leal	-1(%esi,%eax), %esi
	leal	-1(%edi,%eax), %edi
	movl	%eax, %ecx
	andl	$3, %ecx
	std
	rep movsb
	subl	$3, %esi
	subl	$3, %edi
	movl	%eax, %ecx
	shrl	$2, %ecx
	rep movsl
	cld

leave_zero:
	movl	MOVE_DST(%edx), %edi
	addl	MOVE_FILESZ(%edx), %edi
	movl	MOVE_MEMSZ(%edx), %ebx
	subl	MOVE_FILESZ(%edx), %ebx
	xorl	%eax, %eax
	movl	%ebx, %ecx
	andl	$3, %ecx
	rep stosb
	movl	%ebx, %ecx
	shrl	$2, %ecx
	rep stosl
	addl	$MOVE_SIZE, %edx
	jmp	leave_next

leave_enter:
	movl	(UNPACK_LEAVE_ARGS + ARGS_START_INFO)(%ebp), %ebx
	movl	(UNPACK_LEAVE_ARGS + ARGS_ENTRY)(%ebp), %eax
	xorl	%ecx, %ecx
	xorl	%edx, %edx
	xorl	%esi, %esi
	xorl	%edi, %edi
	xorl	%ebp, %ebp
	jmp	*%eax

	.balign	8
leave_no_idt:
	.word	0
	.long	0

	.org	unpack_leave_page + UNPACK_LEAVE_GDT
	.quad	0
	.quad	0x00cf9b000000ffff		/* UNPACK_LEAVE_CS */
	.quad	0x00cf93000000ffff		/* UNPACK_LEAVE_DS */
	.quad	0x0000890000000067		/* UNPACK_LEAVE_TR */
unpack_leave_page_end:

	.section .note.GNU-stack, "", @progbits
