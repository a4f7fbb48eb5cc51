/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the boot loader passed, from multiboot or multiboot2 information, in one form. The
 * information is untrusted: everything is bounded and copied.
 */
#ifndef BOOT_MULTIBOOT_H
#define BOOT_MULTIBOOT_H

#include "core/desc.h"

#define BOOT_MAGIC_MB1 0x2badb002U
#define BOOT_MAGIC_MB2 0x36d76289U
#define BOOT_MODULES_MAX 16
#define BOOT_CMDLINE_MAX 2048
#define BOOT_MAP_MAX 256

struct boot_map_entry {
	u64 start, size;
	u32 type; /* E820: 1 RAM, 2 reserved, 3 ACPI, 4 NVS, 5 bad */
};

struct boot_info {
	char loader[64];
	char cmdline[BOOT_CMDLINE_MAX];
	struct boot_module modules[BOOT_MODULES_MAX];
	char module_cmdlines[BOOT_MODULES_MAX][BOOT_CMDLINE_MAX];
	unsigned int module_count;
	struct boot_map_entry map[BOOT_MAP_MAX];
	unsigned int map_count;
	u8 rsdp[36]; /* copy of the ACPI root pointer, if the loader gave one */
	u8 rsdp_size;
	bool efi;
};

/* How physical memory is read while it is being parsed: a pointer to size bytes at pa, or NULL. */
typedef const void *boot_phys_fn(u64 pa, u64 size);

/* 0, or -EINVAL with *why: not one of the two magics, or the information is broken. */
int multiboot_parse(
	u32 magic, u64 info, boot_phys_fn *phys, struct boot_info *out, const char **why);

#endif
