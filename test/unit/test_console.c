/* SPDX-License-Identifier: GPL-2.0-only */
/* Devices, guests' output, the keyboard and its receivers, debug keys. */
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
	type("\1\1\1");
	CHECK(strstr(com1_screen.text, "goes to the hypervisor") !=
		NULL); /* nobody else is there */
	param_parse_line("conswitch=ax");
	console_input_to_guest();
	param_parse_line("conswitch=a");
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

/* --- guests with a serial port --- */

struct port {
	struct console_guest guest;
	char got[64];
	size_t n;
};

static void port_input(struct console_guest *g, char c)
{
	struct port *p = container_of(g, struct port, guest);

	CHECK_EQ(host_pcpu->lock_depth, 0);
	p->got[p->n++ % sizeof(p->got)] = c;
}

static struct domain doms[] = { { .id = 3 }, { .id = 1 }, { .id = 8 } };
static struct port ports[ARRAY_SIZE(doms)];

static void add_port(unsigned int i)
{
	ports[i] = (struct port){ .guest = { .domain = &doms[i], .input = port_input } };
	doms[i].shut_down = false;
	console_guest_add(&ports[i].guest);
}

static bool says(const char *text)
{
	bool found = strstr(com1_screen.text, text) != NULL;

	wipe();
	return found;
}

UNIT_TEST(cycle, "three CTRL-A pass the keyboard on: hypervisor, hardware domain, guests by id")
{
	wipe();
	add_port(0);
	add_port(1);
	add_port(2);
	CHECK_STR(com1_screen.text,
		""); /* a machine with a hardware domain: nothing moves by itself */
	type("\1\1\1");
	CHECK(says("goes to the hardware domain (CTRL-A three"));
	type("\1\1\1");
	CHECK(says("goes to the guest d1 (CTRL-A three"));
	type("a\1\1b\1");
	CHECK_EQ(ports[1].n, 4);
	CHECK(memcmp(ports[1].got, "a\1\1b", 4) == 0);
	type("\1\1");
	CHECK(says("goes to the guest d3"));
	doms[2].shut_down = true;
	type("\1\1\1");
	CHECK(says("goes to the hypervisor"));
	doms[2].shut_down = false;
	type("\1\1\1\1\1\1\1\1\1\1\1\1");
	CHECK(says("goes to the guest d8"));
	type("x");
	CHECK_EQ(ports[2].n, 1);
	CHECK_EQ(ports[0].n, 0);
	CHECK_EQ(ports[1].n, 4);
	CHECK_EQ(virqs, 0);
}

UNIT_TEST(leave, "a guest that stops or ends gives the keyboard back to the hardware domain")
{
	console_guest_stop(&doms[1]);
	CHECK_STR(com1_screen.text, "");
	console_guest_stop(&doms[2]);
	CHECK(says("goes to the hardware domain"));
	type("\1\1\1");
	CHECK(says("goes to the guest d1"));
	console_guest_write(&doms[1], "last wor", 8);
	console_guest_remove(&ports[1].guest);
	CHECK_STR(com1_screen.text, "(d1) last wor\n"
				    "(BH) console input goes to the hardware domain (CTRL-A three "
				    "times switches)\n");
	wipe();
	console_guest_write(&doms[0], "also", 4);
	console_guest_remove(&ports[0].guest);
	CHECK_STR(com1_screen.text, "(d3) also\n");
	wipe();
	console_guest_remove(&ports[2].guest);
	CHECK_STR(com1_screen.text, "");
}

UNIT_TEST(live, "who has the keyboard sees an unfinished line at once, and again after another")
{
	static struct domain other = { .id = 5 };

	add_port(1);
	console_guest_write(&doms[1], "early: ", 7);
	wipe();
	type("\1\1\1");
	CHECK(strstr(com1_screen.text, "switches)\n(d1) early: ") != NULL);
	wipe();
	console_guest_write(&doms[1], "l", 1);
	console_guest_write(&doms[1], "s\b \b", 4);
	CHECK_STR(com1_screen.text, "ls\b \b");
	wipe();
	console_guest_write(&other, "line\n", 5);
	CHECK_STR(com1_screen.text, "\n(d5) line\n");
	wipe();
	console_guest_write(&doms[1], "\033[1mx\r\n", 7);
	CHECK_STR(com1_screen.text, "(d1) early: l\033[1mx\r\n");
	wipe();
	console_guest_write(&doms[1], "$ ", 2);
	log_info("meanwhile");
	CHECK_STR(com1_screen.text, "(d1) $ \n(BH) meanwhile\n");
	wipe();
	console_guest_write(&doms[1], "w", 1);
	type("\1\1\1");
	CHECK(says("(d1) $ w\n(BH) console input goes to the hypervisor"));
	console_guest_write(&doms[1], "ho\n", 3);
	CHECK_STR(com1_screen.text, "(d1) $ who\n");
	type("\1\1\1");
	console_guest_remove(&ports[1].guest);
}

UNIT_TEST(ring, "the ring holds whole clean lines of live guests")
{
	u64 index = log_ring_next();
	char buf[256];
	size_t n;

	add_port(1);
	type("\1\1\1");
	index = log_ring_next();
	console_guest_write(&doms[1], "ab\b\033[31mcd\033[0m", 13);
	log_info("between");
	console_guest_write(&doms[1], "\r\n 10%\r 20%\r\n", 13);
	n = log_ring_read(&index, buf, sizeof(buf) - 1);
	buf[n] = '\0';
	CHECK_STR(buf, "(BH) between\n(d1) acd\n(d1)  20%\n");
	wipe();
	memset(buf, 'z', sizeof(buf));
	console_guest_write(&doms[1], buf, 200);
	CHECK_EQ(com1_screen.n, 200 + 1 + 2 * 5);
	CHECK_EQ(doms[1].console_line.len, 200 - sizeof(doms[1].console_line.text));
	console_guest_remove(&ports[1].guest);
	wipe();
	type("\1\1\1");
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
