/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Entry from a loader that follows Linux's arm64 boot protocol, and of the other CPUs from PSCI or
 * a spin table: EL2, MMU and data cache off, running at the physical address.
 *
 *   image_start ─▶ early tables: the first 2 MiB at their physical address, the image at IMAGE_BASE
 *     ─▶ MMU ─▶ arm_start() ─▶ paging_init(): head_switch_tables() to the final tables
 *   secondary_entry ─▶ its line of smp_starts[] ─▶ final tables ─▶ arm_secondary_start()
 *
 * Nothing here depends on where the image lies, until the jump to a linked address.
 */
#include "arch/arm/asm_offsets.h"
#include "arch/arm/layout.h"
#include "arch/arm/paging_bits.h"

	.section .head, "ax"

/* Linux, Documentation/arm64/booting.rst, part 4. */
	.globl image_start
	b	primary_entry
	.long	0
	.quad	0			/* text_offset */
	.quad	image_bytes
	.quad	0xa			/* little endian, 4 KiB pages, anywhere in memory */
	.quad	0, 0, 0
	.ascii	"ARM\x64"
	.long	0

/* A constant of 64 bits, without a literal pool. */
	.macro	mov64 reg, value
	movz	\reg, #((\value) & 0xffff)
	movk	\reg, #(((\value) >> 16) & 0xffff), lsl #16
	movk	\reg, #(((\value) >> 32) & 0xffff), lsl #32
	movk	\reg, #(((\value) >> 48) & 0xffff), lsl #48
	.endm

/* The address that a symbol has now. */
	.macro	here reg, symbol
	adrp	\reg, \symbol
	add	\reg, \reg, :lo12:\symbol
	.endm

/* The address that it is linked at. */
	.macro	linked reg, symbol
	movz	\reg, #:abs_g3:\symbol
	movk	\reg, #:abs_g2_nc:\symbol
	movk	\reg, #:abs_g1_nc:\symbol
	movk	\reg, #:abs_g0_nc:\symbol
	.endm

primary_entry:
	msr	daifset, #0xf
	mov	x19, x0				/* the device tree */
	here	x20, image_start
	mrs	x0, CurrentEL
	cmp	x0, #CURRENT_EL2
	b.ne	wrong_level
	bl	start_el2
	mov64	x21, PTE_EARLY_BLOCK | PTE_AP1
	bl	make_early_tables
	here	x0, early_tables
	mov64	x1, SCTLR_BOOT
	bl	mmu_on
	linked	x0, primary_high
	br	x0

/* EL1 can read the device tree and say where we are; EL3 is nowhere that a loader leaves us. */
wrong_level:
	cmp	x0, #CURRENT_EL1
	b.ne	stop
	msr	spsel, #1
	mov64	x21, PTE_EARLY_BLOCK
	bl	make_early_tables
	mov64	x0, MAIR_HOST
	msr	mair_el1, x0
	mov64	x0, TCR_EL1_BOOT
	msr	tcr_el1, x0
	here	x0, early_tables
	msr	ttbr0_el1, x0
	isb
	tlbi	vmalle1
	ic	iallu
	dsb	nsh
	isb
	mov64	x0, SCTLR_EL1_BOOT
	msr	sctlr_el1, x0
	isb
	linked	x0, wrong_level_high
	br	x0
wrong_level_high:
	here	x0, vectors_el1
	msr	vbar_el1, x0
	isb
	bl	clear_bss
	here	x0, boot_stack_top
	mov	sp, x0
	mov	x29, xzr
	mov	x30, xzr
	mov	x0, x19
	here	x1, early_tables + EARLY_HIGH2
	bl	refuse_el1
	b	stop

primary_high:
	bl	clear_bss
	here	x0, boot_stack_top
	mov	sp, x0
	here	x0, boot_pcpu
	msr	tpidr_el2, x0
	here	x0, vectors_none
	msr	vbar_el2, x0
	isb
	mov	x29, xzr			/* the end of every backtrace */
	mov	x30, xzr
	mov	x0, x19
	mov	x1, x20
	bl	arm_start
	b	stop

	.globl secondary_entry
secondary_entry:
	msr	daifset, #0xf
	mrs	x0, CurrentEL
	cmp	x0, #CURRENT_EL2
	b.ne	stop
	bl	start_el2
	mrs	x0, mpidr_el1
	mov64	x1, 0xff00ffffff
	and	x0, x0, x1
	here	x1, smp_starts
	add	x2, x1, #(SMP_START_SIZE * CONFIG_MAX_CPUS)
1:	cmp	x1, x2
	b.hs	stop				/* nobody waits for this CPU */
	ldr	x3, [x1, #SMP_START_PCPU]
	ldr	x4, [x1, #SMP_START_MPIDR]
	cbz	x3, 2f
	cmp	x4, x0
	b.eq	3f
2:	add	x1, x1, #SMP_START_SIZE
	b	1b
3:	mov	x19, x3
	ldr	x20, [x1, #SMP_START_STACK]
	here	x0, paging_root
	mov64	x1, SCTLR_HOST
	bl	mmu_on
	linked	x0, secondary_high
	br	x0

secondary_high:
	mov	sp, x20
	msr	tpidr_el2, x19
	here	x0, vectors_none
	msr	vbar_el2, x0
	isb
	mov	x29, xzr
	mov	x30, xzr
	mov	x0, x19
	bl	arm_secondary_start
	b	stop

/* A CPU that cannot go on. */
	.globl stop
stop:
	wfe
	b	stop

/* Registers of EL2 mean what paging_bits.h says once HCR_EL2.E2H is 0. Clobbers x0. */
start_el2:
	msr	spsel, #1
	mov	x0, #HCR_BOOT
	msr	hcr_el2, x0
	isb
	ret

/* Clobbers x0, x1. */
clear_bss:
	here	x0, bss_start
	here	x1, bss_end
1:	stp	xzr, xzr, [x0]
	stp	xzr, xzr, [x0, #16]
	stp	xzr, xzr, [x0, #32]
	stp	xzr, xzr, [x0, #48]
	add	x0, x0, #64
	cmp	x0, x1
	b.lo	1b
	ret

/* Cache lines of [x0, x1): clobbers x0, x2, x3. */
drop_lines:
	mrs	x2, ctr_el0
	ubfx	x2, x2, #16, #4			/* DminLine: log2 of words */
	mov	x3, #4
	lsl	x2, x3, x2
	sub	x3, x2, #1
	bic	x0, x0, x3
1:	dc	ivac, x0
	add	x0, x0, x2
	cmp	x0, x1
	b.lo	1b
	dsb	sy
	ret

/* Entry \index of the early table at offset \table points to the one at \next. Clobbers x1, x2. */
	.macro	link_early table, index, next
	add	x1, x0, #\table
	add	x2, x0, #\next
	add	x2, x2, #PTE_TABLE
	str	x2, [x1, \index, lsl #3]
	.endm

/*
 * x20: where the image is; x21: what a leaf has. Written without a cache: what a cache holds of the
 * tables is dropped, before and after. Clobbers x0 to x7.
 */
make_early_tables:
	mov	x7, x30
	here	x0, early_tables
	here	x1, early_tables_end
	bl	drop_lines
	here	x0, early_tables
1:	stp	xzr, xzr, [x0], #16
	cmp	x0, x1
	b.lo	1b
	here	x0, early_tables
	orr	x4, x20, x21
	/* The first 2 MiB stand for themselves. */
	ubfx	x3, x20, #39, #9
	link_early 0, x3, EARLY_LOW1
	ubfx	x3, x20, #30, #9
	link_early EARLY_LOW1, x3, EARLY_LOW2
	add	x1, x0, #EARLY_LOW2
	ubfx	x3, x20, #21, #9
	str	x4, [x1, x3, lsl #3]
	/* And all of it is at IMAGE_BASE. */
	mov	x3, #((IMAGE_BASE >> 39) & 511)
	link_early 0, x3, EARLY_HIGH1
	mov	x3, xzr
	link_early EARLY_HIGH1, x3, EARLY_HIGH2
	add	x1, x0, #EARLY_HIGH2
	mov	x5, x20
	here	x2, image_end
	mov	x6, #0x200000
1:	str	x4, [x1], #8
	add	x4, x4, x6
	add	x5, x5, x6
	cmp	x5, x2
	b.lo	1b
	here	x0, early_tables
	here	x1, early_tables_end
	bl	drop_lines
	ret	x7

/*
 * Turns the MMU on with the tables at x0 and x1 as SCTLR_EL2. Runs at an address that the tables
 * map to itself, and returns to one. Clobbers x2, x3.
 */
mmu_on:
	mov64	x2, MAIR_HOST
	msr	mair_el2, x2
	mov64	x2, TCR_HOST
	mrs	x3, id_aa64mmfr0_el1
	and	x3, x3, #0xf			/* PARange; above 48 bits needs other granules */
	cmp	x3, #5
	b.ls	1f
	mov	x3, #5
1:	bfi	x2, x3, #16, #3			/* PS */
	msr	tcr_el2, x2
	msr	ttbr0_el2, x0
	isb
	tlbi	alle2
	dsb	nsh
	ic	iallu
	dsb	nsh
	isb
	msr	sctlr_el2, x1
	isb
	ret

/*
 * Leaves the early tables for those at physical address x0: x1 is the physical address of
 * head_switch_low. The two disagree about the size of pages, so the MMU is off in between.
 */
	.globl head_switch_tables
head_switch_tables:
	mov	x9, x30
	dsb	sy
	br	x1
	.globl head_switch_low
head_switch_low:
	mov64	x1, SCTLR_OFF
	msr	sctlr_el2, x1
	isb
	mov64	x1, SCTLR_HOST
	bl	mmu_on
	br	x9

/* A compiler may read a register of EL2 before it knows whether it needs it: such an instruction,
 * and whatever else fails here, is skipped. Only the entry for SP_EL1 is ever used. */
	.balign	2048
vectors_el1:
	.skip	0x200
	msr	tpidr_el1, x0
	mrs	x0, elr_el1
	add	x0, x0, #4
	msr	elr_el1, x0
	mrs	x0, tpidr_el1
	eret

	.section .bss.early, "aw", @nobits
	.balign 4096
early_tables:
	.skip	4096 * 5
early_tables_end:

	.section .bss.page_aligned, "aw", @nobits
	.balign 4096
	.globl boot_stack_guard
boot_stack_guard:
	.skip	4096
	.globl boot_stack
boot_stack:
	.skip	BOOT_STACK_SIZE
	.globl boot_stack_top
boot_stack_top:

	.section .note.GNU-stack, "", @progbits
