/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * GICv3 (IHI 0069), what lies in memory: the distributor with affinity routing, and which
 * redistributor belongs to which CPU. Only the page of each frame that is needed is mapped.
 */
#include "arch/arm/gic/gic_regs.h"
#include "arch/arm/gic/gic_state.h"
#include "arch/contract/io.h"
#include "core/log.h"
#include "lib/errno.h"
#include "mm/vmap.h"

#define REDIST_MAX 256 /* more are not seen */

static struct {
	u64 redists[REDIST_MAX]; /* physical addresses */
	u32 affinities[REDIST_MAX];
	unsigned int redist_count;
} gicv3;

/* --- the distributor --- */

static bool gicv3_dist_sync(void)
{
	return gic_wait_clear(gic.dist + GICD_CTLR, GICD_CTLR_RWP, "a write to the distributor");
}

static u64 gicv3_router(u64 mpidr)
{
	return mpidr & (mask64(39, 32) | mask64(23, 0));
}

static int gicv3_dist_init(const struct gic_desc *desc)
{
	u32 lines;

	gic.dist = vmap(HPA(desc->dist), GICD_SIZE_V3, HV_DEVICE);
	if (!gic.dist) {
		log_err("GIC: no memory to map its distributor");
		return -ENOMEM;
	}
	if (field_get(GIC_PIDR2_ARCH, arch_mmio_read32(gic.dist + GICV3_PIDR2)) < 3) {
		log_err("GIC: what is at %#llx is no GICv3 distributor",
			(unsigned long long)desc->dist);
		return -ENODEV;
	}
	lines = (u32)field_get(GICD_TYPER_LINES, arch_mmio_read32(gic.dist + GICD_TYPER)) + 1;
	gic.intid_count = MIN(lines * 32, (u32)GIC_SPECIAL);
	arch_mmio_write32(gic.dist + GICD_CTLR, 0);
	if (!gicv3_dist_sync()) {
		return -ENODEV;
	}
	gic_reset(gic.dist, GIC_SPI_FIRST, gic.intid_count);
	arch_mmio_write32(
		gic.dist + GICD_CTLR, GICD_CTLR_AFFINITY | GICD_CTLR_GROUP1A | GICD_CTLR_ENABLE);
	return gicv3_dist_sync() ? 0 : -ENODEV;
}

/* --- redistributors --- */

/* Notes down the one at pa. Sets *step to the next one's distance, 0: this is the region's last. */
static int gicv3_redist_note(u64 pa, u64 stride, u64 *step)
{
	u8 *regs = vmap(HPA(pa), PAGE_SIZE, HV_DEVICE);
	u64 typer;

	if (!regs) {
		log_err("GIC: no memory to map a redistributor");
		return -ENOMEM;
	}
	typer = arch_mmio_read64(regs + GICR_TYPER);
	vunmap(regs);
	gicv3.redists[gicv3.redist_count] = pa;
	gicv3.affinities[gicv3.redist_count] = (u32)field_get(GICR_TYPER_AFFINITY, typer);
	gicv3.redist_count++;
	*step = stride ?: (typer & GICR_TYPER_VLPIS ? 4 * GICR_FRAME : 2 * GICR_FRAME);
	if (typer & GICR_TYPER_LAST) {
		*step = 0;
	}
	return 0;
}

static int gicv3_redist_scan(u64 base, u64 size, u64 stride)
{
	u64 offset = 0, step;

	do {
		int rc;

		if (gicv3.redist_count == REDIST_MAX || size < 2 * GICR_FRAME ||
			offset > size - 2 * GICR_FRAME) {
			return 0;
		}
		rc = gicv3_redist_note(base + offset, stride, &step);
		if (rc != 0) {
			return rc;
		}
		offset += step;
	} while (step != 0);
	return 0;
}

/* A stride that is too small would show the same one twice, or what is none. */
static bool gicv3_stride_ok(u64 stride)
{
	return stride == 0 || (stride >= 2 * GICR_FRAME && IS_ALIGNED(stride, (u64)GICR_FRAME));
}

int gicv3_init(const struct gic_desc *desc)
{
	int rc;

	if (!gicv3_stride_ok(desc->redist_stride)) {
		log_err("GIC: redistributor-stride %#llx is no multiple of 64 KiB from 128 KiB on",
			(unsigned long long)desc->redist_stride);
		return -ENODEV;
	}
	gic.v3 = true;
	rc = gicv3_dist_init(desc);
	for (unsigned int i = 0; i < desc->redist_count && rc == 0; i++) {
		rc = gicv3_redist_scan(
			desc->redist[i].base, desc->redist[i].size, desc->redist_stride);
	}
	if (rc == 0) {
		log_info("GICv3: %u interrupts, %u redistributors", gic.intid_count,
			gicv3.redist_count);
	}
	return rc;
}

/* --- a CPU --- */

/* The affinity fields side by side, as GICR_TYPER has them. */
static u32 gicv3_affinity(u64 mpidr)
{
	return (u32)((mpidr & mask64(23, 0)) | (mpidr & mask64(39, 32)) >> 8);
}

/* IHI 0069, ICC_SGI1R_EL1: 16 CPUs of one cluster by bits, and which 16 of its up to 256. */
static u64 gicv3_sgi_target(u64 mpidr)
{
	u64 aff0 = mpidr & 0xff;

	return field_put(mask64(55, 48), mpidr >> 32) | field_put(mask64(47, 44), aff0 >> 4) |
	       field_put(mask64(39, 32), mpidr >> 16) | field_put(mask64(23, 16), mpidr >> 8) |
	       BIT64(aff0 & 15);
}

static u64 gicv3_redist_find(u64 mpidr)
{
	for (unsigned int i = 0; i < gicv3.redist_count; i++) {
		if (gicv3.affinities[i] == gicv3_affinity(mpidr)) {
			return gicv3.redists[i];
		}
	}
	return 0;
}

int gicv3_cpu_init(struct pcpu *p, u64 mpidr)
{
	struct gic_cpu *c = &gic.cpus[p->id];
	u64 pa = gicv3_redist_find(mpidr);
	u32 waker;

	if (pa == 0) {
		log_err("GIC: CPU %u (MPIDR %#llx) has no redistributor", p->id,
			(unsigned long long)mpidr);
		return -ENODEV;
	}
	c->router = gicv3_router(mpidr);
	c->sgi_target = gicv3_sgi_target(mpidr);
	c->redist = vmap(HPA(pa), PAGE_SIZE, HV_DEVICE);
	c->local = vmap(HPA(pa + GICR_FRAME), PAGE_SIZE, HV_DEVICE);
	if (!c->redist || !c->local) {
		log_err("GIC: no memory to map CPU %u's redistributor", p->id);
		return -ENODEV;
	}
	waker = arch_mmio_read32(c->redist + GICR_WAKER);
	arch_mmio_write32(c->redist + GICR_WAKER, waker & ~GICR_WAKER_SLEEP);
	if (!gic_wait_clear(
		    c->redist + GICR_WAKER, GICR_WAKER_ASLEEP, "the redistributor's waking up")) {
		return -ENODEV;
	}
	gic_reset(c->local, 0, GIC_SPI_FIRST);
	return gic_wait_clear(c->redist + GICR_CTLR, GICR_CTLR_RWP, "a write to the redistributor")
		       ? 0
		       : -ENODEV;
}
