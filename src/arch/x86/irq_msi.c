/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a device must write to raise an interrupt: an entry of the IOMMU's remapping table where
 * there is one, so that the device can raise nothing else, or else the plain message (AMD64 APM
 * vol. 2, 16.11; Intel SDM vol. 3, 11.11).
 */
#include "arch/x86/cpu.h"
#include "arch/x86/irq.h"
#include "drv/iommu/iommu.h"
#include "lib/bug.h"
#include "lib/errno.h"

#define MSI_ADDRESS 0xfee00000ULL
#define MSI_DEST_MAX 0xff

static int compose_remapped(struct irq *irq, u32 sbdf, struct irq_message *out)
{
	struct iommu_irq target = { .dest = irq->cpu->arch->apic_id, .vector = irq->vector };
	struct iommu_msg msg;
	int rc = 0;

	if (!irq->remapped) {
		rc = iommu_ir_alloc(sbdf, 1, &irq->remap_index);
		irq->remapped = rc == 0;
	}
	if (!rc) {
		rc = iommu_ir_set(sbdf, irq->remap_index, &target, &msg);
	}
	if (!rc) {
		*out = (struct irq_message){ msg.address, msg.data };
	}
	return rc;
}

int irq_msi_compose(struct irq *irq, u32 sbdf, struct irq_message *out)
{
	ASSERT(irq->cpu);
	if (iommu_intremap()) {
		return compose_remapped(irq, sbdf, out);
	}
	if (irq->cpu->arch->apic_id > MSI_DEST_MAX) {
		return -ENOSPC;
	}
	out->address = MSI_ADDRESS | irq->cpu->arch->apic_id << 12;
	out->data = irq->vector;
	return 0;
}

void irq_msi_release(struct irq *irq, u32 sbdf)
{
	if (irq->remapped) {
		iommu_ir_free(sbdf, irq->remap_index, 1);
		irq->remapped = false;
	}
}
