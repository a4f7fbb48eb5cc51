/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stage-2 format of AMD's nested paging: a long-mode page table (AMD64 APM vol. 2, 5.3 and 15.25).
 * Included by the file that hands it out; the layout is not for anybody else.
 *
 *   63 62  59 58   56 55  52 51                      12 11  9  8  7  6  5   4   3   2  1  0
 *   ┌──┬─────┬───────┬──────┬──────────────────────────┬─────┬──┬──┬──┬──┬───┬───┬───┬──┬──┐
 *   │NX│ (0) │access │ type │ address                  │ (0) │ 0│PS│ D│ A│PCD│PWT│U/S│ W│ P│
 *   └──┴─────┴───────┴──────┴──────────────────────────┴─────┴──┴──┴──┴──┴───┴───┴───┴──┴──┘
 *
 * Bits 52 to 58 are available to software (5.4). Bit 12 of a large leaf is PAT, and 0 here. Nested
 * walks are user accesses (15.25.5): U/S is 1 throughout. The processor sets A and D (15.25.6);
 * they are 1 from the start, so that it has nothing to write. There is no right to read apart from
 * P.
 */
#ifndef ARCH_X86_S2_NPT_H
#define ARCH_X86_S2_NPT_H

#include "mm/s2_fmt.h"

#define NPT_P BIT64(0)
#define NPT_W BIT64(1)
#define NPT_US BIT64(2)
#define NPT_PWT BIT64(3)
#define NPT_PCD BIT64(4)
#define NPT_A BIT64(5)
#define NPT_D BIT64(6)
#define NPT_PS BIT64(7)
#define NPT_NX BIT64(63)

static const struct s2_layout s2_npt_layout = {
	.present = NPT_P,
	.access = {
		/* Without the right to read there is no right at all. */
		[0] = 0,
		[S2_R] = NPT_P | NPT_NX,
		[S2_W] = 0,
		[S2_RW] = NPT_P | NPT_W | NPT_NX,
		[S2_X] = 0,
		[S2_RX] = NPT_P,
		[S2_W | S2_X] = 0,
		[S2_RWX] = NPT_P | NPT_W,
	},
	.leaf = NPT_US | NPT_A | NPT_D,
	.large = NPT_PS,
	.memory = 0,
	/* The host's PAT entry 3 is UC on every machine (7.8.2): no guest weakens it (15.25.8). */
	.device = NPT_PCD | NPT_PWT,
	.table = NPT_P | NPT_W | NPT_US | NPT_A,
	.address = S2_FMT_ADDR,
	.type = S2_FMT_TYPE,
	.rights = S2_FMT_ACCESS,
};

S2_FMT(s2_npt, "NPT", 4, 3);

#endif
