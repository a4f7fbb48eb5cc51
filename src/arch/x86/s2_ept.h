/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stage-2 format of Intel's extended page tables (SDM vol. 3, 29.3.2, tables 29-1 to 29-7).
 * Included by the file that hands it out; the layout is not for anybody else.
 *
 *   63  62  59 58   56 55  52 51                      12 11 10  9  8  7   6    5   3  2  1  0
 *   ┌───┬─────┬───────┬──────┬──────────────────────────┬────┬──┬──┬──┬────┬────────┬──┬──┬──┐
 *   │#VE│ (0) │access │ type │ address                  │ (0)│ D│ A│PS│IPAT│mem type│ X│ W│ R│
 *   └───┴─────┴───────┴──────┴──────────────────────────┴────┴──┴──┴──┴────┴────────┴──┴──┴──┘
 *
 * Bits 52 to 56 are ignored; 57 and 58 mean something only with guest-paging verification and
 * paging-write control, 60, 61 and 63 only with supervisor shadow-stack control, sub-page
 * permissions and #VE: none of them is switched on. A and D stay 0 and unused unless EPTP bit 6
 * says otherwise. An entry that is writable but not readable is a misconfiguration (29.3.3.1), and
 * so is an execute-only one on processors that do not report it (A.10): neither is ever made.
 */
#ifndef ARCH_X86_S2_EPT_H
#define ARCH_X86_S2_EPT_H

#include "mm/s2_fmt.h"

#define EPT_R BIT64(0)
#define EPT_W BIT64(1)
#define EPT_X BIT64(2)
#define EPT_MT_UC field_put(mask64(5, 3), 0)
#define EPT_MT_WB field_put(mask64(5, 3), 6)
#define EPT_PS BIT64(7)

static const struct s2_layout s2_ept_layout = {
	.present = EPT_R | EPT_W | EPT_X,
	.access = {
		[0] = 0,
		[S2_R] = EPT_R,
		[S2_W] = 0,
		[S2_RW] = EPT_R | EPT_W,
		[S2_X] = 0,
		[S2_RX] = EPT_R | EPT_X,
		[S2_W | S2_X] = 0,
		[S2_RWX] = EPT_R | EPT_W | EPT_X,
	},
	.leaf = 0,
	.large = EPT_PS,
	/* The guest's PAT may still choose weaker caching: IPAT is 0 (29.3.7.2). */
	.memory = EPT_MT_WB,
	.device = EPT_MT_UC,
	.table = EPT_R | EPT_W | EPT_X,
	.address = S2_FMT_ADDR,
	.type = S2_FMT_TYPE,
	.rights = S2_FMT_ACCESS,
};

S2_FMT(s2_ept, "EPT", 4, 3);

#endif
