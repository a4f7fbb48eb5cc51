/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The interrupt controller that the device tree names, version 2 (IHI 0048B) or 3 (IHI 0069).
 * Registers of both by offset; SGIs and PPIs are in the distributor or in this CPU's redistributor.
 */
#ifndef GUEST_LIB_ARM64_GIC_H
#define GUEST_LIB_ARM64_GIC_H

#include "lib/compiler.h"

#define GIC_SPURIOUS 1020

/* Offsets in the distributor, and of some in the frame of SGIs of a redistributor. */
enum {
	GICD_CTLR = 0x000,
	GICD_TYPER = 0x004,
	GICD_IIDR = 0x008,
	GICD_IGROUPR = 0x080,
	GICD_ISENABLER = 0x100,
	GICD_ICENABLER = 0x180,
	GICD_ISPENDR = 0x200,
	GICD_ICPENDR = 0x280,
	GICD_ISACTIVER = 0x300,
	GICD_ICACTIVER = 0x380,
	GICD_IPRIORITYR = 0x400,
	GICD_ITARGETSR = 0x800,
	GICD_ICFGR = 0xc00,
	GICD_SGIR = 0xf00,
	GICD_IROUTER = 0x6000,
	GICD_PIDR2_V2 = 0xfe8,
	GICD_PIDR2_V3 = 0xffe8,
	GICR_CTLR = 0x0000,
	GICR_TYPER = 0x0008,
	GICR_WAKER = 0x0014,
	GICR_SGI = 0x10000, /* the second frame */
	GICR_STRIDE = 0x20000,
	GICC_CTLR = 0x00,
	GICC_PMR = 0x04,
	GICC_BPR = 0x08,
	GICC_IAR = 0x0c,
	GICC_EOIR = 0x10,
	GICC_RPR = 0x14,
	GICC_HPPIR = 0x18,
	GICC_IIDR = 0xfc,
	GICC_DIR = 0x1000,
};

/* Once, and on each CPU. Everything is disabled, of priority 0xa0, and unmasked. */
void gic_init(void);
void gic_init_cpu(void);

/* The address of the bank of registers at @offset that holds @irq's bit, byte or field. */
u64 gic_base_of(u32 irq);

void gic_enable(u32 irq);
void gic_disable(u32 irq);
bool gic_is_enabled(u32 irq);
void gic_set_pending(u32 irq);
void gic_clear_pending(u32 irq);
bool gic_is_pending(u32 irq);
bool gic_is_active(u32 irq);
void gic_clear_active(u32 irq);
void gic_set_priority(u32 irq, u8 priority);
u8 gic_get_priority(u32 irq);
void gic_set_edge(u32 irq, bool edge);
/* Shared interrupts: to CPU number @cpu. */
void gic_route(u32 irq, unsigned int cpu);

/* An SGI to one CPU, to all others. */
void gic_send(u32 sgi, unsigned int cpu);
void gic_send_others(u32 sgi);

u32 gic_acknowledge(void);
void gic_end(u32 irq);
void gic_set_mask(u8 priority);
u8 gic_get_running(void);
u32 gic_get_highest(void);
/* EOImode: gic_end() only drops the priority; gic_deactivate() does the rest. */
void gic_set_split(bool split);
void gic_deactivate(u32 irq);

#endif
