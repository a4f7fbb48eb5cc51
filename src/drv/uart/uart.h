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
	u8 reg_shift;	  /* ns16550: registers are 1 << reg_shift bytes apart */
	u8 reg_width;	  /* bytes of an access: 1 or 4 */
	u32 clock;	  /* Hz, 0: leave the divisor as the firmware set it */
	u32 baud;	  /* 0: likewise */
	u32 irq;	  /* INTID, 0: none, polled */
	bool irq_edge;
};

/* The kind that a `compatible` string names. */
enum uart_kind uart_kind_of(const char *compatible);
/* Registers the console `name` on the port whose registers are mapped at va (HV_DEVICE). Boot CPU.
 */
int uart_init(const struct uart_desc *desc, void *va, const char *name);
/* The receive interrupt: the caller has routed desc->irq to it. */
void uart_interrupt(void *arg);
/* Lets the port raise it. */
void uart_enable_interrupt(void);

#endif
