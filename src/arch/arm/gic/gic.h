/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The host's interrupt controller, GICv2 (IHI 0048B) or GICv3 (IHI 0069), chosen once at boot. Two
 * parts: interrupts of the machine, and the hypervisor interface through which list registers show
 * virtual interrupts to the running guest. Host tests of the virtual GIC supply models of the
 * second.
 *
 * EOImode is 1: gic_eoi() drops the priority, gic_deactivate() ends the interrupt. One that belongs
 * to a guest is deactivated by the guest's own EOI, through a list register with the hw bit.
 */
#ifndef ARCH_ARM_GIC_GIC_H
#define ARCH_ARM_GIC_GIC_H

#include "lib/types.h"

struct pcpu;

#define GIC_SPI_FIRST 32
#define GIC_SPECIAL 1020 /* from here on no interrupt, up to GIC_SPURIOUS */
#define GIC_SPURIOUS 1023
#define GIC_INTID_MASK 0x3ff
#define GIC_LR_MAX 16

enum gic_sgi { GIC_SGI_KICK = 0, GIC_SGI_STOP = 1 }; /* the hypervisor's own */

/* Where the device tree says it is. */
struct gic_desc {
	u8 version; /* 2 or 3 */
	u64 dist, dist_size;
	/* v2 */
	u64 cpu, cpu_size, hyp, hyp_size, vcpu, vcpu_size; /* GICC, GICH, GICV */
	/* v3 */
	struct {
		u64 base, size;
	} redist[8];
	unsigned int redist_count;
	u64 redist_stride; /* 0: as GICR_TYPER says */
	u32 maintenance;   /* INTID of its PPI */
};

/* --- the machine's interrupts --- */

/* Boot CPU, vmap() works; -ENODEV or -ENOMEM with a line that says why. Everything is masked
 * after it. */
int gic_init(const struct gic_desc *desc);
/* On that CPU, the boot CPU too; its SGIs are enabled after it. -ENODEV with a line. */
int gic_cpu_init(struct pcpu *p);
bool gic_is_v3(void);
unsigned int gic_intid_count(void); /* 32 + SPIs, at most GIC_SPECIAL */
/* Does the end of a list register with the hw bit reach the host's interrupt, and is its line
 * looked at again then? If not, the hypervisor has to end it, after a maintenance interrupt. */
bool gic_forwards_end(void);
/* v2: physical address of the two pages (8 KiB) that a guest sees as its GICC, page by page. */
u64 gic_guest_interface(void);

/* The INTID is in GIC_INTID_MASK, at least GIC_SPECIAL: none. The bits above it are v2's: an SGI's
 * sender, which the two that end it want back. */
u32 gic_ack(void);
void gic_eoi(u32 ack);
void gic_deactivate(u32 ack);
/* SPIs from any CPU, under irq.c's lock; SGIs and PPIs: of this CPU. INTIDs below the count. */
void gic_enable(u32 intid);
void gic_disable(u32 intid); /* it is not signalled any more on return */
/* The interrupt is disabled meanwhile. PPIs may be fixed; SGIs: the priority only. */
void gic_configure(u32 intid, bool edge, u8 priority);
void gic_route(u32 spi, struct pcpu *p); /* before it is enabled first */
void gic_set_pending(u32 intid, bool pending);
void gic_set_active(u32 intid, bool active);
bool gic_is_active(u32 intid);
void gic_sgi(struct pcpu *p, enum gic_sgi sgi);
void gic_sgi_others(enum gic_sgi sgi);

#define GIC_PRIORITY 0xa0 /* of all interrupts: none preempts another */

/* --- the hypervisor interface of this CPU ---
 * No barriers in here: what is written counts from the next exception return on, what is read
 * stands as of the last exception. */

/* A list register, decoded (IHI 0069, ICH_LR<n>_EL2). */
struct gic_lr {
	u32 intid;
	u32 pintid; /* hw: the host's interrupt that the guest's deactivation ends */
	u8 priority;
	u8 source;    /* v2, SGIs: the CPU that asked */
	bool hw, eoi; /* eoi: maintenance interrupt at its end; not with hw */
	bool group1;
	bool pending, active;
};

unsigned int gic_lr_count(void);
void gic_lr_write(unsigned int i, const struct gic_lr *lr); /* all zero: empty */
void gic_lr_read(unsigned int i, struct gic_lr *lr);
u32 gic_lr_empty(void); /* bit i: list register i is neither pending nor active */
u32 gic_lr_ended(void); /* bit i: ended with `eoi` set, and not yet rewritten */

/* GICH_HCR / ICH_HCR_EL2: the common bits. */
#define GIC_HCR_EN (1U << 0)
#define GIC_HCR_UIE (1U << 1) /* at most one list register is in use */
#define GIC_HCR_LRENPIE (1U << 2)
#define GIC_HCR_NPIE (1U << 3) /* none is pending */
/* The guest's CPU interface has this group enabled, or disabled. */
#define GIC_HCR_GROUP_ON(group) (1U << (4 + 2 * (group)))
#define GIC_HCR_GROUP_OFF(group) (1U << (5 + 2 * (group)))
void gic_hcr_write(u32 hcr);

/* The guest's CPU interface, as it is kept when the vCPU is not loaded. Zero: after reset. In both
 * versions' vmcr bits 0 and 1 enable groups 0 and 1, and bits 31 to 24 are the priority mask
 * (IHI 0069, ICH_VMCR_EL2; IHI 0048B, 5.3.3). ICC_SRE_EL1 is a constant, which EL1 cannot write. */
#define GIC_VMCR_GROUP0 (1U << 0)
#define GIC_VMCR_GROUP1 (1U << 1)
#define GIC_VMCR_PMR_SHIFT 24
struct gic_vcpu_state {
	u64 vmcr;
	u32 apr[4], apr1[4]; /* v2 has one apr */
};
void gic_vcpu_save(struct gic_vcpu_state *s);
void gic_vcpu_load(const struct gic_vcpu_state *s);
unsigned int gic_vcpu_priority_bits(void); /* 5 to 8 */

#endif
