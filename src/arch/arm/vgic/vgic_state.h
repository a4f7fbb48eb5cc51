/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of this folder know of virtual interrupts, and owe each other. Not for others.
 *
 * An interrupt belongs to one vCPU at a time, its owner, whose lock protects all of it. It is in
 * one of the owner's list registers, or in one of its sets if it waits for one, or in none of them:
 *
 *   pending, enabled, routed ─▶ set of its group ─┐
 *   active                   ─▶ set of active ────┴─▶ list register ─▶ folded back: look again
 *
 * Only while the owner is loaded are its list registers in use, and only the owner's CPU reads and
 * writes them. Others mark one as stale and set VCPU_PENDING_EVENT: then the owner folds it.
 *
 * A private interrupt keeps its owner. An SPI moves to its target as soon as it is neither active
 * nor in a list register. No CPU ever holds two of these locks.
 */
#ifndef ARCH_ARM_VGIC_VGIC_STATE_H
#define ARCH_ARM_VGIC_VGIC_STATE_H

#include "arch/arm/gic/gic.h"
#include "arch/arm/vcpu.h"
#include "arch/arm/vgic/vgic.h"
#include "core/domain.h"
#include "lib/list.h"
#include "vdev/bus.h"

#define VGIC_SGIS 16
#define VGIC_PRIVATE 32
#define VGIC_PRIORITIES 32 /* five bits: as many as every CPU interface has */
#define VGIC_PRIORITY_SHIFT 3
#define VGIC_V2_VCPUS 8
#define VGIC_NOT_RUNNING 0xff

/* Bit i: group i is enabled. As in GICD_CTLR of both versions. */
#define VGIC_CTLR_GROUPS 3U

/* Why an interrupt is pending; bits of vgic_irq.latch and .taken. */
#define VGIC_LATCH_SOFT 1U /* a pulse, a register write */
#define VGIC_LATCH_HOST 2U /* the host's interrupt has fired, and is active there */
#define VGIC_LATCH_LINE 4U /* .taken only: the level of its line */
#define VGIC_LATCH_SGI 8U  /* .taken only: v2, one of .sources */

/* What is still to be done to an interrupt whose list register has to be folded first. */
#define VGIC_TODO_CLEAR 1U
#define VGIC_TODO_ACTIVATE 2U
#define VGIC_TODO_DEACTIVATE 4U

enum vgic_set_id { VGIC_SET_GROUP0, VGIC_SET_GROUP1, VGIC_SET_ACTIVE, VGIC_SETS, VGIC_SET_NONE };

/* Interrupts by priority, first come first served within one. */
struct vgic_set {
	u32 summary; /* bit i: bucket i is not empty */
	struct list bucket[VGIC_PRIORITIES];
};

struct vgic_irq {
	struct list link; /* in owner->sets[set].bucket[bucket] */
	struct vgic_vcpu *owner, *target;
	u32 route; /* v2: a byte of GICD_ITARGETSR; v3: GICD_IROUTER, Aff3 in bits 31:24 */
	u16 intid;
	u16 pintid; /* VGIC_LATCH_HOST, host_active */
	u8 priority;
	u8 set, bucket;
	u8 lr; /* number of the list register + 1; 0: none */
	u8 lr_last;
	bool enabled, edge, group1;
	bool level; /* its line is up */
	bool active;
	u8 running;	  /* with this priority, or VGIC_NOT_RUNNING: a register made it active */
	bool host_active; /* its activity is the host's, too: who ends it, ends that */
	u8 latch;
	u8 sources; /* v2, SGIs: who has asked */

	/* Of the list register: what of the above it took over to be pending; the sender. */
	u8 taken, source;
	bool lr_hw;
	u8 todo;
};

/* A register access that waits for other vCPUs to fold list registers. */
struct vgic_wait {
	bool armed, write;
	u64 addr;
	u32 value, mask;
};

struct vgic_vcpu {
	struct spinlock lock;
	struct vcpu *vcpu;
	bool loaded;
	bool reset;   /* to be done by its CPU */
	u32 lr_mask;  /* those that the CPU has */
	u32 used;     /* with an interrupt in lr[] */
	u32 stale;    /* of those: to be folded */
	u32 eoi;      /* of those: a maintenance interrupt comes at the end */
	u32 dirty;    /* free, but not known to be empty */
	u32 hcr;      /* as written last */
	u32 host_end; /* private: the host's interrupt is to be deactivated, by its CPU */
	struct vgic_irq *lr[GIC_LR_MAX];
	struct vgic_set sets[VGIC_SETS];
	struct vgic_wait wait; /* its own CPU only */
	struct gic_vcpu_state state;
	struct vgic_irq irqs[VGIC_PRIVATE];
};

struct vgic_domain {
	u8 version;
	u8 ctlr; /* VGIC_CTLR_GROUPS; changes without a lock */
	u32 typer;
	u32 intid_end; /* 32 + SPIs */
	struct vgic_layout layout;
	unsigned int frame_regions;
	u64 frame_stride;
	struct vgic_irq *spis;
};

static inline struct vgic_vcpu *vgic_of(const struct vcpu *v)
{
	return v->arch->vgic;
}

static inline struct vgic_domain *vgic_domain_of(const struct vgic_vcpu *vc)
{
	return vc->vcpu->domain->arch->vgic;
}

/* --- vgic.c --- */

/* NULL: does not exist. v: whose private interrupts are meant; NULL: nobody's. */
struct vgic_irq *vgic_find(const struct domain *d, const struct vcpu *v, u32 intid);
/* Locks the owner. NULL while the domain is being made. */
struct vgic_vcpu *vgic_lock(struct vgic_irq *irq);
/* Puts irq where it belongs after a change, unlocks vc, and makes the owner look if it must. */
void vgic_unlock_changed(struct vgic_vcpu *vc, struct vgic_irq *irq);

enum vgic_place {
	VGIC_PLACE_QUIET, /* nobody needs to know */
	VGIC_PLACE_LOOK,  /* the owner has something to do */
	VGIC_PLACE_MOVED, /* another vCPU is the owner now, and does not have it in a set yet */
};
/* Lock held. */
enum vgic_place vgic_place(struct vgic_vcpu *vc, struct vgic_irq *irq);
void vgic_unplace(struct vgic_irq *irq); /* out of its set */
/* Pending, whatever else: what GICD_ISPENDR shows, but for what a list register took. */
bool vgic_is_pending(const struct vgic_irq *irq);
/* The host's interrupt behind it ends without the guest. Lock of vc, its owner, held. */
void vgic_host_end(struct vgic_vcpu *vc, struct vgic_irq *irq);
/* The groups that are enabled have changed: every vCPU looks at its list registers. */
void vgic_groups_changed(struct domain *d);
/* The vCPU with this affinity (as MPIDR_EL1), or NULL. */
struct vcpu *vgic_vcpu_by_affinity(struct domain *d, u64 affinity);
/* intid < 16 becomes pending on v. from: v2, the vCPU that asks. */
void vgic_sgi(struct vcpu *v, u32 intid, u32 from);

/* --- vgic_lr.c: lock held, vc loaded on this CPU --- */

/* SPIs that moved to another vCPU: to be placed once the lock is free. */
struct vgic_moved {
	unsigned int count;
	struct vgic_irq *irq[2 * GIC_LR_MAX];
};
/* Takes out of list registers what ended or is stale, puts in what is pending. */
void vgic_lr_sync(struct vgic_vcpu *vc, struct vgic_moved *moved);
/* Makes irq, which the guest has ended in the list register that it still has, pending there again
 * for this one reason. On the vCPU's CPU, which has it loaded. False: it is not as simple as that,
 * and nothing was changed. */
bool vgic_lr_again(struct vgic_vcpu *vc, struct vgic_irq *irq, u8 latch);
/* Takes everything out. The list registers are empty after it. */
void vgic_lr_drain(struct vgic_vcpu *vc, struct vgic_moved *moved);
/* Takes one out, which the next vgic_lr_sync() puts in again. */
void vgic_lr_fold(struct vgic_vcpu *vc, unsigned int i, struct vgic_moved *moved);
/* Is something pending in a list register, of a higher priority than this, of these groups? */
bool vgic_lr_pending(const struct vgic_vcpu *vc, unsigned int mask, unsigned int groups);

/* --- vgic_regs.c: what registers of both versions, and distributor and redistributor share --- */

struct vgic_reg {
	struct vcpu *v;	   /* who accesses: its CPU runs this */
	struct vcpu *bank; /* whose private interrupts; NULL: they are not in this frame */
	u32 end;	   /* INTIDs from here on are not in this frame */
	u32 offset;
	struct vdev_access *a; /* aligned; value is 0 for reads */
};
/* 0 or -ERESTART. Reserved registers and widths do nothing. */
typedef int vgic_reg_fn(const struct vgic_reg *r);

/* Those of a bit, two bits or a byte for each interrupt, by offset / 128. */
#define VGIC_BLOCK_SHIFT 7
#define VGIC_BLOCKS 32
extern vgic_reg_fn *const vgic_blocks[VGIC_BLOCKS];

/* A frame: its blocks, and what stands above them. Called with every access of that region. */
int vgic_reg_access(const struct vgic_reg *r, vgic_reg_fn *const blocks[VGIC_BLOCKS]);
/* Reads of a word, cut out as the access wants it; the width is 4 or 8. */
void vgic_reg_read(const struct vgic_reg *r, u64 value);
/* Peripheral and component identification, from 0x...fd0 on. */
void vgic_reg_id(const struct vgic_reg *r, u32 offset, u8 revision);
/* The interrupt goes to this vCPU from now on, or to nobody. */
void vgic_reg_route(struct vgic_irq *irq, u32 route, struct vcpu *v);

#define VGIC_IIDR 0x4200043b /* product 'B', revision 0 */

/* --- vgic_v2.c, vgic_v3.c --- */

extern vdev_access_fn vgic_v2_dist, vgic_v3_dist, vgic_v3_redist;
u32 vgic_v2_typer(const struct domain *d);
u32 vgic_v3_typer(const struct domain *d);

#endif
