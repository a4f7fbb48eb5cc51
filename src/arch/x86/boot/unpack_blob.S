/* SPDX-License-Identifier: GPL-2.0-only */
/* The unpacker, a program for guest mode, carried as data. */
	.section .rodata, "a"
	.globl unpack_blob, unpack_blob_end
	.balign 16
unpack_blob:
	.incbin "unpack.bin"
unpack_blob_end:
