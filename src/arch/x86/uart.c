/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * 16550 serial ports at I/O ports (TL16C550 data sheet). Output is polled, so that a message is out
 * when the call returns; input comes by interrupt where the port has one.
 */
#include "arch/x86/uart.h"

#include "arch/x86/asm.h"
#include "arch/x86/irq.h"
#include "core/console.h"
#include "core/log.h"
#include "core/param.h"
#include "core/pcpu.h"
#include "core/time.h"
#include "core/timer.h"
#include "lib/errno.h"
#include "lib/parse.h"
#include "lib/string.h"

#define UART_DATA 0
#define UART_IER 1
#define UART_FCR 2
#define UART_LCR 3
#define UART_MCR 4
#define UART_LSR 5
#define UART_SCR 7
#define LSR_DATA 0x01
#define LSR_THRE 0x20
#define LCR_DLAB 0x80
#define UART_CLOCK 1843200U
#define WAIT_READS 100000

struct uart {
	u16 port;
	u8 irq;
	u8 lcr;
	u32 baud; /* 0: as the firmware left it */
	bool enabled, present;
	struct irq source;
	struct console console;
};

static void com1_write(const char *text, size_t n);
static void com2_write(const char *text, size_t n);
static int com1_getc(void);
static int com2_getc(void);

static struct uart uarts[2] = {
	{ .port = 0x3f8, .irq = 4, .lcr = 3, .console = { "com1", com1_write, com1_getc } },
	{ .port = 0x2f8, .irq = 3, .lcr = 3, .console = { "com2", com2_write, com2_getc } },
};
static struct timer poll_timer;

static void put(struct uart *u, u8 c)
{
	for (unsigned int i = 0; i < WAIT_READS; i++) {
		if (inb(u->port + UART_LSR) & LSR_THRE) {
			outb(u->port + UART_DATA, c);
			return;
		}
		cpu_pause();
	}
}

static void write(struct uart *u, const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (text[i] == '\n') {
			put(u, '\r');
		}
		put(u, (u8)text[i]);
	}
}

static int get(struct uart *u)
{
	return inb(u->port + UART_LSR) & LSR_DATA ? inb(u->port + UART_DATA) : -1;
}

static void com1_write(const char *text, size_t n)
{
	write(&uarts[0], text, n);
}

static void com2_write(const char *text, size_t n)
{
	write(&uarts[1], text, n);
}

static int com1_getc(void)
{
	return get(&uarts[0]);
}

static int com2_getc(void)
{
	return get(&uarts[1]);
}

/* "8n1": data bits, parity, stop bits. */
static int parse_frame(const char *s, u8 *lcr)
{
	static const char parities[] = "noe";
	static const u8 parity_bits[] = { 0, 0x08, 0x18 };
	const char *parity = s[0] ? strchr(parities, s[1]) : NULL;

	if (s[0] < '5' || s[0] > '8' || !s[1] || !parity || (s[2] != '1' && s[2] != '2')) {
		return -EINVAL;
	}
	*lcr = (u8)((s[0] - '5') | (s[2] == '2' ? 4 : 0) | parity_bits[parity - parities]);
	return 0;
}

/* com1=<baud|auto>[,DPS[,io-base[,irq]]], all parts may be left out from the right. */
static int parse_com(struct uart *u, const char *value)
{
	u64 n;
	const char *s = value;

	u->enabled = true;
	if (!s) {
		return 0;
	}
	if (!strncmp(s, "auto", 4)) {
		s += 4;
	} else if (parse_u64(s, &s, 10, &n) || n < 50 || n > UART_CLOCK) {
		return -EINVAL;
	} else {
		u->baud = (u32)n;
	}
	if (*s == ',' && s[1] >= '5' && s[1] <= '8') {
		if (parse_frame(s + 1, &u->lcr)) {
			return -EINVAL;
		}
		s += 4;
	}
	if (*s == ',') {
		if (parse_u64(s + 1, &s, 0, &n) || n == 0 || n > 0xfff8) {
			return -EINVAL;
		}
		u->port = (u16)n;
	}
	if (*s == ',') {
		if (parse_u64(s + 1, &s, 0, &n) || n > 15) {
			return -EINVAL;
		}
		u->irq = (u8)n;
	}
	return *s ? -EINVAL : 0;
}

static int parse_com1(const char *value)
{
	return parse_com(&uarts[0], value);
}
PARAM(com1, "com1", parse_com1);

static int parse_com2(const char *value)
{
	return parse_com(&uarts[1], value);
}
PARAM(com2, "com2", parse_com2);

static void setup(struct uart *u)
{
	outb(u->port + UART_SCR, 0x5a);
	u->present = inb(u->port + UART_SCR) == 0x5a;
	if (!u->present) {
		return;
	}
	outb(u->port + UART_IER, 0);
	if (u->baud) {
		u16 divisor = (u16)(UART_CLOCK / 16 / u->baud);

		outb(u->port + UART_LCR, LCR_DLAB);
		outb(u->port + UART_DATA, (u8)divisor);
		outb(u->port + UART_IER, (u8)(divisor >> 8));
	}
	outb(u->port + UART_LCR, u->lcr);
	outb(u->port + UART_FCR, 0x07); /* FIFOs on and empty */
	outb(u->port + UART_MCR, 0x0b); /* DTR, RTS, OUT2: interrupts reach the controller */
}

void uart_init_early(void)
{
	/* Without com1= the first port is used as the firmware left it. */
	uarts[0].enabled = true;
	for (unsigned int i = 0; i < ARRAY_SIZE(uarts); i++) {
		struct uart *u = &uarts[i];

		if (u->enabled) {
			setup(u);
			if (u->present) {
				console_register(&u->console);
			}
		}
	}
}

bool uart_owns_port(u16 port)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(uarts); i++) {
		if (uarts[i].present && port >= uarts[i].port && port < uarts[i].port + 8) {
			return true;
		}
	}
	return false;
}

bool uart_owns_gsi(u32 gsi)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(uarts); i++) {
		if (uarts[i].source.cpu && uarts[i].source.gsi == gsi) {
			return true;
		}
	}
	return false;
}

static void uart_interrupt(struct irq *irq, void *arg)
{
	console_poll();
}

static void poll(void *arg)
{
	console_poll();
	timer_set(&poll_timer, arch_now_ns() + 50 * NS_PER_MS);
}

void uart_init_irq(void)
{
	bool polled = false;

	for (unsigned int i = 0; i < ARRAY_SIZE(uarts); i++) {
		struct uart *u = &uarts[i];
		bool level, low;
		u32 gsi;

		if (!u->present) {
			continue;
		}
		ioapic_isa_route(u->irq, &gsi, &level, &low);
		if (!u->irq ||
			irq_bind_pin(&u->source, this_pcpu(), uart_interrupt, u, u->console.name) ||
			ioapic_route(&u->source, gsi, level, low)) {
			polled = true;
			continue;
		}
		outb(u->port + UART_IER, 1); /* received data available */
		ioapic_mask(gsi, false);
	}
	if (polled) {
		timer_init(&poll_timer, this_pcpu(), poll, NULL);
		timer_set(&poll_timer, arch_now_ns());
	}
}
