/* SPDX-License-Identifier: GPL-2.0-only */
/* Names of CPUID features in options. */
#include <string.h>

#include "arch/x86/features.h"
#include "unit/harness.h"

static int lookup(const char *s, bool *set)
{
	return features_lookup(s, strlen(s), set);
}

UNIT_TEST(features_names, "features are found by name, whatever the case and the kind of dash")
{
	static const struct {
		const char *text;
		int number;
		bool set;
	} cases[] = {
		{ "fpu", 0, true },
		{ "SSE3", 32, true },
		{ "sse4-1", 32 + 19, true },
		{ "SSE4_1", 32 + 19, true },
		{ "no-avx", 32 + 28, false },
		{ "avx=no", 32 + 28, false },
		{ "avx=0", 32 + 28, false },
		{ "avx=yes", 32 + 28, true },
		{ "no-avx=no", 32 + 28, true },
		{ "umip", 6 * 32 + 2, true },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(cases); i++) {
		bool set = !cases[i].set;

		CHECK_EQ(lookup(cases[i].text, &set), cases[i].number);
		CHECK_EQ(set, cases[i].set);
	}
}

UNIT_TEST(features_bad, "names that do not exist, and values that are no booleans, are refused")
{
	static const char *const bad[] = { "", "no-", "av", "avx3", "avx=", "avx=maybe", "=yes",
		"no-no-avx" };
	bool set;

	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++) {
		CHECK_EQ(lookup(bad[i], &set), -22);
	}
}
