/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The distributor of a GICv2 (IHI 0048B, 4.3) as its Non-secure side sees it: one group, which
 * GICD_CTLR bit 0 enables. Its CPU interface is the hardware's.
 */
#include "arch/arm/vgic/vgic_state.h"
#include "lib/bits.h"

#define GICD_CTLR 0x000
#define GICD_TYPER 0x004
#define GICD_IIDR 0x008
#define GICD_SGIR 0xf00
#define GICD_CPENDSGIR 0xf10
#define GICD_SPENDSGIR 0xf20
#define GICD_SPENDSGIR_END 0xf30
#define REVISION 2

#define SGIR_INTID mask64(3, 0)
#define SGIR_TARGETS mask64(23, 16)
#define SGIR_FILTER mask64(25, 24)
enum sgir_filter { SGIR_LIST, SGIR_OTHERS, SGIR_SELF };

u32 vgic_v2_typer(const struct domain *d)
{
	u32 lines = d->arch->vgic->intid_end;

	return DIV_ROUND_UP(lines, 32U) - 1 + ((d->vcpu_count - 1) << 5);
}

static u32 v2_all(const struct domain *d)
{
	return BIT32(d->vcpu_count) - 1;
}

/* --- control --- */

static void v2_write_ctlr(struct domain *d, u32 value)
{
	u8 ctlr = value & 1;

	if (__atomic_exchange_n(&d->arch->vgic->ctlr, ctlr, __ATOMIC_SEQ_CST) != ctlr) {
		vgic_groups_changed(d);
	}
}

static int v2_control(const struct vgic_reg *r)
{
	struct vgic_domain *vg = r->v->domain->arch->vgic;

	if (r->a->size != 4) {
		return 0;
	}
	if (r->a->write) {
		if (r->offset == GICD_CTLR) {
			v2_write_ctlr(r->v->domain, (u32)r->a->value);
		}
	} else if (r->offset == GICD_TYPER) {
		r->a->value = vg->typer;
	} else if (r->offset == GICD_CTLR) {
		r->a->value = READ_ONCE(vg->ctlr);
	} else if (r->offset == GICD_IIDR) {
		r->a->value = VGIC_IIDR;
	}
	return 0;
}

/* --- targets --- */

/* Several targets: the lowest of them gets it. */
static void v2_set_targets(const struct vgic_reg *r, struct vgic_irq *irq, u8 targets)
{
	struct domain *d = r->v->domain;

	targets &= (u8)v2_all(d);
	vgic_reg_route(irq, targets, targets != 0 ? d->vcpus[ffs64(targets) - 1] : NULL);
}

static int v2_targets(const struct vgic_reg *r)
{
	for (u32 i = 0; i < r->a->size && r->a->size <= 4; i++) {
		u32 intid = (r->offset & 0x3ff) + i;
		struct vgic_irq *irq = vgic_find(r->v->domain, r->v, intid);

		if (r->a->write && irq && intid >= VGIC_PRIVATE) {
			v2_set_targets(r, irq, (u8)(r->a->value >> 8 * i));
		} else if (!r->a->write && irq) {
			r->a->value |= (u64)READ_ONCE(irq->route) << 8 * i;
		}
	}
	return 0;
}

/* --- SGIs --- */

static void v2_sgir(const struct vgic_reg *r)
{
	u32 value = (u32)r->a->value, self = BIT32(r->v->id);
	u32 targets = 0;

	switch (field_get(SGIR_FILTER, value)) {
	case SGIR_LIST:
		targets = (u32)field_get(SGIR_TARGETS, value);
		break;
	case SGIR_OTHERS:
		targets = ~self;
		break;
	case SGIR_SELF:
		targets = self;
		break;
	default:
		break;
	}
	for (targets &= v2_all(r->v->domain); targets != 0; targets &= targets - 1) {
		vgic_sgi(r->v->domain->vcpus[ffs64(targets) - 1], (u32)(value & SGIR_INTID),
			r->v->id);
	}
}

/* Senders of an SGI that is pending here. Its list register is this CPU's: it need not wait. */
static u8 v2_sgi_sources(struct vgic_vcpu *vc, struct vgic_irq *irq)
{
	struct vgic_moved moved;

	if (irq->lr != 0) {
		moved.count = 0;
		vgic_lr_fold(vc, irq->lr - 1U, &moved);
	}
	return irq->sources;
}

static void v2_sgi_pending(const struct vgic_reg *r, u32 intid, unsigned int shift)
{
	struct vgic_irq *irq = &vgic_of(r->v)->irqs[intid];
	struct vgic_vcpu *vc = vgic_lock(irq);
	u8 sources = v2_sgi_sources(vc, irq), value = (u8)(r->a->value >> shift);

	if (!r->a->write) {
		r->a->value |= (u64)sources << shift;
	} else if (r->offset >= GICD_SPENDSGIR) {
		irq->sources |= value & (u8)v2_all(r->v->domain);
	} else {
		irq->sources &= (u8)~value;
	}
	vgic_unlock_changed(vc, irq);
	vcpu_set_pending(r->v, VCPU_PENDING_EVENT);
}

static int v2_sgis(const struct vgic_reg *r)
{
	if (r->offset == GICD_SGIR) {
		if (r->a->write && r->a->size == 4) {
			v2_sgir(r);
		}
		return 0;
	}
	if (r->offset < GICD_CPENDSGIR || r->offset >= GICD_SPENDSGIR_END) {
		return 0;
	}
	for (u32 i = 0; i < r->a->size && r->a->size <= 4; i++) {
		v2_sgi_pending(r, (r->offset & 15) + i, 8 * i);
	}
	return 0;
}

static int v2_id(const struct vgic_reg *r)
{
	vgic_reg_id(r, r->offset, REVISION);
	return 0;
}

/* clang-format off */
static vgic_reg_fn *const v2_blocks[VGIC_BLOCKS] = {
	[0x000 >> VGIC_BLOCK_SHIFT] = v2_control,
	[0x800 >> VGIC_BLOCK_SHIFT ... 0xb80 >> VGIC_BLOCK_SHIFT] = v2_targets,
	[0xf00 >> VGIC_BLOCK_SHIFT] = v2_sgis,
	[0xf80 >> VGIC_BLOCK_SHIFT] = v2_id,
};
/* clang-format on */

int vgic_v2_dist(struct vcpu *v, const struct vdev_region *region, struct vdev_access *a)
{
	struct vgic_reg r = { .v = v, .bank = v, .end = ~0U, .offset = (u32)a->offset, .a = a };

	if (!a->write) {
		a->value = 0;
	}
	if (unlikely(!IS_ALIGNED(a->offset, a->size))) {
		return 0;
	}
	return vgic_reg_access(&r, v2_blocks);
}
