/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The emulated serial port: any sequence of accesses and typed bytes. The interrupt line follows
 * the masked status, flags follow what is to be read, no byte is read that was not typed, and what
 * is printed is whole lines that begin with the domain's name.
 */
#include <stdlib.h>

#include "arch/host/host.h"
#include "core/console.h"
#include "core/unit.h"
#include "sched/sched.h"
#include "vdev/bus.h"
#include "vdev/vpl011.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

const struct unit *const units[] = { &sched_unit, &bus_unit, &vpl011_unit };
const unsigned int unit_count = ARRAY_SIZE(units);

static struct domain *d;
static bool line;
static u64 typed, taken;

static void expect(bool ok)
{
	if (!ok) {
		abort();
	}
}

/* Does the domain have the keyboard (or may have)? Then its unfinished lines are shown as they are;
 * else everything that comes out is a clean line. */
static bool typing = true, at_start = true;

static void screen_write(const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (at_start && !typing) {
			expect(text[i] == '(');
		}
		expect(typing || text[i] == '\n' || text[i] == '\t' ||
			(text[i] >= ' ' && text[i] <= '~'));
		at_start = text[i] == '\n';
	}
}

static const struct console com1 = { .name = "com1", .write = screen_write };

static void on_irq(struct domain *dom, u32 intid, bool level)
{
	expect(dom == d && intid == VPL011_INTID && level != line);
	line = level;
}

static u64 access(u64 offset, unsigned int size, bool write, u64 value)
{
	struct vdev_access a = { .addr = VPL011_BASE + offset % VPL011_SIZE, .size = (u8)size };

	a.write = write;
	a.value = value;
	(void)bus_access(d->vcpus[0], BUS_MMIO, &a);
	expect(host_pcpu->lock_depth == 0);
	expect(size == 8 || write || a.value >> (8 * size) == 0);
	return a.value;
}

static void check(void)
{
	u64 raw = access(0x3c, 4, false, 0), mask = access(0x38, 4, false, 0);
	u64 flags = access(0x18, 4, false, 0);

	expect(access(0x40, 4, false, 0) == (raw & mask));
	expect(line == ((raw & mask) != 0));
	expect((flags & 0xa9) == 0x81);		  /* all sent, not busy */
	expect(!(flags & 0x10) || !(raw & 0x50)); /* nothing to read, nothing to report */
	expect(!(flags & 0x10) || !(flags & 0x40));
	expect(taken <= typed);
}

static void press(void)
{
	for (unsigned int i = 0; i < 3; i++) {
		console_input('\1');
	}
	typed += 2; /* as many of them may be input */
}

/* Gives the domain the keyboard, whoever has it. */
static void focus(void)
{
	console_input('\2');
	if (access(0x18, 4, false, 0) & 0x10) {
		press();
		console_input('\2');
		typed++;
	}
	expect(access(0, 4, false, 0) == 2);
}

struct op {
	u8 kind;
	u8 reg;
	u16 value;
} __packed;

static void read_data(void)
{
	bool empty = access(0x18, 4, false, 0) & 0x10;
	u64 data = access(0, 4, false, 0);

	expect(!empty || data == 0);
	taken += !empty;
}

/* Ctrl-A three times would give the keyboard to the domain, of which typing == false knows nothing.
 */
static void type(char c)
{
	if (typing || c != 1) {
		typed++;
		console_input(c);
	}
}

static void run(const struct op *o)
{
	static const u8 sizes[] = { 1, 2, 4, 8 };
	unsigned int size = sizes[o->kind >> 3 & 3];
	u64 offset = o->kind & 0x80 ? o->reg * 16U + (o->value & 0xf) : o->reg % 0x50;

	offset = ALIGN_DOWN(offset, size);
	switch (o->kind % 8) {
	case 0:
		read_data();
		break;
	case 1:
	case 2:
		access(offset, size, true, o->value | (u64)o->value << 16 | (u64)o->value << 32);
		break;
	case 3:
		if (offset != 0) {
			access(offset, size, false, 0);
		}
		break;
	case 4:
		access(0, 4, true, o->value);
		break;
	case 5:
		type((char)o->value);
		type((char)(o->value >> 8));
		break;
	case 6:
		if (typing) {
			press();
		}
		break;
	default:
		for (unsigned int i = 0; i < o->value % 512; i++) {
			console_input('x');
			typed++;
		}
		break;
	}
}

static void setup(void)
{
	static bool booted;
	struct domain_desc s = host_desc(1, 1);

	if (!booted) {
		booted = true;
		host_boot(1, MiB(64));
		console_register(&com1);
		host_guest_irq = on_irq;
	}
	s.vpl011 = true;
	line = false;
	typed = taken = 0;
	typing = true;
	expect(domain_create(&s, &d) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct op *ops = (const struct op *)(const void *)data;

	setup();
	focus();
	if (size > 0 && (data[0] & 0x40)) {
		press();
		typing = false;
	}
	for (size_t i = 0; i < MIN(size / sizeof(*ops), (size_t)2000); i++) {
		run(&ops[i]);
		check();
	}
	domain_kill(d);
	host_be_cpu(0);
	return 0;
}
