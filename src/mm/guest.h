/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A domain's memory: its physical map (struct s2 with reference rules), copies to and from it, and
 * pages of it that the hypervisor keeps mapped because the guest registered them.
 */
#ifndef MM_GUEST_H
#define MM_GUEST_H

#include "mm/s2.h"

struct vcpu;

/* --- the physical map: every change of a domain's memory passes here, and is mirrored to its IOMMU tables --- */

/* Adds fresh frames that the caller allocated for d with frame_alloc() (refs 1: the map's). */
int guest_map_ram(struct domain *d, gfn_t gfn, mfn_t mfn, u64 count);
int guest_map_mmio(struct domain *d, gfn_t gfn, mfn_t mfn, u64 count, bool writable);
/* A hypervisor page (heap) that the guest sees: shared_info, grant frames. RAM that stood there is freed. */
int guest_map_shared(struct domain *d, gfn_t gfn, mfn_t mfn);
/* Removes [gfn, +count) of any type and drops the map's references. */
int guest_unmap(struct domain *d, gfn_t gfn, u64 count);
struct s2_entry guest_lookup(struct domain *d, gfn_t gfn);
/* Looks gfn up and takes a reference, so that the frame cannot be reused; false if not RAM of d (S2_RAM, LOGDIRTY).
 * writable: also refuse read-only RAM. Put it with frame_put(). */
bool guest_get_ram(struct domain *d, gfn_t gfn, bool writable, mfn_t *mfn);

/* --- copies. All return 0 or -EFAULT; content may have been partly copied then -------------- */
int guest_read_phys(struct domain *d, gpa_t gpa, void *buf, size_t n);
int guest_write_phys(struct domain *d, gpa_t gpa, const void *buf, size_t n);
/* By linear address of the vCPU, walked through its page tables with supervisor rights (hypercall buffers). */
int guest_read(struct vcpu *v, u64 linear, void *buf, size_t n);
int guest_write(struct vcpu *v, u64 linear, const void *buf, size_t n);

/* --- registered pages ------------------------------------------------------------------------ */
struct shared_page {
	void *va;  /* of the byte that gpa names, NULL when not registered */
	mfn_t mfn; /* holds a reference */
};
/* Maps `size` bytes at gpa (must not cross a page: -EINVAL) for good. -EINVAL if not the domain's RAM; -ENOMEM. */
int shared_page_map(struct domain *d, gpa_t gpa, size_t size, struct shared_page *out);
void shared_page_unmap(struct shared_page *p);

#endif
