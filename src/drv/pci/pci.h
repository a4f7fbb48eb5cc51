/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The host's PCI functions: access to configuration space, and a record of each function that was
 * found. Functions are found at boot (all buses of all segments) or announced later by dom0;
 * records are never freed and do not change after they were published.
 */
#ifndef DRV_PCI_PCI_H
#define DRV_PCI_PCI_H

#include "lib/compiler.h"
#include "lib/rbtree.h"

/* segment << 16 | bus << 8 | device << 3 | function */
#define PCI_SBDF(seg, bus, dev, fn) \
	((u32)(seg) << 16 | (u32)(bus) << 8 | (u32)(dev) << 3 | (u32)(fn))
#define PCI_SEGMENT(sbdf) ((u16)((sbdf) >> 16))
#define PCI_BUS(sbdf) ((u8)((sbdf) >> 8))
#define PCI_DEV(sbdf) ((u8)((sbdf) >> 3 & 31))
#define PCI_FN(sbdf) ((u8)((sbdf)&7))
#define PCI_DEVFN(sbdf) ((u8)(sbdf))
#define PCI_BDF(sbdf) ((u16)(sbdf))
/* For log lines: printf("%04x:%02x:%02x.%u", PCI_SBDF_ARGS(sbdf)) */
#define PCI_SBDF_FMT "%04x:%02x:%02x.%u"
#define PCI_SBDF_ARGS(sbdf) PCI_SEGMENT(sbdf), PCI_BUS(sbdf), PCI_DEV(sbdf), PCI_FN(sbdf)

/* Configuration space (PCI local bus 3.0, 6.1). */
#define PCI_VENDOR 0x00
#define PCI_DEVICE 0x02
#define PCI_COMMAND 0x04
#define PCI_COMMAND_IO 0x0001
#define PCI_COMMAND_MEMORY 0x0002
#define PCI_COMMAND_MASTER 0x0004
#define PCI_COMMAND_INTX_OFF 0x0400
#define PCI_STATUS 0x06
#define PCI_STATUS_CAPS 0x0010
#define PCI_CLASS 0x08 /* revision in the low byte */
#define PCI_HEADER 0x0e
#define PCI_HEADER_TYPE 0x7f
#define PCI_HEADER_MULTI 0x80
#define PCI_BAR(n) (0x10 + 4 * (n))
#define PCI_ROM 0x30
#define PCI_ROM_BRIDGE 0x38
#define PCI_CAPS 0x34
#define PCI_SECONDARY 0x19
#define PCI_SUBORDINATE 0x1a

#define PCI_CAP_MSI 0x05
#define PCI_CAP_SECURE 0x0f /* AMD IOMMU */
#define PCI_CAP_PCIE 0x10
#define PCI_CAP_MSIX 0x11

#define PCI_CLASS_HOST_BRIDGE 0x0600
#define PCI_CLASS_PCI_BRIDGE 0x0604

enum pci_bar_kind {
	PCI_BAR_NONE, /* not implemented, or the upper half of the one before */
	PCI_BAR_IO,
	PCI_BAR_MEM,   /* 32 bits */
	PCI_BAR_MEM64, /* together with the next one */
	PCI_BAR_ROM,
};

struct pci_bar {
	u64 address; /* as programmed when it was found */
	u64 size;
	u8 kind; /* enum pci_bar_kind */
	bool prefetch;
};

struct pci_dev {
	struct rb_node node;
	u32 sbdf;
	u16 vendor, device;
	u32 class_rev;		   /* class << 8 | revision */
	u8 header;		   /* 0: device, 1: bridge, 2: CardBus */
	u8 secondary, subordinate; /* buses behind a bridge */
	struct pci_bar bars[6];
	struct pci_bar rom;
	/* offsets of capabilities, 0: none */
	u8 cap_msi, cap_msix, cap_pcie;
	u16 msi_count;	/* messages it may be given, 0 without MSI */
	u16 msix_count; /* entries of its table, 0 without MSI-X */
	u8 msix_table_bar, msix_pba_bar;
	u32 msix_table_offset, msix_pba_offset;
};

static inline u16 pci_class(const struct pci_dev *d)
{
	return (u16)(d->class_rev >> 16);
}

/*
 * Configuration space of any function, existing or not; reg is naturally aligned and below 4096.
 * Where nothing answers, or reg cannot be reached, reads give all ones. Any context but NMI.
 */
u8 pci_read8(u32 sbdf, u16 reg);
u16 pci_read16(u32 sbdf, u16 reg);
u32 pci_read32(u32 sbdf, u16 reg);
void pci_write8(u32 sbdf, u16 reg, u8 value);
void pci_write16(u32 sbdf, u16 reg, u16 value);
void pci_write32(u32 sbdf, u16 reg, u32 value);

/* Maps the windows that ACPI's MCFG names and looks for functions everywhere. Boot CPU, after
 * acpi_init(). -ENOMEM. */
int __must_check pci_init(void);

/* Looks at one function and records it, if it exists and is not yet recorded. -ENODEV, -ENOMEM. */
int __must_check pci_probe(u32 sbdf);

/* The record, or NULL. The next one behind sbdf in rising order; pci_first() starts. Any CPU. */
const struct pci_dev *pci_find(u32 sbdf);
const struct pci_dev *pci_first(void);
const struct pci_dev *pci_next(u32 sbdf);

/* Offset of the function's first capability with this id, 0: none. */
u8 pci_find_cap(u32 sbdf, u8 id);

/* Is configuration space of this bus reachable through a memory window, and where? The address is
 * that of the segment's bus 0; false when the firmware names none. */
bool pci_ecam_window(unsigned int index, u16 *segment, u8 *first_bus, u8 *last_bus, hpa_t *at);

void pci_dump(void); /* all records, to the console */

#endif
