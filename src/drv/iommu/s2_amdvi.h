/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stage-2 format of AMD's IOMMU: host I/O page tables (AMD IOMMU specification 48882, 2.2.3).
 * Included by the file that hands it out; the layout is not for anybody else.
 *
 *   63 62 61 60 59 58   52 51                        12 11   9 8  7  6  5 4    1  0
 *   ┌──┬──┬──┬──┬──┬──────┬────────────────────────────┬──────┬────┬──┬──┬──────┬──┐
 *   │  │IW│IR│FC│ U│ (0)  │ address                    │ next │    │ D│ A│      │PR│
 *   └──┴──┴──┴──┴──┴──────┴────────────────────────────┴──────┴────┴──┴──┴──────┴──┘
 *
 * `next` is the level of the table pointed to; 0 makes the entry a leaf of its level's size, 7 one
 * of another size, which is not used. Rights are the product of all levels: pointers grant all. FC
 * makes accesses snoop processor caches. Bits 52 to 58 are reserved: no room for the type. The
 * format knows no right to execute.
 */
#ifndef DRV_IOMMU_S2_AMDVI_H
#define DRV_IOMMU_S2_AMDVI_H

#include "mm/s2_fmt.h"

#define AMDVI_PR BIT64(0)
#define AMDVI_NEXT mask64(11, 9)
#define AMDVI_FC BIT64(60)
#define AMDVI_IR BIT64(61)
#define AMDVI_IW BIT64(62)

static const struct s2_layout s2_amdvi_layout = {
	.present = AMDVI_PR,
	.access = {
		[0] = 0,
		[S2_R] = AMDVI_IR,
		[S2_W] = AMDVI_IW,
		[S2_RW] = AMDVI_IR | AMDVI_IW,
		[S2_X] = 0,
		[S2_RX] = AMDVI_IR,
		[S2_W | S2_X] = AMDVI_IW,
		[S2_RWX] = AMDVI_IR | AMDVI_IW,
	},
	.leaf = AMDVI_PR | AMDVI_FC,
	.address = S2_FMT_ADDR,
	.table = AMDVI_PR | AMDVI_IR | AMDVI_IW,
	.next_level = AMDVI_NEXT,
};

S2_FMT(s2_amdvi, "AMD-Vi", 4, 3);

#endif
