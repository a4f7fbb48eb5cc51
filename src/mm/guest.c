/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A domain's physical map: who holds which reference, and in which order entries, TLBs, IOMMU and
 * frames are taken apart. It never decides who may map what; that is the callers' business.
 *
 *   guest_unmap ─▶ iommu_unmap ─▶ s2_unmap ─▶ guest_flush (TLBs, IOMMU) ─▶ guest_drop (references)
 */
#include "mm/guest.h"

#include "arch/contract/guest.h"
#include "arch/contract/paging.h"
#include "core/domain.h"
#include "lib/bits.h"
#include "lib/bug.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/frame.h"
#include "mm/heap.h"
#include "mm/iommu_map.h"
#include "mm/vmap.h"

#define GUEST_PIECE BIT64(ORDER_2M) /* frames that guest_unmap() removes under one lock */
#define END_PIECE 256ULL	    /* frames wiped by one step of a domain's end */
#define END_STEPS 512		    /* leaves and holes looked at in one step */

/* d->s2 is the first member. */
struct guest {
	struct s2 s2;
	gfn_t end_at;	/* how far the end of the domain has come */
	gfn_t drain_at; /* and the freeing of tables */
};

/* How entries of a type are treated. */
static const struct guest_type {
	bool counted;		 /* in page_count */
	bool referenced;	 /* the map has a reference */
	bool ram;		 /* the domain's own */
	bool readable, writable; /* by copies */
	bool dma, dma_write;	 /* mirrored for the IOMMU */
} guest_types[S2_TYPE_COUNT] = {
	[S2_RAM] = { true, true, true, true, true, true, true },
	[S2_RAM_RO] = { true, true, true, true, false, true, false },
	[S2_LOGDIRTY] = { true, true, true, true, true, true, true },
	[S2_SHARED] = { .readable = true, .writable = true },
	[S2_FOREIGN] = { .referenced = true,
		.readable = true,
		.writable = true,
		.dma = true,
		.dma_write = true },
	[S2_GRANT_RW] = { .readable = true, .writable = true, .dma = true, .dma_write = true },
	[S2_GRANT_RO] = { .readable = true, .dma = true },
};

/* --- changes --- */

/* s2->flush: no CPU and no device uses the old entries on return. */
static void guest_flush(struct s2 *s2, gfn_t start, u64 count)
{
	struct domain *d = s2->owner;

	arch_s2_flush(d, start, count);
	if (d->iommu) {
		iommu_flush(d);
	}
}

/* s2_old_fn: after the flush. */
static void guest_drop(void *arg, gfn_t gfn, const struct s2_entry *e, u64 count)
{
	const struct guest_type *t = &guest_types[e->type];
	struct domain *d = arg;

	if (t->counted) {
		__atomic_fetch_sub(&d->page_count, count, __ATOMIC_RELAXED);
	}
	for (u64 i = 0; t->referenced && i < count; i++) {
		frame_put(mfn_add(e->mfn, i));
	}
}

int guest_reserve(struct domain *d, unsigned int tables)
{
	return s2_reserve(d->s2, tables);
}

static int guest_unmap_piece(struct domain *d, gfn_t gfn, u64 count, s2_old_fn *old)
{
	int rc = d->iommu ? iommu_unmap(d, gfn, count) : 0;

	return rc ? rc : s2_unmap(d->s2, gfn, count, old, d);
}

static u64 guest_limit(const struct domain *d)
{
	return s2_limit(d->s2);
}

/* How many of the frames from gfn on are in one hole, whole pieces only. Devices may reach what
 * CPUs do not: with an IOMMU nothing is passed over. */
static u64 guest_hole(const struct domain *d, gfn_t gfn, u64 count)
{
	struct s2_entry e;

	if (d->iommu) {
		return 0;
	}
	e = s2_lookup(d->s2, gfn);
	count = MIN(count, BIT64(e.order) - gfn.v % BIT64(e.order));
	return e.type == S2_NONE && count >= GUEST_PIECE ? count : 0;
}

int guest_unmap(struct domain *d, gfn_t gfn, u64 count)
{
	int rc = 0;

	count = gfn.v < guest_limit(d) ? MIN(count, guest_limit(d) - gfn.v) : 0;
	while (count != 0 && !rc) {
		u64 piece = guest_hole(d, gfn, count);

		if (piece == 0) {
			piece = MIN(count, GUEST_PIECE - gfn.v % GUEST_PIECE);
			rc = guest_unmap_piece(d, gfn, piece, guest_drop);
		}
		if (rc == -ENOMEM && piece < count) {
			/* A leaf larger than a piece, and no page to split it: all at once. */
			return guest_unmap_piece(d, gfn, count, guest_drop);
		}
		gfn = gfn_add(gfn, piece);
		count -= piece;
	}
	return rc;
}

/*
 * A mapping failed half-way: the caller gets its frames back. What has just been mapped merged with
 * its neighbours at most, and the pages which that made spare are enough to split it again. Should
 * another vCPU of the domain have snatched them, the frames go down with the domain.
 */
static int guest_take_back(struct domain *d, gfn_t gfn, u64 count, int rc)
{
	if (guest_unmap_piece(d, gfn, count, NULL) == 0) {
		return rc;
	}
	domain_crash(
		d, NULL, "no memory to undo the mapping of gfn %#llx", (unsigned long long)gfn.v);
	return 0;
}

static void guest_note_end(struct domain *d, u64 end)
{
	u64 old = __atomic_load_n(&d->gfn_end, __ATOMIC_RELAXED);

	while (old < end && !__atomic_compare_exchange_n(&d->gfn_end, &old, end, false,
				    __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
	}
}

static int guest_map(struct domain *d, gfn_t gfn, mfn_t mfn, u64 count, enum s2_type type)
{
	const struct guest_type *t = &guest_types[type];
	int rc;

	if (READ_ONCE(d->dying) || gfn.v > guest_limit(d) || count > guest_limit(d) - gfn.v) {
		return -EINVAL;
	}
	rc = guest_unmap(d, gfn, count);
	if (rc) {
		return rc; /* nothing has been mapped */
	}
	rc = s2_map(d->s2, gfn, mfn, count, type, 0, guest_drop, d);
	guest_note_end(d, gfn.v + count);
	if (!rc && d->iommu && t->dma) {
		rc = iommu_map(d, gfn, mfn, count, t->dma_write);
		iommu_flush(d);
	}
	if (rc) {
		rc = guest_take_back(d, gfn, count, rc);
	}
	if (!rc && t->counted) {
		__atomic_fetch_add(&d->page_count, count, __ATOMIC_RELAXED);
	}
	return rc;
}

int guest_map_ram(struct domain *d, gfn_t gfn, mfn_t mfn, u64 count)
{
	return guest_map(d, gfn, mfn, count, S2_RAM);
}

int guest_map_mmio(struct domain *d, gfn_t gfn, mfn_t mfn, u64 count, bool writable)
{
	return guest_map(d, gfn, mfn, count, writable ? S2_MMIO : S2_MMIO_RO);
}

int guest_map_shared(struct domain *d, gfn_t gfn, mfn_t mfn)
{
	return guest_map(d, gfn, mfn, 1, S2_SHARED);
}

int guest_map_foreign(struct domain *d, gfn_t gfn, mfn_t mfn, enum s2_type type)
{
	ASSERT(type == S2_FOREIGN || type == S2_GRANT_RW || type == S2_GRANT_RO);
	return guest_map(d, gfn, mfn, 1, type);
}

int guest_map_borrowed(struct domain *d, gfn_t gfn, mfn_t mfn, u64 count)
{
	return guest_map(d, gfn, mfn, count, S2_FOREIGN);
}

/* --- lookups --- */

/*
 * Once the domain is dying its tables go away: long after `dying` was set, for its vCPUs are
 * stopped in between, and a lookup that began before takes microseconds.
 */
struct s2_entry guest_lookup(struct domain *d, gfn_t gfn)
{
	if (READ_ONCE(d->dying)) {
		return (struct s2_entry){ .type = S2_NONE, .order = ORDER_1G };
	}
	return s2_lookup(d->s2, gfn);
}

/*
 * A reference to the guest frame at gfn, whoever owns it; `owner` NULL: anybody. The frame may have
 * gone and come back as another one's between lookup and reference: so look again.
 */
static bool guest_get(
	struct domain *d, gfn_t gfn, const struct s2_entry *e, const struct domain *owner)
{
	struct s2_entry again;

	if (!(owner ? frame_get(e->mfn, owner) : frame_get_any(e->mfn))) {
		return false;
	}
	again = guest_lookup(d, gfn);
	if (again.type == e->type && mfn_eq(again.mfn, e->mfn)) {
		return true;
	}
	frame_put(e->mfn);
	return false;
}

bool guest_get_ram(struct domain *d, gfn_t gfn, bool writable, mfn_t *mfn)
{
	struct s2_entry e = guest_lookup(d, gfn);
	const struct guest_type *t = &guest_types[e.type];

	if (!t->ram || (writable && !t->writable) || !guest_get(d, gfn, &e, d)) {
		return false;
	}
	*mfn = e.mfn;
	return true;
}

/* --- copies --- */

/* One direction of a copy within a page. */
typedef void guest_copy_fn(u8 *page, u8 *buf, size_t n);

static void guest_copy_out(u8 *page, u8 *buf, size_t n)
{
	memcpy(buf, page, n);
}

static void guest_copy_in(u8 *page, u8 *buf, size_t n)
{
	memcpy(page, buf, n);
}

static int guest_copy_page(struct domain *d, gpa_t gpa, u8 *buf, size_t n, bool write)
{
	guest_copy_fn *copy = write ? guest_copy_in : guest_copy_out;
	struct s2_entry e = guest_lookup(d, gpa_to_gfn(gpa));
	const struct guest_type *t = &guest_types[e.type];
	size_t offset = gpa.v % PAGE_SIZE;
	u8 *page;

	if (!(write ? t->writable : t->readable)) {
		return -EFAULT;
	}
	if (e.type == S2_SHARED) {
		copy((u8 *)heap_mfn_to_va(e.mfn) + offset, buf, n);
		return 0;
	}
	if (!guest_get(d, gpa_to_gfn(gpa), &e, NULL)) {
		return -EFAULT;
	}
	page = arch_map_frame(e.mfn);
	copy(page + offset, buf, n);
	arch_unmap_frame(page);
	frame_put(e.mfn);
	return 0;
}

static int guest_copy_phys(struct domain *d, gpa_t gpa, u8 *buf, size_t n, bool write)
{
	int rc = n != 0 && n - 1 > ~gpa.v ? -EFAULT : 0;

	while (n != 0 && !rc) {
		size_t part = MIN(n, PAGE_SIZE - gpa.v % PAGE_SIZE);

		rc = guest_copy_page(d, gpa, buf, part, write);
		gpa.v += part;
		buf += part;
		n -= part;
	}
	return rc;
}

int guest_read_phys(struct domain *d, gpa_t gpa, void *buf, size_t n)
{
	return guest_copy_phys(d, gpa, buf, n, false);
}

int guest_write_phys(struct domain *d, gpa_t gpa, const void *buf, size_t n)
{
	return guest_copy_phys(d, gpa, (u8 *)(uintptr_t)buf, n, true);
}

static int guest_copy(struct vcpu *v, u64 linear, u8 *buf, size_t n, bool write)
{
	int rc = n != 0 && n - 1 > ~linear ? -EFAULT : 0;

	while (n != 0 && !rc) {
		size_t part = MIN(n, PAGE_SIZE - linear % PAGE_SIZE);
		gpa_t gpa;

		if (arch_guest_translate(v, linear, write, &gpa) != 0) {
			return -EFAULT;
		}
		rc = guest_copy_page(v->domain, gpa, buf, part, write);
		linear += part;
		buf += part;
		n -= part;
	}
	return rc;
}

int guest_read(struct vcpu *v, u64 linear, void *buf, size_t n)
{
	return guest_copy(v, linear, buf, n, false);
}

int guest_write(struct vcpu *v, u64 linear, const void *buf, size_t n)
{
	return guest_copy(v, linear, (u8 *)(uintptr_t)buf, n, true);
}

/* --- registered pages --- */

int shared_page_map(struct domain *d, gpa_t gpa, size_t size, struct shared_page *out)
{
	size_t offset = gpa.v % PAGE_SIZE;
	mfn_t mfn;
	u8 *va;

	if (size == 0 || size > PAGE_SIZE - offset ||
		!guest_get_ram(d, gpa_to_gfn(gpa), true, &mfn)) {
		return -EINVAL;
	}
	va = vmap_frames(&mfn, 1, HV_RW);
	if (!va) {
		frame_put(mfn);
		return -ENOMEM;
	}
	*out = (struct shared_page){ .va = va + offset, .mfn = mfn };
	return 0;
}

void shared_page_unmap(struct shared_page *p)
{
	if (!p->va) {
		return;
	}
	vunmap(p->va);
	frame_put(p->mfn);
	*p = (struct shared_page){ .va = NULL };
}

/* --- life cycle --- */

static int guest_domain_create(struct domain *d, const struct domain_desc *desc)
{
	struct guest *g = heap_new(&d->pool, struct guest);
	int rc;

	if (!g) {
		return -ENOMEM;
	}
	rc = s2_init_wide(&g->s2, arch_s2_fmt(), arch_s2_levels(), arch_s2_root_order(),
		arch_s2_leaf_max(), &d->pool, RANK_S2);
	if (rc) {
		heap_free(&d->pool, g);
		return rc;
	}
	g->s2.owner = d;
	g->s2.flush = guest_flush;
	d->s2 = &g->s2;
	return 0;
}

/* Removes what stands at end_at, END_PIECE frames at most. */
static void guest_end_piece(struct domain *d, struct guest *g, u64 left)
{
	u64 piece = END_PIECE - g->end_at.v % END_PIECE;
	gfn_t section = GFN(ALIGN_DOWN(g->end_at.v, BIT64(ORDER_1G)));

	/* No leaf is larger than a GiB: nothing to split, no memory needed. */
	if (d->iommu && iommu_unmap(d, section, BIT64(ORDER_1G)) != 0) {
		BUG();
	}
	if (s2_unmap(&g->s2, g->end_at, piece, guest_drop, d) != 0) {
		/* No page to split a large leaf: then all of it. */
		piece = left;
		if (s2_unmap(&g->s2, g->end_at, piece, guest_drop, d) != 0) {
			BUG();
		}
	}
	g->end_at = gfn_add(g->end_at, piece);
}

/* Goes over holes and removes at most one piece of memory; true: there is none any more. */
static bool guest_end_step(struct domain *d, struct guest *g)
{
	u64 limit = guest_limit(d);

	for (unsigned int i = 0; i < END_STEPS && g->end_at.v < limit; i++) {
		struct s2_entry e = s2_lookup(&g->s2, g->end_at);
		u64 left = BIT64(e.order) - g->end_at.v % BIT64(e.order);

		if (e.type != S2_NONE) {
			guest_end_piece(d, g, left);
			return false;
		}
		g->end_at = gfn_add(g->end_at, left);
	}
	return g->end_at.v >= limit;
}

static int guest_domain_relinquish(struct domain *d)
{
	struct guest *g = container_of(d->s2, struct guest, s2);

	if (!guest_end_step(d, g)) {
		return -ERESTART;
	}
	return s2_drain(&g->s2, &g->drain_at, END_STEPS, guest_drop, d) ? 0 : -ERESTART;
}

/* A domain that failed to be created has not been relinquished; it has little memory. */
static void guest_domain_destroy(struct domain *d)
{
	struct guest *g = container_of(d->s2, struct guest, s2);

	while (guest_domain_relinquish(d) != 0) {
	}
	s2_destroy(&g->s2);
	d->s2 = NULL;
	heap_free(&d->pool, g);
}

const struct unit guest_unit = {
	.name = "guest memory",
	.domain_create = guest_domain_create,
	.domain_relinquish = guest_domain_relinquish,
	.domain_destroy = guest_domain_destroy,
	.dump = guest_dump,
	.dump_key = 'p',
	.dump_what = "page tables: the physical maps of all domains",
};
