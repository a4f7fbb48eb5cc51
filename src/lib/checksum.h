/* SPDX-License-Identifier: GPL-2.0-only */
/* Checksums of firmware tables. Pure. */
#ifndef LIB_CHECKSUM_H
#define LIB_CHECKSUM_H

#include "lib/compiler.h"

/* The sum of all bytes, modulo 256: 0 over a valid ACPI table (ACPI 6.4, section 5.2.6). */
static inline u8 sum8(const void *p, size_t n)
{
	const u8 *b = p;
	u8 sum = 0;

	while (n-- > 0) {
		sum += *b++;
	}
	return sum;
}

#endif
