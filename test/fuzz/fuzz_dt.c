/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The host's device tree: any bytes are refused, or give a machine and descriptions that obey every
 * rule. What is accepted as a whole tree has to be one for libfdt too.
 */
#include <libfdt.h>
#include <stdlib.h>
#include <string.h>

#include "arch/arm/boot/boot.h"
#include "arch/arm/boot/machine_dt.h"
#include "arch/arm/machine.h"
#include "boot/desc.h"
#include "boot/from_dt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SIZE_MOST 65536

static struct from_dt_config config;

static void expect(bool ok)
{
	if (!ok) {
		abort();
	}
}

static void check_node(const struct dt *dt, const struct dt_node *n)
{
	char path[DT_PATH_MAX];
	struct dt_range r;
	struct dt_irq irq;

	dt_path(dt, n, path, sizeof(path));
	expect(strlen(path) < sizeof(path));
	for (unsigned int i = 0; i < 4; i++) {
		if (dt_reg_cpu(dt, n, i, &r) == 0) {
			expect(r.start + r.size >= r.start);
		}
		if (dt_irq(dt, n, i, &irq) == 0) {
			expect(irq.intid >= 16 && irq.intid < 1020 && irq.controller);
		}
	}
}

static void check_machine(int rc)
{
	expect(boot_module_count <= BOOT_MODULES_MAX);
	expect(boot_reserved_count <= BOOT_RESERVED_MAX);
	expect(machine_dt_heap_count <= MACHINE_DT_HEAP_MAX);
	expect(arm_machine.cpu_count <= CONFIG_MAX_CPUS);
	if (rc == 0) {
		expect(arm_machine.cpu_count && arm_machine.max_ram);
		expect(arm_machine.gic.version == 2 || arm_machine.gic.version == 3);
		expect(arm_machine.gic.redist_count <= 8);
		expect(arm_machine.timer.virt >= 16 && arm_machine.timer.virt < 32);
	}
}

static void check_domain(const struct domain_desc *d)
{
	const char *why;

	expect(desc_check(d, &why) == 0);
	expect(d->kernel && d->where && strlen(d->where) < DT_PATH_MAX);
	expect(memmap_is(&boot_map, d->kernel->start.v, d->kernel->size, MEMMAP_RAM));
	expect(d->cpupool == 0 || d->cpupool < config.pool_count);
	for (unsigned int i = 0; i < d->bank_count; i++) {
		expect(memmap_is(&boot_map, d->banks[i].pa, d->banks[i].size, MEMMAP_RAM));
	}
}

static void check_domains(void)
{
	struct desc_conflict x;

	expect(config.domain_count <= FROM_DT_DOMAINS_MAX);
	expect(config.pool_count <= FROM_DT_POOLS_MAX);
	for (unsigned int i = 0; i < config.domain_count; i++) {
		check_domain(&config.domains[i]);
	}
	for (unsigned int i = 0; i < config.pool_count; i++) {
		expect(config.pools[i].cpu_count <= CONFIG_MAX_CPUS);
	}
	expect(desc_check_all(config.domains, config.domain_count, &x) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t tree[SIZE_MOST] __aligned(8);
	struct from_dt_host host = { .map = &boot_map,
		.modules = boot_modules,
		.cpu_count = 4,
		.vcpus_max = 8,
		.spi_count = 64,
		.available = MiB(512) };
	const char *why = NULL;
	int rc;

	if (size > sizeof(tree)) {
		return 0;
	}
	memcpy(tree, data, size);
	rc = machine_dt_parse(tree, (u32)size, &why);
	expect(rc == 0 || (why && strlen(why) > 0));
	if (machine_dt.count == 0) {
		return 0;
	}
	expect(fdt_check_full(tree, size) == 0);
	dt_for_each_node(&machine_dt, n)
	{
		check_node(&machine_dt, n);
	}
	check_machine(rc);
	host.module_count = boot_module_count;
	from_dt(&machine_dt, &host, &config);
	check_domains();
	return 0;
}
