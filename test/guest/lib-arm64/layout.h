/* SPDX-License-Identifier: GPL-2.0-only */
/* Numbers that the runtime's C and assembly share. No code here. */
#ifndef GUEST_LIB_ARM64_LAYOUT_H
#define GUEST_LIB_ARM64_LAYOUT_H

#define CPU_MAX 8
#define STACK_SIZE 16384

/* struct trap_frame: x0 to x30, ELR, SPSR, and one for the alignment. */
#define FRAME_SIZE (34 * 8)

/* Arm ARM D13.2: AttrIndx 0 is device nGnRE, 1 normal write-back. */
#define MAIR_VALUE 0xff04
#define PTE_DEVICE 0x60000000000401 /* block, AF, never executed */
#define PTE_NORMAL 0x00000000000705 /* block, AF, inner shareable, AttrIndx 1 */
/* T0SZ 25 (39 bits), write-back, inner shareable, 4 KiB, EPD1, 40-bit addresses. */
#define TCR_VALUE 0x200803519
/* RES1 bits, and M, C, I. */
#define SCTLR_VALUE 0x30d01805

#endif
