/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guest's local APIC, one for each vCPU: xAPIC registers at 0xfee00000 and x2APIC MSRs, IPIs,
 * timer. Interrupt requests may come from any CPU; everything else runs on the vCPU's CPU.
 */
#ifndef ARCH_X86_VDEV_LAPIC_H
#define ARCH_X86_VDEV_LAPIC_H

#include "arch/x86/exit.h"
#include "core/unit.h"

struct vcpu;
struct domain;

/* Creates the LAPIC of each vCPU (APIC id = 2 * vcpu id) and its MMIO region. */
extern const struct unit lapic_unit;

/* Requests vector (16..255) and makes the vCPU look (vcpu_set_pending EVENT). Any CPU. */
void lapic_request(struct vcpu *v, u8 vector, bool level);
/* Highest requested vector above the processor priority, 0: none. The vCPU's own CPU. */
u8 lapic_pending(struct vcpu *v);
/* Highest requested vector that only the TPR holds back, 0: none. The vCPU's own CPU. With a TPR
 * that the guest changes without an exit: to ask for a window at this vector's priority. */
u8 lapic_held_back(struct vcpu *v);
/* True if some vector is requested that the current TPR/PPR lets through, or NMI/INIT/SIPI waits.
 * Any CPU. */
bool lapic_has_event(struct vcpu *v);
/* Moves vector from requested to in service: it is being injected. */
void lapic_accept(struct vcpu *v, u8 vector);
/* An interrupt message (MSI, I/O APIC): all vCPUs that it addresses. delivery: APIC_DM_*. */
void lapic_deliver(struct domain *d, u32 dest, bool logical, u32 delivery, u8 vector, bool level);
/* The one vCPU (the first of several) that a message goes to, or NULL. */
struct vcpu *lapic_target(struct domain *d, u32 dest, bool logical);
/* TPR (CR8 << 4) as the hardware left it after an exit, and as it should be for the next entry. */
void lapic_set_tpr(struct vcpu *v, u8 tpr);
u8 lapic_tpr(struct vcpu *v);

/* MSRs 0x800..0x8ff, IA32_APIC_BASE (0x1b) and IA32_TSC_DEADLINE (0x6e0). EXIT_SKIP or EXIT_INJECT
 * (#GP). */
enum exit_result lapic_rdmsr(struct vcpu *v, struct vm_exit *e, u32 msr, u64 *value);
enum exit_result lapic_wrmsr(struct vcpu *v, struct vm_exit *e, u32 msr, u64 value);

/* INIT and start-up IPIs leave VCPU_PENDING_RESET; exit.c asks here what came. Own CPU or held.
 * INIT: the vCPU is held DOWN already (the caller does not hold it again, since a start-up IPI may
 * have released it by now) and waits for a start-up IPI. STARTUP: it starts at vector << 12. */
enum lapic_reset { LAPIC_RESET_NONE, LAPIC_RESET_INIT, LAPIC_RESET_STARTUP };
enum lapic_reset lapic_take_reset(struct vcpu *v, u8 *vector);
/* The vCPU has been brought up by other means (hypercall): it waits for no start-up IPI. */
void lapic_started(struct vcpu *v);
void lapic_reset(struct vcpu *v); /* registers as after INIT; the id stays */
/* APIC_BASE has it on: CPUID says so too. */
bool lapic_hardware_enabled(const struct vcpu *v);
void lapic_dump(struct vcpu *v);

#endif
