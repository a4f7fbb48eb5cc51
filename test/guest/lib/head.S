/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How a CPU gets from its first instruction to C in 64-bit mode: CPU 0 from the PVH entry point
 * (xen/arch-x86/hvm/start_info.h), the others from real mode. It owns the page tables, which map
 * 4 GiB one to one and open to CPL 3, and the GDT.
 */
#include "guest/lib/layout.h"

#define CR0_VALUE 0x80010033 /* PG WP NE ET MP PE */
#define CR4_VALUE 0x620      /* OSXMMEXCPT OSFXSR PAE */
#define EFER 0xc0000080
#define EFER_VALUE 0x900 /* NXE LME */

	.section .note.Xen, "a", @note
	.balign 4
	.long 4, 4, 18 /* XEN_ELFNOTE_PHYS32_ENTRY */
	.asciz "Xen"
	.long head_start

	.section .text.head, "ax"
	.code32
	.globl head_start
head_start:
	cld
	mov %ebx, head_start_info
	.globl head_common
head_common:
	lgdt head_gdt_pointer
	ljmp $SEL_CODE32, $1f
1:	mov $SEL_DATA, %eax
	mov %eax, %ds
	mov %eax, %es
	mov %eax, %ss
	mov %eax, %fs
	mov %eax, %gs
	mov $CR4_VALUE, %eax
	mov %eax, %cr4
	mov $head_pml4, %eax
	mov %eax, %cr3
	mov $EFER, %ecx
	rdmsr
	or $EFER_VALUE, %eax
	wrmsr
	mov $CR0_VALUE, %eax
	mov %eax, %cr0
	ljmp $SEL_CODE64, $1f
	.code64
1:	mov head_stack(%rip), %rsp
	xor %ebp, %ebp
	mov head_cpu(%rip), %edi
	mov head_start_info(%rip), %esi
	call start_cpu
	ud2

/* Copied to TRAMPOLINE; position independent up to the jump. */
	.code16
	.globl head_trampoline, head_trampoline_end
head_trampoline:
	cli
	cld
	mov %cs, %ax
	mov %ax, %ds
	lgdtl head_trampoline_gdt - head_trampoline
	mov $0x11, %eax
	mov %eax, %cr0
	ljmpl $SEL_CODE32, $head_trampoline32
head_trampoline_gdt:
	.word GDT_ENTRIES * 8 - 1
	.long head_gdt
head_trampoline_end:

	.code32
head_trampoline32:
	mov $SEL_DATA, %eax
	mov %eax, %ds
	jmp head_common
	.code64

	.data
	.balign 8
	.globl head_gdt, head_stack, head_cpu
head_gdt:
	.quad 0
	.quad 0x00cf9b000000ffff /* SEL_CODE32 */
	.quad 0x00cf93000000ffff /* SEL_DATA */
	.quad 0x00af9b000000ffff /* SEL_CODE64 */
	.quad 0x00009b000000ffff /* SEL_CODE16 */
	.quad 0x00cffb000000ffff /* SEL_USER_CODE32 */
	.quad 0x00cff3000000ffff /* SEL_USER_DATA */
	.quad 0x00affb000000ffff /* SEL_USER_CODE64 */
	.fill 2 * CPU_MAX, 8, 0  /* SEL_TSS */
head_gdt_pointer:
	.word GDT_ENTRIES * 8 - 1
	.quad head_gdt
/* What the next CPU to come up gets. */
head_stack:
	.quad smp_stacks + STACK_SIZE
head_cpu:
	.long 0
head_start_info:
	.long 0

/* Present, writable, for CPL 3 too, accessed, dirty; 2 MiB pages. */
	.balign 4096
	.globl head_pml4, head_pdpt, head_pd
head_pml4:
	.quad head_pdpt + 0x67
	.fill 511, 8, 0
head_pdpt:
	.set i, 0
	.rept 4
	.quad head_pd + 0x67 + i * 4096
	.set i, i + 1
	.endr
	.fill 508, 8, 0
head_pd:
	.set i, 0
	.rept 2048
	.quad i * 0x200000 + 0xe7
	.set i, i + 1
	.endr

	.section .note.GNU-stack, "", @progbits
