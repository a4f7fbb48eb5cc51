/* SPDX-License-Identifier: GPL-2.0-only */
/* Virtual PCI over a model of a machine: see vpci_model.h. */
#include "unit/harness.h"
#include "unit/vpci_model.h"

const struct unit *const units[] = { &sched_unit, &bus_unit, &vpci_unit };
const unsigned int unit_count = ARRAY_SIZE(units);

static struct domain *d;

__attribute__((constructor)) static void boot(void)
{
	host_boot(1, MiB(64));
}

static void create(void)
{
	struct domain_desc desc = host_desc(0, 1);

	desc.hardware = true;
	CHECK_EQ(domain_create(&desc, &d), 0);
}

static void setup(void)
{
	model_reset();
	create();
}

static void finish(void)
{
	domain_kill(d);
	CHECK_EQ(mapped_count, 0);
	CHECK_EQ(msis, 0);
	CHECK_EQ(msis_bound, 0);
}

static u32 rd(u32 sbdf, u16 reg, unsigned int size)
{
	return vpci_read(d, sbdf, reg, size);
}

static void wr(u32 sbdf, u16 reg, unsigned int size, u32 value)
{
	vpci_write(d, sbdf, reg, size, value);
}

static u64 mmio(u64 addr, unsigned int size, u64 value, bool write)
{
	struct vdev_access a = { .addr = addr, .size = (u8)size, .value = value, .write = write };

	CHECK_EQ(bus_access(d->vcpus[0], BUS_MMIO, &a), 0);
	return a.value;
}

UNIT_TEST(plain, "registers without a handler are the device's, in whole aligned pieces")
{
	struct model_fn *f = &model[1];

	setup();
	CHECK_EQ(rd(NIC, PCI_VENDOR, 4), 0x00011af4);
	CHECK_EQ(rd(NIC, 1, 2), 0x011a);
	f->reads = f->writes = 0;
	wr(NIC, 0x104, 4, 0x11223344);
	CHECK(f->writes == 1 && f->last_size == 4 && f->last_reg == 0x104);
	wr(NIC, 0x109, 4, 0xaabbccdd); /* 1, 2 and 1 bytes */
	CHECK_EQ(f->writes, 4);
	CHECK_EQ(rd(NIC, 0x109, 4), 0xaabbccdd);
	CHECK_EQ(rd(NIC, 0x108, 1), 0x08);
	CHECK_EQ(rd(NIC, 0x10d, 1), 0x0d);
	CHECK_EQ(rd(NIC, 4092, 4), 0xfffefdfc);
	CHECK_EQ(rd(NIC, 4093, 4), 0xffffffff);
	wr(NIC, 4093, 4, 0);
	CHECK_EQ(rd(NIC, 4092, 4), 0xfffefdfc);
	finish();
}

UNIT_TEST(composed, "an access over several registers reaches each of them")
{
	setup();
	/* Command (handled) and status (the device's) together. */
	wr(NIC, PCI_COMMAND, 4, 0xffff0006);
	CHECK_EQ(rd(NIC, PCI_COMMAND, 4), 0x00100006);
	CHECK_EQ(rd(NIC, PCI_COMMAND + 1, 2), 0x1000);
	wr(NIC, PCI_COMMAND + 1, 1, 0x04); /* the low half stays */
	CHECK_EQ(rd(NIC, PCI_COMMAND, 2), 0x0406);
	/* The end of one BAR and the start of the next. */
	wr(USB, PCI_BAR(0) + 2, 4, 0x2200e050);
	CHECK_EQ(rd(USB, PCI_BAR(0), 4), 0xe0500000);
	CHECK_EQ(rd(USB, PCI_BAR(1), 4), 0xe0302200);
	CHECK_EQ(rd(USB, PCI_BAR(0) + 3, 2), 0x00e0);
	finish();
}

UNIT_TEST(decode, "registers are mapped one to one while the device decodes, but for MSI-X")
{
	setup();
	CHECK_EQ(mapped_count, 0);
	wr(NIC, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	CHECK(model[1].config[PCI_COMMAND] & PCI_COMMAND_MEMORY);
	CHECK_EQ(mapped_count, 16 - 1 + 256);
	CHECK(is_mapped(0xe0100000) && is_mapped(0xe0101000) && !is_mapped(0xe0102000) &&
		is_mapped(0xe0103000) && is_mapped(0xe010f000) && !is_mapped(0xe0110000));
	CHECK(is_mapped(0xe0200000) && is_mapped(0xe02ff000));
	CHECK(bus_find(d, BUS_MMIO, 0xe0102000) && !bus_find(d, BUS_MMIO, 0xe0103000));
	wr(NIC, PCI_COMMAND, 2, 0);
	CHECK_EQ(mapped_count, 0);
	CHECK(!(model[1].config[PCI_COMMAND] & PCI_COMMAND_MEMORY));
	CHECK(!bus_find(d, BUS_MMIO, 0xe0102000));
	finish();
}

UNIT_TEST(firmware, "what the firmware left decoding is mapped from the start")
{
	model_reset();
	model_set(&model[1], PCI_COMMAND, 2, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER, 0x0547);
	create();
	CHECK_EQ(mapped_count, 16 - 1 + 256);
	CHECK_EQ(rd(NIC, PCI_COMMAND, 2), PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	finish();
}

static u64 sizing(u16 reg, bool is64)
{
	u32 low = rd(NIC, reg, 4), high = is64 ? rd(NIC, reg + 4, 4) : 0;
	u64 mask;

	wr(NIC, reg, 4, 0xffffffff);
	mask = rd(NIC, reg, 4) & 0xfffffff0;
	wr(NIC, reg, 4, low);
	if (is64) {
		wr(NIC, reg + 4, 4, 0xffffffff);
		mask |= (u64)rd(NIC, reg + 4, 4) << 32;
		wr(NIC, reg + 4, 4, high);
	} else {
		mask |= ~0xffffffffULL;
	}
	CHECK_EQ(rd(NIC, reg, 4), low);
	return ~mask + 1;
}

UNIT_TEST(sizes, "BARs can be sized, even while the device decodes")
{
	setup();
	for (unsigned int i = 0; i < 2; i++) {
		u64 count;

		CHECK_EQ(sizing(PCI_BAR(0), false), 0x10000);
		CHECK_EQ(sizing(PCI_BAR(2), true), 0x100000);
		CHECK_EQ(rd(NIC, PCI_BAR(2), 4) & 0xf, 0xc);
		wr(NIC, PCI_BAR(4), 4, 0xffffffff); /* ports: the device's own answer */
		CHECK_EQ(rd(NIC, PCI_BAR(4), 4), 0xffffffe1);
		wr(NIC, PCI_ROM, 4, 0xfffff800);
		CHECK_EQ(rd(NIC, PCI_ROM, 4), 0xffff0000);
		wr(NIC, PCI_ROM, 4, 0);
		count = mapped_count;
		wr(NIC, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
		CHECK(i == 0 || mapped_count == count);
	}
	finish();
}

UNIT_TEST(moves, "a BAR that is moved is mapped at its new place when decoding goes on")
{
	setup();
	wr(NIC, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	wr(NIC, PCI_BAR(0), 4, 0xe0500000); /* while decoding: nothing yet */
	CHECK(is_mapped(0xe0100000) && !is_mapped(0xe0500000));
	CHECK_EQ(pci_read32(NIC, PCI_BAR(0)), 0xe0100000);
	wr(NIC, PCI_COMMAND, 2, 0);
	wr(NIC, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	CHECK(!is_mapped(0xe0100000) && is_mapped(0xe0500000) && !is_mapped(0xe0502000));
	CHECK(bus_find(d, BUS_MMIO, 0xe0502000) && !bus_find(d, BUS_MMIO, 0xe0102000));
	CHECK_EQ(pci_read32(NIC, PCI_BAR(0)), 0xe0500000);
	finish();
}

UNIT_TEST(refused, "BARs over RAM, over the hypervisor's registers, at 0 or beyond are not mapped")
{
	static const u64 bad[] = { 0, 0x10000000, KEPT, 0xfee00000, 0xf0000000, ECAM,
		0xfffffffffff00000ULL };

	setup();
	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++) {
		wr(NIC, PCI_BAR(0), 4, (u32)bad[i]);
		wr(NIC, PCI_BAR(2), 4, (u32)bad[i]);
		wr(NIC, PCI_BAR(3), 4, (u32)(bad[i] >> 32));
		wr(NIC, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
		CHECK_EQ(mapped_count, 0);
		CHECK(!bus_find(d, BUS_MMIO, bad[i] + 0x2000) || bad[i] == ECAM);
		CHECK_EQ(pci_read32(NIC, PCI_BAR(0)), 0xe0100000); /* the device did not get it */
		wr(NIC, PCI_COMMAND, 2, 0);
	}
	finish();
}

UNIT_TEST(shared_page, "a page stays as long as one of the BARs in it does")
{
	setup();
	wr(USB, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	CHECK_EQ(mapped_count, 1);
	/* Another function's BAR covers this page and three more. */
	wr(NIC, PCI_BAR(0), 4, 0xe0300000);
	wr(NIC, PCI_BAR(2), 4, 0xe0600000);
	wr(NIC, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	CHECK_EQ(mapped_count, 15 + 256);
	wr(USB, PCI_COMMAND, 2, 0);
	CHECK_EQ(mapped_count, 15 + 256);
	wr(USB, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	wr(NIC, PCI_COMMAND, 2, 0);
	CHECK_EQ(mapped_count, 1);
	CHECK(is_mapped(0xe0300000));
	finish();
}

UNIT_TEST(rom, "the ROM is mapped while its own bit and decoding are set")
{
	setup();
	wr(NIC, PCI_ROM, 4, 0xe0700001);
	CHECK_EQ(mapped_count, 0);
	wr(NIC, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	CHECK(is_mapped(0xe0700000) && is_mapped(0xe070f000));
	CHECK_EQ(pci_read32(NIC, PCI_ROM), 0xe0700001);
	wr(NIC, PCI_ROM, 4, 0xe0700000);
	CHECK(!is_mapped(0xe0700000));
	CHECK_EQ(rd(NIC, PCI_ROM, 4), 0xe0700000);
	wr(NIC, PCI_ROM, 4, 0xe0710001);
	CHECK(is_mapped(0xe0710000));
	wr(NIC, PCI_COMMAND, 2, 0);
	CHECK(!is_mapped(0xe0710000));
	finish();
}

UNIT_TEST(bridges, "a bridge's bus numbers and windows pass, its BAR is mapped")
{
	setup();
	wr(BRIDGE, 0x18, 4, 0x00050302);
	CHECK_EQ(pci_read32(BRIDGE, 0x18), 0x00050302);
	wr(BRIDGE, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	CHECK(mapped_count == 1 && is_mapped(0xe0301000));
	finish();
}

static void msi_64(u32 address, u32 data)
{
	wr(NIC, MSI_CAP + 4, 4, address);
	wr(NIC, MSI_CAP + 8, 4, 0);
	wr(NIC, MSI_CAP + 12, 2, data);
}

UNIT_TEST(msi, "the guest keeps its own message, the device gets the host's, one at most")
{
	setup();
	CHECK_EQ(rd(NIC, MSI_CAP + 2, 2), 0x0180); /* one message */
	msi_64(0xfee01000, 0x41);
	CHECK_EQ(pci_read32(NIC, MSI_CAP + 4), 0);
	wr(NIC, MSI_CAP + 2, 2, 0x0031);
	CHECK_EQ(msis_bound, 1);
	CHECK_EQ(pci_read16(NIC, MSI_CAP + 2) & 0x71, 1);
	CHECK_EQ(pci_read32(NIC, MSI_CAP + 4), HOST_ADDRESS);
	CHECK_EQ(pci_read16(NIC, MSI_CAP + 12) & 0xf000, HOST_DATA);
	CHECK_EQ(rd(NIC, MSI_CAP + 2, 2), 0x0181);
	CHECK_EQ(rd(NIC, MSI_CAP + 4, 4), 0xfee01000);
	CHECK_EQ(rd(NIC, MSI_CAP + 12, 2), 0x41);
	wr(NIC, MSI_CAP + 16, 4, 0x5a); /* mask bits pass */
	CHECK_EQ(pci_read32(NIC, MSI_CAP + 16), 0x5a);
	wr(NIC, MSI_CAP + 12, 2, 0x52);
	CHECK(msis_bound == 1 && pci_read32(NIC, MSI_CAP + 4) == HOST_ADDRESS);
	wr(NIC, MSI_CAP + 2, 2, 0);
	CHECK_EQ(msis_bound, 0);
	CHECK_EQ(pci_read16(NIC, MSI_CAP + 2) & 1, 0);
	msi_64(0x12345678, 0x41); /* to memory: refused, and it can be seen */
	wr(NIC, MSI_CAP + 2, 2, 1);
	CHECK_EQ(rd(NIC, MSI_CAP + 2, 2) & 1, 0);
	CHECK_EQ(pci_read16(NIC, MSI_CAP + 2) & 1, 0);
	/* The 32-bit layout. */
	wr(USB, MSI_CAP + 4, 4, 0xfee00000);
	wr(USB, MSI_CAP + 8, 2, 0x61);
	wr(USB, MSI_CAP + 2, 2, 1);
	CHECK_EQ(pci_read32(USB, MSI_CAP + 4), HOST_ADDRESS);
	CHECK_EQ(pci_read16(USB, MSI_CAP + 8) & 0xf000, HOST_DATA);
	finish();
}

#define TABLE 0xe0102010ULL

static void entry(unsigned int i, u32 data)
{
	mmio(TABLE + 16 * i, 4, 0xfee00000, true);
	mmio(TABLE + 16 * i + 4, 4, 0, true);
	mmio(TABLE + 16 * i + 8, 4, data, true);
}

UNIT_TEST(msix, "table entries are the guest's to read; the device's have the host's messages")
{
	setup();
	wr(NIC, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	CHECK_EQ(mmio(TABLE + 12, 4, 0, false), 1);
	wr(NIC, MSIX_CAP + 2, 2, 0xc000);
	CHECK_EQ(rd(NIC, MSIX_CAP + 2, 2), 0xc003);
	entry(1, 0x41);
	mmio(TABLE + 16 + 12, 4, 0, true);
	CHECK_EQ(msis_bound, 1);
	CHECK_EQ(model_table(1, 0), HOST_ADDRESS);
	CHECK_EQ(model_table(1, 8) & 0xf000, HOST_DATA);
	CHECK_EQ(model_table(1, 12), 0);
	CHECK_EQ(model_table(0, 12), 1);
	CHECK_EQ(mmio(TABLE + 16, 8, 0, false), 0xfee00000);
	CHECK_EQ(mmio(TABLE + 16 + 8, 8, 0, false), 0x41);
	wr(NIC, MSIX_CAP + 2, 2, 0x8000);
	CHECK_EQ(pci_read16(NIC, MSIX_CAP + 2), 0x8003);
	mmio(TABLE + 16 + 12, 4, 1, true);
	CHECK_EQ(model_table(1, 12), 1);
	mmio(TABLE + 16 + 8, 8, 0x52, true); /* data, and unmasked again */
	CHECK(model_table(1, 12) == 0 && model_table(1, 8) != 0x52);
	CHECK_EQ(mmio(TABLE + 17, 1, 0, false), 0xff); /* no such access */
	mmio(TABLE + 18, 2, 0x1234, true);
	CHECK_EQ(mmio(TABLE + 16, 4, 0, false), 0xfee00000);
	mmio(0xe0102000, 4, 0x5555, true); /* beside the table: the device's */
	CHECK_EQ(mmio(0xe0102000, 4, 0, false), 0x5555);
	mmio(0xe0102054, 4, 0x6666, true);
	CHECK_EQ(mmio(0xe0102054, 2, 0, false), 0x6666);
	wr(NIC, MSIX_CAP + 2, 2, 0);
	CHECK_EQ(msis_bound, 0);
	CHECK_EQ(model_table(1, 12), 1); /* nothing stale is left unmasked */
	wr(NIC, MSIX_CAP + 2, 2, 0x8000);
	CHECK_EQ(msis_bound, 1);
	CHECK(model_table(1, 12) == 0 && model_table(1, 0) == HOST_ADDRESS);
	finish();
}

UNIT_TEST(msix_order, "MSI-X enabled before the device decodes stays masked until it does")
{
	setup();
	wr(NIC, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	entry(2, 0x41);
	mmio(TABLE + 32 + 12, 4, 0, true);
	CHECK_EQ(msis_bound, 0);
	wr(NIC, PCI_COMMAND, 2, 0);
	wr(NIC, MSIX_CAP + 2, 2, 0x8000);
	CHECK_EQ(rd(NIC, MSIX_CAP + 2, 2), 0x8003);
	CHECK_EQ(pci_read16(NIC, MSIX_CAP + 2), 0xc003);
	wr(NIC, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	CHECK_EQ(pci_read16(NIC, MSIX_CAP + 2), 0x8003);
	CHECK(msis_bound == 1 && model_table(2, 12) == 0 && model_table(2, 0) == HOST_ADDRESS);
	finish();
}

UNIT_TEST(hidden, "the IOMMU's function and absent ones read as ones and take no writes")
{
	setup();
	CHECK_EQ(rd(IOMMU_FN, PCI_VENDOR, 4), 0xffffffff);
	CHECK_EQ(rd(IOMMU_FN, PCI_VENDOR, 1), 0xff);
	model[0].writes = 0;
	wr(IOMMU_FN, PCI_COMMAND, 2, 0xffff);
	CHECK_EQ(model[0].writes, 0);
	CHECK_EQ(vpci_add_device(d, IOMMU_FN), -EPERM);
	CHECK_EQ(rd(PCI_SBDF(0, 9, 9, 1), PCI_VENDOR, 2), 0xffff);
	CHECK_EQ(vpci_add_device(d, PCI_SBDF(0, 9, 9, 1)), -ENODEV);
	CHECK_EQ(rd(PCI_SBDF(7, 0, 3, 0), PCI_VENDOR, 4), 0xffffffff);
	finish();
}

UNIT_TEST(late, "a function that appears later is known from its first access on")
{
	setup();
	CHECK_EQ(rd(LATE, PCI_VENDOR, 4), 0xffffffff);
	CHECK_EQ(vpci_add_device(d, LATE), -ENODEV);
	model[4].present = true;
	CHECK_EQ(rd(LATE, PCI_VENDOR, 4), 0x00041af4);
	CHECK_EQ(vpci_add_device(d, LATE), 0);
	CHECK_EQ(vpci_add_device(d, NIC), 0);
	wr(LATE, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	CHECK(is_mapped(0xe0400000));
	finish();
}

UNIT_TEST(ecam, "configuration space in memory is the same, 1 to 8 bytes at any alignment")
{
	u64 nic = ECAM + (NIC << 12);

	setup();
	CHECK_EQ(mmio(nic, 4, 0, false), 0x00011af4);
	CHECK_EQ(mmio(nic + 0x100, 8, 0, false), 0x0706050403020100);
	CHECK_EQ(mmio(nic + 0x103, 8, 0, false), 0x0a09080706050403);
	mmio(nic + PCI_COMMAND, 2, PCI_COMMAND_MEMORY, true);
	CHECK(is_mapped(0xe0100000));
	CHECK_EQ(mmio(nic + 4094, 4, 0, false), 0xfffffffe); /* into the next function: absent */
	CHECK_EQ(mmio(ECAM + (IOMMU_FN << 12), 4, 0, false), 0xffffffff);
	CHECK_EQ(mmio(ECAM + (256 << 20) - 1, 1, 0, false), 0xff);
	finish();
}

UNIT_TEST(guests, "a domain that does not own the machine has no PCI")
{
	model_reset();
	d = host_domain_create(1, 1);
	CHECK_EQ(vpci_add_device(d, NIC), -EPERM);
	CHECK_EQ(vpci_read(d, NIC, 0, 4), 0xffffffff);
	vpci_write(d, NIC, 0, 4, 0);
	CHECK(!bus_find(d, BUS_MMIO, ECAM));
	domain_kill(d);
}

UNIT_TEST(nomem, "creation that runs out of memory leaves nothing behind")
{
	struct domain_desc desc = host_desc(0, 1);
	int rc = -ENOMEM;

	desc.hardware = true;
	for (desc.pool_pages = 1; rc != 0 && desc.pool_pages < 100; desc.pool_pages++) {
		model_reset();
		model_set(&model[1], PCI_COMMAND, 2, PCI_COMMAND_MEMORY, 0x0547);
		rc = domain_create(&desc, &d);
		CHECK(rc == 0 || rc == -ENOMEM);
		CHECK(rc == 0 || mapped_count == 0);
	}
	CHECK_EQ(rc, 0);
	finish();
}
