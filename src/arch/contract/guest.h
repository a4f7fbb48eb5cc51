/* SPDX-License-Identifier: GPL-2.0-only */
/* Guests: what the layers above need to know about a vCPU's mode and its domain's tables. */
#ifndef ARCH_CONTRACT_GUEST_H
#define ARCH_CONTRACT_GUEST_H

#include "lib/types.h"

struct vcpu;
struct domain;
struct s2_fmt;

/* Translates a linear address through the guest's own page tables (or flat without paging) with
 * supervisor rights; `write`: needs write permission (honours CR0.WP). 0 and *gpa, or -EFAULT. */
int arch_guest_translate(struct vcpu *v, u64 linear, bool write, gpa_t *gpa);

/* The stage-2 format of this machine, and what it offers. */
const struct s2_fmt *arch_s2_fmt(void);
unsigned int arch_s2_levels(void);
unsigned int arch_s2_root_order(void);
unsigned int arch_s2_leaf_max(void);
/* Makes every CPU that runs a vCPU of d forget its stage-2 entries for [start, start + count), or
 * more; count 0: all. On return none uses an old one. */
void arch_s2_flush(struct domain *d, gfn_t start, u64 count);

#endif
