/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stage-2 format of the Large Physical Address Extension and of VMSAv8-64 with pages of 4 KiB
 * (DDI 0487, D8.3.1 and D8.3.2; DDI 0406C, B3.6). Included by the file that hands it out; the
 * layout is not for anybody else.
 *
 *   63 62  59 58  55 54 53 52 51 50  48 47                      12 11 10 9  8 7  6 5     2  1  0
 *   ┌──┬─────┬──────┬──┬──┬──┬──┬──────┬──────────────────────────┬──┬──┬────┬────┬───────┬──┬──┐
 *   │  │ (0) │ type │XN│ 0│C │DB│  (0) │ address                  │ 0│AF│ SH │S2AP│MemAttr│T │ V│
 *   └──┴─────┴──────┴──┴──┴──┴──┴──────┴──────────────────────────┴──┴──┴────┴────┴───────┴──┴──┘
 *
 * Bits 55 to 58 are for software: just room for the type, while the rights are what the hardware
 * sees. T is 1 in pages and pointers to tables, 0 in blocks. C (contiguous) and DBM stay 0. AF is 1
 * from the start: nobody asks for faults on the first access. Bit 53 is a part of XN only with
 * FEAT_XNX, and 0 then means what bit 54 alone meant before.
 *
 * Nothing in the hardware may find two different valid entries for one address (break before make,
 * D8.13.1): a mark that is not valid stands there meanwhile.
 */
#ifndef ARCH_ARM_S2_LPAE_H
#define ARCH_ARM_S2_LPAE_H

#include "mm/s2_fmt.h"

#define LPAE_V BIT64(0)
#define LPAE_T BIT64(1)
#define LPAE_ATTR mask64(5, 2)
#define LPAE_R BIT64(6)
#define LPAE_W BIT64(7)
#define LPAE_SH_INNER field_put(mask64(9, 8), 3)
#define LPAE_AF BIT64(10)
#define LPAE_XN BIT64(54)

static const struct s2_layout s2_lpae_layout = {
	.present = LPAE_V,
	.access = {
		[0] = LPAE_XN,
		[S2_R] = LPAE_R | LPAE_XN,
		[S2_W] = LPAE_W | LPAE_XN,
		[S2_RW] = LPAE_R | LPAE_W | LPAE_XN,
		[S2_X] = 0,
		[S2_RX] = LPAE_R,
		[S2_W | S2_X] = LPAE_W,
		[S2_RWX] = LPAE_R | LPAE_W,
	},
	.leaf = LPAE_V | LPAE_AF | LPAE_SH_INNER,
	.small = LPAE_T,
	.address = mask64(47, 12),
	/* Write-back; the guest's stage 1 may choose weaker caching. */
	.memory = field_put(LPAE_ATTR, 0xf),
	.device = field_put(LPAE_ATTR, 0x1), /* Device-nGnRE */
	.table = LPAE_V | LPAE_T,
	.type = mask64(58, 55),
};

S2_FMT_BUSY(s2_lpae, "LPAE", 4, 3, LPAE_T);

#endif
