/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Between iommu.c, which does what all IOMMUs have in common, and the drivers, which know registers
 * and formats. Nobody else includes this.
 */
#ifndef DRV_IOMMU_IOMMU_OPS_H
#define DRV_IOMMU_IOMMU_OPS_H

#include "core/locks.h"
#include "drv/iommu/iommu.h"
#include "lib/bitmap.h"
#include "mm/s2.h"

struct domain;

/* Domain numbers as the units know them; 0 is nobody's. Few bits of a number are safe: QEMU 7.2
 * takes bit 8 of AMD's for a reserved one. */
#define IOMMU_MAX_DOMAINS 256

struct iommu_domain {
	struct s2 s2;
	struct domain *domain;
	u16 id;
	bool dirty; /* entries were added since the last flush; atomic */
};

/* One interrupt remapping table: a unit's or a device's. */
#define IOMMU_IRT_MAX 4096
struct iommu_irt {
	void *entries;
	u32 size; /* entries, at most IOMMU_IRT_MAX */
	BITMAP(used, IOMMU_IRT_MAX);
	u16 tag; /* the driver's: whose table it is */
	u16 unit;
};

/* Who raises an interrupt. */
struct iommu_source {
	bool ioapic;
	u32 sbdf;      /* not ioapic */
	u32 ioapic_id; /* ioapic */
};

/* What the units that were found can do: the least of all of them. Filled by probe(). */
struct iommu_caps {
	const struct s2_fmt *fmt;
	u8 levels;
	u8 leaf_max;
	bool intremap;
	bool flush_on_map; /* absent entries are cached too */
	bool coherent;	   /* units snoop our caches when they walk tables */
	bool rte_by_index; /* an I/O APIC's vector field is the entry's index */
};

struct iommu_ops {
	const char *name;
	/* Finds units and readies their memory; touches no control yet. -ENODEV, -ENOMEM. */
	int (*probe)(struct iommu_caps *caps);
	/* Turns them on, all devices blocked. -EIO: one did not answer; all are off again. */
	int (*enable)(bool intremap);

	/* The function's requests use dom's tables; NULL: are refused. -ERANGE. */
	int (*attach)(u32 sbdf, struct iommu_domain *dom);
	/* No unit uses entries of dom's tables that are not there. Waits, for a bounded time. */
	void (*flush)(struct iommu_domain *dom);
	bool (*owns)(u32 sbdf);

	/* The table for this source, made if need be; NULL: no memory, or no unit has
	 * the source. */
	struct iommu_irt *(*irt)(const struct iommu_source *src);
	/* Writes an entry, or clears it (irq NULL), and makes the units see it. -ERANGE. */
	int (*irte)(struct iommu_irt *irt, u16 index, const struct iommu_source *src,
		const struct iommu_irq *irq);
	void (*message)(const struct iommu_irt *irt, u16 index, struct iommu_msg *msg);
	u64 (*rte)(const struct iommu_irt *irt, u16 index, const struct iommu_irq *irq);

	/* Handles at most budget recorded faults; how many there were. */
	unsigned int (*faults)(unsigned int budget);
	/* Calls fn for each region that a device must keep reaching. */
	int (*regions)(struct domain *d, int (*fn)(struct domain *d, u64 start, u64 end));
	void (*dump)(void);
};

extern const struct iommu_ops amdvi_ops, vtd_ops;

/* The driver in use, NULL: none. And what was found. */
extern const struct iommu_ops *iommu_ops;
extern struct iommu_caps iommu_caps;
extern bool iommu_verbose;

/* Prints one refused access, unless there were too many lately. who is the unit; what begins with a
 * verb. */
void iommu_report(const char *who, u32 sbdf, u64 address, const char *what);

/* Writes tables back where units do not snoop. */
void iommu_sync(const void *p, size_t size);

/* How long a unit may take for anything (ns). */
#define IOMMU_PATIENCE_NS (100 * NS_PER_MS)
/* One turn of waiting for the unit of that name. True, and a line in the log, from deadline on. */
bool iommu_impatient(u64 deadline, const char *name);

#endif
