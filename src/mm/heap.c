/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Hypervisor memory. Chunks of 2 MiB come from mm/frame.c, a buddy set cuts them into blocks of
 * pages, and slabs cut single pages into small objects. All bookkeeping is in frame records and in
 * free objects themselves:
 *
 *   block    record of its first page: owner HEAP_BLOCK, order, private = pool
 *   slab     record: owner HEAP_SLAB, refs = class, objects in use, first free one; private = pool
 *   object   while free: struct slot. The slot of a slab's first free object also links the slab
 *            into its pool's list of slabs with room
 *
 * A slab belongs to one pool, so that a domain's objects share no page with anybody else's.
 */
#include "mm/heap.h"

#include "arch/contract/paging.h"
#include "core/locks.h"
#include "core/log.h"
#include "core/symbols.h"
#include "lib/bits.h"
#include "lib/bug.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/buddy.h"
#include "mm/inject.h"

#define POISON 0xdb
#ifdef CONFIG_DEBUG
static const bool poisoning = true;
#else
static const bool poisoning = false;
#endif

enum heap_kind { HEAP_BLOCK = 1, HEAP_SLAB = 2 }; /* frame.owner of a page in use */

/* Every power of two is there, so that such objects are aligned to their size. */
static const u16 slab_sizes[POOL_SLAB_CLASSES] = { 16, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768,
	1024, 1360, 2048 };
#define SLAB_MAX 2048

struct slot {
	u32 next, prev; /* slabs, in the first free slot only; 0 ends the list */
	u16 next_free;	/* SLOT_NONE: last */
	u16 unused;
};
static_assert(sizeof(struct slot) <= 16, "fits the smallest object");
#define SLOT_NONE 0xffff

/* frame.refs of a slab */
#define SLAB_CLASS mask64(3, 0)
#define SLAB_USED mask64(13, 4)
#define SLAB_FIRST mask64(29, 14)

static struct spinlock heap_lock = SPINLOCK_INIT(RANK_HEAP);
/* Gives nothing out at all. */
static bool heap_sealed;
static u64 heap_refusals;
static struct buddy heap = { .state = FRAME_HEAP_FREE, .order_max = ORDER_2M };

void *heap_mfn_to_va(mfn_t mfn)
{
	return (void *)(uintptr_t)(arch_heap_base + mfn_to_hpa(mfn).v);
}

hpa_t heap_va_to_hpa(const void *va)
{
	return HPA((uintptr_t)va - arch_heap_base);
}

mfn_t heap_va_to_mfn(const void *va)
{
	return hpa_to_mfn(heap_va_to_hpa(va));
}

static void *heap_page_va(u64 n)
{
	return heap_mfn_to_va(MFN(n));
}

static void heap_poison(void *va, size_t size)
{
	if (poisoning) {
		memset(va, POISON, size);
	}
}

/* Somebody wrote to memory after freeing it, if this fails. */
static void heap_check_poison(const void *va, size_t size)
{
	const u8 *p = va;

	if (poisoning && size != 0) {
		BUG_ON(p[0] != POISON || memcmp(p, p + 1, size - 1) != 0);
	}
}

/* --- pages, under heap_lock --- */

static bool heap_grow(void)
{
	mfn_t chunk = frame_alloc(ORDER_2M, FRAME_BELOW_4T, FRAME_HEAP, 0);
	void *va = heap_mfn_to_va(chunk);

	if (mfn_eq(chunk, MFN_INVALID)) {
		return false;
	}
	if (mfn_to_hpa(chunk).v + MiB(2) > arch_heap_limit ||
		arch_hv_map((uintptr_t)va, mfn_to_hpa(chunk), MiB(2), HV_RW) != 0) {
		frame_free(chunk, CHUNK_FRAMES);
		return false;
	}
	heap_poison(va, MiB(2));
	buddy_mark(chunk.v, CHUNK_FRAMES, FRAME_HEAP_FREE, 0, 0);
	buddy_add(&heap, chunk.v, CHUNK_FRAMES);
	return true;
}

void heap_seal(void)
{
	frame_seal();
	WRITE_ONCE(heap_sealed, true);
}

u64 heap_refused(void)
{
	return __atomic_load_n(&heap_refusals, __ATOMIC_RELAXED);
}

/* May this be given out? */
static bool heap_refuses(size_t size, const void *caller)
{
	char name[SYMBOL_TEXT_MAX];

	if (!READ_ONCE(heap_sealed)) {
		return inject_heap_failure(size);
	}
	__atomic_fetch_add(&heap_refusals, 1, __ATOMIC_RELAXED);
	symbols_describe(&ksyms, (uintptr_t)caller, name, sizeof(name));
	log_warn("memory: static configuration: %zu bytes refused to %s", size, name);
	return true;
}

static u64 heap_take_pages(struct pool *pool, unsigned int order, enum heap_kind kind)
{
	u64 n;

	if (pool_charge(pool, BIT64(order)) != 0) {
		return 0;
	}
	n = buddy_take(&heap, order);
	if (n == 0 && heap_grow()) {
		n = buddy_take(&heap, order);
	}
	if (n == 0) {
		pool_uncharge(pool, BIT64(order));
		return 0;
	}
	buddy_mark(n, BIT64(order), FRAME_HEAP, kind, 0);
	buddy_frame(n)->order = (u8)order;
	buddy_frame(n)->private = (uintptr_t)pool;
	return n;
}

static void heap_return_pages(struct pool *pool, u64 n, unsigned int order)
{
	buddy_mark(n, BIT64(order), FRAME_HEAP_FREE, 0, 0);
	buddy_add(&heap, n, BIT64(order));
	pool_uncharge(pool, BIT64(order));
}

void *heap_pages_alloc(struct pool *pool, unsigned int order)
{
	size_t size = PAGE_SIZE << order;
	void *va;
	u64 n;

	ASSERT(order <= ORDER_2M);
	if (heap_refuses(size, __builtin_return_address(0))) {
		return NULL;
	}
	spin_lock(&heap_lock);
	n = heap_take_pages(pool, order, HEAP_BLOCK);
	spin_unlock(&heap_lock);
	if (n == 0) {
		return NULL;
	}
	va = heap_page_va(n);
	heap_check_poison(va, size);
	return memset(va, 0, size);
}

void heap_pages_free(struct pool *pool, void *va, unsigned int order)
{
	u64 n = heap_va_to_mfn(va).v;
	struct frame *f = buddy_frame(n);

	if (!va) {
		return;
	}
	BUG_ON((f->state & ~FRAME_UNIFORM) != FRAME_HEAP || f->owner != HEAP_BLOCK ||
		f->order != order || f->private != (uintptr_t)pool);
	heap_poison(va, PAGE_SIZE << order);
	spin_lock(&heap_lock);
	heap_return_pages(pool, n, order);
	spin_unlock(&heap_lock);
}

/* A free chunk that is not the only one, taken out of the heap; 0: none. */
static u64 heap_spare_chunk(void)
{
	u64 n = 0;

	spin_lock(&heap_lock);
	if (heap.heads[ORDER_2M] != 0 && buddy_frame(heap.heads[ORDER_2M])->next != 0) {
		n = buddy_take(&heap, ORDER_2M);
	}
	spin_unlock(&heap_lock);
	return n;
}

void heap_trim(void)
{
	u64 n;

	while ((n = heap_spare_chunk()) != 0) {
		memset(heap_page_va(n), 0, MiB(2)); /* secrets stay here */
		buddy_mark(n, CHUNK_FRAMES, FRAME_HEAP, 0, 1);
		arch_hv_unmap((uintptr_t)heap_page_va(n), MiB(2));
		frame_free(MFN(n), CHUNK_FRAMES);
	}
}

/* --- small objects, under heap_lock --- */

static unsigned int slab_class_of(size_t size)
{
	unsigned int c = 0;

	while (slab_sizes[c] < size) {
		c++;
	}
	return c;
}

static struct slot *slab_slot(u64 n, unsigned int i)
{
	unsigned int class = field_get(SLAB_CLASS, buddy_frame(n)->refs);

	return (struct slot *)((u8 *)heap_page_va(n) + i * slab_sizes[class]);
}

static struct slot *slab_first(u64 n)
{
	return slab_slot(n, field_get(SLAB_FIRST, buddy_frame(n)->refs));
}

static void slab_update(u64 n, unsigned int first, int used)
{
	struct frame *f = buddy_frame(n);
	u64 refs = field_set(f->refs, SLAB_FIRST, first);

	f->refs = (u32)field_set(refs, SLAB_USED, field_get(SLAB_USED, refs) + used);
}

static u32 *slab_head(u64 n)
{
	struct frame *f = buddy_frame(n);
	struct pool *pool = (struct pool *)(uintptr_t)f->private;

	return &pool->slabs[field_get(SLAB_CLASS, f->refs)];
}

/* The slab, with a free slot, goes to the front of its list. */
static void slab_link(u64 n)
{
	u32 *head = slab_head(n);
	struct slot *s = slab_first(n);

	s->prev = 0;
	s->next = *head;
	if (s->next != 0) {
		slab_first(s->next)->prev = (u32)n;
	}
	*head = (u32)n;
}

static void slab_unlink(u64 n)
{
	struct slot *s = slab_first(n);

	if (s->prev != 0) {
		slab_first(s->prev)->next = s->next;
	} else {
		*slab_head(n) = s->next;
	}
	if (s->next != 0) {
		slab_first(s->next)->prev = s->prev;
	}
}

static u64 slab_make(struct pool *pool, unsigned int class)
{
	unsigned int slots = PAGE_SIZE / slab_sizes[class];
	u64 n = heap_take_pages(pool, 0, HEAP_SLAB);

	if (n == 0) {
		return 0;
	}
	heap_check_poison(heap_page_va(n), PAGE_SIZE);
	buddy_frame(n)->refs = (u32)field_put(SLAB_CLASS, class);
	for (unsigned int i = 0; i < slots; i++) {
		slab_slot(n, i)->next_free = i + 1 < slots ? (u16)(i + 1) : SLOT_NONE;
	}
	slab_link(n);
	return n;
}

static void *slab_take(struct pool *pool, unsigned int class)
{
	u64 n = pool->slabs[class];
	struct slot *s;

	if (n == 0) {
		n = slab_make(pool, class);
	}
	if (n == 0) {
		return NULL;
	}
	s = slab_first(n);
	slab_unlink(n);
	slab_update(n, s->next_free, 1);
	if (s->next_free != SLOT_NONE) {
		slab_link(n);
	}
	return s;
}

static void slab_return(struct pool *pool, u64 n, void *va)
{
	struct frame *f = buddy_frame(n);
	unsigned int first = field_get(SLAB_FIRST, f->refs);
	size_t size = slab_sizes[field_get(SLAB_CLASS, f->refs)];
	struct slot *s = va;

	BUG_ON((uintptr_t)va % PAGE_SIZE % size != 0);
	if (first != SLOT_NONE) {
		slab_unlink(n);
	}
	s->next_free = (u16)first;
	slab_update(n, (uintptr_t)va % PAGE_SIZE / size, -1);
	if (field_get(SLAB_USED, f->refs) == 0) {
		heap_poison(heap_page_va(n), PAGE_SIZE);
		heap_return_pages(pool, n, 0);
	} else {
		slab_link(n);
	}
}

static void *heap_small_alloc(struct pool *pool, size_t size)
{
	unsigned int class = slab_class_of(size);
	void *va;

	spin_lock(&heap_lock);
	va = slab_take(pool, class);
	spin_unlock(&heap_lock);
	if (!va) {
		return NULL;
	}
	heap_check_poison((u8 *)va + sizeof(struct slot), slab_sizes[class] - sizeof(struct slot));
	return memset(va, 0, slab_sizes[class]);
}

void *heap_alloc(struct pool *pool, size_t size)
{
	if (size == 0 || size > MiB(2)) {
		return NULL;
	}
	if (size > SLAB_MAX) {
		return heap_pages_alloc(pool, order_of_bytes(size));
	}
	return heap_refuses(size, __builtin_return_address(0)) ? NULL
							       : heap_small_alloc(pool, size);
}

void heap_free(struct pool *pool, void *va)
{
	u64 n = heap_va_to_mfn(va).v;
	struct frame *f = buddy_frame(n);

	if (!va) {
		return;
	}
	if (f->owner != HEAP_SLAB) {
		heap_pages_free(pool, va, f->order);
		return;
	}
	BUG_ON(f->state != FRAME_HEAP || f->private != (uintptr_t)pool);
	heap_poison(va, slab_sizes[field_get(SLAB_CLASS, f->refs)]);
	spin_lock(&heap_lock);
	slab_return(pool, n, va);
	spin_unlock(&heap_lock);
}
