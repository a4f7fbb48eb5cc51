/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is a PC's about serial ports: com1= and com2=, their I/O ports and ISA interrupts. The chip
 * itself is drv/uart's.
 */
#include "arch/x86/uart.h"

#include "arch/x86/irq.h"
#include "core/param.h"
#include "core/pcpu.h"
#include "drv/uart/uart.h"
#include "lib/errno.h"
#include "lib/parse.h"
#include "lib/string.h"

#define PC_CLOCK 1843200U
#define PC_PORTS 8 /* I/O ports that a serial port takes */

struct pc_uart {
	const char *name;
	struct uart_desc desc;
	bool enabled, present;
	struct irq source;
};

static struct pc_uart uarts[UART_MAX] = {
	{ .name = "com1", .desc = { .base = 0x3f8, .irq = 4 } },
	{ .name = "com2", .desc = { .base = 0x2f8, .irq = 3 } },
};

/* "8n1": data bits, parity, stop bits. */
static int parse_frame(const char *s, u8 *frame)
{
	static const char parities[] = "noe";
	static const u8 parity_bits[] = { 0, 0x08, 0x18 };
	const char *parity = s[0] ? strchr(parities, s[1]) : NULL;

	if (s[0] < '5' || s[0] > '8' || !s[1] || !parity || (s[2] != '1' && s[2] != '2')) {
		return -EINVAL;
	}
	*frame = (u8)(UART_FRAME | (s[0] - '5') | (s[2] == '2' ? 4 : 0) |
		      parity_bits[parity - parities]);
	return 0;
}

/* com1=<baud|auto>[,DPS[,io-base[,irq]]], all parts may be left out from the right. */
static int parse_com(struct pc_uart *u, const char *value)
{
	u64 n;
	const char *s = value;

	u->enabled = true;
	if (!s) {
		return 0;
	}
	if (!strncmp(s, "auto", 4)) {
		s += 4;
	} else if (parse_u64(s, &s, 10, &n) || n < 50 || n > PC_CLOCK / 16) {
		return -EINVAL;
	} else {
		u->desc.baud = (u32)n;
	}
	if (*s == ',' && s[1] >= '5' && s[1] <= '8') {
		if (parse_frame(s + 1, &u->desc.frame)) {
			return -EINVAL;
		}
		s += 4;
	}
	if (*s == ',') {
		if (parse_u64(s + 1, &s, 0, &n) || n == 0 || n > 0x10000 - PC_PORTS) {
			return -EINVAL;
		}
		u->desc.base = n;
	}
	if (*s == ',') {
		if (parse_u64(s + 1, &s, 0, &n) || n > 15) {
			return -EINVAL;
		}
		u->desc.irq = (u32)n;
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

void uart_init_early(void)
{
	/* Without com1= the first port is used as the firmware left it. */
	uarts[0].enabled = true;
	for (unsigned int i = 0; i < ARRAY_SIZE(uarts); i++) {
		struct pc_uart *u = &uarts[i];

		if (u->enabled) {
			u->desc.kind = UART_NS16550;
			u->desc.ports = true;
			u->desc.size = PC_PORTS;
			u->desc.clock = PC_CLOCK;
			u->desc.irq_edge = true;
			u->present = uart_add(&u->desc, &ns16550_chip, NULL, u->name) == 0;
		}
	}
}

bool uart_owns_port(u16 port)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(uarts); i++) {
		const struct uart_desc *desc = &uarts[i].desc;

		if (uarts[i].present && port >= desc->base && port < desc->base + desc->size) {
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

static void uart_pin_interrupt(struct irq *irq, void *arg)
{
	uart_interrupt(arg);
}

/* False: it has no interrupt. */
static bool uart_route(struct pc_uart *u)
{
	bool level, low;
	u32 gsi;

	ioapic_isa_route((u8)u->desc.irq, &gsi, &level, &low);
	if (u->desc.irq == 0 ||
		irq_bind_pin(&u->source, this_pcpu(), uart_pin_interrupt, NULL, u->name) ||
		ioapic_route(&u->source, gsi, level, low)) {
		return false;
	}
	ioapic_mask(gsi, false);
	return true;
}

void uart_init_irq(void)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(uarts); i++) {
		if (uarts[i].present && !uart_route(&uarts[i])) {
			uart_use_polling(uarts[i].name);
		}
	}
	uart_enable_interrupt();
}
