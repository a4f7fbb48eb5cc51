/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Device interrupts: a struct irq is one source (an I/O APIC pin or a message) with a vector on one
 * CPU and one handler.
 */
#ifndef ARCH_X86_IRQ_H
#define ARCH_X86_IRQ_H

#include "core/locks.h"

struct pcpu;
struct irq;

/* Runs on the CPU the interrupt came to, interrupts masked, no lock held. The local APIC's EOI has
 * not been sent: irq_dispatch() sends it after the handler returns. */
typedef void irq_handler(struct irq *irq, void *arg);

struct irq {
	irq_handler *handler;
	void *arg;
	struct pcpu *cpu; /* where the vector is, NULL: none yet */
	u8 vector;
	bool pin;
	u32 gsi;       /* for pins; ~0 for messages */
	bool remapped; /* a message that has an entry of the IOMMU's */
	u16 remap_index;
	u64 count;
	const char *name;
};

/* What a message-signalled interrupt must be programmed with. */
struct irq_message {
	u64 address;
	u32 data;
};

/* From trap_handle(). */
void irq_dispatch(u8 vector);

/* Takes a free vector on cpu for irq (moving it if it has one elsewhere). -ENOSPC. Any CPU. */
int irq_bind(struct irq *irq, struct pcpu *cpu, irq_handler *handler, void *arg, const char *name);
/* For an I/O APIC's pin: the vector is no other pin's on any CPU, since the broadcast of its EOI
 * goes by vector, and AMD's interrupt remapping finds the pin's entry by it. */
int irq_bind_pin(
	struct irq *irq, struct pcpu *cpu, irq_handler *handler, void *arg, const char *name);
/* Gives the vector up. The source is masked by the caller first. */
void irq_unbind(struct irq *irq);

/* --- I/O APIC pins (ioapic.c) --- */
void ioapic_init(void); /* all pins masked; boot CPU, after acpi_init() */
unsigned int ioapic_count(void);
struct ioapic_info {
	u32 id, gsi_base, pin_count;
	u64 address;
};
const struct ioapic_info *ioapic_get(unsigned int index);
/* The number of GSIs of all I/O APICs: highest gsi + 1. */
u32 ioapic_gsi_count(void);
/* Programs the pin for irq, whose vector is bound. -ENODEV: no such GSI. Starts masked. */
int ioapic_route(struct irq *irq, u32 gsi, bool level, bool active_low);
void ioapic_mask(u32 gsi, bool masked);
/* Trigger and polarity of an ISA interrupt by the ACPI overrides. */
void ioapic_isa_route(u8 isa_irq, u32 *gsi, bool *level, bool *active_low);

/* --- messages --- */
/* What to write into the MSI or MSI-X capability of a function, so that irq is raised: by the
 * IOMMU's interrupt remapping where it is on. -ENOSPC. */
int irq_msi_compose(struct irq *irq, u32 sbdf, struct irq_message *out);
void irq_msi_release(struct irq *irq, u32 sbdf);

#endif
