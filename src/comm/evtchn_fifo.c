/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The FIFO layout (xen/event_channel.h): an event word for each port in pages that the guest gives,
 * and for each vCPU a control block with the heads of 16 queues, 0 first.
 *
 *   control block            event words                               here
 *   ready 0000 0000 1000 ──▶ bit 3
 *   head[3] = 17 ──────────▶ [17] PENDING LINKED link=9 ──▶ [9] LINKED link=0 ◀── tail = 9
 *
 * The guest takes events off at the head: it clears LINKED and reads the link in one step. We add
 * at the tail. A queue is empty exactly when its tail's word is not LINKED.
 *
 * A port is on at most one queue: the one that last_queue names, if its word is LINKED. It changes
 * queues only when it is linked anew, under the locks of both. The guest may write any word at any
 * time; that can break its own queues, and nothing else: no word is followed, each loop here has a
 * fixed number of turns, and ports in our own memory (tail) are always valid.
 */
#include "comm/evtchn_internal.h"
#include "core/log.h"
#include "lib/errno.h"
#include "mm/heap.h"

#define FIFO_WORDS_PER_PAGE (PAGE_SIZE / sizeof(event_word_t))
#define FIFO_PAGES (EVTCHN_FIFO_NR_CHANNELS / FIFO_WORDS_PER_PAGE)
#define FIFO_QUEUES EVTCHN_FIFO_MAX_QUEUES

#define FIFO_PENDING BIT32(EVTCHN_FIFO_PENDING)
#define FIFO_MASKED BIT32(EVTCHN_FIFO_MASKED)
#define FIFO_LINKED BIT32(EVTCHN_FIFO_LINKED)
#define FIFO_BUSY BIT32(EVTCHN_FIFO_BUSY)
#define FIFO_LINK ((u32)EVTCHN_FIFO_LINK_MASK)

/* With BUSY set the guest may still, once each: set or clear MASKED, clear PENDING,
 * clear LINKED. */
#define FIFO_LINK_TRIES 4
/* How often the port may be given another queue while we wait for the locks of the one it had. */
#define FIFO_LOCK_TRIES 3

static_assert(sizeof(struct evtchn_fifo_control_block) == 72, "two words and 16 heads");

struct fifo_queue {
	struct spinlock lock;
	u32 tail; /* 0: empty */
};

struct fifo_vcpu {
	struct shared_page control; /* va: release after all else */
	struct fifo_queue queue[FIFO_QUEUES];
};

struct evtchn_fifo {
	u32 page_count; /* release after the page */
	struct shared_page pages[FIFO_PAGES];
	struct fifo_vcpu *vcpus[MAX_VCPUS];
};

/* The port's event word, or NULL where the guest has given no page for it yet. */
static u32 *evtchn_fifo_word(const struct evtchn_domain *ed, u32 port)
{
	const struct evtchn_fifo *fifo = ed->fifo;

	/* Pairs with the release in evtchn_fifo_add_page(). */
	if (port / FIFO_WORDS_PER_PAGE >= __atomic_load_n(&fifo->page_count, __ATOMIC_ACQUIRE)) {
		return NULL;
	}
	return (u32 *)fifo->pages[port / FIFO_WORDS_PER_PAGE].va + port % FIFO_WORDS_PER_PAGE;
}

static struct evtchn_fifo_control_block *evtchn_fifo_control(
	const struct evtchn_domain *ed, const struct vcpu *v)
{
	/* Pairs with the release in evtchn_fifo_map_control(). */
	return __atomic_load_n(&ed->fifo->vcpus[v->id]->control.va, __ATOMIC_ACQUIRE);
}

/* Sequentially consistent, both. */
static u32 evtchn_fifo_set(u32 *word, u32 bits)
{
	return __atomic_fetch_or(word, bits, __ATOMIC_SEQ_CST);
}

static u32 evtchn_fifo_clear(u32 *word, u32 bits)
{
	return __atomic_fetch_and(word, ~bits, __ATOMIC_SEQ_CST);
}

/* --- queues --- */

static u32 evtchn_fifo_queue_id(u32 vcpu, u32 priority)
{
	return vcpu * FIFO_QUEUES + priority;
}

static struct fifo_queue *evtchn_fifo_queue(const struct evtchn_domain *ed, u32 id)
{
	return &ed->fifo->vcpus[id / FIFO_QUEUES]->queue[id % FIFO_QUEUES];
}

/* A port that is about to move, or not, from one queue to another; both are locked. */
struct fifo_move {
	struct fifo_queue *from, *to;
	u32 to_id;
};

static bool evtchn_fifo_lock(
	struct evtchn_domain *ed, struct vcpu *v, struct evtchn *c, struct fifo_move *m)
{
	for (unsigned int i = 0; i < FIFO_LOCK_TRIES; i++) {
		u32 last = READ_ONCE(c->last_queue);

		m->to_id = evtchn_fifo_queue_id(v->id, READ_ONCE(c->priority));
		m->to = evtchn_fifo_queue(ed, m->to_id);
		m->from = evtchn_fifo_queue(ed, last);
		spin_lock_pair(&m->from->lock, &m->to->lock);
		if (READ_ONCE(c->last_queue) == last) {
			return true;
		}
		spin_unlock_pair(&m->from->lock, &m->to->lock);
	}
	return false;
}

enum fifo_append { FIFO_APPENDED, FIFO_EMPTY, FIFO_AGAIN };

/* Makes the tail's word point to port, if the tail is still on the queue. */
static enum fifo_append evtchn_fifo_try_append(u32 *word, u32 port)
{
	u32 old = READ_ONCE(*word);

	if ((old & FIFO_LINKED) == 0) {
		return FIFO_EMPTY;
	}
	return __atomic_compare_exchange_n(word, &old, (old & ~(FIFO_BUSY | FIFO_LINK)) | port,
		       false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)
		       ? FIFO_APPENDED
		       : FIFO_AGAIN;
}

/* False: the queue is empty, and the head has to be set. */
static bool evtchn_fifo_append(struct evtchn_domain *ed, u32 *word, u32 port)
{
	enum fifo_append r = evtchn_fifo_try_append(word, port);

	if (r != FIFO_AGAIN) {
		return r == FIFO_APPENDED;
	}
	/* A well-behaved guest does not unmask while it sees BUSY. */
	evtchn_fifo_set(word, FIFO_BUSY);
	for (unsigned int i = 0; i < FIFO_LINK_TRIES && r == FIFO_AGAIN; i++) {
		r = evtchn_fifo_try_append(word, port);
	}
	if (r != FIFO_APPENDED) {
		evtchn_fifo_clear(word, FIFO_BUSY);
	}
	if (r == FIFO_AGAIN) {
		log_guest("d%u: event word of port %u keeps changing, event dropped",
			ed->domain->id, port);
	}
	return r != FIFO_EMPTY;
}

/* The port's word has just become LINKED. True if the guest has to be told that the queue
 * is ready. */
static bool evtchn_fifo_enqueue(struct evtchn_domain *ed, struct evtchn *c, struct fifo_move *m,
	struct evtchn_fifo_control_block *control)
{
	struct fifo_queue *q = m->to;
	bool appended = false;

	/* It was taken off the queue it had. If it was the last there, that queue is empty, and
	 * must not be mistaken for not being so because the word is LINKED again. */
	if (m->from->tail == c->port) {
		m->from->tail = 0;
	}
	WRITE_ONCE(c->last_queue, m->to_id);
	if (q->tail != 0) {
		appended = evtchn_fifo_append(ed, evtchn_fifo_word(ed, q->tail), c->port);
	}
	if (!appended) {
		__atomic_store_n(&control->head[m->to_id % FIFO_QUEUES], c->port, __ATOMIC_RELEASE);
	}
	q->tail = c->port;
	return !appended;
}

/* --- struct evtchn_abi --- */

static u32 evtchn_fifo_capacity(const struct evtchn_domain *ed)
{
	return EVTCHN_FIFO_NR_CHANNELS;
}

static void evtchn_fifo_init(struct evtchn_domain *ed, struct evtchn *c)
{
	c->priority = EVTCHN_FIFO_PRIORITY_DEFAULT;
}

static void evtchn_fifo_deliver(
	struct evtchn_domain *ed, struct vcpu *v, struct evtchn *c, u32 *word)
{
	struct evtchn_fifo_control_block *control = evtchn_fifo_control(ed, v);
	struct fifo_move m;
	bool ready = false;
	u32 old;

	if (!control) {
		log_guest("d%uv%u: event on port %u before init_control, dropped", ed->domain->id,
			v->id, c->port);
		return;
	}
	if (!evtchn_fifo_lock(ed, v, c, &m)) {
		log_guest("d%u: port %u changes queues too often, event dropped", ed->domain->id,
			c->port);
		return;
	}
	/* In one step, so that of us and a guest that unmasks at least one sees the other's bit. */
	old = evtchn_fifo_set(word, FIFO_PENDING);
	if ((old & FIFO_MASKED) == 0 && (evtchn_fifo_set(word, FIFO_LINKED) & FIFO_LINKED) == 0) {
		ready = evtchn_fifo_enqueue(ed, c, &m, control);
	}
	spin_unlock_pair(&m.from->lock, &m.to->lock);
	if (ready) {
		u32 bit = BIT32(m.to_id % FIFO_QUEUES);

		if ((evtchn_fifo_set(&control->ready, bit) & bit) == 0) {
			evtchn_info_notify(v);
		}
	}
	if ((old & FIFO_PENDING) == 0) {
		evtchn_poll_wake(ed, c->port);
	}
}

static void evtchn_fifo_set_pending(struct evtchn_domain *ed, struct vcpu *v, struct evtchn *c)
{
	u32 *word = evtchn_fifo_word(ed, c->port);

	if (!word) {
		/* Pairs with evtchn_fifo_unpark(): it sees the flag, or we see the page. */
		__atomic_store_n(&c->parked, true, __ATOMIC_SEQ_CST);
		smp_mb();
		word = evtchn_fifo_word(ed, c->port);
		if (!word || !__atomic_exchange_n(&c->parked, false, __ATOMIC_SEQ_CST)) {
			return;
		}
	}
	evtchn_fifo_deliver(ed, v, c, word);
}

static void evtchn_fifo_clear_pending(struct evtchn_domain *ed, struct evtchn *c)
{
	u32 *word = evtchn_fifo_word(ed, c->port);

	/* It stays linked; the guest passes over words that are not pending. */
	if (word) {
		evtchn_fifo_clear(word, FIFO_PENDING);
	}
}

static void evtchn_fifo_unmask(struct evtchn_domain *ed, struct evtchn *c)
{
	u32 *word = evtchn_fifo_word(ed, c->port);

	if (word && (evtchn_fifo_clear(word, FIFO_MASKED) & FIFO_PENDING) != 0) {
		evtchn_fifo_deliver(ed, evtchn_vcpu_of(ed, c), c, word);
	}
}

static bool evtchn_fifo_test(const struct evtchn_domain *ed, u32 port, u32 bit, bool missing)
{
	const u32 *word = evtchn_fifo_word(ed, port);

	return word ? (READ_ONCE(*word) & bit) != 0 : missing;
}

static bool evtchn_fifo_is_pending(const struct evtchn_domain *ed, const struct evtchn *c)
{
	return evtchn_fifo_test(ed, c->port, FIFO_PENDING, false);
}

static bool evtchn_fifo_is_masked(const struct evtchn_domain *ed, const struct evtchn *c)
{
	return evtchn_fifo_test(ed, c->port, FIFO_MASKED, true);
}

static bool evtchn_fifo_is_busy(const struct evtchn_domain *ed, const struct evtchn *c)
{
	return evtchn_fifo_test(ed, c->port, FIFO_LINKED, false);
}

static int evtchn_fifo_set_priority(struct evtchn *c, u32 priority)
{
	if (c->state == EVTCHN_FREE || c->state == EVTCHN_RESERVED) {
		return -EACCES;
	}
	if (priority > EVTCHN_FIFO_PRIORITY_MIN) {
		return -EINVAL;
	}
	/* An event that is on a queue already stays there. */
	WRITE_ONCE(c->priority, (u8)priority);
	return 0;
}

const struct evtchn_abi evtchn_fifo_abi = {
	.name = "FIFO",
	.capacity = evtchn_fifo_capacity,
	.init = evtchn_fifo_init,
	.set_pending = evtchn_fifo_set_pending,
	.clear_pending = evtchn_fifo_clear_pending,
	.unmask = evtchn_fifo_unmask,
	.is_pending = evtchn_fifo_is_pending,
	.is_masked = evtchn_fifo_is_masked,
	.is_busy = evtchn_fifo_is_busy,
	.set_priority = evtchn_fifo_set_priority,
};

/* --- setting up --- */

static struct fifo_vcpu *evtchn_fifo_vcpu_new(struct domain *d)
{
	struct fifo_vcpu *fv = heap_new(&d->pool, struct fifo_vcpu);

	for (unsigned int i = 0; fv && i < FIFO_QUEUES; i++) {
		spin_init(&fv->queue[i].lock, RANK_EVTCHN_QUEUE);
	}
	return fv;
}

static void evtchn_fifo_vcpu_free(struct domain *d, struct fifo_vcpu *fv)
{
	if (fv && fv->control.va) {
		shared_page_unmap(&fv->control);
	}
	heap_free(&d->pool, fv);
}

void evtchn_fifo_free(struct domain *d, struct evtchn_fifo *fifo)
{
	if (!fifo) {
		return;
	}
	for (u32 i = 0; i < MAX_VCPUS; i++) {
		evtchn_fifo_vcpu_free(d, fifo->vcpus[i]);
	}
	for (u32 i = 0; i < fifo->page_count; i++) {
		shared_page_unmap(&fifo->pages[i]);
	}
	heap_free(&d->pool, fifo);
}

/* With nothing mapped. */
static struct evtchn_fifo *evtchn_fifo_new(struct domain *d)
{
	struct evtchn_fifo *fifo = heap_new(&d->pool, struct evtchn_fifo);
	struct vcpu *v;

	if (!fifo) {
		return NULL;
	}
	for_each_vcpu(d, v) {
		fifo->vcpus[v->id] = evtchn_fifo_vcpu_new(d);
		if (!fifo->vcpus[v->id]) {
			evtchn_fifo_free(d, fifo);
			return NULL;
		}
	}
	return fifo;
}

static int evtchn_fifo_map_control(struct vcpu *v, u64 gfn, u32 offset)
{
	struct fifo_vcpu *fv = v->domain->evtchn->fifo->vcpus[v->id];
	struct shared_page page;
	int rc;

	if (fv->control.va) {
		return -EINVAL;
	}
	rc = shared_page_map(v->domain, GPA((gfn << PAGE_SHIFT) + offset),
		sizeof(struct evtchn_fifo_control_block), &page);
	if (rc == 0) {
		fv->control.mfn = page.mfn;
		__atomic_store_n(&fv->control.va, page.va, __ATOMIC_RELEASE);
	}
	return rc;
}

/* Ports in use take what is pending along, to be delivered when their words exist. */
static void evtchn_fifo_take_over(struct evtchn_domain *ed)
{
	u32 end = MIN(ed->port_count, evtchn_2l_abi.capacity(ed));

	for (u32 port = 1; port < end; port++) {
		struct evtchn *c = evtchn_of(ed, port);

		if (c->state > EVTCHN_RESERVED && evtchn_2l_abi.is_pending(ed, c)) {
			__atomic_store_n(&c->parked, true, __ATOMIC_SEQ_CST);
		}
		c->priority = EVTCHN_FIFO_PRIORITY_DEFAULT;
		c->last_queue = 0;
	}
}

static int evtchn_fifo_switch(struct evtchn_domain *ed, struct vcpu *v, u64 gfn, u32 offset)
{
	int rc;

	ed->fifo = evtchn_fifo_new(ed->domain);
	if (!ed->fifo) {
		return -ENOMEM;
	}
	rc = evtchn_fifo_map_control(v, gfn, offset);
	if (rc != 0) {
		evtchn_fifo_free(ed->domain, ed->fifo);
		ed->fifo = NULL;
		return rc;
	}
	evtchn_fifo_take_over(ed);
	/* Senders read it without the lock: after all that it stands for. */
	__atomic_store_n(&ed->abi, &evtchn_fifo_abi, __ATOMIC_RELEASE);
	return 0;
}

int evtchn_init_control(struct domain *d, u64 gfn, u32 offset, u32 vcpu, u8 *link_bits)
{
	struct evtchn_domain *ed = d->evtchn;
	struct vcpu *v = domain_vcpu(d, vcpu);
	int rc;

	if (!v) {
		return -ENOENT;
	}
	if (offset > PAGE_SIZE - sizeof(struct evtchn_fifo_control_block) ||
		!IS_ALIGNED(offset, sizeof(u64)) || gfn > ~0ULL >> PAGE_SHIFT) {
		return -EINVAL;
	}
	spin_lock(&ed->lock);
	rc = ed->fifo ? evtchn_fifo_map_control(v, gfn, offset)
		      : evtchn_fifo_switch(ed, v, gfn, offset);
	spin_unlock(&ed->lock);
	*link_bits = EVTCHN_FIFO_LINK_BITS;
	return rc;
}

/* Delivers what became pending while the page with these words was missing. */
static void evtchn_fifo_unpark(struct evtchn_domain *ed, u32 first)
{
	smp_mb(); /* pairs with evtchn_fifo_set_pending() */
	for (u32 port = first; port < first + FIFO_WORDS_PER_PAGE; port++) {
		struct evtchn *c = evtchn_of(ed, port);

		if (!c) {
			return;
		}
		if (!READ_ONCE(c->parked)) {
			continue;
		}
		spin_lock(&c->lock);
		if (__atomic_exchange_n(&c->parked, false, __ATOMIC_SEQ_CST) &&
			c->state > EVTCHN_RESERVED) {
			evtchn_fifo_deliver(
				ed, evtchn_vcpu_of(ed, c), c, evtchn_fifo_word(ed, port));
		}
		spin_unlock(&c->lock);
	}
}

static int evtchn_fifo_add_page(struct evtchn_domain *ed, u64 gfn)
{
	u32 page = ed->fifo->page_count;
	int rc;

	if (page == FIFO_PAGES) {
		return -ENOSPC;
	}
	if (gfn > ~0ULL >> PAGE_SHIFT) {
		return -EINVAL;
	}
	rc = shared_page_map(ed->domain, gfn_to_gpa(GFN(gfn)), PAGE_SIZE, &ed->fifo->pages[page]);
	if (rc == 0) {
		__atomic_store_n(&ed->fifo->page_count, page + 1, __ATOMIC_RELEASE);
		evtchn_fifo_unpark(ed, page * FIFO_WORDS_PER_PAGE);
	}
	return rc;
}

int evtchn_expand_array(struct domain *d, u64 gfn)
{
	struct evtchn_domain *ed = d->evtchn;
	int rc = -EOPNOTSUPP;

	spin_lock(&ed->lock);
	if (ed->fifo) {
		rc = evtchn_fifo_add_page(ed, gfn);
	}
	spin_unlock(&ed->lock);
	return rc;
}
