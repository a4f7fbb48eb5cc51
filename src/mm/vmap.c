/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Hands out addresses of the vmap region. Areas are in a tree by address; the search for a gap goes
 * round the region from where the last one ended, so that an address that some CPU may still have
 * in its TLB is not used again for as long as possible. It never looks at what is mapped.
 */
#include "mm/vmap.h"

#include "core/locks.h"
#include "lib/bug.h"
#include "lib/errno.h"
#include "lib/rbtree.h"
#include "mm/heap.h"

struct vmap_area {
	struct rb_node node;
	u64 start;
	u64 size; /* mapped; the guard page follows */
};

static struct spinlock vmap_lock = SPINLOCK_INIT(RANK_VMAP);
static struct rb_root areas;
static u64 cursor; /* offset in the region */
/* Descriptors kept for a time at which there is no more memory: linked by child[0]. */
static struct rb_node *spares;
static unsigned int spare_count, spare_target;

static struct vmap_area *vmap_area_of(struct rb_node *n)
{
	return n ? rb_entry(n, struct vmap_area, node) : NULL;
}

static bool vmap_less(const struct rb_node *a, const struct rb_node *b)
{
	return rb_entry(a, struct vmap_area, node)->start <
	       rb_entry(b, struct vmap_area, node)->start;
}

static int vmap_cmp(const void *key, const struct rb_node *n)
{
	const struct vmap_area *a = rb_entry(n, struct vmap_area, node);
	u64 va = *(const u64 *)key;

	if (va < a->start) {
		return -1;
	}
	return va >= a->start + a->size + PAGE_SIZE;
}

/* The first area that ends above va. */
static struct vmap_area *vmap_first_above(u64 va)
{
	struct rb_node *n = areas.node, *best = NULL;

	while (n) {
		if (vmap_cmp(&va, n) <= 0) {
			best = n;
			n = n->child[0];
		} else {
			n = n->child[1];
		}
	}
	return vmap_area_of(best);
}

/* The lowest start >= from with start % align == phase and room below `to`; 0: none. */
static u64 vmap_gap(u64 from, u64 to, u64 size, u64 align, u64 phase)
{
	struct vmap_area *next = vmap_first_above(from);

	for (;;) {
		u64 start = ALIGN_DOWN(from, align) + phase;
		u64 limit = next ? MIN(next->start, to) : to;

		start += start < from ? align : 0;
		if (start < limit && size + PAGE_SIZE <= limit - start) {
			return start;
		}
		if (!next || next->start >= to) {
			return 0;
		}
		from = next->start + next->size + PAGE_SIZE;
		next = vmap_area_of(rb_next(&next->node));
	}
}

/* Finds room for the area, with the same place in a large page as pa has. */
static bool vmap_place(struct vmap_area *a, u64 pa)
{
	u64 align = a->size >= MiB(2) ? MiB(2) : PAGE_SIZE;
	u64 end = arch_vmap_base + arch_vmap_size;
	u64 from = arch_vmap_base + cursor;

	a->start = vmap_gap(from, end, a->size, align, pa % align);
	if (a->start == 0) {
		a->start = vmap_gap(arch_vmap_base, end, a->size, align, pa % align);
	}
	if (a->start == 0) {
		return false;
	}
	cursor = a->start + a->size + PAGE_SIZE - arch_vmap_base;
	rb_insert(&areas, &a->node, vmap_less);
	return true;
}

static void vmap_spare_put(struct vmap_area *a)
{
	a->node.child[0] = spares;
	spares = &a->node;
	spare_count++;
}

static struct vmap_area *vmap_area_get(void)
{
	struct rb_node *n = spares;

	if (!n) {
		return heap_new(&pool_system, struct vmap_area);
	}
	spares = n->child[0];
	spare_count--;
	return vmap_area_of(n);
}

static void vmap_area_put(struct vmap_area *a)
{
	if (spare_count < spare_target) {
		vmap_spare_put(a);
	} else {
		heap_free(&pool_system, a);
	}
}

int vmap_keep_spares(unsigned int count)
{
	int rc = 0;

	spin_lock(&vmap_lock);
	spare_target += count;
	while (spare_count < spare_target && rc == 0) {
		struct vmap_area *a = heap_new(&pool_system, struct vmap_area);

		if (a) {
			vmap_spare_put(a);
		} else {
			rc = -ENOMEM;
		}
	}
	spin_unlock(&vmap_lock);
	return rc;
}

static struct vmap_area *vmap_reserve(u64 pa, u64 size)
{
	struct vmap_area *a;

	if (size == 0 || size >= arch_vmap_size) {
		return NULL;
	}
	a = vmap_area_get();
	if (a) {
		a->size = size;
	}
	if (a && !vmap_place(a, pa)) {
		vmap_area_put(a);
		a = NULL;
	}
	return a;
}

static void vmap_release(struct vmap_area *a)
{
	rb_erase(&areas, &a->node);
	vmap_area_put(a);
}

void *vmap(hpa_t pa, u64 size, enum hv_prot prot)
{
	u64 offset = pa.v & ~PAGE_MASK;
	u64 first = pa.v & PAGE_MASK;
	struct vmap_area *a;
	u64 start = 0;

	if (size == 0 || size > arch_vmap_size || size - 1 > ~pa.v) {
		return NULL;
	}
	spin_lock(&vmap_lock);
	a = vmap_reserve(first, ALIGN_UP(offset + size, PAGE_SIZE));
	if (a && arch_hv_map(a->start, HPA(first), a->size, prot) != 0) {
		vmap_release(a);
		a = NULL;
	}
	start = a ? a->start + offset : 0;
	spin_unlock(&vmap_lock);
	return (void *)(uintptr_t)start;
}

/* How many frames from mfns[0] on lie side by side in memory as well. */
static unsigned int vmap_run(const mfn_t *mfns, unsigned int count)
{
	unsigned int n = 1;

	while (n < count && mfns[n].v == mfns[0].v + n) {
		n++;
	}
	return n;
}

static bool vmap_map_frames(
	struct vmap_area *a, const mfn_t *mfns, unsigned int count, enum hv_prot prot, u64 *mapped)
{
	for (unsigned int i = 0; i < count;) {
		unsigned int n = vmap_run(mfns + i, count - i);

		if (arch_hv_map(a->start + i * PAGE_SIZE, mfn_to_hpa(mfns[i]), n * PAGE_SIZE,
			    prot) != 0) {
			return false;
		}
		i += n;
		*mapped = i * PAGE_SIZE;
	}
	return true;
}

void *vmap_frames(const mfn_t *mfns, unsigned int count, enum hv_prot prot)
{
	struct vmap_area *a;
	u64 start, mapped = 0;
	bool done;

	if (count == 0) {
		return NULL;
	}
	spin_lock(&vmap_lock);
	a = vmap_reserve(mfn_to_hpa(mfns[0]).v, count * PAGE_SIZE);
	done = a && vmap_map_frames(a, mfns, count, prot, &mapped);
	start = a ? a->start : 0;
	if (a && mapped == 0) {
		vmap_release(a);
	} else if (a) {
		a->size = mapped; /* what vunmap() will have to undo */
	}
	spin_unlock(&vmap_lock);
	if (done) {
		return (void *)(uintptr_t)start;
	}
	if (mapped != 0) {
		vunmap((void *)(uintptr_t)start);
	}
	return NULL;
}

void vunmap(void *va)
{
	u64 key = (uintptr_t)va;
	struct vmap_area *a;

	if (!va) {
		return;
	}
	spin_lock(&vmap_lock);
	a = vmap_area_of(rb_find(&areas, &key, vmap_cmp));
	spin_unlock(&vmap_lock);
	BUG_ON(!a);
	/* Still in the tree: nobody gets these addresses before they are unmapped. */
	arch_hv_unmap(a->start, a->size);
	spin_lock(&vmap_lock);
	vmap_release(a);
	spin_unlock(&vmap_lock);
}
