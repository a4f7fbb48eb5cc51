/* SPDX-License-Identifier: GPL-2.0-only */
/* What the boot left behind for the rest of the x86 code, which never looks
 * into src/boot itself. */
#ifndef ARCH_X86_BOOT_HOST_H
#define ARCH_X86_BOOT_HOST_H

#include "lib/types.h"

struct memory_map_entry;

/* Constant once the first guest runs. */
struct boot_host {
	const char *cmdline;
	struct memory_map_entry *memory_map; /* the firmware's, normalised */
	unsigned int memory_map_count;
	u64 max_ram; /* end of the highest RAM, bytes */
	bool efi;
};
extern struct boot_host boot_host;

/* True if some byte of the range is RAM by the firmware's map. */
bool boot_host_has_ram(u64 start, u64 size);

#endif
