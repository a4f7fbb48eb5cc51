/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How a CPU gets from its first instruction to C with MMU and caches on: CPU 0 from the entry point
 * of Linux's boot protocol (Documentation/arm64/booting.rst), the others from PSCI. It owns the
 * page table, which maps 512 GiB one to one by 1 GiB: the one that we are in as memory, all others
 * as devices.
 */
#include "guest/lib-arm64/layout.h"

	.section .text.head0, "ax"
	.globl head_start
head_start:
	b head_boot
	.long 0
	.quad 0 /* text_offset */
	/* The linker script puts the size here. */
	.section .text.head1, "ax"
	.quad 0xa /* little-endian, 4 KiB pages, anywhere in memory */
	.quad 0, 0, 0
	.ascii "ARM\x64"
	.long 0

head_boot:
	mov x20, x0
	adrp x1, guest_bss
	adrp x2, guest_end
1:	stp xzr, xzr, [x1], #16
	cmp x1, x2
	b.lo 1b

	/* R_AARCH64_RELATIVE is the only kind of relocation in a static program. */
	adrp x0, guest_start
	adrp x1, guest_rela_start
	add x1, x1, :lo12:guest_rela_start
	adrp x2, guest_rela_end
	add x2, x2, :lo12:guest_rela_end
2:	cmp x1, x2
	b.hs 3f
	ldr x3, [x1]
	ldr x4, [x1, #16]
	add x4, x4, x0
	str x4, [x3, x0]
	add x1, x1, #24
	b 2b

3:	adrp x1, head_table
	mov x2, #0
	ldr x3, =PTE_DEVICE
4:	orr x4, x3, x2, lsl #30
	str x4, [x1, x2, lsl #3]
	add x2, x2, #1
	cmp x2, #512
	b.lo 4b
	lsr x2, x0, #30
	ldr x3, =PTE_NORMAL
	orr x4, x3, x2, lsl #30
	str x4, [x1, x2, lsl #3]

	/* What was written here with caches off must not be hidden by old lines. */
	adrp x2, guest_end
5:	dc civac, x0
	add x0, x0, #16
	cmp x0, x2
	b.lo 5b
	dsb sy

	adrp x0, smp_stacks
	add x0, x0, #STACK_SIZE
	mov x1, #0
	b head_mmu

/* From PSCI: x0 is the number of the CPU. */
	.globl head_secondary
head_secondary:
	mov x1, x0
	mov x20, #0
	adrp x0, smp_stacks
	add x2, x1, #1
	mov x3, #STACK_SIZE
	madd x0, x2, x3, x0

/* x0: stack, x1: CPU, x20: device tree */
head_mmu:
	mov sp, x0
	msr tpidr_el1, x1
	ldr x2, =MAIR_VALUE
	msr mair_el1, x2
	ldr x2, =TCR_VALUE
	msr tcr_el1, x2
	adrp x2, head_table
	msr ttbr0_el1, x2
	isb
	tlbi vmalle1
	ic iallu
	dsb sy
	isb
	ldr x2, =SCTLR_VALUE
	msr sctlr_el1, x2
	isb
	mov x0, x1
	mov x1, x20
	mov x29, #0
	mov x30, #0
	bl start_cpu
6:	wfi
	b 6b
	.ltorg

	.bss
	.balign 4096
	.globl head_table
head_table:
	.space 4096

	.section .note.GNU-stack, "", @progbits
