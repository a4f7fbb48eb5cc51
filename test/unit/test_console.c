/* SPDX-License-Identifier: GPL-2.0-only */
/* Devices, guests' output, the keyboard and its two receivers, debug keys. */
#include <string.h>

#include "arch/host/host.h"
#include "core/console.h"
#include "core/log.h"
#include "core/param.h"
#include "core/virq.h"
#include "lib/errno.h"
#include "unit/harness.h"

#define CTRL(c) ((c) - 'a' + 1)

struct screen {
	char text[65536];
	size_t n;
};
static struct screen com1_screen, vga_screen;

static void show(struct screen *s, const char *text, size_t n)
{
	n = MIN(n, sizeof(s->text) - 1 - s->n);
	memcpy(s->text + s->n, text, n);
	s->n += n;
	s->text[s->n] = '\0';
}

static void com1_write(const char *text, size_t n)
{
	show(&com1_screen, text, n);
}

static void vga_write(const char *text, size_t n)
{
	show(&vga_screen, text, n);
}

static const char *typed = "";

static int com1_getc(void)
{
	return *typed ? (unsigned char)*typed++ : -1;
}

static const struct console com1 = { .name = "com1", .write = com1_write, .getc = com1_getc };
static const struct console vga = { .name = "vga", .write = vga_write };

static unsigned int virqs, virq_last;

static void on_virq(u32 virq)
{
	virqs++;
	virq_last = virq;
	CHECK_EQ(host_pcpu->lock_depth, 0);
}

static void wipe(void)
{
	com1_screen.n = vga_screen.n = 0;
	com1_screen.text[0] = vga_screen.text[0] = '\0';
	virqs = 0;
}

__attribute__((constructor)) static void setup(void)
{
	host_cpus_init(1);
	virq_global_handler = on_virq;
}

static void type(const char *keys)
{
	typed = keys;
	while (*typed) {
		console_poll();
	}
}

UNIT_TEST(select, "console= selects devices; a new one is first shown what was said before")
{
	log_info("early");
	CHECK_EQ(console_register(&com1), 0);
	CHECK_STR(com1_screen.text, "(BH) early\n");
	param_parse_line("console=vga");
	log_info("hidden");
	CHECK_STR(com1_screen.text, "(BH) early\n");
	CHECK_EQ(console_register(&vga), 0);
	CHECK_STR(vga_screen.text, "(BH) early\n(BH) hidden\n");
	param_parse_line("console=com1H,vga");
	log_info("both");
	CHECK(strstr(com1_screen.text, "both") && strstr(vga_screen.text, "both"));
	param_parse_line("console=none");
	log_info("nobody");
	CHECK(!strstr(com1_screen.text, "nobody") && !strstr(vga_screen.text, "nobody"));
	param_parse_line("console=com1");
	wipe();
	CHECK_EQ(console_register(&com1), 0); /* again: nothing is repeated */
	CHECK_STR(com1_screen.text, "");
	console_unregister(&vga);
	param_parse_line("console=vga,com1");
	log_info("one");
	CHECK_STR(com1_screen.text, "(BH) one\n");
	CHECK_STR(vga_screen.text, "");
}

UNIT_TEST(slots, "there is room for a few devices and no more")
{
	static const struct console more[CONSOLE_MAX] = { { .name = "a" }, { .name = "b" },
		{ .name = "c" }, { .name = "d" } };

	for (unsigned int i = 0; i < CONSOLE_MAX; i++) {
		CHECK_EQ(console_register(&more[i]), i < CONSOLE_MAX - 1 ? 0 : -ENOSPC);
	}
	for (unsigned int i = 0; i < CONSOLE_MAX; i++) {
		console_unregister(&more[i]);
	}
}

UNIT_TEST(guests, "the hardware domain's text is raw, others' comes in marked clean lines")
{
	static struct domain d0 = { .id = 0, .hardware = true }, d7 = { .id = 7 }, d9 = { .id = 9 };
	char longer[300];

	wipe();
	console_guest_write(&d0, "\033[1mhi\r\nthere", 13);
	CHECK_STR(com1_screen.text, "\033[1mhi\r\nthere");
	wipe();
	console_guest_write(&d7, "he", 2);
	console_guest_write(&d9, "wor", 3);
	CHECK_STR(com1_screen.text, "");
	console_guest_write(&d7, "llo\r\n\nx", 7);
	console_guest_write(&d9, "\033ld\n", 4);
	CHECK_STR(com1_screen.text, "(d7) hello\n(d7) \n(d9) world\n");
	wipe();
	memset(longer, 'z', sizeof(longer));
	console_guest_write(&d9, longer, sizeof(longer));
	CHECK_EQ(com1_screen.n, 2 * (sizeof(d9.console_line.text) + 6));
	CHECK_EQ(d9.console_line.len, sizeof(longer) - 2 * sizeof(d9.console_line.text));
}

static unsigned int pressed;

static void press(void)
{
	CHECK_EQ(host_pcpu->lock_depth, 0);
	pressed++;
}

UNIT_TEST(keys, "in hypervisor mode keys run what was registered for them")
{
	CHECK_EQ(console_key_register('T', "test key", press), 0);
	CHECK_EQ(console_key_register('T', "another", press), -EEXIST);
	CHECK_EQ(console_key_register('\n', "newline", press), -EINVAL);
	CHECK_EQ(console_key_register((char)0x80, "none", press), -EINVAL);
	wipe();
	type("TxT\x80\r");
	CHECK_EQ(pressed, 2);
	CHECK(!console_key_run('x'));
	CHECK(!console_key_run((char)0xff));
	CHECK(console_key_run('T'));
	type("h");
	CHECK(strstr(com1_screen.text, "T: test key") != NULL);
	CHECK_EQ(virqs, 0);
}

UNIT_TEST(switching, "three CTRL-A move the keyboard; fewer are input of the guest")
{
	char buf[16];
	size_t n;

	wipe();
	pressed = 0;
	type("\1\1\1");
	CHECK(strstr(com1_screen.text, "hardware domain") != NULL);
	type("T");
	CHECK_EQ(pressed, 0);
	CHECK_EQ(virqs, 1);
	CHECK_EQ(virq_last, CORE_VIRQ_CONSOLE);
	type("\1\1b");
	n = console_guest_read(buf, sizeof(buf));
	CHECK_EQ(n, 4);
	CHECK(memcmp(buf, "T\1\1b", 4) == 0);
	CHECK_EQ(console_guest_read(buf, sizeof(buf)), 0);
	type("\1\1\1T");
	CHECK_EQ(pressed, 1);
	CHECK_EQ(console_guest_read(buf, sizeof(buf)), 0);
}

UNIT_TEST(flood, "input that the guest does not read is dropped, and the oldest is kept")
{
	char buf[512];

	console_input_to_guest();
	for (unsigned int i = 0; i < 1000; i++) {
		console_input((char)('A' + i % 26));
	}
	CHECK_EQ(console_guest_read(buf, 3), 3);
	CHECK(memcmp(buf, "ABC", 3) == 0);
	CHECK_EQ(console_guest_read(buf, sizeof(buf)), 253);
	console_input('!');
	CHECK_EQ(console_guest_read(buf, sizeof(buf)), 1);
	CHECK_EQ(buf[0], '!');
	type("\1\1\1");
}

UNIT_TEST(conswitch, "conswitch= sets the character, and x keeps the keyboard here")
{
	wipe();
	param_parse_line("conswitch=bx");
	console_input_to_guest();
	CHECK(strstr(com1_screen.text, "goes to the hypervisor") != NULL);
	CHECK(strstr(com1_screen.text, "CTRL-B") != NULL);
	pressed = 0;
	type("\1\1\1T");
	CHECK_EQ(pressed, 1);
	wipe();
	type("\2\2\2");
	CHECK(strstr(com1_screen.text, "goes to the hardware domain") != NULL);
	type("\2\2\2");
	wipe();
	param_parse_line("conswitch=9 conswitch=axy conswitch");
	CHECK(strstr(com1_screen.text, "bad value \"9\"") != NULL);
	CHECK(strstr(com1_screen.text, "bad value \"axy\"") != NULL);
	param_parse_line("conswitch=a");
}
