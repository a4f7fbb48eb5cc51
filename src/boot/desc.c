/* SPDX-License-Identifier: GPL-2.0-only */
/* Judges the description of a domain before anything is built from it. Pure. */
#include "boot/desc.h"

#include "core/domain.h"
#include "lib/errno.h"
#include "lib/string.h"

#define MEMORY_LEAST MiB(1)
#define CMDLINE_MAX 2048

struct desc_rule {
	bool (*broken)(const struct domain_desc *d);
	const char *why;
};

static bool bad_id(const struct domain_desc *d)
{
	return d->id >= DOMID_FIRST_RESERVED_;
}

static bool bad_name(const struct domain_desc *d)
{
	return !d->name || !d->name[0] || strlen(d->name) >= sizeof(((struct domain *)0)->name);
}

static bool bad_vcpus(const struct domain_desc *d)
{
	return d->vcpu_count == 0 || d->vcpu_count > MAX_VCPUS;
}

static bool bad_memory(const struct domain_desc *d)
{
	return d->kernel && (d->memory < MEMORY_LEAST || !IS_ALIGNED(d->memory, PAGE_SIZE));
}

static bool bad_memory_max(const struct domain_desc *d)
{
	return d->memory_max < d->memory;
}

static bool bad_kernel(const struct domain_desc *d)
{
	return d->kernel && d->kernel->size == 0;
}

static bool bad_ramdisk(const struct domain_desc *d)
{
	return d->ramdisk && (!d->kernel || d->ramdisk->size == 0);
}

static bool too_small(const struct domain_desc *d)
{
	u64 need = (d->kernel ? d->kernel->size : 0) + (d->ramdisk ? d->ramdisk->size : 0);

	return d->kernel && d->memory < need + MEMORY_LEAST;
}

static bool bad_cmdline(const struct domain_desc *d)
{
	return d->cmdline && strlen(d->cmdline) >= CMDLINE_MAX;
}

static const struct desc_rule rules[] = {
	{ bad_id, "id: must be below 0x7ff0" },
	{ bad_name, "name: 1 to 15 characters" },
	{ bad_vcpus, "vCPUs: 1 to 128" },
	{ bad_memory, "memory: at least 1 MiB, in whole pages" },
	{ bad_memory_max, "maximum memory: less than the memory at start" },
	{ bad_kernel, "kernel: the file is empty" },
	{ bad_ramdisk, "ramdisk: empty, or without a kernel" },
	{ too_small, "memory: too small for the kernel and the ramdisk" },
	{ bad_cmdline, "command line: longer than 2047 characters" },
};

int desc_check(const struct domain_desc *desc, const char **why)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(rules); i++) {
		if (rules[i].broken(desc)) {
			*why = rules[i].why;
			return -EINVAL;
		}
	}
	return 0;
}
