/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The host's I/O APICs (82093AA data sheet; AMD SP5100 register reference, 3.3). Pins are named by
 * GSI. Redirection entries go through the IOMMU's interrupt remapping where it is on.
 */
#include "arch/x86/apic.h"
#include "arch/x86/cpu.h"
#include "arch/x86/irq.h"
#include "core/log.h"
#include "drv/acpi/acpi.h"
#include "drv/iommu/iommu.h"
#include "lib/errno.h"
#include "mm/vmap.h"

#define IOAPIC_REG_VERSION 1
#define IOAPIC_REG_RTE(pin) (0x10 + 2 * (pin))
#define RTE_LOW BIT32(13)
#define RTE_LEVEL BIT32(15)
#define RTE_MASKED BIT32(16)

struct ioapic {
	volatile u32 *regs;
	struct ioapic_info info;
};

static struct ioapic ioapics[ACPI_MAX_IOAPICS];
static unsigned int count;
static u32 gsi_count;
static struct spinlock lock = SPINLOCK_INIT(RANK_IRQ);

static u32 ioapic_read(struct ioapic *io, u32 reg)
{
	io->regs[0] = reg;
	return io->regs[4];
}

static void ioapic_write(struct ioapic *io, u32 reg, u32 value)
{
	io->regs[0] = reg;
	io->regs[4] = value;
}

unsigned int ioapic_count(void)
{
	return count;
}

const struct ioapic_info *ioapic_get(unsigned int index)
{
	return index < count ? &ioapics[index].info : NULL;
}

u32 ioapic_gsi_count(void)
{
	return gsi_count;
}

static struct ioapic *find(u32 gsi, u32 *pin)
{
	for (unsigned int i = 0; i < count; i++) {
		*pin = gsi - ioapics[i].info.gsi_base;
		if (*pin < ioapics[i].info.pin_count) {
			return &ioapics[i];
		}
	}
	return NULL;
}

void ioapic_init(void)
{
	for (unsigned int i = 0; i < acpi_host.ioapic_count; i++) {
		const struct acpi_ioapic *a = &acpi_host.ioapics[i];
		struct ioapic *io = &ioapics[count];

		io->regs = vmap(a->at, PAGE_SIZE, HV_DEVICE);
		if (!io->regs) {
			boot_fail("cannot map the I/O APIC at %#llx", (unsigned long long)a->at.v);
		}
		io->info = (struct ioapic_info){
			.id = a->id, .gsi_base = a->gsi_base, .address = a->at.v
		};
		if (ioapic_read(io, IOAPIC_REG_VERSION) == 0xffffffff) {
			log_warn("I/O APIC %u at %#llx does not answer: ignored", a->id,
				(unsigned long long)a->at.v);
			continue;
		}
		io->info.pin_count = ((ioapic_read(io, IOAPIC_REG_VERSION) >> 16) & 0xff) + 1;
		for (u32 pin = 0; pin < io->info.pin_count; pin++) {
			ioapic_write(io, IOAPIC_REG_RTE(pin), RTE_MASKED);
			ioapic_write(io, IOAPIC_REG_RTE(pin) + 1, 0);
		}
		gsi_count = MAX(gsi_count, a->gsi_base + io->info.pin_count);
		log_info("I/O APIC %u: GSI %u-%u", a->id, a->gsi_base,
			a->gsi_base + io->info.pin_count - 1);
		count++;
	}
}

int ioapic_route(struct irq *irq, u32 gsi, bool level, bool active_low)
{
	u32 pin = 0;
	struct ioapic *io = find(gsi, &pin);
	struct iommu_irq abstract = {
		.dest = irq->cpu->arch->apic_id, .vector = irq->vector, .level = level
	};
	u64 rte = (u64)irq->cpu->arch->apic_id << 56 | irq->vector;
	int rc;

	if (!io) {
		return -ENODEV;
	}
	irq->gsi = gsi;
	rc = iommu_ir_ioapic(io->info.id, pin, &abstract, &rte);
	if (rc && rc != -ENODEV) {
		return rc;
	}
	rte |= (level ? RTE_LEVEL : 0) | (active_low ? RTE_LOW : 0) | RTE_MASKED;
	spin_lock(&lock);
	ioapic_write(io, IOAPIC_REG_RTE(pin), RTE_MASKED);
	ioapic_write(io, IOAPIC_REG_RTE(pin) + 1, (u32)(rte >> 32));
	ioapic_write(io, IOAPIC_REG_RTE(pin), (u32)rte);
	spin_unlock(&lock);
	return 0;
}

void ioapic_mask(u32 gsi, bool masked)
{
	u32 pin = 0, rte;
	struct ioapic *io = find(gsi, &pin);

	if (!io) {
		return;
	}
	spin_lock(&lock);
	rte = ioapic_read(io, IOAPIC_REG_RTE(pin));
	ioapic_write(io, IOAPIC_REG_RTE(pin), masked ? rte | RTE_MASKED : rte & ~RTE_MASKED);
	spin_unlock(&lock);
}

void ioapic_isa_route(u8 isa_irq, u32 *gsi, bool *level, bool *active_low)
{
	*gsi = isa_irq;
	*level = *active_low = false;
	for (unsigned int i = 0; i < acpi_host.override_count; i++) {
		const struct acpi_override *o = &acpi_host.overrides[i];

		if (o->irq == isa_irq) {
			*gsi = o->gsi;
			*active_low = (o->flags & ACPI_INTI_POLARITY) == 3;
			*level = (o->flags & ACPI_INTI_TRIGGER) == 0xc;
		}
	}
}
