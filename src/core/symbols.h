/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Names of our own functions, for backtraces. tools/gen-symbols makes the table from the output of
 * nm; it is linked in by a second pass, behind .text, so that it moves no function.
 */
#ifndef CORE_SYMBOLS_H
#define CORE_SYMBOLS_H

#include "lib/compiler.h"

/* Sorted by rising offset. */
struct ksym {
	u32 offset; /* from the table's base */
	u32 name;   /* where in names */
};

struct ksym_table {
	u64 base; /* address of the first symbol */
	u64 count;
	const struct ksym *syms;
	const char *names; /* zero-terminated, one after the other */
	u64 end;	   /* the first address behind the text */
};
static_assert(sizeof(struct ksym) == 8, "written by tools/gen-symbols");
static_assert(sizeof(struct ksym_table) == 40, "written by tools/gen-symbols");

extern const struct ksym_table ksyms;

/* The name of the function that holds addr, and addr's distance from its start; NULL when addr is
 * not in the text. */
const char *symbols_find(const struct ksym_table *t, u64 addr, u64 *distance);

/* "name+0x12", or "?" . */
#define SYMBOL_TEXT_MAX 96
void symbols_describe(const struct ksym_table *t, u64 addr, char *buf, size_t size);

#endif
