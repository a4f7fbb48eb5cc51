/* SPDX-License-Identifier: GPL-2.0-only */
/* The frames of grant tables. Entries are the guest's to write: nothing here reads them. */
#include "comm/grant.h"
#include "core/desc.h"
#include "core/domain.h"
#include "lib/errno.h"
#include "mm/heap.h"

#define GRANT_FRAMES_DEFAULT 64

struct grant_slot {
	void *page;
	u64 gfn; /* ~0: not mapped */
};

struct grant_domain {
	struct spinlock lock; /* RANK_GRANT: all below */
	u32 count, max;
	struct grant_slot slots[];
};

void grant_size(struct domain *d, u32 *count, u32 *max)
{
	spin_lock(&d->grant->lock);
	*count = d->grant->count;
	*max = d->grant->max;
	spin_unlock(&d->grant->lock);
}

static int grant_grow_locked(struct domain *d, u32 count)
{
	struct grant_domain *g = d->grant;

	if (count > g->max) {
		return -EINVAL;
	}
	while (g->count < count) {
		struct grant_slot *s = &g->slots[g->count];

		s->page = heap_pages_alloc(&d->pool, 0);
		if (!s->page) {
			return -ENOMEM;
		}
		s->gfn = ~0ULL;
		g->count++;
	}
	return 0;
}

int grant_grow(struct domain *d, u32 count)
{
	int rc;

	spin_lock(&d->grant->lock);
	rc = grant_grow_locked(d, count);
	spin_unlock(&d->grant->lock);
	return rc;
}

static int grant_frame_locked(struct domain *d, u32 idx, u64 gfn, mfn_t *mfn, u64 *old_gfn)
{
	struct grant_slot *s;
	int rc;

	if (idx >= d->grant->max) {
		return -EINVAL;
	}
	rc = grant_grow_locked(d, idx + 1);
	if (rc != 0) {
		return rc;
	}
	s = &d->grant->slots[idx];
	*mfn = heap_va_to_mfn(s->page);
	*old_gfn = s->gfn;
	if (gfn != ~0ULL) {
		s->gfn = gfn;
	}
	return 0;
}

int grant_frame(struct domain *d, u32 idx, u64 gfn, mfn_t *mfn, u64 *old_gfn)
{
	int rc;

	spin_lock(&d->grant->lock);
	rc = grant_frame_locked(d, idx, gfn, mfn, old_gfn);
	spin_unlock(&d->grant->lock);
	return rc;
}

u64 grant_frame_gfn(struct domain *d, u32 idx)
{
	u64 gfn = ~0ULL;

	spin_lock(&d->grant->lock);
	if (idx < d->grant->count) {
		gfn = d->grant->slots[idx].gfn;
	}
	spin_unlock(&d->grant->lock);
	return gfn;
}

void grant_forget_gfn(struct domain *d, u64 gfn)
{
	struct grant_domain *g = d->grant;

	spin_lock(&g->lock);
	for (u32 i = 0; i < g->count; i++) {
		if (g->slots[i].gfn == gfn) {
			g->slots[i].gfn = ~0ULL;
		}
	}
	spin_unlock(&g->lock);
}

int grant_set_version(struct domain *d, u32 version)
{
	if (version == 1) {
		return 0;
	}
	return version == 2 ? -ENOSYS : -EINVAL;
}

u32 grant_version(struct domain *d)
{
	return 1;
}

static void grant_domain_destroy(struct domain *d)
{
	struct grant_domain *g = d->grant;

	for (u32 i = 0; i < g->count; i++) {
		heap_pages_free(&d->pool, g->slots[i].page, 0);
	}
	d->grant = NULL;
	heap_free(&d->pool, g);
}

static int grant_domain_create(struct domain *d, const struct domain_desc *desc)
{
	u32 max = desc->grant_frames != 0 ? desc->grant_frames : GRANT_FRAMES_DEFAULT;
	struct grant_domain *g;

	g = heap_alloc(&d->pool, sizeof(*g) + max * sizeof(g->slots[0]));
	if (!g) {
		return -ENOMEM;
	}
	spin_init(&g->lock, RANK_GRANT);
	g->max = max;
	d->grant = g;
	/* A guest may look for its table before it has asked for anything. */
	if (grant_grow(d, 1) != 0) {
		grant_domain_destroy(d);
		return -ENOMEM;
	}
	return 0;
}

const struct unit grant_unit = {
	.name = "grant",
	.domain_create = grant_domain_create,
	.domain_destroy = grant_domain_destroy,
};
