/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stage-2 format of Intel's IOMMU: second-stage paging entries (VT-d specification, 9.8).
 * Included by the file that hands it out; the layout is not for anybody else.
 *
 *   63 62 61    52 51                          12 11  10  8  7  6       2  1  0
 *   ┌──┬──┬───────┬──────────────────────────────┬───┬─────┬──┬──────────┬──┬──┐
 *   │  │TM│       │ address                      │SNP│     │PS│          │ W│ R│
 *   └──┴──┴───────┴──────────────────────────────┴───┴─────┴──┴──────────┴──┴──┘
 *
 * SNP and TM are reserved where the unit does not report snoop control or device TLBs; both stay 0.
 * Bits 2 to 6 matter in extended modes only, which are not used. No type is kept here: the domain's
 * own stage 2 has it. The format knows no right to execute, and an entry without any right is
 * absent.
 */
#ifndef DRV_IOMMU_S2_VTD_H
#define DRV_IOMMU_S2_VTD_H

#include "mm/s2_fmt.h"

#define VTD_R BIT64(0)
#define VTD_W BIT64(1)
#define VTD_PS BIT64(7)

static const struct s2_layout s2_vtd_layout = {
	.present = VTD_R | VTD_W,
	.access = {
		[0] = 0,
		[S2_R] = VTD_R,
		[S2_W] = VTD_W,
		[S2_RW] = VTD_R | VTD_W,
		[S2_X] = 0,
		[S2_RX] = VTD_R,
		[S2_W | S2_X] = VTD_W,
		[S2_RWX] = VTD_R | VTD_W,
	},
	.large = VTD_PS,
	.address = S2_FMT_ADDR,
	.table = VTD_R | VTD_W,
};

S2_FMT(s2_vtd, "VT-d", 4, 3);

#endif
