/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The tree of a domain on Xen's virtual machine: generated nodes, and those of its partial tree
 * (docs/misc/arm/passthrough.txt of Xen 4.17 says what that holds).
 */
#include "arch/arm/boot/fdt_plan.h"

#include "arch/arm/guest_layout.h"
#include "lib/errno.h"
#include "lib/printf.h"
#include "lib/string.h"

#define SPI_FIRST 32
#define IRQ_SPI 0
#define IRQ_LEVEL_HIGH 4

static void fdt_guest_cpus(struct fdt_out *o, const struct fdt_plan *p)
{
	fdt_out_begin(o, "cpus");
	fdt_out_u32(o, "#address-cells", 1);
	fdt_out_u32(o, "#size-cells", 0);
	for (unsigned int i = 0; i < p->vcpu_count; i++) {
		fdt_out_begin_at(o, "cpu", p->mpidr[i]);
		fdt_out_string(o, "compatible", "arm,armv8");
		fdt_out_string(o, "device_type", "cpu");
		fdt_out_string(o, "enable-method", "psci");
		fdt_out_u32(o, "reg", (u32)p->mpidr[i]);
		fdt_out_end(o);
	}
	fdt_out_end(o);
}

static void fdt_guest_gic(struct fdt_out *o, const struct fdt_plan *p)
{
	struct dt_range ranges[1 + PLAN_REDIST_MAX] = { p->gic.dist, p->gic.cpu };
	unsigned int count = 2;

	if (p->gic.version == 3) {
		for (unsigned int i = 0; i < p->gic.redist_count; i++) {
			ranges[1 + i] = p->gic.redist[i];
		}
		count = 1 + p->gic.redist_count;
	}
	fdt_out_begin_at(o, "interrupt-controller", p->gic.dist.start);
	fdt_out_string(o, "compatible", p->gic.version == 3 ? "arm,gic-v3" : "arm,gic-400");
	fdt_out_u32(o, "#interrupt-cells", 3);
	fdt_out_u32(o, "#address-cells", 0);
	fdt_out_flag(o, "interrupt-controller");
	if (p->gic.version == 3 && p->gic.redist_count > 1) {
		fdt_out_u32(o, "#redistributor-regions", p->gic.redist_count);
	}
	fdt_out_ranges(o, "reg", ranges, count);
	fdt_out_u32(o, "phandle", p->gic.phandle);
	fdt_out_end(o);
}

static void fdt_guest_timer(struct fdt_out *o, const struct fdt_plan *p)
{
	u32 ppis[] = { p->timer.secure, p->timer.phys, p->timer.virt };

	fdt_out_begin(o, "timer");
	fdt_out_strings(o, "compatible", "arm,armv8-timer\0arm,armv7-timer");
	fdt_out_ppis(o, ppis, ARRAY_SIZE(ppis));
	if (p->timer.frequency) {
		fdt_out_u32(o, "clock-frequency", p->timer.frequency);
	}
	fdt_out_end(o);
}

static void fdt_guest_vpl011(struct fdt_out *o, const struct fdt_plan *p)
{
	u32 irq[] = { IRQ_SPI, p->vpl011_irq - SPI_FIRST, IRQ_LEVEL_HIGH };

	if (!p->desc->vpl011) {
		return;
	}
	fdt_out_begin_at(o, "sbsa-uart", p->vpl011.start);
	fdt_out_string(o, "compatible", "arm,sbsa-uart");
	fdt_out_ranges(o, "reg", &p->vpl011, 1);
	fdt_out_cells(o, "interrupts", irq, ARRAY_SIZE(irq));
	fdt_out_u32(o, "current-speed", 115200);
	fdt_out_end(o);
}

static void fdt_guest_chosen(struct fdt_out *o, const struct fdt_plan *p)
{
	char path[40];

	fdt_out_begin(o, "chosen");
	fdt_plan_chosen(o, p);
	if (p->desc->vpl011) {
		fmt_snprintf(
			path, sizeof(path), "/sbsa-uart@%llx", (unsigned long long)p->vpl011.start);
		fdt_out_string(o, "stdout-path", path);
	}
	fdt_out_end(o);
}

/* --- the partial tree --- */

/* What is said to the hypervisor is not for the guest. */
static bool fdt_guest_keep(void *arg, const char *name, const void *value, u32 size)
{
	return strncmp(name, "xen,", 4) != 0;
}

/* No deeper than DT_DEPTH_MAX: dt_open() has seen to that. */
static void fdt_guest_take(struct fdt_out *o, const struct dt *dt, const struct dt_node *n)
{
	fdt_out_begin(o, dt_name(dt, n));
	fdt_out_copy(o, dt, n, fdt_guest_keep, NULL);
	dt_for_each_child(dt, n, child)
	{
		fdt_guest_take(o, dt, child);
	}
	fdt_out_end(o);
}

static const char *const taken[] = { "/passthrough", "/aliases" };

static void fdt_guest_partial(struct fdt_out *o, const struct dt *partial)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(taken); i++) {
		const struct dt_node *n = dt_find(partial, taken[i]);

		if (n) {
			fdt_guest_take(o, partial, n);
		}
	}
}

/* --- all of it --- */

static u32 fdt_guest_gic_phandle(const struct dt *partial)
{
	const struct dt_node *gic = partial ? dt_find(partial, "/gic") : NULL;

	return gic && gic->phandle ? gic->phandle : LAYOUT_GUEST_PHANDLE_GIC;
}

int fdt_guest(const struct fdt_plan *plan, const struct dt *partial, void *buf, u32 size)
{
	struct fdt_plan p = *plan;
	struct fdt_out o;

	p.gic.phandle = fdt_guest_gic_phandle(partial);
	fdt_out_open(&o, buf, size);
	fdt_out_begin(&o, "");
	fdt_out_u32(&o, "#address-cells", o.address_cells);
	fdt_out_u32(&o, "#size-cells", o.size_cells);
	fdt_out_strings(&o, "compatible", "xen,xenvm-4.17\0xen,xenvm");
	fdt_out_string(&o, "model", "XENVM-4.17");
	fdt_out_u32(&o, "interrupt-parent", p.gic.phandle);
	fdt_guest_chosen(&o, &p);
	fdt_plan_psci(&o, &p);
	fdt_guest_cpus(&o, &p);
	fdt_plan_memory(&o, &p);
	fdt_plan_shared(&o, &p);
	fdt_guest_gic(&o, &p);
	fdt_guest_timer(&o, &p);
	if (p.desc->enhanced != DESC_PLAIN) {
		fdt_plan_hypervisor(&o, &p);
	}
	fdt_guest_vpl011(&o, &p);
	if (partial) {
		fdt_guest_partial(&o, partial);
	}
	fdt_out_end(&o);
	return fdt_out_close(&o);
}
