/* SPDX-License-Identifier: GPL-2.0-only */
/* Writing of device trees on libfdt's sequential functions. Knows no node by name. */
#include "arch/arm/boot/fdt_out.h"

#include <libfdt.h>

#include "lib/errno.h"
#include "lib/printf.h"
#include "lib/string.h"

#define CELLS_MAX 160
#define UNIT_NAME_MAX 64

/* The specifier of a PPI (Linux, bindings/interrupt-controller/arm,gic.yaml). */
#define IRQ_PPI 1
#define IRQ_LEVEL_LOW 8
#define IRQ_ALL_CPUS 0xf00

static void fdt_out_note(struct fdt_out *o, int error)
{
	if (!o->error && error < 0) {
		o->error = error;
	}
}

void fdt_out_open(struct fdt_out *o, void *buf, u32 size)
{
	*o = (struct fdt_out){ .buf = buf, .address_cells = 2, .size_cells = 2 };
	/* Looking every name up among those that are there would cost more than the room saves. */
	fdt_out_note(o, fdt_create_with_flags(buf, (int)size, FDT_CREATE_FLAG_NO_NAME_DEDUP));
	if (!o->error) {
		fdt_out_note(o, fdt_finish_reservemap(buf));
	}
}

int fdt_out_close(struct fdt_out *o)
{
	if (!o->error) {
		fdt_out_note(o, fdt_finish(o->buf));
	}
	if (o->error) {
		return o->error == -FDT_ERR_NOSPACE ? -ENOSPC : -EINVAL;
	}
	return (int)fdt_totalsize(o->buf);
}

void fdt_out_begin(struct fdt_out *o, const char *name)
{
	if (!o->error) {
		fdt_out_note(o, fdt_begin_node(o->buf, name));
	}
}

void fdt_out_begin_at(struct fdt_out *o, const char *name, u64 unit)
{
	char full[UNIT_NAME_MAX];

	fmt_snprintf(full, sizeof(full), "%s@%llx", name, (unsigned long long)unit);
	fdt_out_begin(o, full);
}

void fdt_out_end(struct fdt_out *o)
{
	if (!o->error) {
		fdt_out_note(o, fdt_end_node(o->buf));
	}
}

void fdt_out_bytes(struct fdt_out *o, const char *name, const void *p, u32 size)
{
	if (!o->error) {
		fdt_out_note(o, fdt_property(o->buf, name, p, (int)size));
	}
}

void fdt_out_flag(struct fdt_out *o, const char *name)
{
	fdt_out_bytes(o, name, "", 0);
}

void fdt_out_string(struct fdt_out *o, const char *name, const char *s)
{
	fdt_out_bytes(o, name, s, (u32)strlen(s) + 1);
}

void fdt_out_u32(struct fdt_out *o, const char *name, u32 value)
{
	fdt_out_cells(o, name, &value, 1);
}

void fdt_out_u64(struct fdt_out *o, const char *name, u64 value)
{
	u32 cells[] = { (u32)(value >> 32), (u32)value };

	fdt_out_cells(o, name, cells, 2);
}

void fdt_out_cells(struct fdt_out *o, const char *name, const u32 *cells, unsigned int count)
{
	u32 raw[CELLS_MAX];

	if (count > CELLS_MAX) {
		fdt_out_note(o, -FDT_ERR_BADVALUE);
		return;
	}
	for (unsigned int i = 0; i < count; i++) {
		raw[i] = cpu_to_fdt32(cells[i]);
	}
	fdt_out_bytes(o, name, raw, count * (u32)sizeof(u32));
}

/* A number in so many cells; false: it does not fit. */
static bool fdt_out_number(u32 *cells, unsigned int *n, u8 width, u64 value)
{
	if (width == 0 || width > 2 || (width == 1 && value >> 32)) {
		return false;
	}
	if (width == 2) {
		cells[(*n)++] = (u32)(value >> 32);
	}
	cells[(*n)++] = (u32)value;
	return true;
}

void fdt_out_ranges(
	struct fdt_out *o, const char *name, const struct dt_range *ranges, unsigned int count)
{
	u32 cells[CELLS_MAX];
	unsigned int n = 0;

	for (unsigned int i = 0; i < count; i++) {
		if (n + 4 > CELLS_MAX ||
			!fdt_out_number(cells, &n, o->address_cells, ranges[i].start) ||
			!fdt_out_number(cells, &n, o->size_cells, ranges[i].size)) {
			fdt_out_note(o, -FDT_ERR_BADNCELLS);
			return;
		}
	}
	fdt_out_cells(o, name, cells, n);
}

void fdt_out_ppis(struct fdt_out *o, const u32 *intids, unsigned int count)
{
	u32 cells[CELLS_MAX];
	unsigned int n = 0;

	for (unsigned int i = 0; i < count && n + 3 <= CELLS_MAX; i++) {
		cells[n++] = IRQ_PPI;
		cells[n++] = intids[i] - 16;
		cells[n++] = IRQ_ALL_CPUS | IRQ_LEVEL_LOW;
	}
	fdt_out_cells(o, "interrupts", cells, n);
}

void fdt_out_copy(struct fdt_out *o, const struct dt *dt, const struct dt_node *n,
	fdt_out_keep_fn *keep, void *arg)
{
	int at;

	fdt_for_each_property_offset(at, dt->blob, (int)n->offset)
	{
		const char *name;
		int size;
		const void *value = fdt_getprop_by_offset(dt->blob, at, &name, &size);

		if (value && (!keep || keep(arg, name, value, (u32)size))) {
			fdt_out_bytes(o, name, value, (u32)size);
		}
	}
}
