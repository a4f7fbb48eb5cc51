/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A domain's memory: its physical map (struct s2 with reference rules), copies to and from it, and
 * pages of it that the hypervisor keeps mapped because the guest registered them.
 */
#ifndef MM_GUEST_H
#define MM_GUEST_H

#include "core/unit.h"
#include "mm/s2.h"

struct vcpu;

/* Makes d->s2, and takes it apart in small steps. Every unit that maps memory comes after it. */
extern const struct unit guest_unit;
void guest_dump(void); /* guest_dump.c: debug key p */

/*
 * --- the physical map: every change of a domain's memory passes here, and is mirrored to its IOMMU
 * tables ---
 *
 * What an entry's type means for the frame behind it:
 *
 *   S2_RAM, _RAM_RO, _LOGDIRTY   the map has a reference and counts it in d->page_count
 *   S2_FOREIGN                   the map has a reference
 *   S2_GRANT_*, _SHARED, _MMIO_* none: whoever mapped it unmaps it before the frame goes
 *
 * Removing an entry flushes TLBs and IOMMU first and then drops the reference. The mapping
 * functions remove what stood in the range. When one fails, nothing new is mapped in the range
 * (what stood there may stand there still), and frames and references are the caller's again. All
 * take RANK_S2; -EINVAL: beyond the address width, or the domain is dying; -ENOMEM: d->pool is
 * empty.
 */

/* Adds fresh frames that the caller allocated for d with frame_alloc() (refs 1: the map's). */
int guest_map_ram(struct domain *d, gfn_t gfn, mfn_t mfn, u64 count);
int guest_map_mmio(struct domain *d, gfn_t gfn, mfn_t mfn, u64 count, bool writable);
/* A hypervisor page (heap) that the guest sees: shared_info, grant frames. RAM that stood there is
 * freed. */
int guest_map_shared(struct domain *d, gfn_t gfn, mfn_t mfn);
/* A frame of another domain: S2_FOREIGN (takes over the caller's reference), S2_GRANT_RW or _RO. */
int guest_map_foreign(struct domain *d, gfn_t gfn, mfn_t mfn, enum s2_type type);
/* Neighbouring frames that belong to another domain: S2_FOREIGN, takes over a reference to each. */
int guest_map_borrowed(struct domain *d, gfn_t gfn, mfn_t mfn, u64 count);
/* Removes [gfn, +count) of any type and drops the map's references. -ENOMEM only when a large leaf
 * has to be split; then the rest is still there. Works in pieces: others may see it half done. */
int guest_unmap(struct domain *d, gfn_t gfn, u64 count);
/* Table pages for changes of the map to come, so that those allocate nothing. -ENOMEM. */
int guest_reserve(struct domain *d, unsigned int tables);
/* S2_NONE throughout once the domain is dying. */
struct s2_entry guest_lookup(struct domain *d, gfn_t gfn);
/* Looks gfn up and takes a reference, so that the frame cannot be reused; false if not RAM of d
 * (S2_RAM, LOGDIRTY). writable: also refuse read-only RAM. Put it with frame_put(). */
bool guest_get_ram(struct domain *d, gfn_t gfn, bool writable, mfn_t *mfn);

/* --- copies ---
 * All return 0 or -EFAULT; content may have been partly copied then. Reads take any RAM, grants,
 * foreign and shared pages; writes those of them that are writable. Device registers are never
 * touched. */
int guest_read_phys(struct domain *d, gpa_t gpa, void *buf, size_t n);
int guest_write_phys(struct domain *d, gpa_t gpa, const void *buf, size_t n);
/* By linear address of the vCPU, walked through its page tables with supervisor rights (hypercall
 * buffers). */
int guest_read(struct vcpu *v, u64 linear, void *buf, size_t n);
int guest_write(struct vcpu *v, u64 linear, const void *buf, size_t n);

/* --- registered pages --- */
struct shared_page {
	void *va;  /* of the byte that gpa names, NULL when not registered */
	mfn_t mfn; /* holds a reference */
};
/* Maps `size` bytes at gpa (must not cross a page: -EINVAL) for good. -EINVAL if not the domain's
 * writable RAM; -ENOMEM. */
int shared_page_map(struct domain *d, gpa_t gpa, size_t size, struct shared_page *out);
/* Harmless for one that is not registered. As vunmap(). */
void shared_page_unmap(struct shared_page *p);

#endif
