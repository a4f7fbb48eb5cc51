/* SPDX-License-Identifier: GPL-2.0-only */
/* drv/pci on a modelled configuration space, reached by ports and by a memory window. */
#include <stdio.h>
#include <string.h>

#include "arch/host/host.h"
#include "arch/host/io.h"
#include "drv/acpi/acpi.h"
#include "drv/pci/pci.h"
#include "lib/errno.h"
#include "unit/harness.h"

/* --- the model --- */

struct function {
	u32 bdf;
	u8 cfg[256], writable[256];
};

static struct function functions[16];
static unsigned int function_count;
static unsigned int accesses;
static bool decoded_while_sizing;

static struct function *add_function(u32 bdf, u32 id, u32 class_rev, u8 header)
{
	struct function *f = &functions[function_count++];

	memset(f, 0, sizeof(*f));
	f->bdf = bdf;
	memcpy(f->cfg, &id, 4);
	memcpy(f->cfg + 8, &class_rev, 4);
	f->cfg[PCI_HEADER] = header;
	f->cfg[PCI_COMMAND] = PCI_COMMAND_IO | PCI_COMMAND_MEMORY;
	f->writable[PCI_COMMAND] = 7;
	return f;
}

static void put32(struct function *f, u8 reg, u32 value, u32 writable)
{
	memcpy(f->cfg + reg, &value, 4);
	memcpy(f->writable + reg, &writable, 4);
}

static struct function *find_function(u32 bdf)
{
	for (unsigned int i = 0; i < function_count; i++) {
		if (functions[i].bdf == bdf) {
			return &functions[i];
		}
	}
	return NULL;
}

static u32 model_read(u32 bdf, u32 reg, unsigned int size)
{
	struct function *f = find_function(bdf);
	u32 v = ~0U;

	accesses++;
	if (f && reg < 256) {
		v = 0;
		memcpy(&v, f->cfg + reg, size);
	}
	return v;
}

static void model_write(u32 bdf, u32 reg, unsigned int size, u32 value)
{
	struct function *f = find_function(bdf);

	for (unsigned int i = 0; f && reg < 256 && i < size; i++) {
		u8 mask = f->writable[reg + i];

		f->cfg[reg + i] = (u8)((f->cfg[reg + i] & ~mask) | (value >> (8 * i) & mask));
	}
	if (f && reg >= 0x10 && reg < 0x28 && value == ~0U && (f->cfg[PCI_COMMAND] & 3) != 0 &&
		f->cfg[11] != 6) {
		decoded_while_sizing = true;
	}
}

/* Ports CF8 and CFC. */
static u32 address;

static u32 port_in(u16 port, unsigned int size)
{
	CHECK(port >= 0xcfc && port <= 0xcff);
	CHECK(address & BIT32(31));
	return model_read(address >> 8 & 0xffff, (address & 0xfc) + (port & 3), size);
}

static void port_out(u16 port, unsigned int size, u32 value)
{
	if (port == 0xcf8) {
		CHECK_EQ(size, 4);
		address = value;
	} else {
		model_write(address >> 8 & 0xffff, (address & 0xfc) + (port & 3), size, value);
	}
}

/* The window: the first access that pci_init() makes is to its start. */
static const volatile u8 *window;

static bool window_read(const volatile void *reg, unsigned int size, u64 *value)
{
	u64 offset;

	if (!window) {
		window = reg;
	}
	offset = (u64)((const volatile u8 *)reg - window);
	CHECK(offset < 2U << 20);
	*value = model_read((u32)(offset >> 12) + 0x1000, offset & 0xfff, size);
	return true;
}

static bool window_write(volatile void *reg, unsigned int size, u64 value)
{
	u64 offset = (u64)((const volatile u8 *)reg - window);

	model_write((u32)(offset >> 12) + 0x1000, offset & 0xfff, size, (u32)value);
	return true;
}

static void boot_once(void)
{
	static bool done;

	if (done) {
		return;
	}
	done = true;
	host_machine_init(MiB(64));
	host_cpus_init(1);
}

/* --- by ports --- */

static void build_ports(void)
{
	struct function *f;

	function_count = 0;
	f = add_function(0x0000, 0x29c08086, 0x06000000, 0);
	/* A device with every kind of BAR, MSI and MSI-X; function 2 is there, function 1
	 * is not. */
	f = add_function(0x0018, 0x10d38086, 0x02000007, 0x80);
	f->cfg[PCI_STATUS] = PCI_STATUS_CAPS;
	f->cfg[PCI_CAPS] = 0xc8;
	put32(f, 0x10, 0xfebc0000, 0xfffe0000);
	put32(f, 0x14, 0x0000c041, 0x0000ffe0);
	put32(f, 0x18, 0x0000000c, 0xffffc000);
	put32(f, 0x1c, 0x00000080, 0xffffffff);
	put32(f, 0x30, 0xfeb80000, 0xfffc0001);
	put32(f, 0xc8, 0x0086d005, 0); /* MSI, 8 messages */
	put32(f, 0xd0, 0x0004a011, 0); /* MSI-X, 5 entries */
	put32(f, 0xd4, 0x00002003, 0);
	put32(f, 0xd8, 0x00003003, 0);
	put32(f, 0xa0, 0x0001e010, 0); /* PCI Express */
	put32(f, 0xe0, 0x0000c809, 0); /* and round again */
	add_function(0x001a, 0x10d48086, 0x0c032000, 0);
	/* A bridge, and a device behind it. */
	f = add_function(0x00e0, 0x00011b36, 0x06040000, 1);
	put32(f, 0x18, 0x00050405, 0);
	f = add_function(0x0500, 0x10001af4, 0x01000000, 0);
	put32(f, 0x24, 0x00000004, 0xfffff000); /* 64 bits in the last BAR: no room for more */
	add_function(0x0508, 0x00000000, 0, 0); /* a bridge's answer for nobody */
}

UNIT_TEST(ports, "all functions on all buses are found by ports, with BARs and capabilities")
{
	const struct pci_dev *d;

	boot_once();
	build_ports();
	host_io.in = port_in;
	host_io.out = port_out;
	CHECK_EQ(pci_init(), 0);
	CHECK(accesses < 256 * 32 + 1000);
	CHECK(!decoded_while_sizing);
	d = pci_first();
	CHECK_EQ(d->sbdf, 0);
	CHECK_EQ(pci_class(d), PCI_CLASS_HOST_BRIDGE);

	d = pci_next(d->sbdf);
	CHECK_EQ(d->sbdf, PCI_SBDF(0, 0, 3, 0));
	CHECK_EQ(d->vendor, 0x8086);
	CHECK_EQ(d->device, 0x10d3);
	CHECK_EQ(d->class_rev, 0x02000007);
	CHECK_EQ(d->bars[0].kind, PCI_BAR_MEM);
	CHECK_EQ(d->bars[0].address, 0xfebc0000);
	CHECK_EQ(d->bars[0].size, 0x20000);
	CHECK_EQ(d->bars[1].kind, PCI_BAR_IO);
	CHECK_EQ(d->bars[1].address, 0xc040);
	CHECK_EQ(d->bars[1].size, 0x20);
	CHECK_EQ(d->bars[2].kind, PCI_BAR_MEM64);
	CHECK_EQ(d->bars[2].address, 0x8000000000);
	CHECK_EQ(d->bars[2].size, 0x4000);
	CHECK(d->bars[2].prefetch);
	CHECK_EQ(d->bars[3].kind, PCI_BAR_NONE);
	CHECK_EQ(d->bars[4].kind, PCI_BAR_NONE);
	CHECK_EQ(d->rom.kind, PCI_BAR_ROM);
	CHECK_EQ(d->rom.size, 0x40000);
	CHECK_EQ(d->rom.address, 0xfeb80000);
	CHECK_EQ(d->cap_msi, 0xc8);
	CHECK_EQ(d->msi_count, 8);
	CHECK_EQ(d->cap_msix, 0xd0);
	CHECK_EQ(d->msix_count, 5);
	CHECK_EQ(d->msix_table_bar, 3);
	CHECK_EQ(d->msix_table_offset, 0x2000);
	CHECK_EQ(d->msix_pba_offset, 0x3000);
	CHECK_EQ(d->cap_pcie, 0xa0);
	CHECK_EQ(pci_find_cap(d->sbdf, 0x42), 0);
	/* All is as it was. */
	CHECK_EQ(pci_read16(d->sbdf, PCI_COMMAND), 3);
	CHECK_EQ(pci_read32(d->sbdf, 0x10), 0xfebc0000);
	CHECK_EQ(pci_read32(d->sbdf, 0x1c), 0x80);
	CHECK_EQ(pci_read32(d->sbdf, 0x30), 0xfeb80000);

	d = pci_next(d->sbdf);
	CHECK_EQ(d->sbdf, PCI_SBDF(0, 0, 3, 2));
	d = pci_next(d->sbdf);
	CHECK_EQ(d->sbdf, PCI_SBDF(0, 0, 0x1c, 0));
	CHECK_EQ(d->header, 1);
	CHECK_EQ(d->secondary, 4);
	CHECK_EQ(d->subordinate, 5);
	d = pci_next(d->sbdf);
	CHECK_EQ(d->sbdf, PCI_SBDF(0, 5, 0, 0));
	CHECK_EQ(d->bars[5].kind, PCI_BAR_MEM);
	CHECK_EQ(d->bars[5].size, 0x1000);
	CHECK(pci_next(d->sbdf) == NULL);
	CHECK(pci_find(PCI_SBDF(0, 0, 3, 1)) == NULL);
	CHECK(pci_find(PCI_SBDF(0, 5, 1, 0)) == NULL);
}

UNIT_TEST(ports_reach, "ports do not reach extended space and other segments: all ones")
{
	boot_once();
	CHECK_EQ(pci_read32(PCI_SBDF(0, 0, 3, 0), 0x100), ~0U);
	CHECK_EQ(pci_read16(PCI_SBDF(1, 0, 3, 0), 0), 0xffff);
	pci_write8(PCI_SBDF(1, 0, 3, 0), 4, 0);
	CHECK_EQ(pci_read8(PCI_SBDF(0, 0, 3, 0), 4), 3);
	pci_write8(PCI_SBDF(0, 0, 3, 0), 5, 0xff);
	CHECK_EQ(pci_read16(PCI_SBDF(0, 0, 3, 0), 4), 3);
}

UNIT_TEST(
	hotplug, "a function that appears later is recorded once, one that is not there is refused")
{
	boot_once();
	add_function(0x0700, 0x12345678, 0, 0);
	CHECK_EQ(pci_probe(PCI_SBDF(0, 7, 0, 0)), 0);
	CHECK_EQ(pci_probe(PCI_SBDF(0, 7, 0, 0)), 0);
	CHECK_EQ(pci_find(PCI_SBDF(0, 7, 0, 0))->vendor, 0x5678);
	CHECK_EQ(pci_probe(PCI_SBDF(0, 7, 0, 1)), -ENODEV);
}

/* --- by a window --- */

UNIT_TEST(
	ecam, "a window of the firmware is used for its segment and buses, the ports for the rest")
{
	u16 segment;
	u8 first, last;
	hpa_t at;

	boot_once();
	function_count = 0;
	add_function(0x1008, 0xaaaa1af4, 0x01000000, 0);
	add_function(0x11f8, 0xbbbb1af4, 0x01000000, 0);
	put32(&functions[1], 0x20, 0xfe000000, 0xfff00000);
	acpi_host.mcfg_count = 1;
	acpi_host.mcfgs[0] = (struct acpi_mcfg){
		.at = HPA(GiB(2)), .segment = 3, .first_bus = 0x10, .last_bus = 0x11
	};
	host_io.mmio_read = window_read;
	host_io.mmio_write = window_write;
	CHECK_EQ(pci_init(), 0);
	CHECK(pci_find(PCI_SBDF(3, 0x10, 1, 0)) != NULL);
	CHECK_EQ(pci_find(PCI_SBDF(3, 0x11, 0x1f, 0))->bars[4].size, 0x100000);
	CHECK_EQ(pci_read32(PCI_SBDF(3, 0x11, 0x1f, 0), 0), 0xbbbb1af4);
	CHECK_EQ(pci_read32(PCI_SBDF(3, 0x12, 0, 0), 0), ~0U);
	CHECK(pci_ecam_window(0, &segment, &first, &last, &at));
	CHECK_EQ(segment, 3);
	CHECK_EQ(first, 0x10);
	CHECK_EQ(last, 0x11);
	CHECK(!pci_ecam_window(1, &segment, &first, &last, &at));
	pci_dump();
}
