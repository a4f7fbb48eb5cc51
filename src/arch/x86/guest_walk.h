/* SPDX-License-Identifier: GPL-2.0-only */
/* The guest's own page tables, walked in software. */
#ifndef ARCH_X86_GUEST_WALK_H
#define ARCH_X86_GUEST_WALK_H

#include "lib/types.h"

struct vcpu;

#define WALK_WRITE 1U
#define WALK_USER 2U
#define WALK_FETCH 4U
#define WALK_IMPLICIT 8U /* not the instruction's own access: SMAP ignores RFLAGS.AC */

/* 0 and *gpa; or -EFAULT and in *error the page-fault error code (X86_PF_*). Sets no accessed or
 * dirty bits: the CPU did when it translated, and hypercall buffers need none. */
int guest_walk(struct vcpu *v, u64 linear, unsigned int flags, gpa_t *gpa, u32 *error);

#endif
