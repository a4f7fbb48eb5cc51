/* SPDX-License-Identifier: GPL-2.0-only */
/* The main() of every unit test: runs the registered tests in order and prints a summary line. */
#include <stdio.h>
#include <string.h>

#include "unit/harness.h"

static struct unit_test *tests, **tests_tail = &tests;
static unsigned int failures;

void unit_register(struct unit_test *t)
{
	*tests_tail = t;
	tests_tail = &t->next;
}

void unit_fail(const char *file, int line, const char *expr, u64 got, u64 want)
{
	failures++;
	printf("    %s:%d: %s: got %#llx, want %#llx\n", file, line, expr, (unsigned long long)got,
		(unsigned long long)want);
}

void unit_fail_str(const char *file, int line, const char *expr, const char *got, const char *want)
{
	failures++;
	printf("    %s:%d: %s: got \"%s\", want \"%s\"\n", file, line, expr, got, want);
}

/* With an argument: only the tests whose name contains it. */
int main(int argc, char **argv)
{
	unsigned int passed = 0, failed = 0;

	for (struct unit_test *t = tests; t; t = t->next) {
		if (argc > 1 && !strstr(t->name, argv[1])) {
			continue;
		}
		failures = 0;
		t->run();
		printf("%s %s\n", failures ? "FAIL" : "ok  ", t->name);
		fflush(stdout);
		if (failures) {
			failed++;
		} else {
			passed++;
		}
	}
	printf("%u passed, %u failed\n", passed, failed);
	return failed != 0;
}
