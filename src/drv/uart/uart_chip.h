/* SPDX-License-Identifier: GPL-2.0-only */
/* Inside drv/uart: what a driver of one kind of port supplies, and what it sees of a port. */
#ifndef DRV_UART_UART_CHIP_H
#define DRV_UART_UART_CHIP_H

#include "core/console.h"
#include "drv/uart/uart.h"

struct uart {
	struct uart_desc desc;
	const struct uart_chip *chip;
	u8 *va;
	bool stalled; /* the last byte was not taken: it is not waited for any more */
	u32 taken;    /* calls of getc since the interrupt began, as far as they gave a byte */
	bool asked;   /* getc was called at all */
	struct console console;
};

/* All run on any CPU, in any context but NMI, and do not wait but where bounded. */
struct uart_chip {
	/* Interrupts off, transmitter and receiver on, speed and frame if the description says so.
	 * -EINVAL: the clock does not give that speed. -ENODEV. */
	int (*setup)(struct uart *u);
	bool (*can_send)(const struct uart *u);
	void (*send)(const struct uart *u, u8 c); /* can_send() said true */
	int (*receive)(const struct uart *u);	  /* a byte, or -1 */
	/* The receive interrupt is on; its cause goes by itself when everything is read. */
	void (*enable_interrupt)(const struct uart *u);
	void (*ack)(const struct uart *u); /* clears what does not; may be NULL */
};

extern const struct uart_chip pl011_chip, sbsa_chip, cadence_chip;

#endif
