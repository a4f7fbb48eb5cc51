/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A domain's interrupt controller from creation to end: where its registers lie, how many
 * interrupts it has, their state at power-on, and the debug output.
 *
 * Direct-mapped domains have the host's addresses, others those of Xen's guest map
 * (xen/arch-arm.h). The version is the host's.
 */
#include "arch/arm/machine.h"
#include "arch/arm/vgic/vgic_state.h"
#include "core/desc.h"
#include "core/log.h"
#include "lib/errno.h"
#include "mm/guest.h"
#include "mm/heap.h"

/* GUEST_GICD_BASE … of xen/arch-arm.h */
#define GUEST_DIST_BASE 0x03001000ULL
#define GUEST_V2_DIST_SIZE 0x1000ULL
#define GUEST_V2_CPU_BASE 0x03002000ULL
#define GUEST_V3_DIST_SIZE 0x10000ULL
#define GUEST_V3_REDIST_BASE 0x03020000ULL
#define GUEST_V3_REDIST_SIZE 0x01000000ULL

#define V2_CPU_SIZE 0x2000ULL	   /* GICC and the page with GICC_DIR */
#define V3_FRAME_STRIDE 0x20000ULL /* two frames of 64 KiB */
static_assert(GUEST_V3_REDIST_SIZE / V3_FRAME_STRIDE >= MAX_VCPUS, "room for all vCPUs");

/* --- where it lies --- */

static void layout_v2(const struct domain *d, struct vgic_layout *l)
{
	const struct gic_desc *host = &arm_machine.gic;

	l->dist = d->direct_mapped ? host->dist : GUEST_DIST_BASE;
	l->dist_size = d->direct_mapped ? host->dist_size : GUEST_V2_DIST_SIZE;
	l->cpu = d->direct_mapped ? host->cpu : GUEST_V2_CPU_BASE;
	l->cpu_size = V2_CPU_SIZE;
}

/* The first of the host's regions; those that follow only the hardware domain has. */
static void layout_v3(const struct domain *d, struct vgic_layout *l)
{
	const struct gic_desc *host = &arm_machine.gic;

	l->dist = d->direct_mapped ? host->dist : GUEST_DIST_BASE;
	l->dist_size = d->direct_mapped ? host->dist_size : GUEST_V3_DIST_SIZE;
	l->redist = d->direct_mapped ? host->redist[0].base : GUEST_V3_REDIST_BASE;
	l->redist_size = d->direct_mapped ? host->redist[0].size : GUEST_V3_REDIST_SIZE;
}

void vgic_get_layout(const struct domain *d, struct vgic_layout *out)
{
	*out = d->arch->vgic->layout;
}

static void layout_fill(struct domain *d, struct vgic_domain *vg)
{
	struct vgic_layout *l = &vg->layout;

	l->version = vg->version;
	l->spi_count = vg->intid_end - VGIC_PRIVATE;
	if (vg->version == 2) {
		layout_v2(d, l);
	} else {
		layout_v3(d, l);
	}
	vg->frame_stride = V3_FRAME_STRIDE;
	if (d->hardware && arm_machine.gic.redist_stride >= V3_FRAME_STRIDE) {
		vg->frame_stride = arm_machine.gic.redist_stride;
	}
}

/* --- regions --- */

static int add_region(struct domain *d, u64 start, u64 size, vdev_access_fn *access, u64 first)
{
	struct vdev_region r = { .start = start,
		.size = size,
		.access = access,
		.device = (void *)(uintptr_t)first,
		.name = "vgic" };

	return bus_add(d, BUS_MMIO, &r);
}

/* As many of the host's regions as the hardware domain's vCPUs need. */
static int add_redists(struct domain *d, struct vgic_domain *vg)
{
	const struct gic_desc *host = &arm_machine.gic;
	unsigned int count = d->hardware ? host->redist_count : 1;
	u64 first = 0;
	int rc;

	count = MIN(count, (unsigned int)ARRAY_SIZE(host->redist));
	for (unsigned int i = 0; i < count && first < d->vcpu_count; i++) {
		u64 start = i == 0 ? vg->layout.redist : host->redist[i].base;
		u64 size = i == 0 ? vg->layout.redist_size : host->redist[i].size;

		rc = add_region(d, start, size, vgic_v3_redist, first);
		if (rc != 0) {
			return rc;
		}
		first += size / vg->frame_stride;
		vg->frame_regions++;
	}
	if (first < d->vcpu_count) {
		log_err("d%u: %u vCPUs, but the redistributors at %#llx have room for %llu", d->id,
			d->vcpu_count, (unsigned long long)vg->layout.redist,
			(unsigned long long)first);
		return -EINVAL;
	}
	return 0;
}

static int add_cpu_interface(struct domain *d, const struct vgic_layout *l)
{
	gfn_t gfn = { l->cpu >> PAGE_SHIFT };
	mfn_t mfn = { gic_guest_interface() >> PAGE_SHIFT };

	if (d->vcpu_count > VGIC_V2_VCPUS) {
		log_err("d%u: %u vCPUs; a GICv2 serves %u", d->id, d->vcpu_count, VGIC_V2_VCPUS);
		return -EINVAL;
	}
	return guest_map_mmio(d, gfn, mfn, l->cpu_size >> PAGE_SHIFT, true);
}

static int add_regions(struct domain *d, struct vgic_domain *vg)
{
	const struct vgic_layout *l = &vg->layout;
	int rc = vg->version == 2 ? add_cpu_interface(d, l) : add_redists(d, vg);

	if (rc != 0) {
		return rc;
	}
	return add_region(
		d, l->dist, l->dist_size, vg->version == 2 ? vgic_v2_dist : vgic_v3_dist, 0);
}

static void remove_regions(struct domain *d, const struct vgic_domain *vg)
{
	bus_remove(d, BUS_MMIO, vg->layout.dist);
	for (unsigned int i = 0; i < vg->frame_regions; i++) {
		bus_remove(
			d, BUS_MMIO, i == 0 ? vg->layout.redist : arm_machine.gic.redist[i].base);
	}
}

/* --- domains --- */

static u32 count_intids(const struct domain *d, const struct domain_desc *desc)
{
	u32 spis = d->hardware ? gic_intid_count() - VGIC_PRIVATE : desc->spi_count;

	return VGIC_PRIVATE + ALIGN_UP(MIN(spis, (u32)VGIC_SPI_MAX - 1), 32U);
}

static void irq_init(struct vgic_irq *irq, u32 intid, u8 version)
{
	list_init(&irq->link);
	irq->intid = (u16)intid;
	irq->set = VGIC_SET_NONE;
	irq->edge = intid < VGIC_SGIS;
	irq->group1 = version == 3;
}

static void vgic_destroy(struct domain *d)
{
	struct vgic_domain *vg = d->arch->vgic;

	if (!vg) {
		return;
	}
	remove_regions(d, vg);
	d->arch->vgic = NULL;
	heap_free(&d->pool, vg->spis);
	heap_free(&d->pool, vg);
}

/* INTIDs from 1020 on are special, though GICD_TYPER counts them. */
static int vgic_fill(struct domain *d, const struct domain_desc *desc, struct vgic_domain *vg)
{
	u32 intids = count_intids(d, desc);

	vg->version = gic_is_v3() ? 3 : 2;
	vg->intid_end = intids;
	vg->typer = vg->version == 3 ? vgic_v3_typer(d) : vgic_v2_typer(d);
	vg->intid_end = MIN(intids, (u32)GIC_SPECIAL);
	layout_fill(d, vg);
	if (intids > VGIC_PRIVATE) {
		vg->spis = heap_alloc(&d->pool, (intids - VGIC_PRIVATE) * sizeof(struct vgic_irq));
		if (!vg->spis) {
			return -ENOMEM;
		}
	}
	for (u32 i = VGIC_PRIVATE; i < vg->intid_end; i++) {
		irq_init(&vg->spis[i - VGIC_PRIVATE], i, vg->version);
	}
	return add_regions(d, vg);
}

static int vgic_create(struct domain *d, const struct domain_desc *desc)
{
	struct vgic_domain *vg = heap_new(&d->pool, struct vgic_domain);
	int rc;

	if (!vg) {
		return -ENOMEM;
	}
	d->arch->vgic = vg;
	rc = vgic_fill(d, desc, vg);
	if (rc != 0) {
		vgic_destroy(d);
	}
	return rc;
}

/* --- vCPUs --- */

/* Whatever has not been routed goes to the first vCPU. */
static void vgic_adopt_spis(struct vgic_domain *vg, struct vgic_vcpu *vc)
{
	for (u32 i = VGIC_PRIVATE; i < vg->intid_end; i++) {
		struct vgic_irq *irq = &vg->spis[i - VGIC_PRIVATE];

		irq->owner = irq->target = vc;
		irq->route = vg->version == 2 ? 1 : 0;
	}
}

static int vgic_vcpu_create(struct vcpu *v)
{
	struct vgic_domain *vg = v->domain->arch->vgic;
	struct vgic_vcpu *vc = heap_new(&v->domain->pool, struct vgic_vcpu);

	if (!vc) {
		return -ENOMEM;
	}
	spin_init(&vc->lock, RANK_VDEV);
	vc->vcpu = v;
	for (unsigned int set = 0; set < VGIC_SETS; set++) {
		for (unsigned int i = 0; i < VGIC_PRIORITIES; i++) {
			list_init(&vc->sets[set].bucket[i]);
		}
	}
	for (u32 i = 0; i < VGIC_PRIVATE; i++) {
		irq_init(&vc->irqs[i], i, vg->version);
		vc->irqs[i].owner = vc->irqs[i].target = vc;
		vc->irqs[i].route = BIT32(v->id % 8);
	}
	v->arch->vgic = vc;
	if (v->id == 0) {
		vgic_adopt_spis(vg, vc);
	}
	return 0;
}

/* SPIs that it owns have nobody any more: whoever raises one from now on is not heard. */
static void vgic_vcpu_destroy(struct vcpu *v)
{
	struct vgic_domain *vg = v->domain->arch->vgic;
	struct vgic_vcpu *vc = vgic_of(v);

	if (!vc) {
		return;
	}
	for (u32 i = VGIC_PRIVATE; i < vg->intid_end; i++) {
		struct vgic_irq *irq = &vg->spis[i - VGIC_PRIVATE];

		if (irq->owner == vc) {
			irq->owner = NULL;
		}
		if (irq->target == vc) {
			irq->target = NULL;
		}
	}
	v->arch->vgic = NULL;
	heap_free(&v->domain->pool, vc);
}

/* --- debug output: reads what changes meanwhile, once each --- */

static void dump_irq(const struct vgic_irq *irq)
{
	if (!irq->enabled && !irq->active && !vgic_is_pending(irq)) {
		return;
	}
	log_dump("      %4u: priority %02x%s%s%s%s%s latch %x sources %02x route %x lr %d",
		irq->intid, irq->priority, irq->enabled ? " enabled" : "", irq->edge ? " edge" : "",
		irq->level ? " high" : "", irq->active ? " active" : "",
		irq->host_active ? " host" : "", irq->latch, irq->sources, irq->route, irq->lr - 1);
}

static void dump_vcpu(const struct vcpu *v)
{
	const struct vgic_vcpu *vc = vgic_of(v);

	log_dump("    d%uv%u: %s, list registers used %04x stale %04x hcr %x vmcr %llx",
		v->domain->id, v->id, vc->loaded ? "loaded" : "not loaded", vc->used, vc->stale,
		vc->hcr, (unsigned long long)vc->state.vmcr);
	for (u32 i = 0; i < VGIC_PRIVATE; i++) {
		dump_irq(&vc->irqs[i]);
	}
}

static void dump_domain(const struct domain *d)
{
	const struct vgic_domain *vg = d->arch ? d->arch->vgic : NULL;
	struct vcpu *v;

	if (!vg) {
		return;
	}
	log_dump("  d%u: GICv%u, %u interrupts, ctlr %x", d->id, vg->version, vg->intid_end,
		vg->ctlr);
	for_each_vcpu(d, v) {
		if (vgic_of(v)) {
			dump_vcpu(v);
		}
	}
	for (u32 i = VGIC_PRIVATE; i < vg->intid_end; i++) {
		dump_irq(&vg->spis[i - VGIC_PRIVATE]);
	}
}

static void vgic_dump(void)
{
	struct domain *d;

	for_each_domain(d) {
		dump_domain(d);
	}
}

const struct unit vgic_unit = {
	.name = "vgic",
	.domain_create = vgic_create,
	.domain_destroy = vgic_destroy,
	.vcpu_create = vgic_vcpu_create,
	.vcpu_destroy = vgic_vcpu_destroy,
	.dump = vgic_dump,
	.dump_key = 'v',
	.dump_what = "virtual interrupts",
};
