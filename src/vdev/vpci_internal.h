/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of virtual PCI share. Nobody else includes this.
 *
 *   struct domain ── vpci ─▶ struct vpci_domain ── devs ─▶ struct vpci_dev (tree by sbdf)
 *                                                    ├── regs[]  handlers, by rising offset
 *                                                    ├── bars[]  0..5, ROM
 *                                                    └── msi, msix
 *
 * One lock for each domain (RANK_VPCI) protects all of it: two functions' BARs can share a page.
 */
#ifndef VDEV_VPCI_INTERNAL_H
#define VDEV_VPCI_INTERNAL_H

#include "arch/contract/pci.h"
#include "core/domain.h"
#include "drv/pci/pci.h"
#include "lib/rbtree.h"
#include "vdev/vpci.h"

#define VPCI_REGS_MAX 16
#define VPCI_BARS 7
#define VPCI_BAR_ROM 6

struct vpci_dev;

/* A register of 1, 2 or 4 bytes that has handlers; values are right-aligned. */
struct vpci_reg {
	u16 offset;
	u8 size;
	u8 index; /* the handler's */
	u32 (*read)(struct vpci_dev *p, const struct vpci_reg *r);
	void (*write)(struct vpci_dev *p, const struct vpci_reg *r, u32 value);
};

/* A memory BAR or the ROM's. */
struct vpci_bar {
	u64 size;    /* 0: none */
	u64 address; /* as the guest wrote it */
	bool is64, prefetch, writable;
	bool enabled; /* ROM: its own bit */
	bool mapped;  /* the guest reaches it, at mapped_at */
	u64 mapped_at;
};

struct vpci_msi {
	u8 cap; /* 0: none */
	bool is64, enabled;
	struct msi_message guest;
	struct arch_msi *irq;
};

struct vpci_msix_entry {
	struct msi_message guest;
	bool masked;
	struct arch_msi *irq;
};

struct vpci_msix {
	u8 cap;
	u8 bar;
	u16 count;
	u32 offset;  /* of the table in the BAR */
	u16 control; /* enable and function mask, as the guest wrote them */
	/* The table's pages: where they are while the guest reaches them, and mapped for us. */
	bool live;
	u64 start, size;
	u8 *va; /* of start */
	struct vpci_msix_entry entries[];
};

struct vpci_dev {
	struct rb_node node;
	struct vpci_domain *vd;
	const struct pci_dev *pci;
	u32 sbdf;
	bool decoding; /* the guest's memory enable */
	unsigned int reg_count;
	struct vpci_reg regs[VPCI_REGS_MAX];
	struct vpci_bar bars[VPCI_BARS];
	struct vpci_msi msi;
	struct vpci_msix *msix;
};

struct vpci_domain {
	struct spinlock lock;
	struct domain *domain;
	struct rb_root devs;
	unsigned int ecam_count; /* windows on the bus */
	/* A mapping that is not needed any more: unmapped after the lock is released. */
	void *stale;
};

/* vpci.c. All under the lock. -ENOSPC, -EEXIST: overlaps another one. */
int vpci_reg_add(struct vpci_dev *p, const struct vpci_reg *r);
/* Enters and leaves the lock; leaving unmaps vd->stale. */
void vpci_lock(struct vpci_domain *vd);
void vpci_unlock(struct vpci_domain *vd);
/* Leaves a mapping (NULL is fine) to vpci_unlock(): one for each time that the lock is held. */
void vpci_unmap_later(struct vpci_domain *vd, void *va);
struct vpci_dev *vpci_first(struct vpci_domain *vd);
struct vpci_dev *vpci_next(struct vpci_dev *p);

/* vpci_bar.c. BARs, ROM, command register. */
int vpci_bar_create(struct vpci_dev *p);
void vpci_bar_destroy(struct vpci_dev *p);

/* vpci_msi.c */
int vpci_msi_create(struct vpci_dev *p);
void vpci_msi_destroy(struct vpci_dev *p);

/* vpci_msix.c */
int vpci_msix_create(struct vpci_dev *p);
void vpci_msix_destroy(struct vpci_dev *p);
/* The BAR with the table was mapped (all of it but the table's pages), or is being unmapped. */
void vpci_msix_map(struct vpci_dev *p);
void vpci_msix_unmap(struct vpci_dev *p);
/* The device decodes by now: the entries of a table that the guest has enabled are written. */
void vpci_msix_resume(struct vpci_dev *p);
/* The frames of BAR `index` that are not to be mapped. False: none. */
bool vpci_msix_hole(const struct vpci_dev *p, unsigned int index, u64 *first, u64 *last);

#endif
