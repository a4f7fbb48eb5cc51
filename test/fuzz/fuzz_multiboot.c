/* SPDX-License-Identifier: GPL-2.0-only */
/* Boot information of any content: the parser stays inside it, and what it gives is terminated. */
#include <stdlib.h>
#include <string.h>

#include "boot/multiboot.h"

#define BASE 0x10000
static const u8 *memory;
static size_t memory_size;

static const void *phys(u64 pa, u64 size)
{
	if (pa < BASE || size > memory_size || pa - BASE > memory_size - size) {
		return NULL;
	}
	return memory + (pa - BASE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct boot_info out;
	const char *why = NULL;
	u8 *copy;

	if (size < 1) {
		return 0;
	}
	/* A copy of exactly this size, so that ASan sees every byte beyond it. */
	copy = malloc(size - 1 + 1);
	memcpy(copy, data + 1, size - 1);
	memory = copy;
	memory_size = size - 1;
	if (multiboot_parse(
		    data[0] & 1 ? BOOT_MAGIC_MB1 : BOOT_MAGIC_MB2, BASE, phys, &out, &why)) {
		if (!why) {
			abort();
		}
	} else if (out.map_count == 0 || out.map_count > BOOT_MAP_MAX ||
		   out.module_count > BOOT_MODULES_MAX || strlen(out.cmdline) >= BOOT_CMDLINE_MAX) {
		abort();
	}
	free(copy);
	return 0;
}
