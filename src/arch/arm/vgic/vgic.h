/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The interrupt controller that a guest sees: one core of pending, active, enabled, priority and
 * target for each interrupt, two register maps (v2, v3) on it. Everything here is free of hardware
 * but for the hypervisor interface of gic/gic.h, of which host tests supply a model.
 *
 *   source ─▶ vgic_set_level(), vgic_pulse(), vgic_inject_hw()
 *     ─▶ struct vgic_irq (level, latch, enabled, …) ─▶ pending on vCPU ─▶ vgic_flush() ─▶ list
 * register ◀─ guest's EOI: hardware; vgic_sync() or maintenance interrupt reads back what ended
 */
#ifndef ARCH_ARM_VGIC_VGIC_H
#define ARCH_ARM_VGIC_VGIC_H

#include "core/unit.h"
#include "lib/types.h"

struct domain;
struct vcpu;

extern const struct unit vgic_unit;

#define VGIC_SPI_MAX 992

/* intid below 32: of that vCPU; else v is NULL. Any CPU, locks below RANK_VDEV may be held. What
 * does not exist is ignored. */
void vgic_set_level(struct domain *d, struct vcpu *v, u32 intid, bool level);
void vgic_pulse(struct domain *d, struct vcpu *v, u32 intid);
/* The host's interrupt pintid has fired and stays active until the guest deactivates intid. */
void vgic_inject_hw(struct domain *d, struct vcpu *v, u32 intid, u32 pintid);

/* On the vCPU's CPU, which has it loaded (or is loading or unloading it). */
void vgic_load(struct vcpu *v);
void vgic_unload(struct vcpu *v);
/* VCPU_PENDING_EVENT is set: puts what is pending into list registers. */
void vgic_flush(struct vcpu *v);
/* The maintenance interrupt: list registers have become free. */
void vgic_maintenance(struct vcpu *v);
/* Is anything deliverable: enabled, pending, above the guest's priority mask? Keeps it from
 * blocking. Any CPU for a vCPU that is not loaded; its own if it is. */
bool vgic_has_pending(struct vcpu *v);

/* ICC_SGI0R_EL1, ICC_SGI1R_EL1, ICC_ASGI1R_EL1, ICC_SRE_EL1 (encoded as in exit.h); false:
 * UNDEFINED. */
bool vgic_sysreg(struct vcpu *v, u32 reg, bool write, u64 *value);

/* After reset or PSCI CPU_OFF: as after power-on. */
void vgic_vcpu_reset(struct vcpu *v);

/* What the device-tree builder writes for this domain. */
struct vgic_layout {
	u8 version;
	u64 dist, dist_size;
	u64 cpu, cpu_size;	 /* v2: GICC */
	u64 redist, redist_size; /* v3: one region for all vCPUs; the hardware domain: the host's
				    regions */
	unsigned int spi_count;
};
void vgic_get_layout(const struct domain *d, struct vgic_layout *out);

#endif
