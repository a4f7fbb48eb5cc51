/* SPDX-License-Identifier: GPL-2.0-only */
/* Bringing up the other CPUs. */
#ifndef ARCH_ARM_SMP_H
#define ARCH_ARM_SMP_H

/* Starts the CPUs that the device tree names, one after the other; one that does not answer or does
 * not fit is named and left out. `maxcpus=` limits them. */
void smp_boot_cpus(void);

#endif
