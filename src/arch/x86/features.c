/* SPDX-License-Identifier: GPL-2.0-only */
/* Names of CPUID features, made from the public header's list. Pure, no state. */
#include "arch/x86/features.h"

#include "lib/ctype.h"
#include "lib/errno.h"
#include "lib/parse.h"
#include "lib/string.h"
#include "lib/compiler.h"

struct feature_name {
	const char *name;
	u16 number;
};

static const struct feature_name names[] = {
#define XEN_CPUFEATURE(n, value) { #n, value },
#include <xen/arch-x86/cpufeatureset.h>
};

static char fold(char c)
{
	return c == '-' ? '_' : to_lower(c);
}

static bool same(const char *s, size_t n, const char *name)
{
	if (strlen(name) != n) {
		return false;
	}
	for (size_t i = 0; i < n; i++) {
		if (fold(s[i]) != fold(name[i])) {
			return false;
		}
	}
	return true;
}

int features_lookup(const char *s, size_t n, bool *set)
{
	size_t key = 0;

	*set = true;
	while (key < n && s[key] != '=') {
		key++;
	}
	if (key < n && parse_bool(s + key + 1, n - key - 1, set)) {
		return -EINVAL;
	}
	if (key > 3 && !strncmp(s, "no-", 3)) {
		s += 3;
		key -= 3;
		*set = !*set;
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(names); i++) {
		if (same(s, key, names[i].name)) {
			return names[i].number;
		}
	}
	return -EINVAL;
}
