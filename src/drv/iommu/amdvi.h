/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * AMD's IOMMU as software sees it: registers, device table, commands, events, interrupt remapping
 * entries (AMD I/O virtualization technology specification 48882, chapters 2 and 3).
 */
#ifndef DRV_IOMMU_AMDVI_H
#define DRV_IOMMU_AMDVI_H

#include "core/locks.h"
#include "drv/iommu/iommu_ops.h"
#include "lib/bits.h"

/* --- registers (3.4) --- */

#define AMDVI_REGS_SIZE 0x4000
#define AMDVI_REG_DEVTAB 0x0000
#define AMDVI_REG_CMD_BASE 0x0008
#define AMDVI_REG_EVT_BASE 0x0010
#define AMDVI_REG_CONTROL 0x0018
#define AMDVI_REG_EXCL_BASE 0x0020
#define AMDVI_REG_EXCL_LIMIT 0x0028
#define AMDVI_REG_FEATURES 0x0030
#define AMDVI_REG_CMD_HEAD 0x2000
#define AMDVI_REG_CMD_TAIL 0x2008
#define AMDVI_REG_EVT_HEAD 0x2010
#define AMDVI_REG_EVT_TAIL 0x2018
#define AMDVI_REG_STATUS 0x2020

#define AMDVI_RING_LENGTH mask64(59, 56) /* log2 of the entries */

#define AMDVI_CONTROL_ENABLE BIT64(0)
#define AMDVI_CONTROL_HT_TUNNEL BIT64(1)
#define AMDVI_CONTROL_EVENTS BIT64(2)
#define AMDVI_CONTROL_PASS_PW BIT64(8)
#define AMDVI_CONTROL_RES_PASS_PW BIT64(9)
#define AMDVI_CONTROL_COHERENT BIT64(10)
#define AMDVI_CONTROL_ISOC BIT64(11)
#define AMDVI_CONTROL_COMMANDS BIT64(12)

#define AMDVI_STATUS_OVERFLOW BIT64(0) /* write 1 to clear, as the next two */
#define AMDVI_STATUS_EVENT BIT64(1)
#define AMDVI_STATUS_WAIT_DONE BIT64(2)

#define AMDVI_FEATURE_INVALIDATE_ALL BIT64(6)

#define AMDVI_CAP_NP_CACHE BIT32(26) /* first word of the PCI capability (3.3.1) */

/* --- device table (2.2.2.1) --- */

struct amdvi_dte {
	u64 q[4];
};
static_assert(sizeof(struct amdvi_dte) == 32, "48882, figure 7");

#define AMDVI_DTE0_VALID BIT64(0)
#define AMDVI_DTE0_TRANSLATION BIT64(1)
#define AMDVI_DTE0_LEVELS mask64(11, 9)
#define AMDVI_DTE0_ROOT mask64(51, 12)
#define AMDVI_DTE0_READ BIT64(61)
#define AMDVI_DTE0_WRITE BIT64(62)
#define AMDVI_DTE1_DOMAIN mask64(15, 0)
#define AMDVI_DTE1_SYSMGT mask64(41, 40)
#define AMDVI_DTE2_INT_VALID BIT64(0)
#define AMDVI_DTE2_INT_LENGTH mask64(4, 1) /* log2 of the entries */
#define AMDVI_DTE2_INT_ROOT mask64(51, 6)
#define AMDVI_DTE2_INIT_PASS BIT64(56)
#define AMDVI_DTE2_EINT_PASS BIT64(57)
#define AMDVI_DTE2_NMI_PASS BIT64(58)
#define AMDVI_DTE2_INT_CONTROL mask64(61, 60) /* 0: abort, 2: remap */
#define AMDVI_DTE2_LINT0_PASS BIT64(62)
#define AMDVI_DTE2_LINT1_PASS BIT64(63)

#define AMDVI_INT_REMAP 2ULL

/* --- interrupt remapping entries, 32 bits (2.2.5.2) --- */

#define AMDVI_IRTE_ENABLE BIT32(0)
#define AMDVI_IRTE_TYPE mask64(4, 2)
#define AMDVI_IRTE_LOGICAL BIT32(6)
#define AMDVI_IRTE_DEST mask64(15, 8)
#define AMDVI_IRTE_VECTOR mask64(23, 16)

/* --- commands (2.4) and events (2.5): 16 bytes --- */

struct amdvi_entry {
	u64 q[2];
};
static_assert(sizeof(struct amdvi_entry) == 16, "48882, figures 37 and 48");

#define AMDVI_CODE mask64(63, 60) /* of q[0] */

enum amdvi_command {
	AMDVI_CMD_WAIT = 1,
	AMDVI_CMD_DEVTAB = 2,
	AMDVI_CMD_PAGES = 3,
	AMDVI_CMD_INTERRUPTS = 5,
	AMDVI_CMD_ALL = 8,
};

#define AMDVI_WAIT_STORE BIT64(0)
#define AMDVI_PAGES_DOMAIN mask64(47, 32)
/* S and PDE with an address of all ones: the domain's whole address space, tables included. */
#define AMDVI_PAGES_EVERYTHING 0x7ffffffffffff003ULL

enum amdvi_event {
	AMDVI_EVENT_DEVTAB = 1,
	AMDVI_EVENT_PAGE_FAULT = 2,
	AMDVI_EVENT_DEVTAB_HW = 3,
	AMDVI_EVENT_PAGES_HW = 4,
	AMDVI_EVENT_COMMAND = 5,
	AMDVI_EVENT_COMMAND_HW = 6,
	AMDVI_EVENT_IOTLB = 7,
	AMDVI_EVENT_REQUEST = 8,
};

#define AMDVI_EVENT_DEVID mask64(15, 0)
#define AMDVI_EVENT_INTERRUPT BIT64(51)
#define AMDVI_EVENT_PRESENT BIT64(52)
#define AMDVI_EVENT_WRITE BIT64(53)

/* --- the driver's --- */

/* log2 of a table's entries: what MSI data can say without a delivery mode */
#define AMDVI_IRT_LENGTH 8
#define AMDVI_RING_ORDER 1 /* pages: 8 KiB */
#define AMDVI_RING_ENTRIES 512U

struct amdvi_unit {
	char name[24];
	u32 sbdf; /* of its PCI function */
	u16 segment;
	volatile u8 *regs;
	u64 control;
	struct spinlock lock; /* commands, and writing device table entries */
	struct amdvi_entry *commands, *events;
	u32 cmd_tail, evt_head; /* in entries */
	volatile u64 *done;	/* what the last wait command writes */
	u64 serial;
	bool dead; /* did not answer in time */
	struct amdvi_dte *devtab;
	u32 devtab_count;	 /* entries */
	struct iommu_irt **irts; /* by device id */
	u64 command_count;
};

extern struct amdvi_unit *amdvi_units;
extern unsigned int amdvi_unit_count;

#endif
