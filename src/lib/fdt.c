/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Read-only access to a flattened device tree: see the header. The index is made in one pass that
 * checks every tag; whatever comes later relies on that, and on nothing else.
 */
#include "lib/fdt.h"

#include "lib/errno.h"
#include "lib/string.h"
#include <libfdt.h>

/* Behind a node's cells when they are not usable: 0 to 4 are. */
#define DT_CELLS_BAD 0xff
#define DT_CELLS_MAX 4

/* Of the root, when it does not say (specification, 2.3.5). */
#define DT_ROOT_ADDRESS_CELLS 2
#define DT_ROOT_SIZE_CELLS 1

static u32 be32(const void *p)
{
	u32 v;

	__builtin_memcpy(&v, p, sizeof(v));
	return __builtin_bswap32(v);
}

/* --- opening --- */

struct dt_scan {
	struct dt *dt;
	u32 at;			    /* in the structure block, a multiple of 4 */
	u32 depth;		    /* open nodes */
	u16 node;		    /* the innermost open one */
	bool ended;		    /* the root was closed */
	bool body;		    /* nodes began below this one: no more properties */
	u16 last[DT_DEPTH_MAX + 1]; /* the youngest child at each depth, 0: none */
	const char *why;
};

static int dt_refuse(struct dt_scan *s, int error, const char *why)
{
	s->why = why;
	return error;
}

static void dt_scan_link(struct dt_scan *s, struct dt_node *n, struct dt_node *parent)
{
	u16 self = (u16)(n - s->dt->nodes);

	n->address_cells = parent->address_cells;
	n->size_cells = parent->size_cells;
	if (s->last[s->depth]) {
		s->dt->nodes[s->last[s->depth]].next = self;
	} else {
		parent->child = self;
	}
}

static int dt_scan_begin(struct dt_scan *s)
{
	struct dt *dt = s->dt;
	const char *name = (const char *)dt->structure + s->at;
	size_t left = dt->structure_size - s->at;
	size_t len = strnlen(name, left);
	struct dt_node *n;

	if (len == left) {
		return dt_refuse(s, -EINVAL, "a node's name does not end");
	}
	if (dt->count == DT_NODES_MAX) {
		return dt_refuse(s, -E2BIG, "more than 4096 nodes");
	}
	if (s->depth == DT_DEPTH_MAX) {
		return dt_refuse(s, -E2BIG, "nodes are nested deeper than 24");
	}
	/* The root alone has no name. */
	if (s->ended || (s->depth == 0) != (len == 0)) {
		return dt_refuse(s, -EINVAL, "a node without name, or beside the root");
	}
	n = &dt->nodes[dt->count];
	*n = (struct dt_node){ .offset = s->at - 4,
		.parent = s->node,
		.address_cells = DT_ROOT_ADDRESS_CELLS,
		.size_cells = DT_ROOT_SIZE_CELLS };
	if (s->depth > 0) {
		dt_scan_link(s, n, &dt->nodes[s->node]);
	}
	s->last[s->depth] = (u16)dt->count;
	s->node = (u16)dt->count++;
	s->last[++s->depth] = 0;
	s->at = ALIGN_UP(s->at + (u32)len + 1, 4);
	n->props = s->at;
	s->body = false;
	return 0;
}

static int dt_scan_end(struct dt_scan *s)
{
	if (s->depth == 0) {
		return dt_refuse(s, -EINVAL, "more nodes end than begin");
	}
	s->depth--;
	s->ended = s->depth == 0;
	s->node = s->dt->nodes[s->node].parent;
	s->body = true;
	return 0;
}

static u8 dt_scan_cells(const u8 *data, u32 len)
{
	return len == 4 && be32(data) <= DT_CELLS_MAX ? (u8)be32(data) : DT_CELLS_BAD;
}

/* What is kept of properties. */
static void dt_scan_keep(struct dt_node *n, const char *name, const u8 *data, u32 len)
{
	if (strcmp(name, "#address-cells") == 0) {
		n->address_cells = dt_scan_cells(data, len);
	} else if (strcmp(name, "#size-cells") == 0) {
		n->size_cells = dt_scan_cells(data, len);
	} else if (len == 4 &&
		   (strcmp(name, "phandle") == 0 || strcmp(name, "linux,phandle") == 0)) {
		n->phandle = be32(data) == ~0U ? 0 : be32(data);
	}
}

static int dt_scan_prop(struct dt_scan *s)
{
	struct dt *dt = s->dt;
	u32 left = dt->structure_size - s->at;
	const u8 *p = dt->structure + s->at;

	if (s->depth == 0 || s->body) {
		return dt_refuse(s, -EINVAL, "a property outside its node");
	}
	if (left < 8 || be32(p) > left - 8) {
		return dt_refuse(s, -EINVAL, "a property longer than the tree");
	}
	if (be32(p + 4) >= dt->strings_size) {
		return dt_refuse(s, -EINVAL, "a property without name");
	}
	dt_scan_keep(&dt->nodes[s->node], dt->strings + be32(p + 4), p + 8, be32(p));
	s->at = ALIGN_UP(s->at + 8 + be32(p), 4);
	return 0;
}

static int dt_scan(struct dt_scan *s)
{
	struct dt *dt = s->dt;
	int rc = 0;

	while (rc == 0) {
		u32 tag;

		if (s->at > dt->structure_size || dt->structure_size - s->at < 4) {
			return dt_refuse(s, -EINVAL, "it breaks off");
		}
		tag = be32(dt->structure + s->at);
		s->at += 4;
		switch (tag) {
		case FDT_BEGIN_NODE:
			rc = dt_scan_begin(s);
			break;
		case FDT_END_NODE:
			rc = dt_scan_end(s);
			break;
		case FDT_PROP:
			rc = dt_scan_prop(s);
			break;
		case FDT_NOP:
			break;
		case FDT_END:
			return s->ended ? 0 : dt_refuse(s, -EINVAL, "nodes begin that do not end");
		default:
			return dt_refuse(s, -EINVAL, "an unknown tag");
		}
	}
	return rc;
}

/* Is [offset, offset + size) within the tree, behind its header? */
static bool dt_block_fits(const struct dt *dt, u32 offset, u32 size)
{
	return offset >= sizeof(struct fdt_header) && offset <= dt->size &&
	       size <= dt->size - offset;
}

/* The list of reserved ranges has to end. */
static bool dt_reserve_ends(const struct dt *dt)
{
	u32 at = fdt_off_mem_rsvmap(dt->blob);

	if (!IS_ALIGNED(at, 8)) {
		return false;
	}
	for (; dt_block_fits(dt, at, 16); at += 16) {
		const u8 *p = dt->blob + at;

		if ((be32(p + 8) | be32(p + 12)) == 0) {
			return true;
		}
	}
	return false;
}

static const char *dt_open_header(struct dt *dt, const void *blob, u32 size)
{
	u32 structure, strings;

	if (size < sizeof(struct fdt_header) || !IS_ALIGNED((uintptr_t)blob, 8) ||
		fdt_magic(blob) != FDT_MAGIC) {
		return "not a device tree";
	}
	if (fdt_version(blob) < 17 || fdt_last_comp_version(blob) > 17) {
		return "not of version 17";
	}
	if (fdt_totalsize(blob) > size || fdt_totalsize(blob) > INT32_MAX ||
		fdt_check_header(blob) != 0) {
		return "its header is broken, or it is longer than the memory for it";
	}
	structure = fdt_off_dt_struct(blob);
	strings = fdt_off_dt_strings(blob);
	dt->blob = blob;
	dt->count = 0;
	dt->size = fdt_totalsize(blob);
	dt->structure_size = fdt_size_dt_struct(blob);
	dt->strings_size = fdt_size_dt_strings(blob);
	if (!dt_block_fits(dt, structure, dt->structure_size) || !IS_ALIGNED(structure, 4) ||
		!dt_block_fits(dt, strings, dt->strings_size) || !dt_reserve_ends(dt)) {
		return "its header is broken";
	}
	dt->structure = dt->blob + structure;
	dt->strings = (const char *)dt->blob + strings;
	while (dt->strings_size > 0 && dt->strings[dt->strings_size - 1] != '\0') {
		dt->strings_size--;
	}
	return NULL;
}

int dt_open(struct dt *dt, const void *blob, u32 size, const char **why)
{
	struct dt_scan s = { .dt = dt };
	int rc;

	*why = dt_open_header(dt, blob, size);
	if (*why) {
		dt->count = 0;
		return -EINVAL;
	}
	rc = dt_scan(&s);
	if (rc) {
		*why = s.why;
		dt->count = 0;
	}
	return rc;
}

/* --- nodes --- */

const struct dt_node *dt_root(const struct dt *dt)
{
	return dt->count ? dt->nodes : NULL;
}

static const struct dt_node *dt_node_at(const struct dt *dt, u16 i)
{
	return i ? &dt->nodes[i] : NULL;
}

const struct dt_node *dt_parent(const struct dt *dt, const struct dt_node *n)
{
	return n && n != dt->nodes ? &dt->nodes[n->parent] : NULL;
}

const struct dt_node *dt_child(const struct dt *dt, const struct dt_node *n)
{
	return n ? dt_node_at(dt, n->child) : NULL;
}

const struct dt_node *dt_next(const struct dt *dt, const struct dt_node *n)
{
	return n ? dt_node_at(dt, n->next) : NULL;
}

const char *dt_name(const struct dt *dt, const struct dt_node *n)
{
	return n ? (const char *)dt->structure + n->offset + 4 : NULL;
}

const char *dt_path(const struct dt *dt, const struct dt_node *n, char *buf, size_t size)
{
	size_t at = size - 1;

	buf[at] = '\0';
	if (!n || n == dt->nodes) {
		strlcpy(buf, "/", size);
		return buf;
	}
	for (; n && n != dt->nodes; n = dt_parent(dt, n)) {
		const char *name = dt_name(dt, n);
		size_t len = strlen(name);

		if (len + 1 > at) {
			break;
		}
		at -= len;
		memcpy(buf + at, name, len);
		buf[--at] = '/';
	}
	memmove(buf, buf + at, size - at);
	return buf;
}

/* Is this the name's first len characters: all of it, or all before the unit address? */
static bool dt_name_is(const char *name, const char *s, size_t len)
{
	return strncmp(name, s, len) == 0 && (name[len] == '\0' || name[len] == '@') && len > 0;
}

static size_t dt_component(const char *s)
{
	size_t len = 0;

	while (s[len] != '\0' && s[len] != '/' && s[len] != ':') {
		len++;
	}
	return len;
}

/* From n down by the components of the path. */
static const struct dt_node *dt_walk(const struct dt *dt, const struct dt_node *n, const char *path)
{
	while (n) {
		const struct dt_node *c;
		size_t len;

		while (*path == '/') {
			path++;
		}
		len = dt_component(path);
		if (len == 0) {
			return n;
		}
		c = dt_child(dt, n);
		while (c && !dt_name_is(dt_name(dt, c), path, len)) {
			c = dt_next(dt, c);
		}
		n = c;
		path += len;
	}
	return NULL;
}

const struct dt_node *dt_find(const struct dt *dt, const char *path)
{
	char alias[32];
	const char *target;
	size_t len;

	if (!path || !dt->count) {
		return NULL;
	}
	if (*path == '/') {
		return dt_walk(dt, dt->nodes, path);
	}
	len = dt_component(path);
	if (len == 0 || len >= sizeof(alias)) {
		return NULL;
	}
	memcpy(alias, path, len);
	alias[len] = '\0';
	/* An alias stands for a full path, never for another alias. */
	target = dt_string(dt, dt_walk(dt, dt->nodes, "/aliases"), alias);
	if (!target || *target != '/') {
		return NULL;
	}
	return dt_walk(dt, dt_walk(dt, dt->nodes, target), path + len);
}

const struct dt_node *dt_by_phandle(const struct dt *dt, u32 phandle)
{
	for (unsigned int i = 0; phandle && i < dt->count; i++) {
		if (dt->nodes[i].phandle == phandle) {
			return &dt->nodes[i];
		}
	}
	return NULL;
}

const struct dt_node *dt_at(const struct dt *dt, int offset)
{
	for (unsigned int i = 0; offset >= 0 && i < dt->count; i++) {
		if (dt->nodes[i].offset == (u32)offset) {
			return &dt->nodes[i];
		}
	}
	return NULL;
}

const struct dt_node *dt_find_compatible(
	const struct dt *dt, const struct dt_node *after, const char *compatible)
{
	const struct dt_node *end = dt->nodes + dt->count;

	for (const struct dt_node *n = after ? after + 1 : dt->nodes; n < end; n++) {
		if (dt_compatible(dt, n, compatible)) {
			return n;
		}
	}
	return NULL;
}

/* --- properties --- */

const void *dt_prop(const struct dt *dt, const struct dt_node *n, const char *name, u32 *len)
{
	/* dt_scan() has seen that a tag follows each property, and that the last is FDT_END. */
	for (const u8 *p = n ? dt->structure + n->props : NULL; p;) {
		u32 tag = be32(p), size;

		p += 4;
		if (tag == FDT_NOP) {
			continue;
		}
		if (tag != FDT_PROP) {
			break;
		}
		size = be32(p);
		if (strcmp(dt->strings + be32(p + 4), name) == 0) {
			if (len) {
				*len = size;
			}
			return p + 8;
		}
		p += 8 + ALIGN_UP(size, 4);
	}
	return NULL;
}

bool dt_has(const struct dt *dt, const struct dt_node *n, const char *name)
{
	return dt_prop(dt, n, name, NULL) != NULL;
}

const char *dt_string_at(
	const struct dt *dt, const struct dt_node *n, const char *name, unsigned int i)
{
	u32 len = 0;
	const char *s = dt_prop(dt, n, name, &len);
	const char *end = s ? s + len : NULL;

	while (s && s < end) {
		size_t one = strnlen(s, (size_t)(end - s));

		if (s + one == end) {
			return NULL;
		}
		if (i-- == 0) {
			return s;
		}
		s += one + 1;
	}
	return NULL;
}

const char *dt_string(const struct dt *dt, const struct dt_node *n, const char *name)
{
	return dt_string_at(dt, n, name, 0);
}

bool dt_compatible(const struct dt *dt, const struct dt_node *n, const char *compatible)
{
	u32 len = 0, want = (u32)strlen(compatible) + 1;
	const char *s = dt_prop(dt, n, "compatible", &len);

	while (s && len >= want) {
		u32 one = (u32)strnlen(s, len) + 1;

		if (one == want && memcmp(s, compatible, want) == 0) {
			return true;
		}
		s += MIN(one, len);
		len -= MIN(one, len);
	}
	return false;
}

bool dt_available(const struct dt *dt, const struct dt_node *n)
{
	const char *status = dt_string(dt, n, "status");

	if (!n) {
		return false;
	}
	return status ? strcmp(status, "okay") == 0 || strcmp(status, "ok") == 0
		      : !dt_has(dt, n, "status");
}

bool dt_is_type(const struct dt *dt, const struct dt_node *n, const char *device_type)
{
	const char *type = dt_string(dt, n, "device_type");

	return type && strcmp(type, device_type) == 0;
}

int dt_cell(
	const struct dt *dt, const struct dt_node *n, const char *name, unsigned int i, u32 *out)
{
	u32 len = 0;
	const u8 *p = dt_prop(dt, n, name, &len);

	if (!p || i >= len / 4) {
		return -ENOENT;
	}
	*out = be32(p + 4 * i);
	return 0;
}

int dt_u32(const struct dt *dt, const struct dt_node *n, const char *name, u32 *out)
{
	u32 len = 0;
	const u8 *p = dt_prop(dt, n, name, &len);

	if (!p) {
		return -ENOENT;
	}
	if (len != 4) {
		return -EINVAL;
	}
	*out = be32(p);
	return 0;
}

int dt_u64(const struct dt *dt, const struct dt_node *n, const char *name, u64 *out)
{
	u32 len = 0;
	const u8 *p = dt_prop(dt, n, name, &len);

	if (!p) {
		return -ENOENT;
	}
	if (len != 4 && len != 8) {
		return -EINVAL;
	}
	*out = len == 4 ? be32(p) : (u64)be32(p) << 32 | be32(p + 4);
	return 0;
}

/* --- ranges --- */

/* A number of 0 to 4 cells; false: it has more than 64 bits. */
static bool dt_number(const u8 *p, u8 cells, u64 *out)
{
	*out = 0;
	for (u8 i = 0; i < cells; i++) {
		if (*out >> 32) {
			return false;
		}
		*out = *out << 32 | be32(p + 4 * i);
	}
	return true;
}

int dt_cells(const struct dt *dt, const struct dt_node *n, const char *name, unsigned int first,
	u8 count, u64 *out)
{
	u32 len = 0;
	const u8 *p = dt_prop(dt, n, name, &len);
	u64 v;

	if (!p || first > len / 4 || count > len / 4 - first) {
		return -ENOENT;
	}
	if (count > DT_CELLS_MAX || !dt_number(p + 4 * (size_t)first, count, &v)) {
		return -EINVAL;
	}
	*out = v;
	return 0;
}

int dt_pair(const struct dt *dt, const struct dt_node *n, const char *name, unsigned int i,
	u8 address_cells, u8 size_cells, struct dt_range *out)
{
	u32 len = 0, entry = 4 * ((u32)address_cells + size_cells);
	const u8 *p = dt_prop(dt, n, name, &len);
	struct dt_range r;

	if (!p) {
		return -ENOENT;
	}
	if (address_cells == 0 || address_cells > DT_CELLS_MAX || size_cells > DT_CELLS_MAX ||
		len % entry) {
		return -EINVAL;
	}
	if (i >= len / entry) {
		return -ENOENT;
	}
	p += i * entry;
	if (!dt_number(p, address_cells, &r.start) ||
		!dt_number(p + 4 * address_cells, size_cells, &r.size) ||
		r.start + r.size < r.start) {
		return -EINVAL;
	}
	*out = r;
	return 0;
}

int dt_reg(const struct dt *dt, const struct dt_node *n, unsigned int i, struct dt_range *out)
{
	const struct dt_node *parent = dt_parent(dt, n);

	if (!parent) {
		return -ENOENT;
	}
	return dt_pair(dt, n, "reg", i, parent->address_cells, parent->size_cells, out);
}

/* From the bus's own addresses to its parent's, by `ranges` (specification, 2.3.8). */
static int dt_translate(const struct dt *dt, const struct dt_node *bus, struct dt_range *r)
{
	const struct dt_node *parent = dt_parent(dt, bus);
	u8 child_cells = bus->address_cells, parent_cells = parent->address_cells;
	u32 len = 0, entry = 4 * ((u32)child_cells + parent_cells + bus->size_cells);
	const u8 *p = dt_prop(dt, bus, "ranges", &len);

	if (!p) {
		return -ENXIO;
	}
	if (len == 0) {
		return 0;
	}
	if (child_cells > DT_CELLS_MAX || parent_cells > DT_CELLS_MAX ||
		bus->size_cells > DT_CELLS_MAX || entry == 0 || len % entry) {
		return -EINVAL;
	}
	for (; len; len -= entry, p += entry) {
		u64 child, to, size;

		if (dt_number(p, child_cells, &child) &&
			dt_number(p + 4 * child_cells, parent_cells, &to) &&
			dt_number(p + 4 * (child_cells + parent_cells), bus->size_cells, &size) &&
			r->start >= child && r->start - child < size &&
			r->size <= size - (r->start - child) && to + size >= to) {
			r->start = to + (r->start - child);
			return 0;
		}
	}
	return -ENXIO;
}

int dt_reg_cpu(const struct dt *dt, const struct dt_node *n, unsigned int i, struct dt_range *out)
{
	struct dt_range r;
	int rc = dt_reg(dt, n, i, &r);

	for (const struct dt_node *bus = dt_parent(dt, n); !rc && bus != dt->nodes;
		bus = dt_parent(dt, bus)) {
		rc = dt_translate(dt, bus, &r);
	}
	if (!rc && r.start + r.size < r.start) {
		rc = -EINVAL;
	}
	if (!rc) {
		*out = r;
	}
	return rc;
}

/* --- interrupts --- */

/* The names of the bindings arm,gic.yaml and arm,gic-v3.yaml. */
static const struct {
	const char *compatible;
	unsigned int version;
} dt_gics[] = {
	{ "arm,gic-400", 2 },
	{ "arm,cortex-a15-gic", 2 },
	{ "arm,cortex-a7-gic", 2 },
	{ "arm,gic-v3", 3 },
};

unsigned int dt_gic_version(const struct dt *dt, const struct dt_node *n)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(dt_gics); i++) {
		if (dt_compatible(dt, n, dt_gics[i].compatible)) {
			return dt_gics[i].version;
		}
	}
	return 0;
}

/* Three cells or more: kind, number, flags. */
static int dt_irq_decode(const u8 *p, struct dt_irq *out)
{
	u32 kind = be32(p), number = be32(p + 4), sense = be32(p + 8) & 0xf;

	/* Interrupts of a CPU have the numbers 16 to 31, shared ones those from 32 to 1019. */
	if (kind > 1 || number >= (kind ? 16 : 988)) {
		return -EINVAL;
	}
	out->intid = number + (kind ? 16 : 32);
	out->edge = sense == 1 || sense == 2;
	return 0;
}

static int dt_irq_of(const struct dt *dt, const struct dt_node *controller, const u8 *p, u32 cells,
	struct dt_irq *out)
{
	if (!dt_gic_version(dt, controller)) {
		return -EXDEV;
	}
	if (cells < 3 || dt_irq_decode(p, out)) {
		return -EINVAL;
	}
	out->controller = controller;
	return 0;
}

/* Entry i of pairs of controller and its cells. */
static int dt_irq_extended(
	const struct dt *dt, const u8 *p, u32 len, unsigned int i, struct dt_irq *out)
{
	while (len >= 4) {
		const struct dt_node *controller = dt_by_phandle(dt, be32(p));
		u32 cells = 0;

		p += 4;
		len -= 4;
		if (dt_u32(dt, controller, "#interrupt-cells", &cells) || cells > len / 4) {
			return -EINVAL;
		}
		if (i-- == 0) {
			return dt_irq_of(dt, controller, p, cells, out);
		}
		p += 4 * cells;
		len -= 4 * cells;
	}
	return -ENOENT;
}

int dt_irq(const struct dt *dt, const struct dt_node *n, unsigned int i, struct dt_irq *out)
{
	u32 len = 0, phandle = 0, cells = 0;
	const struct dt_node *controller = NULL;
	const u8 *p = dt_prop(dt, n, "interrupts-extended", &len);

	if (p) {
		return dt_irq_extended(dt, p, len, i, out);
	}
	p = dt_prop(dt, n, "interrupts", &len);
	if (!p) {
		return -ENOENT;
	}
	for (const struct dt_node *at = n; at && !controller; at = dt_parent(dt, at)) {
		if (dt_u32(dt, at, "interrupt-parent", &phandle) == 0) {
			controller = dt_by_phandle(dt, phandle);
			break;
		}
	}
	if (dt_u32(dt, controller, "#interrupt-cells", &cells) || cells == 0) {
		return -EXDEV;
	}
	if (i >= len / 4 / cells) {
		return -ENOENT;
	}
	return dt_irq_of(dt, controller, p + 4 * (size_t)i * cells, cells, out);
}
