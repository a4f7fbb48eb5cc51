/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * List registers as the hardware has them: struct gic_lr to and from the layouts of GICv2 (IHI
 * 0048B, 5.3.10) and GICv3 (IHI 0069, ICH_LR<n>_EL2). Pure. An empty one is zero in all three.
 */
#ifndef ARCH_ARM_GIC_GIC_LR_H
#define ARCH_ARM_GIC_GIC_LR_H

#include "arch/arm/gic/gic.h"
#include "lib/bits.h"

#define GICV2_LR_INTID mask64(9, 0)
#define GICV2_LR_PINTID mask64(19, 10)
#define GICV2_LR_SOURCE mask64(12, 10)
#define GICV2_LR_EOI BIT64(19)
#define GICV2_LR_PRIORITY mask64(27, 23)
#define GICV2_LR_PENDING BIT64(28)
#define GICV2_LR_ACTIVE BIT64(29)
#define GICV2_LR_GROUP1 BIT64(30)
#define GICV2_LR_HW BIT64(31)

#define GICV3_LR_INTID mask64(31, 0)
#define GICV3_LR_PINTID mask64(44, 32)
#define GICV3_LR_EOI BIT64(41)
#define GICV3_LR_PRIORITY mask64(55, 48)
#define GICV3_LR_GROUP1 BIT64(60)
#define GICV3_LR_HW BIT64(61)
#define GICV3_LR_PENDING BIT64(62)
#define GICV3_LR_ACTIVE BIT64(63)

/* Only the upper five bits of the priority remain. */
static inline u32 gic_lr_encode_v2(const struct gic_lr *lr)
{
	u64 value = field_put(GICV2_LR_INTID, lr->intid) |
		    field_put(GICV2_LR_PRIORITY, lr->priority >> 3) |
		    field_put(GICV2_LR_PENDING, lr->pending) |
		    field_put(GICV2_LR_ACTIVE, lr->active) | field_put(GICV2_LR_GROUP1, lr->group1);

	if (lr->hw) {
		return (u32)(value | GICV2_LR_HW | field_put(GICV2_LR_PINTID, lr->pintid));
	}
	return (u32)(value | field_put(GICV2_LR_EOI, lr->eoi) |
		     field_put(GICV2_LR_SOURCE, lr->source));
}

static inline struct gic_lr gic_lr_decode_v2(u32 value)
{
	bool hw = (value & GICV2_LR_HW) != 0;

	return (struct gic_lr){
		.intid = (u32)field_get(GICV2_LR_INTID, value),
		.pintid = hw ? (u32)field_get(GICV2_LR_PINTID, value) : 0,
		.priority = (u8)(field_get(GICV2_LR_PRIORITY, value) << 3),
		.source = hw ? 0 : (u8)field_get(GICV2_LR_SOURCE, value),
		.hw = hw,
		.eoi = !hw && (value & GICV2_LR_EOI) != 0,
		.group1 = (value & GICV2_LR_GROUP1) != 0,
		.pending = (value & GICV2_LR_PENDING) != 0,
		.active = (value & GICV2_LR_ACTIVE) != 0,
	};
}

static inline u64 gic_lr_encode_v3(const struct gic_lr *lr)
{
	u64 value = field_put(GICV3_LR_INTID, lr->intid) |
		    field_put(GICV3_LR_PRIORITY, lr->priority) |
		    field_put(GICV3_LR_PENDING, lr->pending) |
		    field_put(GICV3_LR_ACTIVE, lr->active) | field_put(GICV3_LR_GROUP1, lr->group1);

	if (lr->hw) {
		return value | GICV3_LR_HW | field_put(GICV3_LR_PINTID, lr->pintid);
	}
	return value | field_put(GICV3_LR_EOI, lr->eoi);
}

static inline struct gic_lr gic_lr_decode_v3(u64 value)
{
	bool hw = (value & GICV3_LR_HW) != 0;

	return (struct gic_lr){
		.intid = (u32)field_get(GICV3_LR_INTID, value),
		.pintid = hw ? (u32)field_get(GICV3_LR_PINTID, value) : 0,
		.priority = (u8)field_get(GICV3_LR_PRIORITY, value),
		.hw = hw,
		.eoi = !hw && (value & GICV3_LR_EOI) != 0,
		.group1 = (value & GICV3_LR_GROUP1) != 0,
		.pending = (value & GICV3_LR_PENDING) != 0,
		.active = (value & GICV3_LR_ACTIVE) != 0,
	};
}

#endif
