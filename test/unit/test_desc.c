/* SPDX-License-Identifier: GPL-2.0-only */
/* Descriptions of domains: each rule refuses what it is about, and names it. */
#include <string.h>

#include "boot/desc.h"
#include "unit/harness.h"

static const struct boot_module kernel = { .size = MiB(8), .cmdline = "" };
static const struct boot_module empty = { .size = 0, .cmdline = "" };

static struct domain_desc good(void)
{
	return (struct domain_desc){
		.name = "Domain-0",
		.memory = MiB(64),
		.memory_max = MiB(64),
		.vcpu_count = 1,
		.kernel = &kernel,
		.ramdisk = &kernel,
		.cmdline = "console=hvc0",
	};
}

static void check_refused(const struct domain_desc *d, const char *start)
{
	const char *why = "";

	CHECK_EQ(desc_check(d, &why), -22);
	CHECK_EQ(strncmp(why, start, strlen(start)), 0);
}

UNIT_TEST(desc_good, "a plain description is accepted, and one without a kernel too")
{
	struct domain_desc d = good();
	const char *why = NULL;

	CHECK_EQ(desc_check(&d, &why), 0);
	d.kernel = d.ramdisk = NULL;
	d.memory = 0;
	CHECK_EQ(desc_check(&d, &why), 0);
}

UNIT_TEST(desc_bad, "each wrong field is refused by its name")
{
	static char line[4096];
	struct domain_desc d;

	d = good(), d.id = 0x7ff0, check_refused(&d, "id:");
	d = good(), d.name = "", check_refused(&d, "name:");
	d = good(), d.name = "sixteen-letters!", check_refused(&d, "name:");
	d = good(), d.vcpu_count = 0, check_refused(&d, "vCPUs:");
	d = good(), d.vcpu_count = 129, check_refused(&d, "vCPUs:");
	d = good(), d.memory = KiB(512), check_refused(&d, "memory:");
	d = good(), d.memory += 1, d.memory_max += 1, check_refused(&d, "memory:");
	d = good(), d.memory_max = MiB(32), check_refused(&d, "maximum memory:");
	d = good(), d.kernel = &empty, check_refused(&d, "kernel:");
	d = good(), d.ramdisk = &empty, check_refused(&d, "ramdisk:");
	d = good(), d.kernel = NULL, check_refused(&d, "ramdisk:");
	d = good(), d.memory = d.memory_max = MiB(16), check_refused(&d, "memory: too small");
	memset(line, 'x', sizeof(line) - 1);
	d = good(), d.cmdline = line, check_refused(&d, "command line:");
}
