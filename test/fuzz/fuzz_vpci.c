/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Virtual PCI: any sequence of accesses to configuration space, by both ways, and to BARs. Nothing
 * is mapped that is no place for devices (the model sees to that), MSI-X tables never are, and a
 * device that may send messages has none but the host's.
 */
#include <stdlib.h>

#include "unit/vpci_model.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

const struct unit *const units[] = { &sched_unit, &bus_unit, &vpci_unit };
const unsigned int unit_count = ARRAY_SIZE(units);

static struct domain *d;

struct op {
	u8 kind, function, size;
	u8 reg;
	u16 high; /* of the address or the register */
	u32 value;
} __packed;

static void expect(bool ok)
{
	if (!ok) {
		abort();
	}
}

static void mmio(u64 addr, unsigned int size, u64 value, bool write)
{
	struct vdev_access a = { .addr = addr, .size = (u8)size, .value = value, .write = write };

	(void)bus_access(d->vcpus[0], BUS_MMIO, &a);
}

static void run(const struct op *o)
{
	static const u32 functions[] = { IOMMU_FN, NIC, NIC, NIC, USB, BRIDGE, LATE,
		PCI_SBDF(0, 255, 31, 7) };
	u32 sbdf = functions[o->function % ARRAY_SIZE(functions)];
	unsigned int size = 1 + o->size % 4;
	u16 reg = o->kind & 0x10 ? o->high % 4096 : o->reg;
	/* Values that make sense as addresses are rare: help. */
	u32 value = o->kind & 0x20   ? 0xe0000000 | (o->value & 0x0fffffff)
		    : o->kind & 0x40 ? 0xfee00000 | (o->value & 0xfffff)
				     : o->value;

	switch (o->kind % 8) {
	case 0:
		vpci_read(d, sbdf, reg, size);
		break;
	case 1:
	case 2:
	case 3:
		vpci_write(d, sbdf, reg, size, value);
		break;
	case 4:
		mmio(ECAM + ((u64)sbdf << 12) + reg, 1U << o->size % 4, value, o->kind & 0x80);
		break;
	case 5:
		model[4].present = !model[4].present;
		break;
	default: /* the table, where it is now */
		mmio((pci_read32(NIC, PCI_BAR(0)) & ~0xfULL) + 0x2000 + o->reg, 1U << o->size % 4,
			value, o->kind & 0x80);
		break;
	}
}

static void check_msi(u32 sbdf, u16 data_at)
{
	if (pci_read16(sbdf, MSI_CAP + 2) & 1) {
		expect((pci_read16(sbdf, MSI_CAP + 2) & 0x70) == 0);
		expect(pci_read32(sbdf, MSI_CAP + 4) == HOST_ADDRESS);
		expect((pci_read16(sbdf, data_at) & 0xf000) == HOST_DATA);
	}
}

static void check_msix(void)
{
	u64 table = (pci_read32(NIC, PCI_BAR(0)) & ~0xfULL) + 0x2010;

	if (!(pci_read16(NIC, PCI_COMMAND) & PCI_COMMAND_MEMORY) ||
		(pci_read16(NIC, MSIX_CAP + 2) & 0xc000) != 0x8000) {
		return;
	}
	expect(bus_find(d, BUS_MMIO, table) != NULL);
	for (unsigned int i = 0; i < 4; i++) {
		expect((model_table(i, 12) & 1) != 0 ||
			(model_table(i, 0) == HOST_ADDRESS &&
				(model_table(i, 8) & 0xf000) == HOST_DATA));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool booted;
	struct domain_desc desc;

	if (!booted) {
		host_boot(1, MiB(64));
		booted = true;
	}
	model_reset();
	desc = host_desc(0, 1);
	desc.hardware = true;
	expect(domain_create(&desc, &d) == 0);
	for (size_t at = 0; at + sizeof(struct op) <= size && at < 200 * sizeof(struct op);
		at += sizeof(struct op)) {
		struct op o;

		memcpy(&o, data + at, sizeof(o));
		run(&o);
		check_msi(NIC, MSI_CAP + 12);
		check_msi(USB, MSI_CAP + 8);
		check_msix();
		expect(mapped_count <= 16 + 256 + 16 + 2 + 1 + 1);
	}
	domain_kill(d);
	expect(mapped_count == 0 && msis == 0 && msis_bound == 0);
	return 0;
}
