/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Distributor, redistributors and SGI registers of a GICv3 (IHI 0069) that has one security state
 * (GICD_CTLR.DS), always affinity routing, no LPIs and no routing to one of many.
 */
#include "arch/arm/esr.h"
#include "arch/arm/vgic/vgic_state.h"
#include "lib/bits.h"

#define GICD_CTLR 0x0000
#define GICD_TYPER 0x0004
#define GICD_IIDR 0x0008
#define GICD_IROUTER 0x6000
#define GICD_IROUTER_END 0x8000
#define GICR_IIDR 0x0004
#define GICR_TYPER 0x0008
#define FRAME_SIZE 0x10000U
#define REVISION 3

#define CTLR_ARE BIT32(4)
#define CTLR_DS BIT32(6)
#define TYPER_IDBITS (9U << 19) /* ten */
#define TYPER_NO1N BIT32(25)
#define TYPER_LAST BIT64(4)
#define TYPER_NUMBER_SHIFT 8
#define ROUTE_AFFINITY 0xffffffU

/* ICC_SGI<n>R_EL1 */
#define SGIR_TARGETS mask64(15, 0)
#define SGIR_AFF1 mask64(23, 16)
#define SGIR_INTID mask64(27, 24)
#define SGIR_AFF2 mask64(39, 32)
#define SGIR_OTHERS BIT64(40)
#define SGIR_RANGE mask64(47, 44)
#define SGIR_AFF3 mask64(55, 48)

#define ICC_SGI1R SYSREG(3, 0, 12, 11, 5)
#define ICC_ASGI1R SYSREG(3, 0, 12, 11, 6)
#define ICC_SGI0R SYSREG(3, 0, 12, 11, 7)
#define ICC_SRE SYSREG(3, 0, 12, 12, 5)
#define SRE_VALUE 7 /* system registers, no bypass */

u32 vgic_v3_typer(const struct domain *d)
{
	return (DIV_ROUND_UP(d->arch->vgic->intid_end, 32U) - 1) | TYPER_IDBITS | TYPER_NO1N;
}

/* --- distributor --- */

static void v3_write_ctlr(struct domain *d, u32 value)
{
	u8 ctlr = value & VGIC_CTLR_GROUPS;

	if (__atomic_exchange_n(&d->arch->vgic->ctlr, ctlr, __ATOMIC_SEQ_CST) != ctlr) {
		vgic_groups_changed(d);
	}
}

static int v3_control(const struct vgic_reg *r)
{
	struct vgic_domain *vg = r->v->domain->arch->vgic;

	if (r->a->size != 4) {
		return 0;
	}
	if (r->a->write) {
		if (r->offset == GICD_CTLR) {
			v3_write_ctlr(r->v->domain, (u32)r->a->value);
		}
	} else if (r->offset == GICD_TYPER) {
		r->a->value = vg->typer;
	} else if (r->offset == GICD_CTLR) {
		r->a->value = READ_ONCE(vg->ctlr) | CTLR_ARE | CTLR_DS;
	} else if (r->offset == GICD_IIDR) {
		r->a->value = VGIC_IIDR;
	}
	return 0;
}

/* irq->route has Aff3 where the register has nothing for us. */
static u64 v3_route_read(u32 route)
{
	return (u64)(route >> 24) << 32 | (route & ROUTE_AFFINITY);
}

static void v3_route_write(const struct vgic_reg *r, struct vgic_irq *irq)
{
	u64 value = v3_route_read(READ_ONCE(irq->route));
	u32 route;

	if (r->a->size == 8) {
		value = r->a->value;
	} else if (r->offset & 4) {
		value = (u64)(u32)r->a->value << 32 | (u32)value;
	} else {
		value = (value & ~0xffffffffULL) | (u32)r->a->value;
	}
	route = (u32)(value & ROUTE_AFFINITY) | (u32)(value >> 32 & 0xff) << 24;
	vgic_reg_route(irq, route, vgic_vcpu_by_affinity(r->v->domain, v3_route_read(route)));
}

static void v3_route(const struct vgic_reg *r)
{
	struct vgic_irq *irq = vgic_find(r->v->domain, NULL, (r->offset - GICD_IROUTER) / 8);

	if (!irq || r->a->size < 4) {
		return;
	}
	if (r->a->write) {
		v3_route_write(r, irq);
	} else {
		vgic_reg_read(r, v3_route_read(READ_ONCE(irq->route)) >> 8 * (r->offset & 4));
	}
}

/* clang-format off */
static vgic_reg_fn *const v3_dist_blocks[VGIC_BLOCKS] = {
	[0x000 >> VGIC_BLOCK_SHIFT] = v3_control,
};
/* clang-format on */

static void v3_above_blocks(const struct vgic_reg *r)
{
	if (r->offset >= GICD_IROUTER && r->offset < GICD_IROUTER_END) {
		v3_route(r);
	} else if (r->offset >= 0xffd0 && r->offset < FRAME_SIZE) {
		vgic_reg_id(r, r->offset & 0xfff, REVISION);
	}
}

int vgic_v3_dist(struct vcpu *v, const struct vdev_region *region, struct vdev_access *a)
{
	struct vgic_reg r = { .v = v, .end = ~0U, .offset = (u32)a->offset, .a = a };

	if (!a->write) {
		a->value = 0;
	}
	if (unlikely(!IS_ALIGNED(a->offset, a->size))) {
		return 0;
	}
	if (unlikely(r.offset >= VGIC_BLOCKS << VGIC_BLOCK_SHIFT)) {
		v3_above_blocks(&r);
		return 0;
	}
	return vgic_reg_access(&r, v3_dist_blocks);
}

/* --- redistributors --- */

/* The vCPU whose frames begin at this number of the region, and whether it is the last there. */
static struct vcpu *v3_redist_vcpu(
	struct domain *d, const struct vdev_region *region, u64 offset, bool *last)
{
	const struct vgic_domain *vg = d->arch->vgic;
	u64 first = (uintptr_t)region->device, slots = region->size / vg->frame_stride;
	u64 slot = offset / vg->frame_stride, id = first + slot;

	if (slot >= slots || id >= d->vcpu_count) {
		return NULL;
	}
	*last = id + 1 == d->vcpu_count || slot + 1 == slots;
	return d->vcpus[id];
}

static u64 v3_redist_typer(const struct vcpu *v, bool last)
{
	u64 mpidr = v->arch->vmpidr;
	u64 affinity = (mpidr >> 32 & 0xff) << 24 | (mpidr & ROUTE_AFFINITY);

	return affinity << 32 | (u64)v->id << TYPER_NUMBER_SHIFT | (last ? TYPER_LAST : 0);
}

/* GICR_CTLR and GICR_WAKER are zero: no LPIs, and always awake. */
static void v3_redist_control(const struct vgic_reg *r, bool last)
{
	if (r->a->write || r->a->size < 4) {
		return;
	}
	if ((r->offset & ~7U) == GICR_TYPER) {
		vgic_reg_read(r, v3_redist_typer(r->bank, last) >> 8 * (r->offset & 4));
	} else if (r->offset == GICR_IIDR && r->a->size == 4) {
		r->a->value = VGIC_IIDR;
	} else if (r->offset >= 0xffd0) {
		vgic_reg_id(r, r->offset & 0xfff, REVISION);
	}
}

int vgic_v3_redist(struct vcpu *v, const struct vdev_region *region, struct vdev_access *a)
{
	static vgic_reg_fn *const none[VGIC_BLOCKS];
	struct vgic_reg r = { .v = v, .end = VGIC_PRIVATE, .a = a };
	bool last = false;

	if (!a->write) {
		a->value = 0;
	}
	r.bank = v3_redist_vcpu(v->domain, region, a->offset, &last);
	r.offset = (u32)(a->offset % v->domain->arch->vgic->frame_stride);
	if (!r.bank || !IS_ALIGNED(a->offset, a->size)) {
		return 0;
	}
	if (r.offset < FRAME_SIZE) {
		v3_redist_control(&r, last);
		return 0;
	}
	r.offset -= FRAME_SIZE;
	return vgic_reg_access(&r, none);
}

/* --- system registers --- */

/* To group 0 only what is of that group; a write for group 1 reaches both (IHI 0069, table on the
 * forwarding of SGIs, GICD_CTLR.DS == 1). */
static void v3_sgi_to(struct vcpu *v, u32 intid, bool group1, u32 from)
{
	const struct vgic_irq *irq = vgic_find(v->domain, v, intid);

	if (irq && (group1 || !READ_ONCE(irq->group1))) {
		vgic_sgi(v, intid, from);
	}
}

static void v3_sgi_others(struct vcpu *self, u32 intid, bool group1)
{
	struct vcpu *v;

	for_each_vcpu(self->domain, v) {
		if (v != self) {
			v3_sgi_to(v, intid, group1, self->id);
		}
	}
}

static void v3_sgi(struct vcpu *self, u64 value, bool group1)
{
	u64 cluster = field_get(SGIR_AFF3, value) << 32 | field_get(SGIR_AFF2, value) << 16 |
		      field_get(SGIR_AFF1, value) << 8 | field_get(SGIR_RANGE, value) << 4;
	u32 intid = (u32)field_get(SGIR_INTID, value);

	if (value & SGIR_OTHERS) {
		v3_sgi_others(self, intid, group1);
		return;
	}
	for (u64 targets = value & SGIR_TARGETS; targets != 0; targets &= targets - 1) {
		struct vcpu *v = vgic_vcpu_by_affinity(
			self->domain, cluster | (ffs64(targets) - 1));

		if (v) {
			v3_sgi_to(v, intid, group1, self->id);
		}
	}
}

bool vgic_sysreg(struct vcpu *v, u32 reg, bool write, u64 *value)
{
	if (v->domain->arch->vgic->version != 3) {
		return false;
	}
	if (reg == ICC_SRE) {
		if (!write) {
			*value = SRE_VALUE;
		}
		return true;
	}
	if (!write || (reg != ICC_SGI1R && reg != ICC_ASGI1R && reg != ICC_SGI0R)) {
		return false;
	}
	v3_sgi(v, *value, reg == ICC_SGI1R);
	return true;
}
