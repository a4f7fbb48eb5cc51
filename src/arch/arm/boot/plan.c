/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From a domain with RAM and devices to one that can start: what its device tree says, where
 * kernel, ramdisk and tree go, and their contents.
 */
#include "arch/arm/boot/boot.h"
#include "arch/arm/boot/build.h"
#include "arch/arm/boot/host.h"
#include "arch/arm/boot/memory.h"
#include "arch/arm/guest_layout.h"
#include "arch/arm/vcpu.h"
#include "arch/arm/vgic/vgic.h"
#include "arch/arm/vtimer.h"
#include "lib/bits.h"
#include "lib/errno.h"
#include "lib/xen_public.h"
#include "mm/heap.h"
#include "vdev/vpl011.h"

static_assert(LAYOUT_GUEST_PL011_BASE == GUEST_PL011_BASE, "xen/arch-arm.h");
static_assert(LAYOUT_GUEST_GNTTAB_BASE == GUEST_GNTTAB_BASE, "xen/arch-arm.h");
static_assert(LAYOUT_GUEST_GNTTAB_SIZE == GUEST_GNTTAB_SIZE, "xen/arch-arm.h");
static_assert(LAYOUT_GUEST_RAM0_BASE == GUEST_RAM0_BASE, "xen/arch-arm.h");
static_assert(LAYOUT_GUEST_RAM0_SIZE == GUEST_RAM0_SIZE, "xen/arch-arm.h");
static_assert(LAYOUT_GUEST_RAM1_BASE == GUEST_RAM1_BASE, "xen/arch-arm.h");
static_assert(LAYOUT_GUEST_RAM1_SIZE == GUEST_RAM1_SIZE, "xen/arch-arm.h");
static_assert(LAYOUT_GUEST_TIMER_PHYS_S_PPI == GUEST_TIMER_PHYS_S_PPI, "xen/arch-arm.h");
static_assert(VTIMER_PPI_PHYSICAL == GUEST_TIMER_PHYS_NS_PPI, "xen/arch-arm.h");
static_assert(VTIMER_PPI_VIRTUAL == GUEST_TIMER_VIRT_PPI, "xen/arch-arm.h");

/* Aff3 to Aff0 (DDI 0487, MPIDR_EL1). */
#define MPIDR_AFFINITY 0xff00ffffffULL

/* --- where grants and frames of other domains go --- */

#define GRANTS_SIZE MiB(16)
#define GRANTS_LEAST MiB(2)
#define EXTENDED_LEAST MiB(64)
#define EXTENDED_MOST GiB(8) /* beyond the RAM of the upper bank */

static int plan_without(struct resources *r, const struct build *b)
{
	const struct ram *ram = &b->plan.ram;
	const struct range *range;
	int rc = 0;

	for (unsigned int i = 0; i < ram->count; i++) {
		rc = rc ?: resources_remove(r, ram->banks[i].start, ram->banks[i].size);
	}
	for (unsigned int i = 0; i < b->desc->shared_count; i++) {
		rc = rc ?: resources_remove(r, b->desc->shared[i].gpa, b->desc->shared[i].size);
	}
	rangeset_for_each(range, &b->resources->pages) {
		rc = rc ?: rangeset_remove(&r->pages, range->start, range->end);
	}
	return rc;
}

static void plan_add_extended(struct fdt_plan *p, const struct ram_bank *b)
{
	if (b->size >= EXTENDED_LEAST && p->extended_count < PLAN_EXTENDED_MAX) {
		p->extended[p->extended_count++] = (struct dt_range){ b->start, b->size };
	}
}

/* In a guest's own layout: what its banks leave of the addresses for RAM. */
static int plan_extended_guest(struct build *b, struct resources *r)
{
	struct fdt_plan *p = &b->plan;
	struct ram_bank left[2];
	unsigned int count;
	u64 upper = p->ram.count > 1 ? p->ram.banks[1].size : 0;
	int rc = resources_add(r, LAYOUT_GUEST_RAM0_BASE, LAYOUT_GUEST_RAM0_SIZE);

	p->grants = (struct dt_range){ LAYOUT_GUEST_GNTTAB_BASE, LAYOUT_GUEST_GNTTAB_SIZE };
	rc = rc
		     ?: resources_add(r, LAYOUT_GUEST_RAM1_BASE,
				MIN(upper + EXTENDED_MOST, LAYOUT_GUEST_RAM1_SIZE));
	rc = rc ?: plan_without(r, b);
	count = rc ? 0 : place_largest(&r->pages, EXTENDED_LEAST, left, ARRAY_SIZE(left));
	for (unsigned int i = 0; i < count; i++) {
		plan_add_extended(p, &left[i]);
	}
	return rc;
}

/* All of the machine's RAM; or what lies above everything. */
static int plan_candidates(struct resources *r, bool above)
{
	unsigned int cursor = 0;
	u64 start, end;
	int rc = 0;

	resources_init(r);
	if (above) {
		return resources_add(r, ALIGN_UP(arm_machine.max_ram, GiB(1)), EXTENDED_MOST);
	}
	while (!rc && memmap_next_ram(&boot_map, &cursor, &start, &end)) {
		rc = resources_add(r, start, end - start);
	}
	return rc;
}

/* At the host's addresses: RAM that is not the domain's, of which it knows nothing. The largest
 * part begins with the grants. */
static int plan_extended_identity(struct build *b, struct resources *r)
{
	struct fdt_plan *p = &b->plan;
	struct ram_bank left[PLAN_EXTENDED_MAX];
	unsigned int count = 0;
	int rc = 0;

	for (unsigned int above = 0; above < 2 && count == 0 && !rc; above++) {
		rc = plan_candidates(r, above != 0);
		rc = rc ?: plan_without(r, b);
		count = rc ? 0 : place_largest(&r->pages, GRANTS_LEAST, left, ARRAY_SIZE(left));
	}
	if (rc || count == 0) {
		return rc ?: -ENOSPC;
	}
	p->grants = (struct dt_range){ left[0].start, MIN(left[0].size, GRANTS_SIZE) };
	left[0].start += p->grants.size;
	left[0].size -= p->grants.size;
	for (unsigned int i = 0; i < count; i++) {
		plan_add_extended(p, &left[i]);
	}
	return 0;
}

static int plan_extended(struct build *b)
{
	struct resources *r = heap_new(&pool_system, struct resources);
	int rc = -ENOMEM;

	b->why = "no addresses are left for grants";
	if (r) {
		resources_init(r);
		rc = b->d->direct_mapped ? plan_extended_identity(b, r) : plan_extended_guest(b, r);
	}
	heap_free(&pool_system, r);
	return rc;
}

/* --- the rest --- */

static void plan_gic(struct fdt_plan *p, const struct domain *d)
{
	const struct gic_desc *host = &arm_machine.gic;
	struct vgic_layout l;

	vgic_get_layout(d, &l);
	p->gic.version = l.version;
	p->gic.dist = (struct dt_range){ l.dist, l.dist_size };
	p->gic.cpu = (struct dt_range){ l.cpu, l.cpu_size };
	p->gic.redist[0] = (struct dt_range){ l.redist, l.redist_size };
	p->gic.redist_count = 1;
	if (d->hardware && l.version == 3) {
		p->gic.redist_count = MIN(host->redist_count, (unsigned int)PLAN_REDIST_MAX);
		for (unsigned int i = 0; i < p->gic.redist_count; i++) {
			p->gic.redist[i] = (struct dt_range){ host->redist[i].base,
				host->redist[i].size };
		}
	}
}

static int plan_vpl011(struct build *b)
{
	struct vpl011_place place;
	int rc = b->desc->vpl011 ? vpl011_place(b->desc, &place) : 0;

	b->why = "vpl011: it has no place";
	if (b->desc->vpl011 && !rc) {
		b->plan.vpl011 = (struct dt_range){ place.base, VPL011_SIZE };
		b->plan.vpl011_irq = place.intid;
	}
	return rc;
}

int plan_make(struct build *b)
{
	struct fdt_plan *p = &b->plan;
	const struct domain *d = b->d;
	struct vcpu *v;
	int rc;

	p->desc = b->desc;
	p->aarch32 = b->kernel.aarch32;
	p->evtchn_irq = d->arch->evtchn_irq;
	p->vcpu_count = d->vcpu_count;
	for_each_vcpu(d, v) {
		p->mpidr[v->id] = v->arch->vmpidr & MPIDR_AFFINITY;
	}
	p->timer.secure = LAYOUT_GUEST_TIMER_PHYS_S_PPI;
	p->timer.phys = VTIMER_PPI_PHYSICAL;
	p->timer.virt = VTIMER_PPI_VIRTUAL;
	p->timer.frequency = arm_machine.timer.frequency;
	plan_gic(p, d);
	rc = plan_vpl011(b);
	if (!rc && (d->hardware || b->desc->enhanced != DESC_PLAIN)) {
		rc = plan_extended(b);
	}
	return rc;
}

/* --- contents --- */

#define TREE_ORDER_MAX 9

static int plan_write_tree(struct build *b, void *buf, u32 size)
{
	struct fdt_host host;
	int rc;

	host_view(&host);
	rc = build_is_hardware(b) ? fdt_dom0(&b->plan, &host, buf, size)
				  : fdt_guest(&b->plan, b->partial, buf, size);
	b->why = "its device tree cannot be generated";
	return rc < 0 ? rc : memory_write(b->d, b->at.dtb, buf, (u64)rc);
}

static int plan_write_files(struct build *b)
{
	const struct domain_desc *desc = b->desc;
	int rc = memory_write_module(
		b->d, b->at.kernel, desc->kernel, b->kernel.offset, b->kernel.size);

	b->why = "kernel: cannot be copied";
	if (!rc && desc->ramdisk) {
		b->why = "ramdisk: cannot be copied";
		rc = memory_write_module(b->d, b->at.initrd, desc->ramdisk, 0, desc->ramdisk->size);
	}
	return rc;
}

int plan_load(struct build *b)
{
	u64 initrd = b->desc->ramdisk ? b->desc->ramdisk->size : 0;
	u32 size = fdt_plan_size(b->d->hardware ? &machine_dt : b->partial);
	unsigned int order = 0;
	void *buf;
	int rc;

	while (order < TREE_ORDER_MAX && PAGE_SIZE << order < size) {
		order++;
	}
	size = (u32)(PAGE_SIZE << order);
	rc = kernel_place(&b->kernel, &b->plan.ram, size, initrd, &b->at, &b->why);
	if (rc) {
		return rc;
	}
	b->plan.initrd = (struct dt_range){ b->at.initrd, initrd };
	buf = heap_pages_alloc(&pool_system, order);
	b->why = "no memory for its device tree";
	rc = buf ? plan_write_tree(b, buf, size) : -ENOMEM;
	heap_pages_free(&pool_system, buf, order);
	return rc ?: plan_write_files(b);
}
