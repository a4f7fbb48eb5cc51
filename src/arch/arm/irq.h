/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Interrupts of the machine: who gets which. The hypervisor runs with interrupts masked and takes
 * them by reading the GIC at two places where no lock is held: after an exit, and after an idle
 * sleep.
 */
#ifndef ARCH_ARM_IRQ_H
#define ARCH_ARM_IRQ_H

#include "core/unit.h"
#include "lib/compiler.h"

struct domain;

/* Runs with interrupts masked, no lock held, on the CPU that took it. The interrupt is deactivated
 * after it. */
typedef void irq_handler_fn(void *arg);

extern const struct unit irq_unit; /* interrupts of domains */

/* For the hypervisor. PPIs: enabled on the calling CPU; call it on each with the same arguments.
 * SPIs: go to the boot CPU; the heap is available. -EBUSY, -EINVAL, -ENOMEM. */
int irq_request(u32 intid, bool edge, irq_handler_fn *fn, void *arg);
/* As irq_request(), for a PPI that stays active until a guest ends it through a list register. */
int irq_request_guest_ppi(u32 intid, irq_handler_fn *fn, void *arg);

/* The host's SPI becomes the domain's interrupt virq: arrives with the hw bit, ends by the guest.
 * The same assignment once more is fine, since devices share interrupts. -EBUSY: it belongs to
 * somebody, or virq is another one; -EINVAL; -ENOMEM. What it is configured as and whether it is
 * enabled follows the guest's virtual GIC: irq_guest_*(). The domain's end gives it back. */
int irq_assign(struct domain *d, u32 spi, u32 virq);
bool irq_is_assigned(const struct domain *d, u32 spi);
/* Any CPU, locks up to RANK_VDEV may be held. A virq that is none of the host's is ignored. */
void irq_guest_enable(struct domain *d, u32 virq, bool enable);
void irq_guest_configure(struct domain *d, u32 virq, bool edge);
/* It goes to the CPU of this vCPU from now on. */
void irq_guest_route(struct domain *d, u32 virq, struct vcpu *v);
/* The host's interrupt behind virq; 0: none (emulated). */
u32 irq_guest_host(const struct domain *d, u32 virq);

/* Acknowledges and handles what is pending on this CPU, a bounded number of interrupts. No lock
 * held. */
void irq_handle_pending(void);

/* What a CPU does that is told to stop: sleeps for good (irq_stop.c). */
void irq_stop(void *arg) __noreturn;

#endif
