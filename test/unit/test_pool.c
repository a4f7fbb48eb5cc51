/* SPDX-License-Identifier: GPL-2.0-only */
/* Accounting: limits are exact, and an overflow of the sum is no way around them. */
#include "lib/errno.h"
#include "mm/pool.h"
#include "unit/harness.h"

UNIT_TEST(pool_limit, "a pool gives out exactly its limit")
{
	struct pool p;

	pool_init(&p, "test", 10);
	CHECK_EQ(pool_charge(&p, 7), 0);
	CHECK_EQ(pool_charge(&p, 4), -ENOMEM);
	CHECK_EQ(p.used, 7);
	CHECK_EQ(pool_charge(&p, 3), 0);
	CHECK_EQ(pool_charge(&p, 1), -ENOMEM);
	CHECK_EQ(pool_charge(&p, ~0ULL), -ENOMEM);
	pool_uncharge(&p, 10);
	CHECK_EQ(p.used, 0);
	CHECK_EQ(pool_charge(&p, 10), 0);
}

UNIT_TEST(pool_lowered, "a limit below what is in use refuses, and does not wrap")
{
	struct pool p;

	pool_init(&p, "test", 10);
	CHECK_EQ(pool_charge(&p, 10), 0);
	p.limit = 5;
	CHECK_EQ(pool_charge(&p, 1), -ENOMEM);
	pool_uncharge(&p, 6);
	CHECK_EQ(pool_charge(&p, 1), 0);
}
