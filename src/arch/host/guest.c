/* SPDX-License-Identifier: GPL-2.0-only */
/* What the core asks about a guest's mode and tables, answered by the test. */
#include "arch/contract/guest.h"

#include "arch/host/host.h"

int (*host_guest_translate)(struct vcpu *v, u64 linear, bool write, gpa_t *gpa);
const struct s2_fmt *host_s2_fmt;
unsigned int host_s2_levels = 4;
u64 host_s2_flushes;

int arch_guest_translate(struct vcpu *v, u64 linear, bool write, gpa_t *gpa)
{
	if (host_guest_translate) {
		return host_guest_translate(v, linear, write, gpa);
	}
	*gpa = GPA(linear);
	return 0;
}

const struct s2_fmt *arch_s2_fmt(void)
{
	return host_s2_fmt;
}

unsigned int arch_s2_levels(void)
{
	return host_s2_levels;
}

unsigned int arch_s2_root_order(void)
{
	return 0;
}

unsigned int arch_s2_leaf_max(void)
{
	return 3;
}

void arch_s2_flush(struct domain *d, gfn_t start, u64 count)
{
	host_s2_flushes++;
}
