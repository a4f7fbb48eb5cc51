/* SPDX-License-Identifier: GPL-2.0-only */
/* XCR0 and the leaf that describes it. */
#include "tests.h"

#define XCR0_X87 BIT64(0)
#define XCR0_SSE BIT64(1)
#define XCR0_AVX BIT64(2)

static u32 xsave_set(u32 index, u64 v)
{
	return TRY("xsetbv", "c"(index), "a"((u32)v), "d"((u32)(v >> 32)));
}

static u64 xsave_get(void)
{
	u32 low, high;

	__asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
	return (u64)high << 32 | low;
}

static void xsave_leaf(u64 all)
{
	struct cpuid_regs r = cpuid(0xd, 0);

	CHECK_EQ(all & (XCR0_X87 | XCR0_SSE), XCR0_X87 | XCR0_SSE, "XCR0 can have x87 and SSE");
	CHECK_FAULT(xsave_set(0, XCR0_X87), 0, "XCR0 = x87");
	CHECK_EQ(cpuid(0xd, 0).ebx, 576, "size for x87");
	CHECK_FAULT(xsave_set(0, all), 0, "XCR0 = all that is offered");
	CHECK_EQ(xsave_get(), all, "XCR0 reads as written");
	CHECK_EQ(cpuid(0xd, 0).ebx, r.ecx, "size for all is the greatest");
	for (unsigned int i = 2; i < 63; i++) {
		struct cpuid_regs c = cpuid(0xd, i);

		if (!(all & BIT64(i)) && !(c.ecx & 1)) {
			continue;
		}
		CHECK((c.ecx & 1) || (c.eax > 0 && c.ebx + c.eax <= r.ecx),
			"component %u lies inside the area", i);
	}
}

void test_xsave(void)
{
	u64 cr4 = read_cr4(), all;

	if (!HAS_XSAVE) {
		CHECK_FAULT(write_cr4(cr4 | CR4_OSXSAVE), GP, "CR4.OSXSAVE without XSAVE");
		check_skip("the CPU has no XSAVE", "XCR0");
		return;
	}
	CHECK_FAULT(xsave_set(0, XCR0_X87), UD, "XSETBV without CR4.OSXSAVE");
	CHECK_EQ(has_feature(1, 'c', 27), 0, "OSXSAVE is clear in CPUID");
	CHECK_FAULT(write_cr4(cr4 | CR4_OSXSAVE), 0, "CR4.OSXSAVE");
	CHECK_EQ(has_feature(1, 'c', 27), 1, "OSXSAVE is set in CPUID");
	all = (u64)cpuid(0xd, 0).edx << 32 | cpuid(0xd, 0).eax;
	xsave_leaf(all);
	CHECK_FAULT(xsave_set(0, 0), GP, "XCR0 = 0");
	CHECK_FAULT(xsave_set(0, XCR0_SSE), GP, "XCR0 without x87");
	CHECK_FAULT(xsave_set(0, XCR0_X87 | XCR0_AVX), GP, "XCR0 with AVX, without SSE");
	CHECK_FAULT(xsave_set(0, all | BIT64(63)), GP, "XCR0 bit 63");
	CHECK_FAULT(xsave_set(0, all | BIT64(8)), GP, "XCR0 bit 8, PT");
	CHECK_FAULT(xsave_set(1, XCR0_X87), GP, "XSETBV of XCR1");
	CHECK_EQ(xsave_get(), all, "XCR0 after all that");
	CHECK_FAULT(write_cr4(cr4), 0, "CR4.OSXSAVE off");
}
