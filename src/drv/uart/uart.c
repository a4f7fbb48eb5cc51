/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Ports as consoles. Output is polled, so that a message is out when the call returns, and waits
 * for no port for ever; input comes by interrupt where the port has one, else by a timer. Knows no
 * register.
 */
#include "drv/uart/uart.h"

#include "arch/contract/cpu.h"
#include "core/pcpu.h"
#include "core/time.h"
#include "core/timer.h"
#include "drv/uart/uart_chip.h"
#include "lib/errno.h"
#include "lib/string.h"

#define UART_WAIT_READS 100000 /* far more than a byte takes at the lowest speed in use */
#define UART_POLL_NS (50 * NS_PER_MS)
#define UART_ROUNDS 64 /* of console_poll() in one interrupt */
#define UART_DISCARD 256

static struct uart uarts[UART_MAX];
static unsigned int uart_count;
static struct timer uart_timer;
static bool uart_polled;

/* --- output --- */

/* A port that does not take a byte gets one look for each further byte until it does. */
static void uart_put(struct uart *u, u8 c)
{
	unsigned int reads = u->stalled ? 1 : UART_WAIT_READS;

	for (unsigned int i = 0; i < reads; i++) {
		if (u->chip->can_send(u)) {
			u->chip->send(u, c);
			u->stalled = false;
			return;
		}
		arch_cpu_relax();
	}
	u->stalled = true;
}

static void uart_write(struct uart *u, const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (text[i] == '\n') {
			uart_put(u, '\r');
		}
		uart_put(u, (u8)text[i]);
	}
}

static int uart_getc(struct uart *u)
{
	int byte = u->chip->receive(u);

	u->asked = true;
	u->taken += byte >= 0;
	return byte;
}

/* A console's hooks do not say whose they are: a pair for each port. */
static void uart_write_first(const char *text, size_t n)
{
	uart_write(&uarts[0], text, n);
}

static void uart_write_second(const char *text, size_t n)
{
	uart_write(&uarts[1], text, n);
}

static int uart_getc_first(void)
{
	return uart_getc(&uarts[0]);
}

static int uart_getc_second(void)
{
	return uart_getc(&uarts[1]);
}

static const struct console uart_hooks[UART_MAX] = {
	{ .write = uart_write_first, .getc = uart_getc_first },
	{ .write = uart_write_second, .getc = uart_getc_second },
};

/* --- ports --- */

int uart_add(const struct uart_desc *desc, const struct uart_chip *chip, void *va, const char *name)
{
	struct uart *u = &uarts[uart_count];
	int rc;

	if (uart_count == UART_MAX) {
		return -ENOSPC;
	}
	*u = (struct uart){ .desc = *desc, .chip = chip, .va = va };
	rc = chip->setup(u);
	if (rc != 0) {
		return rc;
	}
	u->console = uart_hooks[uart_count];
	u->console.name = name;
	uart_count++;
	return console_register(&u->console);
}

/* --- input --- */

static void uart_ack(void)
{
	for (unsigned int i = 0; i < uart_count; i++) {
		uarts[i].asked = false;
		uarts[i].taken = 0;
		if (uarts[i].chip->ack) {
			uarts[i].chip->ack(&uarts[i]);
		}
	}
}

/* Where console= leaves a port out, nobody reads it, and its interrupt would never end. */
static void uart_discard(struct uart *u)
{
	for (unsigned int i = 0; i < UART_DISCARD && u->chip->receive(u) >= 0; i++) {
	}
}

/* True if there may be more. */
static bool uart_take_input(void)
{
	bool more = false;

	uart_ack();
	console_poll();
	for (unsigned int i = 0; i < uart_count; i++) {
		more |= uarts[i].taken != 0;
		if (!uarts[i].asked) {
			uart_discard(&uarts[i]);
		}
	}
	return more;
}

/* An edge comes only once everything has been read; so this reads on until nothing is left, and if
 * that does not end, looks again later. */
void uart_interrupt(void *arg)
{
	unsigned int i = 0;

	while (i < UART_ROUNDS && uart_take_input()) {
		i++;
	}
	if (uart_polled || i == UART_ROUNDS) {
		timer_set(&uart_timer, arch_now_ns() + UART_POLL_NS);
	}
}

void uart_use_polling(const char *name)
{
	for (unsigned int i = 0; i < uart_count; i++) {
		if (strcmp(uarts[i].console.name, name) == 0) {
			uarts[i].desc.irq = 0;
		}
	}
}

void uart_enable_interrupt(void)
{
	timer_init(&uart_timer, this_pcpu(), uart_interrupt, NULL);
	for (unsigned int i = 0; i < uart_count; i++) {
		if (uarts[i].desc.irq != 0) {
			uarts[i].chip->enable_interrupt(&uarts[i]);
		} else {
			uart_polled = true;
		}
	}
	if (uart_polled) {
		timer_set(&uart_timer, arch_now_ns());
	}
}
