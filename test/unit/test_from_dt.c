/* SPDX-License-Identifier: GPL-2.0-only */
/* boot/from_dt*.c: every binding of a good tree, and what each spoiled one costs and says. */
#include <string.h>

#include "boot/from_dt.h"
#include "core/param.h"
#include "lib/errno.h"
#include "unit/dt_tree.h"
#include "unit/harness.h"
#include "unit/shown.h"

static struct dt dt;
static struct from_dt_config config;
static struct memmap map;
static struct boot_module modules[16];
static unsigned int module_count;
static struct from_dt_host host;

static int keep_module(void *arg, enum from_dt_claim what, const struct dt_node *n,
	const struct dt_range *r, const char *cmdline)
{
	for (unsigned int i = 0; i < module_count; i++) {
		if (modules[i].start.v == r->start) {
			return 0;
		}
	}
	if (what == FROM_DT_MODULE) {
		modules[module_count++] = (struct boot_module){ HPA(r->start), r->size, cmdline };
	}
	return module_count == ARRAY_SIZE(modules) ? -ENOSPC : 0;
}

static void read_tree(void)
{
	static bool registered;
	const char *why = "";

	if (!registered) {
		console_register(&shown_console);
		registered = true;
	}
	shown_forget();
	CHECK_EQ(dt_open(&dt, tree, sizeof(tree), &why), 0);
	module_count = 0;
	CHECK_EQ(from_dt_claims(&dt, keep_module, NULL), 0);
	host.module_count = module_count;
	param_parse_line(from_dt_options(&dt));
	from_dt(&dt, &host, &config);
}

static bool load(const char *name)
{
	if (!tree_load("DT_TREES_DIR", name)) {
		return false;
	}
	tree_fresh();
	memmap_init(&map);
	CHECK_EQ(memmap_add(&map, 0x40000000, 0x40000000, MEMMAP_RAM), 0);
	CHECK_EQ(memmap_add(&map, 0x80000000, 0x40000000, MEMMAP_RAM), 0);
	CHECK_EQ(memmap_normalise(&map), 0);
	host = (struct from_dt_host){
		.map = &map,
		.modules = modules,
		.cpu_count = 4,
		.boot_mpidr = 0,
		.vcpus_max = 8,
		.spi_count = 96,
		.available = MiB(1024),
	};
	return true;
}

/* --- the good tree --- */

static void check_dom0(const struct domain_desc *d)
{
	CHECK_EQ(d->id, 0);
	CHECK(d->privileged && d->hardware && d->direct_mapped);
	CHECK_EQ(d->memory, MiB(256));
	CHECK_EQ(d->vcpu_count, 1); /* its pool has one CPU */
	CHECK_STR(d->cmdline, "console=hvc0 root=/dev/vda");
	CHECK_EQ(d->kernel->start.v, 0x42000000);
	CHECK_EQ(d->ramdisk->start.v, 0x43000000);
	CHECK_EQ(d->enhanced, DESC_ENHANCED);
	CHECK_EQ(d->shared_count, 1);
	CHECK(d->shared[0].owner);
	CHECK_EQ(d->channel_count, 1);
	CHECK_EQ(d->channels[0].port, 10);
	CHECK_EQ(d->channels[0].peer, 1);
	CHECK_EQ(d->channels[0].peer_port, 11);
}

static void check_domu1(const struct domain_desc *d)
{
	CHECK_EQ(d->id, 1);
	CHECK_STR(d->name, "domU1");
	CHECK_STR(d->where, "/chosen/domU1");
	CHECK(!d->privileged && !d->hardware && !d->direct_mapped);
	CHECK_EQ(d->memory, MiB(128));
	CHECK_EQ(d->memory_max, MiB(128));
	CHECK_EQ(d->vcpu_count, 2);
	CHECK(d->vpl011);
	CHECK_EQ(d->spi_count, 96);
	CHECK_EQ(d->enhanced, DESC_NO_XENSTORE);
	CHECK_EQ(d->pool_pages, 2 * 256 + 128 + 128);
	CHECK_EQ(d->cpupool, 1);
	CHECK_EQ(d->kernel->start.v, 0x44000000);
	CHECK_EQ(d->ramdisk->size, 0x100000);
	CHECK_EQ(d->device_tree->start.v, 0x45200000);
	CHECK_STR(d->cmdline, "console=ttyAMA0");
	CHECK_EQ(d->bank_count, 0);
	CHECK_EQ(d->shared_count, 1);
	CHECK_STR(d->shared[0].id, "one");
	CHECK_EQ(d->shared[0].pa, 0x70000000);
	CHECK_EQ(d->shared[0].gpa, 0x90000000);
	CHECK_EQ(d->shared[0].size, 0x100000);
	CHECK(!d->shared[0].owner);
	CHECK_EQ(d->channel_count, 2);
	CHECK_EQ(d->channels[1].peer, 2);
	CHECK_EQ(d->channels[1].peer_port, 13);
}

static void check_domu2(const struct domain_desc *d)
{
	CHECK_EQ(d->id, 2);
	CHECK_STR(d->name, "domU2");
	CHECK_STR(d->where, "/chosen/domU2@2");
	CHECK_EQ(d->memory, MiB(64));
	CHECK(d->direct_mapped && !d->vpl011);
	CHECK_EQ(d->spi_count, 64);
	CHECK_EQ(d->enhanced, DESC_ENHANCED);
	CHECK_EQ(d->pool_pages, 1024);
	CHECK_EQ(d->cpupool, 0);
	CHECK_EQ(d->bank_count, 2);
	CHECK_EQ(d->banks[1].pa, 0x64000000);
	CHECK_EQ(d->banks[1].size, 0x2000000);
	CHECK_EQ(d->kernel->start.v, 0x44000000);
	CHECK_EQ(d->ramdisk->start.v, 0x46000000);
	CHECK_STR(d->cmdline, "");
}

UNIT_TEST(tree_good, "every binding arrives in its description")
{
	if (!load("board")) {
		return;
	}
	read_tree();
	CHECK_STR(shown, "");
	CHECK_EQ(config.refused_count, 0);
	CHECK_EQ(config.domain_count, 4);
	check_dom0(&config.domains[0]);
	check_domu1(&config.domains[1]);
	check_domu2(&config.domains[2]);
	CHECK_EQ(config.domains[3].id, 3);
	CHECK_STR(config.domains[3].name, "domain-with-a-l");
	CHECK_EQ(config.domains[3].enhanced, DESC_PLAIN);
}

UNIT_TEST(tree_pools, "pool 0 is the boot CPU's, and the last has the CPUs that nobody names")
{
	if (!load("board")) {
		return;
	}
	read_tree();
	CHECK_EQ(config.pool_count, 3);
	CHECK_STR(config.pools[0].name, "pool-boot");
	CHECK_EQ(config.pools[0].cpu_count, 1);
	CHECK_EQ(config.pools[0].mpidrs[0], 0);
	CHECK(config.pools[0].scheduler == NULL);
	CHECK_STR(config.pools[1].scheduler, "null");
	CHECK_EQ(config.pools[1].mpidrs[0], 0x100);
	CHECK_EQ(config.pools[2].cpu_count, 2);
	CHECK_EQ(config.pools[2].mpidrs[0], 1);
	CHECK_EQ(config.pools[2].mpidrs[1], 0x102);
	/* The boot CPU is one that nobody names. */
	host.boot_mpidr = 1;
	read_tree();
	CHECK_EQ(config.pool_count, 3);
	CHECK_EQ(config.pools[0].cpu_count, 2);
	CHECK_EQ(config.pools[0].mpidrs[0], 1);
	CHECK_STR(config.pools[1].name, "pool-big");
	CHECK_EQ(config.domains[1].cpupool, 1);
}

UNIT_TEST(tree_old, "names of modules of old, dom0's options, and the ramdisk by address")
{
	if (!load("board3")) {
		return;
	}
	CHECK_EQ(memmap_add(&map, 0x80000000, 0x40000000, MEMMAP_RAM), 0);
	CHECK_EQ(memmap_normalise(&map), 0);
	read_tree();
	CHECK_EQ(config.domain_count, 1);
	CHECK_EQ(config.pool_count, 0);
	CHECK_STR(config.domains[0].cmdline, "console=hvc0");
	CHECK_EQ(config.domains[0].kernel->start.v, 0x81000000);
	CHECK_EQ(config.domains[0].ramdisk->start.v, 0x82000000);
	CHECK_EQ(config.domains[0].vcpu_count, 4);
}

UNIT_TEST(tree_options, "whose bootargs are whose")
{
	static const struct {
		const char *own, *dom0, *bootargs, *kernel; /* NULL: absent */
		const char *ours;
	} cases[] = {
		{ "x", NULL, "b", NULL, "x" },
		{ "x", "d", "b", "k", "x" },
		{ NULL, "d", "b", NULL, "b" },
		{ NULL, NULL, "b", "k", "b" },
		{ NULL, NULL, "b", "", "" },
		{ NULL, NULL, "b", NULL, "" },
		{ NULL, NULL, NULL, "k", "" },
	};

	if (!load("board")) {
		return;
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(cases); i++) {
		static const char *const names[] = { "xen,xen-bootargs", "xen,dom0-bootargs",
			"bootargs", "bootargs" };
		const char *values[] = { cases[i].own, cases[i].dom0, cases[i].bootargs,
			cases[i].kernel };
		const char *why;

		tree_fresh();
		for (unsigned int j = 0; j < 4; j++) {
			int n = tree_node(j == 3 ? "/chosen/module@42000000" : "/chosen");

			fdt_delprop(tree, n, names[j]);
			if (values[j]) {
				CHECK_EQ(fdt_setprop_string(tree, n, names[j], values[j]), 0);
			}
		}
		CHECK_EQ(dt_open(&dt, tree, sizeof(tree), &why), 0);
		CHECK_STR(from_dt_options(&dt), cases[i].ours);
	}
}

/* --- spoiled trees --- */

#define CELLS(...) (const u32[]){ __VA_ARGS__ }, sizeof((const u32[]){ __VA_ARGS__ }) / 4, NULL
#define TEXT(s) NULL, 0, (s)
#define GONE NULL, 0, NULL

static const struct {
	const char *node, *property; /* property NULL: the whole node goes */
	const u32 *cells;
	unsigned int cell_count;
	const char *text;
	u16 ids; /* bit i: domain i is still there */
	const char *line;
} bad[] = {
	{ "/chosen/domU1", "memory", GONE, 0xd,
		"device tree: /chosen/domU1: memory: missing: KiB of RAM in two cells" },
	{ "/chosen/domU1", "memory", CELLS(0, 1, 2), 0xd,
		"device tree: /chosen/domU1: memory: not a number of KiB in one or two cells" },
	{ "/chosen/domU1", "memory", CELLS(1, 0), 0xd,
		"device tree: /chosen/domU1: memory: 4194304 MiB, but this machine has 2048 MiB" },
	{ "/chosen/domU1", "memory", CELLS(0x180000), 0xd,
		"device tree: /chosen/domU1: memory: 1536 MiB, but 1024 MiB are free" },
	{ "/chosen/domU1", "memory", CELLS(0x1001), 0xd,
		"device tree: /chosen/domU1: memory: at least 1 MiB, in whole pages" },
	{ "/chosen/domU1", "memory", CELLS(0x4000), 0xd,
		"device tree: /chosen/domU1: memory: too small for the kernel and the ramdisk" },
	{ "/chosen/domU1", "cpus", GONE, 0xd,
		"device tree: /chosen/domU1: cpus: missing: the number of vCPUs in one cell" },
	{ "/chosen/domU1", "cpus", CELLS(0, 1), 0xd,
		"device tree: /chosen/domU1: cpus: another length: the number of vCPUs in one "
		"cell" },
	{ "/chosen/domU1", "cpus", CELLS(0), 0xd,
		"device tree: /chosen/domU1: cpus: 0, but a domain has 1 to 8 on this machine" },
	{ "/chosen/domU1", "cpus", CELLS(9), 0xd,
		"device tree: /chosen/domU1: cpus: 9, but a domain has 1 to 8 on this machine" },
	{ "/chosen/domU2@2", "nr_spis", CELLS(989), 0xb,
		"device tree: /chosen/domU2@2: nr_spis: not a number up to 988 in one cell" },
	{ "/chosen/domU2@2", "xen,domain-p2m-mem-mb", CELLS(0x40000000), 0xb,
		"device tree: /chosen/domU2@2: xen,domain-p2m-mem-mb: not a number of MiB in one "
		"cell, or more than are free" },
	{ "/chosen/domU1", "xen,enhanced", TEXT("yes"), 0xd,
		"device tree: /chosen/domU1: xen,enhanced: none of \"\", enabled, disabled and "
		"no-xenstore" },
	{ "/chosen/domU1", "domain-cpupool", CELLS(0x77), 0xd,
		"device tree: /chosen/domU1: domain-cpupool: no node xen,cpupool that is usable" },
	{ "/chosen/pool-big", "cpupool-cpus", CELLS(0x77), 0xd,
		"device tree: /chosen/pool-big: cpupool-cpus: entry 0 is no CPU's node" },
	{ "/chosen/domU1/module@44000000", NULL, GONE, 0xd,
		"device tree: /chosen/domU1: multiboot,kernel: no such module below this node" },
	{ "/chosen/domU1/module@44000000", "reg", GONE, 0xd,
		"device tree: /chosen/domU1/module@44000000: reg: needs the address and the size "
		"of the file" },
	{ "/chosen/domU1/module@44000000", "reg", CELLS(0x44000000, 0), 0xd,
		"device tree: /chosen/domU1/module@44000000: reg: the file is empty" },
	{ "/chosen/domU1/module@44000000", "reg", CELLS(0xc4000000, 0x1000), 0xd,
		"device tree: /chosen/domU1/module@44000000: reg: 0xc4000000 - 0xc4000fff is no "
		"memory of this machine" },
	{ "/chosen/domU1/module@45000000", "compatible", TEXT("multiboot,module"), 0xf, "" },
	{ "/chosen/domU2@2/module@46000000", "reg", CELLS(0, 0x47080000, 0, 0x1000), 0x7,
		"device tree: /chosen/domain-with-a-long-name: reg: a module overlaps one of: "
		"/chosen/domU2@2" },
	{ "/chosen/domU1/module@44000000", "reg", CELLS(0x64000000, 0x100000), 0xb,
		"device tree: /chosen/domU2@2: xen,static-mem or xen,shared-mem: holds a file of: "
		"/chosen/domU1" },
	{ "/chosen/domU2@2", "xen,static-mem", GONE, 0xb,
		"device tree: /chosen/domU2@2: direct-map: needs xen,static-mem" },
	{ "/chosen/domU2@2", "xen,static-mem", CELLS(0x60000000), 0xb,
		"device tree: /chosen/domU2@2: xen,static-mem: not pairs of 1 and 1 cells, or "
		"beyond the last address" },
	{ "/chosen/domU2@2", "xen,static-mem", CELLS(0x60000000, 0x1000000), 0xb,
		"device tree: /chosen/domU2@2: xen,static-mem: the sum is not what memory says" },
	{ "/chosen/domU2@2", "xen,static-mem", CELLS(0x60000000, 0x2000000, 0x61000000, 0x2000000),
		0xb, "device tree: /chosen/domU2@2: xen,static-mem: ranges overlap" },
	{ "/chosen/domU2@2", "xen,static-mem", CELLS(0x60000800, 0x4000000), 0xb,
		"device tree: /chosen/domU2@2: xen,static-mem: a range is empty, not in whole "
		"pages, or one of too many" },
	{ "/chosen/domU2@2", "xen,static-mem", CELLS(0xbe000000, 0x4000000), 0xb,
		"device tree: /chosen/domU2@2: xen,static-mem: 0xbe000000 - 0xc1ffffff is no "
		"memory of this machine" },
	{ "/chosen/domU2@2", "xen,static-mem", CELLS(0x6e000000, 0x4000000), 0xb,
		"device tree: /chosen/domU2@2: xen,shared-mem: overlaps static memory, here or of: "
		"/chosen" },
	{ "/chosen/domU1/shm@70000000", "xen,shared-mem", CELLS(0x70000000, 0x100000), 0xd,
		"device tree: /chosen/domU1/shm@70000000: xen,shared-mem: not host address, guest "
		"address and size in the parent's cells" },
	{ "/chosen/domU1/shm@70000000", "xen,shared-mem", CELLS(0x70000000, 0x90000000, 0x200000),
		0xd,
		"device tree: /chosen/domU1: xen,shared-mem: another region than the one of: "
		"/chosen" },
	{ "/chosen/domU1/shm@70000000", "xen,shm-id", TEXT("two"), 0xd,
		"device tree: /chosen/domU1: xen,shared-mem: another region than the one of: "
		"/chosen" },
	{ "/chosen/domU1/shm@70000000", "xen,shm-id", TEXT("sixteen-letters!"), 0xd,
		"device tree: /chosen/domU1/shm@70000000: xen,shm-id: not a string of 1 to 15 "
		"characters" },
	{ "/chosen/domU1/shm@70000000", "role", TEXT("owner"), 0xd,
		"device tree: /chosen/domU1: role: the region has an owner, which is: /chosen" },
	{ "/chosen/domU1/shm@70000000", "role", TEXT("thief"), 0xd,
		"device tree: /chosen/domU1/shm@70000000: role: neither owner nor borrower" },
	{ "/chosen/domU1/evtchn@3", "xen,evtchn", CELLS(3), 0xd,
		"device tree: /chosen/domU1/evtchn@3: xen,evtchn: not a port and the node of its "
		"other end" },
	{ "/chosen/domU1/evtchn@3", "xen,evtchn", CELLS(3, 0x77), 0xd,
		"device tree: /chosen/domU1/evtchn@3: xen,evtchn: the other end is no node "
		"xen,evtchn-v1 of a domain" },
	{ "/chosen/domU1/evtchn@2", "xen,evtchn", CELLS(12, 0xc0), 0xd,
		"device tree: /chosen/domU1: xen,evtchn: port 0, used twice, or beyond the "
		"domain's limit" },
	{ "/chosen/domU1/evtchn@3", "xen,evtchn", CELLS(12, 0xc0), 0xd,
		"device tree: /chosen/domU1: xen,evtchn: no other end in: /chosen" },
	{ "/chosen/domU1/evtchn@3", NULL, GONE, 0xb,
		"device tree: /chosen/domU2@2/evtchn@4: xen,evtchn: the other end is no node "
		"xen,evtchn-v1 of a domain" },
	{ "/chosen/module@42000000", "reg", CELLS(0x9, 0, 0, 0x1000), 0xe,
		"device tree: /chosen/module@42000000: reg: 0x900000000 - 0x900000fff is no memory "
		"of this machine" },
	{ "/chosen/module@43000000", "compatible", TEXT("xen,multiboot-module"), 0xf, "" },
	{ "/chosen", "bootargs", TEXT("dom0_mem=9G"), 0xe,
		"dom0_mem: asks for 9216 MiB, but this machine has 2048 MiB" },
	{ "/chosen", "bootargs", TEXT("dom0_mem=512M,max:1M"), 0xe,
		"dom0_mem: max: is less than dom0 can boot with" },
};

static void spoil(unsigned int i)
{
	int n = tree_node(bad[i].node);
	u32 big[8];

	for (unsigned int j = 0; j < bad[i].cell_count; j++) {
		big[j] = __builtin_bswap32(bad[i].cells[j]);
	}
	if (!bad[i].property) {
		CHECK_EQ(fdt_del_node(tree, n), 0);
	} else if (bad[i].text) {
		CHECK_EQ(fdt_setprop_string(tree, n, bad[i].property, bad[i].text), 0);
	} else if (bad[i].cells) {
		CHECK_EQ(fdt_setprop(tree, n, bad[i].property, big, 4 * (int)bad[i].cell_count), 0);
	} else {
		CHECK_EQ(fdt_delprop(tree, n, bad[i].property), 0);
	}
}

UNIT_TEST(tree_bad, "a mistake costs its domain alone, and one line names node and property")
{
	if (!load("board")) {
		return;
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++) {
		unsigned int said;
		u16 ids = 0;

		tree_fresh();
		spoil(i);
		read_tree();
		for (unsigned int j = 0; j < config.domain_count; j++) {
			ids |= (u16)(1 << config.domains[j].id);
		}
		said = bad[i].line[0] ? shown_count(bad[i].line) : shown[0] == '\0';
		if (ids != bad[i].ids || said != 1) {
			printf("    %s: %s: said: %s", bad[i].node, bad[i].line, shown);
		}
		CHECK_EQ(ids, bad[i].ids);
		CHECK_EQ(said, 1);
		CHECK_EQ(shown_count("the domain is not started"), (u64)(4 - config.domain_count));
		CHECK_EQ(config.refused_count, 4 - config.domain_count);
		tree_fresh();
		param_parse_line("dom0_mem=256M,max:64G");
	}
}

UNIT_TEST(tree_static_cells, "xen,static-mem has the cells of /chosen, when it has none of its own")
{
	int n;

	if (!load("board")) {
		return;
	}
	n = tree_node("/chosen/domU2@2");
	CHECK_EQ(fdt_delprop(tree, n, "#xen,static-mem-address-cells"), 0);
	CHECK_EQ(fdt_delprop(tree, n, "#xen,static-mem-size-cells"), 0);
	CHECK_EQ(fdt_setprop_u64(tree, n, "xen,static-mem", 0x60000000), 0);
	CHECK_EQ(fdt_appendprop_u32(tree, n, "xen,static-mem", 0x4000000), 0);
	CHECK_EQ(fdt_setprop_u32(tree, tree_node("/chosen"), "#size-cells", 1), 0);
	read_tree();
	CHECK_EQ(config.domains[config.domain_count - 1].id, 2);
	CHECK_EQ(config.domains[config.domain_count - 1].bank_count, 1);
	CHECK_EQ(config.domains[config.domain_count - 1].banks[0].pa, 0x60000000);
	CHECK_EQ(config.domains[config.domain_count - 1].banks[0].size, 0x4000000);
}

UNIT_TEST(tree_peer_gone, "a channel to a domain that is not started is left out, with a line")
{
	if (!load("board")) {
		return;
	}
	CHECK_EQ(fdt_delprop(tree, tree_node("/chosen/domU2@2"), "cpus"), 0);
	read_tree();
	CHECK_EQ(config.domain_count, 3);
	CHECK_EQ(config.domains[1].channel_count, 1);
	CHECK_EQ(config.domains[1].channels[0].peer, 0);
	CHECK_EQ(shown_count("/chosen/domU1: xen,evtchn: port 12 is not there, since domain 2 is "
			     "not"),
		1);
}

UNIT_TEST(tree_many, "more domains than there is room for, and dom0 without its options")
{
	if (!load("board")) {
		return;
	}
	CHECK_EQ(fdt_delprop(tree, tree_node("/chosen"), "bootargs"), 0);
	for (unsigned int i = 0; i < 40; i++) {
		char name[16];
		int n;

		snprintf(name, sizeof(name), "more%u", i);
		n = fdt_add_subnode(tree, tree_node("/chosen"), name);
		CHECK_EQ(fdt_setprop_string(tree, n, "compatible", "xen,domain"), 0);
		CHECK_EQ(fdt_setprop_u32(tree, n, "memory", 0x8000), 0);
		CHECK_EQ(fdt_setprop_u32(tree, n, "cpus", 1), 0);
		n = fdt_add_subnode(tree, n, "kernel");
		CHECK_EQ(fdt_setprop_string(tree, n, "compatible", "multiboot,module"), 0);
		CHECK_EQ(fdt_setprop_u64(tree, n, "reg", 0x47000000), 0);
		CHECK_EQ(fdt_appendprop_u64(tree, n, "reg", 0x100000), 0);
	}
	read_tree();
	CHECK_EQ(config.domain_count, FROM_DT_DOMAINS_MAX);
	CHECK_EQ(config.refused_count, 44 - FROM_DT_DOMAINS_MAX);
	CHECK_EQ(shown_count("more than 32 domains"), 44 - FROM_DT_DOMAINS_MAX);
}
