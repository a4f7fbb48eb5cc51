/* SPDX-License-Identifier: GPL-2.0-only */
/* The order of the tests; a name on the command line (only=NAME) picks one. */
#include "tests.h"

#include "guest/lib/start.h"
#include "lib/string.h"

static const struct {
	const char *name;
	void (*run)(void);
} tests[] = {
	{ "version", test_version },
	{ "event-channel", test_event_channel },
	{ "memory", test_memory },
	{ "physmap", test_physmap },
	{ "vcpu", test_vcpu },
	{ "sched", test_sched },
	{ "hvm", test_hvm },
	{ "console", test_console },
	{ "platform", test_platform },
	{ "physdev", test_physdev },
	{ "grant-table", test_grant_table },
	{ "multicall", test_multicall },
	{ "unknown", test_unknown },
	{ "compat", test_compat },
};

void guest_main(void)
{
	char only[32] = "";

	start_option("only", only, sizeof(only));
	for (size_t i = 0; i < ARRAY_SIZE(tests); i++) {
		if (only[0] == '\0' || strcmp(only, tests[i].name) == 0) {
			tests[i].run();
		}
	}
}
