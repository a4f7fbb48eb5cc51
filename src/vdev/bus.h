/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where an emulated access goes: for each domain one sorted table of regions for MMIO and one for
 * ports, filled at creation and searched by bisection without a lock.
 */
#ifndef VDEV_BUS_H
#define VDEV_BUS_H

#include "core/unit.h"
#include "lib/compiler.h"

struct domain;
struct vcpu;
struct vdev_region;

enum bus_kind { BUS_MMIO, BUS_PIO, BUS_KINDS };

struct vdev_access {
	u64 addr;   /* guest physical address or port */
	u64 offset; /* addr - region->start */
	u64 value;  /* to write (zero-extended), or what was read */
	u8 size;    /* 1, 2, 4 or 8 bytes, not crossing the region's end */
	bool write;
};

/* Runs on the vCPU's CPU in its exit; does not call bus_access() itself. 0: done. -ERESTART: do the
 * instruction again later. A device ignores what its specification ignores; it never fails because
 * of what the guest wrote. */
typedef int vdev_access_fn(struct vcpu *v, const struct vdev_region *r, struct vdev_access *a);

struct vdev_region {
	u64 start, size;
	vdev_access_fn *access;
	void *device;
	const char *name;
};

extern const struct unit bus_unit;

/* Any time, from any CPU, also from a device's access function; locks below RANK_VDEV may be held.
 * The device stays valid until the domain's vCPUs have stopped, even if its region goes earlier.
 * -EEXIST: overlaps another region; -EINVAL: empty or wraps around; -ENOMEM. */
int bus_add(struct domain *d, enum bus_kind kind, const struct vdev_region *r);
/* Nothing happens where no region starts. */
void bus_remove(struct domain *d, enum bus_kind kind, u64 start);
/* The region that holds addr, or NULL. Lock-free. The pointer says that there is one; its content
 * is to be used only while nobody changes regions. */
const struct vdev_region *bus_find(struct domain *d, enum bus_kind kind, u64 addr);
/* Splits accesses that cross a region's end; -ENOENT where no region is. */
int bus_access(struct vcpu *v, enum bus_kind kind, struct vdev_access *a);

#endif
