/* SPDX-License-Identifier: GPL-2.0-only */
/* The option dom0_max_vcpus=: "4", "2-8", "2-" or "-8". */
#ifndef BOOT_DOM0_VCPUS_H
#define BOOT_DOM0_VCPUS_H

/* How many vCPUs dom0 gets where it may use so many CPUs: as many, within the option's bounds. */
unsigned int dom0_vcpus(unsigned int cpu_count);

#endif
