/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Registers with a bit, two bits or a byte for each interrupt, which distributors of both versions
 * and redistributors have at the same offsets (IHI 0069, 12.9; IHI 0048B, 4.3). Whatever a guest
 * writes changes only its own interrupts, in at most 32 steps.
 *
 * Where the answer, or what a write promises, depends on a list register of a vCPU that runs
 * elsewhere, that vCPU is made to fold it; until it has, the access is tried again.
 */
#include "arch/arm/irq.h"
#include "arch/arm/vgic/vgic_state.h"
#include "lib/bits.h"
#include "lib/errno.h"

#define PRIORITY_MASK 0xf8
#define ICFGR_EDGE 2U

/* Vgic lock of the owner held for `set`; `get` has none, and reads one word. */
struct vgic_bits {
	bool (*get)(const struct vgic_irq *irq);
	void (*set)(struct vgic_vcpu *vc, struct vgic_irq *irq, bool value); /* NULL: read-only */
	bool zeros; /* zeros are written, too */
	bool live;  /* what is read depends on list registers */
	bool waits; /* a write is not done before list registers have followed it */
};

static struct vgic_irq *reg_irq(const struct vgic_reg *r, u32 intid)
{
	return intid < r->end ? vgic_find(r->v->domain, r->bank, intid) : NULL;
}

/* --- what one bit does --- */

static bool get_enabled(const struct vgic_irq *irq)
{
	return READ_ONCE(irq->enabled);
}

static void set_enabled(struct vgic_vcpu *vc, struct vgic_irq *irq, bool value)
{
	if (irq->enabled == value) {
		return;
	}
	WRITE_ONCE(irq->enabled, value);
	if (irq->intid >= VGIC_PRIVATE) {
		irq_guest_enable(vc->vcpu->domain, irq->intid, value);
	}
}

static void enable(struct vgic_vcpu *vc, struct vgic_irq *irq, bool value)
{
	set_enabled(vc, irq, true);
}

static void disable(struct vgic_vcpu *vc, struct vgic_irq *irq, bool value)
{
	set_enabled(vc, irq, false);
}

static bool get_group(const struct vgic_irq *irq)
{
	return READ_ONCE(irq->group1);
}

static void set_group(struct vgic_vcpu *vc, struct vgic_irq *irq, bool value)
{
	WRITE_ONCE(irq->group1, value);
}

static bool get_pending(const struct vgic_irq *irq)
{
	return vgic_is_pending(irq) || (READ_ONCE(irq->lr) != 0 && READ_ONCE(irq->taken) != 0);
}

/* v2: software makes SGIs pending by GICD_SGIR and GICD_SPENDSGIR alone. */
static bool is_fixed(const struct vgic_vcpu *vc, const struct vgic_irq *irq)
{
	return irq->intid < VGIC_SGIS && vgic_domain_of(vc)->version == 2;
}

static void pend(struct vgic_vcpu *vc, struct vgic_irq *irq, bool value)
{
	if (!is_fixed(vc, irq)) {
		irq->latch |= VGIC_LATCH_SOFT;
	}
}

static void unpend(struct vgic_vcpu *vc, struct vgic_irq *irq, bool value)
{
	if (is_fixed(vc, irq)) {
		return;
	}
	if (irq->latch & VGIC_LATCH_HOST) {
		vgic_host_end(vc, irq);
	}
	irq->latch = 0;
	if (irq->lr != 0) {
		irq->todo |= VGIC_TODO_CLEAR;
	}
}

static bool get_active(const struct vgic_irq *irq)
{
	return READ_ONCE(irq->active);
}

static void activate(struct vgic_vcpu *vc, struct vgic_irq *irq, bool value)
{
	if (irq->lr != 0) {
		irq->todo = (irq->todo & VGIC_TODO_CLEAR) | VGIC_TODO_ACTIVATE;
	} else if (!irq->active) {
		irq->active = true;
		irq->running = VGIC_NOT_RUNNING;
	}
}

static void deactivate(struct vgic_vcpu *vc, struct vgic_irq *irq, bool value)
{
	if (irq->lr != 0) {
		irq->todo = (irq->todo & VGIC_TODO_CLEAR) | VGIC_TODO_DEACTIVATE;
		return;
	}
	irq->active = false;
	if (irq->host_active) {
		irq->host_active = false;
		vgic_host_end(vc, irq);
	}
}

/* --- other vCPUs' list registers --- */

static struct vgic_wait reg_wait(const struct vgic_reg *r, u32 mask)
{
	return (struct vgic_wait){ .armed = true,
		.write = r->a->write,
		.addr = r->a->addr,
		.value = r->a->write ? (u32)r->a->value : 0,
		.mask = mask };
}

/* Is this the access that waits? */
static bool reg_is_waiting(const struct vgic_reg *r, const struct vgic_wait *w)
{
	struct vgic_wait now = reg_wait(r, 0);

	return w->armed && w->write == now.write && w->addr == now.addr && w->value == now.value;
}

/* irq is in a list register that its owner, which runs elsewhere, has still to fold. */
static bool reg_is_stale(const struct vgic_reg *r, struct vgic_irq *irq)
{
	struct vgic_vcpu *vc = vgic_lock(irq);
	bool stale;

	if (!vc) {
		return false;
	}
	stale = vc->vcpu != r->v && irq->lr != 0 && (vc->stale & BIT32(irq->lr - 1)) != 0;
	spin_unlock(&vc->lock);
	return stale;
}

/* -ERESTART until those in mask, from INTID first on, have been folded. */
static int reg_wait_for(const struct vgic_reg *r, u32 first, u32 mask)
{
	struct vgic_wait *w = &vgic_of(r->v)->wait;
	u32 left = 0;

	for (u32 todo = mask; todo != 0; todo &= todo - 1) {
		unsigned int i = ffs64(todo) - 1;

		left |= reg_is_stale(r, reg_irq(r, first + i)) ? BIT32(i) : 0;
	}
	if (left == 0) {
		w->armed = false;
		return 0;
	}
	*w = reg_wait(r, left);
	return -ERESTART;
}

/* Lock of vc held; it is irq's owner, and irq in a list register. Only an SPI can move by that, and
 * has to be placed by vgic_unlock_changed(). */
static void reg_fold_own(struct vgic_vcpu *vc, struct vgic_irq *irq)
{
	struct vgic_moved moved;

	moved.count = 0;
	vgic_lr_fold(vc, irq->lr - 1U, &moved);
}

/* Brings irq up to date, or asks its owner to; true: so it has to be waited for. */
static bool reg_refresh(const struct vgic_reg *r, struct vgic_irq *irq)
{
	struct vgic_vcpu *vc = vgic_lock(irq);
	bool elsewhere;

	if (!vc || irq->lr == 0) {
		if (vc) {
			spin_unlock(&vc->lock);
		}
		return false;
	}
	elsewhere = vc->vcpu != r->v;
	if (elsewhere) {
		vc->stale |= BIT32(irq->lr - 1);
		spin_unlock(&vc->lock);
	} else {
		reg_fold_own(vc, irq);
		if (irq->owner != vc) {
			spin_unlock(&vc->lock);
			vc = vgic_lock(irq);
		}
		vgic_unlock_changed(vc, irq);
		vc = vgic_of(r->v);
	}
	vcpu_set_pending(vc->vcpu, VCPU_PENDING_EVENT);
	return elsewhere;
}

static int reg_refresh_all(const struct vgic_reg *r, u32 first)
{
	struct vgic_wait *w = &vgic_of(r->v)->wait;
	u32 mask = 0;

	if (reg_is_waiting(r, w)) {
		return reg_wait_for(r, first, w->mask);
	}
	for (u32 i = 0; i < 32; i++) {
		struct vgic_irq *irq = reg_irq(r, first + i);

		if (irq && READ_ONCE(irq->lr) != 0 && reg_refresh(r, irq)) {
			mask |= BIT32(i);
		}
	}
	return mask != 0 ? reg_wait_for(r, first, mask) : 0;
}

/* --- 32 bits --- */

static int bits_read(const struct vgic_reg *r, const struct vgic_bits *ops, u32 first)
{
	u32 value = 0;
	int rc = ops->live ? reg_refresh_all(r, first) : 0;

	if (rc != 0) {
		return rc;
	}
	for (u32 i = 0; i < 32; i++) {
		struct vgic_irq *irq = reg_irq(r, first + i);

		if (irq && ops->get(irq)) {
			value |= BIT32(i);
		}
	}
	r->a->value = value;
	return 0;
}

/* True: the owner runs elsewhere and has it in a list register. */
static bool bits_set(
	const struct vgic_reg *r, const struct vgic_bits *ops, struct vgic_irq *irq, bool value)
{
	struct vgic_vcpu *vc = irq ? vgic_lock(irq) : NULL;
	bool elsewhere;

	if (!vc) {
		return false;
	}
	ops->set(vc, irq, value);
	elsewhere = irq->lr != 0 && vc->vcpu != r->v;
	vgic_unlock_changed(vc, irq);
	return elsewhere;
}

static int bits_write(const struct vgic_reg *r, const struct vgic_bits *ops, u32 first)
{
	struct vgic_wait *w = &vgic_of(r->v)->wait;
	u32 value = (u32)r->a->value, elsewhere = 0;

	if (ops->waits && reg_is_waiting(r, w)) {
		return reg_wait_for(r, first, w->mask);
	}
	for (u32 todo = ops->zeros ? ~0U : value; todo != 0; todo &= todo - 1) {
		unsigned int i = ffs64(todo) - 1;
		bool one = (value & BIT32(i)) != 0;

		if (bits_set(r, ops, reg_irq(r, first + i), one)) {
			elsewhere |= BIT32(i);
		}
	}
	return ops->waits && elsewhere != 0 ? reg_wait_for(r, first, elsewhere) : 0;
}

static int bits_access(const struct vgic_reg *r, const struct vgic_bits *ops)
{
	u32 first = (r->offset & (BIT32(VGIC_BLOCK_SHIFT) - 1)) * 8;

	if (r->a->size != 4) {
		return 0;
	}
	return r->a->write ? bits_write(r, ops, first) : bits_read(r, ops, first);
}

static int block_group(const struct vgic_reg *r)
{
	static const struct vgic_bits ops = { get_group, set_group, .zeros = true };
	const struct vgic_domain *vg = r->v->domain->arch->vgic;

	/* v2: as the Non-secure side sees it, which has one group. */
	return vg->version == 2 ? 0 : bits_access(r, &ops);
}

static int block_enable(const struct vgic_reg *r)
{
	static const struct vgic_bits ops = { get_enabled, enable };

	return bits_access(r, &ops);
}

static int block_disable(const struct vgic_reg *r)
{
	static const struct vgic_bits ops = { get_enabled, disable, .waits = true };

	return bits_access(r, &ops);
}

static int block_pend(const struct vgic_reg *r)
{
	static const struct vgic_bits ops = { get_pending, pend, .live = true };

	return bits_access(r, &ops);
}

static int block_unpend(const struct vgic_reg *r)
{
	static const struct vgic_bits ops = { get_pending, unpend, .live = true, .waits = true };

	return bits_access(r, &ops);
}

static int block_activate(const struct vgic_reg *r)
{
	static const struct vgic_bits ops = { get_active, activate, .live = true, .waits = true };

	return bits_access(r, &ops);
}

static int block_deactivate(const struct vgic_reg *r)
{
	static const struct vgic_bits ops = { get_active, deactivate, .live = true, .waits = true };

	return bits_access(r, &ops);
}

/* --- bytes, pairs of bits --- */

static void set_priority(struct vgic_irq *irq, u8 priority)
{
	struct vgic_vcpu *vc = irq ? vgic_lock(irq) : NULL;

	if (vc) {
		WRITE_ONCE(irq->priority, priority & PRIORITY_MASK);
		vgic_unlock_changed(vc, irq);
	}
}

static int block_priority(const struct vgic_reg *r)
{
	for (u32 i = 0; i < r->a->size && r->a->size <= 4; i++) {
		struct vgic_irq *irq = reg_irq(r, (r->offset & 0x3ff) + i);

		if (r->a->write) {
			set_priority(irq, (u8)(r->a->value >> 8 * i));
		} else if (irq) {
			r->a->value |= (u64)READ_ONCE(irq->priority) << 8 * i;
		}
	}
	return 0;
}

/* SGIs are edges for good. */
static void set_config(struct vgic_irq *irq, bool edge)
{
	struct vgic_vcpu *vc = irq && irq->intid >= VGIC_SGIS ? vgic_lock(irq) : NULL;

	if (!vc) {
		return;
	}
	if (irq->edge != edge) {
		WRITE_ONCE(irq->edge, edge);
		if (irq->intid >= VGIC_PRIVATE) {
			irq_guest_configure(vc->vcpu->domain, irq->intid, edge);
		}
	}
	vgic_unlock_changed(vc, irq);
}

static int block_config(const struct vgic_reg *r)
{
	u32 first = (r->offset & 0xff) * 4;

	for (u32 i = 0; i < 16 && r->a->size == 4; i++) {
		struct vgic_irq *irq = reg_irq(r, first + i);

		if (r->a->write) {
			set_config(irq, (r->a->value >> 2 * i & ICFGR_EDGE) != 0);
		} else if (irq && READ_ONCE(irq->edge)) {
			r->a->value |= (u64)ICFGR_EDGE << 2 * i;
		}
	}
	return 0;
}

/* clang-format off */
vgic_reg_fn *const vgic_blocks[VGIC_BLOCKS] = {
	[0x080 >> VGIC_BLOCK_SHIFT] = block_group,
	[0x100 >> VGIC_BLOCK_SHIFT] = block_enable,
	[0x180 >> VGIC_BLOCK_SHIFT] = block_disable,
	[0x200 >> VGIC_BLOCK_SHIFT] = block_pend,
	[0x280 >> VGIC_BLOCK_SHIFT] = block_unpend,
	[0x300 >> VGIC_BLOCK_SHIFT] = block_activate,
	[0x380 >> VGIC_BLOCK_SHIFT] = block_deactivate,
	[0x400 >> VGIC_BLOCK_SHIFT ... 0x780 >> VGIC_BLOCK_SHIFT] = block_priority,
	[0xc00 >> VGIC_BLOCK_SHIFT ... 0xc80 >> VGIC_BLOCK_SHIFT] = block_config,
};
/* clang-format on */

/* --- for the register maps --- */

int vgic_reg_access(const struct vgic_reg *r, vgic_reg_fn *const blocks[VGIC_BLOCKS])
{
	u32 block = r->offset >> VGIC_BLOCK_SHIFT;
	vgic_reg_fn *fn = block < VGIC_BLOCKS ? blocks[block] ?: vgic_blocks[block] : NULL;

	return fn ? fn(r) : 0;
}

void vgic_reg_read(const struct vgic_reg *r, u64 value)
{
	r->a->value = r->a->size == 8 ? value : (u32)value;
}

/* IHI 0048B, 4.3.18; IHI 0069, 12.1.12: bytes 4 to 7, 0 to 3, component identification. */
void vgic_reg_id(const struct vgic_reg *r, u32 offset, u8 revision)
{
	static const u8 ids[12] = { 0x04, 0, 0, 0, 0x90, 0xb4, 0x0b, 0, 0x0d, 0xf0, 0x05, 0xb1 };
	u32 i = (offset - 0xfd0) / 4;

	if (!r->a->write && r->a->size == 4 && offset >= 0xfd0) {
		r->a->value = ids[i] | (i == 6 ? revision << 4 : 0);
	}
}

void vgic_reg_route(struct vgic_irq *irq, u32 route, struct vcpu *v)
{
	struct vgic_vcpu *vc = vgic_lock(irq);
	struct vgic_vcpu *target = v ? vgic_of(v) : NULL;

	if (!vc) {
		return;
	}
	WRITE_ONCE(irq->route, route);
	if (irq->target != target) {
		irq->target = target;
		if (v) {
			irq_guest_route(v->domain, irq->intid, v);
		}
	}
	vgic_unlock_changed(vc, irq);
}
