/* SPDX-License-Identifier: GPL-2.0-only */
/* Serial ports as consoles: one driver for each kind, chosen by the device tree (or by com1= on a
 * PC). */
#ifndef DRV_UART_UART_H
#define DRV_UART_UART_H

#include "lib/types.h"

enum uart_kind { UART_NONE, UART_PL011, UART_SBSA, UART_NS16550, UART_CADENCE };

struct uart_desc {
	enum uart_kind kind;
	const char *path; /* of the device-tree node */
	u64 base, size;	  /* physical registers */
	bool ports;	  /* ns16550: base is an I/O port, and nothing is mapped */
	u8 reg_shift;	  /* ns16550: registers are 1 << reg_shift bytes apart */
	u8 reg_width;	  /* ns16550: bytes of an access: 1 or 4; 0 is 1 */
	u8 frame;	  /* 0: 8n1; else UART_FRAME | bits 5:0 of a 16550's LCR */
	u32 clock;	  /* Hz, 0: leave the divisor as the firmware set it */
	u32 baud;	  /* 0: likewise */
	u32 irq;	  /* INTID, 0: none, polled */
	bool irq_edge;
};

#define UART_FRAME 0x80
#define UART_MAX 2 /* ports that can be consoles */

/* The kind that a `compatible` string names. */
enum uart_kind uart_kind_of(const char *compatible);
/* Registers the console `name` (which lives for ever) on the port whose registers are mapped at va
 * (HV_DEVICE). Boot CPU. -EINVAL: no driver, or a speed that its clock does not give; -ENODEV:
 * nothing is there; -ENOSPC. */
int uart_init(const struct uart_desc *desc, void *va, const char *name);
/* The same where the kind is known: architectures without device tree link one driver only. */
struct uart_chip;
extern const struct uart_chip ns16550_chip;
int uart_add(
	const struct uart_desc *desc, const struct uart_chip *chip, void *va, const char *name);

/* The receive interrupt of any port: the caller has routed desc->irq to it. arg is not used. */
void uart_interrupt(void *arg);
/* No interrupt of this console's could be routed: polls it. Before the next. */
void uart_use_polling(const char *name);
/* Input begins: lets the ports raise their interrupt; those that have none are polled by a timer of
 * this CPU. Boot CPU, once, timers work. */
void uart_enable_interrupt(void);

#endif
