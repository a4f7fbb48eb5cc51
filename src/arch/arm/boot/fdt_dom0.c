/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * dom0's tree: the host's, node by node, without what the hypervisor keeps or others are given, and
 * with its own CPUs, memory, interrupt controller and timer. A table says what becomes of a node.
 */
#include "arch/arm/boot/fdt_plan.h"

#include <libfdt.h>

#include "lib/errno.h"
#include "lib/string.h"

struct writer {
	struct fdt_out out;
	const struct fdt_plan *plan;
	const struct fdt_host *host;
};

static bool begins(const char *s, const char *with)
{
	return strncmp(s, with, strlen(with)) == 0;
}

static bool matches_any(
	const struct dt *dt, const struct dt_node *n, const char *const *list, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		if (dt_compatible(dt, n, list[i])) {
			return true;
		}
	}
	return false;
}

static bool is_below_root(const struct dt *dt, const struct dt_node *n, const char *name)
{
	return dt_parent(dt, n) == dt_root(dt) && strcmp(dt_name(dt, n), name) == 0;
}

/* --- which nodes are whose --- */

static bool is_given_away(const struct fdt_host *h, const struct dt_node *n)
{
	return dt_has(h->dt, n, "xen,passthrough");
}

static bool is_uart(const struct fdt_host *h, const struct dt_node *n)
{
	return n == h->uart;
}

/* Modules, domains, and whatever else is said to a hypervisor. */
static bool is_for_hypervisor(const struct fdt_host *h, const struct dt_node *n)
{
	const char *s;

	for (unsigned int i = 0; (s = dt_string_at(h->dt, n, "compatible", i)) != NULL; i++) {
		if (begins(s, "xen,") || begins(s, "multiboot,")) {
			return true;
		}
	}
	return false;
}

static bool is_memory(const struct fdt_host *h, const struct dt_node *n)
{
	return dt_is_type(h->dt, n, "memory");
}

static bool is_cpus(const struct fdt_host *h, const struct dt_node *n)
{
	return is_below_root(h->dt, n, "cpus");
}

static bool is_psci(const struct fdt_host *h, const struct dt_node *n)
{
	static const char *const names[] = { "arm,psci-1.0", "arm,psci-0.2", "arm,psci" };

	return is_below_root(h->dt, n, "psci") || matches_any(h->dt, n, names, ARRAY_SIZE(names));
}

/* Its counters and its interrupt are the hypervisor's: guests find no PMU. */
static bool is_pmu(const struct fdt_host *h, const struct dt_node *n)
{
	static const char *const names[] = { "arm,armv8-pmuv3", "arm,cortex-a53-pmu",
		"arm,cortex-a55-pmu", "arm,cortex-a57-pmu", "arm,cortex-a72-pmu",
		"arm,cortex-a73-pmu", "arm,cortex-a75-pmu", "arm,cortex-a76-pmu",
		"arm,cortex-a15-pmu", "arm,cortex-a7-pmu" };

	return matches_any(h->dt, n, names, ARRAY_SIZE(names));
}

static bool is_gic(const struct fdt_host *h, const struct dt_node *n)
{
	return n == h->gic;
}

static bool is_timer(const struct fdt_host *h, const struct dt_node *n)
{
	static const char *const names[] = { "arm,armv8-timer", "arm,armv7-timer" };

	return matches_any(h->dt, n, names, ARRAY_SIZE(names));
}

static bool is_chosen(const struct fdt_host *h, const struct dt_node *n)
{
	return is_below_root(h->dt, n, "chosen");
}

/* Firmware that only the hypervisor may call, by SMC. */
static bool is_firmware_call(const struct fdt_host *h, const struct dt_node *n)
{
	static const char *const names[] = { "linaro,optee-tz", "arm,scmi-smc" };

	return matches_any(h->dt, n, names, ARRAY_SIZE(names));
}

/* --- nodes of its own --- */

static const struct dt_node *next_cpu(const struct dt *dt, const struct dt_node *n)
{
	while (n && !dt_is_type(dt, n, "cpu")) {
		n = dt_next(dt, n);
	}
	return n;
}

/* As many as it has vCPUs; each looks like one of the host's, in order, and the rest like the last.
 */
static void write_cpus(struct writer *w)
{
	const struct dt *dt = w->host->dt;
	const struct dt_node *n = next_cpu(dt, dt_child(dt, dt_find(dt, "/cpus"))), *next;
	bool own = n != NULL;

	fdt_out_begin(&w->out, "cpus");
	fdt_out_u32(&w->out, "#address-cells", 1);
	fdt_out_u32(&w->out, "#size-cells", 0);
	for (unsigned int i = 0; i < w->plan->vcpu_count; i++) {
		u32 size = 0;
		const void *compatible = dt_prop(dt, n, "compatible", &size);

		fdt_out_begin_at(&w->out, "cpu", w->plan->mpidr[i]);
		fdt_out_string(&w->out, "device_type", "cpu");
		if (compatible) {
			fdt_out_bytes(&w->out, "compatible", compatible, size);
		} else {
			fdt_out_string(&w->out, "compatible", "arm,armv8");
		}
		fdt_out_string(&w->out, "enable-method", "psci");
		fdt_out_u32(&w->out, "reg", (u32)w->plan->mpidr[i]);
		if (own && n->phandle) {
			fdt_out_u32(&w->out, "phandle", n->phandle);
		}
		fdt_out_end(&w->out);
		next = n ? next_cpu(dt, dt_next(dt, n)) : NULL;
		own = next != NULL;
		n = next ?: n;
	}
	fdt_out_end(&w->out);
}

static bool keep_gic(void *arg, const char *name, const void *value, u32 size)
{
	static const char *const dropped[] = { "reg", "interrupts", "interrupts-extended",
		"interrupt-names", "ranges", "#redistributor-regions", "msi-controller",
		"#msi-cells", "mbi-ranges", "mbi-alias" };

	for (unsigned int i = 0; i < ARRAY_SIZE(dropped); i++) {
		if (strcmp(name, dropped[i]) == 0) {
			return false;
		}
	}
	return true;
}

/* The registers that are emulated for it lie where the host's do: the first entries of reg. */
static void write_gic(struct writer *w, const struct dt_node *n)
{
	const struct dt *dt = w->host->dt;
	const struct dt_node *parent = dt_parent(dt, n);
	bool v3 = w->plan->gic.version == 3;
	unsigned int entries = v3 ? 1 + w->plan->gic.redist_count : 2;
	u32 cells = parent ? parent->address_cells + parent->size_cells : 0;
	u32 size = 0;
	const void *reg = dt_prop(dt, n, "reg", &size);

	fdt_out_begin(&w->out, dt_name(dt, n));
	fdt_out_copy(&w->out, dt, n, keep_gic, NULL);
	if (reg) {
		fdt_out_bytes(&w->out, "reg", reg, MIN(size, entries * cells * 4));
	}
	if (v3 && w->plan->gic.redist_count > 1) {
		fdt_out_u32(&w->out, "#redistributor-regions", w->plan->gic.redist_count);
	}
	fdt_out_end(&w->out);
}

static bool keep_timer(void *arg, const char *name, const void *value, u32 size)
{
	return !begins(name, "interrupt");
}

static void write_timer(struct writer *w, const struct dt_node *n)
{
	u32 ppis[] = { w->plan->timer.secure, w->plan->timer.phys, w->plan->timer.virt };

	fdt_out_begin(&w->out, dt_name(w->host->dt, n));
	fdt_out_copy(&w->out, w->host->dt, n, keep_timer, NULL);
	fdt_out_u32(&w->out, "interrupt-parent", w->plan->gic.phandle);
	fdt_out_ppis(&w->out, ppis, ARRAY_SIZE(ppis));
	fdt_out_end(&w->out);
}

static bool keep_chosen(void *arg, const char *name, const void *value, u32 size)
{
	const struct writer *w = arg;
	bool console = strcmp(name, "stdout-path") == 0 || begins(name, "linux,stdout");

	return strcmp(name, "bootargs") != 0 && !begins(name, "linux,initrd-") &&
	       !begins(name, "linux,uefi-") && !begins(name, "xen,") && !(console && w->host->uart);
}

static void copy_children(struct writer *w, const struct dt_node *n);

static void write_chosen(struct writer *w, const struct dt_node *n)
{
	fdt_out_begin(&w->out, "chosen");
	if (n) {
		fdt_out_copy(&w->out, w->host->dt, n, keep_chosen, w);
	}
	fdt_plan_chosen(&w->out, w->plan);
	if (n) {
		copy_children(w, n);
	}
	fdt_out_end(&w->out);
}

/* --- the walk --- */

static const struct rule {
	bool (*is)(const struct fdt_host *h, const struct dt_node *n);
	void (*write)(struct writer *w, const struct dt_node *n); /* NULL: nothing */
} rules[] = {
	{ is_given_away, NULL },
	{ is_uart, NULL },
	{ is_for_hypervisor, NULL },
	{ is_memory, NULL },
	{ is_cpus, NULL },
	{ is_psci, NULL },
	{ is_pmu, NULL },
	{ is_firmware_call, NULL },
	{ is_gic, write_gic },
	{ is_timer, write_timer },
	{ is_chosen, write_chosen },
};

static const struct rule *find_rule(const struct fdt_host *h, const struct dt_node *n)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(rules); i++) {
		if (rules[i].is(h, n)) {
			return &rules[i];
		}
	}
	return NULL;
}

bool fdt_dom0_keeps(const struct fdt_host *host, const struct dt_node *n)
{
	return !find_rule(host, n);
}

/* The MSI controllers of the GIC are not emulated; those of others stay. */
static bool names_gic_msi(const struct writer *w, const u8 *value, u32 size, unsigned int cell)
{
	const struct dt *dt = w->host->dt;
	const struct dt_node *target;

	if (size < (cell + 1) * sizeof(u32)) {
		return false;
	}
	target = dt_by_phandle(dt, fdt32_ld((const fdt32_t *)(value + cell * sizeof(u32))));
	return target && (target == w->host->gic || dt_parent(dt, target) == w->host->gic);
}

static bool keep_device(void *arg, const char *name, const void *value, u32 size)
{
	const struct writer *w = arg;

	if (strcmp(name, "msi-parent") == 0) {
		return !names_gic_msi(w, value, size, 0);
	}
	if (strcmp(name, "msi-map") == 0) {
		return !names_gic_msi(w, value, size, 1);
	}
	return !begins(name, "xen,");
}

/* No deeper than DT_DEPTH_MAX. */
static void copy_node(struct writer *w, const struct dt_node *n)
{
	const struct rule *rule = find_rule(w->host, n);

	if (rule && rule->write) {
		rule->write(w, n);
	}
	if (!rule) {
		fdt_out_begin(&w->out, dt_name(w->host->dt, n));
		fdt_out_copy(&w->out, w->host->dt, n, keep_device, w);
		copy_children(w, n);
		fdt_out_end(&w->out);
	}
}

static void copy_children(struct writer *w, const struct dt_node *n)
{
	dt_for_each_child(w->host->dt, n, child)
	{
		copy_node(w, child);
	}
}

int fdt_dom0(const struct fdt_plan *p, const struct fdt_host *host, void *buf, u32 size)
{
	const struct dt_node *root = dt_root(host->dt);
	struct fdt_plan plan = *p;
	struct writer w = { .plan = &plan, .host = host };

	plan.gic.phandle = host->gic ? host->gic->phandle : 0;
	fdt_out_open(&w.out, buf, size);
	w.out.address_cells = root->address_cells;
	w.out.size_cells = root->size_cells;
	fdt_out_begin(&w.out, "");
	fdt_out_copy(&w.out, host->dt, root, keep_device, &w);
	if (!dt_find(host->dt, "/chosen")) {
		write_chosen(&w, NULL);
	}
	fdt_plan_hypervisor(&w.out, &plan);
	fdt_plan_psci(&w.out, &plan);
	write_cpus(&w);
	fdt_plan_memory(&w.out, &plan);
	copy_children(&w, root);
	fdt_out_end(&w.out);
	return fdt_out_close(&w.out);
}
