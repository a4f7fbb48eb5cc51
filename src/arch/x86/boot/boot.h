/* SPDX-License-Identifier: GPL-2.0-only */
/* What the boot left behind for the rest of the x86 code. */
#ifndef ARCH_X86_BOOT_BOOT_H
#define ARCH_X86_BOOT_BOOT_H

#include "boot/memmap.h"
#include "boot/multiboot.h"

struct memory_map_entry;

/* Constant once the first guest runs. */
struct boot_host {
	const char *cmdline;
	struct memmap map; /* the firmware's, normalised */
	struct memory_map_entry *memory_map;
	unsigned int memory_map_count;
	u64 max_ram; /* end of the highest RAM, bytes */
	bool efi;
};
extern struct boot_host boot_host;
extern struct boot_info boot_info;

/* Builds the first domain from the modules and starts it; or ends in boot_fail(). Boot CPU. */
void dom0_start(void);

#endif
