/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Finding PCI functions and reading what they are: identity, BARs, capabilities (PCI local bus 3.0,
 * chapter 6). What a device answers is not trusted: every walk is bounded.
 */
#include "drv/pci/pci.h"

#include "core/locks.h"
#include "core/log.h"
#include "drv/acpi/acpi.h"
#include "drv/pci/pci_cfg.h"
#include "lib/bits.h"
#include "lib/errno.h"
#include "mm/heap.h"

#define PCI_NO_DEVICE 0xffff
#define PCI_CAPS_START 0x40
#define PCI_CAPS_MAX 48 /* (256 - 64) / 4 */

#define PCI_BAR_IS_IO BIT32(0)
#define PCI_BAR_TYPE_MASK 0x6U
#define PCI_BAR_TYPE_64 0x4U
#define PCI_BAR_PREFETCH BIT32(3)
#define PCI_BAR_MEM_MASK (~0xfU)
#define PCI_BAR_IO_MASK (~0x3U)
#define PCI_ROM_MASK (~0x7ffU)

#define PCI_MSI_CONTROL 2
#define PCI_MSI_CAPABLE mask64(3, 1) /* log2 of the number of messages */
#define PCI_MSIX_CONTROL 2
#define PCI_MSIX_SIZE mask64(10, 0)
#define PCI_MSIX_TABLE 4
#define PCI_MSIX_PBA 8
#define PCI_MSIX_BIR 7U

static struct rb_root devs;
static struct spinlock devs_lock = SPINLOCK_INIT(RANK_PCI);

/* --- the tree of records --- */

static struct pci_dev *pci_entry(const struct rb_node *n)
{
	return n ? rb_entry(n, struct pci_dev, node) : NULL;
}

static bool pci_less(const struct rb_node *a, const struct rb_node *b)
{
	return pci_entry(a)->sbdf < pci_entry(b)->sbdf;
}

static int pci_cmp(const void *key, const struct rb_node *n)
{
	u32 want = *(const u32 *)key, have = pci_entry(n)->sbdf;

	return want < have ? -1 : want > have;
}

const struct pci_dev *pci_find(u32 sbdf)
{
	struct pci_dev *d;

	spin_lock(&devs_lock);
	d = pci_entry(rb_find(&devs, &sbdf, pci_cmp));
	spin_unlock(&devs_lock);
	return d;
}

const struct pci_dev *pci_first(void)
{
	struct pci_dev *d;

	spin_lock(&devs_lock);
	d = pci_entry(rb_first(&devs));
	spin_unlock(&devs_lock);
	return d;
}

const struct pci_dev *pci_next(u32 sbdf)
{
	struct rb_node *n;

	spin_lock(&devs_lock);
	n = rb_find(&devs, &sbdf, pci_cmp);
	n = n ? rb_next(n) : NULL;
	spin_unlock(&devs_lock);
	return pci_entry(n);
}

/* --- what a function is --- */

u8 pci_find_cap(u32 sbdf, u8 id)
{
	u8 at;

	if (!(pci_read16(sbdf, PCI_STATUS) & PCI_STATUS_CAPS)) {
		return 0;
	}
	at = pci_read8(sbdf, PCI_CAPS) & 0xfc;
	for (unsigned int i = 0; i < PCI_CAPS_MAX && at >= PCI_CAPS_START; i++) {
		u16 head = pci_read16(sbdf, at);

		if ((head & 0xff) == id) {
			return at;
		}
		at = (head >> 8) & 0xfc;
	}
	return 0;
}

/* Writes ones to a register and returns what sticks; its value is put back. */
static u32 pci_size_mask(u32 sbdf, u16 reg, u32 ones)
{
	u32 old = pci_read32(sbdf, reg), mask;

	pci_write32(sbdf, reg, ones);
	mask = pci_read32(sbdf, reg);
	pci_write32(sbdf, reg, old);
	return mask;
}

/* The lowest bit that can be set is the size. */
static u64 pci_lowest(u64 mask)
{
	return mask & -mask;
}

/* Reads the BAR at index i; returns how many registers it takes. */
static unsigned int pci_read_bar(struct pci_dev *d, unsigned int i, unsigned int limit)
{
	struct pci_bar *bar = &d->bars[i];
	u32 old = pci_read32(d->sbdf, PCI_BAR(i));
	u64 mask = pci_size_mask(d->sbdf, PCI_BAR(i), ~0U);

	if (mask == 0 || mask == ~0U) {
		return 1;
	}
	if (old & PCI_BAR_IS_IO) {
		bar->size = pci_lowest(mask & PCI_BAR_IO_MASK);
		bar->address = old & PCI_BAR_IO_MASK;
		bar->kind = bar->size ? PCI_BAR_IO : PCI_BAR_NONE;
		return 1;
	}
	bar->prefetch = (old & PCI_BAR_PREFETCH) != 0;
	bar->address = old & PCI_BAR_MEM_MASK;
	mask &= PCI_BAR_MEM_MASK;
	if ((old & PCI_BAR_TYPE_MASK) != PCI_BAR_TYPE_64 || i + 1 >= limit) {
		bar->size = pci_lowest(mask);
		bar->kind = bar->size ? PCI_BAR_MEM : PCI_BAR_NONE;
		return 1;
	}
	bar->address |= (u64)pci_read32(d->sbdf, PCI_BAR(i + 1)) << 32;
	mask |= (u64)pci_size_mask(d->sbdf, PCI_BAR(i + 1), ~0U) << 32;
	bar->size = pci_lowest(mask);
	bar->kind = bar->size ? PCI_BAR_MEM64 : PCI_BAR_NONE;
	return 2;
}

static void pci_read_rom(struct pci_dev *d)
{
	u16 reg = d->header == 0 ? PCI_ROM : PCI_ROM_BRIDGE;
	u32 mask = pci_size_mask(d->sbdf, reg, PCI_ROM_MASK);

	if (mask != ~0U && (mask & PCI_ROM_MASK) != 0) {
		d->rom.kind = PCI_BAR_ROM;
		d->rom.address = pci_read32(d->sbdf, reg) & PCI_ROM_MASK;
		d->rom.size = pci_lowest(mask & PCI_ROM_MASK);
	}
}

/* Decoding is off meanwhile: the address that all ones would claim belongs to others. Host bridges
 * are left on, since the way to memory may lead through them. */
static void pci_read_bars(struct pci_dev *d)
{
	static const u8 bar_counts[] = { 6, 2, 1 };
	unsigned int limit = d->header < ARRAY_SIZE(bar_counts) ? bar_counts[d->header] : 0;
	u16 command = pci_read16(d->sbdf, PCI_COMMAND);
	bool off = pci_class(d) != PCI_CLASS_HOST_BRIDGE;

	if (off) {
		pci_write16(d->sbdf, PCI_COMMAND,
			command & (u16) ~(PCI_COMMAND_IO | PCI_COMMAND_MEMORY));
	}
	for (unsigned int i = 0; i < limit;) {
		i += pci_read_bar(d, i, limit);
	}
	if (d->header <= 1) {
		pci_read_rom(d);
	}
	if (off) {
		pci_write16(d->sbdf, PCI_COMMAND, command);
	}
}

static void pci_read_caps(struct pci_dev *d)
{
	d->cap_msi = pci_find_cap(d->sbdf, PCI_CAP_MSI);
	d->cap_msix = pci_find_cap(d->sbdf, PCI_CAP_MSIX);
	d->cap_pcie = pci_find_cap(d->sbdf, PCI_CAP_PCIE);
	if (d->cap_msi) {
		u16 control = pci_read16(d->sbdf, d->cap_msi + PCI_MSI_CONTROL);

		/* 6 and 7 are reserved. */
		d->msi_count = (u16)(1U << MIN(field_get(PCI_MSI_CAPABLE, control), 5ULL));
	}
	if (d->cap_msix) {
		u32 table = pci_read32(d->sbdf, d->cap_msix + PCI_MSIX_TABLE);
		u32 pba = pci_read32(d->sbdf, d->cap_msix + PCI_MSIX_PBA);
		u16 control = pci_read16(d->sbdf, d->cap_msix + PCI_MSIX_CONTROL);

		d->msix_count = (u16)(field_get(PCI_MSIX_SIZE, control) + 1);
		d->msix_table_bar = table & PCI_MSIX_BIR;
		d->msix_table_offset = table & ~PCI_MSIX_BIR;
		d->msix_pba_bar = pba & PCI_MSIX_BIR;
		d->msix_pba_offset = pba & ~PCI_MSIX_BIR;
	}
}

static void pci_read_dev(struct pci_dev *d, u32 sbdf)
{
	d->sbdf = sbdf;
	d->vendor = pci_read16(sbdf, PCI_VENDOR);
	d->device = pci_read16(sbdf, PCI_DEVICE);
	d->class_rev = pci_read32(sbdf, PCI_CLASS);
	d->header = pci_read8(sbdf, PCI_HEADER) & PCI_HEADER_TYPE;
	if (d->header == 1) {
		d->secondary = pci_read8(sbdf, PCI_SECONDARY);
		d->subordinate = pci_read8(sbdf, PCI_SUBORDINATE);
	}
	pci_read_bars(d);
	pci_read_caps(d);
}

static bool pci_exists(u32 sbdf)
{
	u16 vendor = pci_read16(sbdf, PCI_VENDOR);

	/* 0 comes from bridges whose configuration cycle ran into nothing. */
	return vendor != PCI_NO_DEVICE && vendor != 0;
}

int pci_probe(u32 sbdf)
{
	struct pci_dev *d;
	bool known;

	if (!pci_exists(sbdf)) {
		return -ENODEV;
	}
	if (pci_find(sbdf)) {
		return 0;
	}
	d = heap_new(&pool_system, struct pci_dev);
	if (!d) {
		return -ENOMEM;
	}
	pci_read_dev(d, sbdf);
	spin_lock(&devs_lock);
	known = rb_find(&devs, &sbdf, pci_cmp) != NULL;
	if (!known) {
		rb_insert(&devs, &d->node, pci_less);
	}
	spin_unlock(&devs_lock);
	if (known) {
		heap_free(&pool_system, d);
	}
	return 0;
}

/* --- looking everywhere --- */

static int pci_scan_slot(u32 sbdf)
{
	bool multi;
	int rc = pci_probe(sbdf);

	if (rc != 0) {
		return rc == -ENODEV ? 0 : rc;
	}
	multi = (pci_read8(sbdf, PCI_HEADER) & PCI_HEADER_MULTI) != 0;
	for (u32 fn = 1; multi && fn < 8; fn++) {
		rc = pci_probe(sbdf + fn);
		if (rc != 0 && rc != -ENODEV) {
			return rc;
		}
	}
	return 0;
}

/* Bridges are not followed: firmware may have left some without bus numbers, and host bridges with
 * several roots do not say so. */
static int pci_scan_buses(u16 segment, u8 first, u8 last)
{
	for (u32 slot = (u32)first * 32; slot < ((u32)last + 1) * 32; slot++) {
		int rc = pci_scan_slot((u32)segment << 16 | slot << 3);

		if (rc != 0) {
			return rc;
		}
	}
	return 0;
}

int pci_init(void)
{
	unsigned int i, count = 0;
	u16 segment;
	u8 first, last;
	hpa_t at;
	int rc = 0;

	pci_cfg_init();
	for (i = 0; rc == 0 && pci_ecam_window(i, &segment, &first, &last, &at); i++) {
		rc = pci_scan_buses(segment, first, last);
	}
	if (i == 0) {
		rc = pci_scan_buses(0, 0, 255);
	}
	for (const struct pci_dev *d = pci_first(); d; d = pci_next(d->sbdf)) {
		count++;
	}
	log_info("PCI: %u functions", count);
	return rc;
}

static void pci_dump_bar(const struct pci_bar *bar, const char *name)
{
	static const char *const kinds[] = { "", "ports", "memory", "memory64", "ROM" };

	if (bar->kind != PCI_BAR_NONE) {
		log_info("  %s: %#llx, %#llx bytes, %s%s", name, (unsigned long long)bar->address,
			(unsigned long long)bar->size, kinds[bar->kind],
			bar->prefetch ? ", prefetchable" : "");
	}
}

void pci_dump(void)
{
	static const char *const names[] = { "BAR 0", "BAR 1", "BAR 2", "BAR 3", "BAR 4", "BAR 5" };

	for (const struct pci_dev *d = pci_first(); d; d = pci_next(d->sbdf)) {
		log_info("PCI " PCI_SBDF_FMT ": %04x:%04x class %06x, MSI %u, MSI-X %u",
			PCI_SBDF_ARGS(d->sbdf), d->vendor, d->device, d->class_rev >> 8,
			d->msi_count, d->msix_count);
		for (unsigned int i = 0; i < ARRAY_SIZE(d->bars); i++) {
			pci_dump_bar(&d->bars[i], names[i]);
		}
		pci_dump_bar(&d->rom, "ROM");
	}
}
