/* SPDX-License-Identifier: GPL-2.0-only */
/* CPUs: what the layers above ask of one. */
#ifndef ARCH_CONTRACT_CPU_H
#define ARCH_CONTRACT_CPU_H

#include "lib/compiler.h"

struct pcpu;
struct vcpu;
struct domain;

/* Makes CPU p leave guest mode or its idle sleep and look at its work word. Any context. */
void arch_pcpu_kick(struct pcpu *p);
/* Sleeps until an interrupt, handles it, returns. No work was pending when interrupts
 * were masked. */
void arch_pcpu_idle(struct pcpu *p);
void arch_cpu_relax(void);
/* Stops all other CPUs for good, by NMI or the like; gives up after a while on those that do not
 * answer. For panic and the end of the machine. */
void arch_stop_others(void);
/* What this CPU, of which p is the structure, is doing: registers of the interrupted context, to
 * the console. Runs on p. */
void arch_pcpu_dump(struct pcpu *p);
/* Return addresses of the callers of the caller, nearest first, by frame pointers. Never faults:
 * stops at the end of the CPU's own stack. Returns how many. Any context. */
unsigned int arch_backtrace(unsigned long *pcs, unsigned int max);

/* Loads or unloads a vCPU's state that the entry path does not switch (FPU, MSRs …).
 * On that CPU. */
void arch_vcpu_load(struct vcpu *v);
void arch_vcpu_unload(struct vcpu *v);
/* Enters the guest once and handles its exit; returns when work is pending or v gave up the CPU. */
void arch_vcpu_run(struct vcpu *v);

/* The vCPU may have a deliverable event: upcall_pending was set in its vcpu_info. Any CPU. */
void arch_vcpu_event(struct vcpu *v);
/* True if an event or interrupt would be taken by v now, were it running: keeps it
 * from blocking. */
bool arch_vcpu_has_event(struct vcpu *v);

void arch_vcpu_dump(struct vcpu *v); /* registers, to the console */

enum machine_end { MACHINE_HALT, MACHINE_POWEROFF, MACHINE_REBOOT };
void arch_machine_end(enum machine_end how) __noreturn;

#endif
