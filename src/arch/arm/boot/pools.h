/* SPDX-License-Identifier: GPL-2.0-only */
/* CPU pools from the device tree. */
#ifndef ARCH_ARM_BOOT_POOLS_H
#define ARCH_ARM_BOOT_POOLS_H

#include "boot/from_dt.h"

/* Makes the pools that the nodes xen,cpupool describe; without such nodes, nothing. All CPUs run,
 * no domain is there. */
void pools_make(const struct from_dt_config *config);

#endif
