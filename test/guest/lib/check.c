/* SPDX-License-Identifier: GPL-2.0-only */
/* Counts and prints results. */
#include "guest/lib/check.h"

#include "guest/lib/print.h"
#include "lib/printf.h"

static unsigned int check_passed, check_failed, check_skipped;

/* Small numbers are error codes and counts, others are addresses and bit fields. */
static void check_format(char *buf, size_t size, s64 v)
{
	if (v > -1000 && v < 1000) {
		fmt_snprintf(buf, size, "%lld", (long long)v);
	} else {
		fmt_snprintf(buf, size, "%#llx", (unsigned long long)v);
	}
}

bool check_true(bool good, const char *expression, const char *name, ...)
{
	char text[128];
	va_list args;

	va_start(args, name);
	fmt_vsnprintf(text, sizeof(text), name, args);
	va_end(args);
	if (good) {
		__atomic_add_fetch(&check_passed, 1, __ATOMIC_RELAXED);
		print("ok   %s\n", text);
	} else {
		__atomic_add_fetch(&check_failed, 1, __ATOMIC_RELAXED);
		print("FAIL %s: got false, want %s\n", text, expression);
	}
	return good;
}

bool check_equal(s64 got, s64 want, const char *name, ...)
{
	char text[128], got_text[24], want_text[24];
	va_list args;

	va_start(args, name);
	fmt_vsnprintf(text, sizeof(text), name, args);
	va_end(args);
	if (got == want) {
		__atomic_add_fetch(&check_passed, 1, __ATOMIC_RELAXED);
		print("ok   %s\n", text);
		return true;
	}
	__atomic_add_fetch(&check_failed, 1, __ATOMIC_RELAXED);
	check_format(got_text, sizeof(got_text), got);
	check_format(want_text, sizeof(want_text), want);
	print("FAIL %s: got %s, want %s\n", text, got_text, want_text);
	return false;
}

void check_skip(const char *why, const char *name, ...)
{
	char text[128];
	va_list args;

	va_start(args, name);
	fmt_vsnprintf(text, sizeof(text), name, args);
	va_end(args);
	__atomic_add_fetch(&check_skipped, 1, __ATOMIC_RELAXED);
	print("skip %s: %s\n", text, why);
}

void check_abort(void)
{
	__atomic_add_fetch(&check_failed, 1, __ATOMIC_RELAXED);
}

void check_summary(void)
{
	print("%u passed, %u failed, %u skipped\n", check_passed, check_failed, check_skipped);
}
