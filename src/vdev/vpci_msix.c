/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The MSI-X capability (PCI local bus 3.0, section 6.8.2). The pages that hold the table are not
 * mapped in the guest: what it writes there is kept here, and the device's table gets the host's
 * messages. Whatever else lies in these pages, the pending bits for one, passes.
 */
#include "vdev/vpci_internal.h"

#include "arch/contract/io.h"
#include "core/log.h"
#include "lib/errno.h"
#include "mm/heap.h"
#include "mm/vmap.h"
#include "vdev/bus.h"

#define MSIX_CONTROL 2
#define MSIX_MASK 0x4000
#define MSIX_ENABLE 0x8000

#define ENTRY_SIZE 16U
#define ENTRY_ADDRESS 0
#define ENTRY_ADDRESS_HIGH 4
#define ENTRY_DATA 8
#define ENTRY_CONTROL 12
#define ENTRY_MASKED 1

static u64 table_size(const struct vpci_msix *x)
{
	return (u64)x->count * ENTRY_SIZE;
}

/* --- the device's table --- */

static void entry_set(struct vpci_msix *x, unsigned int i, unsigned int field, u32 value)
{
	u64 within = x->offset % PAGE_SIZE + (u64)i * ENTRY_SIZE + field;

	arch_mmio_write32(x->va + within, value);
}

static int entry_bind(struct vpci_dev *p, struct vpci_msix_entry *e, struct msi_message *host)
{
	int rc;

	if (!e->irq) {
		e->irq = arch_msi_create(p->vd->domain, p->sbdf);
	}
	rc = e->irq ? arch_msi_bind(e->irq, &e->guest, host) : -ENOMEM;
	if (rc != 0) {
		log_guest(PCI_SBDF_FMT ": MSI-X to %#llx, data %#x: error %d",
			PCI_SBDF_ARGS(p->sbdf), (unsigned long long)e->guest.address, e->guest.data,
			-rc);
	}
	return rc;
}

/* Brings the device's entry in line with the guest's. One whose message cannot be had is masked. */
static void entry_sync(struct vpci_dev *p, unsigned int i)
{
	struct vpci_msix *x = p->msix;
	struct vpci_msix_entry *e = &x->entries[i];
	struct msi_message host;

	if (!x->live) {
		return;
	}
	if (e->masked || (x->control & MSIX_ENABLE) == 0) {
		entry_set(x, i, ENTRY_CONTROL, ENTRY_MASKED);
		return;
	}
	entry_set(x, i, ENTRY_CONTROL, ENTRY_MASKED);
	if (entry_bind(p, e, &host) != 0) {
		return;
	}
	entry_set(x, i, ENTRY_ADDRESS, (u32)host.address);
	entry_set(x, i, ENTRY_ADDRESS_HIGH, (u32)(host.address >> 32));
	entry_set(x, i, ENTRY_DATA, host.data);
	entry_set(x, i, ENTRY_CONTROL, 0);
}

static void sync_all(struct vpci_dev *p)
{
	for (unsigned int i = 0; i < p->msix->count; i++) {
		entry_sync(p, i);
	}
}

/* No interrupt is wanted any more. A table that is out of reach keeps old messages, which is why
 * the function stays masked as long as it is. */
static void unbind_all(struct vpci_msix *x)
{
	for (unsigned int i = 0; i < x->count; i++) {
		if (x->entries[i].irq) {
			arch_msi_unbind(x->entries[i].irq);
		}
	}
}

/* --- the capability --- */

static void control_set(struct vpci_dev *p)
{
	struct vpci_msix *x = p->msix;
	u16 mask = (x->control & MSIX_ENABLE) && !x->live ? MSIX_MASK : 0;

	pci_write16(p->sbdf, x->cap + MSIX_CONTROL, x->control | mask);
}

/* The entries are written while the function masks them all. */
static void start(struct vpci_dev *p)
{
	pci_write16(p->sbdf, p->msix->cap + MSIX_CONTROL, MSIX_ENABLE | MSIX_MASK);
	sync_all(p);
	control_set(p);
}

void vpci_msix_resume(struct vpci_dev *p)
{
	if (p->msix && (p->msix->control & MSIX_ENABLE)) {
		start(p);
	}
}

static u32 control_read(struct vpci_dev *p, const struct vpci_reg *r)
{
	u32 value = pci_read16(p->sbdf, r->offset) & ~(MSIX_ENABLE | MSIX_MASK);

	return value | p->msix->control;
}

static void control_write(struct vpci_dev *p, const struct vpci_reg *r, u32 value)
{
	struct vpci_msix *x = p->msix;
	u16 old = x->control;

	x->control = value & (MSIX_ENABLE | MSIX_MASK);
	if (x->control & ~old & MSIX_ENABLE) {
		start(p);
		return;
	}
	control_set(p);
	if (old & ~x->control & MSIX_ENABLE) {
		sync_all(p);
		unbind_all(x);
	}
}

/* --- the table as the guest sees it --- */

static u32 field_read(const struct vpci_msix_entry *e, unsigned int field)
{
	switch (field) {
	case ENTRY_ADDRESS:
		return (u32)e->guest.address;
	case ENTRY_ADDRESS_HIGH:
		return (u32)(e->guest.address >> 32);
	case ENTRY_DATA:
		return e->guest.data;
	default:
		return e->masked ? ENTRY_MASKED : 0;
	}
}

static void field_write(struct vpci_msix_entry *e, unsigned int field, u32 value)
{
	switch (field) {
	case ENTRY_ADDRESS:
		e->guest.address = (e->guest.address & ~0xffffffffULL) | (value & ~3U);
		break;
	case ENTRY_ADDRESS_HIGH:
		e->guest.address = (u64)value << 32 | (u32)e->guest.address;
		break;
	case ENTRY_DATA:
		e->guest.data = value;
		break;
	default:
		e->masked = (value & ENTRY_MASKED) != 0;
		break;
	}
}

static void refuse(struct vdev_access *a)
{
	if (!a->write) {
		a->value = ~0ULL >> (64 - 8 * a->size);
	}
}

/* 4 or 8 aligned bytes, as the specification allows; other reads give all ones, other writes go
 * nowhere. */
static void table_access(struct vpci_dev *p, u64 at, struct vdev_access *a)
{
	struct vpci_msix_entry *e = &p->msix->entries[at / ENTRY_SIZE];
	unsigned int field = at % ENTRY_SIZE;

	if (a->size < 4 || at % a->size != 0) {
		refuse(a);
		return;
	}
	if (!a->write) {
		a->value = field_read(e, field);
		if (a->size == 8) {
			a->value |= (u64)field_read(e, field + 4) << 32;
		}
		return;
	}
	field_write(e, field, (u32)a->value);
	if (a->size == 8) {
		field_write(e, field + 4, (u32)(a->value >> 32));
	}
	entry_sync(p, (unsigned int)(at / ENTRY_SIZE));
}

static u64 native_read(const u8 *at, unsigned int size)
{
	return size == 8   ? arch_mmio_read64(at)
	       : size == 4 ? arch_mmio_read32(at)
	       : size == 2 ? arch_mmio_read16(at)
			   : arch_mmio_read8(at);
}

static void native_write(u8 *at, unsigned int size, u64 value)
{
	if (size == 8) {
		arch_mmio_write64(at, value);
	} else if (size == 4) {
		arch_mmio_write32(at, (u32)value);
	} else if (size == 2) {
		arch_mmio_write16(at, (u16)value);
	} else {
		arch_mmio_write8(at, (u8)value);
	}
}

/* What lies beside the table, `at` bytes into its first page. */
static void beside_access(struct vpci_msix *x, u64 at, struct vdev_access *a)
{
	if (at % a->size != 0) {
		refuse(a);
	} else if (a->write) {
		native_write(x->va + at, a->size, a->value);
	} else {
		a->value = native_read(x->va + at, a->size);
	}
}

static void pages_access(struct vpci_dev *p, struct vdev_access *a)
{
	struct vpci_msix *x = p->msix;
	u64 at = a->addr - x->start, table = x->offset % PAGE_SIZE;

	if (a->addr < x->start || at + a->size > x->size || !x->live) {
		refuse(a); /* it has just gone */
	} else if (at + a->size <= table || at >= table + table_size(x)) {
		beside_access(x, at, a);
	} else if (at >= table && at + a->size <= table + table_size(x)) {
		table_access(p, at - table, a);
	} else {
		refuse(a);
	}
}

static int msix_access(struct vcpu *v, const struct vdev_region *r, struct vdev_access *a)
{
	struct vpci_dev *p = r->device;

	vpci_lock(p->vd);
	pages_access(p, a);
	vpci_unlock(p->vd);
	return 0;
}

/* --- where the table is --- */

bool vpci_msix_hole(const struct vpci_dev *p, unsigned int index, u64 *first, u64 *last)
{
	const struct vpci_msix *x = p->msix;
	u64 start;

	if (!x || x->bar != index) {
		return false;
	}
	start = p->bars[index].address + x->offset;
	*first = start >> PAGE_SHIFT;
	*last = (start + table_size(x) - 1) >> PAGE_SHIFT;
	return true;
}

static bool map_pages(struct vpci_dev *p, u64 first, u64 last)
{
	struct vpci_msix *x = p->msix;
	u64 start = first << PAGE_SHIFT, size = (last - first + 1) << PAGE_SHIFT;

	if (x->va && x->start == start) {
		return true;
	}
	vpci_unmap_later(p->vd, x->va);
	x->va = vmap(HPA(start), size, HV_DEVICE);
	x->start = start;
	x->size = size;
	return x->va != NULL;
}

void vpci_msix_map(struct vpci_dev *p)
{
	struct vpci_msix *x = p->msix;
	struct vdev_region r = { .access = msix_access, .device = p, .name = "msix" };
	u64 first, last;
	int rc = -ENOMEM;

	vpci_msix_hole(p, x->bar, &first, &last);
	if (map_pages(p, first, last)) {
		r.start = x->start;
		r.size = x->size;
		rc = bus_add(p->vd->domain, BUS_MMIO, &r);
	}
	if (rc != 0) {
		log_err(PCI_SBDF_FMT ": its MSI-X table is out of reach: error %d",
			PCI_SBDF_ARGS(p->sbdf), -rc);
		return;
	}
	x->live = true;
}

void vpci_msix_unmap(struct vpci_dev *p)
{
	struct vpci_msix *x = p->msix;

	if (x->live) {
		bus_remove(p->vd->domain, BUS_MMIO, x->start);
		x->live = false;
	}
}

/* --- life --- */

/* A table that does not fit its BAR cannot be kept from the guest. */
static bool table_fits(const struct pci_dev *pci)
{
	const struct pci_bar *bar;

	if (pci->msix_table_bar >= 6 || pci->msix_count == 0) {
		return false;
	}
	bar = &pci->bars[pci->msix_table_bar];
	if (bar->kind != PCI_BAR_MEM && bar->kind != PCI_BAR_MEM64) {
		return false;
	}
	return (u64)pci->msix_table_offset + (u64)pci->msix_count * ENTRY_SIZE <= bar->size;
}

int vpci_msix_create(struct vpci_dev *p)
{
	const struct pci_dev *pci = p->pci;
	struct vpci_reg control = { .offset = pci->cap_msix + MSIX_CONTROL,
		.size = 2,
		.read = control_read,
		.write = control_write };
	struct vpci_msix *x;

	if (!pci->cap_msix) {
		return 0;
	}
	if (!table_fits(pci)) {
		log_warn(PCI_SBDF_FMT ": its MSI-X table is not in its BARs",
			PCI_SBDF_ARGS(p->sbdf));
		return -EINVAL;
	}
	x = heap_alloc(&p->vd->domain->pool,
		sizeof(*x) + pci->msix_count * sizeof(struct vpci_msix_entry));
	if (!x) {
		return -ENOMEM;
	}
	p->msix = x;
	x->cap = pci->cap_msix;
	x->bar = pci->msix_table_bar;
	x->offset = pci->msix_table_offset;
	x->count = pci->msix_count;
	for (unsigned int i = 0; i < x->count; i++) {
		x->entries[i].masked = true;
	}
	pci_write16(p->sbdf, control.offset, 0);
	return vpci_reg_add(p, &control);
}

void vpci_msix_destroy(struct vpci_dev *p)
{
	struct vpci_msix *x = p->msix;
	struct domain *d = p->vd->domain;

	if (!x) {
		return;
	}
	pci_write16(p->sbdf, x->cap + MSIX_CONTROL, 0);
	vpci_msix_unmap(p);
	for (unsigned int i = 0; i < x->count; i++) {
		arch_msi_destroy(d, x->entries[i].irq);
	}
	vpci_unmap_later(p->vd, x->va);
	p->msix = NULL;
	heap_free(&d->pool, x);
}
