/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of this folder know of the machine's GIC, and owe each other. Not for others. */
#ifndef ARCH_ARM_GIC_GIC_STATE_H
#define ARCH_ARM_GIC_GIC_STATE_H

#include "arch/arm/gic/gic.h"
#include "core/pcpu.h"

struct gic_cpu {
	u8 *local;	/* where its SGIs and PPIs have their registers */
	u8 *redist;	/* v3: the RD frame */
	u64 router;	/* v3: as GICD_IROUTER has it */
	u64 sgi_target; /* v3: as ICC_SGI1R_EL1 has it */
	u8 target;	/* v2: the bit of its CPU interface */
};

struct gic_state {
	bool v3;
	bool keeps_end; /* see gic_forwards_end() */
	unsigned int intid_count;
	u8 *dist;
	u64 guest_interface;
	struct gic_cpu cpus[MAX_PCPUS]; /* by pcpu.id */
};
extern struct gic_state gic;

/* A constant where only one version is built: the other's code goes away. */
static inline bool gic_v3(void)
{
	if (IS_ENABLED(CONFIG_GIC_V2) && IS_ENABLED(CONFIG_GIC_V3)) {
		return gic.v3;
	}
	return IS_ENABLED(CONFIG_GIC_V3);
}

/* --- gic.c --- */

/* Polls until (register & mask) == 0; a line and false if that does not come to be. Any context. */
bool gic_wait_clear(const volatile void *reg, u32 mask, const char *what);
/* The registers of INTIDs [first, end), multiples of 32: all disabled, neither pending nor active,
 * SPIs level-triggered. */
void gic_reset(u8 *regs, u32 first, u32 end);

/* --- gicv2.c --- */

int gicv2_init(const struct gic_desc *desc);
int gicv2_cpu_init(struct pcpu *p);
u32 gicv2_ack(void);
void gicv2_eoi(u32 ack);
void gicv2_deactivate(u32 ack);
void gicv2_sgi(u8 targets, enum gic_sgi sgi);
void gicv2_sgi_others(enum gic_sgi sgi);
unsigned int gicv2_lr_count(void);
void gicv2_lr_write(unsigned int i, u32 value);
u32 gicv2_lr_read(unsigned int i);
u32 gicv2_lr_empty(void);
u32 gicv2_lr_ended(void);
void gicv2_hcr_write(u32 hcr);
void gicv2_vcpu_save(struct gic_vcpu_state *s);
void gicv2_vcpu_load(const struct gic_vcpu_state *s);

/* --- gicv3.c --- */

int gicv3_init(const struct gic_desc *desc);
/* Finds and wakes the redistributor of the calling CPU. */
int gicv3_cpu_init(struct pcpu *p, u64 mpidr);

#endif
