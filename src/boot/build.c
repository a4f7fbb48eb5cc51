/* SPDX-License-Identifier: GPL-2.0-only */
/* Populates a domain's physical map. Boot CPU, the domain does not run yet. */
#include "boot/build.h"

#include "arch/contract/paging.h"
#include "core/domain.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/frame.h"
#include "mm/guest.h"
#include "mm/vmap.h"

static const u8 orders[] = { ORDER_1G, ORDER_2M, ORDER_4K };

/* The largest block that starts at gfn and does not reach beyond end_gfn. */
static unsigned int best_order(u64 gfn, u64 end_gfn)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(orders); i++) {
		u64 count = 1ULL << orders[i];

		if (IS_ALIGNED(gfn, count) && end_gfn - gfn >= count) {
			return orders[i];
		}
	}
	return ORDER_4K;
}

static unsigned int next_lower(unsigned int order)
{
	return order == ORDER_1G ? ORDER_2M : ORDER_4K;
}

int build_populate(struct domain *d, u64 start, u64 end)
{
	u64 gfn = start >> PAGE_SHIFT, end_gfn = end >> PAGE_SHIFT;

	while (gfn < end_gfn) {
		unsigned int order = best_order(gfn, end_gfn);
		mfn_t mfn = frame_alloc(order, FRAME_ANY, FRAME_GUEST, d->id);
		int rc;

		while (mfn_eq(mfn, MFN_INVALID) && order > ORDER_4K) {
			order = next_lower(order);
			mfn = frame_alloc(order, FRAME_ANY, FRAME_GUEST, d->id);
		}
		if (mfn_eq(mfn, MFN_INVALID)) {
			return -ENOMEM;
		}
		rc = guest_map_ram(d, GFN(gfn), mfn, 1ULL << order);
		if (rc) {
			frame_free(mfn, 1ULL << order);
			return rc;
		}
		gfn += 1ULL << order;
	}
	return 0;
}

int build_populate_identity(struct domain *d, u64 start, u64 end, u64 *budget, struct memmap *map)
{
	u64 gfn = start >> PAGE_SHIFT, end_gfn = end >> PAGE_SHIFT;

	while (gfn < end_gfn) {
		u64 limit = MIN(end_gfn, gfn + (*budget >> PAGE_SHIFT));
		unsigned int order = limit > gfn ? best_order(gfn, limit) : ORDER_4K;
		u64 count;
		bool taken = false;
		int rc;

		while (limit > gfn && !taken) {
			taken = !frame_alloc_at(MFN(gfn), 1ULL << order, FRAME_GUEST, d->id);
			if (taken || order == ORDER_4K) {
				break;
			}
			order = next_lower(order);
		}
		/* Out of budget: the rest of the range goes as one. */
		count = limit > gfn ? 1ULL << order : end_gfn - gfn;
		if (taken) {
			rc = guest_map_ram(d, GFN(gfn), MFN(gfn), count);
			if (rc) {
				frame_free(MFN(gfn), count);
				return rc;
			}
			*budget -= count << PAGE_SHIFT;
		}
		rc = memmap_add(map, gfn << PAGE_SHIFT, count << PAGE_SHIFT,
			taken ? MEMMAP_RAM : MEMMAP_UNUSABLE);
		if (rc) {
			return rc;
		}
		gfn += count;
	}
	return 0;
}

int build_copy(struct domain *d, gpa_t to, hpa_t from, u64 size)
{
	/* In pieces, so that a large ramdisk needs no large mapping. */
	const u64 piece = MiB(16);

	for (u64 done = 0; done < size; done += piece) {
		u64 n = MIN(size - done, piece);
		void *va = vmap(HPA(from.v + done), n, HV_RO);
		int rc;

		if (!va) {
			return -ENOMEM;
		}
		rc = guest_write_phys(d, GPA(to.v + done), va, n);
		vunmap(va);
		if (rc) {
			return rc;
		}
	}
	return 0;
}
