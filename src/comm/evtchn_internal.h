/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of event channels share: the state of a port, of a vCPU and of a domain, and the
 * interface of a layout. Nobody else includes this.
 *
 *   struct domain ── evtchn ─▶ struct evtchn_domain
 *                                ├── group[0..1] ─▶ 512 pointers ─▶ bucket of 128 struct evtchn
 *                                ├── abi ─▶ evtchn_2l or evtchn_fifo_abi
 *                                └── fifo ─▶ event words, control blocks, queues
 *   struct vcpu ──── evtchn ─▶ struct evtchn_vcpu
 */
#ifndef COMM_EVTCHN_INTERNAL_H
#define COMM_EVTCHN_INTERNAL_H

#include "comm/evtchn.h"
#include "core/domain.h"
#include "lib/bitmap.h"
#include "lib/xen_public.h"
#include "mm/guest.h"

#include <xen/event_channel.h>

#define EVTCHN_BUCKET 128U	    /* ports that share one page */
#define EVTCHN_GROUP 512U	    /* buckets that one page of pointers reaches */
#define EVTCHN_PORTS_MAX (1U << 17) /* what 17 link bits can name */
#define EVTCHN_BUCKETS (EVTCHN_PORTS_MAX / EVTCHN_BUCKET)
#define EVTCHN_GROUPS (EVTCHN_BUCKETS / EVTCHN_GROUP)

static_assert(EVTCHN_PORTS_MAX == EVTCHN_FIFO_NR_CHANNELS, "all ports of the FIFO layout");

enum evtchn_state {
	EVTCHN_FREE,
	EVTCHN_RESERVED, /* port 0 */
	EVTCHN_UNBOUND,	 /* waits for domain peer_dom */
	EVTCHN_INTERDOMAIN,
	EVTCHN_VIRQ,
	EVTCHN_IPI,
};

/* lock protects state and what it decides the meaning of. Leaving FREE also takes the domain's
 * lock, entering it and making or breaking a pair also the global one: so each of the three locks
 * keeps some transitions from happening. */
struct evtchn {
	struct spinlock lock;
	u8 state;	/* enum evtchn_state */
	u8 priority;	/* FIFO: queue for the next time, any CPU */
	u16 vcpu;	/* whom it notifies; any CPU */
	bool parked;	/* FIFO: became pending before its event word existed; atomic */
	bool fixed;	/* part of the domain's description: the guest cannot close it */
	u32 last_queue; /* FIFO: vcpu << 4 | priority where it was linked last; see evtchn_fifo.c */
	u32 port;
	union {
		u32 peer_port; /* INTERDOMAIN */
		u32 virq;      /* VIRQ */
		u32 peer_dom;  /* UNBOUND */
	};
	struct evtchn_domain *peer; /* INTERDOMAIN: lives while the port is in this state */
};
static_assert(sizeof(struct evtchn) == 32, "a bucket is one page");

struct evtchn_fifo;

struct evtchn_vcpu {
	struct vcpu_info *info; /* guest memory; atomic pointer */
	struct vcpu_info *own;	/* where info points for vCPUs >= 32 at first, else NULL */
	struct shared_page registered;
	u32 virq_port[NR_VIRQS]; /* 0: not bound; atomic. Global ones: on vCPU 0 */
	u32 poll_port;		 /* 0: any */
	struct timer poll_timer;
};

struct evtchn_domain {
	struct domain *domain;
	struct spinlock lock;
	const struct evtchn_abi *abi; /* atomic pointer */
	struct evtchn **group[EVTCHN_GROUPS];
	u32 port_count;	 /* ports with memory behind them; only grows; release after the memory */
	u32 port_limit;	 /* highest port the domain may have, plus 1 */
	u32 active;	 /* ports that are neither FREE nor RESERVED, without fixed ones */
	u32 fixed;	 /* fixed ones */
	u32 bucket_hint; /* no port is free in buckets before this one */
	u8 bucket_used[EVTCHN_BUCKETS];
	u32 reset_next; /* where the reset in progress goes on; 0: none */
	bool dying;	/* no port is handed out any more; under the global lock too */
	bool compat;	/* 32-bit words in shared_info */
	struct shared_info *shared;
	struct evtchn_fifo *fifo;
	BITMAP(pollers, MAX_VCPUS);
};

/* A layout of pending and mask bits in the guest's memory. All of it may hold anything: the guest
 * writes it at any time. Calls come with the port's lock or its sender's held, except is_busy. */
struct evtchn_abi {
	const char *name;
	u32 (*capacity)(const struct evtchn_domain *ed);
	/* The port has just been taken into use. */
	void (*init)(struct evtchn_domain *ed, struct evtchn *c);
	void (*set_pending)(struct evtchn_domain *ed, struct vcpu *v, struct evtchn *c);
	void (*clear_pending)(struct evtchn_domain *ed, struct evtchn *c);
	/* Clears the mask bit and delivers what became pending meanwhile. */
	void (*unmask)(struct evtchn_domain *ed, struct evtchn *c);
	bool (*is_pending)(const struct evtchn_domain *ed, const struct evtchn *c);
	bool (*is_masked)(const struct evtchn_domain *ed, const struct evtchn *c);
	/* A free port that must not be used again yet. Under the domain's lock. */
	bool (*is_busy)(const struct evtchn_domain *ed, const struct evtchn *c);
	int (*set_priority)(struct evtchn *c, u32 priority);
};

extern const struct evtchn_abi evtchn_2l_abi;
extern const struct evtchn_abi evtchn_fifo_abi;

/* The port's record, or NULL where the domain has none yet. Lock-free. */
static inline struct evtchn *evtchn_of(const struct evtchn_domain *ed, u32 port)
{
	/* Pairs with the release in evtchn_grow(). */
	if (port >= __atomic_load_n(&ed->port_count, __ATOMIC_ACQUIRE)) {
		return NULL;
	}
	return &ed->group[port / (EVTCHN_BUCKET * EVTCHN_GROUP)]
			 [port / EVTCHN_BUCKET % EVTCHN_GROUP][port % EVTCHN_BUCKET];
}

static inline struct vcpu *evtchn_vcpu_of(const struct evtchn_domain *ed, const struct evtchn *c)
{
	return domain_vcpu(ed->domain, READ_ONCE(c->vcpu));
}

/* evtchn_info.c */
int evtchn_info_create(struct evtchn_domain *ed);
void evtchn_info_destroy(struct evtchn_domain *ed);
int evtchn_info_vcpu_create(struct vcpu *v);
void evtchn_info_vcpu_destroy(struct vcpu *v);
/* upcall_pending goes from clear to set: the vCPU is told. */
void evtchn_info_notify(struct vcpu *v);

/* evtchn_poll.c: the port has just become pending. */
void evtchn_poll_wake(struct evtchn_domain *ed, u32 port);
void evtchn_poll_vcpu_create(struct vcpu *v);
void evtchn_poll_vcpu_destroy(struct vcpu *v);

/* evtchn_fifo.c: frees what ed->fifo was before the caller took it away. NULL is fine. No lock is
 * held, since unmapping waits for other CPUs; no port is in use. */
void evtchn_fifo_free(struct domain *d, struct evtchn_fifo *fifo);

#endif
