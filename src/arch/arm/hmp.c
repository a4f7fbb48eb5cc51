/* SPDX-License-Identifier: GPL-2.0-only */
/* Cores of several kinds: see the header. Decides, and does nothing. */
#include "arch/arm/hmp.h"

#include "core/param.h"

static bool hmp_unsafe;
PARAM_BOOL(hmp_unsafe, "hmp-unsafe", hmp_unsafe);

static bool hmp_alike(u32 a, u32 b)
{
	return a == b;
}

unsigned int hmp_select(
	const u32 *midrs, unsigned int count, unsigned int boot, bool unsafe, bool *use)
{
	unsigned int left_out = 0;

	for (unsigned int i = 0; i < count; i++) {
		use[i] = unsafe || hmp_alike(midrs[i], midrs[boot]);
		left_out += !use[i];
	}
	return left_out;
}

bool hmp_may_run(u32 boot_midr, u32 midr)
{
	return hmp_unsafe || hmp_alike(boot_midr, midr);
}
