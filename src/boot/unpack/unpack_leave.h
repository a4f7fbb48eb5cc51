/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The way from the unpacker into the kernel: a page of position-independent code that moves the
 * segments into place, over the unpacker itself if need be, and enters the kernel.
 */
#ifndef BOOT_UNPACK_UNPACK_LEAVE_H
#define BOOT_UNPACK_UNPACK_LEAVE_H

/* Offsets within the page. */
#define UNPACK_LEAVE_GDT 0x200
#define UNPACK_LEAVE_ARGS 0x400

#define UNPACK_LEAVE_CS 0x08
#define UNPACK_LEAVE_DS 0x10
#define UNPACK_LEAVE_TR 0x18
#define UNPACK_LEAVE_GDT_SIZE 0x20

#ifndef __ASSEMBLER__
#include "boot/unpack/unpack_plan.h"

/* Makes the moves of @plan and enters the kernel with ebx = @start_info. */
void __noreturn unpack_leave(const struct unpack_plan *plan, u32 start_info);
#endif

#endif
