/* SPDX-License-Identifier: GPL-2.0-only */
/* Numbers that the runtime's C and assembly share: selectors, vectors, sizes. No code here. */
#ifndef GUEST_LIB_LAYOUT_H
#define GUEST_LIB_LAYOUT_H

#define CPU_MAX 8
#define STACK_SIZE 16384

/* Where other CPUs start, in real mode: a page below 1 MiB that is RAM. */
#define TRAMPOLINE 0x8000

#define SEL_CODE32 0x08
#define SEL_DATA 0x10
#define SEL_CODE64 0x18
#define SEL_CODE16 0x20 /* its base is set by code_call16() */
#define SEL_USER_CODE32 0x2b
#define SEL_USER_DATA 0x33
#define SEL_USER_CODE64 0x3b
#define SEL_TSS 0x40 /* of CPU 0; the next CPU's is 16 further */
#define GDT_ENTRIES (SEL_TSS / 8 + 2 * CPU_MAX)

/* A software interrupt that CPL 3 may raise: ends user_call(). */
#define VECTOR_USER_RETURN 0x81

#endif
