/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The regions of a domain. A table does not change while it is published: a change fills the spare
 * one, publishes that, and waits until nobody searches the other any more. So the removal of a
 * region needs no memory. A device outlives its region by as long as an access to it may still run:
 * until the domain's vCPUs have stopped.
 *
 *   reader                         writer
 *   searching = true               fill the spare table
 *   t = table, search, copy        table = the spare
 *   searching = false              wait for every searching == false
 */
#include "vdev/bus.h"

#include "core/domain.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/heap.h"

#define BUS_CAPACITY_FIRST 16

struct bus_table {
	unsigned int count, capacity;
	struct vdev_region region[]; /* by rising address, disjoint */
};

/* One vCPU's own, in cache lines of its own: its mark, and the regions that it found last. A guest
 * goes to the same device again and again. */
struct bus_reader {
	bool searching;
	struct bus_found {
		u32 generation; /* the table's, when it was searched */
		struct vdev_region region;
	} found[BUS_KINDS];
} __aligned(64);

struct bus {
	struct spinlock lock;		    /* changes */
	struct bus_table *table[BUS_KINDS]; /* published; NULL: no region yet */
	struct bus_table *spare[BUS_KINDS]; /* of the same capacity */
	u32 generation;			    /* of both tables; atomic, never 0 */
	atomic_t finders;		    /* bus_find() calls in progress */
	struct bus_reader *readers;	    /* one for each vCPU */
};

/* --- searching --- */

/* The first region that ends behind addr. */
static unsigned int bus_bisect(const struct bus_table *t, u64 addr)
{
	unsigned int low = 0, high = t->count;

	while (low < high) {
		unsigned int mid = low + (high - low) / 2;
		const struct vdev_region *r = &t->region[mid];

		if (r->start + (r->size - 1) < addr) {
			low = mid + 1;
		} else {
			high = mid;
		}
	}
	return low;
}

static const struct vdev_region *bus_search(const struct bus_table *t, u64 addr)
{
	unsigned int i;

	if (!t) {
		return NULL;
	}
	i = bus_bisect(t, addr);
	return i < t->count && t->region[i].start <= addr ? &t->region[i] : NULL;
}

const struct vdev_region *bus_find(struct domain *d, enum bus_kind kind, u64 addr)
{
	struct bus *bus = d->bus;
	const struct vdev_region *r;

	atomic_add_return(&bus->finders, 1);
	r = bus_search(__atomic_load_n(&bus->table[kind], __ATOMIC_SEQ_CST), addr);
	atomic_sub_return(&bus->finders, 1);
	return r;
}

/* A copy of the region, so that the device may change the table while it handles the access. */
static __noinline bool bus_copy_region(
	struct bus *bus, struct bus_reader *me, enum bus_kind kind, u64 addr)
{
	struct bus_found *f = &me->found[kind];
	const struct vdev_region *r;

	/* First the generation: should the table change after it, the copy is of no further use. */
	f->generation = __atomic_load_n(&bus->generation, __ATOMIC_SEQ_CST);
	__atomic_store_n(&me->searching, true, __ATOMIC_SEQ_CST);
	r = bus_search(__atomic_load_n(&bus->table[kind], __ATOMIC_SEQ_CST), addr);
	if (r) {
		f->region = *r;
	}
	__atomic_store_n(&me->searching, false, __ATOMIC_RELEASE);
	return r != NULL;
}

/* What was found last, if the address lies in it and nothing has changed since. */
static inline const struct vdev_region *bus_again(
	const struct bus *bus, const struct bus_found *f, u64 addr)
{
	return f->generation == __atomic_load_n(&bus->generation, __ATOMIC_ACQUIRE) &&
			       addr - f->region.start < f->region.size
		       ? &f->region
		       : NULL;
}

/* Byte by byte: no device has registers that cross its end. What no region claims reads as ones. */
static int bus_access_split(struct vcpu *v, enum bus_kind kind, struct vdev_access *a)
{
	u64 value = 0;

	for (unsigned int i = 0; i < a->size; i++) {
		struct vdev_access byte = { .addr = a->addr + i, .size = 1, .write = a->write };
		int rc;

		byte.value = a->write ? a->value >> (8 * i) & 0xff : 0;
		rc = bus_access(v, kind, &byte);
		if (rc == -ENOENT) {
			byte.value = 0xff;
		} else if (rc != 0) {
			return rc;
		}
		value |= (byte.value & 0xff) << (8 * i);
	}
	if (!a->write) {
		a->value = value;
	}
	return 0;
}

int bus_access(struct vcpu *v, enum bus_kind kind, struct vdev_access *a)
{
	struct bus *bus = v->domain->bus;
	struct bus_reader *me = &bus->readers[v->id];
	const struct vdev_region *r = bus_again(bus, &me->found[kind], a->addr);

	if (unlikely(!r)) {
		if (!bus_copy_region(bus, me, kind, a->addr)) {
			return -ENOENT;
		}
		r = &me->found[kind].region;
	}
	a->offset = a->addr - r->start;
	if (unlikely(r->size - a->offset < a->size)) {
		return bus_access_split(v, kind, a);
	}
	return r->access(v, r, a);
}

/* --- changing --- */

/* Pairs with bus_copy_region() and bus_find(): whoever begins to search from now on sees the new
 * table. Searching takes nanoseconds and is not interrupted. */
static void bus_wait_readers(struct domain *d)
{
	struct bus *bus = d->bus;

	for (unsigned int i = 0; i < d->vcpu_count; i++) {
		while (__atomic_load_n(&bus->readers[i].searching, __ATOMIC_SEQ_CST)) {
			barrier();
		}
	}
	while (atomic_add_return(&bus->finders, 0) != 0) {
		barrier();
	}
}

static void bus_publish(struct domain *d, enum bus_kind kind, struct bus_table *t)
{
	struct bus *bus = d->bus;

	__atomic_store_n(&bus->table[kind], t, __ATOMIC_SEQ_CST);
	__atomic_store_n(&bus->generation, bus->generation + 1 ?: 1, __ATOMIC_SEQ_CST);
	bus_wait_readers(d);
}

static struct bus_table *bus_table_create(struct domain *d, unsigned int capacity)
{
	size_t size = sizeof(struct bus_table) + capacity * sizeof(struct vdev_region);
	struct bus_table *t = heap_alloc(&d->pool, size);

	if (t) {
		t->capacity = capacity;
	}
	return t;
}

static void bus_table_copy(struct bus_table *to, const struct bus_table *from)
{
	to->count = from->count;
	memcpy(to->region, from->region, from->count * sizeof(struct vdev_region));
}

/* Doubles the capacity of both tables; the content stays. */
static int bus_grow(struct domain *d, enum bus_kind kind)
{
	struct bus *bus = d->bus;
	struct bus_table *old = bus->table[kind];
	unsigned int capacity = old ? 2 * old->capacity : BUS_CAPACITY_FIRST;
	struct bus_table *table = bus_table_create(d, capacity);
	struct bus_table *spare = bus_table_create(d, capacity);

	if (!table || !spare) {
		heap_free(&d->pool, table);
		heap_free(&d->pool, spare);
		return -ENOMEM;
	}
	if (old) {
		bus_table_copy(table, old);
	}
	bus_publish(d, kind, table);
	heap_free(&d->pool, old);
	heap_free(&d->pool, bus->spare[kind]);
	bus->spare[kind] = spare;
	return 0;
}

/* The published table, brought up to date, is the next spare. */
static void bus_swap(struct domain *d, enum bus_kind kind)
{
	struct bus_table *old = d->bus->table[kind];

	bus_publish(d, kind, d->bus->spare[kind]);
	d->bus->spare[kind] = old;
}

static int bus_add_locked(struct domain *d, enum bus_kind kind, const struct vdev_region *r)
{
	struct bus_table *t = d->bus->table[kind], *next;
	unsigned int at = t ? bus_bisect(t, r->start) : 0;

	if (t && at < t->count && t->region[at].start <= r->start + (r->size - 1)) {
		return -EEXIST;
	}
	if ((!t || t->count == t->capacity) && bus_grow(d, kind) != 0) {
		return -ENOMEM;
	}
	t = d->bus->table[kind];
	next = d->bus->spare[kind];
	bus_table_copy(next, t);
	memmove(next->region + at + 1, next->region + at, (t->count - at) * sizeof(*r));
	next->region[at] = *r;
	next->count++;
	bus_swap(d, kind);
	return 0;
}

int bus_add(struct domain *d, enum bus_kind kind, const struct vdev_region *r)
{
	int rc;

	if (r->size == 0 || r->start + (r->size - 1) < r->start) {
		return -EINVAL;
	}
	spin_lock(&d->bus->lock);
	rc = bus_add_locked(d, kind, r);
	spin_unlock(&d->bus->lock);
	return rc;
}

static void bus_remove_locked(struct domain *d, enum bus_kind kind, u64 start)
{
	struct bus_table *t = d->bus->table[kind], *next = d->bus->spare[kind];
	unsigned int at = t ? bus_bisect(t, start) : 0;

	if (!t || at == t->count || t->region[at].start != start) {
		return;
	}
	bus_table_copy(next, t);
	next->count--;
	memmove(next->region + at, next->region + at + 1,
		(next->count - at) * sizeof(struct vdev_region));
	bus_swap(d, kind);
}

void bus_remove(struct domain *d, enum bus_kind kind, u64 start)
{
	spin_lock(&d->bus->lock);
	bus_remove_locked(d, kind, start);
	spin_unlock(&d->bus->lock);
}

/* --- life --- */

static void bus_destroy(struct domain *d)
{
	struct bus *bus = d->bus;

	if (!bus) {
		return;
	}
	for (unsigned int kind = 0; kind < BUS_KINDS; kind++) {
		heap_free(&d->pool, bus->table[kind]);
		heap_free(&d->pool, bus->spare[kind]);
	}
	heap_free(&d->pool, bus->readers);
	heap_free(&d->pool, bus);
	d->bus = NULL;
}

static int bus_create(struct domain *d, const struct domain_desc *desc)
{
	struct bus *bus = heap_new(&d->pool, struct bus);

	if (!bus) {
		return -ENOMEM;
	}
	d->bus = bus;
	bus->generation = 1;
	spin_init(&bus->lock, RANK_VDEV);
	bus->readers = heap_alloc(&d->pool, d->vcpu_count * sizeof(struct bus_reader));
	if (!bus->readers) {
		bus_destroy(d);
		return -ENOMEM;
	}
	return 0;
}

const struct unit bus_unit = {
	.name = "bus",
	.domain_create = bus_create,
	.domain_destroy = bus_destroy,
};
