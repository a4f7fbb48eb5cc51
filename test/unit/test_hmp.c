/* SPDX-License-Identifier: GPL-2.0-only */
/* arch/arm/hmp.c: which cores of real machines are used. */
#include "arch/arm/hmp.h"
#include "core/param.h"
#include "unit/harness.h"

/* MIDR_EL1 of cores of Arm: implementer, variant, architecture, part, revision. */
#define A53_R0P4 0x410fd034
#define A53_R0P3 0x410fd033
#define A57_R1P3 0x411fd073
#define A72_R0P3 0x410fd083

static const u32 big_little[] = { A57_R1P3, A57_R1P3, A53_R0P4, A53_R0P4, A53_R0P4, A53_R0P4 };
static bool use[6];

UNIT_TEST(hmp_alike, "a machine of one kind is used as a whole")
{
	static const u32 midrs[] = { A72_R0P3, A72_R0P3, A72_R0P3, A72_R0P3 };

	CHECK_EQ(hmp_select(midrs, 4, 2, false, use), 0);
	CHECK(use[0] && use[1] && use[2] && use[3]);
}

UNIT_TEST(hmp_boot, "of several kinds the boot CPU's is used, whichever it is")
{
	CHECK_EQ(hmp_select(big_little, 6, 0, false, use), 4);
	CHECK(use[0] && use[1] && !use[2] && !use[5]);
	CHECK_EQ(hmp_select(big_little, 6, 3, false, use), 2);
	CHECK(!use[0] && !use[1] && use[2] && use[5]);
}

UNIT_TEST(hmp_revision, "another revision is another kind")
{
	static const u32 midrs[] = { A53_R0P4, A53_R0P3 };

	CHECK_EQ(hmp_select(midrs, 2, 0, false, use), 1);
	CHECK(use[0] && !use[1]);
}

UNIT_TEST(hmp_unsafe_list, "hmp-unsafe uses them all")
{
	CHECK_EQ(hmp_select(big_little, 6, 0, true, use), 0);
	CHECK(use[0] && use[2] && use[5]);
	CHECK(hmp_may_run(A57_R1P3, A57_R1P3) && !hmp_may_run(A57_R1P3, A53_R0P4));
	param_parse_line("hmp-unsafe=1");
	CHECK(hmp_may_run(A57_R1P3, A53_R0P4));
	param_parse_line("no-hmp-unsafe");
	CHECK(!hmp_may_run(A57_R1P3, A53_R0P4));
}
