/* SPDX-License-Identifier: GPL-2.0-only */
/* The end: what is said, and that a second one says nothing. */
#include <string.h>

#include "arch/host/host.h"
#include "core/console.h"
#include "core/log.h"
#include "core/param.h"
#include "core/time.h"
#include "unit/harness.h"

static char said[4096];
static size_t said_size;

static void capture(const char *text, size_t n)
{
	n = MIN(n, sizeof(said) - 1 - said_size);
	memcpy(said + said_size, text, n);
	said_size += n;
}

static const struct console console = { .name = "host", .write = capture };

__attribute__((constructor)) static void setup(void)
{
	host_cpus_init(1);
	console_register(&console);
}

UNIT_TEST(end, "the machine reboots after a while, or halts with noreboot")
{
	host_now_ns = 0;
	CHECK(host_ends_machine(panic_machine_end()));
	CHECK_EQ(host_end, MACHINE_REBOOT);
	CHECK_EQ(host_now_ns, 5 * NS_PER_S);
	param_parse_line("noreboot");
	CHECK(host_ends_machine(panic_machine_end()));
	CHECK_EQ(host_end, MACHINE_HALT);
}

UNIT_TEST(says, "a panic is shown whatever the levels, even with the console lock taken")
{
	log_set_levels(false, "none");
	console_enter();
	CHECK(host_ends_machine(panic("the %s is broken", "thing")));
	CHECK(strstr(said, "panic: the thing is broken\n") != NULL);
	CHECK_EQ(host_end, MACHINE_HALT);
	said_size = 0;
	memset(said, 0, sizeof(said));
	CHECK(host_ends_machine(panic("again")));
	CHECK_STR(said, "");
	CHECK_EQ(host_end, MACHINE_HALT);
}
