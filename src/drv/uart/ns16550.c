/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * 16550 and its relatives (TL16C550 data sheet), at I/O ports or in memory. Touches the registers
 * of one port and nothing else.
 */
#include "arch/contract/io.h"
#include "drv/uart/uart_chip.h"
#include "lib/errno.h"

#define REG_DATA 0
#define REG_IER 1
#define REG_IIR 2 /* read */
#define REG_FCR 2 /* write */
#define REG_LCR 3
#define REG_MCR 4
#define REG_LSR 5
#define REG_SCR 7
#define REG_USR 31 /* DesignWare: status; reading it ends the busy interrupt */

#define IER_RECEIVED 0x01
#define IIR_ID 0x0f
#define IIR_BUSY 0x07  /* DesignWare: LCR was written while a byte was under way */
#define FCR_CLEAN 0x07 /* FIFOs on and empty */
#define LCR_FRAME 0x3f /* data bits, stop bits, parity */
#define LCR_8N1 0x03
#define LCR_DLAB 0x80
#define MCR_ON 0x0b /* DTR, RTS, OUT2: interrupts reach the controller of a PC */
#define LSR_DATA 0x01
#define LSR_THRE 0x20

static u8 ns16550_read(const struct uart *u, unsigned int reg)
{
	u64 offset = (u64)reg << u->desc.reg_shift;

	if (u->desc.ports) {
		return arch_in8((u16)(u->desc.base + offset));
	}
	return u->desc.reg_width == 4 ? (u8)arch_mmio_read32(u->va + offset)
				      : arch_mmio_read8(u->va + offset);
}

static void ns16550_write(const struct uart *u, unsigned int reg, u8 value)
{
	u64 offset = (u64)reg << u->desc.reg_shift;

	if (u->desc.ports) {
		arch_out8((u16)(u->desc.base + offset), value);
	} else if (u->desc.reg_width == 4) {
		arch_mmio_write32(u->va + offset, value);
	} else {
		arch_mmio_write8(u->va + offset, value);
	}
}

/* Nothing says that a PC has the port. In memory, firmware does, and the register may not exist. */
static bool ns16550_is_there(const struct uart *u)
{
	if (!u->desc.ports) {
		return true;
	}
	ns16550_write(u, REG_SCR, 0x5a);
	return ns16550_read(u, REG_SCR) == 0x5a;
}

/* 0: as it is. */
static int ns16550_divisor(const struct uart_desc *desc, u32 *divisor)
{
	*divisor = 0;
	if (desc->baud != 0 && desc->clock != 0) {
		*divisor = (u32)(((u64)desc->clock + 8ULL * desc->baud) / (16ULL * desc->baud));
		return *divisor == 0 || *divisor > 0xffff ? -EINVAL : 0;
	}
	return 0;
}

static int ns16550_setup(struct uart *u)
{
	u8 lcr = u->desc.frame != 0 ? u->desc.frame & LCR_FRAME : LCR_8N1;
	u32 divisor;
	int rc = ns16550_divisor(&u->desc, &divisor);

	if (rc != 0) {
		return rc;
	}
	if (!ns16550_is_there(u)) {
		return -ENODEV;
	}
	if (ns16550_read(u, REG_LCR) & LCR_DLAB) {
		ns16550_write(u, REG_LCR, lcr);
	}
	ns16550_write(u, REG_IER, 0);
	if (divisor != 0) {
		ns16550_write(u, REG_LCR, LCR_DLAB);
		ns16550_write(u, REG_DATA, (u8)divisor);
		ns16550_write(u, REG_IER, (u8)(divisor >> 8));
	}
	if (ns16550_read(u, REG_LCR) != lcr) {
		ns16550_write(u, REG_LCR, lcr);
	}
	ns16550_write(u, REG_FCR, FCR_CLEAN);
	ns16550_write(u, REG_MCR, MCR_ON);
	return 0;
}

static bool ns16550_can_send(const struct uart *u)
{
	return ns16550_read(u, REG_LSR) & LSR_THRE;
}

static void ns16550_send(const struct uart *u, u8 c)
{
	ns16550_write(u, REG_DATA, c);
}

static int ns16550_receive(const struct uart *u)
{
	return ns16550_read(u, REG_LSR) & LSR_DATA ? ns16550_read(u, REG_DATA) : -1;
}

static void ns16550_enable_interrupt(const struct uart *u)
{
	ns16550_write(u, REG_IER, IER_RECEIVED);
}

static void ns16550_ack(const struct uart *u)
{
	u64 end = ((u64)REG_USR + 1) << u->desc.reg_shift;

	if (!u->desc.ports && end <= u->desc.size &&
		(ns16550_read(u, REG_IIR) & IIR_ID) == IIR_BUSY) {
		ns16550_read(u, REG_USR);
	}
}

const struct uart_chip ns16550_chip = {
	.setup = ns16550_setup,
	.can_send = ns16550_can_send,
	.send = ns16550_send,
	.receive = ns16550_receive,
	.enable_interrupt = ns16550_enable_interrupt,
	.ack = ns16550_ack,
};
