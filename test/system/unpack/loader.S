/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Starts unpack.bin (UNPACK_BIN) the way the hypervisor does, for test_unpack.py: copies it to
 * where its header says, fills the memory behind it and the place of a kernel with garbage, adds a
 * second module, and enters it.
 */
#include "boot/unpack/unpack_header.h"

#define GARBAGE 0xcccccccc
#define KERNEL_START 0x1000000
#define KERNEL_SIZE 0x1000000

	.text
	.code32
	.globl	_start
_start:
	movl	$KERNEL_START, %edi
	movl	$(KERNEL_SIZE / 4), %ecx
	movl	$GARBAGE, %eax
	rep stosl

	movl	image + 4, %edi			/* load */
	movl	image + 12, %ecx		/* mem_size */
	shrl	$2, %ecx
	rep stosl
	movl	$image, %esi
	movl	image + 4, %edi
	movl	image + 8, %ecx			/* file_size */
	rep movsb

	movl	16(%ebx), %esi			/* the one entry of the module list */
	movl	$list, %edi
	movl	$8, %ecx
	rep movsl
	movl	$list, 16(%ebx)
	movl	$2, 12(%ebx)
	jmp	*image + 16			/* entry */

	.section .note.Xen, "a", @note
	.balign	4
	.long	4, 4, 18
	.asciz	"Xen"
	.long	_start

	.data
	.balign	8
list:	.skip	32
	.quad	module, 8, 0, 0
module:	.ascii	"BETAbeta"
	.balign	8
image:	.incbin	UNPACK_BIN

	.section .note.GNU-stack, "", @progbits
