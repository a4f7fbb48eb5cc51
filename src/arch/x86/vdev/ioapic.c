/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The hardware domain's I/O APICs (82093AA data sheet, with the EOI register of version 20h). Their
 * lines are what passthrough.c reports of the host's pins; nothing here touches the host's.
 */
#include "arch/x86/vdev/ioapic.h"

#include "arch/x86/apic.h"
#include "arch/x86/irq.h"
#include "arch/x86/passthrough.h"
#include "arch/x86/vcpu.h"
#include "arch/x86/vdev/lapic.h"
#include "core/domain.h"
#include "core/log.h"
#include "lib/errno.h"
#include "mm/heap.h"
#include "vdev/bus.h"

/* Registers in memory, and behind the index. */
#define WINDOW_SIZE 0x100
#define WINDOW_INDEX 0x00
#define WINDOW_DATA 0x10
#define WINDOW_EOI 0x40
#define REG_ID 0x00
#define REG_VERSION 0x01
#define REG_RTE 0x10

#define VERSION_VALUE 0x20

#define RTE_VECTOR 0xffULL
#define RTE_DELIVERY 0x700ULL
#define RTE_LOGICAL BIT64(11)
#define RTE_LOW BIT64(13)
#define RTE_REMOTE_IRR BIT64(14)
#define RTE_LEVEL BIT64(15)
#define RTE_MASKED BIT64(16)
#define RTE_DEST_SHIFT 56
/* Delivery status and remote IRR are read-only. */
#define RTE_WRITABLE (0xff0000000001ffffULL & ~RTE_REMOTE_IRR & ~BIT64(12))

struct vioapic_pin {
	u64 rte;
	bool line; /* asserted, whatever the polarity */
};

struct vioapic_chip {
	struct domain *domain;
	u64 address;
	u32 id, gsi_base, pin_count;
	u8 index;
	struct vioapic_pin *pins;
};

/* lock: all of the pins, ids and indices. It is not held while passthrough.c is called. */
struct vioapic {
	struct spinlock lock;
	unsigned int chip_count;
	struct vioapic_chip chips[];
};

/* --- pins: under the lock --- */

static void pin_deliver(struct domain *d, const struct vioapic_pin *p)
{
	lapic_deliver(d, (u32)(p->rte >> RTE_DEST_SHIFT), (p->rte & RTE_LOGICAL) != 0,
		(u32)(p->rte & RTE_DELIVERY), (u8)(p->rte & RTE_VECTOR), (p->rte & RTE_LEVEL) != 0);
}

/* A level-triggered pin interrupts while its line is up and the last interrupt has been ended. */
static void pin_update_level(struct domain *d, struct vioapic_pin *p)
{
	if (!p->line || (p->rte & (RTE_LEVEL | RTE_MASKED | RTE_REMOTE_IRR)) != RTE_LEVEL) {
		return;
	}
	p->rte |= RTE_REMOTE_IRR;
	pin_deliver(d, p);
}

static void pin_set_line(struct domain *d, struct vioapic_pin *p, bool asserted)
{
	bool rises = asserted && !p->line;

	p->line = asserted;
	if (p->rte & RTE_LEVEL) {
		pin_update_level(d, p);
	} else if (rises && !(p->rte & RTE_MASKED)) {
		pin_deliver(d, p);
	}
}

/* --- lines and ends of interrupts --- */

static struct vioapic_pin *find_pin(struct vioapic *io, u32 gsi)
{
	for (unsigned int i = 0; i < io->chip_count; i++) {
		struct vioapic_chip *c = &io->chips[i];

		if (gsi >= c->gsi_base && gsi - c->gsi_base < c->pin_count) {
			return &c->pins[gsi - c->gsi_base];
		}
	}
	return NULL;
}

void vioapic_set_line(struct domain *d, u32 gsi, bool asserted)
{
	struct vioapic *io = d->arch->vioapic;
	struct vioapic_pin *p = io ? find_pin(io, gsi) : NULL;

	if (!p) {
		return;
	}
	spin_lock(&io->lock);
	pin_set_line(d, p, asserted);
	spin_unlock(&io->lock);
}

struct vcpu *vioapic_target(struct domain *d, u32 gsi)
{
	struct vioapic *io = d->arch->vioapic;
	struct vioapic_pin *p = io ? find_pin(io, gsi) : NULL;
	u64 rte = p ? READ_ONCE(p->rte) : RTE_MASKED;

	if (rte & RTE_MASKED) {
		return NULL;
	}
	return lapic_target(d, (u32)(rte >> RTE_DEST_SHIFT), (rte & RTE_LOGICAL) != 0);
}

/* The host's pin may fire again, which takes the line down; lines that stay up interrupt anew. */
static void pin_end(struct vioapic_chip *c, u32 pin)
{
	struct vioapic *io = c->domain->arch->vioapic;
	struct vioapic_pin *p = &c->pins[pin];

	passthrough_gsi_eoi(c->domain, c->gsi_base + pin);
	spin_lock(&io->lock);
	pin_update_level(c->domain, p);
	spin_unlock(&io->lock);
}

/* True if the pin waited for the end of this vector. A pin that is masked by now keeps quiet until
 * the guest unmasks it. */
static bool pin_take_eoi(struct vioapic *io, struct vioapic_pin *p, u8 vector)
{
	const u64 waits = RTE_LEVEL | RTE_REMOTE_IRR;
	bool ended;

	if ((READ_ONCE(p->rte) & waits) != waits || (u8)p->rte != vector) {
		return false;
	}
	spin_lock(&io->lock);
	ended = (p->rte & waits) == waits && (u8)p->rte == vector;
	if (ended) {
		p->rte &= ~RTE_REMOTE_IRR;
		ended = (p->rte & RTE_MASKED) == 0;
	}
	spin_unlock(&io->lock);
	return ended;
}

static void chip_eoi(struct vioapic_chip *c, u8 vector)
{
	for (u32 pin = 0; pin < c->pin_count; pin++) {
		if (pin_take_eoi(c->domain->arch->vioapic, &c->pins[pin], vector)) {
			pin_end(c, pin);
		}
	}
}

void vioapic_eoi(struct domain *d, u8 vector)
{
	struct vioapic *io = d->arch->vioapic;

	for (unsigned int i = 0; io && i < io->chip_count; i++) {
		chip_eoi(&io->chips[i], vector);
	}
}

/* --- registers --- */

static u32 chip_read(struct vioapic_chip *c)
{
	u32 reg = c->index, pin = (reg - REG_RTE) / 2;

	if (reg == REG_ID) {
		return c->id << 24;
	}
	if (reg == REG_VERSION) {
		return VERSION_VALUE | (c->pin_count - 1) << 16;
	}
	if (reg < REG_RTE || pin >= c->pin_count) {
		return 0; /* among them the arbitration id */
	}
	return (u32)(reg & 1 ? c->pins[pin].rte >> 32 : c->pins[pin].rte);
}

/* What passthrough.c has to be told after a change. */
static void pin_rebind(struct vioapic_chip *c, u32 pin, u64 old, u64 rte)
{
	struct domain *d = c->domain;
	u32 gsi = c->gsi_base + pin;
	int rc;

	if (rte & RTE_MASKED) {
		return;
	}
	rc = passthrough_gsi_bind(d, gsi, (rte & RTE_LEVEL) != 0, (rte & RTE_LOW) != 0);
	if (rc != 0) {
		log_guest("d%u: GSI %u stays with the hypervisor: error %d", d->id, gsi, -rc);
		return;
	}
	/* Whatever came while it was masked is looked at anew: the host's pin fires if it
	 * still is. */
	if ((old & RTE_MASKED) != 0 && (rte & RTE_REMOTE_IRR) == 0) {
		pin_end(c, pin);
	}
}

/* Switching a pin to edge forgets an interrupt that was not ended: so guests end it by hand. */
static void pin_write(struct vioapic_chip *c, u32 pin, bool high, u32 value)
{
	struct vioapic *io = c->domain->arch->vioapic;
	struct vioapic_pin *p = &c->pins[pin];
	u64 old, rte;

	spin_lock(&io->lock);
	old = p->rte;
	rte = high ? (u64)value << 32 | (u32)old : (old & ~0xffffffffULL) | value;
	rte = (rte & RTE_WRITABLE) | (old & RTE_REMOTE_IRR);
	if (!(rte & RTE_LEVEL)) {
		rte &= ~RTE_REMOTE_IRR;
	}
	WRITE_ONCE(p->rte, rte);
	spin_unlock(&io->lock);
	if (rte != old) {
		pin_rebind(c, pin, old, rte);
	}
}

static void chip_write(struct vioapic_chip *c, u32 value)
{
	u32 reg = c->index, pin = (reg - REG_RTE) / 2;

	if (reg == REG_ID) {
		c->id = value >> 24 & 0xf;
	} else if (reg >= REG_RTE && pin < c->pin_count) {
		pin_write(c, pin, reg & 1, value);
	}
}

static void window_write(struct vioapic_chip *c, u32 offset, u32 value)
{
	switch (offset) {
	case WINDOW_INDEX:
		c->index = (u8)value;
		break;
	case WINDOW_DATA:
		chip_write(c, value);
		break;
	case WINDOW_EOI:
		chip_eoi(c, (u8)value);
		break;
	default:
		break;
	}
}

static u32 window_read(struct vioapic_chip *c, u32 offset)
{
	switch (offset) {
	case WINDOW_INDEX:
		return c->index;
	case WINDOW_DATA:
		return chip_read(c);
	default:
		return 0;
	}
}

/* Registers are 4 bytes at multiples of 16; other writes are dropped. A guest serialises its
 * accesses to index and data, or gets what it asked for. */
static int vioapic_mmio(struct vcpu *v, const struct vdev_region *r, struct vdev_access *a)
{
	struct vioapic_chip *c = r->device;
	u32 reg = (u32)a->offset & ~15U, within = (u32)a->offset & 15;

	if (!a->write) {
		a->value = within < 4 ? window_read(c, reg) >> (8 * within) : 0;
		a->value &= ~0ULL >> (64 - 8 * a->size);
	} else if (within == 0 && (a->size >= 4 || reg == WINDOW_INDEX)) {
		window_write(c, reg, (u32)a->value);
	}
	return 0;
}

/* --- life --- */

static void vioapic_destroy(struct domain *d)
{
	struct vioapic *io = d->arch->vioapic;

	if (!io) {
		return;
	}
	for (unsigned int i = 0; i < io->chip_count; i++) {
		bus_remove(d, BUS_MMIO, io->chips[i].address);
		heap_free(&d->pool, io->chips[i].pins);
	}
	d->arch->vioapic = NULL;
	heap_free(&d->pool, io);
}

static int chip_create(struct domain *d, struct vioapic_chip *c, const struct ioapic_info *host)
{
	struct vdev_region r = { .start = host->address,
		.size = WINDOW_SIZE,
		.access = vioapic_mmio,
		.device = c,
		.name = "ioapic" };
	int rc;

	*c = (struct vioapic_chip){ .domain = d,
		.address = host->address,
		.id = host->id & 0xf,
		.gsi_base = host->gsi_base,
		.pin_count = host->pin_count };
	c->pins = heap_alloc(&d->pool, c->pin_count * sizeof(struct vioapic_pin));
	if (!c->pins) {
		return -ENOMEM;
	}
	for (u32 pin = 0; pin < c->pin_count; pin++) {
		c->pins[pin].rte = RTE_MASKED;
	}
	rc = bus_add(d, BUS_MMIO, &r);
	if (rc != 0) {
		heap_free(&d->pool, c->pins);
	}
	return rc;
}

static int vioapic_create(struct domain *d, const struct domain_desc *desc)
{
	unsigned int count = ioapic_count();
	struct vioapic *io;

	if (!d->hardware) {
		return 0;
	}
	io = heap_alloc(&d->pool, sizeof(*io) + count * sizeof(struct vioapic_chip));
	if (!io) {
		return -ENOMEM;
	}
	spin_init(&io->lock, RANK_VDEV);
	d->arch->vioapic = io;
	for (; io->chip_count < count; io->chip_count++) {
		int rc = chip_create(d, &io->chips[io->chip_count], ioapic_get(io->chip_count));

		if (rc != 0) {
			vioapic_destroy(d);
			return rc;
		}
	}
	return 0;
}

static void chip_dump(const struct vioapic_chip *c)
{
	log_dump("  d%u ioapic %u at %#llx, GSI %u-%u", c->domain->id, c->id,
		(unsigned long long)c->address, c->gsi_base, c->gsi_base + c->pin_count - 1);
	for (u32 pin = 0; pin < c->pin_count; pin++) {
		const struct vioapic_pin *p = &c->pins[pin];

		if (p->rte != RTE_MASKED || p->line) {
			log_dump("    GSI %u: %016llx%s", c->gsi_base + pin,
				(unsigned long long)p->rte, p->line ? ", line up" : "");
		}
	}
}

void vioapic_dump(struct domain *d)
{
	const struct vioapic *io = d->arch->vioapic;

	for (unsigned int i = 0; io && i < io->chip_count; i++) {
		chip_dump(&io->chips[i]);
	}
}

const struct unit vioapic_unit = {
	.name = "vioapic",
	.domain_create = vioapic_create,
	.domain_destroy = vioapic_destroy,
};
