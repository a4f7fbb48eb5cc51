/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Interrupt remapping as far as all units agree: which entries of a table are in use, and which
 * entry a pin or message has. What an entry looks like is the driver's.
 */
#include "drv/acpi/acpi.h"
#include "drv/iommu/iommu.h"
#include "drv/iommu/iommu_ops.h"
#include "lib/bits.h"
#include "lib/errno.h"

#define IOMMU_IR_PINS 256
#define IOMMU_IR_NONE 0xffff

/* Redirection entry (82093AA, 3.2.4): vector, delivery and destination mode, destination. */
#define IOMMU_RTE_REPLACED (mask64(11, 0) | mask64(63, 48))

static u16 pin_index[ACPI_MAX_IOAPICS][IOMMU_IR_PINS]; /* index + 1, 0: none; under ir_lock */
static struct spinlock ir_lock = SPINLOCK_INIT(RANK_IOMMU_IR);

static u16 *iommu_ir_pin(u32 ioapic_id, u32 pin)
{
	for (unsigned int i = 0; i < acpi_host.ioapic_count && pin < IOMMU_IR_PINS; i++) {
		if (acpi_host.ioapics[i].id == ioapic_id) {
			return &pin_index[i][pin];
		}
	}
	return NULL;
}

/* Takes an aligned run of free entries; IOMMU_IR_NONE when there is none. Under ir_lock. */
static u16 iommu_ir_take(struct iommu_irt *irt, unsigned int count)
{
	for (unsigned int first = 0; first + count <= irt->size; first += count) {
		if (bitmap_find_next(irt->used, first + count, first) == first + count) {
			bitmap_set_range(irt->used, first, count);
			return (u16)first;
		}
	}
	return IOMMU_IR_NONE;
}

/*
 * The entry for a pin: the one it has, or a new one. Where the vector field of the pin holds the
 * index, the two have to be equal, or EOI messages, which name a vector, would miss the pin.
 */
static int iommu_ir_pin_take(struct iommu_irt *irt, const struct iommu_irq *irq, u16 had)
{
	u16 index;

	if (!iommu_caps.rte_by_index) {
		index = had != IOMMU_IR_NONE ? had : iommu_ir_take(irt, 1);
		return index == IOMMU_IR_NONE ? -ENOSPC : index;
	}
	if (had == irq->vector) {
		return had;
	}
	return bitmap_test_and_set(irt->used, irq->vector) ? -ENOSPC : irq->vector;
}

int iommu_ir_ioapic(u32 ioapic_id, u32 pin, const struct iommu_irq *irq, u64 *rte)
{
	struct iommu_source src = { .ioapic = true, .ioapic_id = ioapic_id };
	struct iommu_irt *irt;
	u16 *slot, had;
	int index, rc;

	if (!iommu_intremap()) {
		return -ENODEV;
	}
	slot = iommu_ir_pin(ioapic_id, pin);
	irt = iommu_ops->irt(&src);
	if (!slot || !irt) {
		return -ENOENT;
	}
	spin_lock(&ir_lock);
	had = *slot - 1;
	index = iommu_ir_pin_take(irt, irq, had);
	rc = index < 0 ? index : iommu_ops->irte(irt, (u16)index, &src, irq);
	if (rc == 0) {
		if (had != IOMMU_IR_NONE && had != index) {
			(void)iommu_ops->irte(irt, had, &src, NULL);
			bitmap_clear(irt->used, had);
		}
		*slot = (u16)(index + 1);
		*rte = (*rte & ~IOMMU_RTE_REPLACED) | iommu_ops->rte(irt, (u16)index, irq);
	} else if (index >= 0 && had != index) {
		bitmap_clear(irt->used, (size_t)index);
	}
	spin_unlock(&ir_lock);
	return rc;
}

static struct iommu_irt *iommu_ir_table(u32 sbdf)
{
	struct iommu_source src = { .sbdf = sbdf };

	return iommu_intremap() ? iommu_ops->irt(&src) : NULL;
}

int iommu_ir_alloc(u32 sbdf, unsigned int count, u16 *first)
{
	struct iommu_irt *irt = iommu_ir_table(sbdf);

	if (!irt) {
		return iommu_intremap() ? -ENOMEM : -ENODEV;
	}
	if (!is_pow2(count) || count > 32) {
		return -EINVAL;
	}
	spin_lock(&ir_lock);
	*first = iommu_ir_take(irt, count);
	spin_unlock(&ir_lock);
	return *first == IOMMU_IR_NONE ? -ENOSPC : 0;
}

int iommu_ir_set(u32 sbdf, u16 index, const struct iommu_irq *irq, struct iommu_msg *msg)
{
	struct iommu_source src = { .sbdf = sbdf };
	struct iommu_irt *irt = iommu_ir_table(sbdf);
	int rc;

	if (!irt) {
		return -ENODEV;
	}
	if (index >= irt->size || !bitmap_test(irt->used, index)) {
		return -EINVAL;
	}
	spin_lock(&ir_lock);
	rc = iommu_ops->irte(irt, index, &src, irq);
	spin_unlock(&ir_lock);
	if (rc == 0) {
		iommu_ops->message(irt, index, msg);
	}
	return rc;
}

void iommu_ir_free(u32 sbdf, u16 first, unsigned int count)
{
	struct iommu_source src = { .sbdf = sbdf };
	struct iommu_irt *irt = iommu_ir_table(sbdf);

	if (!irt || first + count > irt->size) {
		return;
	}
	spin_lock(&ir_lock);
	for (unsigned int i = first; i < first + count; i++) {
		if (bitmap_test_and_clear(irt->used, i)) {
			(void)iommu_ops->irte(irt, (u16)i, &src, NULL);
		}
	}
	spin_unlock(&ir_lock);
}
