/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Messages between local APICs, and from I/O APICs and devices to them: whom a destination names
 * (Intel SDM vol. 3, 10.6.2 and 10.12.10) and what each delivery mode does there. Any CPU; takes no
 * lock.
 */
#include "arch/x86/vdev/lapic_internal.h"

#include "core/pcpu.h"

#define BROADCAST 0xffffffffU

/* A message on its way. */
struct lapic_message {
	u32 dest; /* 32 bits: BROADCAST where 8-bit senders write 0xff */
	bool logical;
	u32 delivery; /* APIC_DM_* */
	u8 vector;
	bool level;
};

static bool match_logical(const struct lapic *l, u32 dest)
{
	u32 ldr = READ_ONCE(l->ldr), mda = dest & 0xff;

	if (lapic_x2apic(l)) {
		return dest >> 16 == ldr >> 16 && (dest & ldr & 0xffff) != 0;
	}
	if (dest > 0xff) {
		return false;
	}
	ldr >>= 24;
	if (READ_ONCE(l->dfr) >> 28 == 0xf) {
		return (ldr & mda) != 0;
	}
	return (mda >> 4 == ldr >> 4 || mda >> 4 == 0xf) && (mda & ldr & 0xf) != 0;
}

static bool matches(const struct lapic *l, const struct lapic_message *m)
{
	if (!lapic_enabled(l)) {
		return false;
	}
	if (m->dest == BROADCAST) {
		return true;
	}
	return m->logical ? match_logical(l, m->dest) : m->dest == l->id;
}

/* --- INIT and start-up ---
 *
 * A start-up IPI counts only after INIT: the sender turns INIT or WAIT into STARTUP and then lets
 * the vCPU run; a vCPU that takes an INIT holds itself down first and then turns INIT into WAIT. So
 * whichever comes last sees the other. */

static void lapic_init(struct lapic *l)
{
	__atomic_fetch_or(&l->reset, LAPIC_RESET_BIT_INIT, __ATOMIC_SEQ_CST);
	vcpu_set_pending(l->vcpu, VCPU_PENDING_RESET);
}

static void lapic_startup(struct lapic *l, u8 vector)
{
	u32 old = __atomic_load_n(&l->reset, __ATOMIC_SEQ_CST);
	u32 next = LAPIC_RESET_BIT_STARTUP | (u32)vector << LAPIC_RESET_VECTOR_SHIFT;

	do {
		if ((old & (LAPIC_RESET_BIT_INIT | LAPIC_RESET_BIT_WAIT)) == 0) {
			return; /* it runs, or has got one already */
		}
	} while (!__atomic_compare_exchange_n(
		&l->reset, &old, next, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST));
	vcpu_set_pending(l->vcpu, VCPU_PENDING_RESET);
	vcpu_release(l->vcpu, VCPU_HOLD_DOWN);
}

/* True if the INIT was taken; false: something changed, look again. */
static bool lapic_take_init(struct lapic *l, u32 seen)
{
	vcpu_hold(l->vcpu, VCPU_HOLD_DOWN);
	if (__atomic_compare_exchange_n(&l->reset, &seen, LAPIC_RESET_BIT_WAIT, false,
		    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
		return true;
	}
	vcpu_release(l->vcpu, VCPU_HOLD_DOWN);
	return false;
}

static bool lapic_take_startup(struct lapic *l, u32 seen, u8 *vector)
{
	*vector = (u8)(seen >> LAPIC_RESET_VECTOR_SHIFT);
	return __atomic_compare_exchange_n(
		&l->reset, &seen, 0, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

enum lapic_reset lapic_take_reset(struct vcpu *v, u8 *vector)
{
	struct lapic *l = lapic_of(v);

	for (;;) {
		u32 seen = __atomic_load_n(&l->reset, __ATOMIC_SEQ_CST);

		if (seen & LAPIC_RESET_BIT_INIT) { /* also if it came after a start-up */
			if (lapic_take_init(l, seen)) {
				return LAPIC_RESET_INIT;
			}
		} else if (seen & LAPIC_RESET_BIT_STARTUP) {
			if (lapic_take_startup(l, seen, vector)) {
				return LAPIC_RESET_STARTUP;
			}
		} else {
			return LAPIC_RESET_NONE;
		}
	}
}

void lapic_started(struct vcpu *v)
{
	__atomic_store_n(&lapic_of(v)->reset, 0, __ATOMIC_SEQ_CST);
}

/* --- delivery --- */

static void lapic_nmi(struct lapic *l)
{
	__atomic_store_n(&l->vcpu->arch->nmi_pending, true, __ATOMIC_SEQ_CST);
	vcpu_set_pending(l->vcpu, VCPU_PENDING_EVENT);
}

/* SMI has nobody to take it, ExtINT comes from a PIC, which no guest has: both are dropped. */
static void accept_message(struct lapic *l, const struct lapic_message *m)
{
	switch (m->delivery) {
	case APIC_DM_FIXED:
	case APIC_DM_LOWEST:
		lapic_request(l->vcpu, m->vector, m->level);
		break;
	case APIC_DM_NMI:
		lapic_nmi(l);
		break;
	case APIC_DM_INIT:
		lapic_init(l);
		break;
	case APIC_DM_STARTUP:
		lapic_startup(l, m->vector);
		break;
	default:
		break;
	}
}

/* The one with the lowest priority; among equals they take turns. */
static struct lapic *arbitrate(struct domain *d, const struct lapic_message *m)
{
	u32 *cursor = &lapic_of(d->vcpus[0])->lowest_next;
	u32 first = __atomic_load_n(cursor, __ATOMIC_RELAXED);
	struct lapic *best = NULL;

	for (unsigned int i = 0; i < d->vcpu_count; i++) {
		struct vcpu *v = d->vcpus[(first + i) % d->vcpu_count];
		struct lapic *l = lapic_of(v);

		if (matches(l, m) && lapic_soft_enabled(l) &&
			(!best || READ_ONCE(l->ppr) < READ_ONCE(best->ppr))) {
			best = l;
		}
	}
	if (best) {
		__atomic_store_n(cursor, best->vcpu->id + 1, __ATOMIC_RELAXED);
	}
	return best;
}

/* Ids follow from vCPU numbers: most messages need no search. */
static struct lapic *lapic_by_id(struct domain *d, u32 id)
{
	struct vcpu *v = id % 2 == 0 ? domain_vcpu(d, id / 2) : NULL;

	return v && lapic_enabled(lapic_of(v)) ? lapic_of(v) : NULL;
}

static void route(struct domain *d, const struct lapic_message *m, const struct lapic *except)
{
	struct vcpu *v;

	if (!m->logical && m->dest != BROADCAST) {
		struct lapic *l = lapic_by_id(d, m->dest);

		if (l) {
			accept_message(l, m);
		}
		return;
	}
	if (m->delivery == APIC_DM_LOWEST) {
		struct lapic *l = arbitrate(d, m);

		if (l) {
			accept_message(l, m);
		}
		return;
	}
	for_each_vcpu(d, v) {
		if (lapic_of(v) != except && matches(lapic_of(v), m)) {
			accept_message(lapic_of(v), m);
		}
	}
}

static struct lapic_message message_of_device(
	u32 dest, bool logical, u32 delivery, u8 vector, bool level)
{
	return (struct lapic_message){
		.dest = dest == 0xff && !logical ? BROADCAST : dest,
		.logical = logical,
		.delivery = delivery,
		.vector = vector,
		.level = level,
	};
}

void lapic_deliver(struct domain *d, u32 dest, bool logical, u32 delivery, u8 vector, bool level)
{
	struct lapic_message m = message_of_device(dest, logical, delivery, vector, level);

	route(d, &m, NULL);
}

struct vcpu *lapic_target(struct domain *d, u32 dest, bool logical)
{
	struct lapic_message m = message_of_device(dest, logical, APIC_DM_FIXED, 0, false);
	struct vcpu *v;

	for_each_vcpu(d, v) {
		if (matches(lapic_of(v), &m)) {
			return v;
		}
	}
	return NULL;
}

/* --- the interrupt command register --- */

enum shorthand { TO_DEST = 0, TO_SELF = 1, TO_ALL = 2, TO_OTHERS = 3 };

/* The sender does not send vectors below 16, and de-assertion of INIT means nothing (Intel SDM vol.
 * 3, 10.6.1). */
static bool may_send(struct lapic *l, const struct lapic_message *m, u32 command)
{
	bool fixed = m->delivery == APIC_DM_FIXED || m->delivery == APIC_DM_LOWEST;

	if (fixed && m->vector < 16) {
		lapic_error(l, LAPIC_ESR_SEND_VECTOR);
		return false;
	}
	if (m->delivery == APIC_DM_INIT &&
		(command & (APIC_ICR_LEVEL | APIC_ICR_ASSERT)) == APIC_ICR_LEVEL) {
		return false;
	}
	return true;
}

void lapic_ipi_send(struct lapic *l, u32 dest, u32 command)
{
	struct domain *d = l->vcpu->domain;
	struct lapic_message m = { .dest = dest,
		.logical = (command & APIC_ICR_LOGICAL) != 0,
		.delivery = command & 0x700,
		.vector = (u8)command };
	enum shorthand to = (command & APIC_ICR_SHORTHAND) >> 18;

	if (!may_send(l, &m, command)) {
		return;
	}
	if (to == TO_SELF) {
		if (m.delivery == APIC_DM_FIXED) { /* the only one allowed */
			accept_message(l, &m);
		}
		return;
	}
	if (to != TO_DEST || (!lapic_x2apic(l) && dest == 0xff && !m.logical)) {
		m.dest = BROADCAST;
	}
	route(d, &m, to == TO_OTHERS ? l : NULL);
}
