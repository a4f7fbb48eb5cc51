/* SPDX-License-Identifier: GPL-2.0-only */
/* The driver for both versions. */
#include "guest/lib-arm64/gic.h"

#include "guest/lib-arm64/cpu.h"
#include "guest/lib-arm64/fdt.h"

#define ICC_PMR_EL1 S3_0_C4_C6_0
#define ICC_IAR1_EL1 S3_0_C12_C12_0
#define ICC_EOIR1_EL1 S3_0_C12_C12_1
#define ICC_HPPIR1_EL1 S3_0_C12_C12_2
#define ICC_BPR1_EL1 S3_0_C12_C12_3
#define ICC_DIR_EL1 S3_0_C12_C11_1
#define ICC_RPR_EL1 S3_0_C12_C11_3
#define ICC_SGI1R_EL1 S3_0_C12_C11_5
#define ICC_CTLR_EL1 S3_0_C12_C12_4
#define ICC_SRE_EL1 S3_0_C12_C12_5
#define ICC_IGRPEN1_EL1 S3_0_C12_C12_7

#define PRIORITY 0xa0

static u64 gic_redist[CPU_MAX];

static bool gic_is_v3(void)
{
	return fdt_info.gic_version == 3;
}

u64 gic_base_of(u32 irq)
{
	if (irq >= 32 || !gic_is_v3()) {
		return fdt_info.gic_dist;
	}
	return gic_redist[cpu_index()] + GICR_SGI;
}

static void gic_set_bit(u32 offset, u32 irq)
{
	mmio_write32(gic_base_of(irq) + offset + irq / 32 * 4, BIT32(irq % 32));
}

static bool gic_get_bit(u32 offset, u32 irq)
{
	return (mmio_read32(gic_base_of(irq) + offset + irq / 32 * 4) & BIT32(irq % 32)) != 0;
}

void gic_enable(u32 irq)
{
	gic_set_bit(GICD_ISENABLER, irq);
}

void gic_disable(u32 irq)
{
	gic_set_bit(GICD_ICENABLER, irq);
}

bool gic_is_enabled(u32 irq)
{
	return gic_get_bit(GICD_ISENABLER, irq);
}

void gic_set_pending(u32 irq)
{
	gic_set_bit(GICD_ISPENDR, irq);
}

void gic_clear_pending(u32 irq)
{
	gic_set_bit(GICD_ICPENDR, irq);
}

bool gic_is_pending(u32 irq)
{
	return gic_get_bit(GICD_ISPENDR, irq);
}

bool gic_is_active(u32 irq)
{
	return gic_get_bit(GICD_ISACTIVER, irq);
}

void gic_clear_active(u32 irq)
{
	gic_set_bit(GICD_ICACTIVER, irq);
}

void gic_set_priority(u32 irq, u8 priority)
{
	mmio_write8(gic_base_of(irq) + GICD_IPRIORITYR + irq, priority);
}

u8 gic_get_priority(u32 irq)
{
	return mmio_read8(gic_base_of(irq) + GICD_IPRIORITYR + irq);
}

void gic_set_edge(u32 irq, bool edge)
{
	u64 address = gic_base_of(irq) + GICD_ICFGR + irq / 16 * 4;
	u32 bit = BIT32(irq % 16 * 2 + 1), v = mmio_read32(address);

	mmio_write32(address, edge ? v | bit : v & ~bit);
}

void gic_route(u32 irq, unsigned int cpu)
{
	if (gic_is_v3()) {
		mmio_write64(fdt_info.gic_dist + GICD_IROUTER + irq * 8ULL, fdt_info.mpidr[cpu]);
	} else {
		mmio_write8(fdt_info.gic_dist + GICD_ITARGETSR + irq, (u8)BIT32(cpu));
	}
}

void gic_send(u32 sgi, unsigned int cpu)
{
	u64 mpidr = fdt_info.mpidr[cpu];

	__asm__ volatile("dsb ishst" : : : "memory");
	if (gic_is_v3()) {
		write_sysreg(ICC_SGI1R_EL1, (mpidr >> 32 & 0xff) << 48 |
						    (mpidr >> 16 & 0xff) << 32 | (u64)sgi << 24 |
						    (mpidr >> 8 & 0xff) << 16 | BIT64(mpidr & 0xf));
	} else {
		mmio_write32(fdt_info.gic_dist + GICD_SGIR, BIT32(16 + cpu) | sgi);
	}
}

void gic_send_others(u32 sgi)
{
	__asm__ volatile("dsb ishst" : : : "memory");
	if (gic_is_v3()) {
		write_sysreg(ICC_SGI1R_EL1, BIT64(40) | (u64)sgi << 24);
	} else {
		mmio_write32(fdt_info.gic_dist + GICD_SGIR, BIT32(24) | sgi);
	}
}

u32 gic_acknowledge(void)
{
	u32 iar = gic_is_v3() ? (u32)read_sysreg(ICC_IAR1_EL1)
			      : mmio_read32(fdt_info.gic_cpu + GICC_IAR);

	__asm__ volatile("dsb sy" : : : "memory");
	/* Version 2 wants the sending CPU of an SGI back. */
	return iar;
}

void gic_end(u32 irq)
{
	if (gic_is_v3()) {
		write_sysreg(ICC_EOIR1_EL1, irq);
	} else {
		mmio_write32(fdt_info.gic_cpu + GICC_EOIR, irq);
	}
}

void gic_set_mask(u8 priority)
{
	if (gic_is_v3()) {
		write_sysreg(ICC_PMR_EL1, priority);
	} else {
		mmio_write32(fdt_info.gic_cpu + GICC_PMR, priority);
	}
}

u8 gic_get_running(void)
{
	return gic_is_v3() ? (u8)read_sysreg(ICC_RPR_EL1)
			   : (u8)mmio_read32(fdt_info.gic_cpu + GICC_RPR);
}

u32 gic_get_highest(void)
{
	return gic_is_v3() ? (u32)read_sysreg(ICC_HPPIR1_EL1)
			   : mmio_read32(fdt_info.gic_cpu + GICC_HPPIR);
}

void gic_set_split(bool split)
{
	if (gic_is_v3()) {
		write_sysreg(ICC_CTLR_EL1, split ? BIT32(1) : 0);
	} else {
		mmio_write32(fdt_info.gic_cpu + GICC_CTLR, 1 | (split ? BIT32(9) : 0));
	}
}

void gic_deactivate(u32 irq)
{
	if (gic_is_v3()) {
		write_sysreg(ICC_DIR_EL1, irq);
	} else {
		mmio_write32(fdt_info.gic_cpu + GICC_DIR, irq);
	}
}

void gic_init(void)
{
	u32 lines = 32 * ((mmio_read32(fdt_info.gic_dist + GICD_TYPER) & 0x1f) + 1);

	for (u32 i = 1; i < lines / 32; i++) {
		mmio_write32(fdt_info.gic_dist + GICD_ICENABLER + 4 * i, ~0U);
		mmio_write32(fdt_info.gic_dist + GICD_IGROUPR + 4 * i, gic_is_v3() ? ~0U : 0);
	}
	for (u32 i = 32; i < lines; i += 4) {
		mmio_write32(fdt_info.gic_dist + GICD_IPRIORITYR + i, PRIORITY * 0x01010101U);
	}
	/* Version 3: affinity routing, group 1. */
	mmio_write32(fdt_info.gic_dist + GICD_CTLR, gic_is_v3() ? BIT32(4) | BIT32(1) : 1);
}

/* This CPU's redistributor is the one with its affinity. */
static void gic_find_redist(void)
{
	u64 mpidr = read_sysreg(mpidr_el1) & 0xff00ffffff;
	u32 affinity = (u32)((mpidr & 0xffffff) | (mpidr >> 8 & 0xff000000));

	for (u64 a = fdt_info.gic_cpu; a < fdt_info.gic_cpu + fdt_info.gic_cpu_size;
		a += GICR_STRIDE) {
		u64 typer = mmio_read64(a + GICR_TYPER);

		if (typer >> 32 == affinity) {
			gic_redist[cpu_index()] = a;
			return;
		}
		if ((typer & BIT64(4)) != 0) {
			return; /* the last of the region */
		}
	}
}

void gic_init_cpu(void)
{
	if (gic_is_v3()) {
		gic_find_redist();
		mmio_write32(gic_redist[cpu_index()] + GICR_WAKER, 0);
		mmio_write32(gic_base_of(0) + GICD_IGROUPR, ~0U);
	}
	mmio_write32(gic_base_of(0) + GICD_ICENABLER, ~0U);
	for (u32 i = 0; i < 32; i += 4) {
		mmio_write32(gic_base_of(0) + GICD_IPRIORITYR + i, PRIORITY * 0x01010101U);
	}
	if (gic_is_v3()) {
		write_sysreg(ICC_SRE_EL1, 1);
		write_sysreg(ICC_BPR1_EL1, 0);
		write_sysreg(ICC_CTLR_EL1, 0);
		write_sysreg(ICC_IGRPEN1_EL1, 1);
	} else {
		mmio_write32(fdt_info.gic_cpu + GICC_BPR, 0);
		mmio_write32(fdt_info.gic_cpu + GICC_CTLR, 1);
	}
	gic_set_mask(0xff);
}
