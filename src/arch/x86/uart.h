/* SPDX-License-Identifier: GPL-2.0-only */
/* The PC's serial ports and text screen as consoles. */
#ifndef ARCH_X86_UART_H
#define ARCH_X86_UART_H

#include "lib/types.h"

/* com1= and com2=; registers the consoles. Boot CPU; before anything else that prints. */
void uart_init_early(void);
/* Routes the receive interrupt, or polls where there is none. After ioapic_init(). */
void uart_init_irq(void);
/* The ports the hypervisor keeps for itself: dom0 is not given them. */
bool uart_owns_port(u16 port);
bool uart_owns_gsi(u32 gsi);
/* A text screen at 0xb8000, if the machine has one; needs vmap(). */
void vga_init(void);
/* Dom0 is about to use the screen: nothing more is written there, unless vga=keep. */
void vga_leave(void);

#endif
