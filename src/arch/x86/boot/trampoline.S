/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where an application processor starts: real mode, at a page below 1 MiB to which this code was
 * copied. It takes the steps that head.S takes, with page tables that map that page at its own
 * address and the hypervisor, then jumps to x86_ap_start() on its own stack. Position independent:
 * smp.c fills in the addresses.
 */
#include "arch/x86/layout.h"

	.section .rodata, "a"
	.globl trampoline_start, trampoline_end, trampoline_args
	.balign 16
	.code16
trampoline_start:
	cli
	cld
	movw	%cs, %ax
	movw	%ax, %ds
	movzwl	%ax, %ebx
	shll	$4, %ebx		/* physical address of this page */
	lgdtl	(tr_gdt_ptr - trampoline_start)
	movl	%cr0, %eax
	orl	$1, %eax
	movl	%eax, %cr0
	ljmpl	*(tr_jump32 - trampoline_start)

	.code32
tr_32:
	movl	$SEL_DATA, %eax
	movl	%eax, %ds
	movl	%eax, %ss
	movl	%cr4, %eax
	orl	$0x20, %eax
	movl	%eax, %cr4
	movl	(trampoline_args - trampoline_start)(%ebx), %eax	/* cr3 */
	movl	%eax, %cr3
	movl	$0xc0000080, %ecx
	rdmsr
	orl	$0x900, %eax		/* LME, NXE */
	wrmsr
	movl	%cr0, %eax
	andl	$0x9fffffff, %eax	/* caches on */
	orl	$0x80010001, %eax
	movl	%eax, %cr0
	ljmpl	*(tr_jump64 - trampoline_start)(%ebx)

	.code64
tr_64:
	movl	%ebx, %ebx
	movq	(trampoline_args - trampoline_start + 8)(%rbx), %rsp
	movq	(trampoline_args - trampoline_start + 16)(%rbx), %rdi
	movq	(trampoline_args - trampoline_start + 24)(%rbx), %rax
	xorl	%ebp, %ebp
	jmp	*%rax

	.balign 8
tr_gdt:
	.quad 0
	.quad 0x00af9a000000ffff
	.quad 0x00cf92000000ffff
	.quad 0x00cf9a000000ffff
tr_gdt_ptr:
	.short tr_gdt_ptr - tr_gdt - 1
	.globl trampoline_gdt_base
trampoline_gdt_base:
	.long tr_gdt - trampoline_start
	.globl trampoline_jump32, trampoline_jump64
tr_jump32:
trampoline_jump32:
	.long tr_32 - trampoline_start
	.short SEL_CODE32
	.balign 4
tr_jump64:
trampoline_jump64:
	.long tr_64 - trampoline_start
	.short SEL_CODE64
	.balign 8
trampoline_args:		/* struct trampoline_args of smp.c: cr3, rsp, pcpu, entry */
	.quad 0, 0, 0, 0
trampoline_end:
