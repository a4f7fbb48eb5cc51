/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Facts of the machine from the host's device tree, which nobody else asks for them. Changes
 * nothing in the machine; what a tree lacks is refused by the names of node and property.
 */
#include "arch/arm/boot/machine_dt.h"

#include "arch/arm/boot/boot.h"
#include "arch/arm/machine.h"
#include "boot/from_dt.h"
#include "core/log.h"
#include "core/param.h"
#include "lib/errno.h"
#include "lib/parse.h"
#include "lib/printf.h"
#include "lib/string.h"
#include <libfdt.h>

/* Aff3 and Aff2 to Aff0 of MPIDR_EL1 (DDI 0487, D17.2.101). */
#define MPIDR_AFFINITY 0xff00ffffffULL

struct arm_machine arm_machine;
struct dt machine_dt;
const struct dt_node *machine_dt_gic;
struct dt_range machine_dt_heap[MACHINE_DT_HEAP_MAX];
unsigned int machine_dt_heap_count;

struct memmap boot_map;
struct boot_module boot_modules[BOOT_MODULES_MAX];
unsigned int boot_module_count;
struct boot_reserved boot_reserved[BOOT_RESERVED_MAX];
unsigned int boot_reserved_count;

/* dtuart=: path or alias, and options behind ':'. */
static char opt_dtuart[DT_PATH_MAX];

static int machine_dt_parse_dtuart(const char *value)
{
	if (!value || strlcpy(opt_dtuart, value, sizeof(opt_dtuart)) >= sizeof(opt_dtuart)) {
		return -EINVAL;
	}
	return 0;
}
PARAM(dtuart, "dtuart", machine_dt_parse_dtuart);

bool machine_has_ram(u64 start, u64 size)
{
	return memmap_touches(&boot_map, start, size, MEMMAP_RAM);
}

/* --- messages --- */

static char path_buffer[DT_PATH_MAX];

static const char *path_of(const struct dt_node *n)
{
	return dt_path(&machine_dt, n, path_buffer, sizeof(path_buffer));
}

static int refuse(const char **why, const struct dt_node *n, const char *property, const char *text)
{
	static char line[DT_PATH_MAX + 128];

	fmt_snprintf(line, sizeof(line), "device tree: %s: %s: %s", path_of(n), property, text);
	*why = line;
	return -EINVAL;
}

/* --- memory --- */

static bool is_memory(const struct dt_node *n)
{
	return dt_is_type(&machine_dt, n, "memory") && dt_available(&machine_dt, n);
}

static int parse_memory(const char **why)
{
	struct dt_range r;

	memmap_init(&boot_map);
	dt_for_each_child(&machine_dt, dt_root(&machine_dt), n)
	{
		int rc = is_memory(n) ? 0 : -ENOENT;

		for (unsigned int i = 0; rc == 0; i++) {
			rc = dt_reg(&machine_dt, n, i, &r);
			if (rc == 0 && memmap_add(&boot_map, r.start, r.size, MEMMAP_RAM)) {
				return refuse(why, n, "reg", "more than 512 banks of memory");
			}
		}
		if (rc != -ENOENT) {
			return refuse(why, n, "reg", "not pairs of address and size");
		}
	}
	if (memmap_normalise(&boot_map)) {
		return refuse(why, NULL, "memory", "more than 512 banks of memory");
	}
	arm_machine.max_ram = memmap_ram_end(&boot_map);
	return 0;
}

static int reserve(u64 start, u64 size, const char *what, bool is_static)
{
	if (size == 0) {
		return 0;
	}
	if (boot_reserved_count == BOOT_RESERVED_MAX) {
		return -ENOSPC;
	}
	boot_reserved[boot_reserved_count++] = (struct boot_reserved){ start, size, what,
		is_static };
	return 0;
}

/* Regions without `reg` are allocated by the kernel that gets the tree: they mean nothing here. */
static int parse_reserved_memory(const char **why)
{
	const struct dt_node *list = dt_find(&machine_dt, "/reserved-memory");
	int rc = 0;

	dt_for_each_child(&machine_dt, list, n)
	{
		struct dt_range r;

		for (unsigned int i = 0; dt_available(&machine_dt, n); i++) {
			rc = dt_reg_cpu(&machine_dt, n, i, &r);
			if (rc) {
				break;
			}
			if (reserve(r.start, r.size, dt_name(&machine_dt, n), false)) {
				return refuse(why, n, "reg", "more than 128 reserved ranges");
			}
		}
		if (rc && rc != -ENOENT) {
			return refuse(why, n, "reg", "not pairs of address and size");
		}
	}
	return 0;
}

static int parse_reserved(const char **why)
{
	const void *fdt = machine_dt.blob;

	for (int i = 0, count = fdt_num_mem_rsv(fdt); i < count; i++) {
		u64 start, size;

		if (fdt_get_mem_rsv(fdt, i, &start, &size) || start + size < start ||
			reserve(start, size, "/memreserve/", false)) {
			return refuse(why, NULL, "/memreserve/", "wraps around, or more than 128");
		}
	}
	return parse_reserved_memory(why);
}

/* --- what /chosen gives away --- */

static int keep_module(const struct dt_range *r, const char *cmdline)
{
	for (unsigned int i = 0; i < boot_module_count; i++) {
		if (boot_modules[i].start.v == r->start && boot_modules[i].size == r->size) {
			return 0; /* several domains from one file */
		}
	}
	if (boot_module_count == BOOT_MODULES_MAX) {
		return -ENOSPC;
	}
	boot_modules[boot_module_count++] = (struct boot_module){ HPA(r->start), r->size, cmdline };
	return 0;
}

static int keep_static(const struct dt_node *n, const struct dt_range *r)
{
	for (unsigned int i = 0; i < boot_reserved_count; i++) {
		if (boot_reserved[i].is_static && boot_reserved[i].start == r->start &&
			boot_reserved[i].size == r->size) {
			return 0; /* a region that domains share */
		}
	}
	return reserve(r->start, r->size, dt_name(&machine_dt, n), true);
}

static int keep_heap(const struct dt_range *r)
{
	if (machine_dt_heap_count == MACHINE_DT_HEAP_MAX) {
		return -ENOSPC;
	}
	machine_dt_heap[machine_dt_heap_count++] = *r;
	return 0;
}

static int keep_claim(void *why, enum from_dt_claim what, const struct dt_node *n,
	const struct dt_range *r, const char *cmdline)
{
	static const char *const full[] = {
		[FROM_DT_MODULE] = "more than 64 modules",
		[FROM_DT_STATIC_MEM] = "more than 128 reserved ranges",
		[FROM_DT_SHARED_MEM] = "more than 128 reserved ranges",
		[FROM_DT_STATIC_HEAP] = "more than 16 ranges",
	};
	int rc;

	if (what == FROM_DT_MODULE) {
		rc = keep_module(r, cmdline);
	} else if (what == FROM_DT_STATIC_HEAP) {
		rc = keep_heap(r);
	} else {
		rc = keep_static(n, r);
	}
	return rc ? refuse(why, n, "reg", full[what]) : 0;
}

/* --- CPUs --- */

/* By version: the newest first, since a node names older ones too (psci.yaml). */
static const struct {
	const char *compatible;
	u16 version;
} psci_versions[] = {
	{ "arm,psci-1.0", 0x0100 },
	{ "arm,psci-0.2", 0x0002 },
	{ "arm,psci", 0x0001 },
};

static const struct dt_node *find_psci(u16 *version)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(psci_versions); i++) {
		const struct dt_node *n = dt_find_compatible(
			&machine_dt, NULL, psci_versions[i].compatible);

		if (n && dt_available(&machine_dt, n)) {
			*version = psci_versions[i].version;
			return n;
		}
	}
	return NULL;
}

static int parse_psci(const char **why)
{
	u16 version = 0;
	const struct dt_node *n = find_psci(&version);
	const char *method = dt_string(&machine_dt, n, "method");

	if (!n) {
		return 0;
	}
	if (!method || (strcmp(method, "smc") != 0 && strcmp(method, "hvc") != 0)) {
		return refuse(why, n, "method", "neither smc nor hvc");
	}
	if (version == 0x0001 && dt_u32(&machine_dt, n, "cpu_on", &arm_machine.psci_cpu_on)) {
		return refuse(
			why, n, "cpu_on", "missing: PSCI 0.1 has no number of its own for it");
	}
	arm_machine.psci_conduit = strcmp(method, "smc") == 0 ? CONDUIT_SMC : CONDUIT_HVC;
	arm_machine.psci_version = version;
	return 0;
}

/* How CPU n is started; CPU_START_NONE where the tree does not say it well. */
static void parse_enable_method(const struct dt_node *n, struct machine_cpu *cpu)
{
	const char *method = dt_string(&machine_dt, n, "enable-method");

	if (method && strcmp(method, "psci") == 0) {
		if (arm_machine.psci_conduit == CONDUIT_NONE) {
			log_warn("device tree: %s: enable-method: psci, but there is no such node",
				path_of(n));
			return;
		}
		cpu->start = CPU_START_PSCI;
	} else if (method && strcmp(method, "spin-table") == 0) {
		if (dt_u64(&machine_dt, n, "cpu-release-addr", &cpu->release_addr)) {
			log_warn("device tree: %s: cpu-release-addr: missing", path_of(n));
			return;
		}
		cpu->start = CPU_START_SPIN_TABLE;
	}
}

static bool known_cpu(u64 mpidr)
{
	for (unsigned int i = 0; i < arm_machine.cpu_count; i++) {
		if (arm_machine.cpus[i].mpidr == mpidr) {
			return true;
		}
	}
	return false;
}

static void parse_cpu(const struct dt_node *n)
{
	struct dt_range reg;
	struct machine_cpu cpu = { .start = CPU_START_NONE };

	if (dt_reg(&machine_dt, n, 0, &reg)) {
		log_warn("device tree: %s: reg: not the CPU's MPIDR: left out", path_of(n));
		return;
	}
	cpu.mpidr = reg.start & MPIDR_AFFINITY;
	if (known_cpu(cpu.mpidr)) {
		log_warn("device tree: %s: reg: another CPU has it too: left out", path_of(n));
		return;
	}
	if (arm_machine.cpu_count == CONFIG_MAX_CPUS) {
		log_warn("device tree: %s: more than %u CPUs: left out", path_of(n),
			CONFIG_MAX_CPUS);
		return;
	}
	parse_enable_method(n, &cpu);
	arm_machine.cpus[arm_machine.cpu_count++] = cpu;
}

static int parse_cpus(const char **why)
{
	const struct dt_node *cpus = dt_find(&machine_dt, "/cpus");

	dt_for_each_child(&machine_dt, cpus, n)
	{
		if (dt_is_type(&machine_dt, n, "cpu") && dt_available(&machine_dt, n)) {
			parse_cpu(n);
		}
	}
	if (arm_machine.cpu_count == 0) {
		return refuse(why, cpus, "cpu", "no usable CPU under /cpus");
	}
	return 0;
}

/* --- interrupts and timers --- */

static const struct dt_node *find_gic(void)
{
	u32 phandle = 0;
	const struct dt_node *n;

	if (dt_u32(&machine_dt, dt_root(&machine_dt), "interrupt-parent", &phandle) == 0) {
		n = dt_by_phandle(&machine_dt, phandle);
		if (dt_gic_version(&machine_dt, n)) {
			return n;
		}
	}
	dt_for_each_node(&machine_dt, at)
	{
		if (dt_gic_version(&machine_dt, at) && dt_available(&machine_dt, at)) {
			return at;
		}
	}
	return NULL;
}

static int parse_gicv2(struct gic_desc *g, const struct dt_node *n, const char **why)
{
	struct dt_range r[4];

	for (unsigned int i = 0; i < ARRAY_SIZE(r); i++) {
		if (dt_reg_cpu(&machine_dt, n, i, &r[i])) {
			return refuse(why, n, "reg",
				"needs GICD, GICC, GICH and GICV: without the last two it has no "
				"virtual interrupts");
		}
	}
	g->dist = r[0].start, g->dist_size = r[0].size;
	g->cpu = r[1].start, g->cpu_size = r[1].size;
	g->hyp = r[2].start, g->hyp_size = r[2].size;
	g->vcpu = r[3].start, g->vcpu_size = r[3].size;
	return 0;
}

static int parse_gicv3(struct gic_desc *g, const struct dt_node *n, const char **why)
{
	struct dt_range r;
	u32 regions = 1;

	(void)dt_u32(&machine_dt, n, "#redistributor-regions", &regions);
	if (regions == 0 || regions > ARRAY_SIZE(g->redist)) {
		return refuse(why, n, "#redistributor-regions", "not from 1 to 8");
	}
	if (dt_reg_cpu(&machine_dt, n, 0, &r)) {
		return refuse(why, n, "reg", "has no distributor");
	}
	g->dist = r.start, g->dist_size = r.size;
	for (u32 i = 0; i < regions; i++) {
		if (dt_reg_cpu(&machine_dt, n, 1 + i, &r)) {
			return refuse(why, n, "reg", "lacks a region of redistributors");
		}
		g->redist[i].base = r.start, g->redist[i].size = r.size;
	}
	g->redist_count = regions;
	(void)dt_u64(&machine_dt, n, "redistributor-stride", &g->redist_stride);
	return 0;
}

static int parse_gic(const char **why)
{
	struct gic_desc *g = &arm_machine.gic;
	const struct dt_node *n = find_gic();
	struct dt_irq irq;
	int rc;

	if (!n) {
		return refuse(why, NULL, "compatible", "no node is a GIC of version 2 or 3");
	}
	machine_dt_gic = n;
	g->version = (u8)dt_gic_version(&machine_dt, n);
	rc = g->version == 2 ? parse_gicv2(g, n, why) : parse_gicv3(g, n, why);
	if (rc) {
		return rc;
	}
	if (dt_irq(&machine_dt, n, 0, &irq) || irq.intid >= GIC_SPI_FIRST) {
		return refuse(why, n, "interrupts", "has no maintenance interrupt of a CPU");
	}
	g->maintenance = irq.intid;
	return 0;
}

/* The place of a timer among the interrupts: by name, or else by custom (arm,arch_timer.yaml). */
static unsigned int timer_index(const struct dt_node *n, const char *name, unsigned int custom)
{
	const char *at;

	for (unsigned int i = 0; (at = dt_string_at(&machine_dt, n, "interrupt-names", i)); i++) {
		if (strcmp(at, name) == 0) {
			return i;
		}
	}
	return custom;
}

static int parse_timer_irq(const struct dt_node *n, const char *name, unsigned int custom, u32 *out)
{
	struct dt_irq irq;

	if (dt_irq(&machine_dt, n, timer_index(n, name, custom), &irq) ||
		irq.intid >= GIC_SPI_FIRST) {
		return -EINVAL;
	}
	*out = irq.intid;
	return 0;
}

static int parse_timer(const char **why)
{
	const struct dt_node *n = dt_find_compatible(&machine_dt, NULL, "arm,armv8-timer");

	if (!n) {
		n = dt_find_compatible(&machine_dt, NULL, "arm,armv7-timer");
	}
	if (!n) {
		return refuse(why, NULL, "compatible", "no node is an arm,armv8-timer");
	}
	if (parse_timer_irq(n, "phys", 1, &arm_machine.timer.phys) ||
		parse_timer_irq(n, "virt", 2, &arm_machine.timer.virt) ||
		parse_timer_irq(n, "hyp-phys", 3, &arm_machine.timer.hyp)) {
		return refuse(why, n, "interrupts",
			"lacks the non-secure, the virtual or the hypervisor's timer");
	}
	(void)dt_u32(&machine_dt, n, "clock-frequency", &arm_machine.timer.frequency);
	return 0;
}

/* --- the console --- */

static enum uart_kind uart_kind_of_node(const struct dt_node *n)
{
	enum uart_kind kind = UART_NONE;
	const char *s;

	for (unsigned int i = 0; kind == UART_NONE; i++) {
		s = dt_string_at(&machine_dt, n, "compatible", i);
		if (!s) {
			break;
		}
		kind = uart_kind_of(s);
	}
	return kind;
}

static u32 u32_or(const struct dt_node *n, const char *name, u32 otherwise)
{
	(void)dt_u32(&machine_dt, n, name, &otherwise);
	return otherwise;
}

/* The number at the start of the options, as in 115200n8. */
static u32 baud_of(const char *path, const struct dt_node *n)
{
	const char *options = strchr(path, ':'), *end;
	u64 baud;

	if (options && parse_u64(options + 1, &end, 10, &baud) == 0 && baud <= 0xffffffff) {
		return (u32)baud;
	}
	return u32_or(n, "current-speed", 0);
}

static void describe_uart(
	struct uart_desc *u, const struct dt_node *n, const char *path, const struct dt_range *reg)
{
	u32 shift = u32_or(n, "reg-shift", 0);
	struct dt_irq irq;

	*u = (struct uart_desc){
		.kind = uart_kind_of_node(n),
		.path = path,
		.base = reg->start,
		.size = reg->size,
		.reg_shift = shift <= 4 ? (u8)shift : 0,
		.reg_width = u32_or(n, "reg-io-width", 1) == 4 ? 4 : 1,
		.clock = u32_or(n, "clock-frequency", 0),
		.baud = baud_of(path, n),
	};
	if (dt_irq(&machine_dt, n, 0, &irq) == 0) {
		u->irq = irq.intid;
		u->irq_edge = irq.edge;
	}
}

/* A machine without console works, silently: nothing here is an error. */
static void parse_uart(void)
{
	const struct dt_node *chosen = dt_find(&machine_dt, "/chosen"), *n;
	static char full_path[DT_PATH_MAX];
	const char *path = opt_dtuart[0] ? opt_dtuart
					 : dt_string(&machine_dt, chosen, "stdout-path");
	const char *source = opt_dtuart[0] ? "dtuart" : "/chosen: stdout-path";
	struct dt_range reg;

	if (!path) {
		log_warn("device tree: /chosen: stdout-path: missing, and no dtuart=: no console");
		return;
	}
	n = dt_find(&machine_dt, path);
	if (!n || uart_kind_of_node(n) == UART_NONE) {
		log_warn("%s: %s: not a serial port of a known kind: no console", source, path);
		return;
	}
	if (dt_reg_cpu(&machine_dt, n, 0, &reg) || reg.size == 0) {
		log_warn("device tree: %s: reg: not reachable by the CPU: no console", path_of(n));
		return;
	}
	describe_uart(&arm_machine.uart, n, path, &reg);
	arm_machine.uart.path = dt_path(&machine_dt, n, full_path, sizeof(full_path));
}

/* --- all of it --- */

static void forget(void)
{
	const void *fdt = arm_machine.fdt;
	u64 pa = arm_machine.fdt_pa;

	/* The boot code may have said where the tree is. */
	memset(&arm_machine, 0, sizeof(arm_machine));
	arm_machine.fdt = fdt;
	arm_machine.fdt_pa = pa;
	machine_dt_gic = NULL;
	machine_dt_heap_count = boot_module_count = boot_reserved_count = 0;
	opt_dtuart[0] = '\0';
}

static int check_ram(const char **why)
{
	if (arm_machine.max_ram == 0) {
		return refuse(why, dt_find(&machine_dt, "/memory"), "reg", "no node names any RAM");
	}
	return 0;
}

int machine_dt_parse(const void *fdt, u32 size, const char **why)
{
	static int (*const steps[])(const char **why) = {
		parse_psci,
		parse_cpus,
		parse_gic,
		parse_timer,
		check_ram,
	};
	int rc;

	forget();
	rc = dt_open(&machine_dt, fdt, size, why);
	if (rc) {
		return rc;
	}
	arm_machine.fdt = fdt;
	arm_machine.fdt_size = machine_dt.size;
	arm_machine.model = dt_string(&machine_dt, dt_root(&machine_dt), "model");
	arm_machine.cmdline = from_dt_options(&machine_dt);
	param_parse_line(arm_machine.cmdline);
	parse_uart();
	rc = parse_memory(why);
	if (!rc) {
		rc = parse_reserved(why);
	}
	if (!rc) {
		rc = from_dt_claims(&machine_dt, keep_claim, why);
	}
	for (unsigned int i = 0; !rc && i < ARRAY_SIZE(steps); i++) {
		rc = steps[i](why);
	}
	return rc;
}
