/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * PL011 (ARM DDI 0183, chapter 3), and the part of it that the Server Base System Architecture
 * (DEN 0029, appendix on the generic UART) leaves to software: data, flags and interrupts. Touches
 * the registers of one port and nothing else.
 */
#include "arch/contract/cpu.h"
#include "arch/contract/io.h"
#include "drv/uart/uart_chip.h"
#include "lib/errno.h"

#define REG_DR 0x00
#define REG_FR 0x18
#define REG_IBRD 0x24
#define REG_FBRD 0x28
#define REG_LCR_H 0x2c
#define REG_CR 0x30
#define REG_IMSC 0x38
#define REG_ICR 0x44

#define DR_BAD (BIT32(8) | BIT32(9) | BIT32(10)) /* framing, parity, break */
#define FR_BUSY BIT32(3)
#define FR_RXFE BIT32(4)
#define FR_TXFF BIT32(5)
#define LCR_FEN BIT32(4)
#define CR_UARTEN BIT32(0)
#define CR_TXE BIT32(8)
#define CR_RXE BIT32(9)
#define INT_RX BIT32(4)
#define INT_RT BIT32(6)
#define INT_ALL 0x7ffU

#define BUSY_READS 100000
#define BAD_BYTES 64 /* skipped in one go */

static u32 pl011_read(const struct uart *u, u32 reg)
{
	return arch_mmio_read32(u->va + reg);
}

static void pl011_write(const struct uart *u, u32 reg, u32 value)
{
	arch_mmio_write32(u->va + reg, value);
}

/* LCR_H's layout from that of a 16550: word length at bit 5, two stop bits at 3, even parity at 2,
 * parity at 1; FIFOs on. */
static u32 pl011_frame(u8 frame)
{
	if (frame == 0) {
		frame = 3;
	}
	return (u32)(frame & 3) << 5 | (frame & 0x04 ? BIT32(3) : 0) |
	       (frame & 0x10 ? BIT32(2) : 0) | (frame & 0x08 ? BIT32(1) : 0) | LCR_FEN;
}

/* In sixty-fourths (3.3.6); 0: as it is. */
static int pl011_divisor(const struct uart_desc *desc, u64 *divisor)
{
	*divisor = 0;
	if (desc->baud != 0 && desc->clock != 0) {
		*divisor = (8ULL * desc->clock / desc->baud + 1) / 2;
		return *divisor < 64 || *divisor > 0xffff * 64ULL ? -EINVAL : 0;
	}
	return 0;
}

/* 3.3.8: the port is off, and has sent what it had, before LCR_H and the divisor change. Writing
 * LCR_H makes the divisor count. */
static void pl011_configure(const struct uart *u, u64 divisor)
{
	for (unsigned int i = 0; i < BUSY_READS && (pl011_read(u, REG_FR) & FR_BUSY); i++) {
		arch_cpu_relax();
	}
	pl011_write(u, REG_CR, 0);
	if (divisor != 0) {
		pl011_write(u, REG_IBRD, (u32)(divisor / 64));
		pl011_write(u, REG_FBRD, (u32)(divisor % 64));
	}
	pl011_write(u, REG_LCR_H, pl011_frame(u->desc.frame));
}

static int pl011_setup(struct uart *u)
{
	u32 cr = pl011_read(u, REG_CR);
	u64 divisor;
	int rc = pl011_divisor(&u->desc, &divisor);

	if (rc != 0) {
		return rc;
	}
	pl011_write(u, REG_IMSC, 0);
	if (divisor != 0 || pl011_read(u, REG_LCR_H) != pl011_frame(u->desc.frame)) {
		pl011_configure(u, divisor);
	}
	pl011_write(u, REG_CR, cr | CR_UARTEN | CR_TXE | CR_RXE);
	pl011_write(u, REG_ICR, INT_ALL);
	return 0;
}

static int sbsa_setup(struct uart *u)
{
	pl011_write(u, REG_IMSC, 0);
	pl011_write(u, REG_ICR, INT_ALL);
	return 0;
}

static bool pl011_can_send(const struct uart *u)
{
	return !(pl011_read(u, REG_FR) & FR_TXFF);
}

static void pl011_send(const struct uart *u, u8 c)
{
	pl011_write(u, REG_DR, c);
}

static int pl011_receive(const struct uart *u)
{
	for (unsigned int i = 0; i < BAD_BYTES && !(pl011_read(u, REG_FR) & FR_RXFE); i++) {
		u32 data = pl011_read(u, REG_DR);

		if (!(data & DR_BAD)) {
			return (int)(data & 0xff);
		}
	}
	return -1;
}

static void pl011_enable_interrupt(const struct uart *u)
{
	pl011_write(u, REG_IMSC, INT_RX | INT_RT);
}

const struct uart_chip pl011_chip = {
	.setup = pl011_setup,
	.can_send = pl011_can_send,
	.send = pl011_send,
	.receive = pl011_receive,
	.enable_interrupt = pl011_enable_interrupt,
};

const struct uart_chip sbsa_chip = {
	.setup = sbsa_setup,
	.can_send = pl011_can_send,
	.send = pl011_send,
	.receive = pl011_receive,
	.enable_interrupt = pl011_enable_interrupt,
};
