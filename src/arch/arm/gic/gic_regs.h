/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Registers of GICv2 (IHI 0048B) and GICv3 (IHI 0069) that lie in memory, by offset. The first
 * block is the same in a distributor and in the second frame of a redistributor.
 */
#ifndef ARCH_ARM_GIC_GIC_REGS_H
#define ARCH_ARM_GIC_GIC_REGS_H

#include "lib/bits.h"

/* --- by INTID: one bit each, but where a comment says more --- */
#define GICD_IGROUPR 0x080
#define GICD_ISENABLER 0x100
#define GICD_ICENABLER 0x180
#define GICD_ISPENDR 0x200
#define GICD_ICPENDR 0x280
#define GICD_ISACTIVER 0x300
#define GICD_ICACTIVER 0x380
#define GICD_IPRIORITYR 0x400 /* a byte each */
#define GICD_ITARGETSR 0x800  /* v2: a byte each */
#define GICD_ICFGR 0xc00      /* two bits each, the upper one: edge */
#define GICD_IROUTER 0x6000   /* v3: eight bytes each, from INTID 32 on */

/* --- the distributor --- */
#define GICD_CTLR 0x000
#define GICD_CTLR_ENABLE BIT32(0)   /* v2; v3 with one security state, or seen non-secure: */
#define GICD_CTLR_GROUP1A BIT32(1)  /* group 1 with affinity routing */
#define GICD_CTLR_AFFINITY BIT32(4) /* ARE, ARE_NS */
#define GICD_CTLR_RWP BIT32(31)
#define GICD_TYPER 0x004
#define GICD_TYPER_LINES mask64(4, 0) /* INTIDs: 32 times this plus 1 */
#define GICD_SGIR 0xf00		      /* v2 */
#define GICD_SGIR_OTHERS BIT32(24)
#define GICD_SGIR_TARGETS_SHIFT 16
#define GICD_SIZE_V2 0x1000
#define GICD_SIZE_V3 0x10000
#define GICV3_PIDR2 0xffe8
#define GICV2_PIDR2 0x0fe8
#define GIC_PIDR2_ARCH mask64(7, 4)

/* --- a redistributor: frames RD and SGI of 64 KiB, two more with virtual LPIs --- */
#define GICR_CTLR 0x000
#define GICR_CTLR_RWP BIT32(3)
#define GICR_TYPER 0x008 /* 64 bits */
#define GICR_TYPER_VLPIS BIT64(1)
#define GICR_TYPER_LAST BIT64(4)
#define GICR_TYPER_AFFINITY mask64(63, 32)
#define GICR_WAKER 0x014
#define GICR_WAKER_SLEEP BIT32(1)
#define GICR_WAKER_ASLEEP BIT32(2)
#define GICR_FRAME 0x10000

/* --- v2: a CPU's interface --- */
#define GICC_CTLR 0x000
#define GICC_CTLR_ENABLE BIT32(0)
#define GICC_CTLR_EOIMODE BIT32(9)
#define GICC_PMR 0x004
#define GICC_BPR 0x008
#define GICC_IAR 0x00c
#define GICC_EOIR 0x010
#define GICD_IIDR 0x008
/* Arm, but no product: QEMU, up to 7.2 at least. When a list register with the hw bit ends there, a
 * line that is up again by then is overlooked until something else happens. */
#define GICD_IIDR_QEMU 0x43b
#define GICC_IIDR 0x0fc
#define GICC_DIR 0x1000
#define GICC_SIZE 0x2000

/* --- v2: the hypervisor's interface --- */
#define GICH_HCR 0x000
#define GICH_VTR 0x004
#define GICH_VTR_LRS mask64(5, 0) /* list registers minus 1 */
#define GICH_VMCR 0x008
#define GICH_EISR 0x020
#define GICH_ELRSR 0x030
#define GICH_APR 0x0f0
#define GICH_LR 0x100
#define GICH_SIZE 0x1000

/* --- v3: system registers --- */
#define ICC_SRE_SRE BIT64(0)
#define ICC_SRE_NO_FIQ_BYPASS BIT64(1)
#define ICC_SRE_NO_IRQ_BYPASS BIT64(2)
#define ICC_CTLR_EOIMODE BIT64(1)
#define ICC_SGI1R_OTHERS BIT64(40)
#define ICC_SGI1R_INTID_SHIFT 24
#define ICH_VTR_LRS mask64(4, 0)	  /* list registers minus 1 */
#define ICH_VTR_PREEMPTION mask64(28, 26) /* bits of it, minus 1 */
#define ICH_VTR_PRIORITY mask64(31, 29)	  /* bits of it, minus 1 */

#endif
