/* SPDX-License-Identifier: GPL-2.0-only */
/* src/lib/parse.c; numbers against libc's strtoull. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/errno.h"
#include "lib/parse.h"
#include "unit/harness.h"
#include "unit/random.h"

#define UNSET 0x5e7ULL

UNIT_TEST(numbers, "numbers parse by base and prefix, and must fill the string without an end")
{
	static const struct {
		const char *s;
		unsigned int base;
		int err, rest_err; /* without and with an end pointer */
		u64 want;
		size_t used;
	} cases[] = {
		{ "0", 0, 0, 0, 0, 1 },
		{ "42", 0, 0, 0, 42, 2 },
		{ "0x1fG", 0, -EINVAL, 0, 0x1f, 4 },
		{ "0X1F", 0, 0, 0, 0x1f, 4 },
		{ "0x1f", 16, 0, 0, 0x1f, 4 },
		{ "1f", 16, 0, 0, 0x1f, 2 },
		{ "0x1f", 10, -EINVAL, 0, 0, 1 },
		{ "017", 0, 0, 0, 15, 3 },
		{ "08", 0, -EINVAL, 0, 0, 1 },
		{ "0x", 0, -EINVAL, 0, 0, 1 },
		{ "101", 2, 0, 0, 5, 3 },
		{ "12,3", 0, -EINVAL, 0, 12, 2 },
		{ "18446744073709551615", 0, 0, 0, ~0ULL, 20 },
		{ "18446744073709551616", 0, -ERANGE, -ERANGE, UNSET, 0 },
		{ "0x10000000000000000", 0, -ERANGE, -ERANGE, UNSET, 0 },
		{ "99999999999999999999999", 0, -ERANGE, -ERANGE, UNSET, 0 },
		{ "", 0, -EINVAL, -EINVAL, UNSET, 0 },
		{ "-1", 0, -EINVAL, -EINVAL, UNSET, 0 },
		{ "+1", 0, -EINVAL, -EINVAL, UNSET, 0 },
		{ " 1", 0, -EINVAL, -EINVAL, UNSET, 0 },
		{ "x", 0, -EINVAL, -EINVAL, UNSET, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *end = cases[i].s;
		u64 v = UNSET;

		CHECK_EQ(parse_u64(cases[i].s, NULL, cases[i].base, &v), cases[i].err);
		CHECK_EQ(v, cases[i].err == 0 ? cases[i].want : UNSET);
		v = UNSET;
		CHECK_EQ(parse_u64(cases[i].s, &end, cases[i].base, &v), cases[i].rest_err);
		CHECK_EQ(v, cases[i].want);
		CHECK_EQ(end - cases[i].s, cases[i].used);
	}
}

UNIT_TEST(random_numbers, "random text over a small alphabet parses as strtoull parses it")
{
	static const char alphabet[] = "00123789abfFxX,";
	static const unsigned int bases[] = { 0, 2, 8, 10, 16 };
	u64 seed = 11;

	for (int i = 0; i < 50000; i++) {
		char s[24], *want_end;
		const char *end = NULL;
		size_t n = random_below(&seed, sizeof(s) - 1);
		unsigned int base = bases[random_below(&seed, ARRAY_SIZE(bases))];
		u64 v = UNSET, want;
		int err;

		for (size_t j = 0; j < n; j++) {
			s[j] = alphabet[random_below(&seed, sizeof(alphabet) - 1)];
		}
		s[n] = '\0';
		errno = 0;
		want = strtoull(s, &want_end, (int)base);
		err = parse_u64(s, &end, base, &v);
		if (errno == ERANGE) {
			CHECK_EQ(err, -ERANGE);
		} else if (want_end == s) {
			CHECK_EQ(err, -EINVAL);
		} else {
			CHECK_EQ(err, 0);
			CHECK_EQ(v, want);
			CHECK_EQ(end - s, want_end - s);
		}
	}
}

UNIT_TEST(sizes, "a suffix scales, the default unit fills in, and overflow is an error")
{
	static const struct {
		const char *s;
		char unit;
		int err;
		u64 want;
	} cases[] = {
		{ "1", 'B', 0, 1 },
		{ "1", 'K', 0, KiB(1) },
		{ "512M", 'K', 0, MiB(512) },
		{ "512m", 'B', 0, MiB(512) },
		{ "3b", 'G', 0, 3 },
		{ "0x10G", 'B', 0, GiB(16) },
		{ "2T", 'B', 0, TiB(2) },
		{ "16777215T", 'B', 0, TiB(16777215) },
		{ "16777216T", 'B', -ERANGE, UNSET },
		{ "18446744073709551615", 'K', -ERANGE, UNSET },
		{ "1MB", 'B', -EINVAL, UNSET },
		{ "1q", 'B', -EINVAL, UNSET },
		{ "M", 'B', -EINVAL, UNSET },
		{ "1", 'q', -EINVAL, UNSET },
		{ "", 'B', -EINVAL, UNSET },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		u64 v = UNSET;

		CHECK_EQ(parse_size(cases[i].s, NULL, cases[i].unit, &v), cases[i].err);
		CHECK_EQ(v, cases[i].want);
	}
}

UNIT_TEST(size_end, "with an end pointer a size stops behind its suffix")
{
	const char *s = "64M@1G", *end = NULL;
	u64 v = 0;

	CHECK_EQ(parse_size(s, &end, 'B', &v), 0);
	CHECK_EQ(v, MiB(64));
	CHECK_STR(end, "@1G");
}

UNIT_TEST(bools, "the words for true and false are known, and nothing else is")
{
	static const char *const yes[] = { "yes", "on", "true", "enable", "1" };
	static const char *const no[] = { "no", "off", "false", "disable", "0" };
	static const char *const other[] = { "", "2", "y", "yess", "ON ", "01", "o" };
	bool b;

	for (size_t i = 0; i < ARRAY_SIZE(yes); i++) {
		b = false;
		CHECK_EQ(parse_bool(yes[i], strlen(yes[i]), &b), 0);
		CHECK(b);
		CHECK_EQ(parse_bool(no[i], strlen(no[i]), &b), 0);
		CHECK(!b);
	}
	for (size_t i = 0; i < ARRAY_SIZE(other); i++) {
		b = true;
		CHECK_EQ(parse_bool(other[i], strlen(other[i]), &b), -EINVAL);
		CHECK(b);
	}
	CHECK_EQ(parse_bool("no,x", 2, &b), 0);
}

/* The item as "key[=val]+" or "...-". */
static void item_text(const struct parse_item *it, char *buf, size_t size)
{
	snprintf(buf, size, "%.*s%s%.*s%c", (int)it->key_len, it->key, it->val ? "=" : "",
		(int)it->val_len, it->val ? it->val : "", it->on ? '+' : '-');
}

UNIT_TEST(lists, "a list comes apart into keys, values and truth values")
{
	static const struct {
		const char *s, *want[5];
	} cases[] = {
		{ "", { NULL } },
		{ ",,", { NULL } },
		{ "verbose", { "verbose+" } },
		{ "no-intremap,verbose", { "intremap-", "verbose+" } },
		{ ",a,,b,", { "a+", "b+" } },
		{ "a=off,b=on,c=5", { "a=off-", "b=on+", "c=5+" } },
		{ "no-a=on", { "a=on-" } },
		{ "a=", { "a=+" } },
		{ "=x", { "=x+" } },
		{ "no-,no,no-no-x", { "no-+", "no+", "no-x-" } },
		{ "a=b=c", { "a=b=c+" } },
	};
	char buf[32];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *s = cases[i].s;
		struct parse_item item;
		size_t n = 0;

		while (parse_list_next(&s, &item) && n < 5) {
			item_text(&item, buf, sizeof(buf));
			CHECK_STR(buf, cases[i].want[n] ? cases[i].want[n] : "nothing");
			n++;
		}
		CHECK(n == 5 || cases[i].want[n] == NULL);
		CHECK_EQ(*s, '\0');
	}
}

UNIT_TEST(items, "an item's value must be a number or size as a whole")
{
	const char *s = "max=4G,min=512m,n=12,bad=12x,flag";
	struct parse_item item;
	u64 v = 0;

	CHECK(parse_list_next(&s, &item) && parse_item_is(&item, "max"));
	CHECK(!parse_item_is(&item, "ma") && !parse_item_is(&item, "maxi"));
	CHECK(parse_item_val_is(&item, "4G") && !parse_item_val_is(&item, "4"));
	CHECK_EQ(parse_item_size(&item, 'B', &v), 0);
	CHECK_EQ(v, GiB(4));
	CHECK_EQ(parse_item_u64(&item, 0, &v), -EINVAL);
	CHECK(parse_list_next(&s, &item) && parse_item_size(&item, 'B', &v) == 0 && v == MiB(512));
	CHECK(parse_list_next(&s, &item) && parse_item_u64(&item, 0, &v) == 0 && v == 12);
	CHECK(parse_list_next(&s, &item) && parse_item_u64(&item, 0, &v) == -EINVAL);
	CHECK(parse_list_next(&s, &item) && parse_item_u64(&item, 0, &v) == -EINVAL);
	CHECK(parse_item_size(&item, 'B', &v) == -EINVAL && !parse_item_val_is(&item, ""));
	CHECK_EQ(v, 12);
	CHECK(!parse_list_next(&s, &item));
}
