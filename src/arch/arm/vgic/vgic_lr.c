/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * List registers of the vCPU that is loaded: which interrupt is in which, and what becomes of what
 * is read back. All of it runs on the vCPU's CPU with its lock held.
 *
 * While there is room for all, no maintenance interrupt is asked for, except at the end of an
 * interrupt that has to come again (`eoi`). Where more wait than there is room for: the pending one
 * of highest priority, what is active (which the guest ends in this order), then what else is
 * pending; and a maintenance interrupt when it has made room.
 */
#include "arch/arm/vgic/vgic_state.h"
#include "lib/bits.h"
#include "lib/bug.h"

/* --- out of a list register --- */

/* What was pending and has not been taken is pending as it was before. */
static void lr_restore(struct vgic_vcpu *vc, struct vgic_irq *irq)
{
	if ((irq->todo & VGIC_TODO_CLEAR) != 0) {
		if (irq->taken & VGIC_LATCH_HOST) {
			vgic_host_end(vc, irq);
		}
		return;
	}
	irq->latch |= irq->taken & (VGIC_LATCH_SOFT | VGIC_LATCH_HOST);
	if (irq->taken & VGIC_LATCH_SGI) {
		irq->sources |= (u8)BIT32(irq->source);
	}
}

/* Inactive, and so is the host's interrupt behind it: by the guest's own end, or by us. */
static void lr_end(struct vgic_vcpu *vc, struct vgic_irq *irq, bool by_guest)
{
	irq->active = false;
	if (irq->host_active && !by_guest) {
		vgic_host_end(vc, irq);
	}
	irq->host_active = false;
}

static void lr_take_state(struct vgic_vcpu *vc, struct vgic_irq *irq, const struct gic_lr *lr)
{
	if (lr->pending) {
		lr_restore(vc, irq);
	} else if (irq->taken & VGIC_LATCH_HOST) {
		irq->host_active = true;
	}
	if (!lr->active) {
		lr_end(vc, irq, irq->lr_hw);
	} else if (!irq->active || (irq->taken != 0 && !lr->pending)) {
		irq->active = true;
		irq->running = lr->priority; /* acknowledged since */
	}
	if (irq->todo & VGIC_TODO_DEACTIVATE) {
		lr_end(vc, irq, false);
	} else if ((irq->todo & VGIC_TODO_ACTIVATE) != 0 && !irq->active) {
		irq->active = true;
		irq->running = VGIC_NOT_RUNNING;
	}
}

void vgic_lr_fold(struct vgic_vcpu *vc, unsigned int i, struct vgic_moved *moved)
{
	struct vgic_irq *irq = vc->lr[i];
	struct gic_lr lr;

	gic_lr_read(i, &lr);
	if (lr.pending || lr.active || (vc->eoi & BIT32(i)) != 0) {
		vc->dirty |= BIT32(i);
	}
	vc->lr[i] = NULL;
	vc->used &= ~BIT32(i);
	vc->stale &= ~BIT32(i);
	vc->eoi &= ~BIT32(i);
	lr_take_state(vc, irq, &lr);
	irq->lr = irq->taken = irq->todo = 0;
	if (vgic_place(vc, irq) == VGIC_PLACE_MOVED) {
		ASSERT(moved->count < ARRAY_SIZE(moved->irq));
		moved->irq[moved->count++] = irq;
	}
}

static void lr_fold_mask(struct vgic_vcpu *vc, u32 mask, struct vgic_moved *moved)
{
	for (; mask != 0; mask &= mask - 1) {
		vgic_lr_fold(vc, ffs64(mask) - 1, moved);
	}
}

static void lr_clear_dirty(struct vgic_vcpu *vc)
{
	const struct gic_lr empty = { 0 };

	for (; vc->dirty != 0; vc->dirty &= vc->dirty - 1) {
		gic_lr_write(ffs64(vc->dirty) - 1, &empty);
	}
}

/* --- into a list register --- */

static bool lr_group_enabled(const struct vgic_vcpu *vc, const struct vgic_irq *irq)
{
	return (READ_ONCE(vgic_domain_of(vc)->ctlr) & (irq->group1 ? 2 : 1)) != 0;
}

static void lr_take_sgi(struct vgic_irq *irq, struct gic_lr *lr, unsigned int source)
{
	irq->sources &= (u8)~BIT32(source);
	irq->source = lr->source = (u8)source;
	irq->taken = VGIC_LATCH_SGI;
}

static void lr_prepare_pending(struct vgic_irq *irq, struct gic_lr *lr)
{
	lr->pending = true;
	if (irq->sources != 0) {
		lr_take_sgi(irq, lr, ffs64(irq->sources) - 1);
	} else {
		lr->hw = (irq->latch & VGIC_LATCH_HOST) != 0 && gic_forwards_end();
		irq->taken = irq->latch | (irq->level && !irq->edge ? VGIC_LATCH_LINE : 0);
		irq->latch = 0;
	}
}

/* Active with the host's: it must not be pending in the same list register (IHI 0069,
 * ICH_LR<n>_EL2.State). If it is, the end of it is ours to forward. What the host reports meanwhile
 * is the very activity that the guest will end. */
static void lr_prepare_active_host(struct vgic_irq *irq, struct gic_lr *lr)
{
	irq->latch &= (u8)~VGIC_LATCH_HOST;
	lr->hw = !vgic_is_pending(irq) && gic_forwards_end();
}

/* Pending again, if that does not need the host's interrupt or another sender. A line that is up
 * waits for the end: it is probably on its way down. */
static void lr_prepare_active(struct vgic_irq *irq, struct gic_lr *lr)
{
	if (irq->sources & BIT32(irq->source)) {
		lr_take_sgi(irq, lr, irq->source);
		lr->pending = true;
	} else if (irq->latch == VGIC_LATCH_SOFT) {
		irq->taken = VGIC_LATCH_SOFT;
		irq->latch = 0;
		lr->pending = true;
	}
}

/* Where it was before, if it can: a list register that is dirty may hold it still, and no other
 * must at the same time. */
static unsigned int lr_select(const struct vgic_vcpu *vc, const struct vgic_irq *irq)
{
	u32 free = vc->lr_mask & ~vc->used;

	return free & BIT32(irq->lr_last) ? irq->lr_last : ffs64(free) - 1;
}

static void lr_put(struct vgic_vcpu *vc, struct vgic_irq *irq, bool scarce)
{
	unsigned int i = lr_select(vc, irq);
	bool enabled = irq->enabled && irq->target != NULL && lr_group_enabled(vc, irq);
	struct gic_lr lr = { .intid = irq->intid,
		.priority = irq->priority,
		.source = irq->source,
		.group1 = irq->group1,
		.active = irq->active };

	vgic_unplace(irq);
	if (!irq->active) {
		lr_prepare_pending(irq, &lr);
	} else if (irq->host_active) {
		lr_prepare_active_host(irq, &lr);
	} else if (enabled && irq->target == vc && !scarce) {
		lr_prepare_active(irq, &lr);
	}
	lr.pintid = lr.hw ? irq->pintid : 0;
	lr.eoi = !lr.hw && ((enabled && vgic_is_pending(irq)) || irq->host_active ||
				   (irq->taken & VGIC_LATCH_HOST) != 0);
	gic_lr_write(i, &lr);
	vc->lr[i] = irq;
	vc->used |= BIT32(i);
	vc->eoi |= lr.eoi ? BIT32(i) : 0;
	vc->dirty &= ~BIT32(i);
	irq->lr = (u8)(i + 1);
	irq->lr_last = (u8)i;
	irq->lr_hw = lr.hw;
}

/* --- which ones --- */

static struct vgic_irq *lr_first_of(const struct vgic_vcpu *vc, enum vgic_set_id set)
{
	const struct vgic_set *s = &vc->sets[set];

	if (s->summary == 0) {
		return NULL;
	}
	return list_first_entry(&s->bucket[ffs64(s->summary) - 1], struct vgic_irq, link);
}

/* Of those groups that GICD_CTLR enables, too. */
static struct vgic_irq *lr_first_pending(const struct vgic_vcpu *vc, u32 groups)
{
	u32 enabled = groups & READ_ONCE(vgic_domain_of(vc)->ctlr);
	struct vgic_irq *a = enabled & 1 ? lr_first_of(vc, VGIC_SET_GROUP0) : NULL;
	struct vgic_irq *b = enabled & 2 ? lr_first_of(vc, VGIC_SET_GROUP1) : NULL;

	if (!a || !b) {
		return a ?: b;
	}
	return b->bucket < a->bucket ? b : a;
}

static void lr_put_while_room(struct vgic_vcpu *vc, u32 groups, bool scarce)
{
	struct vgic_irq *irq;

	while ((vc->lr_mask & ~vc->used) != 0) {
		irq = lr_first_of(vc, VGIC_SET_ACTIVE) ?: lr_first_pending(vc, groups);
		if (!irq) {
			return;
		}
		lr_put(vc, irq, scarce);
	}
}

static bool lr_anything_left(const struct vgic_vcpu *vc)
{
	return vc->sets[VGIC_SET_ACTIVE].summary != 0 ||
	       lr_first_pending(vc, VGIC_CTLR_GROUPS) != NULL;
}

/* There is not room for all: starts from the beginning, with the most urgent of all. What is active
 * and pending again waits for its end, or it would come before others that find no room. What the
 * CPU interface would hold back, because its group is disabled there, comes last. */
static void lr_choose(struct vgic_vcpu *vc, u32 groups, struct vgic_moved *moved)
{
	struct vgic_irq *urgent;

	lr_fold_mask(vc, vc->used, moved);
	urgent = lr_first_pending(vc, groups);
	if (urgent) {
		lr_put(vc, urgent, true);
	}
	lr_put_while_room(vc, groups, true);
	lr_put_while_room(vc, VGIC_CTLR_GROUPS, true);
}

/* When to choose again. Every list register is in use when something is left, and one of them is
 * pending if what is left and could be taken is: so no condition holds until the guest has done
 * something. */
static u32 lr_scarce_hcr(const struct vgic_vcpu *vc, u32 groups)
{
	u32 hcr = GIC_HCR_EN;

	if (!lr_anything_left(vc)) {
		return hcr;
	}
	if (vc->lr_mask != 1) {
		hcr |= GIC_HCR_UIE;
	}
	if (lr_first_pending(vc, groups)) {
		hcr |= GIC_HCR_NPIE;
	}
	hcr |= groups & 1 ? GIC_HCR_GROUP_OFF(0) : GIC_HCR_GROUP_ON(0);
	hcr |= groups & 2 ? GIC_HCR_GROUP_OFF(1) : GIC_HCR_GROUP_ON(1);
	return hcr;
}

static u32 lr_serve_scarce(struct vgic_vcpu *vc, struct vgic_moved *moved)
{
	struct gic_vcpu_state live;
	u32 groups;

	gic_vcpu_save(&live);
	groups = (u32)live.vmcr & VGIC_CTLR_GROUPS;
	lr_choose(vc, groups, moved);
	return lr_scarce_hcr(vc, groups);
}

/* ELRSR and EISR only say where to look: they may be older than what was written in this exit. */
static u32 lr_changed(const struct vgic_vcpu *vc)
{
	u32 changed = vc->stale;

	if (vc->used != 0) {
		changed |= gic_lr_empty();
	}
	if (vc->eoi != 0) {
		changed |= gic_lr_ended();
	}
	return changed & vc->used;
}

void vgic_lr_sync(struct vgic_vcpu *vc, struct vgic_moved *moved)
{
	u32 hcr = GIC_HCR_EN;

	lr_fold_mask(vc, lr_changed(vc), moved);
	lr_put_while_room(vc, VGIC_CTLR_GROUPS, false);
	if (unlikely(lr_anything_left(vc))) {
		hcr = lr_serve_scarce(vc, moved);
	}
	lr_clear_dirty(vc);
	if (hcr != vc->hcr) {
		vc->hcr = hcr;
		gic_hcr_write(hcr);
	}
}

/*
 * The short way of what comes again and again, a timer or an upcall: the list register that it had
 * last is its own still, the guest has ended it there, and nothing else wants anything.
 */
bool vgic_lr_again(struct vgic_vcpu *vc, struct vgic_irq *irq, u8 latch)
{
	bool hw = latch == VGIC_LATCH_HOST;
	u32 bit = irq->lr != 0 ? BIT32(irq->lr - 1) : 0;
	struct gic_lr lr;

	if (bit == 0 || vc->hcr != GIC_HCR_EN || vc->reset || ((vc->stale | vc->eoi) & bit) != 0 ||
		irq->lr_hw != hw || irq->latch != 0 || irq->sources != 0 || irq->level ||
		irq->todo != 0 || !irq->enabled || irq->target != vc ||
		!lr_group_enabled(vc, irq) || (gic_lr_empty() & bit) == 0) {
		return false;
	}
	lr = (struct gic_lr){ .intid = irq->intid,
		.pintid = hw ? irq->pintid : 0,
		.priority = irq->priority,
		.group1 = irq->group1,
		.hw = hw,
		.pending = true };
	gic_lr_write(irq->lr - 1U, &lr);
	irq->active = irq->host_active = false;
	irq->taken = latch;
	return true;
}

void vgic_lr_drain(struct vgic_vcpu *vc, struct vgic_moved *moved)
{
	lr_fold_mask(vc, vc->used, moved);
	lr_clear_dirty(vc);
}

bool vgic_lr_pending(const struct vgic_vcpu *vc, unsigned int mask, unsigned int groups)
{
	for (u32 left = vc->used; left != 0; left &= left - 1) {
		struct gic_lr lr;

		gic_lr_read(ffs64(left) - 1, &lr);
		if (lr.pending && !lr.active && lr.priority < mask &&
			(groups & (lr.group1 ? 2 : 1)) != 0) {
			return true;
		}
	}
	return false;
}
