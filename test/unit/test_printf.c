/* SPDX-License-Identifier: GPL-2.0-only */
/* src/lib/printf.c against libc's snprintf. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/printf.h"
#include "unit/harness.h"
#include "unit/random.h"

#pragma GCC diagnostic ignored "-Wformat"
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-security"

/* Formats are made up at run time here: no attribute, on purpose. */
static void compare(size_t size, const char *fmt, ...)
{
	char got[128], want[128];
	va_list a, b;
	int got_len, want_len;

	memset(got, '~', sizeof(got));
	memset(want, '~', sizeof(want));
	va_start(a, fmt);
	va_copy(b, a);
	got_len = fmt_vsnprintf(got, size, fmt, a);
	want_len = vsnprintf(want, size, fmt, b);
	va_end(b);
	va_end(a);
	CHECK_EQ(got_len, want_len);
	if (memcmp(got, want, sizeof(got)) != 0) {
		got[127] = want[127] = '\0';
		unit_fail_str(__FILE__, __LINE__, fmt, got, want);
	}
}

static const u64 values[] = { 0, 1, 7, 8, 9, 10, 63, 127, 128, 255, 256, 32767, 32768, 65535, 65536,
	INT32_MAX, 1ULL << 31, UINT32_MAX, 1ULL << 32, INT64_MAX, 1ULL << 63, ~0ULL };

static void compare_integer(const char *spec, char conv)
{
	static const char *const lengths[] = { "hh", "h", "", "l", "ll", "z", "j", "t" };
	char fmt[32];

	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		snprintf(fmt, sizeof(fmt), "<%%%s%s%c>", spec, lengths[i], conv);
		for (size_t j = 0; j < ARRAY_SIZE(values); j++) {
			if (i < 3) {
				compare(100, fmt, (unsigned int)values[j]);
			} else {
				compare(100, fmt, values[j]);
			}
		}
	}
}

UNIT_TEST(integers, "integers print as libc prints them, under every set of flags")
{
	static const char *const sizes[] = { "", "1", "12", "30", ".0", ".", ".1", ".5", ".20",
		"12.0", "12.5", "3.12", "30.25" };
	static const char convs[] = "diuxXo";
	char spec[16];

	for (unsigned int flags = 0; flags < 32; flags++) {
		for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
			snprintf(spec, sizeof(spec), "%s%s%s%s%s%s", flags & 1 ? "-" : "",
				flags & 2 ? "0" : "", flags & 4 ? "+" : "", flags & 8 ? " " : "",
				flags & 16 ? "#" : "", sizes[i]);
			for (const char *c = convs; *c != '\0'; c++) {
				compare_integer(spec, *c);
			}
		}
	}
}

UNIT_TEST(text, "strings, characters and percent signs print as libc prints them")
{
	compare(100, "");
	compare(100, "plain");
	compare(100, "%s", "");
	compare(100, "a%sb", "xyz");
	compare(100, "%8s|%-8s|%1s", "xyz", "xyz", "xyz");
	compare(100, "%.2s|%8.1s|%-8.0s|%.s|%.9s", "xyz", "xyz", "xyz", "xyz", "xyz");
	compare(100, "%c%4c%-4c|", 'x', 'y', 'z');
	compare(100, "%c|", '\0');
	compare(100, "100%% of %d%%", 5);
	compare(100, "%s", NULL);
}

UNIT_TEST(stars, "width and precision come from arguments, negative ones too")
{
	compare(100, "%*d|%-*d|%*d|", 6, 42, 6, 42, -6, 42);
	compare(100, "%.*d|%.*d|%*.*d|", 4, 42, -4, 42, 8, 3, 42);
	compare(100, "%*s|%.*s|%0*x", 5, "ab", 1, "ab", 8, 0xbeef);
}

UNIT_TEST(mixed, "arguments of different sizes are taken in order, also beyond the registers")
{
	compare(100, "%d %lld %hhu %s %c %lx %zu %d %llu %i", -1, -2LL, 300, "s", 'c', 0xabcdefUL,
		(size_t)9, 10, ~0ULL, -12);
}

UNIT_TEST(cut, "every buffer size gives the same prefix and the same length as libc")
{
	for (size_t size = 0; size < 24; size++) {
		compare(size, "%s-%08x-%d", "abcdef", 0x1234, -77);
	}
}

UNIT_TEST(null_buffer, "a size of 0 measures, and needs no buffer")
{
	CHECK_EQ(fmt_snprintf(NULL, 0, "%d%s", 123, "abc"), 6);
}

UNIT_TEST(pointer, "a pointer prints as 0x and digits, also NULL")
{
	char buf[32];

	CHECK_EQ(fmt_snprintf(buf, sizeof(buf), "%p", (void *)0xdeadbeefUL), 10);
	CHECK_STR(buf, "0xdeadbeef");
	CHECK_EQ(fmt_snprintf(buf, sizeof(buf), "%6p", NULL), 6);
	CHECK_STR(buf, "   0x0");
}

UNIT_TEST(limited, "a precision keeps %s from reading further, terminator or not")
{
	char *s = malloc(3), buf[8];

	memcpy(s, "abc", 3);
	CHECK_EQ(fmt_snprintf(buf, sizeof(buf), "%.3s", s), 3);
	CHECK_STR(buf, "abc");
	free(s);
}

UNIT_TEST(unknown, "an unknown or unfinished conversion is copied as it stands")
{
	static const char *const formats[] = { "%", "a%", "%5", "%-08.3l", "%y", "%5q!", "%ll" };
	char buf[32];

	for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
		CHECK_EQ(fmt_snprintf(buf, sizeof(buf), formats[i]), strlen(formats[i]));
		CHECK_STR(buf, formats[i]);
	}
}

UNIT_TEST(random_formats, "random formats with random arguments agree with libc")
{
	static const char flags[] = "-0+ #", convs[] = "duxXo";
	char fmt[64];
	u64 seed = 7;

	for (int i = 0; i < 20000; i++) {
		size_t n = 0;

		fmt[n++] = '%';
		while (random_below(&seed, 2) != 0 && n < 8) {
			fmt[n++] = flags[random_below(&seed, 5)];
		}
		n += snprintf(fmt + n, 8, "%u", (unsigned int)random_below(&seed, 30) + 1);
		if (random_below(&seed, 2) != 0) {
			n += snprintf(fmt + n, 8, ".%u", (unsigned int)random_below(&seed, 30));
		}
		snprintf(fmt + n, 8, "ll%c", convs[random_below(&seed, 5)]);
		compare(1 + random_below(&seed, 60), fmt, random_spread(&seed));
	}
}
