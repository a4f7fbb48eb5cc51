/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A machine with a few PCI functions for tests of virtual PCI: configuration space with the bits
 * that can be written, the guest's physical map as one flag for each frame, and messages by number.
 *
 *   00:00.2  an IOMMU
 *   00:03.0  BAR 0: 64 KiB, MSI-X table of 4 at 0x2010, PBA at 0x3000; BAR 2: 1 MiB, 64 bits;
 *            BAR 4: ports; ROM of 64 KiB; MSI with 64 bits and mask
 *   00:04.0  BAR 0, BAR 1: 256 bytes each; MSI with 32 bits
 *   00:05.0  a bridge with a BAR of 4 KiB
 *   00:06.0  is not there at first
 */
#ifndef UNIT_VPCI_MODEL_H
#define UNIT_VPCI_MODEL_H

#include <string.h>

#include "arch/contract/paging.h"
#include "arch/contract/pci.h"
#include "arch/host/host.h"
#include "drv/acpi/acpi.h"
#include "drv/iommu/iommu.h"
#include "drv/pci/pci.h"
#include "lib/errno.h"
#include "mm/guest.h"
#include "mm/heap.h"
#include "sched/sched.h"
#include "vdev/bus.h"
#include "vdev/vpci.h"

#define IOMMU_FN PCI_SBDF(0, 0, 0, 2)
#define NIC PCI_SBDF(0, 0, 3, 0)
#define USB PCI_SBDF(0, 0, 4, 0)
#define BRIDGE PCI_SBDF(0, 0, 5, 0)
#define LATE PCI_SBDF(0, 0, 6, 0)

#define ECAM 0xb0000000ULL
#define RAM_END 0x40000000ULL
/* Devices may lie here; in the middle of it are registers of the hypervisor's. */
#define HOLE 0xe0000000ULL
#define HOLE_END 0xf0000000ULL
#define KEPT 0xe8000000ULL
#define KEPT_END 0xe8010000ULL

#define MSI_CAP 0x50
#define MSIX_CAP 0x70

struct model_fn {
	u32 sbdf;
	bool present;
	struct pci_dev dev;
	u8 config[4096], writable[4096];
	unsigned int reads, writes, last_size;
	u16 last_reg;
};

static struct model_fn model[5];

static struct model_fn *model_of(u32 sbdf)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(model); i++) {
		if (model[i].sbdf == sbdf && model[i].present) {
			return &model[i];
		}
	}
	return NULL;
}

/* --- drv/pci --- */

static u32 model_read(u32 sbdf, u16 reg, unsigned int size)
{
	struct model_fn *f = model_of(sbdf);
	u32 value = 0;

	if (reg % size != 0 || reg + size > 4096) {
		__builtin_trap();
	}
	if (!f) {
		return size == 4 ? ~0U : BIT32(8 * size) - 1;
	}
	f->reads++;
	memcpy(&value, f->config + reg, size);
	return value;
}

static void model_write(u32 sbdf, u16 reg, unsigned int size, u32 value)
{
	struct model_fn *f = model_of(sbdf);

	if (reg % size != 0 || reg + size > 4096) {
		__builtin_trap();
	}
	if (!f) {
		return;
	}
	f->writes++;
	f->last_reg = reg;
	f->last_size = size;
	for (unsigned int i = 0; i < size; i++) {
		u8 mask = f->writable[reg + i];

		f->config[reg + i] = (u8)((f->config[reg + i] & ~mask) | (value >> (8 * i) & mask));
	}
}

u8 pci_read8(u32 sbdf, u16 reg)
{
	return (u8)model_read(sbdf, reg, 1);
}

u16 pci_read16(u32 sbdf, u16 reg)
{
	return (u16)model_read(sbdf, reg, 2);
}

u32 pci_read32(u32 sbdf, u16 reg)
{
	return model_read(sbdf, reg, 4);
}

void pci_write8(u32 sbdf, u16 reg, u8 value)
{
	model_write(sbdf, reg, 1, value);
}

void pci_write16(u32 sbdf, u16 reg, u16 value)
{
	model_write(sbdf, reg, 2, value);
}

void pci_write32(u32 sbdf, u16 reg, u32 value)
{
	model_write(sbdf, reg, 4, value);
}

/* Functions that have been recorded; the late one is not at first. */
static bool late_probed;

static const struct pci_dev *model_from(u32 sbdf)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(model); i++) {
		if (model[i].sbdf >= sbdf && (model[i].sbdf != LATE || late_probed)) {
			return &model[i].dev;
		}
	}
	return NULL;
}

const struct pci_dev *pci_find(u32 sbdf)
{
	const struct pci_dev *d = model_from(sbdf);

	return d && d->sbdf == sbdf ? d : NULL;
}

const struct pci_dev *pci_first(void)
{
	return model_from(0);
}

const struct pci_dev *pci_next(u32 sbdf)
{
	return model_from(sbdf + 1);
}

int pci_probe(u32 sbdf)
{
	if (sbdf != LATE || !model_of(LATE)) {
		return -ENODEV;
	}
	late_probed = true;
	return 0;
}

void pci_dump(void)
{
}

bool iommu_owns(u32 sbdf)
{
	return sbdf == IOMMU_FN;
}

int iommu_assign(struct domain *d, u32 sbdf)
{
	return 0;
}

/* --- the physical map: each frame of the hole --- */

static bool mapped[(HOLE_END - HOLE) >> PAGE_SHIFT];
static u64 mapped_count;

bool arch_mmio_usable(u64 start, u64 size)
{
	return start >= HOLE && size <= HOLE_END - start && start < HOLE_END &&
	       (start + size <= KEPT || start >= KEPT_END);
}

static int model_map(gfn_t gfn, u64 count, bool how)
{
	for (u64 i = 0; i < count; i++) {
		u64 f = gfn.v + i - (HOLE >> PAGE_SHIFT);

		if (f >= ARRAY_SIZE(mapped)) {
			__builtin_trap(); /* outside of the devices' hole */
		}
		if (how && !arch_mmio_usable((gfn.v + i) << PAGE_SHIFT, PAGE_SIZE)) {
			__builtin_trap();
		}
		mapped_count += (u64)how - mapped[f];
		mapped[f] = how;
	}
	return 0;
}

int guest_map_mmio(struct domain *d, gfn_t gfn, mfn_t mfn, u64 count, bool writable)
{
	if (gfn.v != mfn.v) {
		__builtin_trap();
	}
	return model_map(gfn, count, true);
}

int guest_unmap(struct domain *d, gfn_t gfn, u64 count)
{
	return model_map(gfn, count, false);
}

struct s2_entry guest_lookup(struct domain *d, gfn_t gfn)
{
	u64 f = gfn.v - (HOLE >> PAGE_SHIFT);

	if (gfn.v < RAM_END >> PAGE_SHIFT) {
		return (struct s2_entry){ .mfn = MFN(gfn.v), .type = S2_RAM, .access = S2_RWX };
	}
	if (f < ARRAY_SIZE(mapped) && mapped[f]) {
		return (struct s2_entry){ .mfn = MFN(gfn.v), .type = S2_MMIO, .access = S2_RW };
	}
	return (struct s2_entry){ .type = S2_NONE };
}

static inline bool is_mapped(u64 address)
{
	return mapped[(address - HOLE) >> PAGE_SHIFT];
}

/* --- messages --- */

/* What the device is given: recognisable, and not what any guest writes. */
#define HOST_ADDRESS 0xfee77000ULL
#define HOST_DATA 0x7000U

struct arch_msi {
	struct msi_message guest;
	bool bound;
	u32 number;
};
static unsigned int msis, msis_bound, msi_numbers;

struct arch_msi *arch_msi_create(struct domain *d, u32 sbdf)
{
	struct arch_msi *m = heap_new(&d->pool, struct arch_msi);

	if (m) {
		m->number = msi_numbers++ % 0x1000;
		msis++;
	}
	return m;
}

int arch_msi_bind(struct arch_msi *m, const struct msi_message *guest, struct msi_message *host)
{
	if (guest->address >> 20 != 0xfee) {
		return -EINVAL;
	}
	msis_bound += !m->bound;
	m->bound = true;
	m->guest = *guest;
	*host = (struct msi_message){ HOST_ADDRESS, HOST_DATA + m->number };
	return 0;
}

void arch_msi_unbind(struct arch_msi *m)
{
	msis_bound -= m->bound;
	m->bound = false;
}

void arch_msi_destroy(struct domain *d, struct arch_msi *m)
{
	if (m) {
		arch_msi_unbind(m);
		msis--;
		heap_free(&d->pool, m);
	}
}

/* --- the functions --- */

static void model_set(struct model_fn *f, u16 reg, unsigned int size, u32 value, u32 writable)
{
	memcpy(f->config + reg, &value, size);
	memcpy(f->writable + reg, &writable, size);
}

static void model_bar(struct model_fn *f, unsigned int i, u8 kind, u64 address, u64 size)
{
	u32 type = kind == PCI_BAR_IO ? 1 : kind == PCI_BAR_MEM64 ? 0xc : 0;
	u64 mask = ~(size - 1);

	f->dev.bars[i] = (struct pci_bar){
		.address = address, .size = size, .kind = kind, .prefetch = kind == PCI_BAR_MEM64
	};
	model_set(f, (u16)PCI_BAR(i), 4, (u32)address | type, (u32)mask);
	if (kind == PCI_BAR_MEM64) {
		model_set(f, (u16)PCI_BAR(i + 1), 4, (u32)(address >> 32), (u32)(mask >> 32));
	}
}

static struct model_fn *model_function(unsigned int n, u32 sbdf, u8 header)
{
	struct model_fn *f = &model[n];

	memset(f, 0, sizeof(*f));
	f->sbdf = sbdf;
	f->present = true;
	f->dev = (struct pci_dev){
		.sbdf = sbdf, .vendor = 0x1af4, .device = (u16)n, .header = header
	};
	model_set(f, PCI_VENDOR, 4, 0x1af4U | n << 16, 0);
	model_set(f, PCI_COMMAND, 2, 0, 0x0547);
	model_set(f, PCI_STATUS, 2, 0x0010, 0);
	model_set(f, PCI_HEADER, 1, header, 0);
	for (unsigned int i = 0x100; i < 4096; i++) {
		f->config[i] = (u8)i;
		f->writable[i] = 0xff;
	}
	return f;
}

static void model_msi(struct model_fn *f, bool is64)
{
	f->dev.cap_msi = MSI_CAP;
	f->dev.msi_count = 8;
	model_set(f, MSI_CAP, 2, 0x0005, 0);
	model_set(f, MSI_CAP + 2, 2, is64 ? 0x0186 : 0x0006, 0x0071);
	model_set(f, MSI_CAP + 4, 4, 0, ~3U);
	model_set(f, MSI_CAP + 8, 4, 0, is64 ? ~0U : 0xffff);
	if (is64) {
		model_set(f, MSI_CAP + 12, 2, 0, 0xffff);
		model_set(f, MSI_CAP + 16, 4, 0, ~0U);
	}
}

static void model_reset(void)
{
	struct model_fn *f;

	model_function(0, IOMMU_FN, 0);
	f = model_function(1, NIC, 0);
	model_bar(f, 0, PCI_BAR_MEM, 0xe0100000, 0x10000);
	model_bar(f, 2, PCI_BAR_MEM64, 0xe0200000, 0x100000);
	model_bar(f, 4, PCI_BAR_IO, 0xc000, 0x20);
	f->dev.rom = (struct pci_bar){ .address = 0, .size = 0x10000, .kind = PCI_BAR_ROM };
	model_set(f, PCI_ROM, 4, 0, 0xffff0001);
	model_msi(f, true);
	f->dev.cap_msix = MSIX_CAP;
	f->dev.msix_count = 4;
	f->dev.msix_table_offset = 0x2010;
	f->dev.msix_pba_offset = 0x3000;
	model_set(f, MSIX_CAP, 2, 0x0011, 0);
	model_set(f, MSIX_CAP + 2, 2, 3, 0xc000);
	model_set(f, MSIX_CAP + 4, 4, 0x2010, 0);
	f = model_function(2, USB, 0);
	model_bar(f, 0, PCI_BAR_MEM, 0xe0300000, 0x100);
	model_bar(f, 1, PCI_BAR_MEM, 0xe0300100, 0x100);
	model_msi(f, false);
	f = model_function(3, BRIDGE, 1);
	model_bar(f, 0, PCI_BAR_MEM, 0xe0301000, 0x1000);
	model_set(f, 0x18, 4, 0x00010100, 0x00ffffff);
	f = model_function(4, LATE, 0);
	model_bar(f, 0, PCI_BAR_MEM, 0xe0400000, 0x1000);
	f->present = false;
	late_probed = false;
	memset(mapped, 0, sizeof(mapped));
	mapped_count = 0;
	memset(&acpi_host, 0, sizeof(acpi_host));
	acpi_host.mcfgs[0] = (struct acpi_mcfg){ .at = HPA(ECAM), .last_bus = 255 };
	acpi_host.mcfg_count = 1;
}

/* The function's own table of messages, as the device sees it. */
static u32 model_table(unsigned int entry, unsigned int field)
{
	u64 at = (model_of(NIC)->config[0x12] << 16 | (u64)model_of(NIC)->config[0x13] << 24) +
		 0x2010 + 16 * entry + field;
	u8 *page = arch_map_frame(MFN(at >> PAGE_SHIFT));
	u32 value = *(u32 *)(page + at % PAGE_SIZE);

	arch_unmap_frame(page);
	return value;
}

#endif
