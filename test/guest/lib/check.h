/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Results. Each check prints one line:
 *	ok   NAME
 *	FAIL NAME: got X, want Y
 *	skip NAME: why
 * and the last line of a guest is "N passed, N failed, N skipped". Names are unique in a guest.
 */
#ifndef GUEST_LIB_CHECK_H
#define GUEST_LIB_CHECK_H

#include "lib/compiler.h"

/* Both are formats, for names made in loops. Any CPU. */
bool check_true(bool good, const char *expression, const char *name, ...) __printf(3, 4);
bool check_equal(s64 got, s64 want, const char *name, ...) __printf(3, 4);
void check_skip(const char *why, const char *name, ...) __printf(2, 3);

#define CHECK(cond, ...) check_true(cond, #cond, __VA_ARGS__)
#define CHECK_EQ(got, want, ...) check_equal((s64)(got), (s64)(want), __VA_ARGS__)
/* FAULT() values, 0 for none. */
#define CHECK_FAULT(got, want, ...) check_equal((u32)(got), (u32)(want), __VA_ARGS__)

/* Counts a failure that was already printed. */
void check_abort(void);
void check_summary(void);

#endif
