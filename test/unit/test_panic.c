/* SPDX-License-Identifier: GPL-2.0-only */
/* The end: what is said, and that a second one says nothing. */
#include <string.h>

#include "arch/host/host.h"
#include "core/log.h"
#include "core/param.h"
#include "core/time.h"
#include "unit/harness.h"
#include "unit/shown.h"

__attribute__((constructor)) static void setup(void)
{
	host_cpus_init(1);
	console_register(&shown_console);
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
	CHECK(strstr(shown, "panic: the thing is broken\n") != NULL);
	CHECK_EQ(host_end, MACHINE_HALT);
	shown_forget();
	CHECK(host_ends_machine(panic("again")));
	CHECK_STR(shown, "");
	CHECK_EQ(host_end, MACHINE_HALT);
}
