/* SPDX-License-Identifier: GPL-2.0-only */
/* Bringing up the other CPUs. */
#ifndef ARCH_X86_SMP_H
#define ARCH_X86_SMP_H

#include "lib/types.h"

/* A page of RAM below 1 MiB for the trampoline; boot CPU, before smp_boot_cpus(). */
void smp_set_trampoline(hpa_t page);
/* Starts every enabled CPU of the MADT, one after the other; one that does not answer is named and
 * left out. `maxcpus=` limits them. */
void smp_boot_cpus(void);

#endif
