/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * EL2's translation regime: descriptors and control registers (DDI 0487, D8.3, D17.2). Assembly
 * includes this file too.
 */
#ifndef ARCH_ARM_PAGING_BITS_H
#define ARCH_ARM_PAGING_BITS_H

/* Descriptors. Bit 6, AP[1], is RES1 at EL2; there is no bit for a global entry. */
#define PTE_VALID 0x1
#define PTE_TABLE 0x3
#define PTE_PAGE 0x3
#define PTE_BLOCK 0x1
#define PTE_AP1 0x40
#define PTE_READ_ONLY 0x80
#define PTE_INNER 0x300 /* inner shareable */
#define PTE_AF 0x400
#define PTE_XN 0x0040000000000000

/* AttrIndx, bits 4 to 2, counts the bytes of MAIR_EL2. */
#define PTE_NORMAL 0x0
#define PTE_DEVICE 0x4
#define PTE_UNCACHED 0x8
/* Write-back with allocation; Device-nGnRE; normal, not cacheable. */
#define MAIR_HOST 0x4404ff

/* TCR_EL2 without PS: 48 bits of address, 4 KiB granule, walks cacheable and inner shareable; bits
 * 31 and 23 are RES1. */
#define TCR_HOST 0x80803510

/* SCTLR_EL2. The MMU, both caches, stack alignment, and nothing both writable and executable. */
#define SCTLR_RES1 0x30c50830
#define SCTLR_M 0x1
#define SCTLR_C 0x4
#define SCTLR_SA 0x8
#define SCTLR_I 0x1000
#define SCTLR_WXN 0x80000
#define SCTLR_OFF (SCTLR_RES1 | SCTLR_I)
#define SCTLR_BOOT (SCTLR_OFF | SCTLR_M | SCTLR_C | SCTLR_SA)
#define SCTLR_HOST (SCTLR_BOOT | SCTLR_WXN)

/* HCR_EL2 before there is a vCPU: RW, EL1 is AArch64; E2H is 0. */
#define HCR_BOOT 0x80000000

/* EL1, for as long as it takes to say that it is the wrong level: the same, with the addresses'
 * size at 32 (48 bits) and EPD1, 4 KiB; SCTLR_EL1's RES1 bits with MMU and caches. */
#define TCR_EL1_BOOT 0x580803510
#define SCTLR_EL1_BOOT 0x30d01805

#define CURRENT_EL1 (1 << 2)
#define CURRENT_EL2 (2 << 2)

/* The early tables: the root, two for the first 2 MiB where they are, two for the image. */
#define PTE_EARLY_BLOCK (PTE_BLOCK | PTE_NORMAL | PTE_INNER | PTE_AF)
#define EARLY_LOW1 0x1000
#define EARLY_LOW2 0x2000
#define EARLY_HIGH1 0x3000
#define EARLY_HIGH2 0x4000

#endif
