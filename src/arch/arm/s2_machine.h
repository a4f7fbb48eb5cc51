/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How stage 2 looks on a CPU with so many bits of physical address (DDI 0487, D8.2.2 and D17.2.148,
 * VTCR_EL2, 4 KiB granule): guests get as many. Pure.
 */
#ifndef ARCH_ARM_S2_MACHINE_H
#define ARCH_ARM_S2_MACHINE_H

#include "lib/bits.h"

struct s2_machine {
	u8 levels, root_order;
	u64 vtcr;
};

#define VTCR_RES1 BIT64(31)
#define VTCR_VS BIT64(19) /* VMIDs of 16 bits */
#define VTCR_SH_INNER field_put(mask64(13, 12), 3)
#define VTCR_WB (field_put(mask64(11, 10), 1) | field_put(mask64(9, 8), 1))

/* A walk may begin at level 0 only from 44 bits on; up to 16 tables of level 1 lie side by side. */
static inline struct s2_machine s2_machine(unsigned int pa_bits, unsigned int vmid_bits)
{
	static const u8 sizes[] = { 32, 36, 40, 42, 44, 48 };
	struct s2_machine m = { .levels = pa_bits >= 44 ? 4 : 3 };
	unsigned int table_bits = PAGE_SHIFT + 9U * m.levels, ps = 0;

	m.root_order = (u8)(pa_bits > table_bits ? pa_bits - table_bits : 0);
	while (ps < ARRAY_SIZE(sizes) - 1 && sizes[ps] < pa_bits) {
		ps++;
	}
	m.vtcr = VTCR_RES1 | VTCR_SH_INNER | VTCR_WB | (vmid_bits == 16 ? VTCR_VS : 0) |
		 field_put(mask64(18, 16), ps) | field_put(mask64(7, 6), m.levels - 2) |
		 field_put(mask64(5, 0), 64 - pa_bits);
	return m;
}

#endif
