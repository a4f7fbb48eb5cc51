/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An emulated UART: the generic UART of the Server Base System Architecture (DEN 0029), which is
 * the part of a PL011 (ARM DDI 0183, chapter 3) that has no speed. A byte that is written is out at
 * once. Of the registers that only a PL011 has, those that its drivers set up keep what is written
 * and do nothing; identification reads as zero.
 */
#include "vdev/vpl011.h"

#include "arch/contract/irq.h"
#include "core/desc.h"
#include "core/domain.h"
#include "core/log.h"
#include "lib/errno.h"
#include "mm/heap.h"
#include "vdev/bus.h"

#define REG_DR 0x00
#define REG_RSR 0x04 /* written: ECR */
#define REG_FR 0x18
#define REG_ILPR 0x20
#define REG_IBRD 0x24
#define REG_FBRD 0x28
#define REG_LCR_H 0x2c
#define REG_CR 0x30
#define REG_IFLS 0x34
#define REG_IMSC 0x38
#define REG_RIS 0x3c
#define REG_MIS 0x40
#define REG_ICR 0x44
#define REG_DMACR 0x48

#define DR_OE BIT32(11)
#define RSR_OE BIT32(3)
#define FR_CTS BIT32(0) /* modem lines of somebody who listens */
#define FR_DSR BIT32(1)
#define FR_DCD BIT32(2)
#define FR_RXFE BIT32(4)
#define FR_RXFF BIT32(6)
#define FR_TXFE BIT32(7)
#define INT_RX BIT32(4)
#define INT_TX BIT32(5)
#define INT_RT BIT32(6)
#define INT_OE BIT32(10)
#define INT_ALL 0x7ffU

#define FIFO_SIZE \
	1024U	       /* a power of two; far more than the 32 that there must be: text is pasted */
#define FIFO_LEVEL 16U /* half of those 32 */

/* Registers without effect, and which of their bits are kept. */
enum vpl011_plain {
	PLAIN_ILPR,
	PLAIN_IBRD,
	PLAIN_FBRD,
	PLAIN_LCR_H,
	PLAIN_CR,
	PLAIN_IFLS,
	PLAIN_DMACR,
	PLAIN_COUNT
};

static const struct {
	u16 reg, mask, reset;
} vpl011_plains[PLAIN_COUNT] = {
	[PLAIN_ILPR] = { REG_ILPR, 0xff, 0 },
	[PLAIN_IBRD] = { REG_IBRD, 0xffff, 0 },
	[PLAIN_FBRD] = { REG_FBRD, 0x3f, 0 },
	[PLAIN_LCR_H] = { REG_LCR_H, 0xff, 0 },
	[PLAIN_CR] = { REG_CR, 0xff87, 0x300 },
	[PLAIN_IFLS] = { REG_IFLS, 0x3f, 0x12 },
	[PLAIN_DMACR] = { REG_DMACR, 0x07, 0 },
};

struct vpl011 {
	struct domain *domain;
	struct vpl011_place place;
	struct console_guest guest;
	struct spinlock lock;

	/* under the lock */
	u32 raw, mask;	/* interrupts: RIS, IMSC */
	bool level;	/* of the interrupt line */
	bool overrun;	/* RSR.OE */
	bool overran;	/* the next byte read says so */
	u32 head, tail; /* free-running */
	u8 fifo[FIFO_SIZE];
	u16 plain[PLAIN_COUNT];
};

static struct {
	u64 base, size;
	u32 intid;
} vpl011_host;

/* --- interrupts; the lock is held --- */

static u32 vpl011_count(const struct vpl011 *u)
{
	return u->head - u->tail;
}

static void vpl011_update_line(struct vpl011 *u)
{
	bool level = (u->raw & u->mask) != 0;

	if (level != u->level) {
		u->level = level;
		arch_guest_irq(u->domain, u->place.intid, level);
	}
}

/* --- data --- */

/* The time after which a receiver that is not full reports what it has is always over. */
static void vpl011_input(struct console_guest *g, char c)
{
	struct vpl011 *u = container_of(g, struct vpl011, guest);

	spin_lock(&u->lock);
	if (vpl011_count(u) == FIFO_SIZE) {
		u->raw |= INT_OE;
		u->overrun = u->overran = true;
	} else {
		u->fifo[u->head++ % FIFO_SIZE] = (u8)c;
		u->raw |= INT_RT | (vpl011_count(u) >= FIFO_LEVEL ? INT_RX : 0);
	}
	vpl011_update_line(u);
	spin_unlock(&u->lock);
}

/* Nothing there: zero. What is left makes the next timeout. */
static u32 vpl011_read_data(struct vpl011 *u)
{
	u32 data;

	if (vpl011_count(u) == 0) {
		return 0;
	}
	data = u->fifo[u->tail++ % FIFO_SIZE] | (u->overran ? DR_OE : 0);
	u->overran = false;
	u->raw &= ~(vpl011_count(u) < FIFO_LEVEL ? INT_RX : 0U);
	if (vpl011_count(u) == 0) {
		u->raw &= ~INT_RT;
	} else {
		u->raw |= INT_RT;
	}
	return data;
}

/* No lock held: it takes its time, and a byte has no place among those of other vCPUs. */
static void vpl011_send(struct vpl011 *u, u8 byte)
{
	char c = (char)byte;

	console_guest_write(u->domain, &c, 1);
}

/* --- registers; the lock is held --- */

static u32 vpl011_flags(const struct vpl011 *u)
{
	return FR_CTS | FR_DSR | FR_DCD | FR_TXFE | (vpl011_count(u) == 0 ? FR_RXFE : 0) |
	       (vpl011_count(u) == FIFO_SIZE ? FR_RXFF : 0);
}

static u16 *vpl011_plain(struct vpl011 *u, u32 reg, u16 *mask)
{
	for (unsigned int i = 0; i < PLAIN_COUNT; i++) {
		if (vpl011_plains[i].reg == reg) {
			*mask = vpl011_plains[i].mask;
			return &u->plain[i];
		}
	}
	return NULL;
}

static u32 vpl011_read(struct vpl011 *u, u32 reg)
{
	u16 *plain, mask;

	switch (reg) {
	case REG_DR:
		return vpl011_read_data(u);
	case REG_RSR:
		return u->overrun ? RSR_OE : 0;
	case REG_FR:
		return vpl011_flags(u);
	case REG_IMSC:
		return u->mask;
	case REG_RIS:
		return u->raw;
	case REG_MIS:
		return u->raw & u->mask;
	default:
		plain = vpl011_plain(u, reg, &mask);
		return plain ? *plain : 0;
	}
}

static void vpl011_write(struct vpl011 *u, u32 reg, u32 value)
{
	u16 *plain, mask;

	switch (reg) {
	case REG_DR:
		u->raw |= INT_TX; /* it is out, and there is room */
		break;
	case REG_RSR:
		u->overrun = false;
		break;
	case REG_IMSC:
		u->mask = value & INT_ALL;
		break;
	case REG_ICR:
		u->raw &= ~value;
		break;
	default:
		plain = vpl011_plain(u, reg, &mask);
		if (plain) {
			*plain = (u16)(value & mask);
		}
		break;
	}
}

/* Any width reads a part of the 32-bit register; of what lies in the middle of one, nothing has an
 * effect. */
static int vpl011_access(struct vcpu *v, const struct vdev_region *r, struct vdev_access *a)
{
	struct vpl011 *u = r->device;
	bool whole = a->offset % 4 == 0;

	if (a->write && a->offset == REG_DR) {
		vpl011_send(u, (u8)a->value);
	}
	spin_lock(&u->lock);
	if (a->write && whole) {
		u32 width = a->size < 4 ? BIT32(8 * a->size) - 1 : ~0U;

		vpl011_write(u, (u32)a->offset, (u32)a->value & width);
	} else if (!a->write) {
		u32 reg = (u32)ALIGN_DOWN(a->offset, 4);

		a->value = whole || reg != REG_DR ? vpl011_read(u, reg) : 0;
		a->value >>= 8 * (a->offset % 4);
		a->value &= a->size < 8 ? BIT64(8 * a->size) - 1 : ~0ULL;
	}
	vpl011_update_line(u);
	spin_unlock(&u->lock);
	return 0;
}

/* --- unit --- */

void vpl011_set_host(u64 base, u64 size, u32 intid)
{
	vpl011_host.base = base;
	vpl011_host.size = size;
	vpl011_host.intid = intid;
}

int vpl011_place(const struct domain_desc *desc, struct vpl011_place *place)
{
	*place = (struct vpl011_place){ .base = VPL011_BASE, .intid = VPL011_INTID };
	if (!desc->direct_mapped) {
		return 0;
	}
	if (vpl011_host.size < VPL011_SIZE || vpl011_host.intid < 32) {
		log_err("d%u (%s): no vpl011: a direct-mapped domain has it in place of the host's "
			"console port, which is missing, has no interrupt or shares its page",
			desc->id, desc->where ? desc->where : desc->name);
		return -ENODEV;
	}
	*place = (struct vpl011_place){ .base = vpl011_host.base, .intid = vpl011_host.intid };
	return 0;
}

static int vpl011_add(struct vpl011 *u)
{
	struct vdev_region region = {
		.start = u->place.base,
		.size = VPL011_SIZE,
		.access = vpl011_access,
		.device = u,
		.name = "vpl011",
	};

	return bus_add(u->domain, BUS_MMIO, &region);
}

static int vpl011_create(struct domain *d, const struct domain_desc *desc)
{
	struct vpl011_place place;
	struct vpl011 *u;
	int rc;

	if (!desc->vpl011) {
		return 0;
	}
	rc = vpl011_place(desc, &place);
	if (rc != 0) {
		return rc;
	}
	u = heap_new(&d->pool, struct vpl011);
	if (!u) {
		return -ENOMEM;
	}
	u->domain = d;
	u->place = place;
	u->guest.domain = d;
	u->guest.input = vpl011_input;
	spin_init(&u->lock, RANK_VUART);
	for (unsigned int i = 0; i < PLAIN_COUNT; i++) {
		u->plain[i] = vpl011_plains[i].reset;
	}
	rc = vpl011_add(u);
	if (rc != 0) {
		heap_free(&d->pool, u);
		return rc;
	}
	d->vpl011 = u;
	console_guest_add(&u->guest);
	return 0;
}

static void vpl011_destroy(struct domain *d)
{
	if (d->vpl011) {
		console_guest_remove(&d->vpl011->guest);
		bus_remove(d, BUS_MMIO, d->vpl011->place.base);
		heap_free(&d->pool, d->vpl011);
		d->vpl011 = NULL;
	}
}

const struct unit vpl011_unit = {
	.name = "vpl011",
	.domain_create = vpl011_create,
	.domain_destroy = vpl011_destroy,
};
