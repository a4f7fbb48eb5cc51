/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Ports of the hardware domain: it reaches the machine's own, but for those in the tables below.
 * Other domains reach none.
 */
#include "arch/x86/vdev/ports.h"

#include "arch/contract/cpu.h"
#include "arch/x86/asm.h"
#include "arch/x86/uart.h"
#include "arch/x86/vcpu.h"
#include "arch/x86/vdev/rtc.h"
#include "core/domain.h"
#include "core/log.h"
#include "drv/acpi/acpi.h"
#include "drv/pci/pci.h"
#include "lib/bitmap.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/heap.h"
#include "vdev/vpci.h"

#define PORT_COUNT 0x10000

#define PM1_SLP_TYP_SHIFT 10
#define PM1_SLP_TYP 0x1c00
#define PM1_SLP_EN 0x2000

#define CF8_ENABLE BIT32(31)
#define RESET_PORT 0xcf9

/* What the devices behind a hardware domain's ports remember. */
struct ports {
	struct vrtc rtc;
	u32 cf8; /* configuration address; guests serialise its use */
};

/* --- native accesses --- */

static u32 native_in(u16 port, u8 size)
{
	return size == 1 ? inb(port) : size == 2 ? inw(port) : inl(port);
}

static void native_out(u16 port, u8 size, u32 value)
{
	if (size == 1) {
		outb(port, (u8)value);
	} else if (size == 2) {
		outw(port, (u16)value);
	} else {
		outl(port, value);
	}
}

/* --- devices --- */

static u64 all_ones(const struct vdev_access *a)
{
	return ~0ULL >> (64 - 8 * a->size);
}

/* No such device: reads give all ones, writes go nowhere. */
static int ports_absent(struct vcpu *v, const struct vdev_region *r, struct vdev_access *a)
{
	if (!a->write) {
		a->value = all_ones(a);
	}
	return 0;
}

/* PCI configuration mechanism 1: the address is a whole double word. The reset port lies within it
 * and is the machine's. */
static int ports_cf8(struct vcpu *v, const struct vdev_region *r, struct vdev_access *a)
{
	struct ports *p = r->device;

	if (a->size == 4) {
		if (a->write) {
			p->cf8 = (u32)a->value & 0x80fffffc;
		} else {
			a->value = p->cf8;
		}
		return 0;
	}
	if (a->size != 1 || a->addr != RESET_PORT) {
		return ports_absent(v, r, a);
	}
	if (a->write) {
		outb(RESET_PORT, (u8)a->value);
	} else {
		a->value = inb(RESET_PORT);
	}
	return 0;
}

static int ports_cfc(struct vcpu *v, const struct vdev_region *r, struct vdev_access *a)
{
	const struct ports *p = r->device;
	u32 sbdf = p->cf8 >> 8 & 0xffff;
	u16 reg = (u16)((p->cf8 & 0xfc) + a->offset);

	if ((p->cf8 & CF8_ENABLE) == 0) {
		return ports_absent(v, r, a);
	}
	if (a->write) {
		vpci_write(v->domain, sbdf, reg, a->size, (u32)a->value);
	} else {
		a->value = vpci_read(v->domain, sbdf, reg, a->size);
	}
	return 0;
}

/* PM1 control (ACPI 6.4, 4.8.3.2). Sleep states are the hypervisor's; of them it knows S5. */
static int ports_pm1(struct vcpu *v, const struct vdev_region *r, struct vdev_access *a)
{
	const struct acpi_fadt *f = &acpi_host.fadt;
	u32 value = (u32)a->value << (8 * a->offset), type;

	if (!a->write) {
		a->value = native_in((u16)a->addr, a->size);
		return 0;
	}
	type = (value & PM1_SLP_TYP) >> PM1_SLP_TYP_SHIFT;
	if (value & PM1_SLP_EN) {
		if (f->s5_valid && type == f->s5_slp_typa) {
			log_info("d%uv%u powers the machine off", v->domain->id, v->id);
			arch_machine_end(MACHINE_POWEROFF);
		}
		log_guest("d%uv%u: sleep type %u is refused", v->domain->id, v->id, type);
		value &= ~PM1_SLP_EN;
	}
	native_out((u16)a->addr, a->size, value >> (8 * a->offset));
	return 0;
}

/* --- tables --- */

struct port_range {
	u16 first, last;
	vdev_access_fn *access;
	const char *name;
};

static const struct port_range fixed_ranges[] = {
	{ 0x20, 0x21, ports_absent, "pic" },	/* interrupts come by I/O APICs */
	{ 0xa0, 0xa1, ports_absent, "pic" },	/* its second half */
	{ 0x4d0, 0x4d1, ports_absent, "elcr" }, /* the PICs' trigger modes */
	{ 0x40, 0x43, ports_absent, "pit" },	/* the hypervisor may calibrate with it */
	{ 0x61, 0x61, ports_absent, "nmi-sc" }, /* gate of the PIT, causes of NMIs */
	{ 0x70, 0x71, vrtc_access, "rtc" },	/* index and data are two steps */
	{ 0xcf8, 0xcfb, ports_cf8, "pci" },	/* seen through vpci; the reset port */
	{ 0xcfc, 0xcff, ports_cfc, "pci" },
};

static void *device_of(struct ports *p, const struct port_range *range)
{
	return range->access == vrtc_access ? (void *)&p->rtc : p;
}

/* Calls fn for each range of ports that exits; stops at the first error. */
typedef int range_fn(struct domain *d, const struct port_range *range, void *arg);

static int each_uart(struct domain *d, range_fn *fn, void *arg)
{
	for (u32 port = 0; port < PORT_COUNT; port += 8) {
		const struct port_range range = { (u16)port, (u16)(port + 7), ports_absent,
			"uart" };
		int rc = uart_owns_port((u16)port) ? fn(d, &range, arg) : 0;

		if (rc != 0) {
			return rc;
		}
	}
	return 0;
}

static int each_pm1(struct domain *d, range_fn *fn, void *arg)
{
	const struct acpi_reg *regs[] = { &acpi_host.fadt.pm1a_control,
		&acpi_host.fadt.pm1b_control };

	for (unsigned int i = 0; i < ARRAY_SIZE(regs); i++) {
		u16 port = (u16)regs[i]->address;
		const struct port_range range = { port, (u16)(port + 1), ports_pm1, "pm1" };
		int rc = 0;

		if (regs[i]->space == ACPI_SPACE_IO && regs[i]->address != 0 &&
			regs[i]->address < PORT_COUNT - 1) {
			rc = fn(d, &range, arg);
		}
		if (rc != 0) {
			return rc;
		}
	}
	return 0;
}

static int each_range(struct domain *d, range_fn *fn, void *arg)
{
	int rc = 0;

	for (unsigned int i = 0; rc == 0 && i < ARRAY_SIZE(fixed_ranges); i++) {
		rc = fn(d, &fixed_ranges[i], arg);
	}
	if (rc == 0) {
		rc = each_uart(d, fn, arg);
	}
	return rc == 0 ? each_pm1(d, fn, arg) : rc;
}

/* --- the bitmap --- */

static int range_exits(struct domain *d, const struct port_range *range, void *arg)
{
	bitmap_set_range(d->arch->io_bitmap, range->first, range->last - range->first + 1U);
	return 0;
}

void ports_setup_hardware_domain(struct domain *d)
{
	bitmap_clear_range(d->arch->io_bitmap, 0, PORT_COUNT);
	each_range(d, range_exits, NULL);
}

/* --- life --- */

static int range_add(struct domain *d, const struct port_range *range, void *arg)
{
	struct vdev_region r = { .start = range->first,
		.size = range->last - range->first + 1U,
		.access = range->access,
		.device = device_of(arg, range),
		.name = range->name };

	return bus_add(d, BUS_PIO, &r);
}

static int range_remove(struct domain *d, const struct port_range *range, void *arg)
{
	bus_remove(d, BUS_PIO, range->first);
	return 0;
}

static void ports_destroy(struct domain *d)
{
	const struct vdev_region *r = d->hardware ? bus_find(d, BUS_PIO, 0xcf8) : NULL;
	struct ports *p = r ? r->device : NULL;

	if (p) {
		each_range(d, range_remove, NULL);
		heap_free(&d->pool, p);
	}
}

static int ports_create(struct domain *d, const struct domain_desc *desc)
{
	struct ports *p;
	int rc;

	if (!d->hardware) {
		return 0;
	}
	p = heap_new(&d->pool, struct ports);
	if (!p) {
		return -ENOMEM;
	}
	vrtc_init(&p->rtc);
	rc = each_range(d, range_add, p);
	if (rc != 0) {
		each_range(d, range_remove, NULL);
		heap_free(&d->pool, p);
	}
	return rc;
}

const struct unit ports_unit = {
	.name = "ports",
	.domain_create = ports_create,
	.domain_destroy = ports_destroy,
};
