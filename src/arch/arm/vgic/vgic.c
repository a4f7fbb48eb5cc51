/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Virtual interrupts: whose they are, what makes them pending, and when a vCPU has to look. Never
 * touches a list register (vgic_lr.c does) or knows a register of the guest's (vgic_regs.c, _v2.c,
 * _v3.c).
 */
#include "arch/arm/irq.h"
#include "arch/arm/vgic/vgic_state.h"
#include "lib/bits.h"
#include "lib/bug.h"
#include "lib/errno.h"
#include "lib/string.h"

#define AFFINITY 0xff00ffffffULL

/* --- interrupts and who owns them --- */

struct vgic_irq *vgic_find(const struct domain *d, const struct vcpu *v, u32 intid)
{
	struct vgic_domain *vg = d->arch->vgic;

	if (intid < VGIC_PRIVATE) {
		return v && vgic_of(v) ? &vgic_of(v)->irqs[intid] : NULL;
	}
	return vg && intid < vg->intid_end ? &vg->spis[intid - VGIC_PRIVATE] : NULL;
}

/* Pairs with vgic_place(): who sees the new owner and has its lock sees the rest, too. Another
 * round means that somebody else has moved it meanwhile. */
struct vgic_vcpu *vgic_lock(struct vgic_irq *irq)
{
	for (;;) {
		struct vgic_vcpu *vc = __atomic_load_n(&irq->owner, __ATOMIC_ACQUIRE);

		if (!vc) {
			return NULL;
		}
		spin_lock(&vc->lock);
		if (likely(READ_ONCE(irq->owner) == vc)) {
			return vc;
		}
		spin_unlock(&vc->lock);
	}
}

bool vgic_is_pending(const struct vgic_irq *irq)
{
	return irq->latch != 0 || irq->sources != 0 || (irq->level && !irq->edge);
}

void vgic_unplace(struct vgic_irq *irq)
{
	struct vgic_set *s;

	if (irq->set == VGIC_SET_NONE) {
		return;
	}
	s = &irq->owner->sets[irq->set];
	list_del(&irq->link);
	if (list_empty(&s->bucket[irq->bucket])) {
		s->summary &= ~BIT32(irq->bucket);
	}
	irq->set = VGIC_SET_NONE;
}

static void vgic_enter_set(
	struct vgic_vcpu *vc, struct vgic_irq *irq, enum vgic_set_id set, u8 priority)
{
	struct vgic_set *s = &vc->sets[set];

	vgic_unplace(irq);
	irq->set = (u8)set;
	irq->bucket = priority >> VGIC_PRIORITY_SHIFT;
	list_add_tail(&irq->link, &s->bucket[irq->bucket]);
	s->summary |= BIT32(irq->bucket);
}

/* It stays where it is in the queue if nothing speaks against that. */
static enum vgic_place vgic_place_pending(struct vgic_vcpu *vc, struct vgic_irq *irq)
{
	enum vgic_set_id set = irq->group1 ? VGIC_SET_GROUP1 : VGIC_SET_GROUP0;

	if (irq->set != set || irq->bucket != irq->priority >> VGIC_PRIORITY_SHIFT) {
		vgic_enter_set(vc, irq, set, irq->priority);
	}
	return READ_ONCE(vgic_domain_of(vc)->ctlr) & BIT32(set) ? VGIC_PLACE_LOOK
								: VGIC_PLACE_QUIET;
}

enum vgic_place vgic_place(struct vgic_vcpu *vc, struct vgic_irq *irq)
{
	if (irq->lr != 0) {
		vc->stale |= BIT32(irq->lr - 1);
		return VGIC_PLACE_LOOK;
	}
	if (irq->active) {
		vgic_enter_set(vc, irq, VGIC_SET_ACTIVE, irq->running);
		return VGIC_PLACE_LOOK;
	}
	if (irq->target && irq->target != vc) {
		vgic_unplace(irq);
		__atomic_store_n(&irq->owner, irq->target, __ATOMIC_RELEASE);
		return VGIC_PLACE_MOVED;
	}
	if (irq->enabled && irq->target && vgic_is_pending(irq)) {
		return vgic_place_pending(vc, irq);
	}
	vgic_unplace(irq);
	return VGIC_PLACE_QUIET;
}

/* It moves once at most: whoever changes the target again places it himself. */
void vgic_unlock_changed(struct vgic_vcpu *vc, struct vgic_irq *irq)
{
	enum vgic_place place = vgic_place(vc, irq);

	if (place == VGIC_PLACE_MOVED) {
		spin_unlock(&vc->lock);
		vc = vgic_lock(irq);
		place = vgic_place(vc, irq);
	}
	spin_unlock(&vc->lock);
	if (place == VGIC_PLACE_LOOK) {
		vcpu_set_pending(vc->vcpu, VCPU_PENDING_EVENT);
	}
}

static void vgic_place_moved(struct vgic_moved *moved)
{
	for (unsigned int i = 0; i < moved->count; i++) {
		struct vgic_vcpu *vc = vgic_lock(moved->irq[i]);

		vgic_unlock_changed(vc, moved->irq[i]);
	}
}

/* An SPI any CPU can end. A private one is the vCPU's own CPU's, at its next vgic_flush(): by then
 * whatever is loaded with the vCPU is loaded. */
void vgic_host_end(struct vgic_vcpu *vc, struct vgic_irq *irq)
{
	if (irq->intid >= VGIC_PRIVATE) {
		gic_set_active(irq->pintid, false);
	} else {
		vc->host_end |= BIT32(irq->intid);
		vcpu_set_pending(vc->vcpu, VCPU_PENDING_EVENT);
	}
}

/* --- sources --- */

/* A list register that is going to ask at the end of the interrupt anyway need not be told that a
 * line went up. */
static bool vgic_set_level_locked(const struct vgic_vcpu *vc, struct vgic_irq *irq, bool level)
{
	if (irq->level == level) {
		return false;
	}
	irq->level = level;
	if (irq->edge) {
		irq->latch |= level ? VGIC_LATCH_SOFT : 0;
		return level;
	}
	return !(level && irq->lr != 0 && (vc->eoi & BIT32(irq->lr - 1)) != 0);
}

void vgic_set_level(struct domain *d, struct vcpu *v, u32 intid, bool level)
{
	struct vgic_irq *irq = vgic_find(d, v, intid);
	struct vgic_vcpu *vc = irq ? vgic_lock(irq) : NULL;

	if (!vc) {
		return;
	}
	if (vgic_set_level_locked(vc, irq, level)) {
		vgic_unlock_changed(vc, irq);
	} else {
		spin_unlock(&vc->lock);
	}
}

static bool vgic_is_here(const struct vcpu *v)
{
	return this_pcpu()->current == v;
}

/* Becomes pending for this reason; unlocks. Nobody has to look where the list register says it at
 * once, unless the vCPU waits. */
static void vgic_latch_unlock(struct vgic_vcpu *vc, struct vgic_irq *irq, u8 latch)
{
	if (vc->loaded && vgic_is_here(vc->vcpu) && READ_ONCE(vc->vcpu->hold) == 0 &&
		vgic_lr_again(vc, irq, latch)) {
		spin_unlock(&vc->lock);
		return;
	}
	irq->latch |= latch;
	vgic_unlock_changed(vc, irq);
}

void vgic_pulse(struct domain *d, struct vcpu *v, u32 intid)
{
	struct vgic_irq *irq = vgic_find(d, v, intid);
	struct vgic_vcpu *vc = irq ? vgic_lock(irq) : NULL;

	if (vc) {
		vgic_latch_unlock(vc, irq, VGIC_LATCH_SOFT);
	}
}

void vgic_inject_hw(struct domain *d, struct vcpu *v, u32 intid, u32 pintid)
{
	struct vgic_irq *irq = vgic_find(d, v, intid);
	struct vgic_vcpu *vc = irq ? vgic_lock(irq) : NULL;

	if (vc) {
		irq->pintid = (u16)pintid;
		vgic_latch_unlock(vc, irq, VGIC_LATCH_HOST);
	}
}

void vgic_sgi(struct vcpu *v, u32 intid, u32 from)
{
	struct vgic_irq *irq = vgic_find(v->domain, v, intid);
	struct vgic_vcpu *vc = irq ? vgic_lock(irq) : NULL;

	if (!vc) {
		return;
	}
	if (vgic_domain_of(vc)->version == 2) {
		irq->sources |= (u8)BIT32(from % VGIC_V2_VCPUS);
		vgic_unlock_changed(vc, irq);
	} else {
		vgic_latch_unlock(vc, irq, VGIC_LATCH_SOFT);
	}
}

/* As vcpu.c gives affinities to vCPUs: sixteen for each Aff1. Looks at all if not so. */
struct vcpu *vgic_vcpu_by_affinity(struct domain *d, u64 affinity)
{
	struct vcpu *v = domain_vcpu(d, (u32)((affinity & 15) | (affinity >> 4 & 0xff0)));

	if (v && (v->arch->vmpidr & AFFINITY) == affinity) {
		return v;
	}
	for_each_vcpu(d, v) {
		if ((v->arch->vmpidr & AFFINITY) == affinity) {
			return v;
		}
	}
	return NULL;
}

void vgic_groups_changed(struct domain *d)
{
	struct vcpu *v;

	for_each_vcpu(d, v) {
		struct vgic_vcpu *vc = vgic_of(v);

		spin_lock(&vc->lock);
		vc->stale = vc->used;
		spin_unlock(&vc->lock);
		vcpu_set_pending(v, VCPU_PENDING_EVENT);
	}
}

/* --- the vCPU's side --- */

static void vgic_reset_irq(struct vgic_vcpu *vc, struct vgic_irq *irq)
{
	vgic_unplace(irq);
	if ((irq->latch & VGIC_LATCH_HOST) != 0 || irq->host_active) {
		vgic_host_end(vc, irq);
	}
	irq->latch = irq->sources = irq->todo = 0;
	irq->active = irq->host_active = irq->enabled = false;
	irq->edge = irq->intid < VGIC_SGIS;
	irq->group1 = vgic_domain_of(vc)->version == 3;
	irq->priority = 0;
}

/* Nothing private is in a list register. */
static void vgic_reset_locked(struct vgic_vcpu *vc)
{
	vc->reset = false;
	for (u32 i = 0; i < VGIC_PRIVATE; i++) {
		vgic_reset_irq(vc, &vc->irqs[i]);
	}
	memset(&vc->state, 0, sizeof(vc->state));
	if (vc->loaded) {
		gic_vcpu_load(&vc->state);
	}
}

static void vgic_end_host(struct vgic_vcpu *vc)
{
	for (u32 left = vc->host_end; left != 0; left &= left - 1) {
		gic_set_active(vc->irqs[ffs64(left) - 1].pintid, false);
	}
	vc->host_end = 0;
}

static void vgic_sync_locked(struct vgic_vcpu *vc, struct vgic_moved *moved)
{
	if (unlikely(vc->reset)) {
		vgic_lr_drain(vc, moved);
		vgic_reset_locked(vc);
	}
	vgic_lr_sync(vc, moved);
}

void vgic_flush(struct vcpu *v)
{
	struct vgic_vcpu *vc = vgic_of(v);
	struct vgic_moved moved;

	moved.count = 0;
	spin_lock(&vc->lock);
	if (vc->loaded) {
		vgic_sync_locked(vc, &moved);
		vgic_end_host(vc);
	}
	spin_unlock(&vc->lock);
	vgic_place_moved(&moved);
}

void vgic_maintenance(struct vcpu *v)
{
	vgic_flush(v);
}

void vgic_load(struct vcpu *v)
{
	struct vgic_vcpu *vc = vgic_of(v);
	struct vgic_moved moved;
	bool again;

	moved.count = 0;
	spin_lock(&vc->lock);
	vc->loaded = true;
	vc->lr_mask = BIT32(MIN(gic_lr_count(), (unsigned int)GIC_LR_MAX)) - 1;
	vc->hcr = 0;
	gic_vcpu_load(&vc->state);
	vgic_sync_locked(vc, &moved);
	again = vc->host_end != 0;
	spin_unlock(&vc->lock);
	vgic_place_moved(&moved);
	if (again) {
		vcpu_set_pending(v, VCPU_PENDING_EVENT);
	}
}

void vgic_unload(struct vcpu *v)
{
	struct vgic_vcpu *vc = vgic_of(v);
	struct vgic_moved moved;

	moved.count = 0;
	spin_lock(&vc->lock);
	vgic_lr_drain(vc, &moved);
	gic_vcpu_save(&vc->state);
	if (vc->reset) {
		vgic_reset_locked(vc);
	}
	gic_hcr_write(0);
	vc->loaded = false;
	spin_unlock(&vc->lock);
	vgic_place_moved(&moved);
}

void vgic_vcpu_reset(struct vcpu *v)
{
	struct vgic_vcpu *vc = vgic_of(v);
	struct vgic_moved moved;

	moved.count = 0;
	spin_lock(&vc->lock);
	vc->reset = true;
	if (!vc->loaded) {
		vgic_reset_locked(vc);
	} else if (vgic_is_here(v)) {
		vgic_sync_locked(vc, &moved);
	}
	spin_unlock(&vc->lock);
	vgic_place_moved(&moved);
	vcpu_set_pending(v, VCPU_PENDING_EVENT);
}

/* --- is there anything to take? --- */

/* Something waits in a set that is enabled, by both GICD_CTLR and the CPU interface, and has a
 * higher priority than mask. */
static bool vgic_set_pending(const struct vgic_vcpu *vc, unsigned int mask, unsigned int groups)
{
	for (unsigned int set = VGIC_SET_GROUP0; set <= VGIC_SET_GROUP1; set++) {
		u32 summary = vc->sets[set].summary;

		if ((groups & BIT32(set)) != 0 && summary != 0 &&
			(ffs64(summary) - 1) << VGIC_PRIORITY_SHIFT < mask) {
			return true;
		}
	}
	return false;
}

static bool vgic_has_pending_locked(struct vgic_vcpu *vc)
{
	struct gic_vcpu_state live;
	const struct gic_vcpu_state *s = &vc->state;
	bool here = vc->loaded && vgic_is_here(vc->vcpu);
	unsigned int groups, mask;

	if (vc->loaded && !here) {
		return vgic_set_pending(vc, 256, READ_ONCE(vgic_domain_of(vc)->ctlr));
	}
	if (here) {
		gic_vcpu_save(&live);
		s = &live;
	}
	groups = (unsigned int)s->vmcr & VGIC_CTLR_GROUPS;
	mask = s->vmcr >> GIC_VMCR_PMR_SHIFT & 0xff;
	if (here && vgic_lr_pending(vc, mask, groups)) {
		return true;
	}
	return vgic_set_pending(vc, mask, groups & READ_ONCE(vgic_domain_of(vc)->ctlr));
}

bool vgic_has_pending(struct vcpu *v)
{
	struct vgic_vcpu *vc = vgic_of(v);
	bool pending;

	if (READ_ONCE(vc->sets[VGIC_SET_GROUP0].summary) == 0 &&
		READ_ONCE(vc->sets[VGIC_SET_GROUP1].summary) == 0 && READ_ONCE(vc->used) == 0) {
		return false;
	}
	spin_lock(&vc->lock);
	pending = vgic_has_pending_locked(vc);
	spin_unlock(&vc->lock);
	return pending;
}
