/* SPDX-License-Identifier: GPL-2.0-only */
/* The keyboard of a machine without hardware domain. */
#include <string.h>

#include "arch/host/host.h"
#include "core/console.h"
#include "unit/harness.h"

static char screen[4096];
static size_t used;

static void screen_write(const char *text, size_t n)
{
	n = MIN(n, sizeof(screen) - 1 - used);
	memcpy(screen + used, text, n);
	used += n;
	screen[used] = '\0';
}

static const struct console com1 = { .name = "com1", .write = screen_write };

static bool says(const char *text)
{
	bool found = strstr(screen, text) != NULL;

	used = 0;
	screen[0] = '\0';
	return found;
}

static unsigned int typed;

static void input(struct console_guest *g, char c)
{
	typed++;
}

static struct domain d2 = { .id = 2 }, d1 = { .id = 1 }, d4 = { .id = 4 };
static struct console_guest g2 = { .domain = &d2, .input = input },
			    g1 = { .domain = &d1, .input = input },
			    g4 = { .domain = &d4, .input = input };

static void press(void)
{
	for (unsigned int i = 0; i < 3; i++) {
		console_input('\1');
	}
}

__attribute__((constructor)) static void setup(void)
{
	host_cpus_init(1);
	console_register(&com1);
}

UNIT_TEST(first, "the first guest has the keyboard from the start, and nobody takes it from it")
{
	console_guest_add(&g2);
	CHECK(says("goes to the guest d2"));
	console_guest_add(&g1);
	CHECK_STR(screen, "");
	console_input('x');
	CHECK_EQ(typed, 1);
	press();
	CHECK(says("goes to the hypervisor"));
	press();
	CHECK(says("goes to the guest d1"));
	press();
	CHECK(says("goes to the guest d2"));
}

UNIT_TEST(end, "when it ends the hypervisor has it, and a choice once made stands")
{
	console_guest_remove(&g2);
	CHECK(says("goes to the hypervisor"));
	console_guest_add(&g4);
	CHECK_STR(screen, "");
	console_guest_remove(&g1);
	press();
	CHECK(says("goes to the guest d4"));
	console_guest_remove(&g4);
	CHECK(says("goes to the hypervisor"));
	press();
	CHECK(says("goes to the hypervisor"));
}

UNIT_TEST(dom0, "a hardware domain that comes later takes it")
{
	console_guest_add(&g1);
	press();
	CHECK(says("goes to the guest d1"));
	console_input_to_guest();
	CHECK(says("goes to the hardware domain"));
	console_guest_remove(&g1);
	CHECK_STR(screen, "");
}
