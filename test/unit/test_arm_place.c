/* SPDX-License-Identifier: GPL-2.0-only */
/* Addresses of a domain's RAM: banks, the layout of guests, static memory, 1:1. */
#include <string.h>

#include "arch/arm/boot/place.h"
#include "lib/errno.h"
#include "unit/harness.h"

UNIT_TEST(ram_adding, "banks are kept sorted, those that touch become one, others may not overlap")
{
	struct ram r = { 0 };

	CHECK_EQ(ram_add(&r, GiB(4), GiB(1)), 0);
	CHECK_EQ(ram_add(&r, GiB(1), GiB(1)), 0);
	CHECK_EQ(ram_add(&r, GiB(3), GiB(1)), 0);
	CHECK_EQ(r.count, 2);
	CHECK_EQ(r.banks[0].start, GiB(1));
	CHECK_EQ(r.banks[1].start, GiB(3));
	CHECK_EQ(r.banks[1].size, GiB(2));
	CHECK_EQ(ram_add(&r, GiB(2), GiB(1)), 0);
	CHECK_EQ(r.count, 1);
	CHECK_EQ(r.banks[0].size, GiB(4));
	CHECK_EQ(ram_add(&r, GiB(5), 0), 0);
	CHECK_EQ(ram_add(&r, GiB(5) - 1, 1), -EINVAL);
	CHECK_EQ(ram_add(&r, GiB(1) - 1, 2), -EINVAL);
	CHECK_EQ(ram_add(&r, ~0ULL, 2), -EINVAL);
	CHECK_EQ(ram_add(&r, 0, GiB(8)), -EINVAL);
	CHECK_EQ(ram_bytes(&r), GiB(4));
	for (unsigned int i = 1; i < RAM_BANKS_MAX; i++) {
		CHECK_EQ(ram_add(&r, GiB(5) + 16 * i, 8), 0);
	}
	CHECK_EQ(ram_add(&r, GiB(7), 8), -ENOSPC);
}

UNIT_TEST(place_guest_banks, "a guest's RAM starts at 1 GiB and goes on at 8 GiB")
{
	struct ram r;

	CHECK_EQ(place_guest(GiB(3), &r), 0);
	CHECK_EQ(r.count, 1);
	CHECK_EQ(r.banks[0].start, 0x40000000);
	CHECK_EQ(place_guest(GiB(3) + KiB(4), &r), 0);
	CHECK_EQ(r.count, 2);
	CHECK_EQ(r.banks[1].start, 0x200000000);
	CHECK_EQ(r.banks[1].size, KiB(4));
	CHECK_EQ(place_guest(GiB(3) + GiB(1016), &r), 0);
	CHECK_EQ(place_guest(GiB(3) + GiB(1016) + KiB(4), &r), -ENOMEM);
	CHECK_EQ(place_guest(~0ULL & ~0xfffULL, &r), -ENOMEM);
}

UNIT_TEST(
	place_static_banks, "static banks follow each other in the layout, or stay where they are")
{
	struct domain_desc d = { .bank_count = 3,
		.banks = { { 0x80000000, GiB(1) }, { 0x100000000, GiB(3) },
			{ 0x50000000, MiB(16) } } };
	struct place_piece p[PLACE_PIECES_MAX];
	unsigned int n;
	struct ram r;

	CHECK_EQ(place_static(&d, p, &n, &r), 0);
	CHECK_EQ(n, 4);
	CHECK_EQ(p[0].gpa, 0x40000000);
	CHECK_EQ(p[0].pa, 0x80000000);
	CHECK_EQ(p[1].gpa, 0x80000000);
	CHECK_EQ(p[1].size, GiB(2));
	CHECK_EQ(p[2].gpa, 0x200000000);
	CHECK_EQ(p[2].pa, 0x180000000);
	CHECK_EQ(p[2].size, GiB(1));
	CHECK_EQ(p[3].gpa, 0x240000000);
	CHECK_EQ(p[3].pa, 0x50000000);
	CHECK_EQ(r.count, 2);
	CHECK_EQ(ram_bytes(&r), GiB(4) + MiB(16));

	d.direct_mapped = true;
	CHECK_EQ(place_static(&d, p, &n, &r), 0);
	CHECK_EQ(n, 3);
	CHECK_EQ(p[2].gpa, p[2].pa);
	CHECK_EQ(r.count, 3);
	CHECK_EQ(r.banks[0].start, 0x50000000);
	d.banks[2] = (struct desc_bank){ 0x80000000 + GiB(1) - 4096, 8192 };
	CHECK_EQ(place_static(&d, p, &n, &r), -EINVAL);
	d.banks[2] = (struct desc_bank){ ~0xfffULL, 8192 };
	CHECK_EQ(place_static(&d, p, &n, &r), -EINVAL);
	d.direct_mapped = false;
	d.banks[1].size = BIT64(45);
	d.bank_count = 2;
	CHECK_EQ(place_static(&d, p, &n, &r), -ENOMEM);
}

UNIT_TEST(place_identity_bank, "a 1:1 domain gets the largest free range, the first below 4 GiB")
{
	static const struct ram_bank free[] = {
		{ 0x40001000, MiB(10) },
		{ 0x48000000, MiB(900) },
		{ 0xf0000000, GiB(4) }, /* crosses 4 GiB */
		{ 0x800000000, GiB(2) },
	};
	struct ram_bank b;

	CHECK(place_identity(free, 4, GiB(8), true, &b));
	CHECK_EQ(b.start, 0x48000000);
	CHECK_EQ(b.size, MiB(900));
	CHECK(place_identity(free, 4, GiB(8), false, &b));
	CHECK_EQ(b.start, 0xf0000000);
	CHECK_EQ(b.size, GiB(4));
	/* A boundary of 1 GiB, where there is room behind it. */
	CHECK(place_identity(&free[2], 1, GiB(2), false, &b));
	CHECK_EQ(b.start, GiB(4));
	CHECK_EQ(b.size, GiB(2));
	/* Whole blocks only. */
	CHECK(place_identity(free, 1, GiB(2), true, &b));
	CHECK_EQ(b.start, 0x40200000);
	CHECK_EQ(b.size, MiB(8));
	CHECK(place_identity(free, 1, MiB(3), true, &b));
	CHECK_EQ(b.size, MiB(4));
	CHECK(!place_identity(&free[3], 1, GiB(1), true, &b));
	CHECK(!place_identity(free, 0, GiB(1), false, &b));
}

UNIT_TEST(place_left_over, "of what is left the largest ranges are taken, in whole blocks")
{
	struct range ranges[8];
	struct rangeset set;
	struct ram_bank out[3];

	rangeset_init(&set, ranges, ARRAY_SIZE(ranges));
	CHECK_EQ(rangeset_add(&set, 1, 1023), 0); /* 2 MiB within */
	CHECK_EQ(rangeset_add(&set, 0x10000, 0x1ffff), 0);
	CHECK_EQ(rangeset_add(&set, 0x30000, 0x37fff), 0);
	CHECK_EQ(rangeset_add(&set, 0x50000, 0x6ffff), 0);
	CHECK_EQ(rangeset_add(&set, 0x80001, 0x801ff), 0);
	CHECK_EQ(place_largest(&set, MiB(2), out, 3), 3);
	CHECK_EQ(out[0].start, 0x50000000);
	CHECK_EQ(out[0].size, MiB(512));
	CHECK_EQ(out[1].start, 0x10000000);
	CHECK_EQ(out[2].start, 0x30000000);
	CHECK_EQ(place_largest(&set, MiB(300), out, 3), 1);
	CHECK_EQ(place_largest(&set, GiB(1), out, 3), 0);
}
