/* SPDX-License-Identifier: GPL-2.0-only */
/* Serial ports: each driver on a model of its registers, and what is common to all. */
#include <string.h>

#include "arch/host/host.h"
#include "arch/host/io.h"
#include "core/console.h"
#include "core/param.h"
#include "core/time.h"
#include "drv/uart/uart_chip.h"
#include "lib/errno.h"
#include "unit/harness.h"

/* --- a port as all models have it --- */

#define FIFO 16

static struct {
	char out[8192];
	size_t out_n;
	const char *in; /* what the other side sends */
	u32 busy;	/* looks until there is room again; ~0: never */
	u32 looks;	/* at whether there is room */
	bool endless;	/* a sender that never ends */
} wire;

static void wipe(void)
{
	wire.out_n = 0;
	wire.out[0] = '\0';
	wire.in = "";
	wire.busy = wire.looks = 0;
	wire.endless = false;
}

static void sent(u8 c)
{
	if (wire.out_n < sizeof(wire.out) - 1) {
		wire.out[wire.out_n++] = (char)c;
		wire.out[wire.out_n] = '\0';
	}
}

static bool room(void)
{
	wire.looks++;
	if (wire.busy != 0 && wire.busy != ~0U) {
		wire.busy--;
	}
	return wire.busy == 0;
}

static bool arrived(void)
{
	return wire.endless || *wire.in != '\0';
}

static u8 received(void)
{
	return wire.endless ? 'x' : *wire.in ? (u8)*wire.in++ : 0;
}

/* --- what was typed: keys of the hypervisor --- */

static char typed[4096];
static size_t typed_n;

#define KEY(c, name)                                    \
	static void key_##name(void)                    \
	{                                               \
		typed[typed_n++ % sizeof(typed)] = (c); \
	}
KEY('A', a)
KEY('B', b)
KEY('x', x)

static bool was_typed(const char *text)
{
	bool same = typed_n == strlen(text) && memcmp(typed, text, typed_n) == 0;

	typed_n = 0;
	return same;
}

/* --- PL011 --- */

static u32 pl[0x1000 / 4];
static u32 pl_error;	   /* bits 11:8 of the next byte read */
static bool pl_wrong_time; /* the line's settings changed while it was on */

static bool pl_read(u32 reg, u64 *value)
{
	switch (reg) {
	case 0x00:
		*value = received() | pl_error;
		pl_error = 0;
		return true;
	case 0x18:
		*value = (room() ? 0 : 1U << 5) | (arrived() ? 0 : 1U << 4);
		return true;
	default:
		*value = pl[reg / 4];
		return true;
	}
}

static bool pl_write(u32 reg, u64 value)
{
	if (reg == 0) {
		CHECK(pl[0x30 / 4] & 1);
		sent((u8)value);
	}
	if ((reg == 0x24 || reg == 0x28 || reg == 0x2c) && (pl[0x30 / 4] & 1)) {
		pl_wrong_time = true;
	}
	pl[reg / 4] = (u32)value;
	return true;
}

/* --- 16550, in memory and at ports --- */

static struct {
	u8 regs[32];
	u16 divisor;
	unsigned int shift, width;
	bool absent, busy_interrupt;
	bool wrote_lcr;
} ns;

static u8 ns_read(unsigned int reg)
{
	if (ns.absent) {
		return 0xff;
	}
	switch (reg) {
	case 0:
		return ns.regs[3] & 0x80 ? (u8)ns.divisor : received();
	case 2:
		return ns.busy_interrupt ? 0xc7 : 0xc1;
	case 5:
		return (u8)((room() ? 0x60 : 0) | (arrived() ? 1 : 0));
	case 31:
		ns.busy_interrupt = false;
		return 0;
	default:
		return ns.regs[reg];
	}
}

static void ns_write(unsigned int reg, u8 value)
{
	bool dlab = ns.regs[3] & 0x80;

	if (reg == 0 && !dlab) {
		sent(value);
	} else if (reg == 0) {
		ns.divisor = (ns.divisor & 0xff00) | value;
	} else if (reg == 1 && dlab) {
		ns.divisor = (u16)((ns.divisor & 0xff) | value << 8);
	} else {
		ns.wrote_lcr |= reg == 3;
		ns.regs[reg] = value;
	}
}

static u32 port_in(u16 port, unsigned int size)
{
	CHECK_EQ(size, 1);
	CHECK(port >= 0x3f8 && port < 0x400);
	return ns_read(port - 0x3f8U);
}

static void port_out(u16 port, unsigned int size, u32 value)
{
	CHECK_EQ(size, 1);
	CHECK(port >= 0x3f8 && port < 0x400);
	ns_write(port - 0x3f8U, (u8)value);
}

/* --- Cadence --- */

static u32 cd[0x100 / 4];
static bool cd_on(void)
{
	return (cd[0] & 0x3c) == 0x14;
}

static bool cd_read(u32 reg, u64 *value)
{
	switch (reg) {
	case 0x2c:
		*value = (room() ? 1U << 3 : 1U << 4) | (arrived() ? 0 : 1U << 1);
		return true;
	case 0x30:
		*value = received();
		return true;
	default:
		*value = cd[reg / 4];
		return true;
	}
}

static bool cd_write(u32 reg, u64 value)
{
	switch (reg) {
	case 0x08:
		cd[0x10 / 4] |= (u32)value;
		return true;
	case 0x0c:
		cd[0x10 / 4] &= ~(u32)value;
		return true;
	case 0x14:
		cd[reg / 4] &= ~(u32)value;
		return true;
	case 0x30:
		CHECK(cd_on());
		sent((u8)value);
		return true;
	default:
		CHECK(reg == 0 || reg == 0x20 || reg == 0x1c || !cd_on());
		cd[reg / 4] = (u32)value;
		return true;
	}
}

/* --- the machine --- */

static u8 pl_window[0x1000] __aligned(8), ns_window[0x100] __aligned(8),
	cd_window[0x100] __aligned(8);

static bool inside(const volatile void *reg, const u8 *window, size_t size, u32 *offset)
{
	*offset = (u32)((uintptr_t)reg - (uintptr_t)window);
	return (uintptr_t)reg >= (uintptr_t)window && *offset < size;
}

static bool model_read(const volatile void *reg, unsigned int size, u64 *value)
{
	u32 at;

	if (inside(reg, pl_window, sizeof(pl_window), &at)) {
		CHECK_EQ(size, 4);
		return pl_read(at, value);
	}
	if (inside(reg, cd_window, sizeof(cd_window), &at)) {
		CHECK_EQ(size, 4);
		return cd_read(at, value);
	}
	if (inside(reg, ns_window, sizeof(ns_window), &at)) {
		CHECK_EQ(size, ns.width);
		CHECK_EQ(at % (1U << ns.shift), 0);
		*value = ns_read(at >> ns.shift);
		return true;
	}
	return false;
}

static bool model_write(volatile void *reg, unsigned int size, u64 value)
{
	u32 at;

	if (inside(reg, pl_window, sizeof(pl_window), &at)) {
		CHECK_EQ(size, 4);
		return pl_write(at, value);
	}
	if (inside(reg, cd_window, sizeof(cd_window), &at)) {
		CHECK_EQ(size, 4);
		return cd_write(at, value);
	}
	if (inside(reg, ns_window, sizeof(ns_window), &at)) {
		CHECK_EQ(size, ns.width);
		ns_write(at >> ns.shift, (u8)value);
		return true;
	}
	return false;
}

__attribute__((constructor)) static void setup(void)
{
	host_io = (struct host_io){ .in = port_in, .out = port_out };
	host_io.mmio_read = model_read;
	host_io.mmio_write = model_write;
	host_cpus_init(1);
	console_key_register('A', "test", key_a);
	console_key_register('B', "test", key_b);
	console_key_register('x', "test", key_x);
	wipe();
}

/* A port that is not registered as a console. */
static struct uart port(const struct uart_chip *chip, void *va)
{
	return (struct uart){ .chip = chip, .va = va };
}

static void check_data(const struct uart *u)
{
	wipe();
	CHECK(u->chip->can_send(u));
	u->chip->send(u, 'q');
	CHECK_STR(wire.out, "q");
	wire.busy = ~0U;
	CHECK(!u->chip->can_send(u));
	CHECK_EQ(u->chip->receive(u), (u64)-1);
	wire.in = "m\xff";
	CHECK_EQ(u->chip->receive(u), 'm');
	CHECK_EQ(u->chip->receive(u), 0xff);
	CHECK_EQ(u->chip->receive(u), (u64)-1);
	wipe();
}

UNIT_TEST(names, "the device tree's names find their drivers")
{
	struct uart_desc none = { .kind = UART_NONE }, wild = { .kind = (enum uart_kind)77 };

	CHECK_EQ(uart_kind_of("arm,pl011"), UART_PL011);
	CHECK_EQ(uart_kind_of("arm,sbsa-uart"), UART_SBSA);
	CHECK_EQ(uart_kind_of("ns16550a"), UART_NS16550);
	CHECK_EQ(uart_kind_of("snps,dw-apb-uart"), UART_NS16550);
	CHECK_EQ(uart_kind_of("xlnx,xuartps"), UART_CADENCE);
	CHECK_EQ(uart_kind_of("cdns,uart-r1p12"), UART_CADENCE);
	CHECK_EQ(uart_kind_of("arm,pl01"), UART_NONE);
	CHECK_EQ(uart_kind_of(""), UART_NONE);
	CHECK_EQ(uart_init(&none, pl_window, "dtuart"), (u64)-EINVAL);
	CHECK_EQ(uart_init(&wild, pl_window, "dtuart"), (u64)-EINVAL);
}

UNIT_TEST(pl011, "PL011: speed only where asked for, and only while it is off")
{
	struct uart u = port(&pl011_chip, pl_window);

	pl[0x30 / 4] = 0xc301; /* RTS and DTR stay */
	pl[0x2c / 4] = 0x70;
	pl[0x24 / 4] = 13;
	pl[0x28 / 4] = 1;
	pl[0x38 / 4] = 0x7ff;
	CHECK_EQ(pl011_chip.setup(&u), 0);
	CHECK_EQ(pl[0x24 / 4], 13);
	CHECK_EQ(pl[0x28 / 4], 1);
	CHECK_EQ(pl[0x30 / 4], 0xc301);
	CHECK_EQ(pl[0x38 / 4], 0);
	CHECK_EQ(pl[0x44 / 4], 0x7ff);
	u.desc = (struct uart_desc){ .clock = 24000000, .baud = 115200 };
	u.desc.frame = UART_FRAME | 0x1a; /* 7e1 */
	CHECK_EQ(pl011_chip.setup(&u), 0);
	CHECK_EQ(pl[0x24 / 4], 13); /* 24 MHz / (16 * 115200) = 13 + 1.33 / 64 */
	CHECK_EQ(pl[0x28 / 4], 1);
	CHECK_EQ(pl[0x2c / 4], 0x56);
	CHECK_EQ(pl[0x30 / 4], 0xc301);
	u.desc = (struct uart_desc){ .clock = 48000000, .baud = 38400 };
	CHECK_EQ(pl011_chip.setup(&u), 0);
	CHECK_EQ(pl[0x24 / 4], 78);
	CHECK_EQ(pl[0x28 / 4], 8);
	CHECK_EQ(pl[0x2c / 4], 0x70);
	u.desc.baud = 4000000;
	CHECK_EQ(pl011_chip.setup(&u), (u64)-EINVAL);
	CHECK(!pl_wrong_time);
	check_data(&u);
	wire.in = "?m";
	pl_error = 0x400;
	CHECK_EQ(u.chip->receive(&u), 'm'); /* a break is no byte */
	pl_error = 0x800;
	wire.in = "n";
	CHECK_EQ(u.chip->receive(&u), 'n'); /* an overrun is no reason to lose one more */
	u.chip->enable_interrupt(&u);
	CHECK_EQ(pl[0x38 / 4], 0x50);
}

UNIT_TEST(sbsa, "SBSA: nothing but interrupts and data is touched")
{
	struct uart u = port(&sbsa_chip, pl_window);

	memset(pl, 0, sizeof(pl));
	pl[0x30 / 4] = 1;
	u.desc = (struct uart_desc){ .clock = 24000000, .baud = 9600 };
	CHECK_EQ(sbsa_chip.setup(&u), 0);
	CHECK_EQ(pl[0x24 / 4] | pl[0x28 / 4] | pl[0x2c / 4], 0);
	CHECK_EQ(pl[0x30 / 4], 1);
	check_data(&u);
	u.chip->enable_interrupt(&u);
	CHECK_EQ(pl[0x38 / 4], 0x50);
}

static void ns_begin(unsigned int shift, unsigned int width)
{
	memset(&ns, 0, sizeof(ns));
	ns.shift = shift;
	ns.width = width;
}

UNIT_TEST(ns16550, "16550 in memory: spacing, width, divisor where asked for")
{
	struct uart u = port(&ns16550_chip, ns_window);

	ns_begin(2, 4);
	ns.regs[3] = 0x03;
	u.desc = (struct uart_desc){ .reg_shift = 2, .reg_width = 4, .size = 0x100 };
	CHECK_EQ(u.chip->setup(&u), 0);
	CHECK_EQ(ns.divisor, 0);
	CHECK(!ns.wrote_lcr);
	CHECK_EQ(ns.regs[1], 0);
	CHECK_EQ(ns.regs[2], 7);
	check_data(&u);
	u.chip->enable_interrupt(&u);
	CHECK_EQ(ns.regs[1], 1);
	ns.busy_interrupt = true;
	u.chip->ack(&u);
	CHECK(!ns.busy_interrupt);

	ns_begin(0, 1);
	ns.regs[3] = 0x83; /* the firmware left the divisor open */
	u.desc = (struct uart_desc){ .clock = 24000000, .baud = 115200, .size = 8 };
	CHECK_EQ(u.chip->setup(&u), 0);
	CHECK_EQ(ns.divisor, 13);
	CHECK_EQ(ns.regs[3], 3);
	check_data(&u);
	u.chip->ack(&u);	 /* a plain one has no register 31 */
	u.desc.clock = 20000000; /* 10.85: the nearest */
	CHECK_EQ(u.chip->setup(&u), 0);
	CHECK_EQ(ns.divisor, 11);
	u.desc.baud = 24000000;
	CHECK_EQ(u.chip->setup(&u), (u64)-EINVAL);
}

UNIT_TEST(ports, "16550 at ports: looks whether it is there")
{
	struct uart u = port(&ns16550_chip, NULL);

	ns_begin(0, 1);
	u.desc = (struct uart_desc){ .ports = true, .base = 0x3f8, .size = 8 };
	u.desc.clock = 1843200;
	u.desc.baud = 9600;
	u.desc.frame = UART_FRAME | 0x0e; /* 7o2 */
	CHECK_EQ(u.chip->setup(&u), 0);
	CHECK_EQ(ns.divisor, 12);
	CHECK_EQ(ns.regs[3], 0x0e);
	CHECK_EQ(ns.regs[4], 0x0b);
	check_data(&u);
	u.chip->ack(&u);
	ns.absent = true;
	CHECK_EQ(u.chip->setup(&u), (u64)-ENODEV);
}

UNIT_TEST(cadence, "Cadence: mode and speed while it is off, nearest divisors")
{
	struct uart u = port(&cadence_chip, cd_window);

	cd[0] = 0x14;
	cd[0x04 / 4] = 0x01;
	cd[0x10 / 4] = 0x3fff;
	cd[0x18 / 4] = 77;
	CHECK_EQ(u.chip->setup(&u), 0);
	CHECK_EQ(cd[0x18 / 4], 77);
	CHECK_EQ(cd[0x04 / 4], 0x21);
	CHECK_EQ(cd[0x10 / 4], 0);
	CHECK(cd_on());
	check_data(&u);
	u.desc = (struct uart_desc){ .clock = 100000000, .baud = 115200 };
	CHECK_EQ(u.chip->setup(&u), 0);
	CHECK(cd[0x34 / 4] >= 4);
	CHECK_EQ(100000000 / (cd[0x18 / 4] * (cd[0x34 / 4] + 1)), 115207);
	u.desc.baud = 1;
	u.desc.clock = 0xffffffff;
	CHECK_EQ(u.chip->setup(&u), (u64)-EINVAL);
	u.desc.baud = 0xffffffff;
	CHECK_EQ(u.chip->setup(&u), (u64)-EINVAL);
	u.desc = (struct uart_desc){ .frame = UART_FRAME | 0x0a }; /* 7o1 */
	CHECK_EQ(u.chip->setup(&u), 0);
	CHECK_EQ(cd[0x04 / 4], 0x0d);
	u.desc.frame = UART_FRAME; /* 5n1 */
	CHECK_EQ(u.chip->setup(&u), (u64)-EINVAL);
	cd[0x14 / 4] = 0x101;
	u.chip->ack(&u);
	CHECK_EQ(cd[0x14 / 4], 0);
	u.chip->enable_interrupt(&u);
	CHECK_EQ(cd[0x10 / 4], 0x101);
}

/* --- the console --- */

UNIT_TEST(console, "lines end in CR LF; a port that takes nothing holds nobody up")
{
	struct uart_desc desc = { .kind = UART_PL011, .irq = 33 };

	param_parse_line("console=dtuart");
	pl[0x30 / 4] = 0;
	CHECK_EQ(uart_init(&desc, pl_window, "dtuart"), 0);
	wipe();
	console_output("a\nb\n", 4, true);
	CHECK_STR(wire.out, "a\r\nb\r\n");
	wipe();
	wire.busy = 50;
	console_output("slow", 4, true);
	CHECK_STR(wire.out, "slow");
	wipe();
	wire.busy = ~0U;
	console_output("dead\n", 5, true);
	CHECK(wire.looks < 200000);
	wire.looks = 0;
	console_output("dead\n", 5, true);
	CHECK_EQ(wire.looks, 6);
	wire.busy = 0;
	console_output("alive\n", 6, true);
	CHECK_STR(wire.out, "alive\r\n");
}

UNIT_TEST(interrupt, "the interrupt reads until nothing is left, and a flood does not hold the CPU")
{
	char many[513];

	uart_enable_interrupt();
	CHECK_EQ(pl[0x38 / 4], 0x50);
	CHECK_EQ(host_timer_ns[0], ~0ULL); /* nothing is polled */
	wipe();
	wire.in = "AB";
	uart_interrupt(NULL);
	CHECK(was_typed("AB"));
	memset(many, 'A', 512);
	many[512] = '\0';
	wire.in = many;
	uart_interrupt(NULL);
	CHECK(was_typed(many));
	wipe();
	wire.endless = true;
	uart_interrupt(NULL);
	CHECK(typed_n >= 1000);
	typed_n = 0;
	wire.endless = false;
	wire.in = "B";
	host_now_ns += 100 * NS_PER_MS; /* it is looked at again */
	timer_run(host_pcpu);
	CHECK(was_typed("B"));
	param_parse_line("console=none");
	wire.in = "AAA";
	uart_interrupt(NULL);
	CHECK(was_typed(""));
	CHECK(!arrived()); /* or the interrupt would never end */
	param_parse_line("console=dtuart");
}

UNIT_TEST(polling, "a port without an interrupt is polled; there is room for two")
{
	struct uart_desc desc = { .ports = true, .base = 0x3f8, .size = 8, .irq = 4 };

	ns_begin(0, 1);
	ns.absent = true;
	CHECK_EQ(uart_add(&desc, &ns16550_chip, NULL, "com1"), (u64)-ENODEV);
	ns.absent = false;
	CHECK_EQ(uart_add(&desc, &ns16550_chip, NULL, "com1"), 0);
	CHECK_EQ(uart_add(&desc, &ns16550_chip, NULL, "com2"), (u64)-ENOSPC);
	param_parse_line("console=com1");
	uart_use_polling("com1");
	uart_enable_interrupt();
	CHECK_EQ(ns.regs[1], 0);
	wipe();
	timer_run(host_pcpu);
	wire.in = "BA";
	host_now_ns += 20 * NS_PER_MS;
	timer_run(host_pcpu);
	CHECK(was_typed(""));
	for (unsigned int i = 0; i < 3; i++) {
		host_now_ns += 50 * NS_PER_MS;
		timer_run(host_pcpu);
		CHECK(was_typed(i == 0 ? "BA" : "B"));
		wire.in = "B";
	}
	console_output("x\n", 2, true);
	CHECK_STR(wire.out, "x\r\n");
}
