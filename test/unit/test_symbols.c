/* SPDX-License-Identifier: GPL-2.0-only */
/* Names of addresses, against a search from the start of the table. */
#include <string.h>

#include "core/symbols.h"
#include "unit/harness.h"

static const struct ksym syms[] = { { 0, 0 }, { 0x10, 4 }, { 0x11, 8 }, { 0x100, 12 },
	{ 0x1000, 16 } };
static const struct ksym_table table = {
	.base = 0xffff820000200000,
	.count = ARRAY_SIZE(syms),
	.syms = syms,
	.names = "aaa\0bbb\0ccc\0ddd\0eee",
	.end = 0xffff820000201800,
};

UNIT_TEST(every, "each address of the text belongs to the last symbol at or below it")
{
	for (u64 off = 0; off < 0x1800; off++) {
		u64 distance = ~0ULL;
		const char *name = symbols_find(&table, table.base + off, &distance);
		unsigned int i = 0;

		while (i + 1 < table.count && syms[i + 1].offset <= off) {
			i++;
		}
		CHECK(name == table.names + syms[i].name);
		CHECK_EQ(distance, off - syms[i].offset);
	}
}

UNIT_TEST(outside, "addresses before and behind the text, and an empty table, have no name")
{
	const struct ksym_table none = { 0 };
	u64 distance;

	CHECK(!symbols_find(&table, table.base - 1, &distance));
	CHECK(!symbols_find(&table, table.end, &distance));
	CHECK(!symbols_find(&table, 0, &distance));
	CHECK(!symbols_find(&table, ~0ULL, &distance));
	CHECK(!symbols_find(&none, 0, &distance));
}

UNIT_TEST(text, "an address is described as name and distance")
{
	char buf[SYMBOL_TEXT_MAX];

	symbols_describe(&table, table.base + 0x123, buf, sizeof(buf));
	CHECK_STR(buf, "ddd+0x23");
	symbols_describe(&table, 0x1234, buf, sizeof(buf));
	CHECK_STR(buf, "?");
	symbols_describe(&table, table.base + 0x123, buf, 4);
	CHECK_STR(buf, "ddd");
}
