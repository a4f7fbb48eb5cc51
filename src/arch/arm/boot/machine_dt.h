/* SPDX-License-Identifier: GPL-2.0-only */
/* What machine_dt_parse() (boot.h) leaves beside struct arm_machine for those who read the tree
 * themselves. Constant after it. */
#ifndef ARCH_ARM_BOOT_MACHINE_DT_H
#define ARCH_ARM_BOOT_MACHINE_DT_H

#include "lib/fdt.h"

/* The host's tree, indexed: valid as long as arm_machine.fdt is. */
extern struct dt machine_dt;

/* The node of the root interrupt controller. */
extern const struct dt_node *machine_dt_gic;

/* xen,static-heap: if there is any, the allocator gets nothing else. */
#define MACHINE_DT_HEAP_MAX 16
extern struct dt_range machine_dt_heap[MACHINE_DT_HEAP_MAX];
extern unsigned int machine_dt_heap_count;

#endif
