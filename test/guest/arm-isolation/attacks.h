/* SPDX-License-Identifier: GPL-2.0-only */
/* The attacks: each returns when the CPU can go on; those that end a CPU run on another. */
#ifndef GUEST_ARM_ISOLATION_ATTACKS_H
#define GUEST_ARM_ISOLATION_ATTACKS_H

#include "lib/compiler.h"

/* An address that no domain of the tests has, within reach of the page table. */
#define NOWHERE 0x7000000000ULL

void attack_memory(void);
void attack_devices(void);
void attack_floods(void);
void attack_cpus(void);

u64 attack_random(void);

#endif
