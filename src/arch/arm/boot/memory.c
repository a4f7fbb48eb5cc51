/* SPDX-License-Identifier: GPL-2.0-only */
/* A domain's memory; see the header. Works in blocks: nothing here costs by the page but sharing.
 */
#include "arch/arm/boot/memory.h"

#include "arch/arm/boot/boot.h"
#include "arch/contract/io.h"
#include "boot/build.h"
#include "core/domain.h"
#include "core/log.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "lib/xen_public.h"
#include "mm/frame.h"
#include "mm/guest.h"
#include "mm/vmap.h"

#define BLOCK MiB(2)
#define PIECE MiB(16) /* that is mapped at once */

/* --- static memory --- */

static bool memory_is_set_aside(u64 start, u64 size)
{
	u64 end = start + size;

	if (end < start || !memmap_is(&boot_map, start, size, MEMMAP_RAM)) {
		return false;
	}
	/* Entries in any order, which may touch: each that holds the start moves it on. */
	for (unsigned int i = 0; i < boot_reserved_count; i++) {
		const struct boot_reserved *r = &boot_reserved[i];

		if (r->is_static && start >= r->start && start - r->start < r->size) {
			start = MIN(end, r->start + r->size);
			i = start == end ? boot_reserved_count : ~0U;
		}
	}
	return start == end;
}

/* From the allocator, or of what it was never given. */
static int memory_take_at(u64 start, u64 size, u16 owner)
{
	mfn_t mfn = MFN(start >> PAGE_SHIFT);
	u64 count = size >> PAGE_SHIFT;

	if (count == 0 || !IS_ALIGNED(start | size, PAGE_SIZE)) {
		return -EINVAL;
	}
	if (memory_is_set_aside(start, size)) {
		return frame_claim(mfn, count, owner);
	}
	return frame_alloc_at(mfn, count, FRAME_GUEST, owner);
}

/* Which of the machine's static ranges have been had. */
static struct taken {
	u64 pa, size;
	u16 domain; /* who asked first */
	u16 owner;  /* of the frames */
	bool shared;
} taken[128];
static unsigned int taken_count;

static struct taken *memory_taken(u64 pa, u64 size, bool shared)
{
	for (unsigned int i = 0; i < taken_count; i++) {
		struct taken *t = &taken[i];

		if (t->pa == pa && t->size == size && t->shared == shared) {
			return t;
		}
	}
	return NULL;
}

static void memory_take_range(
	const struct domain_desc *desc, u64 pa, u64 size, u16 owner, bool shared)
{
	int rc = taken_count == ARRAY_SIZE(taken) ? -ENOSPC : memory_take_at(pa, size, owner);

	if (rc) {
		log_err("%s: %s: %#llx bytes at %#llx are not free RAM of whole pages: error %d",
			desc->where ?: desc->name, shared ? "xen,shared-mem" : "xen,static-mem",
			(unsigned long long)size, (unsigned long long)pa, rc);
		return;
	}
	taken[taken_count++] = (struct taken){ pa, size, desc->id, owner, shared };
}

/* A region that nobody owns belongs to DOMID_IO. */
static u16 memory_owner(
	const struct domain_desc *descs, unsigned int count, const struct desc_shared *s)
{
	for (unsigned int i = 0; i < count; i++) {
		for (unsigned int j = 0; j < descs[i].shared_count; j++) {
			if (descs[i].shared[j].owner && descs[i].shared[j].pa == s->pa) {
				return descs[i].id;
			}
		}
	}
	return DOMID_IO;
}

void memory_take_static(const struct domain_desc *descs, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		const struct domain_desc *d = &descs[i];

		for (unsigned int j = 0; j < d->bank_count; j++) {
			memory_take_range(d, d->banks[j].pa, d->banks[j].size, d->id, false);
		}
		for (unsigned int j = 0; j < d->shared_count; j++) {
			const struct desc_shared *s = &d->shared[j];

			if (!memory_taken(s->pa, s->size, true)) {
				memory_take_range(
					d, s->pa, s->size, memory_owner(descs, count, s), true);
			}
		}
	}
}

static int memory_give_static(
	struct domain *d, const struct domain_desc *desc, struct ram *ram, const char **why)
{
	struct place_piece pieces[PLACE_PIECES_MAX];
	unsigned int count = 0;
	int rc = place_static(desc, pieces, &count, ram);

	*why = "xen,static-mem: banks overlap, or are more than a guest can have";
	for (unsigned int i = 0; i < desc->bank_count && !rc; i++) {
		const struct taken *t = memory_taken(desc->banks[i].pa, desc->banks[i].size, false);

		if (!t || t->domain != desc->id) {
			*why = "xen,static-mem: not all of it could be had";
			rc = -EBUSY;
		}
	}
	for (unsigned int i = 0; i < count && !rc; i++) {
		const struct place_piece *p = &pieces[i];

		*why = "xen,domain-p2m-mem-mb: too little for its page tables";
		rc = guest_map_ram(d, GFN(p->gpa >> PAGE_SHIFT), MFN(p->pa >> PAGE_SHIFT),
			p->size >> PAGE_SHIFT);
	}
	return rc;
}

/* --- sharing --- */

static int memory_share_one(struct domain *d, const struct desc_shared *s)
{
	const struct taken *t = memory_taken(s->pa, s->size, true);
	gfn_t gfn = GFN(s->gpa >> PAGE_SHIFT);
	mfn_t mfn = MFN(s->pa >> PAGE_SHIFT);
	u64 count = s->size >> PAGE_SHIFT;
	int rc;

	if (!t || !IS_ALIGNED(s->gpa, PAGE_SIZE)) {
		return -EBUSY;
	}
	/* One reference to each for this mapping. The first one stays with the region, which goes
	 * to nobody else even when its owner has ended. */
	for (u64 i = 0; i < count; i++) {
		if (!frame_get_any(mfn_add(mfn, i))) {
			return -EBUSY;
		}
	}
	rc = t->owner == d->id ? guest_map_ram(d, gfn, mfn, count)
			       : guest_map_borrowed(d, gfn, mfn, count);
	if (!rc && t->owner == d->id) {
		d->page_max += count;
	}
	return rc;
}

int memory_share(struct domain *d, const struct domain_desc *desc, const char **why)
{
	int rc = 0;

	for (unsigned int i = 0; i < desc->shared_count && !rc; i++) {
		rc = memory_share_one(d, &desc->shared[i]);
	}
	*why = "xen,shared-mem: the region could not be had or mapped";
	return rc;
}

/* --- 1:1 --- */

#define RUNS_MAX 64

struct runs {
	struct ram_bank runs[RUNS_MAX];
	unsigned int count;
};

/* When the table is full the smallest goes: what is looked for are large ones. */
static void runs_add(struct runs *r, u64 start, u64 size)
{
	unsigned int least = 0;

	if (r->count && r->runs[r->count - 1].start + r->runs[r->count - 1].size == start) {
		r->runs[r->count - 1].size += size;
		return;
	}
	if (r->count < RUNS_MAX) {
		r->runs[r->count++] = (struct ram_bank){ start, size };
		return;
	}
	for (unsigned int i = 1; i < RUNS_MAX; i++) {
		if (r->runs[i].size < r->runs[least].size) {
			least = i;
		}
	}
	if (r->runs[least].size < size) {
		r->runs[least] = (struct ram_bank){ start, size };
	}
}

/* Halves a range until each part is free or a block. Whole blocks; 16 TiB make it 23 deep. */
static void runs_find(struct runs *r, u64 start, u64 end)
{
	u64 middle = start + ALIGN_DOWN((end - start) / 2, BLOCK);

	if (frame_is_free(MFN(start >> PAGE_SHIFT), (end - start) >> PAGE_SHIFT)) {
		runs_add(r, start, end - start);
	} else if (middle > start) {
		runs_find(r, start, middle);
		runs_find(r, middle, end);
	}
}

static void runs_find_all(struct runs *r)
{
	unsigned int cursor = 0;
	u64 start, end;

	r->count = 0;
	while (memmap_next_ram(&boot_map, &cursor, &start, &end)) {
		start = ALIGN_UP(start, BLOCK);
		end = ALIGN_DOWN(MIN(end, TiB(16)), BLOCK);
		if (start < end) {
			runs_find(r, start, end);
		}
	}
}

/* As much of a bank as can be had: the allocator may need some of it for its own records. */
static int memory_take_bank(struct domain *d, struct ram_bank *b)
{
	gfn_t gfn = GFN(b->start >> PAGE_SHIFT);
	int rc = -ENOMEM;

	while (b->size) {
		mfn_t mfn = MFN(gfn.v);
		u64 count = b->size >> PAGE_SHIFT;

		if (frame_alloc_at(mfn, count, FRAME_GUEST, d->id) == 0) {
			rc = guest_map_ram(d, gfn, mfn, count);
			if (rc) {
				frame_free(mfn, count);
			}
			return rc;
		}
		b->size = ALIGN_DOWN(b->size / 2, BLOCK);
	}
	return rc;
}

/* Few banks, the largest first; the first below 4 GiB, where every device and kernel reaches it. */
static int memory_give_identity(struct domain *d, u64 bytes, struct ram *ram, const char **why)
{
	static struct runs runs; /* boot CPU */
	bool low = true;
	int rc = 0;

	*ram = (struct ram){ 0 };
	bytes = ALIGN_DOWN(bytes, BLOCK);
	*why = "memory: the machine has not so much left in blocks of 2 MiB";
	while (bytes && !rc) {
		struct ram_bank b;

		runs_find_all(&runs);
		if (!place_identity(runs.runs, runs.count, bytes, low, &b) && !low) {
			return -ENOMEM;
		}
		low = false;
		if (b.size) {
			rc = memory_take_bank(d, &b);
			rc = rc ?: ram_add(ram, b.start, b.size);
			bytes -= MIN(bytes, b.size);
		}
	}
	return rc;
}

/* --- from anywhere --- */

static int memory_give_anywhere(
	struct domain *d, const struct domain_desc *desc, struct ram *ram, const char **why)
{
	int rc = place_guest(desc->memory, ram);

	*why = "memory: more than the machine has left, or a guest can have";
	for (unsigned int i = 0; i < ram->count && !rc; i++) {
		rc = build_populate(
			d, ram->banks[i].start, ram->banks[i].start + ram->banks[i].size);
	}
	return rc;
}

/* The hypervisor's own needs while dom0 runs: page tables, grants, event channels, more domains. */
#define KEEP_SHARE 32
#define KEEP_LEAST MiB(16)

static void memory_limit_hardware(const struct domain *d, struct domain_desc *desc)
{
	u64 left = frame_free_count() << PAGE_SHIFT;
	u64 keep = MAX(left / KEEP_SHARE, KEEP_LEAST);
	u64 most = left > keep ? ALIGN_DOWN(left - keep, BLOCK) : 0;

	if (desc->memory > most) {
		log_warn("dom0_mem: %llu MiB, but %llu MiB are left beside the other domains",
			(unsigned long long)(desc->memory >> 20), (unsigned long long)(most >> 20));
		desc->memory = most;
	}
}

int memory_give(struct domain *d, struct domain_desc *desc, struct ram *ram, const char **why)
{
	if (desc->bank_count) {
		return memory_give_static(d, desc, ram, why);
	}
	if (desc->hardware) {
		memory_limit_hardware(d, desc);
	}
	return desc->direct_mapped ? memory_give_identity(d, desc->memory, ram, why)
				   : memory_give_anywhere(d, desc, ram, why);
}

/* --- writing --- */

int memory_write(struct domain *d, u64 gpa, const void *from, u64 size)
{
	const u8 *src = from;

	while (size) {
		struct s2_entry e = guest_lookup(d, GFN(gpa >> PAGE_SHIFT));
		u64 leaf = PAGE_SIZE << e.order;
		u64 n = MIN(MIN(size, PIECE), leaf - gpa % leaf);
		void *va;

		if (e.type != S2_RAM) {
			return -EFAULT;
		}
		va = vmap(HPA((e.mfn.v << PAGE_SHIFT) + gpa % PAGE_SIZE), n, HV_RW);
		if (!va) {
			return -ENOMEM;
		}
		memcpy(va, src, n);
		arch_cache_writeback(va, n);
		vunmap(va);
		gpa += n;
		src += n;
		size -= n;
	}
	return 0;
}

int memory_write_module(
	struct domain *d, u64 gpa, const struct boot_module *m, u64 offset, u64 size)
{
	if (offset > m->size || size > m->size - offset) {
		return -EINVAL;
	}
	for (u64 done = 0; done < size; done += PIECE) {
		u64 n = MIN(size - done, PIECE);
		void *va = vmap(HPA(m->start.v + offset + done), n, HV_RO);
		int rc;

		if (!va) {
			return -ENOMEM;
		}
		rc = memory_write(d, gpa + done, va, n);
		vunmap(va);
		if (rc) {
			return rc;
		}
	}
	return 0;
}
