/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Devices of a domain that is being built: the hardware domain has all that nobody else is given,
 * others have those of their partial trees.
 */
#include "arch/arm/boot/boot.h"
#include "arch/arm/boot/build.h"
#include "arch/arm/boot/host.h"
#include "arch/arm/irq.h"
#include "arch/arm/machine.h"
#include "core/log.h"
#include "lib/errno.h"
#include "lib/printf.h"
#include "mm/guest.h"
#include "mm/heap.h"
#include "mm/vmap.h"

#define PARTIAL_MAX MiB(2)
#define DT_ORDER 6
static_assert(sizeof(struct dt) <= PAGE_SIZE << DT_ORDER, "an indexed tree");

/* --- partial trees --- */

static int devices_open(struct build *b)
{
	const struct boot_module *m = b->desc->device_tree;
	const char *why = "";
	int rc;

	b->why = "device tree: no memory to read it";
	if (m->size > PARTIAL_MAX) {
		b->why = "device tree: larger than 2 MiB";
		return -EINVAL;
	}
	b->partial_blob = vmap(m->start, m->size, HV_RO);
	b->partial = heap_pages_alloc(&pool_system, DT_ORDER);
	if (!b->partial_blob || !b->partial) {
		return -ENOMEM;
	}
	rc = dt_open(b->partial, b->partial_blob, (u32)m->size, &why);
	if (rc) {
		fmt_snprintf(b->text, sizeof(b->text), "device tree: %s", why);
		b->why = b->text;
	}
	return rc;
}

int devices_read(struct build *b)
{
	const struct dt_node *bad = NULL;
	const char *why = NULL;
	char path[DT_PATH_MAX];
	int rc;

	b->resources = heap_new(&pool_system, struct resources);
	b->passthrough = heap_new(&pool_system, struct passthrough);
	b->why = "no memory to read its devices";
	if (!b->resources || !b->passthrough) {
		return -ENOMEM;
	}
	resources_init(b->resources);
	if (!b->desc->device_tree) {
		return 0;
	}
	rc = devices_open(b);
	if (rc) {
		return rc;
	}
	rc = passthrough_read(b->partial, &machine_dt, b->passthrough, &bad, &why);
	if (rc) {
		fmt_snprintf(b->text, sizeof(b->text), "device tree: %s: %s",
			dt_path(b->partial, bad, path, sizeof(path)), why);
		b->why = b->text;
	}
	return rc;
}

void devices_close(struct build *b)
{
	heap_pages_free(&pool_system, b->partial, DT_ORDER);
	vunmap(b->partial_blob);
	heap_free(&pool_system, b->resources);
	heap_free(&pool_system, b->passthrough);
}

/* --- giving --- */

static int devices_map(struct build *b, u64 gpa, u64 pa, u64 size)
{
	int rc = guest_map_mmio(
		b->d, GFN(gpa >> PAGE_SHIFT), MFN(pa >> PAGE_SHIFT), size >> PAGE_SHIFT, true);

	if (rc) {
		fmt_snprintf(b->text, sizeof(b->text), "device at %#llx: %s",
			(unsigned long long)pa,
			rc == -ENOMEM ? "xen,domain-p2m-mem-mb: too little for its page tables"
				      : "cannot be mapped");
		b->why = b->text;
	}
	return rc;
}

static int devices_give_irqs(struct build *b, const unsigned long *spis)
{
	size_t spi;

	bitmap_for_each(spi, spis, RESOURCES_INTIDS) {
		int rc = irq_assign(b->d, (u32)spi, (u32)spi);

		/* What the hypervisor itself uses is on the list of no domain but dom0. */
		if (rc && b->desc->hardware && rc != -ENOMEM) {
			log_debug("dom0: interrupt %u is not given to it: error %d", (u32)spi, rc);
		} else if (rc) {
			fmt_snprintf(b->text, sizeof(b->text),
				"interrupt %u: cannot be given to it (nr_spis, or in use)",
				(u32)spi);
			b->why = b->text;
			return rc;
		}
	}
	return 0;
}

/* The GIC is emulated, where it is and as large as the host's. */
static int devices_keep_gic(struct resources *r)
{
	const struct gic_desc *g = &arm_machine.gic;
	int rc = resources_remove(r, g->dist, g->dist_size);

	rc = rc ?: resources_remove(r, g->cpu, g->cpu_size);
	rc = rc ?: resources_remove(r, g->hyp, g->hyp_size);
	rc = rc ?: resources_remove(r, g->vcpu, g->vcpu_size);
	for (unsigned int i = 0; i < g->redist_count && !rc; i++) {
		rc = resources_remove(r, g->redist[i].base, g->redist[i].size);
	}
	return rc;
}

/* RAM is nobody's device, whatever a node says. */
static int devices_keep_ram(struct resources *r)
{
	unsigned int cursor = 0;
	u64 start, end;
	int rc = 0;

	while (!rc && memmap_next_ram(&boot_map, &cursor, &start, &end)) {
		rc = resources_remove(r, start, end - start);
	}
	return rc;
}

static int devices_give_host(struct build *b)
{
	struct fdt_host host;
	const struct range *range;
	int rc;

	host_view(&host);
	rc = resources_dom0(&host, b->resources);
	rc = rc ?: devices_keep_gic(b->resources);
	rc = rc ?: devices_keep_ram(b->resources);
	rc = rc ?: resources_remove(b->resources, arm_machine.uart.base, arm_machine.uart.size);
	b->why = "the host's devices have too many ranges of registers";
	if (rc) {
		return rc;
	}
	rangeset_for_each(range, &b->resources->pages) {
		u64 at = range->start << PAGE_SHIFT;
		u64 size = (range->end - range->start + 1) << PAGE_SHIFT;

		rc = devices_map(b, at, at, size);
		if (rc == -ENOMEM) {
			return rc;
		}
		if (rc) {
			log_warn("dom0: registers at %#llx - %#llx are out of its reach",
				(unsigned long long)at, (unsigned long long)(at + size - 1));
		}
	}
	return devices_give_irqs(b, b->resources->spis);
}

static bool devices_meet_ram(const struct ram *ram, u64 gpa, u64 size)
{
	for (unsigned int i = 0; i < ram->count; i++) {
		const struct ram_bank *bank = &ram->banks[i];

		if (gpa < bank->start + bank->size && bank->start < gpa + size) {
			return true;
		}
	}
	return false;
}

static int devices_give_range(struct build *b, const struct passthrough_range *p)
{
	fmt_snprintf(b->text, sizeof(b->text),
		"device tree: xen,reg: %#llx is RAM, or is put where the domain has RAM",
		(unsigned long long)p->pa);
	b->why = b->text;
	if (memmap_touches(&boot_map, p->pa, p->size, MEMMAP_RAM) ||
		devices_meet_ram(&b->plan.ram, p->gpa, p->size)) {
		return -EINVAL;
	}
	b->why = "device tree: xen,reg: too many ranges";
	return resources_add(b->resources, p->gpa, p->size)
		       ?: devices_map(b, p->gpa, p->pa, p->size);
}

int devices_give(struct build *b)
{
	int rc = 0;

	if (build_is_hardware(b)) {
		rc = devices_give_host(b);
	}
	for (unsigned int i = 0; i < b->passthrough->range_count && !rc; i++) {
		rc = devices_give_range(b, &b->passthrough->ranges[i]);
	}
	return rc ?: devices_give_irqs(b, b->passthrough->spis);
}
