/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An Arm domain without its CPU's part, and CPUs as far as a virtual GIC sees them: list registers,
 * from which a guest takes the pending interrupt of highest priority and ends it again, with the
 * maintenance conditions of IHI 0069, ICH_MISR_EL2. Behind it the host's interrupts: active or not.
 */
#ifndef UNIT_VGIC_MACHINE_H
#define UNIT_VGIC_MACHINE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arch/arm/esr.h"
#include "arch/arm/irq.h"
#include "arch/arm/machine.h"
#include "arch/arm/vcpu.h"
#include "arch/arm/vgic/vgic.h"
#include "arch/host/host.h"
#include "lib/bits.h"
#include "lib/errno.h"
#include "mm/guest.h"
#include "mm/heap.h"
#include "sched/sched.h"
#include "vdev/bus.h"

#define MODEL_CPUS 3
#define MODEL_INTIDS 1024
#define MODEL_NONE 1023
#define MODEL_IDLE 0x100 /* the priority of a CPU that runs no interrupt */
#define MODEL_NESTING 64

/* --- the machine --- */

static struct {
	bool v3, keeps_end;
	unsigned int lr_count, intids;
} model = { .lr_count = 4, .intids = 256 };

static struct model_cpu {
	struct gic_lr lr[GIC_LR_MAX];
	u32 hcr;
	struct gic_vcpu_state state;
	unsigned int lr_reads, lr_writes;
} model_cpus[MODEL_CPUS];

static struct {
	bool enabled, edge, active;
	struct vcpu *target;
} model_host[MODEL_INTIDS];

struct arm_machine arm_machine;

static struct model_cpu *model_cpu(void)
{
	return &model_cpus[host_pcpu->id];
}

bool gic_is_v3(void)
{
	return model.v3;
}

unsigned int gic_intid_count(void)
{
	return model.intids;
}

bool gic_forwards_end(void)
{
	return !model.keeps_end;
}

u64 gic_guest_interface(void)
{
	return 0x8040000;
}

unsigned int gic_lr_count(void)
{
	return model.lr_count;
}

void gic_set_active(u32 intid, bool active)
{
	model_host[intid].active = active;
}

/* What the hardware does not allow is a failure of the code under test. */
static void model_require(bool ok, const char *what)
{
	if (!ok) {
		fprintf(stderr, "model: %s\n", what);
		abort();
	}
}

void gic_lr_write(unsigned int i, const struct gic_lr *lr)
{
	struct model_cpu *c = model_cpu();

	model_require(i < model.lr_count, "no such list register");
	model_require(!(lr->hw && lr->eoi), "hw and eoi");
	model_require(!(lr->hw && lr->pending && lr->active), "hw, pending and active");
	c->lr[i] = *lr;
	c->lr_writes++;
	for (unsigned int k = 0; k < model.lr_count; k++) {
		model_require(k == i || !(lr->pending || lr->active) ||
				      c->lr[k].intid != lr->intid ||
				      !(c->lr[k].pending || c->lr[k].active),
			"one INTID in two list registers");
	}
}

void gic_lr_read(unsigned int i, struct gic_lr *lr)
{
	model_require(i < model.lr_count, "no such list register");
	*lr = model_cpu()->lr[i];
	model_cpu()->lr_reads++;
}

static u32 model_lrs(bool (*is)(const struct gic_lr *lr))
{
	u32 mask = 0;

	for (unsigned int i = 0; i < model.lr_count; i++) {
		mask |= is(&model_cpu()->lr[i]) ? BIT32(i) : 0;
	}
	return mask;
}

static bool model_is_valid(const struct gic_lr *lr)
{
	return lr->pending || lr->active;
}

static bool model_is_ended(const struct gic_lr *lr)
{
	return !model_is_valid(lr) && lr->eoi;
}

static bool model_is_empty(const struct gic_lr *lr)
{
	return !model_is_valid(lr) && !lr->eoi;
}

static bool model_is_pending(const struct gic_lr *lr)
{
	return lr->pending && !lr->active;
}

u32 gic_lr_empty(void)
{
	return model_lrs(model_is_empty);
}

u32 gic_lr_ended(void)
{
	return model_lrs(model_is_ended);
}

void gic_hcr_write(u32 hcr)
{
	model_cpu()->hcr = hcr;
}

void gic_vcpu_save(struct gic_vcpu_state *s)
{
	*s = model_cpu()->state;
}

void gic_vcpu_load(const struct gic_vcpu_state *s)
{
	model_cpu()->state = *s;
}

static inline bool model_maintenance(void)
{
	const struct model_cpu *c = model_cpu();

	if (!(c->hcr & GIC_HCR_EN)) {
		return false;
	}
	for (unsigned int g = 0; g < 2; g++) {
		bool on = (c->state.vmcr & BIT32(g)) != 0;

		if ((c->hcr & (on ? GIC_HCR_GROUP_ON(g) : GIC_HCR_GROUP_OFF(g))) != 0) {
			return true;
		}
	}
	return gic_lr_ended() != 0 ||
	       ((c->hcr & GIC_HCR_UIE) != 0 && popcount64(model_lrs(model_is_valid)) <= 1) ||
	       ((c->hcr & GIC_HCR_NPIE) != 0 && model_lrs(model_is_pending) == 0);
}

/* --- the host's interrupts: INTIDs are those of the domain --- */

void irq_guest_enable(struct domain *d, u32 virq, bool enable)
{
	model_host[virq].enabled = enable;
}

void irq_guest_configure(struct domain *d, u32 virq, bool edge)
{
	model_host[virq].edge = edge;
}

void irq_guest_route(struct domain *d, u32 virq, struct vcpu *v)
{
	model_host[virq].target = v;
}

/* --- the domain --- */

static int model_domain_create(struct domain *d, const struct domain_desc *desc)
{
	d->arch = heap_new(&d->pool, struct arch_domain);
	return d->arch ? 0 : -ENOMEM;
}

static void model_domain_destroy(struct domain *d)
{
	heap_free(&d->pool, d->arch);
	d->arch = NULL;
}

static int model_vcpu_create(struct vcpu *v)
{
	v->arch = heap_new(&v->domain->pool, struct arch_vcpu);
	if (!v->arch) {
		return -ENOMEM;
	}
	v->arch->vmpidr = 0x80000000 | (v->id & 15) | (v->id >> 4) << 8;
	return 0;
}

static void model_vcpu_destroy(struct vcpu *v)
{
	heap_free(&v->domain->pool, v->arch);
	v->arch = NULL;
}

static const struct unit model_unit = {
	.name = "model",
	.domain_create = model_domain_create,
	.domain_destroy = model_domain_destroy,
	.vcpu_create = model_vcpu_create,
	.vcpu_destroy = model_vcpu_destroy,
};

static gfn_t model_mapped_gfn;
static mfn_t model_mapped_mfn;
static u64 model_mapped_count;

int guest_map_mmio(struct domain *d, gfn_t gfn, mfn_t mfn, u64 count, bool writable)
{
	model_mapped_gfn = gfn;
	model_mapped_mfn = mfn;
	model_mapped_count = count;
	return 0;
}

/* --- running --- */

/* The thread goes on as the CPU that has v loaded. */
static inline void model_be(struct vcpu *v)
{
	host_pcpu = v->cpu;
}

static inline bool model_loaded(const struct vcpu *v)
{
	return v->cpu && v->cpu->current == v;
}

static inline void model_load(struct vcpu *v, unsigned int cpu)
{
	host_be_cpu(cpu);
	v->cpu = host_pcpu;
	host_pcpu->current = v;
	v->running = true;
	vgic_load(v);
}

static inline void model_unload(struct vcpu *v)
{
	model_be(v);
	vgic_unload(v);
	host_pcpu->current = NULL;
	v->running = false;
	model_require(model_lrs(model_is_empty) == BIT32(model.lr_count) - 1,
		"a list register is left behind");
}

/* As the exit path: what came up, then maintenance; an endless series of it is a failure. */
static inline void model_settle(struct vcpu *v)
{
	unsigned int rounds = 0;

	if (!model_loaded(v)) {
		return;
	}
	model_be(v);
	while ((v->pending & BIT32(VCPU_PENDING_EVENT)) != 0 || model_maintenance()) {
		model_require(rounds++ < 8, "maintenance without end");
		if (v->pending & BIT32(VCPU_PENDING_EVENT)) {
			v->pending &= ~BIT32(VCPU_PENDING_EVENT);
			vgic_flush(v);
		} else {
			vgic_maintenance(v);
		}
	}
}

static inline void model_settle_all(struct domain *d)
{
	struct pcpu *self = host_pcpu;
	struct vcpu *v;

	for_each_vcpu(d, v) {
		model_settle(v);
	}
	for_each_vcpu(d, v) {
		model_settle(v); /* what moved from one to the other */
	}
	host_pcpu = self;
}

/* --- the guest --- */

static struct model_guest {
	unsigned int depth;
	struct {
		u32 intid;
		u8 source;
		u16 priority;
	} stack[MODEL_NESTING];
	unsigned int lost; /* ends that no list register knew */
} model_guests[8];

static inline u16 model_running(const struct vcpu *v)
{
	const struct model_guest *g = &model_guests[v->id];

	return g->depth ? g->stack[g->depth - 1].priority : MODEL_IDLE;
}

static inline u8 model_pmr(const struct vcpu *v)
{
	return (u8)(model_cpus[v->cpu->id].state.vmcr >> GIC_VMCR_PMR_SHIFT);
}

/* The list register that would be acknowledged, or NULL. */
static inline struct gic_lr *model_highest(struct vcpu *v)
{
	struct model_cpu *c = &model_cpus[v->cpu->id];
	struct gic_lr *best = NULL;

	for (unsigned int i = 0; i < model.lr_count; i++) {
		struct gic_lr *lr = &c->lr[i];

		if (model_is_pending(lr) && lr->priority < model_pmr(v) &&
			lr->priority < model_running(v) &&
			(c->state.vmcr & (lr->group1 ? GIC_VMCR_GROUP1 : GIC_VMCR_GROUP0)) != 0 &&
			(!best || lr->priority < best->priority)) {
			best = lr;
		}
	}
	return best;
}

/* INTID, sender in bits 12:10. */
static inline u32 model_ack(struct vcpu *v)
{
	struct model_guest *g = &model_guests[v->id];
	struct gic_lr *lr = model_highest(v);

	if (!lr) {
		return MODEL_NONE;
	}
	lr->pending = false;
	lr->active = true;
	model_require(g->depth < MODEL_NESTING, "nesting");
	g->stack[g->depth].intid = lr->intid;
	g->stack[g->depth].source = lr->source;
	g->stack[g->depth++].priority = lr->priority;
	return lr->intid | (u32)lr->source << 10;
}

/* Ends what was acknowledged last, priority drop and deactivation in one. Returns its INTID. */
static inline u32 model_eoi(struct vcpu *v)
{
	struct model_guest *g = &model_guests[v->id];
	struct model_cpu *c = &model_cpus[v->cpu->id];
	u32 intid;

	if (g->depth == 0) {
		return MODEL_NONE;
	}
	intid = g->stack[--g->depth].intid;
	for (unsigned int i = 0; i < model.lr_count; i++) {
		struct gic_lr *lr = &c->lr[i];

		if (lr->active && lr->intid == intid) {
			lr->active = false;
			if (lr->hw) {
				model_host[lr->pintid].active = false;
			}
			return intid;
		}
	}
	g->lost++;
	return intid;
}

/* The host's interrupt fires, if nothing keeps it from that. */
static inline bool model_fire(struct domain *d, u32 intid)
{
	if (model_host[intid].active || !model_host[intid].enabled) {
		return false;
	}
	model_host[intid].active = true;
	vgic_inject_hw(d, NULL, intid, intid);
	return true;
}

/* --- registers --- */

static inline int model_try(struct vcpu *v, u64 addr, u8 size, bool write, u64 *value)
{
	struct vdev_access a = { .addr = addr, .size = size, .write = write, .value = *value };
	int rc;

	model_be(v);
	host_pcpu->in_run = true;
	rc = bus_access(v, BUS_MMIO, &a);
	host_pcpu->in_run = false;
	*value = a.value;
	return rc;
}

/* Again and again, while the others and v itself go through their exits. */
static inline u64 model_access(struct vcpu *v, u64 addr, u8 size, bool write, u64 value)
{
	for (unsigned int i = 0; i < 4; i++) {
		u64 result = value;
		int rc = model_try(v, addr, size, write, &result);

		if (rc == 0) {
			return result;
		}
		model_require(rc == -ERESTART, "an access fails");
		model_settle_all(v->domain);
	}
	model_require(false, "an access that never comes to an end");
	return 0;
}

static inline u64 model_read(struct vcpu *v, u64 addr)
{
	return model_access(v, addr, 4, false, 0);
}

static inline void model_write(struct vcpu *v, u64 addr, u32 value)
{
	model_access(v, addr, 4, true, value);
}

/* --- addresses --- */

#define MODEL_DIST 0x03001000ULL
#define MODEL_REDIST 0x03020000ULL
#define MODEL_SGI_FRAME(id) (MODEL_REDIST + (id)*0x20000ULL + 0x10000)

/* Where the registers of this interrupt are: v's, if it is private. */
static inline u64 model_base(const struct vcpu *v, u32 intid)
{
	return model.v3 && intid < 32 ? MODEL_SGI_FRAME(v->id) : MODEL_DIST;
}

static inline void model_bit(struct vcpu *by, struct vcpu *v, u32 reg, u32 intid)
{
	model_write(by, model_base(v, intid) + reg + intid / 32 * 4, BIT32(intid % 32));
}

static inline bool model_get_bit(struct vcpu *by, struct vcpu *v, u32 reg, u32 intid)
{
	u64 value = model_read(by, model_base(v, intid) + reg + intid / 32 * 4);

	return (value & BIT32(intid % 32)) != 0;
}

static inline struct domain *model_domain(unsigned int vcpus, u32 spis)
{
	static u16 id;
	struct domain_desc desc = host_desc((u16)(id = id % 1000 + 1), vcpus);
	struct domain *d = NULL;

	desc.spi_count = spis;
	memset(model_cpus, 0, sizeof(model_cpus));
	memset(model_host, 0, sizeof(model_host));
	memset(model_guests, 0, sizeof(model_guests));
	host_be_cpu(0);
	model_require(domain_create(&desc, &d) == 0, "domain_create");
	return d;
}

/* Every vCPU on the CPU of its number, ready to take anything. */
static inline void model_start(struct domain *d)
{
	struct vcpu *v;

	for_each_vcpu(d, v) {
		v->hold = 0;
		model_load(v, v->id % MODEL_CPUS);
		model_cpu()->state.vmcr = 0xf8ULL << GIC_VMCR_PMR_SHIFT | GIC_VMCR_GROUP0 |
					  GIC_VMCR_GROUP1;
	}
	model_write(d->vcpus[0], MODEL_DIST, 3);
	model_settle_all(d);
}

static inline void model_end(struct domain *d)
{
	struct vcpu *v;

	for_each_vcpu(d, v) {
		if (model_loaded(v)) {
			model_unload(v);
		}
		v->hold = BIT32(VCPU_HOLD_DOWN);
	}
	host_be_cpu(0);
	domain_kill(d);
}

#endif
