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
/* True if some vector is requested that the current TPR/PPR lets through, or NMI/INIT/SIPI waits. Any CPU. */
bool lapic_has_event(struct vcpu *v);
/* Moves vector from requested to in service: it is being injected. */
void lapic_accept(struct vcpu *v, u8 vector);
/* An interrupt message (MSI, I/O APIC): all vCPUs that it addresses. delivery: APIC_DM_*. */
void lapic_deliver(struct domain *d, u32 dest, bool logical, u32 delivery, u8 vector, bool level);
/* CR8 as the hardware left it after an exit, and as it should be for the next entry. */
void lapic_set_tpr(struct vcpu *v, u8 tpr);
u8 lapic_tpr(struct vcpu *v);

/* MSRs 0x800..0x8ff and IA32_APIC_BASE (0x1b). EXIT_SKIP or EXIT_INJECT (#GP). */
enum exit_result lapic_rdmsr(struct vcpu *v, struct vm_exit *e, u32 msr, u64 *value);
enum exit_result lapic_wrmsr(struct vcpu *v, struct vm_exit *e, u32 msr, u64 value);

/* INIT and start-up IPIs leave VCPU_PENDING_RESET; exit.c asks here what came. Own CPU or held. */
enum lapic_reset { LAPIC_RESET_NONE, LAPIC_RESET_INIT, LAPIC_RESET_STARTUP };
enum lapic_reset lapic_take_reset(struct vcpu *v, u8 *vector);
void lapic_reset(struct vcpu *v); /* registers as after INIT; the id stays */
void lapic_dump(struct vcpu *v);

#endif
