/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Configuration space as the hardware domain sees it: looks the function up, cuts accesses into
 * registers with handlers and the device's own, and puts the pieces together. A guest reaches no
 * other function and no other register through here than those that it names.
 */
#include "vdev/vpci.h"

#include "core/log.h"
#include "drv/acpi/acpi.h"
#include "drv/iommu/iommu.h"
#include "lib/bug.h"
#include "lib/errno.h"
#include "mm/heap.h"
#include "mm/vmap.h"
#include "vdev/bus.h"
#include "vdev/vpci_internal.h"

#define CONFIG_SIZE 4096U
#define HIDDEN_MAX 16
#define NO_DEVICE 0xffff

static u32 hidden[HIDDEN_MAX];
static unsigned int hidden_count;

int vpci_hide(u32 sbdf)
{
	if (hidden_count == HIDDEN_MAX) {
		return -ENOSPC;
	}
	hidden[hidden_count++] = sbdf;
	return 0;
}

static bool vpci_hidden(u32 sbdf)
{
	for (unsigned int i = 0; i < hidden_count; i++) {
		if (hidden[i] == sbdf) {
			return true;
		}
	}
	return iommu_owns(sbdf);
}

/* --- the tree of functions --- */

static struct vpci_dev *vpci_entry(const struct rb_node *n)
{
	return n ? rb_entry(n, struct vpci_dev, node) : NULL;
}

static bool vpci_less(const struct rb_node *a, const struct rb_node *b)
{
	return vpci_entry(a)->sbdf < vpci_entry(b)->sbdf;
}

static int vpci_cmp(const void *key, const struct rb_node *n)
{
	u32 want = *(const u32 *)key, have = vpci_entry(n)->sbdf;

	return want < have ? -1 : want > have;
}

struct vpci_dev *vpci_first(struct vpci_domain *vd)
{
	return vpci_entry(rb_first(&vd->devs));
}

struct vpci_dev *vpci_next(struct vpci_dev *p)
{
	return vpci_entry(rb_next(&p->node));
}

void vpci_lock(struct vpci_domain *vd)
{
	spin_lock(&vd->lock);
}

void vpci_unlock(struct vpci_domain *vd)
{
	void *stale = vd->stale;

	vd->stale = NULL;
	spin_unlock(&vd->lock);
	vunmap(stale);
}

void vpci_unmap_later(struct vpci_domain *vd, void *va)
{
	if (va) {
		ASSERT(!vd->stale);
		vd->stale = va;
	}
}

/* --- registers --- */

int vpci_reg_add(struct vpci_dev *p, const struct vpci_reg *r)
{
	unsigned int at = p->reg_count;

	if (p->reg_count == VPCI_REGS_MAX) {
		return -ENOSPC;
	}
	while (at > 0 && p->regs[at - 1].offset > r->offset) {
		at--;
	}
	if ((at > 0 && p->regs[at - 1].offset + p->regs[at - 1].size > r->offset) ||
		(at < p->reg_count && r->offset + r->size > p->regs[at].offset)) {
		return -EEXIST;
	}
	for (unsigned int i = p->reg_count; i > at; i--) {
		p->regs[i] = p->regs[i - 1];
	}
	p->regs[at] = *r;
	p->reg_count++;
	return 0;
}

/* The first register with handlers that ends behind this offset, or NULL. */
static const struct vpci_reg *reg_at(const struct vpci_dev *p, unsigned int offset)
{
	for (unsigned int i = 0; i < p->reg_count; i++) {
		if (offset < (unsigned int)p->regs[i].offset + p->regs[i].size) {
			return &p->regs[i];
		}
	}
	return NULL;
}

static u32 ones(unsigned int size)
{
	return (u32)(BIT64(8 * size) - 1);
}

/* The largest naturally aligned piece at this offset that is not longer than size. */
static unsigned int aligned_piece(unsigned int offset, unsigned int size)
{
	unsigned int n = size >= 4 ? 4 : size >= 2 ? 2 : 1;

	while (offset % n != 0) {
		n /= 2;
	}
	return n;
}

/* Part of an access: `size` bytes at `offset`, all of one register with handlers, or of none. */
struct piece {
	unsigned int offset, size;
	const struct vpci_reg *reg;
};

static struct piece piece_at(const struct vpci_dev *p, unsigned int offset, unsigned int end)
{
	const struct vpci_reg *r = reg_at(p, offset);

	if (r && r->offset <= offset) {
		return (struct piece){ offset, MIN(end, r->offset + (unsigned int)r->size) - offset,
			r };
	}
	if (r && r->offset < end) {
		end = r->offset;
	}
	return (struct piece){ offset, aligned_piece(offset, end - offset), NULL };
}

static u32 device_read(u32 sbdf, u16 reg, unsigned int size)
{
	return size == 4   ? pci_read32(sbdf, reg)
	       : size == 2 ? pci_read16(sbdf, reg)
			   : pci_read8(sbdf, reg);
}

static void device_write(u32 sbdf, u16 reg, unsigned int size, u32 value)
{
	if (size == 4) {
		pci_write32(sbdf, reg, value);
	} else if (size == 2) {
		pci_write16(sbdf, reg, (u16)value);
	} else {
		pci_write8(sbdf, reg, (u8)value);
	}
}

static u32 piece_read(struct vpci_dev *p, const struct piece *c)
{
	if (!c->reg) {
		return device_read(p->sbdf, (u16)c->offset, c->size);
	}
	return c->reg->read(p, c->reg) >> (8 * (c->offset - c->reg->offset)) & ones(c->size);
}

/* A part of a register is written as the whole with the rest as it reads. */
static void piece_write(struct vpci_dev *p, const struct piece *c, u32 value)
{
	unsigned int shift;
	u32 mask;

	if (!c->reg) {
		device_write(p->sbdf, (u16)c->offset, c->size, value);
		return;
	}
	shift = 8 * (c->offset - c->reg->offset);
	mask = ones(c->size) << shift;
	value = (value << shift) & mask;
	if (c->size < c->reg->size) {
		value |= c->reg->read(p, c->reg) & ~mask;
	}
	c->reg->write(p, c->reg, value);
}

static u32 config_read(struct vpci_dev *p, unsigned int offset, unsigned int size)
{
	u32 value = 0;

	for (unsigned int done = 0; done < size;) {
		struct piece c = piece_at(p, offset + done, offset + size);

		value |= (piece_read(p, &c) & ones(c.size)) << (8 * done);
		done += c.size;
	}
	return value;
}

static void config_write(struct vpci_dev *p, unsigned int offset, unsigned int size, u32 value)
{
	for (unsigned int done = 0; done < size;) {
		struct piece c = piece_at(p, offset + done, offset + size);

		piece_write(p, &c, value >> (8 * done) & ones(c.size));
		done += c.size;
	}
}

/* --- functions --- */

static void dev_destroy(struct vpci_dev *p)
{
	vpci_msix_destroy(p);
	vpci_msi_destroy(p);
	vpci_bar_destroy(p);
}

static int dev_create(struct vpci_dev *p)
{
	int rc = vpci_msi_create(p);

	if (rc == 0) {
		rc = vpci_msix_create(p);
	}
	if (rc == 0) {
		rc = vpci_bar_create(
			p); /* last: it maps what is decoded, but for the MSI-X table */
	}
	if (rc != 0) {
		dev_destroy(p);
	}
	return rc;
}

static int dev_add_locked(struct vpci_domain *vd, u32 sbdf, const struct pci_dev *pci)
{
	struct vpci_dev *p;
	int rc;

	if (rb_find(&vd->devs, &sbdf, vpci_cmp)) {
		return 0;
	}
	p = heap_new(&vd->domain->pool, struct vpci_dev);
	if (!p) {
		return -ENOMEM;
	}
	p->vd = vd;
	p->pci = pci;
	p->sbdf = sbdf;
	rc = dev_create(p);
	if (rc != 0) {
		heap_free(&vd->domain->pool, p);
		return rc;
	}
	rb_insert(&vd->devs, &p->node, vpci_less);
	return 0;
}

int vpci_add_device(struct domain *d, u32 sbdf)
{
	const struct pci_dev *pci;
	int rc;

	if (!d->vpci || vpci_hidden(sbdf)) {
		return -EPERM;
	}
	if (!pci_find(sbdf)) {
		rc = pci_probe(sbdf);
		if (rc == 0 && d->iommu) {
			rc = iommu_assign(d, sbdf);
		}
		if (rc != 0) {
			return rc;
		}
	}
	pci = pci_find(sbdf);
	if (!pci) {
		return -ENODEV;
	}
	vpci_lock(d->vpci);
	rc = dev_add_locked(d->vpci, sbdf, pci);
	vpci_unlock(d->vpci);
	if (rc != 0) {
		log_err(PCI_SBDF_FMT ": d%u does not get this function: error %d",
			PCI_SBDF_ARGS(sbdf), d->id, -rc);
	}
	return rc;
}

/* The function, with the lock held; one that has just appeared is added. NULL: no such function for
 * this domain, and no lock. */
static struct vpci_dev *dev_enter(struct domain *d, u32 sbdf)
{
	struct vpci_domain *vd = d->vpci;

	if (!vd) {
		return NULL;
	}
	for (unsigned int round = 0; round < 2; round++) {
		struct rb_node *n;

		vpci_lock(vd);
		n = rb_find(&vd->devs, &sbdf, vpci_cmp);
		if (n) {
			return vpci_entry(n);
		}
		vpci_unlock(vd);
		if (round == 0 && (vpci_hidden(sbdf) || pci_read16(sbdf, PCI_VENDOR) == NO_DEVICE ||
					  vpci_add_device(d, sbdf) != 0)) {
			return NULL;
		}
	}
	return NULL;
}

u32 vpci_read(struct domain *d, u32 sbdf, u16 reg, unsigned int size)
{
	struct vpci_dev *p;
	u32 value;

	if (reg + size > CONFIG_SIZE) {
		return ones(size);
	}
	p = dev_enter(d, sbdf);
	if (!p) {
		return ones(size);
	}
	value = config_read(p, reg, size);
	vpci_unlock(p->vd);
	return value;
}

void vpci_write(struct domain *d, u32 sbdf, u16 reg, unsigned int size, u32 value)
{
	struct vpci_dev *p = reg + size > CONFIG_SIZE ? NULL : dev_enter(d, sbdf);

	if (p) {
		config_write(p, reg, size, value);
		vpci_unlock(p->vd);
	}
}

/* --- configuration space in memory --- */

/* 8 bytes at most, in pieces that stay in one function. */
static int ecam_access(struct vcpu *v, const struct vdev_region *r, struct vdev_access *a)
{
	const struct acpi_mcfg *m = r->device;
	u64 value = 0;

	for (unsigned int done = 0; done < a->size;) {
		u64 at = a->offset + done + ((u64)m->first_bus << 20);
		u32 sbdf = (u32)m->segment << 16 | (u32)(at >> 12 & 0xffff);
		u16 reg = (u16)(at % CONFIG_SIZE);
		unsigned int size = MIN(MIN(a->size - done, 4U), CONFIG_SIZE - reg);

		if (a->write) {
			vpci_write(v->domain, sbdf, reg, size,
				(u32)(a->value >> (8 * done)) & ones(size));
		} else {
			value |= (u64)vpci_read(v->domain, sbdf, reg, size) << (8 * done);
		}
		done += size;
	}
	if (!a->write) {
		a->value = value;
	}
	return 0;
}

static u64 ecam_start(const struct acpi_mcfg *m)
{
	return m->at.v + ((u64)m->first_bus << 20);
}

static int ecam_add(struct vpci_domain *vd)
{
	for (; vd->ecam_count < acpi_host.mcfg_count; vd->ecam_count++) {
		struct acpi_mcfg *m = &acpi_host.mcfgs[vd->ecam_count];
		struct vdev_region r = { .start = ecam_start(m),
			.size = (u64)(m->last_bus - m->first_bus + 1) << 20,
			.access = ecam_access,
			.device = m,
			.name = "ecam" };
		int rc = bus_add(vd->domain, BUS_MMIO, &r);

		if (rc != 0) {
			log_err("ECAM window at %#llx: error %d", (unsigned long long)r.start, -rc);
			return rc;
		}
	}
	return 0;
}

static void ecam_remove(struct vpci_domain *vd)
{
	for (unsigned int i = 0; i < vd->ecam_count; i++) {
		bus_remove(vd->domain, BUS_MMIO, ecam_start(&acpi_host.mcfgs[i]));
	}
}

/* --- life --- */

static void vpci_destroy(struct domain *d)
{
	struct vpci_domain *vd = d->vpci;
	struct vpci_dev *p;

	if (!vd) {
		return;
	}
	ecam_remove(vd);
	while ((p = vpci_first(vd)) != NULL) {
		vpci_lock(vd);
		rb_erase(&vd->devs, &p->node);
		dev_destroy(p);
		vpci_unlock(vd);
		heap_free(&d->pool, p);
	}
	d->vpci = NULL;
	heap_free(&d->pool, vd);
}

/* A function that cannot be given costs just itself, but for lack of memory. */
static int add_all(struct domain *d)
{
	for (const struct pci_dev *pci = pci_first(); pci; pci = pci_next(pci->sbdf)) {
		if (vpci_add_device(d, pci->sbdf) == -ENOMEM) {
			return -ENOMEM;
		}
	}
	return 0;
}

static int vpci_create(struct domain *d, const struct domain_desc *desc)
{
	struct vpci_domain *vd;
	int rc;

	if (!d->hardware) {
		return 0;
	}
	vd = heap_new(&d->pool, struct vpci_domain);
	if (!vd) {
		return -ENOMEM;
	}
	spin_init(&vd->lock, RANK_VPCI);
	vd->domain = d;
	d->vpci = vd;
	rc = ecam_add(vd);
	if (rc == 0) {
		rc = add_all(d);
	}
	if (rc != 0) {
		vpci_destroy(d);
	}
	return rc;
}

const struct unit vpci_unit = {
	.name = "vpci",
	.domain_create = vpci_create,
	.domain_destroy = vpci_destroy,
	.dump = pci_dump,
	.dump_key = 'Q',
	.dump_what = "PCI functions",
};
