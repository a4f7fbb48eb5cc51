/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The hardware domain's I/O APICs with passthrough.c behind them: registers, edges, levels, and
 * that the host's pins are masked and unmasked when they should be.
 */
#include "arch/x86/apic.h"
#include "arch/x86/passthrough.h"
#include "arch/x86/uart.h"
#include "arch/x86/vdev/ioapic.h"
#include "unit/harness.h"
#include "unit/vdev_machine.h"

const struct unit *const units[] = { &sched_unit, &bus_unit, &machine_unit, &passthrough_unit,
	&lapic_unit, &vioapic_unit };
const unsigned int unit_count = ARRAY_SIZE(units);

static struct domain *d;

/* --- the host: two I/O APICs of 24 and 8 pins; the UART has GSI 4 --- */

static const struct ioapic_info hosts[] = {
	{ .id = 1, .gsi_base = 0, .pin_count = 24, .address = 0xfec00000 },
	{ .id = 2, .gsi_base = 24, .pin_count = 8, .address = 0xfec10000 },
};

static struct {
	struct irq *irq;
	bool level, low, masked;
} pins[32];
static unsigned int unmasks, composed, released;

unsigned int ioapic_count(void)
{
	return ARRAY_SIZE(hosts);
}

const struct ioapic_info *ioapic_get(unsigned int index)
{
	return index < ARRAY_SIZE(hosts) ? &hosts[index] : NULL;
}

u32 ioapic_gsi_count(void)
{
	return ARRAY_SIZE(pins);
}

int ioapic_route(struct irq *irq, u32 gsi, bool level, bool active_low)
{
	CHECK(irq->cpu != NULL);
	irq->gsi = gsi;
	pins[gsi].irq = irq;
	pins[gsi].level = level;
	pins[gsi].low = active_low;
	pins[gsi].masked = true;
	return 0;
}

void ioapic_mask(u32 gsi, bool masked)
{
	unmasks += pins[gsi].masked && !masked;
	pins[gsi].masked = masked;
}

int irq_bind(struct irq *irq, struct pcpu *p, irq_handler *handler, void *arg, const char *name)
{
	irq->handler = handler;
	irq->arg = arg;
	irq->cpu = p;
	irq->vector = 0x40;
	return 0;
}

int irq_bind_pin(struct irq *irq, struct pcpu *p, irq_handler *handler, void *arg, const char *name)
{
	return irq_bind(irq, p, handler, arg, name);
}

void irq_unbind(struct irq *irq)
{
	irq->cpu = NULL;
	for (unsigned int i = 0; i < ARRAY_SIZE(pins); i++) {
		if (pins[i].irq == irq) {
			CHECK(pins[i].masked);
			pins[i].irq = NULL;
		}
	}
}

int irq_msi_compose(struct irq *irq, u32 sbdf, struct irq_message *out)
{
	composed++;
	*out = (struct irq_message){ 0xfee00000 + (irq->cpu->id << 12), 0x1000 + irq->vector };
	return 0;
}

void irq_msi_release(struct irq *irq, u32 sbdf)
{
	released++;
}

bool uart_owns_gsi(u32 gsi)
{
	return gsi == 4;
}

/* The pin's device asserts: the host takes an interrupt if it is not masked. */
static bool fire(u32 gsi)
{
	if (!pins[gsi].irq || !pins[gsi].irq->cpu || pins[gsi].masked) {
		return false;
	}
	pins[gsi].irq->handler(pins[gsi].irq, pins[gsi].irq->arg);
	return true;
}

/* --- the guest --- */

static u32 access(u64 addr, u32 value, bool write)
{
	struct vdev_access a = { .addr = addr, .size = 4, .value = value, .write = write };

	CHECK_EQ(bus_access(d->vcpus[0], BUS_MMIO, &a), 0);
	return (u32)a.value;
}

static u32 reg_read(unsigned int chip, u8 reg)
{
	access(hosts[chip].address, reg, true);
	return access(hosts[chip].address + 0x10, 0, false);
}

static void reg_write(unsigned int chip, u8 reg, u32 value)
{
	access(hosts[chip].address, reg, true);
	access(hosts[chip].address + 0x10, value, true);
}

#define LEVEL 0x8000
#define LOW 0x2000
#define MASKED 0x10000
#define REMOTE_IRR 0x4000

static void rte(u32 gsi, u32 low, u8 dest)
{
	unsigned int chip = gsi >= 24;
	u8 reg = (u8)(0x10 + 2 * (gsi - hosts[chip].gsi_base));

	reg_write(chip, reg + 1, (u32)dest << 24);
	reg_write(chip, reg, low);
}

static u32 rte_low(u32 gsi)
{
	unsigned int chip = gsi >= 24;

	return reg_read(chip, (u8)(0x10 + 2 * (gsi - hosts[chip].gsi_base)));
}

/* Accepts and ends one interrupt: was it this vector? */
static bool serve(unsigned int cpu, u8 vector)
{
	struct vcpu *v = d->vcpus[cpu];
	struct vdev_access eoi = { .addr = 0xfee000b0, .size = 4, .write = true };
	u8 got = lapic_pending(v);

	if (got) {
		lapic_accept(v, got);
		CHECK_EQ(bus_access(v, BUS_MMIO, &eoi), 0);
	}
	return got == vector;
}

__attribute__((constructor)) static void boot(void)
{
	host_boot(2, MiB(64));
}

static void setup(void)
{
	struct domain_desc desc = host_desc(0, 2);

	desc.hardware = true;
	CHECK_EQ(domain_create(&desc, &d), 0);
	for (unsigned int i = 0; i < 2; i++) {
		struct vdev_access svr = {
			.addr = 0xfee000f0, .size = 4, .value = 0x1ff, .write = true
		};

		CHECK_EQ(bus_access(d->vcpus[i], BUS_MMIO, &svr), 0);
	}
	unmasks = composed = released = 0;
}

static void finish(void)
{
	domain_kill(d);
	for (unsigned int i = 0; i < ARRAY_SIZE(pins); i++) {
		CHECK(!pins[i].irq); /* all given back */
	}
}

UNIT_TEST(registers, "ids, versions and redirection entries; what is read-only stays")
{
	setup();
	CHECK_EQ(reg_read(0, 0), 1 << 24);
	CHECK_EQ(reg_read(0, 1), 0x20 | 23 << 16);
	CHECK_EQ(reg_read(1, 1), 0x20 | 7 << 16);
	CHECK_EQ(reg_read(1, 0x10), MASKED);
	reg_write(1, 0x10, 0xffffffff & ~0x700U);
	CHECK_EQ(reg_read(1, 0x10), 0x1a8ff); /* neither delivery status nor remote IRR */
	reg_write(1, 0x11, 0xffffffff);
	CHECK_EQ(reg_read(1, 0x11), 0xff000000);
	reg_write(1, 0x20, 0); /* pin 8 of 8 */
	CHECK_EQ(reg_read(1, 0x20), 0);
	CHECK_EQ(reg_read(1, 0xff), 0);
	reg_write(1, 1, 0);
	CHECK_EQ(reg_read(1, 1), 0x20 | 7 << 16);
	CHECK_EQ(access(0xfec00020, 0, false), 0);
	for (unsigned int i = 0; i < ARRAY_SIZE(pins); i++) {
		CHECK(!pins[i].irq);
	}
	finish();
}

UNIT_TEST(edges, "an edge passes once; while masked it is lost; the host's pin is never masked")
{
	setup();
	rte(5, 0x41, 0);
	CHECK(pins[5].irq && !pins[5].level && !pins[5].low && !pins[5].masked);
	CHECK(fire(5) && serve(0, 0x41));
	CHECK(!serve(0, 0x41));
	CHECK(fire(5) && fire(5)); /* both before it is served: one */
	CHECK(serve(0, 0x41) && !serve(0, 0x41));
	rte(5, 0x41 | MASKED, 0);
	CHECK(fire(5));
	rte(5, 0x41, 0);
	CHECK(!serve(0, 0x41));
	rte(5, 0x41, 2);
	CHECK(fire(5) && serve(1, 0x41));
	vioapic_set_line(d, 5, true); /* a line that stays up is one edge */
	vioapic_set_line(d, 5, true);
	CHECK(serve(1, 0x41) && !serve(1, 0x41));
	vioapic_set_line(d, 5, false);
	finish();
}

UNIT_TEST(levels, "a level interrupts again until the device is content, one at a time")
{
	setup();
	rte(30, 0x51 | LEVEL | LOW, 2);
	CHECK(pins[30].level && pins[30].low && !pins[30].masked);
	CHECK(fire(30));
	CHECK(pins[30].masked && !fire(30)); /* no storm */
	CHECK_EQ(rte_low(30), 0x51 | LEVEL | LOW | REMOTE_IRR);
	CHECK(serve(1, 0x51));
	CHECK_EQ(rte_low(30), 0x51 | LEVEL | LOW);
	CHECK(!pins[30].masked);
	CHECK(fire(30) && serve(1, 0x51)); /* the device still wants something */
	CHECK(!serve(1, 0x51));
	finish();
}

UNIT_TEST(masked_levels, "a level that the guest masks in the handler comes back when it unmasks")
{
	setup();
	rte(10, 0x51 | LEVEL, 0);
	CHECK(fire(10));
	rte(10, 0x51 | LEVEL | MASKED, 0);
	CHECK(serve(0, 0x51)); /* ended while masked: the host's pin stays masked */
	CHECK(pins[10].masked);
	unmasks = 0;
	rte(10, 0x51 | LEVEL, 0);
	CHECK(!pins[10].masked && unmasks == 1);
	CHECK(!serve(0, 0x51)); /* nothing stale */
	CHECK(fire(10) && serve(0, 0x51));

	/* Masked and unmasked before the end: not twice. */
	CHECK(fire(10));
	rte(10, 0x51 | LEVEL | MASKED, 0);
	rte(10, 0x51 | LEVEL, 0);
	CHECK(pins[10].masked);
	CHECK(serve(0, 0x51) && !pins[10].masked);
	finish();
}

UNIT_TEST(ends, "an interrupt can be ended by register, and by switching to edge and back")
{
	setup();
	rte(10, 0x51 | LEVEL, 0);
	CHECK(fire(10));
	access(hosts[0].address + 0x40, 0x52, true); /* another vector */
	CHECK(pins[10].masked);
	access(hosts[0].address + 0x40, 0x51, true);
	CHECK(!pins[10].masked);
	CHECK(fire(10) && pins[10].masked);
	rte(10, 0x51 | MASKED, 0);
	CHECK_EQ(rte_low(10) & REMOTE_IRR, 0);
	rte(10, 0x51 | LEVEL, 0);
	CHECK(!pins[10].masked);
	finish();
}

UNIT_TEST(changes, "a change of the route in the handler does not let the host's pin fire early")
{
	setup();
	rte(10, 0x51 | LEVEL, 0);
	CHECK(fire(10));
	rte(10, 0x51 | LEVEL | LOW, 2);
	CHECK(pins[10].low && pins[10].masked && !fire(10));
	CHECK(serve(0, 0x51) && !pins[10].masked);
	CHECK(fire(10) && serve(1, 0x51));
	finish();
}

UNIT_TEST(shared_vectors, "two pins with one vector are both ended")
{
	setup();
	rte(10, 0x51 | LEVEL, 0);
	rte(25, 0x51 | LEVEL, 0);
	CHECK(fire(10) && fire(25));
	CHECK(serve(0, 0x51));
	CHECK(!pins[10].masked && !pins[25].masked);
	finish();
}

UNIT_TEST(own_pins, "the hypervisor's own pin and pins that do not exist are refused")
{
	setup();
	rte(4, 0x51 | LEVEL, 0);
	CHECK(!pins[4].irq);
	CHECK_EQ(passthrough_gsi_bind(d, 4, true, true), -EBUSY);
	CHECK_EQ(passthrough_gsi_bind(d, 32, true, true), -ENODEV);
	CHECK_EQ(passthrough_gsi_bind(d, ~0U, true, true), -ENODEV);
	passthrough_gsi_eoi(d, ~0U);
	vioapic_set_line(d, ~0U, true);
	finish();
}

UNIT_TEST(others, "a domain that does not own the machine has no I/O APICs")
{
	d = host_domain_create(1, 1);
	CHECK(!bus_find(d, BUS_MMIO, 0xfec00000));
	CHECK_EQ(passthrough_gsi_bind(d, 5, true, true), -ENODEV);
	vioapic_set_line(d, 5, true);
	vioapic_eoi(d, 0x41);
	domain_kill(d);
}

UNIT_TEST(messages, "a message goes where the guest's says, on the CPU of the vCPU it names")
{
	struct passthrough_msi m = { 0 };

	setup();
	CHECK_EQ(passthrough_msi_bind(d, 0x18, &m, 0x12345000, 0x41), -EINVAL);
	CHECK(!m.bound);
	CHECK_EQ(passthrough_msi_bind(d, 0x18, &m, 0xfee02000, 0x41), 0);
	CHECK(m.bound && m.irq.cpu == d->vcpus[1]->cpu);
	CHECK_EQ(m.host.address, 0xfee00000 + (d->vcpus[1]->cpu->id << 12));
	m.irq.handler(&m.irq, m.irq.arg);
	CHECK(serve(1, 0x41) && !serve(0, 0x41));
	CHECK_EQ(passthrough_msi_bind(d, 0x18, &m, 0xfee00000, 0x52), 0);
	CHECK(m.irq.cpu == d->vcpus[0]->cpu);
	m.irq.handler(&m.irq, m.irq.arg);
	CHECK(serve(0, 0x52) && !serve(1, 0x52));
	CHECK_EQ(composed, d->vcpus[0]->cpu == d->vcpus[1]->cpu ? 1 : 2);
	CHECK_EQ(passthrough_msi_bind(d, 0x18, &m, 0xfee00000, 0x53), 0);
	m.irq.handler(&m.irq, m.irq.arg);
	CHECK(serve(0, 0x53));
	passthrough_msi_unbind(&m);
	passthrough_msi_unbind(&m);
	CHECK(!m.bound && !m.irq.cpu);
	CHECK_EQ(released, 1);
	finish();
}
