/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Intel's IOMMU as software sees it: registers, root and context entries, invalidation descriptors,
 * interrupt remapping entries (VT-d specification D51397, chapters 6, 9 and 10). Legacy mode.
 */
#ifndef DRV_IOMMU_VTD_H
#define DRV_IOMMU_VTD_H

#include "core/locks.h"
#include "drv/iommu/iommu_ops.h"
#include "lib/bits.h"

/* --- registers (10.4) --- */

#define VTD_REGS_SIZE 0x1000
#define VTD_REG_CAP 0x08
#define VTD_REG_ECAP 0x10
#define VTD_REG_GCMD 0x18
#define VTD_REG_GSTS 0x1c
#define VTD_REG_RTADDR 0x20
#define VTD_REG_FSTS 0x34
#define VTD_REG_FECTL 0x38
#define VTD_REG_PMEN 0x64
#define VTD_REG_IQH 0x80
#define VTD_REG_IQT 0x88
#define VTD_REG_IQA 0x90
#define VTD_REG_IRTA 0xb8

#define VTD_CAP_PLMR BIT64(5)
#define VTD_CAP_PHMR BIT64(6)
#define VTD_CAP_CM BIT64(7) /* caches absent entries */
#define VTD_CAP_SAGAW_3 BIT64(9)
#define VTD_CAP_SAGAW_4 BIT64(10)
#define VTD_CAP_FRO mask64(33, 24) /* fault records: offset / 16 */
#define VTD_CAP_2M BIT64(34)
#define VTD_CAP_1G BIT64(35)
#define VTD_CAP_NFR mask64(47, 40) /* their number less one */
#define VTD_CAP_RWBF BIT64(4)
#define VTD_ECAP_C BIT64(0) /* looks tables up through the caches */
#define VTD_ECAP_QI BIT64(1)
#define VTD_ECAP_IR BIT64(3)
#define VTD_ECAP_EIM BIT64(4) /* 32-bit APIC ids */

/* Of GCMD; GSTS has the same bits. */
#define VTD_G_TE BIT32(31)
#define VTD_G_SRTP BIT32(30)
#define VTD_G_QIE BIT32(26)
#define VTD_G_IRE BIT32(25)
#define VTD_G_SIRTP BIT32(24)
/* What stays as it was last written; the others are one-time commands (10.4.4). */
#define VTD_G_KEPT (VTD_G_TE | VTD_G_QIE | VTD_G_IRE)

#define VTD_FSTS_PFO BIT32(0)
#define VTD_FSTS_PPF BIT32(1)
#define VTD_FSTS_ERRORS 0x71U /* write 1 to clear: overflow and invalidation queue errors */
#define VTD_FECTL_MASKED BIT32(31)
#define VTD_PMEN_STATUS BIT32(0)
#define VTD_IRTA_EIME BIT64(11)

/* A fault record: 16 bytes; F in its last word is cleared by writing 1. */
#define VTD_FRCD_F BIT64(63)
#define VTD_FRCD_READ BIT64(62)
#define VTD_FRCD_REASON mask64(39, 32)
#define VTD_FRCD_SID mask64(15, 0)
#define VTD_FRCD_ADDRESS mask64(63, 12)

/* --- tables --- */

struct vtd_entry { /* root entry, context entry, IRTE, descriptor */
	u64 lo, hi;
};
static_assert(sizeof(struct vtd_entry) == 16, "VT-d, 9.1, 9.3, 9.10 and 6.5.2");

#define VTD_ENTRY_PRESENT BIT64(0)
#define VTD_ENTRY_ADDRESS mask64(63, 12)
#define VTD_CONTEXT_WIDTH mask64(2, 0) /* of hi: levels less two */
#define VTD_CONTEXT_DOMAIN mask64(23, 8)

#define VTD_IRTE_LOGICAL BIT64(2)
#define VTD_IRTE_LEVEL BIT64(4)
#define VTD_IRTE_MODE mask64(7, 5)
#define VTD_IRTE_VECTOR mask64(23, 16)
#define VTD_IRTE_DEST mask64(63, 32)
#define VTD_IRTE_DEST_XAPIC mask64(47, 40)
#define VTD_IRTE_SID mask64(15, 0) /* of hi */
#define VTD_IRTE_CHECK_SID field_put(mask64(19, 18), 1)

/* --- invalidation descriptors (6.5.2) --- */

enum vtd_descriptor {
	VTD_DESC_CONTEXT = 1,
	VTD_DESC_IOTLB = 2,
	VTD_DESC_IEC = 4,
	VTD_DESC_WAIT = 5
};

#define VTD_DESC_GLOBAL field_put(mask64(5, 4), 1)
#define VTD_DESC_DOMAIN_ALL field_put(mask64(5, 4), 2)
#define VTD_DESC_DEVICE field_put(mask64(5, 4), 3) /* of contexts */
#define VTD_DESC_DOMAIN mask64(31, 16)
#define VTD_DESC_SID mask64(47, 32)
#define VTD_DESC_DRAIN (BIT64(7) | BIT64(6)) /* reads and writes, of IOTLBs */
#define VTD_DESC_IEC_INDEX BIT64(4)
#define VTD_DESC_IEC_FIRST mask64(47, 32)
#define VTD_DESC_STATUS BIT64(5) /* wait: write the data */
#define VTD_DESC_DATA mask64(63, 32)

/* --- the driver's --- */

#define VTD_QUEUE_ENTRIES 256U /* one page */
#define VTD_IRT_ORDER 4
#define VTD_IRT_SIZE 4096U
static_assert(VTD_IRT_SIZE <= IOMMU_IRT_MAX, "");

struct vtd_unit {
	char name[24];
	u16 segment;
	u16 index;
	volatile u8 *regs;
	u64 cap, ecap;
	u32 kept; /* bits of VTD_G_KEPT that are on */
	struct spinlock lock;
	struct vtd_entry *queue;
	u32 tail;
	volatile u32 *done;
	u32 serial;
	bool dead;
	struct vtd_entry *root;
	struct vtd_entry *contexts[256]; /* by bus */
	struct iommu_irt irt;
	u64 command_count;
};

extern struct vtd_unit *vtd_units;
extern unsigned int vtd_unit_count;

#endif
