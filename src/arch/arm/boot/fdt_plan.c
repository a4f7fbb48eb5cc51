/* SPDX-License-Identifier: GPL-2.0-only */
/* Nodes that every domain's tree has. Bindings: Linux, Documentation/devicetree/bindings. */
#include "arch/arm/boot/fdt_plan.h"

#include "lib/errno.h"

u32 fdt_plan_size(const struct dt *from)
{
	/* A name of a property takes its place again wherever it is used. */
	return (from ? 3 * from->structure_size : 0) + (u32)KiB(32);
}

/* Function numbers for kernels that know version 0.1 alone (DEN 0022, 5.2). */
#define PSCI_CPU_OFF 0x84000002U
#define PSCI_CPU_ON 0x84000003U
#define PSCI_CPU_ON_64 0xc4000003U

void fdt_plan_psci(struct fdt_out *o, const struct fdt_plan *p)
{
	fdt_out_begin(o, "psci");
	fdt_out_strings(o, "compatible", "arm,psci-1.0\0arm,psci-0.2\0arm,psci");
	fdt_out_string(o, "method", "hvc");
	fdt_out_u32(o, "cpu_off", PSCI_CPU_OFF);
	fdt_out_u32(o, "cpu_on", p->aarch32 ? PSCI_CPU_ON : PSCI_CPU_ON_64);
	fdt_out_end(o);
}

void fdt_plan_memory(struct fdt_out *o, const struct fdt_plan *p)
{
	struct dt_range ranges[RAM_BANKS_MAX];

	if (p->ram.count == 0) {
		return;
	}
	for (unsigned int i = 0; i < p->ram.count; i++) {
		ranges[i] = (struct dt_range){ p->ram.banks[i].start, p->ram.banks[i].size };
	}
	fdt_out_begin_at(o, "memory", ranges[0].start);
	fdt_out_string(o, "device_type", "memory");
	fdt_out_ranges(o, "reg", ranges, p->ram.count);
	fdt_out_end(o);
}

void fdt_plan_shared(struct fdt_out *o, const struct fdt_plan *p)
{
	if (p->desc->shared_count == 0) {
		return;
	}
	fdt_out_begin(o, "reserved-memory");
	fdt_out_u32(o, "#address-cells", o->address_cells);
	fdt_out_u32(o, "#size-cells", o->size_cells);
	fdt_out_flag(o, "ranges");
	for (unsigned int i = 0; i < p->desc->shared_count; i++) {
		const struct desc_shared *s = &p->desc->shared[i];
		struct dt_range range = { s->gpa, s->size };

		fdt_out_begin_at(o, "xen-shmem", s->gpa);
		fdt_out_string(o, "compatible", "xen,shared-memory-v1");
		fdt_out_ranges(o, "reg", &range, 1);
		fdt_out_string(o, "xen,id", s->id);
		fdt_out_end(o);
	}
	fdt_out_end(o);
}

void fdt_plan_hypervisor(struct fdt_out *o, const struct fdt_plan *p)
{
	struct dt_range ranges[1 + PLAN_EXTENDED_MAX] = { p->grants };

	for (unsigned int i = 0; i < p->extended_count; i++) {
		ranges[1 + i] = p->extended[i];
	}
	/* Linux looks for the node by this name, without a unit address. */
	fdt_out_begin(o, "hypervisor");
	fdt_out_strings(o, "compatible", "xen,xen-4.17\0xen,xen");
	fdt_out_ranges(o, "reg", ranges, 1 + p->extended_count);
	fdt_out_ppis(o, &p->evtchn_irq, 1);
	fdt_out_u32(o, "interrupt-parent", p->gic.phandle);
	fdt_out_end(o);
}

void fdt_plan_chosen(struct fdt_out *o, const struct fdt_plan *p)
{
	if (p->desc->cmdline && p->desc->cmdline[0]) {
		fdt_out_string(o, "bootargs", p->desc->cmdline);
	}
	if (p->initrd.size) {
		fdt_out_u64(o, "linux,initrd-start", p->initrd.start);
		fdt_out_u64(o, "linux,initrd-end", p->initrd.start + p->initrd.size);
	}
}
