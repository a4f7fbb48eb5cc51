/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One node xen,domain as a description: a table of its properties, each with a function that reads
 * it. Judges only what needs the tree or the machine; boot/desc.c does the rest.
 */
#include "boot/from_dt_internal.h"

#include "lib/errno.h"
#include "lib/string.h"

/* Xen's limits where nothing is said. */
#define EVTCHN_LIMIT 1024
#define GRANT_FRAMES 64
#define MAPTRACK_FRAMES 1024

/* --- memory --- */

static int read_memory(const struct from_dt *f, const struct dt_node *n, struct domain_desc *d)
{
	u64 kib, ram = memmap_ram_bytes(f->host->map);

	switch (dt_u64(f->dt, n, "memory", &kib)) {
	case 0:
		break;
	case -ENOENT:
		return from_dt_bad(f, n, "memory", "missing: KiB of RAM in two cells");
	default:
		return from_dt_bad(f, n, "memory", "not a number of KiB in one or two cells");
	}
	if (kib > ram >> 10) {
		return from_dt_bad(f, n, "memory", "%llu MiB, but this machine has %llu MiB",
			(unsigned long long)(kib >> 10), (unsigned long long)(ram >> 20));
	}
	if (!dt_has(f->dt, n, "xen,static-mem") && kib > f->host->available >> 10) {
		return from_dt_bad(f, n, "memory", "%llu MiB, but %llu MiB are free",
			(unsigned long long)(kib >> 10),
			(unsigned long long)(f->host->available >> 20));
	}
	d->memory = d->memory_max = kib << 10;
	return 0;
}

void from_dt_static_cells(const struct dt *dt, const struct dt_node *n, u8 *address, u8 *size)
{
	const struct dt_node *parent = dt_parent(dt, n);
	u32 cells;

	*address = parent->address_cells;
	*size = parent->size_cells;
	if (dt_u32(dt, n, "#xen,static-mem-address-cells", &cells) == 0) {
		*address = cells <= 4 ? (u8)cells : 0;
	}
	if (dt_u32(dt, n, "#xen,static-mem-size-cells", &cells) == 0) {
		*size = cells <= 4 ? (u8)cells : 0xff;
	}
}

static int read_static_mem(const struct from_dt *f, const struct dt_node *n, struct domain_desc *d)
{
	u8 address_cells, size_cells;
	struct dt_range r;
	int rc;

	from_dt_static_cells(f->dt, n, &address_cells, &size_cells);
	for (unsigned int i = 0;; i++) {
		rc = dt_pair(f->dt, n, "xen,static-mem", i, address_cells, size_cells, &r);
		if (rc == -ENOENT) {
			return 0;
		}
		if (rc) {
			return from_dt_bad(f, n, "xen,static-mem",
				"not pairs of %u and %u cells, or beyond the last address",
				address_cells, size_cells);
		}
		if (i == DESC_BANKS_MAX) {
			return from_dt_bad(f, n, "xen,static-mem", "more than 16 ranges");
		}
		if (!memmap_is(f->host->map, r.start, r.size, MEMMAP_RAM)) {
			return from_dt_bad(f, n, "xen,static-mem",
				"%#llx - %#llx is no memory of this machine",
				(unsigned long long)r.start,
				(unsigned long long)(r.start + r.size - 1));
		}
		d->banks[d->bank_count++] = (struct desc_bank){ r.start, r.size };
	}
}

static int read_direct_map(const struct from_dt *f, const struct dt_node *n, struct domain_desc *d)
{
	d->direct_mapped = dt_has(f->dt, n, "direct-map");
	return 0;
}

/* Page tables and the like: 1 MiB for each vCPU, 4 KiB for each MiB of RAM, 512 KiB. */
static int read_pool(const struct from_dt *f, const struct dt_node *n, struct domain_desc *d)
{
	u32 mib;
	int rc = dt_u32(f->dt, n, "xen,domain-p2m-mem-mb", &mib);

	if (rc == -EINVAL || (!rc && mib > f->host->available >> 20)) {
		return from_dt_bad(f, n, "xen,domain-p2m-mem-mb",
			"not a number of MiB in one cell, or more than are free");
	}
	d->pool_pages = rc ? 256 * (u64)d->vcpu_count + (d->memory >> 20) + 128
			   : (u64)mib << (20 - PAGE_SHIFT);
	return 0;
}

/* --- devices and interfaces --- */

static int read_cpus(const struct from_dt *f, const struct dt_node *n, struct domain_desc *d)
{
	u32 count;
	int rc = dt_u32(f->dt, n, "cpus", &count);

	if (rc) {
		return from_dt_bad(f, n, "cpus", "%s: the number of vCPUs in one cell",
			rc == -ENOENT ? "missing" : "another length");
	}
	if (count == 0 || count > f->host->vcpus_max) {
		return from_dt_bad(f, n, "cpus", "%u, but a domain has 1 to %u on this machine",
			count, f->host->vcpus_max);
	}
	d->vcpu_count = count;
	return 0;
}

/* As many as the machine has, when nothing is said, and always enough for the console's. */
static int read_spis(const struct from_dt *f, const struct dt_node *n, struct domain_desc *d)
{
	u32 count = f->host->spi_count;

	d->vpl011 = dt_has(f->dt, n, "vpl011");
	if (dt_u32(f->dt, n, "nr_spis", &count) == -EINVAL || count > 988) {
		return from_dt_bad(f, n, "nr_spis", "not a number up to 988 in one cell");
	}
	d->spi_count = d->vpl011 ? MAX(count, 1U) : count;
	return 0;
}

static const struct {
	const char *word;
	enum desc_enhanced value;
} enhanced_words[] = {
	{ "", DESC_ENHANCED },
	{ "enabled", DESC_ENHANCED },
	{ "disabled", DESC_PLAIN },
	{ "no-xenstore", DESC_NO_XENSTORE },
};

static int read_enhanced(const struct from_dt *f, const struct dt_node *n, struct domain_desc *d)
{
	u32 len = 0;
	const char *word = dt_string(f->dt, n, "xen,enhanced");

	if (!dt_prop(f->dt, n, "xen,enhanced", &len)) {
		return 0;
	}
	if (len == 0) {
		word = "";
	}
	for (unsigned int i = 0; word && i < ARRAY_SIZE(enhanced_words); i++) {
		if (strcmp(word, enhanced_words[i].word) == 0) {
			d->enhanced = enhanced_words[i].value;
			return 0;
		}
	}
	return from_dt_bad(f, n, "xen,enhanced", "none of \"\", enabled, disabled and no-xenstore");
}

static int read_cpupool(const struct from_dt *f, const struct dt_node *n, struct domain_desc *d)
{
	u32 phandle;
	int rc = dt_u32(f->dt, n, "domain-cpupool", &phandle), pool;

	if (rc == -ENOENT) {
		return 0;
	}
	pool = rc ? rc : from_dt_pool_by_phandle(f->out, phandle);
	if (pool < 0) {
		return from_dt_bad(f, n, "domain-cpupool", "no node xen,cpupool that is usable");
	}
	d->cpupool = (u32)pool;
	return 0;
}

static int read_limits(const struct from_dt *f, const struct dt_node *n, struct domain_desc *d)
{
	d->evtchn_limit = EVTCHN_LIMIT;
	d->grant_frames = GRANT_FRAMES;
	d->maptrack_frames = MAPTRACK_FRAMES;
	return 0;
}

static int read_modules(const struct from_dt *f, const struct dt_node *n, struct domain_desc *d)
{
	struct from_dt_modules m;

	from_dt_find_modules(f->dt, n, &m);
	d->cmdline = dt_string(f->dt, m.node[FROM_DT_KERNEL], "bootargs");
	d->cmdline = d->cmdline ? d->cmdline : "";
	return from_dt_take_modules(f, &m, n, d);
}

/* --- connections --- */

int from_dt_shared(const struct dt *dt, const struct dt_node *n, struct desc_shared *out)
{
	const struct dt_node *parent = dt_parent(dt, n);
	u8 a = parent->address_cells, s = parent->size_cells;
	struct desc_shared r = {};
	int rc = dt_cells(dt, n, "xen,shared-mem", 0, a, &r.pa);
	u64 beyond;

	rc = rc ? rc : dt_cells(dt, n, "xen,shared-mem", a, a, &r.gpa);
	rc = rc ? rc : dt_cells(dt, n, "xen,shared-mem", 2u * a, s, &r.size);
	if (!rc && dt_cells(dt, n, "xen,shared-mem", 2u * a + s, 1, &beyond) == 0) {
		rc = -EINVAL;
	}
	if (!rc) {
		*out = r;
	}
	return rc;
}

static int read_shared(const struct from_dt *f, const struct dt_node *n, struct domain_desc *d)
{
	const char *id = dt_string(f->dt, n, "xen,shm-id"), *role = dt_string(f->dt, n, "role");
	struct desc_shared *s = &d->shared[d->shared_count];

	if (d->shared_count == DESC_SHARED_MAX) {
		return from_dt_bad(f, n, "compatible", "more than 8 shared regions in one domain");
	}
	if (from_dt_shared(f->dt, n, s)) {
		return from_dt_bad(f, n, "xen,shared-mem",
			"not host address, guest address and size in the parent's cells");
	}
	if (!id || !*id || strlcpy(s->id, id, sizeof(s->id)) >= sizeof(s->id)) {
		return from_dt_bad(f, n, "xen,shm-id", "not a string of 1 to 15 characters");
	}
	if (dt_has(f->dt, n, "role") &&
		(!role || (strcmp(role, "owner") != 0 && strcmp(role, "borrower") != 0))) {
		return from_dt_bad(f, n, "role", "neither owner nor borrower");
	}
	if (s->size == 0 || !memmap_is(f->host->map, s->pa, s->size, MEMMAP_RAM)) {
		return from_dt_bad(f, n, "xen,shared-mem",
			"%#llx, %#llx bytes: no memory of this machine", (unsigned long long)s->pa,
			(unsigned long long)s->size);
	}
	s->owner = role && strcmp(role, "owner") == 0;
	d->shared_count++;
	return 0;
}

static bool is_channel(const struct dt *dt, const struct dt_node *n)
{
	return dt_compatible(dt, n, "xen,evtchn-v1");
}

/* Whose channel is it? The domain above it, or dom0 (0) when that is /chosen. */
static bool channel_owner(const struct dt *dt, const struct dt_node *n, u16 *id)
{
	const struct dt_node *parent = dt_parent(dt, n);

	*id = from_dt_domid(dt, parent);
	return *id != 0 || (parent && parent == dt_find(dt, "/chosen"));
}

/* That the other end leads back here is a matter between descriptions: desc_check_all(). */
static int read_channel(const struct from_dt *f, const struct dt_node *n, struct domain_desc *d)
{
	struct desc_channel *c = &d->channels[d->channel_count];
	const struct dt_node *peer;
	u32 phandle, len = 0;

	if (d->channel_count == DESC_CHANNELS_MAX) {
		return from_dt_bad(f, n, "compatible", "more than 16 event channels in one domain");
	}
	if (!dt_prop(f->dt, n, "xen,evtchn", &len) || len != 8 ||
		dt_cell(f->dt, n, "xen,evtchn", 0, &c->port) ||
		dt_cell(f->dt, n, "xen,evtchn", 1, &phandle)) {
		return from_dt_bad(f, n, "xen,evtchn", "not a port and the node of its other end");
	}
	peer = dt_by_phandle(f->dt, phandle);
	if (!is_channel(f->dt, peer) || !channel_owner(f->dt, peer, &c->peer)) {
		return from_dt_bad(
			f, n, "xen,evtchn", "the other end is no node xen,evtchn-v1 of a domain");
	}
	c->peer_port = 0;
	(void)dt_cell(f->dt, peer, "xen,evtchn", 0, &c->peer_port);
	d->channel_count++;
	return 0;
}

int from_dt_connections(
	const struct from_dt *f, const struct dt_node *parent, struct domain_desc *d)
{
	int rc = 0;

	dt_for_each_child(f->dt, parent, n)
	{
		if (!rc && dt_compatible(f->dt, n, "xen,domain-shared-memory-v1")) {
			rc = read_shared(f, n, d);
		}
		if (!rc && is_channel(f->dt, n)) {
			rc = read_channel(f, n, d);
		}
	}
	return rc;
}

/* --- all of it --- */

int from_dt_domain(const struct from_dt *f, const struct dt_node *n, struct domain_desc *d)
{
	/* read_pool() needs memory and vCPUs. */
	static int (*const readers[])(
		const struct from_dt *f, const struct dt_node *n, struct domain_desc *d) = {
		read_limits,
		read_memory,
		read_cpus,
		read_static_mem,
		read_direct_map,
		read_pool,
		read_spis,
		read_enhanced,
		read_cpupool,
		read_modules,
		from_dt_connections,
	};
	int rc = 0;

	for (unsigned int i = 0; !rc && i < ARRAY_SIZE(readers); i++) {
		rc = readers[i](f, n, d);
	}
	return rc;
}
