/* SPDX-License-Identifier: GPL-2.0-only */
/* Registers and interrupts of devices, from the host's tree and from partial ones. Maps nothing. */
#include "arch/arm/boot/passthrough.h"

#include <libfdt.h>

#include "lib/errno.h"
#include "lib/string.h"

#define SPI_FIRST 32

void resources_init(struct resources *r)
{
	rangeset_init(&r->pages, r->ranges, RESOURCES_RANGES);
	memset(r->spis, 0, sizeof(r->spis));
}

int resources_add(struct resources *r, u64 start, u64 size)
{
	if (size == 0) {
		return 0;
	}
	return rangeset_add(&r->pages, start >> PAGE_SHIFT, (start + size - 1) >> PAGE_SHIFT);
}

int resources_remove(struct resources *r, u64 start, u64 size)
{
	if (size == 0) {
		return 0;
	}
	return rangeset_remove(&r->pages, start >> PAGE_SHIFT, (start + size - 1) >> PAGE_SHIFT);
}

/* --- of a node --- */

static int resources_regs(const struct dt *dt, const struct dt_node *n, struct resources *r)
{
	struct dt_range range;
	int rc;

	for (unsigned int i = 0; (rc = dt_reg_cpu(dt, n, i, &range)) != -ENOENT; i++) {
		/* -ENXIO: behind a bus that the CPU does not see through, as I2C. */
		if (rc == -EINVAL || rc == -ENXIO) {
			return 0;
		}
		rc = rc ?: resources_add(r, range.start, range.size);
		if (rc) {
			return rc;
		}
	}
	return 0;
}

static void resources_spi(struct resources *r, u32 intid)
{
	if (intid >= SPI_FIRST && intid < RESOURCES_INTIDS) {
		bitmap_set(r->spis, intid);
	}
}

static void resources_irqs(const struct dt *dt, const struct dt_node *n, struct resources *r)
{
	struct dt_irq irq;
	int rc;

	for (unsigned int i = 0; (rc = dt_irq(dt, n, i, &irq)) != -ENOENT; i++) {
		if (rc == -EINVAL || i == RESOURCES_INTIDS) {
			return;
		}
		if (rc == 0) {
			resources_spi(r, irq.intid);
		}
	}
}

static u32 cell(const u8 *p, unsigned int i)
{
	return fdt32_ld((const fdt32_t *)(p + i * sizeof(u32)));
}

/*
 * interrupt-map (specification, 2.4.3): child address, child interrupt, controller, and in the
 * controller's own words its unit address and the interrupt.
 */
static void resources_irq_map(const struct dt *dt, const struct dt_node *n, struct resources *r)
{
	u32 size = 0, child_irq = 0;
	const u8 *p = dt_prop(dt, n, "interrupt-map", &size);
	unsigned int left = size / sizeof(u32), child;

	if (!p || dt_u32(dt, n, "#interrupt-cells", &child_irq) || child_irq > 8 ||
		n->address_cells > 8) {
		return;
	}
	child = n->address_cells + child_irq;
	while (left > child) {
		const struct dt_node *to = dt_by_phandle(dt, cell(p, child));
		u32 irq_cells = 0, address_cells = 0, skip;

		if (dt_u32(dt, to, "#interrupt-cells", &irq_cells) ||
			dt_u32(dt, to, "#address-cells", &address_cells) == -EINVAL ||
			irq_cells > 8 || address_cells > 8) {
			return;
		}
		skip = child + 1 + address_cells;
		if (left < skip + irq_cells) {
			return;
		}
		if (dt_gic_version(dt, to) && irq_cells >= 3 && cell(p, skip) == 0 &&
			cell(p, skip + 1) < RESOURCES_INTIDS) {
			resources_spi(r, SPI_FIRST + cell(p, skip + 1));
		}
		p += (skip + irq_cells) * sizeof(u32);
		left -= skip + irq_cells;
	}
}

/* --- windows of PCI host bridges --- */

static bool number(const u8 *p, unsigned int cells, u64 *out)
{
	if (cells == 0 || cells > 2) {
		return false;
	}
	*out = cells == 2 ? (u64)cell(p, 0) << 32 | cell(p, 1) : cell(p, 0);
	return true;
}

/* One step up: an address on this bus as its parent sees it. */
static bool translate(const struct dt *dt, const struct dt_node *bus, u64 size, u64 *address)
{
	const struct dt_node *parent = dt_parent(dt, bus);
	unsigned int c = bus->address_cells, u = parent->address_cells, s = bus->size_cells;
	u32 length = 0;
	const u8 *p = dt_prop(dt, bus, "ranges", &length);
	unsigned int entry = (c + u + s) * (unsigned int)sizeof(u32);

	if (!p || length == 0) {
		return p != NULL;
	}
	for (; entry && length >= entry; p += entry, length -= entry) {
		u64 from, to, n;

		if (number(p, c, &from) && number(p + c * sizeof(u32), u, &to) &&
			number(p + (c + u) * sizeof(u32), s, &n) && *address >= from &&
			*address - from < n && size <= n - (*address - from)) {
			*address = to + (*address - from);
			return true;
		}
	}
	return false;
}

static bool translate_all(const struct dt *dt, const struct dt_node *bus, u64 size, u64 *address)
{
	for (; dt_parent(dt, bus); bus = dt_parent(dt, bus)) {
		if (!translate(dt, bus, size, address)) {
			return false;
		}
	}
	return true;
}

/* ranges of a PCI host bridge (IEEE 1275 PCI binding): three cells of PCI address, whose first says
 * the space; the address above; the size. */
#define PCI_ADDRESS_CELLS 3
#define PCI_SIZE_CELLS 2

static int resources_windows(const struct dt *dt, const struct dt_node *n, struct resources *r)
{
	const struct dt_node *parent = dt_parent(dt, n);
	unsigned int up = parent ? parent->address_cells : 0;
	unsigned int entry = (PCI_ADDRESS_CELLS + up + PCI_SIZE_CELLS) * (unsigned int)sizeof(u32);
	u32 length = 0;
	const u8 *p = dt_prop(dt, n, "ranges", &length);
	int rc = 0;

	if (!p || !parent || n->address_cells != PCI_ADDRESS_CELLS ||
		n->size_cells != PCI_SIZE_CELLS) {
		return 0;
	}
	for (; length >= entry && !rc; p += entry, length -= entry) {
		u64 at, size;

		if (number(p + PCI_ADDRESS_CELLS * sizeof(u32), up, &at) &&
			number(p + (PCI_ADDRESS_CELLS + up) * sizeof(u32), PCI_SIZE_CELLS, &size) &&
			translate_all(dt, parent, size, &at) && at + size >= at) {
			rc = resources_add(r, at, size);
		}
	}
	return rc;
}

int resources_of(const struct dt *dt, const struct dt_node *n, struct resources *r)
{
	int rc = resources_regs(dt, n, r);

	if (!rc && dt_is_type(dt, n, "pci")) {
		rc = resources_windows(dt, n, r);
	}
	resources_irqs(dt, n, r);
	resources_irq_map(dt, n, r);
	return rc == -EINVAL ? 0 : rc;
}

/* --- dom0 --- */

/* No deeper than DT_DEPTH_MAX. */
static int resources_walk(const struct fdt_host *h, const struct dt_node *n, struct resources *r)
{
	int rc = resources_of(h->dt, n, r);

	dt_for_each_child(h->dt, n, child)
	{
		if (!rc && dt_available(h->dt, child) && fdt_dom0_keeps(h, child)) {
			rc = resources_walk(h, child, r);
		}
	}
	return rc;
}

/* Takes away what the set `lost` has. */
static int resources_subtract(struct resources *r, const struct resources *lost)
{
	const struct range *range;
	int rc = 0;

	rangeset_for_each(range, &lost->pages) {
		rc = rc ?: rangeset_remove(&r->pages, range->start, range->end);
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(r->spis); i++) {
		r->spis[i] &= ~lost->spis[i];
	}
	return rc;
}

int resources_dom0(const struct fdt_host *host, struct resources *r)
{
	static struct resources given; /* boot CPU */
	int rc = 0;

	resources_init(r);
	resources_init(&given);
	/* The root has no registers, but for whom `reg` of a child is one. */
	dt_for_each_child(host->dt, dt_root(host->dt), child)
	{
		if (!rc && dt_available(host->dt, child) && fdt_dom0_keeps(host, child)) {
			rc = resources_walk(host, child, r);
		}
	}
	dt_for_each_node(host->dt, n)
	{
		if (!rc && (n == host->uart || dt_has(host->dt, n, "xen,passthrough"))) {
			rc = resources_of(host->dt, n, &given);
		}
	}
	return rc ?: resources_subtract(r, &given);
}

/* --- partial trees --- */

struct reader {
	const struct dt *partial, *host;
	struct passthrough *out;
	const struct dt_node *bad;
	const char *why;
};

static int refuse(struct reader *r, const struct dt_node *n, const char *why, int rc)
{
	r->bad = n;
	r->why = why;
	return rc;
}

/* xen,reg: address of the machine, size, address in the guest. */
static int read_reg(struct reader *r, const struct dt_node *n)
{
	const struct dt_node *parent = dt_parent(r->partial, n);
	unsigned int a = parent->address_cells, s = parent->size_cells;
	unsigned int entry = (2 * a + s) * (unsigned int)sizeof(u32);
	u32 length = 0;
	const u8 *p = dt_prop(r->partial, n, "xen,reg", &length);

	if (a == 0 || a > 2 || s == 0 || s > 2 || length == 0 || length % entry) {
		return refuse(
			r, n, "xen,reg: not triples of address, size, guest address", -EINVAL);
	}
	for (; length; p += entry, length -= entry) {
		struct passthrough_range *to = &r->out->ranges[r->out->range_count];

		if (r->out->range_count == PASSTHROUGH_RANGES) {
			return refuse(r, n, "xen,reg: more than 64 ranges for one domain", -ENOSPC);
		}
		if (!number(p, a, &to->pa) || !number(p + a * sizeof(u32), s, &to->size) ||
			!number(p + (a + s) * sizeof(u32), a, &to->gpa)) {
			return refuse(r, n, "xen,reg: broken", -EINVAL);
		}
		if (to->size == 0 || !IS_ALIGNED(to->pa | to->gpa | to->size, PAGE_SIZE) ||
			to->pa + to->size < to->pa || to->gpa + to->size < to->gpa) {
			return refuse(r, n, "xen,reg: not in whole pages", -EINVAL);
		}
		r->out->range_count++;
	}
	return 0;
}

/* The interrupts of the device itself have the numbers that it has on the host. */
static int read_path(struct reader *r, const struct dt_node *n)
{
	static struct resources of; /* boot CPU */
	const char *path = dt_string(r->partial, n, "xen,path");
	const struct dt_node *device = path ? dt_find(r->host, path) : NULL;

	if (!device) {
		return refuse(r, n, "xen,path: the host's tree has no such node", -ENOENT);
	}
	if (!dt_has(r->host, device, "xen,passthrough")) {
		return refuse(r, n, "xen,path: that node of the host is not marked xen,passthrough",
			-EPERM);
	}
	resources_init(&of);
	resources_irqs(r->host, device, &of);
	for (unsigned int i = 0; i < ARRAY_SIZE(of.spis); i++) {
		r->out->spis[i] |= of.spis[i];
	}
	return 0;
}

/* `interrupts`, of a node without xen,path, in a GIC's words: its controller is the guest's. */
static int read_interrupts(struct reader *r, const struct dt_node *n)
{
	u32 length = 0;
	const u8 *p = dt_prop(r->partial, n, "interrupts", &length);

	for (; p && length >= 3 * sizeof(u32); p += 3 * sizeof(u32), length -= 3 * sizeof(u32)) {
		if (cell(p, 0) != 0) {
			continue;
		}
		if (cell(p, 1) >= RESOURCES_INTIDS - SPI_FIRST) {
			return refuse(r, n, "interrupts: no such SPI", -EINVAL);
		}
		bitmap_set(r->out->spis, SPI_FIRST + cell(p, 1));
	}
	return 0;
}

static int read_node(struct reader *r, const struct dt_node *n)
{
	bool reg = dt_has(r->partial, n, "xen,reg"), path = dt_has(r->partial, n, "xen,path");
	bool force = dt_has(r->partial, n, "xen,force-assign-without-iommu");
	int rc;

	if (!reg && !path) {
		return 0;
	}
	if (!reg) {
		return refuse(r, n, "xen,reg: missing beside xen,path", -EINVAL);
	}
	if (!force) {
		return refuse(r, n,
			"no IOMMU confines it: xen,force-assign-without-iommu is missing", -EPERM);
	}
	rc = read_reg(r, n);
	if (!rc) {
		rc = path ? read_path(r, n) : read_interrupts(r, n);
	}
	return rc;
}

/* No deeper than DT_DEPTH_MAX. */
static int read_below(struct reader *r, const struct dt_node *n)
{
	int rc = 0;

	dt_for_each_child(r->partial, n, child)
	{
		rc = rc ?: read_node(r, child);
		rc = rc ?: read_below(r, child);
	}
	return rc;
}

int passthrough_read(const struct dt *partial, const struct dt *host, struct passthrough *out,
	const struct dt_node **bad, const char **why)
{
	struct reader r = { .partial = partial, .host = host, .out = out };
	int rc;

	*out = (struct passthrough){ 0 };
	rc = read_below(&r, dt_find(partial, "/passthrough"));
	*bad = r.bad;
	*why = r.why;
	return rc;
}
