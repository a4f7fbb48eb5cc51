/* SPDX-License-Identifier: GPL-2.0-only */
/* The emulated serial port: registers, interrupts, what it prints, what is typed for it. */
#include <string.h>

#include "arch/host/host.h"
#include "core/console.h"
#include "core/unit.h"
#include "lib/errno.h"
#include "sched/sched.h"
#include "unit/harness.h"
#include "vdev/bus.h"
#include "vdev/vpl011.h"

#define DR 0x00
#define RSR 0x04
#define FR 0x18
#define LCR_H 0x2c
#define CR 0x30
#define IMSC 0x38
#define RIS 0x3c
#define MIS 0x40
#define ICR 0x44
#define INT_RX 0x10
#define INT_TX 0x20
#define INT_RT 0x40
#define INT_OE 0x400
#define FR_IDLE 0x97 /* nothing to read, all sent, modem lines on */
#define FIFO 1024

const struct unit *const units[] = { &sched_unit, &bus_unit, &vpl011_unit };
const unsigned int unit_count = ARRAY_SIZE(units);

static char screen[65536];
static size_t used;

static void screen_write(const char *text, size_t n)
{
	n = MIN(n, sizeof(screen) - 1 - used);
	memcpy(screen + used, text, n);
	used += n;
	screen[used] = '\0';
}

static const struct console com1 = { .name = "com1", .write = screen_write };

static struct domain *d;
static u64 base;
static bool line;
static unsigned int changes;
static u32 line_intid;

static void on_irq(struct domain *dom, u32 intid, bool level)
{
	CHECK(dom == d);
	CHECK(level != line);
	line = level;
	line_intid = intid;
	changes++;
}

static struct domain_desc desc(u16 id)
{
	struct domain_desc s = host_desc(id, 1);

	s.vpl011 = true;
	return s;
}

static void begin(struct domain_desc s)
{
	static bool booted;

	if (!booted) {
		booted = true;
		host_boot(1, MiB(64));
		console_register(&com1);
		host_guest_irq = on_irq;
	}
	base = VPL011_BASE;
	line = false;
	changes = 0;
	CHECK_EQ(domain_create(&s, &d), 0);
	used = 0;
	screen[0] = '\0';
}

static void end(void)
{
	domain_kill(d);
	host_be_cpu(0);
}

static u64 access(u64 offset, unsigned int size, bool write, u64 value)
{
	struct vdev_access a = { .addr = base + offset, .size = (u8)size, .write = write };

	a.value = value;
	CHECK_EQ(bus_access(d->vcpus[0], BUS_MMIO, &a), 0);
	CHECK_EQ(host_pcpu->lock_depth, 0);
	return a.value;
}

static u32 read32(u32 reg)
{
	return (u32)access(reg, 4, false, 0);
}

static void write32(u32 reg, u32 value)
{
	access(reg, 4, true, value);
}

static void type(const char *text)
{
	for (; *text; text++) {
		console_input(*text);
	}
}

UNIT_TEST(output, "what is written comes out as lines of the domain, at any width")
{
	begin(desc(1));
	CHECK_EQ(read32(FR), FR_IDLE);
	CHECK_EQ(read32(RIS), 0);
	type("\1\1\1"); /* somebody else's keyboard: whole lines */
	used = 0;
	write32(DR, 'a' | 0xffffff00);
	access(DR, 1, true, 'b');
	access(DR, 2, true, 'c');
	access(DR + 1, 1, true, 'x');
	CHECK_EQ(used, 0);
	write32(DR, '\r');
	write32(DR, '\n');
	CHECK_STR(screen, "(d1) abc\n");
	CHECK_EQ(read32(FR), FR_IDLE);
	CHECK_EQ(read32(RIS), INT_TX);
	CHECK_EQ(changes, 0); /* masked */
	write32(IMSC, INT_TX);
	CHECK(line);
	CHECK_EQ(line_intid, VPL011_INTID);
	CHECK_EQ(read32(MIS), INT_TX);
	write32(ICR, INT_TX);
	CHECK(!line);
	CHECK_EQ(read32(MIS), 0);
	write32(DR, 'd');
	CHECK(line);
	write32(IMSC, 0);
	CHECK(!line);
	CHECK_EQ(changes, 4);
	end();
	CHECK(strstr(screen, "(d1) d\n") != NULL);
	type("\1\1\1");
}

UNIT_TEST(input, "typed bytes are read in order; the line falls when none is left")
{
	begin(desc(1));
	type("\1\1\1"); /* its turn: there is nobody else */
	write32(IMSC, INT_RX | INT_RT);
	CHECK_EQ(changes, 0);
	type("hi!");
	CHECK(line);
	CHECK_EQ(read32(RIS), INT_RT);
	CHECK_EQ(read32(FR), FR_IDLE & ~0x10U);
	CHECK_EQ(access(DR, 1, false, 0), 'h');
	CHECK_EQ(access(DR + 1, 1, false, 0), 0); /* takes nothing */
	CHECK_EQ(access(DR, 2, false, 0), 'i');
	CHECK(line);
	write32(ICR, INT_RT);
	CHECK(!line);
	type("?");
	CHECK(line);
	CHECK_EQ(read32(DR), '!');
	CHECK_EQ(read32(DR), '?');
	CHECK(!line);
	CHECK_EQ(read32(RIS), 0);
	CHECK_EQ(read32(FR), FR_IDLE);
	CHECK_EQ(read32(DR), 0);
	end();
}

UNIT_TEST(levels, "the receive interrupt comes at half a FIFO and goes below it")
{
	begin(desc(1));
	type("\1\1\1");
	type("0123456789abcde");
	CHECK_EQ(read32(RIS), INT_RT);
	type("f");
	CHECK_EQ(read32(RIS), INT_RT | INT_RX);
	CHECK_EQ(read32(DR), '0');
	CHECK_EQ(read32(RIS), INT_RT);
	write32(ICR, INT_RT);
	CHECK_EQ(read32(DR), '1'); /* what is left makes the next timeout */
	CHECK_EQ(read32(RIS), INT_RT);
	end();
}

UNIT_TEST(overrun, "what does not fit is lost and reported, the rest is kept")
{
	begin(desc(1));
	type("\1\1\1");
	for (unsigned int i = 0; i < FIFO; i++) {
		CHECK_EQ(read32(FR) & 0x40, 0);
		console_input((char)('A' + i % 26));
	}
	CHECK_EQ(read32(FR) & 0x50, 0x40);
	CHECK_EQ(read32(RSR), 0);
	console_input('!');
	CHECK_EQ(read32(RIS) & INT_OE, INT_OE);
	CHECK_EQ(read32(RSR), 8);
	CHECK_EQ(read32(DR), 'A' | 0x800);
	CHECK_EQ(read32(DR), 'B');
	write32(RSR, 0);
	CHECK_EQ(read32(RSR), 0);
	write32(ICR, INT_OE);
	CHECK_EQ(read32(RIS) & INT_OE, 0);
	for (unsigned int i = 2; i < FIFO; i++) {
		CHECK_EQ(read32(DR), 'A' + i % 26);
	}
	CHECK_EQ(read32(FR), FR_IDLE);
	end();
}

UNIT_TEST(plain, "registers of the PL011 alone keep what is written; others are zero")
{
	begin(desc(1));
	CHECK_EQ(read32(CR), 0x300);
	write32(CR, 0xffffffff);
	CHECK_EQ(read32(CR), 0xff87);
	write32(LCR_H, 0x170);
	CHECK_EQ(read32(LCR_H), 0x70);
	CHECK_EQ(access(CR + 1, 1, false, 0), 0xff);
	CHECK_EQ(access(CR + 2, 2, false, 0), 0);
	CHECK_EQ(access(CR, 8, false, 0), 0xff87);
	write32(FR, 0);
	CHECK_EQ(read32(FR), FR_IDLE);
	write32(RIS, 0xff);
	write32(MIS, 0xff);
	CHECK_EQ(read32(RIS), 0);
	CHECK_EQ(read32(ICR), 0);
	write32(IMSC, ~0U);
	CHECK_EQ(read32(IMSC), 0x7ff);
	for (u32 reg = 0x4c; reg < VPL011_SIZE; reg += 4) {
		write32(reg, ~0U);
		CHECK_EQ(read32(reg), 0); /* identification too */
	}
	end();
}

UNIT_TEST(place, "a direct-mapped domain has it where the host has its own, or not at all")
{
	struct domain_desc s = desc(1);
	struct vpl011_place place;

	CHECK_EQ(vpl011_place(&s, &place), 0);
	CHECK_EQ(place.base, VPL011_BASE);
	CHECK_EQ(place.intid, VPL011_INTID);
	s.direct_mapped = true;
	CHECK_EQ(vpl011_place(&s, &place), -ENODEV);
	CHECK_EQ(domain_create(&s, &d), -ENODEV);
	vpl011_set_host(0x9000000, 0x800, 33);
	CHECK_EQ(vpl011_place(&s, &place), -ENODEV);
	vpl011_set_host(0x9000000, 0x1000, 0);
	CHECK_EQ(vpl011_place(&s, &place), -ENODEV);
	vpl011_set_host(0x9000000, 0x1000, 33);
	begin(s);
	base = 0x9000000;
	write32(IMSC, INT_TX);
	write32(DR, '\n');
	CHECK(line);
	CHECK_EQ(line_intid, 33);
	end();
	s = desc(1);
	s.vpl011 = false;
	begin(s);
	CHECK(!bus_find(d, BUS_MMIO, VPL011_BASE));
	CHECK(!d->vpl011);
	end();
}

UNIT_TEST(unwind, "a creation that fails half-way leaves nothing behind")
{
	struct domain_desc s = desc(1);

	for (u64 pages = 0; pages < 8; pages++) {
		s.pool_pages = pages;
		if (domain_create(&s, &d) == 0) {
			end();
		}
	}
	begin(desc(1));
	type("\1\1\1x");
	CHECK_EQ(read32(DR), 'x');
	end();
}
