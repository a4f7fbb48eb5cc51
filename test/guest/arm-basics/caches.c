/* SPDX-License-Identifier: GPL-2.0-only */
/* Cache maintenance: by address, and by set and way, which kernels do with the MMU off. */
#include "guest/arm-basics/tests.h"
#include "guest/lib-arm64/cpu.h"
#include "guest/lib-arm64/trap.h"
#include "guest/lib/check.h"

static u64 word = 0x1234;

void test_caches(void)
{
	CHECK_EQ(TRY("dc cvac, %[a]", [a] "r"(&word)), 0, "dc cvac");
	CHECK_EQ(TRY("dc civac, %[a]", [a] "r"(&word)), 0, "dc civac");
	CHECK_EQ(TRY("ic iallu"), 0, "ic iallu");
	CHECK_EQ(TRY("ic ivau, %[a]", [a] "r"(&word)), 0, "ic ivau");
	CHECK_EQ(TRY("dc isw, xzr"), 0, "dc isw");
	CHECK_EQ(TRY("dc csw, xzr"), 0, "dc csw");
	CHECK_EQ(TRY("dc cisw, xzr"), 0, "dc cisw");
	CHECK_EQ(word, 0x1234, "memory after cache operations by set and way");
	CHECK_EQ(TRY("tlbi vmalle1is"), 0, "tlbi vmalle1is");
	__asm__ volatile("dsb sy\n\tisb" : : : "memory");
	CHECK_EQ(word, 0x1234, "memory after a TLB flush");
}
