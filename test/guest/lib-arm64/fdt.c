/* SPDX-License-Identifier: GPL-2.0-only */
/* One walk over a flattened device tree (Devicetree Specification 0.3, chapter 5). It comes from
 * the hypervisor under test, so that it is believed. */
#include "guest/lib-arm64/fdt.h"

#include "lib/string.h"

enum { FDT_BEGIN_NODE = 1, FDT_END_NODE, FDT_PROP, FDT_NOP, FDT_END };
#define FDT_DEPTH 8
#define FDT_MAGIC 0xd00dfeed

struct fdt_node {
	const char *name;
	const char *compatible, *device_type;
	u32 compatible_size;
	const u8 *reg, *interrupts;
	u32 reg_size, interrupts_size;
	u32 address_cells, size_cells; /* of its children */
};

struct fdt_info fdt_info = { .bootargs = "" };

static u32 be32(const u8 *p)
{
	return (u32)p[0] << 24 | (u32)p[1] << 16 | (u32)p[2] << 8 | p[3];
}

static u64 fdt_cells(const u8 *p, u32 cells)
{
	u64 v = 0;

	for (u32 i = 0; i < cells; i++) {
		v = v << 32 | be32(p + 4 * i);
	}
	return v;
}

static bool fdt_is(const struct fdt_node *n, const char *compatible)
{
	for (const char *p = n->compatible; p != NULL && p < n->compatible + n->compatible_size;
		p += strlen(p) + 1) {
		if (strcmp(p, compatible) == 0) {
			return true;
		}
	}
	return false;
}

/* The address and the size of one entry of reg; 0 where there is none. */
static u64 fdt_reg(const struct fdt_node *parent, const struct fdt_node *n, u32 index, u64 *size)
{
	u32 a = parent->address_cells, s = parent->size_cells;
	u32 offset = 4 * (a + s) * index;

	if (n->reg == NULL || n->reg_size < offset + 4 * (a + s)) {
		return 0;
	}
	*size = fdt_cells(n->reg + offset + 4 * a, s);
	return fdt_cells(n->reg + offset, a);
}

/* Three cells: SPI or PPI, number, flags. */
static u32 fdt_irq(const struct fdt_node *n, u32 index)
{
	const u8 *p = n->interrupts + 12 * index;

	if (n->interrupts_size < 12 * (index + 1)) {
		return 0;
	}
	return be32(p + 4) + (be32(p) == 1 ? 16 : 32);
}

static void fdt_gic(const struct fdt_node *parent, const struct fdt_node *n)
{
	struct fdt_info *f = &fdt_info;

	if (fdt_is(n, "arm,gic-v3")) {
		f->gic_version = 3;
	} else if (fdt_is(n, "arm,cortex-a15-gic") || fdt_is(n, "arm,gic-400")) {
		f->gic_version = 2;
	} else {
		return;
	}
	f->gic_dist = fdt_reg(parent, n, 0, &f->gic_dist_size);
	f->gic_cpu = fdt_reg(parent, n, 1, &f->gic_cpu_size);
}

static void fdt_end_node(const struct fdt_node *parent, const struct fdt_node *n)
{
	struct fdt_info *f = &fdt_info;
	u64 size;

	fdt_gic(parent, n);
	if (n->device_type != NULL && strcmp(n->device_type, "cpu") == 0 &&
		f->cpu_count < CPU_MAX) {
		f->mpidr[f->cpu_count++] = fdt_reg(parent, n, 0, &size);
	}
	if (n->device_type != NULL && strcmp(n->device_type, "memory") == 0 &&
		f->memory_size == 0) {
		f->memory = fdt_reg(parent, n, 0, &f->memory_size);
	}
	if (fdt_is(n, "arm,sbsa-uart") || fdt_is(n, "arm,pl011")) {
		f->uart = fdt_reg(parent, n, 0, &size);
		f->uart_irq = fdt_irq(n, 0);
	}
	if (fdt_is(n, "xen,xen")) {
		f->hypervisor = true;
		f->hypervisor_reg = fdt_reg(parent, n, 0, &size);
		f->hypervisor_irq = fdt_irq(n, 0);
	}
	if (fdt_is(n, "arm,armv8-timer")) {
		for (u32 i = 0; i < 4; i++) {
			f->timer_irqs[i] = fdt_irq(n, i);
		}
	}
	if (fdt_is(n, "xen,shared-memory-v1")) {
		f->shared = fdt_reg(parent, n, 0, &f->shared_size);
	}
}

static void fdt_property(struct fdt_node *n, const char *name, const u8 *value, u32 size)
{
	if (strcmp(name, "compatible") == 0) {
		n->compatible = (const char *)value;
		n->compatible_size = size;
	} else if (strcmp(name, "device_type") == 0) {
		n->device_type = (const char *)value;
	} else if (strcmp(name, "reg") == 0) {
		n->reg = value;
		n->reg_size = size;
	} else if (strcmp(name, "interrupts") == 0) {
		n->interrupts = value;
		n->interrupts_size = size;
	} else if (strcmp(name, "#address-cells") == 0) {
		n->address_cells = be32(value);
	} else if (strcmp(name, "#size-cells") == 0) {
		n->size_cells = be32(value);
	} else if (strcmp(name, "bootargs") == 0 && strcmp(n->name, "chosen") == 0) {
		fdt_info.bootargs = (const char *)value;
	}
}

void fdt_read(const void *fdt)
{
	const u8 *base = fdt, *p;
	const char *strings;
	struct fdt_node nodes[FDT_DEPTH] = { { .address_cells = 2, .size_cells = 1 } };
	u32 depth = 0;

	if (fdt == NULL || be32(base) != FDT_MAGIC) {
		return;
	}
	p = base + be32(base + 8);
	strings = (const char *)base + be32(base + 12);
	for (;;) {
		u32 token = be32(p);

		p += 4;
		if (token == FDT_BEGIN_NODE && depth + 1 < FDT_DEPTH) {
			nodes[++depth] = (struct fdt_node){
				.name = (const char *)p, .address_cells = 2, .size_cells = 1
			};
			p += (strlen((const char *)p) + 4) & ~3UL;
		} else if (token == FDT_END_NODE) {
			fdt_end_node(&nodes[depth - 1], &nodes[depth]);
			depth--;
		} else if (token == FDT_PROP) {
			fdt_property(&nodes[depth], strings + be32(p + 4), p + 8, be32(p));
			p += 8 + ((be32(p) + 3) & ~3U);
		} else if (token != FDT_NOP) {
			return;
		}
	}
}
