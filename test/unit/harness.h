/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Unit test harness. A file test/unit/test_NAME.c mirrors src/.../NAME.c and holds UNIT_TEST()s;
 * each check prints nothing when it holds and file:line with both values when it does not.
 */
#ifndef UNIT_HARNESS_H
#define UNIT_HARNESS_H

#include "lib/compiler.h"

struct unit_test {
	const char *name; /* what the test shows, as a sentence */
	void (*run)(void);
	struct unit_test *next;
};

void unit_register(struct unit_test *t);
void unit_fail(const char *file, int line, const char *expr, u64 got, u64 want);

/* UNIT_TEST(id, "what it shows") { body } */
#define UNIT_TEST(id, what)                                                  \
	static void id(void);                                                \
	static struct unit_test unit_##id = { .name = (what), .run = (id) }; \
	__attribute__((constructor)) static void register_##id(void)         \
	{                                                                    \
		unit_register(&unit_##id);                                   \
	}                                                                    \
	static void id(void)

#define CHECK(e)                                                 \
	do {                                                     \
		if (!(e)) {                                      \
			unit_fail(__FILE__, __LINE__, #e, 0, 1); \
		}                                                \
	} while (0)

#define CHECK_EQ(got, want)                                                            \
	do {                                                                           \
		u64 got_ = (u64)(got), want_ = (u64)(want);                            \
		if (got_ != want_) {                                                   \
			unit_fail(__FILE__, __LINE__, #got " == " #want, got_, want_); \
		}                                                                      \
	} while (0)

#define CHECK_STR(got, want)                                                    \
	do {                                                                    \
		if (__builtin_strcmp((got), (want)) != 0) {                     \
			unit_fail_str(__FILE__, __LINE__, #got, (got), (want)); \
		}                                                               \
	} while (0)
void unit_fail_str(const char *file, int line, const char *expr, const char *got, const char *want);

#endif
