/* SPDX-License-Identifier: GPL-2.0-only */
/* The build-id note that the linker script keeps: Elf64_Nhdr (name size, description size, type),
 * then "GNU" and the bytes. */
#include "arch/contract/abi.h"

extern const u32 build_id_start[], build_id_end[];

const void *arch_build_id(size_t *size)
{
	if (&build_id_end[0] <= &build_id_start[0]) {
		return NULL;
	}
	*size = build_id_start[1];
	return (const char *)(build_id_start + 3) + ALIGN_UP(build_id_start[0], 4U);
}
