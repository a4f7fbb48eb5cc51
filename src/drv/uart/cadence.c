/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The Cadence UART of Zynq and ZynqMP (UG1085, chapter on the UART controller; UG1087, module
 * UART). Touches the registers of one port and nothing else.
 */
#include "arch/contract/cpu.h"
#include "arch/contract/io.h"
#include "drv/uart/uart_chip.h"
#include "lib/errno.h"

#define REG_CONTROL 0x00
#define REG_MODE 0x04
#define REG_INTRPT_EN 0x08
#define REG_INTRPT_DIS 0x0c
#define REG_CHNL_INT_STS 0x14 /* write one to clear */
#define REG_BAUD_GEN 0x18
#define REG_RCVR_TIMEOUT 0x1c
#define REG_RCVR_FIFO_TRIGGER 0x20
#define REG_CHANNEL_STS 0x2c
#define REG_FIFO 0x30
#define REG_BAUD_DIVIDER 0x34

#define CONTROL_RXRES BIT32(0) /* these two clear themselves */
#define CONTROL_TXRES BIT32(1)
#define CONTROL_RXEN BIT32(2)
#define CONTROL_RXDIS BIT32(3)
#define CONTROL_TXEN BIT32(4)
#define CONTROL_TXDIS BIT32(5)
#define MODE_CLKS BIT32(0) /* kept: the clock is divided by 8 first */
#define STS_REMPTY BIT32(1)
#define STS_TEMPTY BIT32(3)
#define STS_TFUL BIT32(4)
#define STS_TACTIVE BIT32(11)
#define INT_RTRIG BIT32(0)
#define INT_TIMEOUT BIT32(8)
#define INT_ALL 0x3fffU

#define DIVIDER_MIN 4 /* bit times are BAUD_DIVIDER + 1 ticks of clock / BAUD_GEN */
#define DIVIDER_MAX 255
#define BUSY_READS 100000

struct cadence_rate {
	u32 generator, divider; /* 0: as they are */
};

static u32 cadence_read(const struct uart *u, u32 reg)
{
	return arch_mmio_read32(u->va + reg);
}

static void cadence_write(const struct uart *u, u32 reg, u32 value)
{
	arch_mmio_write32(u->va + reg, value);
}

static u32 cadence_error(u64 clock, u32 baud, u32 generator, u32 divider)
{
	u64 got = clock / ((u64)generator * (divider + 1));

	return (u32)(got > baud ? got - baud : baud - got);
}

/* The pair that comes nearest; more than 3 % off is no speed to talk at. */
static int cadence_rate(const struct uart_desc *desc, struct cadence_rate *best)
{
	u32 best_error = ~0U;

	*best = (struct cadence_rate){ 0, 0 };
	if (desc->baud == 0 || desc->clock == 0) {
		return 0;
	}
	for (u32 divider = DIVIDER_MIN; divider <= DIVIDER_MAX; divider++) {
		u64 ticks = (u64)desc->baud * (divider + 1);
		u64 generator = (desc->clock + ticks / 2) / ticks;
		u32 error;

		if (generator < 1 || generator > 0xffff) {
			continue;
		}
		error = cadence_error(desc->clock, desc->baud, (u32)generator, divider);
		if (error < best_error) {
			best_error = error;
			*best = (struct cadence_rate){ (u32)generator, divider };
		}
	}
	return best_error > desc->baud / 32 ? -EINVAL : 0;
}

/* MODE's layout from a 16550's: word length at 2:1 (0: 8, 2: 7, 3: 6), parity at 5:3 (0: even, 1:
 * odd, 4: none), two stop bits at 7:6. Five data bits it does not have. */
static int cadence_mode(u8 frame, u32 *mode)
{
	static const u8 lengths[4] = { 0, 3, 2, 0 };

	if (frame == 0) {
		frame = 3;
	}
	if ((frame & 3) == 0) {
		return -EINVAL;
	}
	*mode = (u32)lengths[frame & 3] << 1 | (frame & 4 ? BIT32(7) : 0);
	*mode |= frame & 0x08 ? (frame & 0x10 ? 0 : BIT32(3)) : BIT32(5);
	return 0;
}

static void cadence_drain(const struct uart *u)
{
	for (unsigned int i = 0; i < BUSY_READS; i++) {
		if ((cadence_read(u, REG_CHANNEL_STS) & (STS_TEMPTY | STS_TACTIVE)) == STS_TEMPTY) {
			return;
		}
		arch_cpu_relax();
	}
}

static int cadence_setup(struct uart *u)
{
	struct cadence_rate rate;
	u32 mode;

	if (cadence_rate(&u->desc, &rate) != 0 || cadence_mode(u->desc.frame, &mode) != 0) {
		return -EINVAL;
	}
	cadence_write(u, REG_INTRPT_DIS, INT_ALL);
	cadence_drain(u);
	cadence_write(u, REG_CONTROL, CONTROL_RXDIS | CONTROL_TXDIS);
	if (rate.generator != 0) {
		cadence_write(u, REG_BAUD_GEN, rate.generator);
		cadence_write(u, REG_BAUD_DIVIDER, rate.divider);
	}
	cadence_write(u, REG_MODE, mode | (cadence_read(u, REG_MODE) & MODE_CLKS));
	cadence_write(
		u, REG_CONTROL, CONTROL_RXRES | CONTROL_TXRES | CONTROL_RXDIS | CONTROL_TXDIS);
	cadence_write(u, REG_RCVR_FIFO_TRIGGER, 1);
	cadence_write(u, REG_RCVR_TIMEOUT, 10); /* times four bits */
	cadence_write(u, REG_CONTROL, CONTROL_RXEN | CONTROL_TXEN);
	cadence_write(u, REG_CHNL_INT_STS, INT_ALL);
	return 0;
}

static bool cadence_can_send(const struct uart *u)
{
	return !(cadence_read(u, REG_CHANNEL_STS) & STS_TFUL);
}

static void cadence_send(const struct uart *u, u8 c)
{
	cadence_write(u, REG_FIFO, c);
}

static int cadence_receive(const struct uart *u)
{
	if (cadence_read(u, REG_CHANNEL_STS) & STS_REMPTY) {
		return -1;
	}
	return (int)(cadence_read(u, REG_FIFO) & 0xff);
}

static void cadence_enable_interrupt(const struct uart *u)
{
	cadence_write(u, REG_INTRPT_EN, INT_RTRIG | INT_TIMEOUT);
}

static void cadence_ack(const struct uart *u)
{
	cadence_write(u, REG_CHNL_INT_STS, INT_RTRIG | INT_TIMEOUT);
}

const struct uart_chip cadence_chip = {
	.setup = cadence_setup,
	.can_send = cadence_can_send,
	.send = cadence_send,
	.receive = cadence_receive,
	.enable_interrupt = cadence_enable_interrupt,
	.ack = cadence_ack,
};
