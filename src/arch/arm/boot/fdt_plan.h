/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The device tree that a domain is started with: what it says, and the two that write it. dom0 gets
 * the host's without what the hypervisor keeps; other domains get one of Xen's virtual machine with
 * the devices of their partial tree. Pure.
 */
#ifndef ARCH_ARM_BOOT_FDT_PLAN_H
#define ARCH_ARM_BOOT_FDT_PLAN_H

#include "arch/arm/boot/fdt_out.h"
#include "arch/arm/boot/place.h"
#include "core/desc.h"
#include "core/domain.h"
#include "lib/fdt.h"

#define PLAN_EXTENDED_MAX 4
#define PLAN_REDIST_MAX 8

struct fdt_plan {
	const struct domain_desc *desc;
	bool aarch32;
	struct ram ram;
	struct dt_range initrd; /* size 0: none */
	/* Where grants go, and where frames of other domains may; see xen,xen in
	 * bindings/arm/xen.txt. */
	struct dt_range grants, extended[PLAN_EXTENDED_MAX];
	unsigned int extended_count;
	u32 evtchn_irq;
	unsigned int vcpu_count;
	u64 mpidr[MAX_VCPUS]; /* affinity fields */
	struct {
		u8 version;
		struct dt_range dist, cpu, redist[PLAN_REDIST_MAX];
		unsigned int redist_count;
		u32 phandle;
	} gic;
	struct {
		u32 secure, phys, virt; /* PPIs */
		u32 frequency;		/* 0: CNTFRQ_EL0 is right */
	} timer;
	struct dt_range vpl011;
	u32 vpl011_irq;
};

/* --- nodes that both trees have --- */

void fdt_plan_psci(struct fdt_out *o, const struct fdt_plan *p);
void fdt_plan_memory(struct fdt_out *o, const struct fdt_plan *p);
void fdt_plan_shared(struct fdt_out *o, const struct fdt_plan *p); /* /reserved-memory */
void fdt_plan_hypervisor(struct fdt_out *o, const struct fdt_plan *p);
/* bootargs and the ramdisk, into the open node /chosen. */
void fdt_plan_chosen(struct fdt_out *o, const struct fdt_plan *p);

/* --- whole trees --- */

/* Both return the size of the tree in buf, or -ENOSPC, -EINVAL. */

/* partial may be NULL: its /passthrough and /aliases are taken over, the phandle of its /gic is the
 * GIC's. */
int fdt_guest(const struct fdt_plan *p, const struct dt *partial, void *buf, u32 size);

/* What of the host the hypervisor keeps. */
struct fdt_host {
	const struct dt *dt;
	const struct dt_node *gic;
	const struct dt_node *uart; /* NULL: none */
};
int fdt_dom0(const struct fdt_plan *p, const struct fdt_host *host, void *buf, u32 size);
/* Does dom0 get this node as it is, provided that it gets the parent? */
bool fdt_dom0_keeps(const struct fdt_host *host, const struct dt_node *n);
/* How large a buffer is enough for either tree. */
u32 fdt_plan_size(const struct dt *from);

#endif
