/* SPDX-License-Identifier: GPL-2.0-only */
/* The other CPUs: started by PSCI, then each waits for a function to run. */
#ifndef GUEST_LIB_ARM64_SMP_H
#define GUEST_LIB_ARM64_SMP_H

#include "lib/compiler.h"

/* How many vCPUs the domain has, at most CPU_MAX. */
unsigned int smp_count(void);

/* Starts @cpu: PSCI's answer. Waits until it runs; false then when it does not. */
s64 smp_power_on(unsigned int cpu);
bool smp_start(unsigned int cpu);
bool smp_start_all(void);

/* fn(@arg) on another CPU, which has interrupts off; one after the other. */
void smp_run(unsigned int cpu, u64 (*fn)(u64), u64 arg);
/* Waits for it; false after about @ms milliseconds. */
bool smp_wait(unsigned int cpu, unsigned int ms, u64 *result);
/* smp_run() and smp_wait(), 10 s; 0 when it takes longer. */
u64 smp_call(unsigned int cpu, u64 (*fn)(u64), u64 arg);
/* Makes a CPU power itself off by PSCI; true when PSCI says so of it. */
bool smp_stop(unsigned int cpu);

/* Waits until *@flag is at least @value; false after about @ms milliseconds. */
bool smp_wait_for(const volatile u32 *flag, u32 value, unsigned int ms);

/* For start.c. */
void __noreturn smp_cpu_main(unsigned int cpu);

#endif
