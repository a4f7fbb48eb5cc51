/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Layout of the unpacker: one segment at UNPACK_LOAD that starts with struct unpack_header, and a
 * PVH note outside of it in the file alone. It must leave nothing out but debugging information.
 */
#include "boot/unpack/unpack_header.h"

OUTPUT_FORMAT("elf64-x86-64")
ENTRY(unpack_start)

PHDRS {
	image PT_LOAD FLAGS(7);
	note PT_NOTE FLAGS(4);
}

SECTIONS {
	. = UNPACK_LOAD;
	unpack_image = .;
	.text : { KEEP(*(.head)) *(.text .text.*) } :image
	.rodata : { *(.rodata .rodata.*) }
	.note : { KEEP(*(.note.Xen)) } :image :note
	.data : {
		. = ALIGN(8);
		init_array_start = .;
		KEEP(*(SORT_BY_INIT_PRIORITY(.init_array.*) .init_array))
		init_array_end = .;
		*(.data .data.*)
		*(.got .got.plt)
		. = ALIGN(16);
	} :image
	unpack_file_size = . - UNPACK_LOAD;
	.bss : {
		. = ALIGN(16);
		bss_start = .;
		*(.bss.tables)
		*(.bss .bss.* COMMON)
		. = ALIGN(4096);
		bss_end = .;
	}
	unpack_image_end = .;
	unpack_mem_size = . - UNPACK_LOAD;

	/* bzip2's library mentions stdio in the file that also decompresses. */
	PROVIDE(__ctype_b_loc = libc_absent);
	PROVIDE(__fprintf_chk = libc_absent);
	PROVIDE(exit = libc_absent);
	PROVIDE(fclose = libc_absent);
	PROVIDE(fdopen = libc_absent);
	PROVIDE(ferror = libc_absent);
	PROVIDE(fflush = libc_absent);
	PROVIDE(fgetc = libc_absent);
	PROVIDE(fopen64 = libc_absent);
	PROVIDE(fputc = libc_absent);
	PROVIDE(fread = libc_absent);
	PROVIDE(fwrite = libc_absent);
	PROVIDE(ungetc = libc_absent);
	PROVIDE(stderr = libc_absent);
	PROVIDE(stdin = libc_absent);
	PROVIDE(stdout = libc_absent);

	/DISCARD/ : { *(.eh_frame*) *(.comment) *(.note.*) *(.fini_array*) }
}
