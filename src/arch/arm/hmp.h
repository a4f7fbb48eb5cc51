/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which cores of a machine with several kinds of them run guests. A vCPU that moves between kinds
 * would see its ID registers, its cache lines' size and its errata change under it: so only those
 * like the boot CPU are used, unless hmp-unsafe= says that pools keep them apart.
 */
#ifndef ARCH_ARM_HMP_H
#define ARCH_ARM_HMP_H

#include "lib/types.h"

/* Pure. use[i]: CPU i of `count` may run guests; `boot` is one of them. midrs[] are values of
 * MIDR_EL1 (DDI 0487, D17.2.100): cores are alike when all of it is equal, revision too. Returns
 * how many are left out. */
unsigned int hmp_select(
	const u32 *midrs, unsigned int count, unsigned int boot, bool unsafe, bool *use);

/* The same for one CPU, by the option. Any context. */
bool hmp_may_run(u32 boot_midr, u32 midr);

#endif
