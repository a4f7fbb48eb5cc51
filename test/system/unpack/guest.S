/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A PVH kernel for test_unpack.py: prints one line on COM1 that says how it was loaded and in which
 * state it was entered, and ends QEMU through isa-debug-exit. BLOB is the file of its data.
 */
#define DATA_SIZE (data_end - data_start)
#define BSS_SIZE 0x200000
#define EXIT_VALUE 0x10

	.macro	print text
	movl	$1f, %esi
	call	print_text
	.section .rodata
1:	.asciz	"\text"
	.text
	.endm

	.macro	print_hex text
	print	"\text"
	call	print_number
	.endm

	.text
	.code32
	.globl	_start
_start:
	movl	$stack_top, %esp
	pushfl
	popl	%eax
	print_hex "GUEST flags="
	movl	%cr0, %eax
	print_hex " cr0="
	movl	%cr4, %eax
	print_hex " cr4="
	movl	$0xc0000080, %ecx
	rdmsr
	print_hex " efer="
	xorl	%eax, %eax
	str	%ax
	lsl	%eax, %eax
	print_hex " tss="

	/* The sum rotates, so that it depends on the order of the data. */
	movl	$data_start, %esi
	movl	$(DATA_SIZE / 4), %ecx
	xorl	%eax, %eax
2:	roll	%eax
	addl	(%esi), %eax
	addl	$4, %esi
	decl	%ecx
	jnz	2b
	print_hex " sum="
	movl	$bss_start, %edi
	movl	$(BSS_SIZE / 4), %ecx
	xorl	%eax, %eax
	repe scasl
	movl	%ecx, %eax
	sete	%al
	print_hex " zero="

	movl	0(%ebx), %eax
	print_hex " magic="
	movl	12(%ebx), %eax
	print_hex " modules="
	movl	16(%ebx), %edi			/* the module list */
	xorl	%eax, %eax
	testl	%edi, %edi
	jz	3f
	movl	0(%edi), %edi
	movl	(%edi), %eax
3:	print_hex " first="
	print	" cmdline="
	movl	24(%ebx), %esi
	call	print_text
	print	"\r\n"
	movl	$EXIT_VALUE, %eax
	outb	%al, $0xf4
4:	cli
	hlt
	jmp	4b

/* esi: text */
print_text:
	pushl	%eax
	pushl	%edx
	movl	$0x3f8, %edx
5:	lodsb
	testb	%al, %al
	jz	6f
	outb	%al, %dx
	jmp	5b
6:	popl	%edx
	popl	%eax
	ret

/* eax: printed with eight digits */
print_number:
	pushl	%ecx
	pushl	%edx
	movl	$8, %ecx
7:	roll	$4, %eax
	pushl	%eax
	andl	$15, %eax
	movzbl	digits(%eax), %eax
	movl	$0x3f8, %edx
	outb	%al, %dx
	popl	%eax
	loop	7b
	popl	%edx
	popl	%ecx
	ret

	.section .rodata
digits:	.ascii	"0123456789abcdef"

#ifndef NO_NOTE
	.section .note.Xen, "a", @note
	.balign	4
	.long	4, 4, 18
	.asciz	"Xen"
	.long	_start
#endif

	.data
	.balign	4
data_start:
	.incbin	BLOB
data_end:

	.bss
bss_start:
	.skip	BSS_SIZE
	.skip	4096
stack_top:

	.section .note.GNU-stack, "", @progbits
