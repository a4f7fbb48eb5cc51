/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The unpacker's two ways to the outside, chosen at start: hypercalls under a hypervisor with Xen's
 * ABI, otherwise COM1 and QEMU's isa-debug-exit device.
 */
#ifndef BOOT_UNPACK_UNPACK_CONSOLE_H
#define BOOT_UNPACK_UNPACK_CONSOLE_H

#include "lib/compiler.h"

void unpack_console_init(void);

/* Prints "dom0 kernel: TEXT" and ends this domain as crashed. */
void __noreturn unpack_console_fail(const char *text);

#endif
