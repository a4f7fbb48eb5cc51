/* SPDX-License-Identifier: GPL-2.0-only */
/* Exceptions inside the unpacker: named on the console, instead of a silent triple fault. */
#ifndef BOOT_UNPACK_UNPACK_FAULT_H
#define BOOT_UNPACK_UNPACK_FAULT_H

#define UNPACK_FAULT_VECTORS 32
#define UNPACK_FAULT_ERROR_CODES 0x60227d00 /* a bit for each vector that pushes an error code */

#ifndef __ASSEMBLER__
/* Loads an IDT for the vectors of exceptions. */
void unpack_fault_init(void);
#endif

#endif
