/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Ports: allocation, binding, sending, closing. It never touches a guest's memory itself: that is
 * the layouts' (evtchn_2l.c, evtchn_fifo.c) and the records' (evtchn_info.c).
 *
 * Who holds what:  evtchn_pair_lock  ▷  evtchn_domain.lock  ▷  evtchn.lock (one, or a pair)
 *
 *   FREE ──▶ UNBOUND, VIRQ, IPI    domain, port
 *   FREE, UNBOUND ──▶ INTERDOMAIN  pair, domain of the new port, both ports
 *   anything ──▶ FREE              pair, domain, port and its peer, which becomes UNBOUND
 *
 * A port that is INTERDOMAIN keeps its peer's domain from being taken apart, since that has to get
 * the port's lock first. So a sender needs no reference.
 */
#include "comm/evtchn_internal.h"
#include "core/desc.h"
#include "core/log.h"
#include "lib/errno.h"
#include "mm/heap.h"

#define EVTCHN_RESET_BATCH 256	/* ports closed before a reset gives way */
#define EVTCHN_BUSY_BATCH 1024U /* ports passed over because the guest keeps them on a queue */

static struct spinlock evtchn_pair_lock = SPINLOCK_INIT(RANK_EVTCHN_PAIR);
/* Gets the global virtual interrupts. It lives as long as the machine runs. */
static struct domain *evtchn_hardware;

/* --- ports and their memory --- */

static u32 evtchn_port_end(const struct evtchn_domain *ed)
{
	return MIN(ed->abi->capacity(ed), ed->port_limit);
}

static int evtchn_grow(struct evtchn_domain *ed)
{
	u32 bucket = ed->port_count / EVTCHN_BUCKET;
	struct evtchn ***group = &ed->group[bucket / EVTCHN_GROUP];
	struct pool *pool = &ed->domain->pool;
	struct evtchn *c;

	if (!*group) {
		*group = heap_alloc(pool, EVTCHN_GROUP * sizeof(struct evtchn *));
		if (!*group) {
			return -ENOMEM;
		}
	}
	c = heap_alloc(pool, EVTCHN_BUCKET * sizeof(struct evtchn));
	if (!c) {
		return -ENOMEM;
	}
	for (u32 i = 0; i < EVTCHN_BUCKET; i++) {
		spin_init(&c[i].lock, RANK_EVTCHN_PORT);
		c[i].port = ed->port_count + i;
	}
	(*group)[bucket % EVTCHN_GROUP] = c;
	/* Pairs with the acquire in evtchn_of(). */
	__atomic_store_n(&ed->port_count, ed->port_count + EVTCHN_BUCKET, __ATOMIC_RELEASE);
	return 0;
}

static struct evtchn *evtchn_find_in_bucket(struct evtchn_domain *ed, u32 bucket, u32 *busy)
{
	for (u32 port = bucket * EVTCHN_BUCKET; port < (bucket + 1) * EVTCHN_BUCKET; port++) {
		struct evtchn *c = evtchn_of(ed, port);

		if (c->state == EVTCHN_FREE) {
			if (!ed->abi->is_busy(ed, c)) {
				return c;
			}
			++*busy;
		}
	}
	return NULL;
}

/* The first free port that has memory, or NULL. */
static struct evtchn *evtchn_find_free(struct evtchn_domain *ed)
{
	u32 bucket, busy = 0;

	for (bucket = ed->bucket_hint; bucket < ed->port_count / EVTCHN_BUCKET; bucket++) {
		struct evtchn *c = NULL;

		if (ed->bucket_used[bucket] < EVTCHN_BUCKET) {
			c = evtchn_find_in_bucket(ed, bucket, &busy);
		}
		if (c || busy >= EVTCHN_BUSY_BATCH) {
			ed->bucket_hint = bucket;
			return c;
		}
	}
	/* Ports that were busy may be free the next time. */
	ed->bucket_hint = busy > 0 ? 0 : bucket;
	return NULL;
}

/* A port to be taken into use by evtchn_commit(). */
static int evtchn_prepare(struct evtchn_domain *ed, struct evtchn **out)
{
	struct evtchn *c;

	if (ed->dying || ed->domain->dying) {
		return -EINVAL;
	}
	c = evtchn_find_free(ed);
	if (!c && ed->port_count < evtchn_port_end(ed)) {
		int rc = evtchn_grow(ed);

		if (rc != 0) {
			return rc;
		}
		c = evtchn_find_free(ed);
	}
	if (!c || c->port >= evtchn_port_end(ed)) {
		return -ENOSPC;
	}
	*out = c;
	return 0;
}

/* The port enters a state other than FREE. Its lock and its domain's are held. */
static void evtchn_commit(struct evtchn_domain *ed, struct evtchn *c, enum evtchn_state state)
{
	c->state = state;
	ed->active += !c->fixed;
	ed->fixed += c->fixed;
	ed->bucket_used[c->port / EVTCHN_BUCKET]++;
	ed->abi->init(ed, c);
}

static void evtchn_release(struct evtchn_domain *ed, struct evtchn *c)
{
	u32 bucket = c->port / EVTCHN_BUCKET;

	ed->abi->clear_pending(ed, c);
	c->state = EVTCHN_FREE;
	c->vcpu = 0;
	c->peer = NULL;
	c->parked = false;
	ed->active -= !c->fixed;
	ed->fixed -= c->fixed;
	c->fixed = false;
	ed->bucket_used[bucket]--;
	ed->bucket_hint = MIN(ed->bucket_hint, bucket);
}

/* --- binding --- */

/* A new port that has no peer. The meaning of `what` follows from state. */
static int evtchn_bind(
	struct evtchn_domain *ed, enum evtchn_state state, u32 vcpu, u32 what, u32 *port)
{
	struct evtchn *c = NULL;
	int rc = evtchn_prepare(ed, &c);

	if (rc != 0) {
		return rc;
	}
	spin_lock(&c->lock);
	c->vcpu = (u16)vcpu;
	c->peer_dom = what; /* or virq: they share the place */
	evtchn_commit(ed, c, state);
	spin_unlock(&c->lock);
	*port = c->port;
	return 0;
}

int evtchn_alloc_unbound(struct domain *d, u16 remote_domid, u32 *port)
{
	int rc = -EINVAL;

	/* The global lock keeps d->evtchn, which need not be the caller's, from going away. */
	spin_lock(&evtchn_pair_lock);
	if (d->evtchn) {
		spin_lock(&d->evtchn->lock);
		rc = evtchn_bind(d->evtchn, EVTCHN_UNBOUND, 0, remote_domid, port);
		spin_unlock(&d->evtchn->lock);
	}
	spin_unlock(&evtchn_pair_lock);
	return rc;
}

/* Both ports are locked. */
static bool evtchn_connect(
	struct evtchn_domain *ed, struct evtchn *c, struct evtchn_domain *red, struct evtchn *r)
{
	if (r->state != EVTCHN_UNBOUND || r->peer_dom != ed->domain->id) {
		return false;
	}
	c->peer = red;
	c->peer_port = r->port;
	r->peer = ed;
	r->peer_port = c->port;
	r->state = EVTCHN_INTERDOMAIN;
	evtchn_commit(ed, c, EVTCHN_INTERDOMAIN);
	ed->abi->set_pending(ed, evtchn_vcpu_of(ed, c), c);
	return true;
}

static int evtchn_bind_pair(
	struct evtchn_domain *ed, struct evtchn_domain *red, u32 remote_port, u32 *port)
{
	struct evtchn *c = NULL, *r;
	bool connected;
	int rc = evtchn_prepare(ed, &c);

	if (rc != 0) {
		return rc;
	}
	r = red ? evtchn_of(red, remote_port) : NULL;
	if (!r) {
		return -EINVAL;
	}
	spin_lock_pair(&c->lock, &r->lock);
	connected = evtchn_connect(ed, c, red, r);
	spin_unlock_pair(&c->lock, &r->lock);
	*port = c->port;
	return connected ? 0 : -EINVAL;
}

int evtchn_bind_interdomain(struct domain *d, struct domain *remote, u32 remote_port, u32 *port)
{
	struct evtchn_domain *ed = d->evtchn;
	int rc;

	spin_lock(&evtchn_pair_lock);
	spin_lock(&ed->lock);
	rc = evtchn_bind_pair(ed, remote->evtchn, remote_port, port);
	spin_unlock(&ed->lock);
	spin_unlock(&evtchn_pair_lock);
	return rc;
}

/* This very port, for a peer that is there or comes. */
static int evtchn_claim(struct evtchn_domain *ed, u32 port, u16 peer)
{
	struct evtchn *c;

	if (ed->dying || port == 0 || port >= evtchn_port_end(ed)) {
		return -EINVAL;
	}
	while (!(c = evtchn_of(ed, port))) {
		int rc = evtchn_grow(ed);

		if (rc != 0) {
			return rc;
		}
	}
	if (c->state != EVTCHN_FREE) {
		return -EEXIST;
	}
	spin_lock(&c->lock);
	c->fixed = true;
	c->peer_dom = peer;
	evtchn_commit(ed, c, EVTCHN_UNBOUND);
	spin_unlock(&c->lock);
	return 0;
}

static int evtchn_claim_locked(struct domain *d, u32 port, u16 peer)
{
	int rc;

	spin_lock(&d->evtchn->lock);
	rc = evtchn_claim(d->evtchn, port, peer);
	spin_unlock(&d->evtchn->lock);
	return rc;
}

int evtchn_bind_fixed(struct domain *a, u32 port_a, struct domain *b, u32 port_b)
{
	struct evtchn *ca, *cb;
	int rc;

	if (a == b) {
		return -EINVAL;
	}
	spin_lock(&evtchn_pair_lock);
	rc = evtchn_claim_locked(a, port_a, b->id) ?: evtchn_claim_locked(b, port_b, a->id);
	if (rc == 0) {
		ca = evtchn_of(a->evtchn, port_a);
		cb = evtchn_of(b->evtchn, port_b);
		spin_lock_pair(&ca->lock, &cb->lock);
		ca->peer = b->evtchn;
		ca->peer_port = port_b;
		cb->peer = a->evtchn;
		cb->peer_port = port_a;
		ca->state = cb->state = EVTCHN_INTERDOMAIN;
		spin_unlock_pair(&ca->lock, &cb->lock);
	}
	spin_unlock(&evtchn_pair_lock);
	return rc;
}

static bool evtchn_virq_is_global(u32 virq)
{
	static const u32 per_vcpu = BIT32(VIRQ_TIMER) | BIT32(VIRQ_DEBUG) | BIT32(VIRQ_XENOPROF) |
				    BIT32(VIRQ_XENPMU);

	return (per_vcpu & BIT32(virq)) == 0;
}

static int evtchn_bind_virq_locked(
	struct evtchn_domain *ed, struct evtchn_vcpu *ev, u32 virq, u32 vcpu, u32 *port)
{
	int rc;

	if (ev->virq_port[virq] != 0) {
		return -EEXIST;
	}
	rc = evtchn_bind(ed, EVTCHN_VIRQ, vcpu, virq, port);
	if (rc == 0) {
		/* Pairs with evtchn_raise(), which checks what it finds under the port's lock. */
		WRITE_ONCE(ev->virq_port[virq], *port);
	}
	return rc;
}

int evtchn_bind_virq(struct domain *d, u32 virq, u32 vcpu, u32 *port)
{
	struct vcpu *v = domain_vcpu(d, vcpu);
	int rc;

	if (virq >= NR_VIRQS || (evtchn_virq_is_global(virq) && vcpu != 0)) {
		return -EINVAL;
	}
	if (!v) {
		return -ENOENT;
	}
	spin_lock(&d->evtchn->lock);
	rc = evtchn_bind_virq_locked(d->evtchn, v->evtchn, virq, vcpu, port);
	spin_unlock(&d->evtchn->lock);
	return rc;
}

int evtchn_bind_ipi(struct domain *d, u32 vcpu, u32 *port)
{
	int rc;

	if (!domain_vcpu(d, vcpu)) {
		return -ENOENT;
	}
	spin_lock(&d->evtchn->lock);
	rc = evtchn_bind(d->evtchn, EVTCHN_IPI, vcpu, 0, port);
	spin_unlock(&d->evtchn->lock);
	return rc;
}

static bool evtchn_may_move(const struct evtchn *c)
{
	switch (c->state) {
	case EVTCHN_UNBOUND:
	case EVTCHN_INTERDOMAIN:
		return true;
	case EVTCHN_VIRQ:
		return evtchn_virq_is_global(c->virq);
	default:
		return false;
	}
}

int evtchn_bind_vcpu(struct domain *d, u32 port, u32 vcpu)
{
	struct evtchn *c = evtchn_of(d->evtchn, port);
	int rc = -EINVAL;

	if (!domain_vcpu(d, vcpu)) {
		return -ENOENT;
	}
	if (!c) {
		return -EINVAL;
	}
	spin_lock(&c->lock);
	if (evtchn_may_move(c)) {
		/* The peer's sender reads it without this lock. */
		WRITE_ONCE(c->vcpu, (u16)vcpu);
		rc = 0;
	}
	spin_unlock(&c->lock);
	return rc;
}

/* --- closing --- */

static void evtchn_unbind_virq(struct evtchn_domain *ed, struct evtchn *c)
{
	struct vcpu *v = domain_vcpu(ed->domain, evtchn_virq_is_global(c->virq) ? 0 : c->vcpu);

	WRITE_ONCE(v->evtchn->virq_port[c->virq], 0);
}

/* Under the global lock and the domain's: whether the port is in use, and with whom, is fixed. */
static int evtchn_close_locked(struct evtchn_domain *ed, struct evtchn *c)
{
	struct evtchn *peer = c;

	if (!c || c->state == EVTCHN_FREE || c->state == EVTCHN_RESERVED) {
		return -EINVAL;
	}
	if (c->state == EVTCHN_INTERDOMAIN) {
		peer = evtchn_of(c->peer, c->peer_port);
	}
	spin_lock_pair(&c->lock, &peer->lock);
	if (c->state == EVTCHN_VIRQ) {
		evtchn_unbind_virq(ed, c);
	}
	if (peer != c) {
		peer->state = EVTCHN_UNBOUND;
		peer->peer = NULL;
		peer->peer_dom = ed->domain->id;
	}
	evtchn_release(ed, c);
	spin_unlock_pair(&c->lock, &peer->lock);
	return 0;
}

int evtchn_close(struct domain *d, u32 port)
{
	int rc = -EINVAL;

	spin_lock(&evtchn_pair_lock);
	if (d->evtchn) {
		struct evtchn *c;

		spin_lock(&d->evtchn->lock);
		c = evtchn_of(d->evtchn, port);
		if (!c || !c->fixed || d->evtchn->dying) {
			rc = evtchn_close_locked(d->evtchn, c);
		}
		spin_unlock(&d->evtchn->lock);
	}
	spin_unlock(&evtchn_pair_lock);
	return rc;
}

/* Which port to start at, or -EBUSY. */
static int evtchn_reset_begin(struct evtchn_domain *ed, bool resuming, u32 *port)
{
	int rc = 0;

	spin_lock(&ed->lock);
	if (!resuming && ed->reset_next == 0) {
		ed->reset_next = 1;
	} else if (!resuming || ed->reset_next == 0) {
		rc = -EBUSY;
	}
	*port = ed->reset_next;
	spin_unlock(&ed->lock);
	return rc;
}

static int evtchn_reset_finish(struct evtchn_domain *ed)
{
	struct evtchn_fifo *fifo = NULL;
	int rc = 0;

	spin_lock(&ed->lock);
	ed->reset_next = 0;
	if (ed->active > 0) {
		rc = -EAGAIN;
	} else {
		WRITE_ONCE(ed->abi, &evtchn_2l_abi);
		fifo = ed->fifo;
		ed->fifo = NULL;
	}
	spin_unlock(&ed->lock);
	evtchn_fifo_free(ed->domain, fifo);
	return rc;
}

int evtchn_reset(struct domain *d, bool resuming)
{
	struct evtchn_domain *ed = d->evtchn;
	u32 port, budget = EVTCHN_RESET_BATCH;
	int rc;

	rc = evtchn_reset_begin(ed, resuming, &port);
	if (rc != 0) {
		return rc;
	}
	for (; READ_ONCE(ed->active) + (ed->dying ? ed->fixed : 0) > 0 && evtchn_of(ed, port);
		port++) {
		if (evtchn_close(d, port) == 0 && --budget == 0) {
			WRITE_ONCE(ed->reset_next, port + 1);
			return -ERESTART;
		}
	}
	return evtchn_reset_finish(ed);
}

/* --- signals --- */

static void evtchn_deliver(struct evtchn_domain *ed, struct evtchn *c)
{
	READ_ONCE(ed->abi)->set_pending(ed, evtchn_vcpu_of(ed, c), c);
}

int evtchn_send(struct domain *d, u32 port)
{
	struct evtchn_domain *ed = d->evtchn;
	struct evtchn *c = evtchn_of(ed, port);
	int rc = 0;

	if (!c) {
		return -EINVAL;
	}
	spin_lock(&c->lock);
	switch (c->state) {
	case EVTCHN_INTERDOMAIN:
		evtchn_deliver(c->peer, evtchn_of(c->peer, c->peer_port));
		break;
	case EVTCHN_IPI:
		evtchn_deliver(ed, c);
		break;
	case EVTCHN_UNBOUND:
		break;
	default:
		rc = -EINVAL;
		break;
	}
	spin_unlock(&c->lock);
	return rc;
}

static void evtchn_raise(struct vcpu *v, u32 virq)
{
	struct evtchn_domain *ed = v->domain->evtchn;
	u32 port = v->evtchn ? READ_ONCE(v->evtchn->virq_port[virq]) : 0;
	struct evtchn *c = port != 0 ? evtchn_of(ed, port) : NULL;

	if (!c) {
		return;
	}
	spin_lock(&c->lock);
	/* It may have been closed, and opened for something else, since we looked. */
	if (c->state == EVTCHN_VIRQ && c->virq == virq) {
		evtchn_deliver(ed, c);
	}
	spin_unlock(&c->lock);
}

void evtchn_raise_virq(struct vcpu *v, u32 virq)
{
	evtchn_raise(v, virq);
}

void evtchn_raise_global_virq(u32 virq)
{
	struct domain *d = __atomic_load_n(&evtchn_hardware, __ATOMIC_ACQUIRE);
	struct vcpu *v = d ? domain_vcpu(d, 0) : NULL;

	if (v) {
		evtchn_raise(v, virq);
	}
}

int evtchn_unmask(struct domain *d, u32 port)
{
	struct evtchn_domain *ed = d->evtchn;
	struct evtchn *c = evtchn_of(ed, port);

	if (!c) {
		return -EINVAL;
	}
	spin_lock(&c->lock);
	if (c->state > EVTCHN_RESERVED) {
		READ_ONCE(ed->abi)->unmask(ed, c);
	}
	spin_unlock(&c->lock);
	return 0;
}

int evtchn_set_priority(struct domain *d, u32 port, u32 priority)
{
	struct evtchn_domain *ed = d->evtchn;
	struct evtchn *c = evtchn_of(ed, port);
	int rc;

	if (!c) {
		return -EINVAL;
	}
	spin_lock(&c->lock);
	rc = READ_ONCE(ed->abi)->set_priority(c, priority);
	spin_unlock(&c->lock);
	return rc;
}

/* --- looking --- */

static void evtchn_describe(struct evtchn *c, struct evtchn_status_info *out)
{
	static const u8 abi_state[] = {
		[EVTCHN_FREE] = EVTCHNSTAT_closed,
		[EVTCHN_RESERVED] = EVTCHNSTAT_closed,
		[EVTCHN_UNBOUND] = EVTCHNSTAT_unbound,
		[EVTCHN_INTERDOMAIN] = EVTCHNSTAT_interdomain,
		[EVTCHN_VIRQ] = EVTCHNSTAT_virq,
		[EVTCHN_IPI] = EVTCHNSTAT_ipi,
	};

	spin_lock(&c->lock);
	*out = (struct evtchn_status_info){ .status = abi_state[c->state], .vcpu = c->vcpu };
	if (c->state == EVTCHN_UNBOUND) {
		out->peer_dom = (u16)c->peer_dom;
	} else if (c->state == EVTCHN_INTERDOMAIN) {
		out->peer_dom = c->peer->domain->id;
		out->peer_port = c->peer_port;
	} else if (c->state == EVTCHN_VIRQ) {
		out->virq = c->virq;
	}
	spin_unlock(&c->lock);
}

int evtchn_status(struct domain *d, u32 port, struct evtchn_status_info *out)
{
	struct evtchn *c;

	spin_lock(&evtchn_pair_lock);
	c = d->evtchn ? evtchn_of(d->evtchn, port) : NULL;
	if (c) {
		evtchn_describe(c, out);
	}
	spin_unlock(&evtchn_pair_lock);
	return c ? 0 : -EINVAL;
}

static void evtchn_dump_port(const struct evtchn_domain *ed, struct evtchn *c)
{
	static const char *const names[] = { "free", "reserved", "unbound", "interdomain", "virq",
		"ipi" };
	struct evtchn_status_info info;

	evtchn_describe(c, &info);
	if (info.status != EVTCHNSTAT_closed) {
		log_info("  port %u: %s vcpu %u, d%u port %u, virq %u%s%s", c->port,
			names[READ_ONCE(c->state)], info.vcpu, info.peer_dom, info.peer_port,
			info.virq, ed->abi->is_pending(ed, c) ? ", pending" : "",
			ed->abi->is_masked(ed, c) ? ", masked" : "");
	}
}

static void evtchn_dump_domain(struct evtchn_domain *ed)
{
	spin_lock(&ed->lock);
	log_info("d%u: %u event channels, %s", ed->domain->id, ed->active, ed->abi->name);
	for (u32 port = 1; port < ed->port_count; port++) {
		evtchn_dump_port(ed, evtchn_of(ed, port));
	}
	spin_unlock(&ed->lock);
}

static void evtchn_dump(void)
{
	struct domain *d;

	for_each_domain(d) {
		if (d->evtchn) {
			evtchn_dump_domain(d->evtchn);
		}
	}
}

/* --- life --- */

/* From now on no port is handed out; at the end nobody sends to one. */
static int evtchn_relinquish(struct domain *d)
{
	struct evtchn_domain *ed = d->evtchn;
	int rc;

	spin_lock(&ed->lock);
	ed->dying = true;
	spin_unlock(&ed->lock);
	/* A reset that the guest had begun may have passed ports that it opened again: -EAGAIN. */
	rc = evtchn_reset(d, ed->reset_next != 0);
	return rc == 0 ? 0 : -ERESTART;
}

static void evtchn_free(struct domain *d)
{
	struct evtchn_domain *ed = d->evtchn;

	spin_lock(&evtchn_pair_lock);
	d->evtchn = NULL;
	spin_unlock(&evtchn_pair_lock);
	for (u32 port = 0; port < ed->port_count; port += EVTCHN_BUCKET) {
		heap_free(&d->pool, evtchn_of(ed, port));
	}
	for (u32 i = 0; i < EVTCHN_GROUPS; i++) {
		heap_free(&d->pool, ed->group[i]);
	}
	evtchn_info_destroy(ed);
	heap_free(&d->pool, ed);
}

static int evtchn_domain_create(struct domain *d, const struct domain_desc *desc)
{
	struct evtchn_domain *ed = heap_new(&d->pool, struct evtchn_domain);
	u32 limit = desc->evtchn_limit; /* highest port; 0: what the layout allows */
	int rc;

	if (!ed) {
		return -ENOMEM;
	}
	spin_init(&ed->lock, RANK_EVTCHN);
	ed->domain = d;
	ed->abi = &evtchn_2l_abi;
	ed->port_limit = limit == 0 || limit >= EVTCHN_PORTS_MAX ? EVTCHN_PORTS_MAX : limit + 1;
	d->evtchn = ed;
	rc = evtchn_info_create(ed);
	if (rc == 0) {
		rc = evtchn_grow(ed);
	}
	if (rc != 0) {
		evtchn_free(d);
		return rc;
	}
	evtchn_of(ed, 0)->state = EVTCHN_RESERVED;
	ed->bucket_used[0] = 1;
	if (d->hardware) {
		__atomic_store_n(&evtchn_hardware, d, __ATOMIC_RELEASE);
	}
	return 0;
}

static void evtchn_domain_destroy(struct domain *d)
{
	struct domain *hw = d;

	__atomic_compare_exchange_n(
		&evtchn_hardware, &hw, NULL, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
	while (evtchn_relinquish(d) != 0) {
	}
	evtchn_free(d);
}

static int evtchn_vcpu_create(struct vcpu *v)
{
	int rc;

	v->evtchn = heap_new(&v->domain->pool, struct evtchn_vcpu);
	if (!v->evtchn) {
		return -ENOMEM;
	}
	evtchn_poll_vcpu_create(v);
	rc = evtchn_info_vcpu_create(v);
	if (rc != 0) {
		heap_free(&v->domain->pool, v->evtchn);
		v->evtchn = NULL;
	}
	return rc;
}

static void evtchn_vcpu_destroy(struct vcpu *v)
{
	/* Ports name vCPUs. If the creation of the domain failed, nobody has closed them yet. */
	while (evtchn_relinquish(v->domain) != 0) {
	}
	evtchn_poll_vcpu_destroy(v);
	evtchn_info_vcpu_destroy(v);
	heap_free(&v->domain->pool, v->evtchn);
	v->evtchn = NULL;
}

const struct unit evtchn_unit = {
	.name = "evtchn",
	.domain_create = evtchn_domain_create,
	.domain_relinquish = evtchn_relinquish,
	.domain_destroy = evtchn_domain_destroy,
	.vcpu_create = evtchn_vcpu_create,
	.vcpu_destroy = evtchn_vcpu_destroy,
	.dump = evtchn_dump,
	.dump_key = 'e',
	.dump_what = "event channels",
};
