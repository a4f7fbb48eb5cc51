/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory BARs, the ROM's and the command register. The guest's BAR values are kept here; the device
 * gets them, and the guest's physical map the registers behind them (one to one), when the guest
 * turns memory decoding on. Ranges that are not the devices' are neither programmed nor mapped.
 */
#include "vdev/vpci_internal.h"

#include "core/log.h"
#include "lib/errno.h"
#include "mm/guest.h"

#define BAR_64 0x4
#define BAR_PREFETCH 0x8
#define BAR_TYPE_MASK 0xfU
#define ROM_ENABLE 0x1
#define ADDRESS_LIMIT BIT64(52)

static u64 first_frame(const struct vpci_bar *b, u64 address)
{
	return address >> PAGE_SHIFT;
}

static u64 last_frame(const struct vpci_bar *b, u64 address)
{
	return (address + b->size - 1) >> PAGE_SHIFT;
}

/* --- the physical map --- */

/* Does the guest have memory in these frames? Holes and large pages are passed in one step. */
static bool holds_ram(struct domain *d, u64 first, u64 last)
{
	while (first <= last) {
		struct s2_entry e = guest_lookup(d, GFN(first));

		if (e.type != S2_NONE && e.type != S2_MMIO && e.type != S2_MMIO_RO) {
			return true;
		}
		first = (first | (BIT64(e.order) - 1)) + 1;
	}
	return false;
}

static bool bar_acceptable(struct vpci_dev *p, const struct vpci_bar *b)
{
	u64 first, last;

	if (b->address == 0 || b->address >= ADDRESS_LIMIT ||
		b->size > ADDRESS_LIMIT - b->address) {
		return false;
	}
	first = first_frame(b, b->address);
	last = last_frame(b, b->address);
	if (arch_mmio_usable(first << PAGE_SHIFT, (last - first + 1) << PAGE_SHIFT) &&
		!holds_ram(p->vd->domain, first, last)) {
		return true;
	}
	log_guest(PCI_SBDF_FMT ": registers at %#llx-%#llx are refused: not a place for devices",
		PCI_SBDF_ARGS(p->sbdf), (unsigned long long)b->address,
		(unsigned long long)(b->address + b->size - 1));
	return false;
}

static int map_frames(struct vpci_dev *p, const struct vpci_bar *b, u64 first, u64 last)
{
	if (first > last) {
		return 0;
	}
	return guest_map_mmio(p->vd->domain, GFN(first), MFN(first), last - first + 1, b->writable);
}

/* The frames up to `last` that another BAR needs, at or behind `at`: false if there are none. */
static bool next_shared(struct vpci_domain *vd, const struct vpci_bar *except, u64 at, u64 last,
	u64 *first_shared, u64 *last_shared)
{
	bool found = false;

	for (struct vpci_dev *p = vpci_first(vd); p; p = vpci_next(p)) {
		for (unsigned int i = 0; i < VPCI_BARS; i++) {
			const struct vpci_bar *b = &p->bars[i];
			u64 first;

			if (b == except || !b->mapped || last_frame(b, b->mapped_at) < at) {
				continue;
			}
			first = MAX(at, first_frame(b, b->mapped_at));
			if (first <= last && (!found || first < *first_shared)) {
				found = true;
				*first_shared = first;
				*last_shared = MIN(last, last_frame(b, b->mapped_at));
			}
		}
	}
	return found;
}

static void unmap_frames(struct vpci_dev *p, const struct vpci_bar *b, u64 first, u64 last)
{
	while (first <= last) {
		u64 shared = 0, shared_last = 0;
		bool found = next_shared(p->vd, b, first, last, &shared, &shared_last);
		u64 end = found ? shared : last + 1;

		if (end > first && guest_unmap(p->vd->domain, GFN(first), end - first) != 0) {
			log_guest(PCI_SBDF_FMT ": no memory to unmap registers at %#llx",
				PCI_SBDF_ARGS(p->sbdf), (unsigned long long)b->mapped_at);
		}
		first = found ? shared_last + 1 : end;
	}
}

static void bar_unmap(struct vpci_dev *p, unsigned int index)
{
	struct vpci_bar *b = &p->bars[index];

	if (!b->mapped) {
		return;
	}
	if (p->msix && p->msix->bar == index) {
		vpci_msix_unmap(p);
	}
	b->mapped = false;
	unmap_frames(p, b, first_frame(b, b->mapped_at), last_frame(b, b->mapped_at));
}

static void bar_map(struct vpci_dev *p, unsigned int index)
{
	struct vpci_bar *b = &p->bars[index];
	u64 first = first_frame(b, b->address), last = last_frame(b, b->address);
	u64 hole_first, hole_last;
	int rc;

	b->mapped = true;
	b->mapped_at = b->address;
	if (vpci_msix_hole(p, index, &hole_first, &hole_last)) {
		/* The firmware's ranges may have been mapped already. */
		rc = guest_unmap(p->vd->domain, GFN(hole_first), hole_last - hole_first + 1);
		if (rc == 0) {
			rc = map_frames(p, b, first, hole_first - 1);
		}
		if (rc == 0) {
			rc = map_frames(p, b, hole_last + 1, last);
		}
	} else {
		rc = map_frames(p, b, first, last);
	}
	if (rc != 0) {
		log_err(PCI_SBDF_FMT ": cannot map registers at %#llx: error %d",
			PCI_SBDF_ARGS(p->sbdf), (unsigned long long)b->address, -rc);
		bar_unmap(p, index);
		return;
	}
	if (p->msix && p->msix->bar == index) {
		vpci_msix_map(p);
	}
}

/* --- the device's registers --- */

static u16 bar_reg(const struct vpci_dev *p, unsigned int index)
{
	if (index == VPCI_BAR_ROM) {
		return p->pci->header == 1 ? PCI_ROM_BRIDGE : PCI_ROM;
	}
	return (u16)PCI_BAR(index);
}

static u32 bar_low(const struct vpci_bar *b, unsigned int index)
{
	if (index == VPCI_BAR_ROM) {
		return (u32)b->address | (b->enabled ? ROM_ENABLE : 0);
	}
	return (u32)b->address | (b->is64 ? BAR_64 : 0) | (b->prefetch ? BAR_PREFETCH : 0);
}

static void bar_program(struct vpci_dev *p, unsigned int index)
{
	const struct vpci_bar *b = &p->bars[index];

	pci_write32(p->sbdf, bar_reg(p, index), bar_low(b, index));
	if (b->is64) {
		pci_write32(p->sbdf, bar_reg(p, index) + 4, (u32)(b->address >> 32));
	}
}

static bool bar_wanted(const struct vpci_bar *b, unsigned int index)
{
	return b->size != 0 && (index != VPCI_BAR_ROM || b->enabled);
}

/* Decoding goes on: the device gets the BARs first. `program`: false for what the firmware did. */
static void decode_on(struct vpci_dev *p, bool program)
{
	for (unsigned int i = 0; i < VPCI_BARS; i++) {
		if (!bar_wanted(&p->bars[i], i) || !bar_acceptable(p, &p->bars[i])) {
			continue;
		}
		if (program) {
			bar_program(p, i);
		}
		bar_map(p, i);
	}
}

static void decode_off(struct vpci_dev *p)
{
	for (unsigned int i = 0; i < VPCI_BARS; i++) {
		bar_unmap(p, i);
	}
}

/* --- handlers --- */

static u32 command_read(struct vpci_dev *p, const struct vpci_reg *r)
{
	u16 value = pci_read16(p->sbdf, PCI_COMMAND) & (u16)~PCI_COMMAND_MEMORY;

	return value | (p->decoding ? PCI_COMMAND_MEMORY : 0);
}

static void command_write(struct vpci_dev *p, const struct vpci_reg *r, u32 value)
{
	bool decode = (value & PCI_COMMAND_MEMORY) != 0;

	if (decode && !p->decoding) {
		decode_on(p, true);
	}
	pci_write16(p->sbdf, PCI_COMMAND, (u16)value);
	if (decode && !p->decoding) {
		vpci_msix_resume(p);
	}
	if (!decode && p->decoding) {
		decode_off(p);
	}
	p->decoding = decode;
}

static u32 bar_read(struct vpci_dev *p, const struct vpci_reg *r)
{
	return bar_low(&p->bars[r->index], r->index);
}

static u32 bar_read_high(struct vpci_dev *p, const struct vpci_reg *r)
{
	return (u32)(p->bars[r->index].address >> 32);
}

/* Writes while the device decodes show up when the guest turns decoding off and on again. */
static void bar_write(struct vpci_dev *p, const struct vpci_reg *r, u32 value)
{
	struct vpci_bar *b = &p->bars[r->index];

	b->address = ((b->address & ~0xffffffffULL) | (value & ~BAR_TYPE_MASK)) & ~(b->size - 1);
}

static void bar_write_high(struct vpci_dev *p, const struct vpci_reg *r, u32 value)
{
	struct vpci_bar *b = &p->bars[r->index];

	b->address = ((u64)value << 32 | (u32)b->address) & ~(b->size - 1);
}

static void rom_write(struct vpci_dev *p, const struct vpci_reg *r, u32 value)
{
	struct vpci_bar *b = &p->bars[VPCI_BAR_ROM];

	bar_unmap(p, VPCI_BAR_ROM);
	b->enabled = (value & ROM_ENABLE) != 0;
	b->address = value & ~(u32)(b->size - 1) & ~ROM_ENABLE;
	if (!b->enabled) {
		pci_write32(p->sbdf, bar_reg(p, VPCI_BAR_ROM), (u32)b->address);
	} else if (p->decoding && bar_acceptable(p, b)) {
		bar_program(p, VPCI_BAR_ROM);
		bar_map(p, VPCI_BAR_ROM);
	}
}

/* --- life --- */

static int add_reg(struct vpci_dev *p, u16 offset, u8 size, unsigned int index,
	u32 (*read)(struct vpci_dev *, const struct vpci_reg *),
	void (*write)(struct vpci_dev *, const struct vpci_reg *, u32))
{
	struct vpci_reg r = {
		.offset = offset, .size = size, .index = (u8)index, .read = read, .write = write
	};

	return vpci_reg_add(p, &r);
}

static int add_bar(struct vpci_dev *p, unsigned int index, const struct pci_bar *host)
{
	struct vpci_bar *b = &p->bars[index];
	u16 reg = bar_reg(p, index);
	int rc;

	b->size = host->size;
	b->is64 = host->kind == PCI_BAR_MEM64;
	b->prefetch = host->prefetch;
	b->address = host->address & ~(host->size - 1);
	b->writable = host->kind != PCI_BAR_ROM;
	if (host->kind == PCI_BAR_ROM) {
		b->enabled = (pci_read32(p->sbdf, reg) & ROM_ENABLE) != 0;
		return add_reg(p, reg, 4, index, bar_read, rom_write);
	}
	rc = add_reg(p, reg, 4, index, bar_read, bar_write);
	if (rc == 0 && b->is64) {
		rc = add_reg(p, reg + 4, 4, index, bar_read_high, bar_write_high);
	}
	return rc;
}

static bool is_memory(const struct pci_bar *host)
{
	bool kind = host->kind == PCI_BAR_MEM || host->kind == PCI_BAR_MEM64 ||
		    host->kind == PCI_BAR_ROM;

	return kind && host->size != 0 && (host->size & (host->size - 1)) == 0;
}

int vpci_bar_create(struct vpci_dev *p)
{
	int rc = add_reg(p, PCI_COMMAND, 2, 0, command_read, command_write);

	for (unsigned int i = 0; rc == 0 && i < 6; i++) {
		if (is_memory(&p->pci->bars[i])) {
			rc = add_bar(p, i, &p->pci->bars[i]);
		}
	}
	if (rc == 0 && is_memory(&p->pci->rom)) {
		rc = add_bar(p, VPCI_BAR_ROM, &p->pci->rom);
	}
	if (rc == 0 && (pci_read16(p->sbdf, PCI_COMMAND) & PCI_COMMAND_MEMORY) != 0) {
		p->decoding = true;
		decode_on(p, false);
	}
	return rc;
}

void vpci_bar_destroy(struct vpci_dev *p)
{
	decode_off(p);
}
