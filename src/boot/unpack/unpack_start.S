/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The unpacker's first instructions: from the PVH start state (32-bit, paging off, ebx = start
 * info) to C in long mode, with the first 4 GiB mapped one to one. It must never touch memory
 * outside its own image.
 */
#include "boot/unpack/unpack_fault.h"
#include "boot/unpack/unpack_header.h"

#define CR0_PE 0x00000001
#define CR0_MP 0x00000002
#define CR0_ET 0x00000010
#define CR0_PG 0x80000000
#define CR4_PAE 0x00000020
#define CR4_OSFXSR 0x00000200
#define CR4_OSXMMEXCPT 0x00000400
#define MSR_EFER 0xc0000080
#define EFER_LME 0x00000100
#define MSR_FS_BASE 0xc0000100

#define PTE_PRESENT_WRITE 0x003
#define PTE_PRESENT_WRITE_LARGE 0x083
#define TABLE_SIZE 4096
#define TABLE_ENTRIES 512
#define LARGE_PAGE 0x200000

#define STACK_SIZE 0x10000
#define NOTE_PHYS32_ENTRY 18

	.section .head, "ax"
	.code32
	.globl	unpack_start
	.long	UNPACK_MAGIC, unpack_image, unpack_file_size, unpack_mem_size, unpack_start

unpack_start:
	cli
	cld
	movl	$bss_start, %edi
	movl	$bss_end, %ecx
	subl	%edi, %ecx
	shrl	$2, %ecx
	xorl	%eax, %eax
	rep stosl

	/* Four tables of 2 MiB pages, one after the other, then the two levels above them. */
	movl	$start_pd, %edi
	movl	$PTE_PRESENT_WRITE_LARGE, %eax
	movl	$(4 * TABLE_ENTRIES), %ecx
1:	movl	%eax, (%edi)
	addl	$8, %edi
	addl	$LARGE_PAGE, %eax
	loop	1b

	movl	$start_pdpt, %edi
	movl	$start_pd + PTE_PRESENT_WRITE, %eax
	movl	$4, %ecx
2:	movl	%eax, (%edi)
	addl	$8, %edi
	addl	$TABLE_SIZE, %eax
	loop	2b
	movl	$start_pdpt + PTE_PRESENT_WRITE, start_pml4

	movl	$(CR4_PAE | CR4_OSFXSR | CR4_OSXMMEXCPT), %eax
	movl	%eax, %cr4
	movl	$start_pml4, %eax
	movl	%eax, %cr3
	movl	$MSR_EFER, %ecx
	movl	$EFER_LME, %eax
	xorl	%edx, %edx
	wrmsr
	movl	$(CR0_PG | CR0_ET | CR0_MP | CR0_PE), %eax
	movl	%eax, %cr0
	lgdt	start_gdtr
	ljmp	$0x08, $start_long

	.code64
start_long:
	xorl	%eax, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	movl	%eax, %fs
	movl	%eax, %gs

	/* The libraries read their stack protector's canary from fs:0x28. */
	movl	$MSR_FS_BASE, %ecx
	movl	$start_tls, %eax
	xorl	%edx, %edx
	wrmsr
	movl	$stack_top, %esp
	fninit

	movl	%ebx, %r12d
	movl	$init_array_start, %ebx
3:	cmpl	$init_array_end, %ebx
	jae	4f
	call	*(%rbx)
	addl	$8, %ebx
	jmp	3b
4:	movl	%r12d, %edi
	call	unpack_main

	.balign	16
	.globl	unpack_fault_stubs
unpack_fault_stubs:
	vector = 0
	.rept	UNPACK_FAULT_VECTORS
	.balign	16
	.if	!((UNPACK_FAULT_ERROR_CODES >> vector) & 1)
	pushq	$0
	.endif
	pushq	$vector
	jmp	start_fault
	vector = vector + 1
	.endr
start_fault:
	movq	%rsp, %rdi
	andq	$~15, %rsp
	call	unpack_fault_report

	.section .rodata
	.balign	8
start_gdt:
	.quad	0
	.quad	0x00af9b000000ffff		/* 64-bit code */
start_gdtr:
	.word	start_gdtr - start_gdt - 1
	.long	start_gdt

	.section .note.Xen, "a", @note
	.balign	4
	.long	4, 8, NOTE_PHYS32_ENTRY
	.asciz	"Xen"
	.quad	unpack_start

	.section .bss.tables, "aw", @nobits
	.balign	TABLE_SIZE
start_pml4:
	.skip	TABLE_SIZE
start_pdpt:
	.skip	TABLE_SIZE
start_pd:
	.skip	4 * TABLE_SIZE
	.skip	STACK_SIZE
stack_top:
start_tls:
	.skip	64

	.section .note.GNU-stack, "", @progbits
