/* SPDX-License-Identifier: GPL-2.0-only */
/* arch/arm/boot/machine_dt.c: small trees, QEMU's own, real boards', and trees that lack something.
 */
#include <string.h>

#include "arch/arm/boot/boot.h"
#include "arch/arm/boot/machine_dt.h"
#include "arch/arm/machine.h"
#include "lib/errno.h"
#include "unit/dt_tree.h"
#include "unit/harness.h"
#include "unit/shown.h"

static const char *why;

static int parse(void)
{
	static bool registered;

	if (!registered) {
		console_register(&shown_console);
		registered = true;
	}
	shown_forget();
	why = "";
	return machine_dt_parse(tree, sizeof(tree), &why);
}

static bool load(const char *name)
{
	if (!tree_load("DT_TREES_DIR", name)) {
		return false;
	}
	tree_fresh();
	return true;
}

static void check_reserved(unsigned int i, u64 start, u64 size, const char *what, bool is_static)
{
	CHECK(i < boot_reserved_count);
	CHECK_EQ(boot_reserved[i].start, start);
	CHECK_EQ(boot_reserved[i].size, size);
	CHECK_STR(boot_reserved[i].what, what);
	CHECK_EQ(boot_reserved[i].is_static, is_static);
}

UNIT_TEST(board_memory, "memory in any order, what is reserved, modules, the static heap")
{
	if (!load("board")) {
		return;
	}
	CHECK_EQ(parse(), 0);
	CHECK_EQ(boot_map.count, 2);
	CHECK_EQ(boot_map.entries[0].start, 0x40000000);
	CHECK_EQ(boot_map.entries[0].size, 0x40000000);
	CHECK_EQ(boot_map.entries[1].start, 0x880000000);
	CHECK_EQ(arm_machine.max_ram, 0x8c0000000);
	CHECK(machine_has_ram(0x3fffffff, 2) && !machine_has_ram(0x3fffffff, 1));
	CHECK(!machine_has_ram(0x100000000, GiB(1)));
	CHECK_EQ(boot_reserved_count, 5);
	check_reserved(0, 0x40000000, 0x10000, "/memreserve/", false);
	check_reserved(1, 0x40100000, 0x100000, "firmware@40100000", false);
	check_reserved(2, 0x70000000, 0x100000, "shm@70000000", true);
	check_reserved(3, 0x60000000, 0x2000000, "domU2@2", true);
	check_reserved(4, 0x64000000, 0x2000000, "domU2@2", true);
	/* domU1's kernel is domU2's too. */
	CHECK_EQ(boot_module_count, 7);
	CHECK_EQ(boot_modules[0].start.v, 0x42000000);
	CHECK_STR(boot_modules[0].cmdline, "console=hvc0 root=/dev/vda");
	CHECK_EQ(boot_modules[4].size, 0x1000);
	CHECK_EQ(machine_dt_heap_count, 1);
	CHECK_EQ(machine_dt_heap[0].start, 0x50000000);
	CHECK_EQ(machine_dt_heap[0].size, 0x4000000);
}

UNIT_TEST(board_cpus, "CPUs and how they start; a disabled one is none")
{
	if (!load("board")) {
		return;
	}
	CHECK_EQ(parse(), 0);
	CHECK_EQ(arm_machine.cpu_count, 4);
	CHECK_EQ(arm_machine.cpus[0].mpidr, 0);
	CHECK_EQ(arm_machine.cpus[0].start, CPU_START_PSCI);
	CHECK_EQ(arm_machine.cpus[2].mpidr, 0x100);
	CHECK_EQ(arm_machine.cpus[2].start, CPU_START_SPIN_TABLE);
	CHECK_EQ(arm_machine.cpus[2].release_addr, 0xfff8);
	CHECK_EQ(arm_machine.cpus[3].mpidr, 0x102);
	CHECK_EQ(arm_machine.cpus[3].start, CPU_START_NONE);
	CHECK_EQ(arm_machine.psci_version, 0x0100);
	CHECK_EQ(arm_machine.psci_conduit, CONDUIT_SMC);
	CHECK_STR(arm_machine.model, "Small board");
}

UNIT_TEST(board_gic, "GICv2, timers, the console by alias")
{
	const struct gic_desc *g = &arm_machine.gic;
	const struct uart_desc *u = &arm_machine.uart;

	if (!load("board")) {
		return;
	}
	CHECK_EQ(parse(), 0);
	CHECK_EQ(g->version, 2);
	CHECK_EQ(g->dist, 0x8000000);
	CHECK_EQ(g->cpu, 0x8001000);
	CHECK_EQ(g->cpu_size, 0x2000);
	CHECK_EQ(g->hyp, 0x8004000);
	CHECK_EQ(g->vcpu, 0x8006000);
	CHECK_EQ(g->maintenance, 25);
	CHECK_EQ(arm_machine.timer.phys, 30);
	CHECK_EQ(arm_machine.timer.virt, 27);
	CHECK_EQ(arm_machine.timer.hyp, 26);
	CHECK_EQ(arm_machine.timer.frequency, 50000000);
	CHECK_EQ(u->kind, UART_PL011);
	CHECK_EQ(u->base, 0x9000000);
	CHECK_EQ(u->irq, 65);
	CHECK_EQ(u->clock, 24000000);
	CHECK_EQ(u->baud, 115200);
	CHECK_STR(u->path, "/soc/serial@100000");
	/* bootargs of dom0's kernel are there: these are ours. */
	CHECK_STR(arm_machine.cmdline, "dom0_mem=256M loglvl=all");
}

UNIT_TEST(dtuart_option, "dtuart= comes before stdout-path")
{
	const struct uart_desc *u = &arm_machine.uart;

	if (!load("board")) {
		return;
	}
	CHECK_EQ(fdt_setprop_string(tree, tree_node("/chosen"), "bootargs", "dtuart=serial1"), 0);
	CHECK_EQ(parse(), 0);
	CHECK_EQ(u->kind, UART_NS16550);
	CHECK_EQ(u->base, 0x8030000);
	CHECK_EQ(u->reg_shift, 2);
	CHECK_EQ(u->reg_width, 4);
	CHECK_EQ(u->irq, 0); /* its first interrupt goes elsewhere */
	CHECK_EQ(u->baud, 9600);
	CHECK_EQ(fdt_setprop_string(tree, tree_node("/chosen"), "bootargs", "dtuart=/soc/far"), 0);
	CHECK_EQ(parse(), 0);
	CHECK_EQ(u->kind, UART_NONE);
	CHECK_EQ(shown_count("dtuart: /soc/far: not a serial port of a known kind"), 1);
	tree_fresh();
	CHECK_EQ(parse(), 0);
	CHECK_EQ(u->kind, UART_PL011);
}

UNIT_TEST(board3, "GICv3, named timers, PSCI 0.1, the root's cells, initrd by address")
{
	const struct gic_desc *g = &arm_machine.gic;

	if (!load("board3")) {
		return;
	}
	CHECK_EQ(parse(), 0);
	CHECK_EQ(g->version, 3);
	CHECK_EQ(g->dist, 0x2f000000);
	CHECK_EQ(g->redist_count, 2);
	CHECK_EQ(g->redist[1].base, 0x2f400000);
	CHECK_EQ(g->redist[1].size, 0x100000);
	CHECK_EQ(g->redist_stride, 0x40000);
	CHECK_EQ(g->maintenance, 25);
	CHECK_EQ(arm_machine.timer.phys, 30);
	CHECK_EQ(arm_machine.timer.virt, 27);
	CHECK_EQ(arm_machine.timer.hyp, 26);
	CHECK_EQ(arm_machine.cpus[0].mpidr, 0x100010203);
	CHECK_EQ(arm_machine.psci_version, 0x0001);
	CHECK_EQ(arm_machine.psci_conduit, CONDUIT_HVC);
	CHECK_EQ(arm_machine.psci_cpu_on, 0x95c1ba60);
	CHECK_EQ(arm_machine.max_ram, 0xc0000000);
	CHECK_EQ(boot_module_count, 2);
	CHECK_EQ(boot_modules[0].start.v, 0x82000000);
	CHECK_EQ(boot_modules[0].size, 0x100000);
	CHECK_STR(arm_machine.cmdline, "loglvl=all");
	CHECK_EQ(arm_machine.uart.kind, UART_NONE);
	CHECK_EQ(shown_count("/chosen: stdout-path: missing"), 1);
}

/* --- what the machine cannot live without --- */

static const struct {
	const char *node, *property; /* removed, or changed to a cell */
	bool change;
	u32 cell;
	const char *why;
} bad[] = {
	{ "/psci", "method", true, 5, "device tree: /psci: method: neither smc nor hvc" },
	{ "/cpus", NULL, false, 0, "device tree: /: cpu: no usable CPU under /cpus" },
	{ "/timer", NULL, false, 0, "device tree: /: compatible: no node is an arm,armv8-timer" },
	{ "/timer", "interrupts", false, 0,
		"device tree: /timer: interrupts: lacks the non-secure, the virtual or the "
		"hypervisor's timer" },
	{ "/soc/interrupt-controller@0", NULL, false, 0,
		"device tree: /: compatible: no node is a GIC of version 2 or 3" },
	{ "/soc/interrupt-controller@0", "reg", true, 0,
		"device tree: /soc/interrupt-controller@0: reg: needs GICD, GICC, GICH and GICV: "
		"without the last two it has no virtual interrupts" },
	{ "/soc/interrupt-controller@0", "interrupts", false, 0,
		"device tree: /soc/interrupt-controller@0: interrupts: has no maintenance "
		"interrupt of a CPU" },
	{ "/memory@40000000", "reg", true, 1,
		"device tree: /memory@40000000: reg: not pairs of address and size" },
	{ "/reserved-memory/firmware@40100000", "reg", true, 1,
		"device tree: /reserved-memory/firmware@40100000: reg: not pairs of address and "
		"size" },
};

UNIT_TEST(machine_bad, "what is missing is named by node and property")
{
	if (!load("board")) {
		return;
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++) {
		int n;

		tree_fresh();
		n = tree_node(bad[i].node);
		if (!bad[i].property) {
			CHECK_EQ(fdt_del_node(tree, n), 0);
		} else if (bad[i].change) {
			CHECK_EQ(fdt_setprop_u32(tree, n, bad[i].property, bad[i].cell), 0);
		} else {
			CHECK_EQ(fdt_delprop(tree, n, bad[i].property), 0);
		}
		CHECK_EQ(parse(), -EINVAL);
		CHECK_STR(why, bad[i].why);
	}
}

UNIT_TEST(machine_no_ram, "without RAM that is what is said")
{
	static const char *const names[] = { "/memory@40000000", "/memory@880000000" };

	if (!load("board")) {
		return;
	}
	for (unsigned int i = 0; i < 2; i++) {
		CHECK_EQ(fdt_del_node(tree, tree_node(names[i])), 0);
	}
	CHECK_EQ(parse(), -EINVAL);
	CHECK_STR(why, "device tree: /memory@100000000: reg: no node names any RAM");
}

UNIT_TEST(machine_cpus_bad, "CPUs that make no sense are left out, and named")
{
	if (!load("board")) {
		return;
	}
	CHECK_EQ(fdt_setprop_u32(tree, tree_node("/cpus/cpu@1"), "reg", 0), 0);
	CHECK_EQ(fdt_delprop(tree, tree_node("/cpus/cpu@100"), "cpu-release-addr"), 0);
	CHECK_EQ(fdt_delprop(tree, tree_node("/cpus/cpu@102"), "reg"), 0);
	CHECK_EQ(parse(), 0);
	CHECK_EQ(arm_machine.cpu_count, 2);
	CHECK_EQ(shown_count("device tree: /cpus/cpu@1: reg: another CPU has it too"), 1);
	CHECK_EQ(shown_count("device tree: /cpus/cpu@100: cpu-release-addr: missing"), 1);
	CHECK_EQ(shown_count("device tree: /cpus/cpu@102: reg: not the CPU's MPIDR"), 1);
}

/* --- trees of others --- */

struct facts {
	const char *name;
	int rc; /* trees of boards whose loader fills in the memory are refused, at the end */
	unsigned int cpus;
	u8 gic;
	u64 dist;
	u64 ram_start, ram_end;
	enum uart_kind uart;
	u64 uart_base;
	u64 mpidr; /* of the last CPU */
	enum machine_cpu_start start;
};

static void check_facts(const struct facts *f)
{
	CHECK_EQ(parse(), f->rc);
	CHECK_EQ(arm_machine.cpu_count, f->cpus);
	CHECK_EQ(arm_machine.cpus[f->cpus - 1].mpidr, f->mpidr);
	CHECK_EQ(arm_machine.cpus[f->cpus - 1].start, f->start);
	CHECK_EQ(arm_machine.gic.version, f->gic);
	CHECK_EQ(arm_machine.gic.dist, f->dist);
	CHECK_EQ(arm_machine.gic.maintenance, 25);
	CHECK_EQ(arm_machine.timer.virt, 27);
	CHECK_EQ(arm_machine.timer.hyp, 26);
	CHECK_EQ(boot_map.count ? boot_map.entries[0].start : 0, f->ram_start);
	CHECK_EQ(arm_machine.max_ram, f->ram_end);
	CHECK_EQ(arm_machine.uart.kind, f->uart);
	CHECK_EQ(arm_machine.uart.base, f->uart_base);
}

UNIT_TEST(qemu_trees, "what QEMU tells of its virt machine")
{
	static const struct facts facts[] = {
		{ "qemu-2", 0, 4, 2, 0x8000000, 0x40000000, 0x100000000, UART_PL011, 0x9000000, 3,
			CPU_START_PSCI },
		{ "qemu-3", 0, 4, 3, 0x8000000, 0x40000000, 0x100000000, UART_PL011, 0x9000000, 3,
			CPU_START_PSCI },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(facts); i++) {
		if (load(facts[i].name)) {
			check_facts(&facts[i]);
		}
	}
}

UNIT_TEST(board_trees, "what Debian's trees tell of real boards")
{
	static const struct facts facts[] = {
		{ "bcm2711-rpi-4-b", -EINVAL, 4, 2, 0xff841000, 0, 0, UART_NS16550, 0xfe215040, 3,
			CPU_START_SPIN_TABLE },
		{ "zynqmp-zcu102-rev1.0", 0, 4, 2, 0xf9010000, 0, 0x880000000, UART_CADENCE,
			0xff000000, 3, CPU_START_PSCI },
		{ "k3-j721e-common-proc-board", 0, 2, 3, 0x1800000, 0x80000000, 0x900000000,
			UART_NONE, 0, 1, CPU_START_PSCI },
		{ "r8a774a1-hihope-rzg2m", 0, 6, 2, 0xf1010000, 0x48000000, 0x680000000, UART_NONE,
			0, 0x103, CPU_START_PSCI },
		{ "r8a774a1-beacon-rzg2m-kit", 0, 6, 2, 0xf1010000, 0x48000000, 0x680000000,
			UART_NONE, 0, 0x103, CPU_START_PSCI },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(facts); i++) {
		if (tree_load("DT_BOARDS_DIR", facts[i].name)) {
			tree_fresh();
			check_facts(&facts[i]);
		}
	}
}
