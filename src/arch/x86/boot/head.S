/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Entry from a multiboot or multiboot2 loader, 32-bit flat, paging off: makes page tables that map
 * the first 4 GiB at 0 and at the image's base, enters long mode and calls x86_start() on the boot
 * stack. Runs once, on the boot CPU.
 */
#include "arch/x86/layout.h"

#define PA(sym) ((sym) - IMAGE_BASE)

	.section .head, "ax"
	.code32

/* Multiboot 1, section 3.1: flags bit 0 page-aligned modules, bit 1 memory map. */
	.align 4
	.long 0x1badb002
	.long 3
	.long -(0x1badb002 + 3)

/* Multiboot 2, section 3.1. */
	.align 8
mb2_start:
	.long 0xe85250d6
	.long 0
	.long mb2_end - mb2_start
	.long -(0xe85250d6 + (mb2_end - mb2_start))
	.align 8	/* information request: command line, modules, memory map, EFI map, RSDP */
1:	.short 1, 0
	.long 2f - 1b
	.long 1, 3, 6, 12, 14, 15, 17
2:	.align 8	/* modules start on a page */
	.short 6, 0
	.long 8
	.align 8	/* end */
	.short 0, 0
	.long 8
mb2_end:

	.globl start32
start32:
	cli
	cld
	movl	$PA(boot_stack_top), %esp
	movl	%eax, %ebp		/* magic */
	movl	%ebx, %esi		/* the information's address */

	movl	$0x80000000, %eax
	cpuid
	cmpl	$0x80000001, %eax
	jb	no_long_mode
	movl	$0x80000001, %eax
	cpuid
	movl	%esi, %ebx
	btl	$29, %edx
	jnc	no_long_mode

	/* 4 GiB in 2 MiB pages */
	movl	$PA(boot_pd), %edi
	movl	$0x83, %eax
	xorl	%edx, %edx
	movl	$2048, %ecx
1:	movl	%eax, (%edi)
	movl	%edx, 4(%edi)
	addl	$0x200000, %eax
	addl	$8, %edi
	loop	1b

	movl	$PA(boot_pdpt), %edi
	movl	$PA(boot_pd) + 3, %eax
	movl	$4, %ecx
1:	movl	%eax, (%edi)
	addl	$0x1000, %eax
	addl	$8, %edi
	loop	1b

	movl	$PA(boot_pml4), %edi
	movl	$PA(boot_pdpt) + 3, %eax
	movl	%eax, (%edi)
	movl	%eax, ((IMAGE_BASE >> 39) & 511) * 8(%edi)

	movl	%cr4, %eax
	orl	$0x20, %eax		/* PAE */
	movl	%eax, %cr4
	movl	$PA(boot_pml4), %eax
	movl	%eax, %cr3
	movl	$0xc0000080, %ecx	/* EFER.LME */
	rdmsr
	btsl	$8, %eax
	wrmsr
	movl	%cr0, %eax
	orl	$0x80010001, %eax	/* PG, WP, PE */
	movl	%eax, %cr0
	lgdt	PA(boot_gdt_ptr)
	ljmp	$SEL_CODE64, $PA(start64_low)

/* No 64-bit mode: say so on COM1 and stop, there is nothing else to run on. */
no_long_mode:
	movl	$PA(no_long_mode_text), %esi
1:	lodsb
	testb	%al, %al
	jz	3f
	movb	%al, %ah
	movw	$0x3fd, %dx
	movl	$100000, %ecx
2:	inb	%dx, %al
	testb	$0x20, %al
	loopz	2b
	movb	%ah, %al
	movw	$0x3f8, %dx
	outb	%al, %dx
	jmp	1b
3:	hlt
	jmp	3b
no_long_mode_text:
	.asciz "(BH) boot failed: this CPU has no 64-bit mode\r\n"

	.code64
start64_low:
	movabsq	$start64, %rax
	jmp	*%rax
start64:
	movl	$SEL_DATA, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	xorl	%eax, %eax
	movl	%eax, %fs
	movl	%eax, %gs
	leaq	boot_stack_top(%rip), %rsp
	movl	%ebp, %edi
	movl	%ebx, %esi
	xorl	%ebp, %ebp		/* the end of every backtrace */
	call	x86_start
	ud2

	.align 8
boot_gdt:
	.quad 0
	.quad 0x00af9a000000ffff	/* SEL_CODE64 */
	.quad 0x00cf92000000ffff	/* SEL_DATA */
	.quad 0x00cf9a000000ffff	/* SEL_CODE32 */
boot_gdt_end:
boot_gdt_ptr:
	.short boot_gdt_end - boot_gdt - 1
	.long PA(boot_gdt)

	.section .bss.page_aligned, "aw", @nobits
	.balign 4096
	.globl boot_pml4
boot_pml4:
	.skip 4096
boot_pdpt:
	.skip 4096
boot_pd:
	.skip 4096 * 4
	.globl boot_stack_guard
boot_stack_guard:
	.skip 4096
	.globl boot_stack
boot_stack:
	.skip BOOT_STACK_SIZE
	.globl boot_stack_top
boot_stack_top:
