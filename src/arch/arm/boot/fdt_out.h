/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Writes a flattened device tree into a buffer, front to back. The first error sticks and what
 * follows does nothing, so that a writer asks once, at the end. Pure.
 */
#ifndef ARCH_ARM_BOOT_FDT_OUT_H
#define ARCH_ARM_BOOT_FDT_OUT_H

#include "lib/compiler.h"
#include "lib/fdt.h"

struct fdt_out {
	void *buf;
	int error; /* libfdt's */
	/* Of the node that is being written, for its children's regs. */
	u8 address_cells, size_cells;
};

void fdt_out_open(struct fdt_out *o, void *buf, u32 size);
/* Ends the tree: its size in bytes, or -ENOSPC (the buffer is too small), -EINVAL. */
int fdt_out_close(struct fdt_out *o);

void fdt_out_begin(struct fdt_out *o, const char *name);
void fdt_out_begin_at(struct fdt_out *o, const char *name, u64 unit); /* name@unit */
void fdt_out_end(struct fdt_out *o);

void fdt_out_bytes(struct fdt_out *o, const char *name, const void *p, u32 size);
void fdt_out_flag(struct fdt_out *o, const char *name); /* without content */
void fdt_out_string(struct fdt_out *o, const char *name, const char *s);
void fdt_out_u32(struct fdt_out *o, const char *name, u32 value);
void fdt_out_u64(struct fdt_out *o, const char *name, u64 value);
void fdt_out_cells(struct fdt_out *o, const char *name, const u32 *cells, unsigned int count);
/* A list of strings, each with its terminator: a string literal of them without the last. */
#define fdt_out_strings(o, name, literal) fdt_out_bytes(o, name, literal, sizeof(literal))
/* Pairs of address and size, with the cells of o. -EINVAL at the end if one does not fit. */
void fdt_out_ranges(
	struct fdt_out *o, const char *name, const struct dt_range *ranges, unsigned int count);
/* A GIC's specifiers of PPIs, level-triggered, on all CPUs. */
void fdt_out_ppis(struct fdt_out *o, const u32 *intids, unsigned int count);

/* Copies the properties of a node for which keep() is true. */
typedef bool fdt_out_keep_fn(void *arg, const char *name, const void *value, u32 size);
void fdt_out_copy(struct fdt_out *o, const struct dt *dt, const struct dt_node *n,
	fdt_out_keep_fn *keep, void *arg);

#endif
