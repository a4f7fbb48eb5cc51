/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A flattened device tree, read-only: checked once and indexed, so that everything after that is a
 * bounded look-up. Functions are called dt_*, since fdt_* are libfdt's, which builds and edits
 * trees; dt_node.offset is a node's name there. Nothing in a tree is trusted. No allocation, no
 * log lines; any context.
 *
 * Facts: Devicetree Specification, release 0.3; chapter 5 for the format.
 */
#ifndef LIB_FDT_H
#define LIB_FDT_H

#include "lib/compiler.h"

#define DT_NODES_MAX 4096
#define DT_DEPTH_MAX 24
#define DT_PATH_MAX 128

struct dt_node {
	u32 offset;  /* in the structure block */
	u32 props;   /* of its first tag behind the name */
	u32 phandle; /* 0: none */
	/* Places in dt.nodes; 0: none, since the root is nobody's child. */
	u16 parent, child, next;
	/* #address-cells and #size-cells for its children; what it does not say is as in its
	 * parent. */
	u8 address_cells, size_cells;
};

struct dt {
	const u8 *blob;
	u32 size;
	const u8 *structure;
	u32 structure_size;
	const char *strings;
	u32 strings_size; /* the last byte is a terminator */
	unsigned int count;
	struct dt_node nodes[DT_NODES_MAX]; /* in the order of the tree; [0] is the root */
};

/*
 * Checks the whole tree of at most @size bytes at @blob, 8-byte aligned, and indexes it. -EINVAL:
 * broken; -E2BIG: more nodes or deeper than the limits above. *why says what, in a few words.
 */
int __must_check dt_open(struct dt *dt, const void *blob, u32 size, const char **why);

/* --- nodes: NULL in gives NULL (or false, or -ENOENT), so that look-ups can be nested --- */

const struct dt_node *dt_root(const struct dt *dt);
const struct dt_node *dt_parent(const struct dt *dt, const struct dt_node *n);
const struct dt_node *dt_child(const struct dt *dt, const struct dt_node *n);
const struct dt_node *dt_next(const struct dt *dt, const struct dt_node *n);
#define dt_for_each_child(dt, n, c) \
	for (const struct dt_node *c = dt_child(dt, n); c; c = dt_next(dt, c))
#define dt_for_each_node(dt, n) \
	for (const struct dt_node *n = (dt)->nodes; n < (dt)->nodes + (dt)->count; n++)

/* The name with its unit address: terminated, in the tree. */
const char *dt_name(const struct dt *dt, const struct dt_node *n);
/* Writes the full path, cut off at the front when it does not fit; returns buf. */
const char *dt_path(const struct dt *dt, const struct dt_node *n, char *buf, size_t size);
/* By path, or by alias and path behind it; a unit address may be left out. Ends at the end of the
 * string or at ':'. NULL: no such node. */
const struct dt_node *dt_find(const struct dt *dt, const char *path);
const struct dt_node *dt_by_phandle(const struct dt *dt, u32 phandle);
/* By libfdt's node offset. */
const struct dt_node *dt_at(const struct dt *dt, int offset);
/* The first node in the tree's order behind @after (NULL: of all) with that compatible string. */
const struct dt_node *dt_find_compatible(
	const struct dt *dt, const struct dt_node *after, const char *compatible);

/* --- properties --- */

/* NULL: absent. *len in bytes; len may be NULL. */
const void *dt_prop(const struct dt *dt, const struct dt_node *n, const char *name, u32 *len);
bool dt_has(const struct dt *dt, const struct dt_node *n, const char *name);
/* The first string; NULL: absent or not terminated. */
const char *dt_string(const struct dt *dt, const struct dt_node *n, const char *name);
/* The i-th of a list of strings, or NULL. */
const char *dt_string_at(
	const struct dt *dt, const struct dt_node *n, const char *name, unsigned int i);
bool dt_compatible(const struct dt *dt, const struct dt_node *n, const char *compatible);
/* No status, or one of "okay" and "ok". */
bool dt_available(const struct dt *dt, const struct dt_node *n);
bool dt_is_type(const struct dt *dt, const struct dt_node *n, const char *device_type);

/* One cell; one or two cells. -ENOENT: absent; -EINVAL: another length. *out is then as it was. */
int dt_u32(const struct dt *dt, const struct dt_node *n, const char *name, u32 *out);
int dt_u64(const struct dt *dt, const struct dt_node *n, const char *name, u64 *out);
/* Cell i of a property; -ENOENT: it is shorter. */
int dt_cell(
	const struct dt *dt, const struct dt_node *n, const char *name, unsigned int i, u32 *out);
/* The number in `count` cells (0 to 4) from cell `first` on. -ENOENT: absent or shorter; -EINVAL:
 * more than 64 bits. */
int dt_cells(const struct dt *dt, const struct dt_node *n, const char *name, unsigned int first,
	u8 count, u64 *out);

/* --- ranges --- */

struct dt_range {
	u64 start, size;
};

/*
 * Entry i of a property that holds pairs of so many cells. -ENOENT: there are fewer entries;
 * -EINVAL: the length is no multiple of an entry, or more than two cells are used (more than 64
 * bits), or the range wraps around.
 */
int dt_pair(const struct dt *dt, const struct dt_node *n, const char *name, unsigned int i,
	u8 address_cells, u8 size_cells, struct dt_range *out);
/* `reg`, entry i: as it stands there, and as the CPU sees it behind all buses. -ENXIO: a bus on the
 * way does not pass it on. */
int dt_reg(const struct dt *dt, const struct dt_node *n, unsigned int i, struct dt_range *out);
int dt_reg_cpu(const struct dt *dt, const struct dt_node *n, unsigned int i, struct dt_range *out);

/* --- interrupts --- */

struct dt_irq {
	u32 intid; /* of a GIC: PPIs from 16, SPIs from 32 */
	bool edge;
	const struct dt_node *controller;
};

/* 2 or 3: an Arm GIC of that version (of v2 with virtualisation, or without); 0: none. */
unsigned int dt_gic_version(const struct dt *dt, const struct dt_node *n);
/*
 * Interrupt i of a device, by `interrupts` and the nearest `interrupt-parent`, or by
 * `interrupts-extended`. -ENOENT: it has fewer; -EXDEV: it goes to another controller than a GIC;
 * -EINVAL: not in the GIC's binding.
 */
int dt_irq(const struct dt *dt, const struct dt_node *n, unsigned int i, struct dt_irq *out);

#endif
