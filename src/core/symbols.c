/* SPDX-License-Identifier: GPL-2.0-only */
/* Search in the table of function names. Pure: works in a panic. */
#include "core/symbols.h"

#include "lib/printf.h"

const char *symbols_find(const struct ksym_table *t, u64 addr, u64 *distance)
{
	u64 low = 0, high = t->count;

	if (t->count == 0 || addr < t->base || addr >= t->end) {
		return NULL;
	}
	/* syms[low] starts at or below addr, syms[high] above it. */
	while (high - low > 1) {
		u64 middle = low + (high - low) / 2;

		if (t->base + t->syms[middle].offset <= addr) {
			low = middle;
		} else {
			high = middle;
		}
	}
	*distance = addr - t->base - t->syms[low].offset;
	return t->names + t->syms[low].name;
}

void symbols_describe(const struct ksym_table *t, u64 addr, char *buf, size_t size)
{
	u64 distance = 0;
	const char *name = symbols_find(t, addr, &distance);

	if (name) {
		fmt_snprintf(buf, size, "%s+%#llx", name, (unsigned long long)distance);
	} else {
		fmt_snprintf(buf, size, "?");
	}
}
