/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A domain's memory from its description: from anywhere, 1:1, static, shared; and writing to it
 * before it runs. Boot CPU.
 */
#ifndef ARCH_ARM_BOOT_MEMORY_H
#define ARCH_ARM_BOOT_MEMORY_H

#include "arch/arm/boot/place.h"

struct domain;

/*
 * Takes the static banks and shared regions of all descriptions, before anything else may. What
 * cannot be had is named, and memory_give() refuses the domains that need it.
 */
void memory_take_static(const struct domain_desc *descs, unsigned int count);

/* Gives d the RAM of its description and says where it is; desc->memory is lowered to what the
 * machine has left if d is the hardware domain. -ENOMEM, -EINVAL …: *why names the property. */
int memory_give(struct domain *d, struct domain_desc *desc, struct ram *ram, const char **why);
/* Maps the regions that it shares. */
int memory_share(struct domain *d, const struct domain_desc *desc, const char **why);

/* Copies into the domain's RAM, and out of the caches: its first vCPU starts without them.
 * -EFAULT: not RAM; -ENOMEM. */
int memory_write(struct domain *d, u64 gpa, const void *from, u64 size);
int memory_write_module(
	struct domain *d, u64 gpa, const struct boot_module *m, u64 offset, u64 size);

#endif
