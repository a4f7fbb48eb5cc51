/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A device tree of unknown origin, as a guest's partial tree and as the host's own: what is read of
 * it stays in bounds, and what is written from it is a tree again.
 */
#include <stdlib.h>
#include <string.h>

#include "arch/arm/boot/fdt_plan.h"
#include "arch/arm/boot/passthrough.h"
#include "lib/errno.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define TREE_MAX 65536

static struct dt given, made;
static u64 blob[TREE_MAX / 8 + 1], out[TREE_MAX];

static void check(bool holds)
{
	if (!holds) {
		abort();
	}
}

/* There is always room enough. */
static void check_made(int size)
{
	const char *why = NULL;

	check(size == -EINVAL || size > 0);
	if (size > 0) {
		check((u32)size <= fdt_plan_size(&given));
		/* Deeper or larger than what is read again it cannot be but by our own nodes. */
		(void)dt_open(&made, out, (u32)size, &why);
	}
}

static void as_partial(const struct fdt_plan *plan)
{
	static struct passthrough pass;
	const struct dt_node *bad = NULL;
	const char *why = NULL;

	if (passthrough_read(&given, &given, &pass, &bad, &why) != 0) {
		check(bad && why);
	}
	check(pass.range_count <= PASSTHROUGH_RANGES);
	check_made(fdt_guest(plan, &given, out, fdt_plan_size(&given)));
}

static void as_host(const struct fdt_plan *plan)
{
	static struct resources r;
	struct fdt_host host = { .dt = &given };

	dt_for_each_node(&given, n)
	{
		if (dt_gic_version(&given, n)) {
			host.gic = n;
		}
	}
	host.uart = dt_find_compatible(&given, NULL, "arm,pl011");
	if (resources_dom0(&host, &r) == 0) {
		check(r.pages.count <= RESOURCES_RANGES);
	}
	check_made(fdt_dom0(plan, &host, out, fdt_plan_size(&given)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct domain_desc desc = { .name = "fuzz", .cmdline = "quiet", .vpl011 = true };
	static struct fdt_plan plan = { .desc = &desc,
		.ram = { .banks = { { GiB(1), GiB(1) } }, .count = 1 },
		.vcpu_count = 2,
		.mpidr = { 0, 1 },
		.evtchn_irq = 31,
		.gic = { .version = 3, .redist_count = 1 },
		.timer = { 29, 30, 27, 0 },
		.vpl011_irq = 32 };
	const char *why = NULL;

	if (size > TREE_MAX) {
		return 0;
	}
	desc.enhanced = size % 2 ? DESC_ENHANCED : DESC_PLAIN;
	memcpy(blob, data, size);
	if (dt_open(&given, blob, (u32)size, &why) == 0) {
		as_partial(&plan);
		as_host(&plan);
	}
	return 0;
}
