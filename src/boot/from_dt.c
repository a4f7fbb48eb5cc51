/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * /chosen as a whole: which memory it gives away, whose options are whose, dom0, and the domains
 * that remain when the refused ones are left out. Nothing here touches the memory that it names.
 */
#include "boot/from_dt.h"

#include "boot/desc.h"
#include "boot/dom0_mem.h"
#include "boot/dom0_vcpus.h"
#include "boot/from_dt_internal.h"
#include "core/log.h"
#include "lib/errno.h"
#include "lib/printf.h"
#include "lib/string.h"

/* What dom0 gets when nobody says how much. */
#define DOM0_MEM_UNSAID MiB(512)

static const struct dt_node *chosen_of(const struct dt *dt)
{
	return dt_find(dt, "/chosen");
}

static bool is_domain(const struct dt *dt, const struct dt_node *n)
{
	return dt_compatible(dt, n, "xen,domain");
}

u16 from_dt_domid(const struct dt *dt, const struct dt_node *n)
{
	u16 id = 0;

	dt_for_each_child(dt, chosen_of(dt), c)
	{
		id += is_domain(dt, c);
		if (c == n) {
			return is_domain(dt, c) ? id : 0;
		}
	}
	return 0;
}

int from_dt_bad(const struct from_dt *f, const struct dt_node *n, const char *property,
	const char *fmt, ...)
{
	char path[DT_PATH_MAX], text[128];
	va_list ap;

	va_start(ap, fmt);
	fmt_vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	log_err("device tree: %s: %s: %s", dt_path(f->dt, n, path, sizeof(path)), property, text);
	return -EINVAL;
}

/* --- what is given away --- */

struct claims {
	const struct dt *dt;
	from_dt_claim_fn *fn;
	void *arg;
};

static int claim(const struct claims *c, enum from_dt_claim what, const struct dt_node *n,
	const struct dt_range *r)
{
	const char *cmdline = dt_string(c->dt, n, "bootargs");

	return r->size ? c->fn(c->arg, what, n, r, cmdline ? cmdline : "") : 0;
}

static int claim_pairs(const struct claims *c, enum from_dt_claim what, const struct dt_node *n,
	const char *property, u8 address_cells, u8 size_cells)
{
	struct dt_range r;
	int rc = 0;

	for (unsigned int i = 0; !rc; i++) {
		if (dt_pair(c->dt, n, property, i, address_cells, size_cells, &r)) {
			break;
		}
		rc = claim(c, what, n, &r);
	}
	return rc;
}

/* A module or a shared region, below /chosen or a domain. */
static int claim_part(const struct claims *c, const struct dt_node *n)
{
	struct desc_shared shared;
	struct dt_range r;

	if (from_dt_is_module(c->dt, n)) {
		return dt_reg(c->dt, n, 0, &r) ? 0 : claim(c, FROM_DT_MODULE, n, &r);
	}
	if (dt_compatible(c->dt, n, "xen,domain-shared-memory-v1") &&
		!from_dt_shared(c->dt, n, &shared)) {
		r = (struct dt_range){ shared.pa, shared.size };
		return r.start + r.size < r.start ? 0 : claim(c, FROM_DT_SHARED_MEM, n, &r);
	}
	return 0;
}

static int claim_domain(const struct claims *c, const struct dt_node *n)
{
	u8 address_cells, size_cells;
	int rc;

	from_dt_static_cells(c->dt, n, &address_cells, &size_cells);
	rc = claim_pairs(c, FROM_DT_STATIC_MEM, n, "xen,static-mem", address_cells, size_cells);
	dt_for_each_child(c->dt, n, part)
	{
		rc = rc ? rc : claim_part(c, part);
	}
	return rc;
}

/* As boot loaders tell a kernel of its ramdisk; the end is exclusive. */
static bool find_initrd(const struct dt *dt, const struct dt_node *chosen, struct dt_range *out)
{
	u64 start, end;

	if (dt_u64(dt, chosen, "linux,initrd-start", &start) ||
		dt_u64(dt, chosen, "linux,initrd-end", &end) || end <= start) {
		return false;
	}
	*out = (struct dt_range){ start, end - start };
	return true;
}

int from_dt_claims(const struct dt *dt, from_dt_claim_fn *fn, void *arg)
{
	struct claims c = { dt, fn, arg };
	const struct dt_node *chosen = chosen_of(dt), *root = dt_root(dt);
	struct dt_range initrd;
	int rc;

	if (!chosen) {
		return 0;
	}
	/* Of the root's cells, unlike the rest of /chosen. */
	rc = claim_pairs(&c, FROM_DT_STATIC_HEAP, chosen, "xen,static-heap", root->address_cells,
		root->size_cells);
	if (!rc && find_initrd(dt, chosen, &initrd)) {
		rc = fn(arg, FROM_DT_MODULE, chosen, &initrd, "");
	}
	dt_for_each_child(dt, chosen, n)
	{
		if (!rc) {
			rc = is_domain(dt, n) ? claim_domain(&c, n) : claim_part(&c, n);
		}
	}
	return rc;
}

/* --- whose options --- */

/* bootargs of dom0's kernel, or NULL. */
static const char *kernel_bootargs(const struct dt *dt)
{
	struct from_dt_modules m;
	const char *s;

	from_dt_find_modules(dt, chosen_of(dt), &m);
	s = dt_string(dt, m.node[FROM_DT_KERNEL], "bootargs");
	return s && *s ? s : NULL;
}

const char *from_dt_options(const struct dt *dt)
{
	const struct dt_node *chosen = chosen_of(dt);
	const char *own = dt_string(dt, chosen, "xen,xen-bootargs");

	if (!own && (dt_has(dt, chosen, "xen,dom0-bootargs") || kernel_bootargs(dt))) {
		own = dt_string(dt, chosen, "bootargs");
	}
	return own ? own : "";
}

/* Where nothing else says what they are, bootargs are dom0's. */
static const char *dom0_cmdline(const struct dt *dt)
{
	const struct dt_node *chosen = chosen_of(dt);
	const char *s = kernel_bootargs(dt);

	s = s ? s : dt_string(dt, chosen, "xen,dom0-bootargs");
	s = s ? s : dt_string(dt, chosen, "bootargs");
	return s ? s : "";
}

/* --- modules --- */

/* Names of today and, below, of Xen 4.4. */
static const struct {
	const char *compatible;
	enum from_dt_module_kind kind;
} module_kinds[] = {
	{ "multiboot,kernel", FROM_DT_KERNEL },
	{ "multiboot,ramdisk", FROM_DT_RAMDISK },
	{ "multiboot,device-tree", FROM_DT_DEVICE_TREE },
	{ "xen,xsm-policy", FROM_DT_OTHER },
	{ "xen,linux-zimage", FROM_DT_KERNEL },
	{ "xen,linux-initrd", FROM_DT_RAMDISK },
};

bool from_dt_is_module(const struct dt *dt, const struct dt_node *n)
{
	return dt_compatible(dt, n, "multiboot,module") ||
	       dt_compatible(dt, n, "xen,multiboot-module");
}

/* FROM_DT_KINDS: it does not say. */
static enum from_dt_module_kind module_kind(const struct dt *dt, const struct dt_node *n)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(module_kinds); i++) {
		if (dt_compatible(dt, n, module_kinds[i].compatible)) {
			return module_kinds[i].kind;
		}
	}
	return FROM_DT_KINDS;
}

/* Of those that do not say what they are, the first is the kernel and the second the ramdisk,
 * unless another says that it is. */
static void guess_modules(
	const struct dt *dt, const struct dt_node *parent, struct from_dt_modules *out)
{
	dt_for_each_child(dt, parent, n)
	{
		if (!from_dt_is_module(dt, n) || module_kind(dt, n) != FROM_DT_KINDS) {
			continue;
		}
		if (!out->node[FROM_DT_KERNEL]) {
			out->node[FROM_DT_KERNEL] = n;
		} else if (!out->node[FROM_DT_RAMDISK]) {
			out->node[FROM_DT_RAMDISK] = n;
		}
	}
}

void from_dt_find_modules(
	const struct dt *dt, const struct dt_node *parent, struct from_dt_modules *out)
{
	*out = (struct from_dt_modules){};
	dt_for_each_child(dt, parent, n)
	{
		enum from_dt_module_kind kind;

		kind = from_dt_is_module(dt, n) ? module_kind(dt, n) : FROM_DT_KINDS;
		if (kind == FROM_DT_KINDS) {
			continue;
		}
		if (!out->node[kind]) {
			out->node[kind] = n;
		} else if (kind != FROM_DT_OTHER) {
			out->again = n;
		}
	}
	guess_modules(dt, parent, out);
}

static const struct boot_module *known_module(
	const struct from_dt_host *host, const struct dt_range *r)
{
	for (unsigned int i = 0; i < host->module_count; i++) {
		if (host->modules[i].start.v == r->start && host->modules[i].size == r->size) {
			return &host->modules[i];
		}
	}
	return NULL;
}

static int take_range(const struct from_dt *f, const struct dt_node *n, const char *property,
	const struct dt_range *r, const struct boot_module **out)
{
	if (r->size == 0) {
		return from_dt_bad(f, n, property, "the file is empty");
	}
	if (!memmap_is(f->host->map, r->start, r->size, MEMMAP_RAM)) {
		return from_dt_bad(f, n, property, "%#llx - %#llx is no memory of this machine",
			(unsigned long long)r->start, (unsigned long long)(r->start + r->size - 1));
	}
	*out = known_module(f->host, r);
	return *out ? 0 : from_dt_bad(f, n, property, "one of too many modules");
}

static int take_module(
	const struct from_dt *f, const struct dt_node *n, const struct boot_module **out)
{
	struct dt_range r;

	if (!n) {
		return 0;
	}
	if (dt_reg(f->dt, n, 0, &r)) {
		return from_dt_bad(f, n, "reg", "needs the address and the size of the file");
	}
	return take_range(f, n, "reg", &r, out);
}

int from_dt_take_modules(const struct from_dt *f, const struct from_dt_modules *m,
	const struct dt_node *n, struct domain_desc *d)
{
	int rc;

	if (m->again) {
		return from_dt_bad(f, m->again, "compatible", "a second module of this kind");
	}
	if (!m->node[FROM_DT_KERNEL]) {
		return from_dt_bad(f, n, "multiboot,kernel", "no such module below this node");
	}
	rc = take_module(f, m->node[FROM_DT_KERNEL], &d->kernel);
	rc = rc ? rc : take_module(f, m->node[FROM_DT_RAMDISK], &d->ramdisk);
	return rc ? rc : take_module(f, m->node[FROM_DT_DEVICE_TREE], &d->device_tree);
}

/* --- dom0 --- */

static int dom0_memory(const struct from_dt *f, struct domain_desc *d)
{
	u64 available = f->host->available, ram = memmap_ram_bytes(f->host->map);
	struct dom0_mem_result mem;
	const char *why = NULL;

	if (dom0_mem_get(available, &mem, &why)) {
		log_err("dom0_mem: %s", why);
		return -EINVAL;
	}
	if (!dom0_mem_given() && available > DOM0_MEM_UNSAID) {
		mem.bytes = DOM0_MEM_UNSAID;
		log_warn("dom0_mem: not given: dom0 gets 512 MiB");
	}
	if (mem.asked > ALIGN_UP(ram, GiB(1))) {
		log_err("dom0_mem: asks for %llu MiB, but this machine has %llu MiB",
			(unsigned long long)(mem.asked >> 20), (unsigned long long)(ram >> 20));
		return -EINVAL;
	}
	if (mem.asked > available) {
		log_warn("dom0_mem: asks for %llu MiB, but %llu MiB are free: dom0 gets %llu MiB",
			(unsigned long long)(mem.asked >> 20),
			(unsigned long long)(available >> 20),
			(unsigned long long)(mem.bytes >> 20));
	}
	d->memory = mem.bytes;
	d->memory_max = MAX(mem.max, mem.bytes);
	return 0;
}

static int dom0_ramdisk(const struct from_dt *f, struct domain_desc *d)
{
	const struct dt_node *chosen = chosen_of(f->dt);
	struct dt_range initrd;

	if (d->ramdisk || !find_initrd(f->dt, chosen, &initrd)) {
		return 0;
	}
	return take_range(f, chosen, "linux,initrd-start", &initrd, &d->ramdisk);
}

static int describe_dom0(
	const struct from_dt *f, const struct from_dt_modules *m, struct domain_desc *d)
{
	const struct dt_node *chosen = chosen_of(f->dt);
	const struct from_dt_config *c = f->out;
	unsigned int cpus = c->pool_count ? c->pools[0].cpu_count : f->host->cpu_count;
	int rc;

	*d = (struct domain_desc){
		.id = 0,
		.name = "Domain-0",
		.where = "/chosen",
		.privileged = true,
		.hardware = true,
		.direct_mapped = true,
		.enhanced = DESC_ENHANCED,
		.cmdline = dom0_cmdline(f->dt),
		.vcpu_count = MIN(dom0_vcpus(cpus), f->host->vcpus_max),
		.evtchn_limit = 0x20000,
		.grant_frames = 64,
		.maptrack_frames = 1024,
	};
	rc = from_dt_take_modules(f, m, chosen, d);
	rc = rc ? rc : dom0_ramdisk(f, d);
	rc = rc ? rc : from_dt_connections(f, chosen, d);
	rc = rc ? rc : dom0_memory(f, d);
	d->pool_pages = 4096 + (d->memory >> PAGE_SHIFT) / 128 + 64 * d->vcpu_count;
	return rc;
}

/* --- all domains --- */

static void refuse_domain(const struct from_dt *f, const char *where)
{
	log_err("%s: the domain is not started", where);
	f->out->refused_count++;
}

/* Keeps what describe gave, if it is right. */
static void keep_domain(const struct from_dt *f, struct domain_desc *d, int rc)
{
	const char *why;

	if (!rc && desc_check(d, &why)) {
		log_err("device tree: %s: %s", d->where, why);
		rc = -EINVAL;
	}
	if (rc) {
		refuse_domain(f, d->where);
	} else {
		f->out->domain_count++;
	}
}

static void add_dom0(const struct from_dt *f)
{
	struct domain_desc *d = &f->out->domains[0];
	struct from_dt_modules m;

	from_dt_find_modules(f->dt, chosen_of(f->dt), &m);
	if (m.node[FROM_DT_KERNEL]) {
		keep_domain(f, d, describe_dom0(f, &m, d));
	}
}

/* The node's name as far as a domain's name may be long. */
static void name_domain(const struct from_dt *f, const struct dt_node *n, struct domain_desc *d)
{
	unsigned int i = f->out->domain_count;
	char *name = f->out->names[i];
	char *unit;

	strlcpy(name, dt_name(f->dt, n), sizeof(f->out->names[i]));
	unit = strchr(name, '@');
	if (unit) {
		*unit = '\0';
	}
	d->name = name;
	d->where = dt_path(f->dt, n, f->out->where[i], sizeof(f->out->where[i]));
}

static void add_domain(const struct from_dt *f, const struct dt_node *n)
{
	struct from_dt_config *c = f->out;
	struct domain_desc *d;

	if (c->domain_count == FROM_DT_DOMAINS_MAX) {
		from_dt_bad(f, n, "compatible", "more than 32 domains");
		c->refused_count++;
		return;
	}
	d = &c->domains[c->domain_count];
	*d = (struct domain_desc){ .id = from_dt_domid(f->dt, n) };
	name_domain(f, n, d);
	keep_domain(f, d, from_dt_domain(f, n, d));
}

/* Leaves out domain i; the texts stay where the others point to. */
static void remove_domain(struct from_dt_config *c, unsigned int i)
{
	memmove(&c->domains[i], &c->domains[i + 1],
		(c->domain_count - i - 1) * sizeof(c->domains[0]));
	c->domain_count--;
}

static bool have_domain(const struct from_dt_config *c, u16 id)
{
	for (unsigned int i = 0; i < c->domain_count; i++) {
		if (c->domains[i].id == id) {
			return true;
		}
	}
	return false;
}

/* A channel to a domain that is not started has no other end. */
static void prune_channels(const struct from_dt *f, struct domain_desc *d)
{
	unsigned int kept = 0;

	for (unsigned int i = 0; i < d->channel_count; i++) {
		const struct desc_channel *ch = &d->channels[i];

		if (have_domain(f->out, ch->peer)) {
			d->channels[kept++] = *ch;
		} else {
			log_warn("%s: xen,evtchn: port %u is not there, since domain %u is not",
				d->where, ch->port, ch->peer);
		}
	}
	d->channel_count = kept;
}

/* Until those that are left fit together. */
static void check_domains(const struct from_dt *f)
{
	struct from_dt_config *c = f->out;
	struct desc_conflict x;

	for (;;) {
		for (unsigned int i = 0; i < c->domain_count; i++) {
			prune_channels(f, &c->domains[i]);
		}
		if (!desc_check_all(c->domains, c->domain_count, &x)) {
			break;
		}
		log_err("device tree: %s: %s: %s", c->domains[x.which].where, x.why,
			c->domains[x.other].where);
		refuse_domain(f, c->domains[x.which].where);
		remove_domain(c, x.which);
	}
}

void from_dt(const struct dt *dt, const struct from_dt_host *host, struct from_dt_config *out)
{
	struct from_dt f = { dt, host, out };

	out->domain_count = out->refused_count = out->pool_count = 0;
	from_dt_pools(&f);
	add_dom0(&f);
	dt_for_each_child(dt, chosen_of(dt), n)
	{
		if (is_domain(dt, n) && dt_available(dt, n)) {
			add_domain(&f, n);
		}
	}
	check_domains(&f);
}
