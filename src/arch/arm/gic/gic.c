/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The machine's side of the GIC that both versions share: where an interrupt's registers are, and
 * what is written there. Everything in this file lies in memory; gic_cpu.c has the hot part.
 */
#include "arch/arm/gic/gic.h"

#include "arch/arm/gic/gic_regs.h"
#include "arch/arm/gic/gic_state.h"
#include "arch/contract/cpu.h"
#include "arch/contract/io.h"
#include "core/log.h"
#include "lib/errno.h"

struct gic_state gic;

/* Each read takes tens of nanoseconds at least: a tenth of a second or so, and no clock needed. */
#define GIC_PATIENCE 1000000

bool gic_wait_clear(const volatile void *reg, u32 mask, const char *what)
{
	for (unsigned int i = 0; i < GIC_PATIENCE; i++) {
		if ((arch_mmio_read32(reg) & mask) == 0) {
			return true;
		}
		arch_cpu_relax();
	}
	log_err("GIC: CPU %u: %s does not come to an end", this_pcpu()->id, what);
	return false;
}

void gic_reset(u8 *regs, u32 first, u32 end)
{
	u32 four = GIC_PRIORITY * 0x01010101U;

	for (u32 i = first; i < end; i += 32) {
		arch_mmio_write32(regs + GICD_ICENABLER + i / 8, ~0U);
		arch_mmio_write32(regs + GICD_ICPENDR + i / 8, ~0U);
		arch_mmio_write32(regs + GICD_ICACTIVER + i / 8, ~0U);
		if (gic_v3()) {
			arch_mmio_write32(regs + GICD_IGROUPR + i / 8, ~0U);
		}
	}
	for (u32 i = first; i < end; i += 4) {
		arch_mmio_write32(regs + GICD_IPRIORITYR + i, four);
	}
	for (u32 i = MAX(first, (u32)GIC_SPI_FIRST); i < end; i += 16) {
		arch_mmio_write32(regs + GICD_ICFGR + i / 4, 0);
	}
}

int gic_init(const struct gic_desc *desc)
{
	if (IS_ENABLED(CONFIG_GIC_V2) && desc->version == 2) {
		return gicv2_init(desc);
	}
	if (IS_ENABLED(CONFIG_GIC_V3) && desc->version == 3) {
		return gicv3_init(desc);
	}
	log_err("GIC: version %u is not supported by this build", desc->version);
	return -ENODEV;
}

bool gic_is_v3(void)
{
	return gic_v3();
}

unsigned int gic_intid_count(void)
{
	return gic.intid_count;
}

bool gic_forwards_end(void)
{
	return !gic.keeps_end;
}

u64 gic_guest_interface(void)
{
	return gic.guest_interface;
}

/* --- one interrupt --- */

static u8 *gic_regs_of(u32 intid)
{
	return intid < GIC_SPI_FIRST ? gic.cpus[this_pcpu()->id].local : gic.dist;
}

static void gic_write_bit(u32 intid, unsigned int offset)
{
	arch_mmio_write32(gic_regs_of(intid) + offset + intid / 32 * 4, BIT32(intid % 32));
}

void gic_enable(u32 intid)
{
	gic_write_bit(intid, GICD_ISENABLER);
}

/* v2 has no register that says when a change has reached the CPUs. */
static void gic_sync(u32 intid)
{
	if (!gic_v3()) {
		return;
	}
	if (intid < GIC_SPI_FIRST) {
		gic_wait_clear(gic.cpus[this_pcpu()->id].redist + GICR_CTLR, GICR_CTLR_RWP,
			"a write to the redistributor");
	} else {
		gic_wait_clear(gic.dist + GICD_CTLR, GICD_CTLR_RWP, "a write to the distributor");
	}
}

void gic_disable(u32 intid)
{
	gic_write_bit(intid, GICD_ICENABLER);
	gic_sync(intid);
}

static bool gic_is_set(u32 intid, unsigned int offset)
{
	u32 bits = arch_mmio_read32(gic_regs_of(intid) + offset + intid / 32 * 4);

	return (bits & BIT32(intid % 32)) != 0;
}

/* Changing the trigger of an enabled interrupt is unpredictable (IHI 0069, GICD_ICFGR<n>). */
static void gic_set_trigger(u32 intid, bool edge)
{
	u8 *reg = gic_regs_of(intid) + GICD_ICFGR + intid / 16 * 4;
	u32 old = arch_mmio_read32(reg), bit = BIT32(intid % 16 * 2 + 1);
	u32 new = edge ? old | bit : old & ~bit;
	bool enabled;

	if (new == old) {
		return;
	}
	enabled = gic_is_set(intid, GICD_ISENABLER);
	if (enabled) {
		gic_disable(intid);
	}
	arch_mmio_write32(reg, new);
	if (enabled) {
		gic_enable(intid);
	}
}

void gic_configure(u32 intid, bool edge, u8 priority)
{
	if (intid >= 16) {
		gic_set_trigger(intid, edge);
	}
	arch_mmio_write8(gic_regs_of(intid) + GICD_IPRIORITYR + intid, priority);
}

void gic_route(u32 spi, struct pcpu *p)
{
	const struct gic_cpu *c = &gic.cpus[p->id];

	if (gic_v3()) {
		arch_mmio_write64(gic.dist + GICD_IROUTER + (size_t)spi * 8, c->router);
	} else {
		arch_mmio_write8(gic.dist + GICD_ITARGETSR + spi, c->target);
	}
}

void gic_set_pending(u32 intid, bool pending)
{
	gic_write_bit(intid, pending ? GICD_ISPENDR : GICD_ICPENDR);
}

void gic_set_active(u32 intid, bool active)
{
	gic_write_bit(intid, active ? GICD_ISACTIVER : GICD_ICACTIVER);
}

bool gic_is_active(u32 intid)
{
	return gic_is_set(intid, GICD_ISACTIVER);
}
