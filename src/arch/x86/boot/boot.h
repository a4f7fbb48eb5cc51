/* SPDX-License-Identifier: GPL-2.0-only */
/* What the steps of the boot leave to each other: they alone join src/boot with the machine. */
#ifndef ARCH_X86_BOOT_BOOT_H
#define ARCH_X86_BOOT_BOOT_H

#include "arch/x86/boot_host.h"
#include "boot/memmap.h"
#include "boot/multiboot.h"

extern struct boot_info boot_info; /* the loader's */
extern struct memmap boot_map;	   /* the firmware's, normalised */

/* Builds the first domain from the modules and starts it; or ends in boot_fail(). Boot CPU. */
void dom0_start(void);

#endif
