/* SPDX-License-Identifier: GPL-2.0-only */
/* dom0_max_vcpus=: see the header. */
#include "boot/dom0_vcpus.h"

#include "core/domain.h"
#include "core/param.h"
#include "lib/errno.h"
#include "lib/parse.h"

static u64 opt_vcpus_min = 1, opt_vcpus_max = MAX_VCPUS;

static int dom0_vcpus_parse(const char *value)
{
	u64 min = 1, max = MAX_VCPUS;
	const char *s = value;

	if (!s || (*s != '-' && parse_u64(s, &s, 0, &min))) {
		return -EINVAL;
	}
	if (*s == '\0') {
		max = min;
	} else if (*s != '-' || (s[1] != '\0' && parse_u64(s + 1, NULL, 0, &max))) {
		return -EINVAL;
	}
	if (min == 0 || min > max || max > MAX_VCPUS) {
		return -EINVAL;
	}
	opt_vcpus_min = min;
	opt_vcpus_max = max;
	return 0;
}
PARAM(dom0_max_vcpus, "dom0_max_vcpus", dom0_vcpus_parse);

unsigned int dom0_vcpus(unsigned int cpu_count)
{
	return (unsigned int)MIN(MAX((u64)cpu_count, opt_vcpus_min), opt_vcpus_max);
}
