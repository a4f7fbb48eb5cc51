/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * I/O memory management units: they confine what devices can reach to the memory of the domain that
 * has them, and their interrupts to what they were given. mm/iommu_map.h is the part of this that
 * follows a domain's physical map.
 */
#ifndef DRV_IOMMU_IOMMU_H
#define DRV_IOMMU_IOMMU_H

#include "core/unit.h"
#include "lib/compiler.h"
#include "mm/iommu_map.h"

struct domain;

/* Creates the tables of domains that have devices. After guest_unit. */
extern const struct unit iommu_unit;

/*
 * Finds the machine's units by ACPI and turns them on, with every device blocked. 0, or -ENODEV
 * when there is none that works or iommu=no was given; iommu=force then ends the boot with a line.
 * Boot CPU, after pci_init() and before interrupts are routed.
 */
int __must_check iommu_init(void);

bool iommu_present(void);  /* DMA is remapped */
bool iommu_intremap(void); /* so are interrupts */
bool iommu_disabled(void); /* iommu=no was given */
/* dom0-iommu=map-reserved (the default) and map-inclusive. */
bool iommu_dom0_map_reserved(void);
bool iommu_dom0_map_inclusive(void);

/* Is this the PCI function of a unit, which no domain may see? */
bool iommu_owns(u32 sbdf);

/* --- devices --- */

/* The function reaches exactly what d's tables have. d was created with tables (-ENODEV otherwise).
 * -ERANGE: no unit can address this function. Any CPU, no lock of rank RANK_IOMMU or above held. */
int __must_check iommu_assign(struct domain *d, u32 sbdf);
/* The function reaches nothing any more. */
void iommu_deassign(u32 sbdf);
/* Every function that pci_first() .. pci_next() have, but the units' own. */
int __must_check iommu_assign_all(struct domain *d);

/* Maps [start, end) to itself, read-write, for the domain's devices alone: memory that firmware or
 * hardware keeps for them. Whole pages around the range. Does nothing without tables. */
int __must_check iommu_map_identity(struct domain *d, u64 start, u64 end);

/* --- interrupts ---
 * All return -ENODEV while iommu_intremap() is false: use the plain forms then. */

enum iommu_irq_mode {
	IOMMU_IRQ_FIXED = 0,
	IOMMU_IRQ_LOWEST = 1,
	IOMMU_IRQ_NMI = 4,
};

struct iommu_irq {
	u32 dest; /* APIC id, or set of ids if logical */
	u8 vector;
	u8 mode; /* enum iommu_irq_mode */
	bool logical;
	bool level;
};

/* What a device writes to raise its interrupt. */
struct iommu_msg {
	u64 address;
	u32 data;
};

/*
 * Points an I/O APIC's pin to irq. Of the redirection entry in *rte, vector, delivery mode,
 * destination mode and destination are replaced; trigger, polarity and mask stay. The vector field
 * then equals irq->vector wherever possible, so that the local APIC's EOI broadcast finds the pin;
 * -ENOSPC if it is not. Call again to change; program the pin after that.
 */
int iommu_ir_ioapic(u32 ioapic_id, u32 pin, const struct iommu_irq *irq, u64 *rte);

/*
 * Message-signalled interrupts of a function: count entries (a power of two up to 32, naturally
 * aligned) from *first on. iommu_ir_set() points one of them to irq, and says what to program for
 * it; a device with several messages is programmed with that of the first. -ENOSPC, -ENOMEM.
 */
int __must_check iommu_ir_alloc(u32 sbdf, unsigned int count, u16 *first);
int __must_check iommu_ir_set(
	u32 sbdf, u16 index, const struct iommu_irq *irq, struct iommu_msg *msg);
void iommu_ir_free(u32 sbdf, u16 first, unsigned int count);

/* --- faults --- */

/* Prints what devices were refused, some lines a second at most. Called from a timer, and from an
 * interrupt handler where the arch routes the units' interrupt. Never waits for hardware. */
void iommu_poll_faults(void);

void iommu_dump(void); /* units, tables and counts, to the console */

#endif
