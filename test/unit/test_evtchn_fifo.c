/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The FIFO layout against a model of a guest: random traffic never loses an event and keeps the
 * order of each queue; and against guests that write their pages as they please.
 */
#include <pthread.h>

#include "unit/abi_machine.h"

#include <xen/event_channel.h>

#include "unit/harness.h"
#include "unit/random.h"

#define CONTROL_GFN 0x10 /* + vCPU */
#define ARRAY_GFN 0x20
#define VCPUS 2
#define PORTS 40

#define PENDING BIT32(EVTCHN_FIFO_PENDING)
#define MASKED BIT32(EVTCHN_FIFO_MASKED)
#define LINKED BIT32(EVTCHN_FIFO_LINKED)
#define BUSY BIT32(EVTCHN_FIFO_BUSY)
#define LINK ((u32)EVTCHN_FIFO_LINK_MASK)

/* --- the guest's side --- */

static u32 *words; /* the guest's event words */
static struct evtchn_fifo_control_block *control[VCPUS];
static u32 heads[VCPUS][EVTCHN_FIFO_MAX_QUEUES]; /* the guest's own */
static u32 ready[VCPUS];			 /* bits taken over from the control block */

static struct domain *fifo_domain(void)
{
	struct domain *d = machine_domain(1, VCPUS, false);
	u8 bits = 0;

	for (u32 i = 0; i < VCPUS; i++) {
		CHECK_EQ(evtchn_init_control(d, CONTROL_GFN + i, 64 * i, i, &bits), 0);
		control[i] = machine_ptr(d, (CONTROL_GFN + i) * PAGE_SIZE + 64 * i);
	}
	CHECK_EQ(bits, 17);
	CHECK_EQ(evtchn_expand_array(d, ARRAY_GFN), 0);
	words = machine_ptr(d, ARRAY_GFN * PAGE_SIZE);
	memset(heads, 0, sizeof(heads));
	memset(ready, 0, sizeof(ready));
	return d;
}

/* Takes the event off its queue, as drivers do; returns the one behind it. */
static u32 guest_unlink(u32 *word)
{
	u32 old = __atomic_load_n(word, __ATOMIC_SEQ_CST);

	while (!__atomic_compare_exchange_n(
		word, &old, old & ~(LINKED | LINK), false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
	}
	return old & LINK;
}

/* The first event of a queue; false when the guest finds the queue empty. */
static bool guest_consume(u32 vcpu, u32 q, u32 *port, bool *handled)
{
	struct evtchn_fifo_control_block *c = control[vcpu];
	u32 head = heads[vcpu][q], next;

	/* Before the queue is looked at: whoever finds it empty afterwards sets the bit again. */
	ready[vcpu] |= __atomic_exchange_n(&c->ready, 0, __ATOMIC_SEQ_CST);
	if ((ready[vcpu] & BIT32(q)) == 0) {
		return false;
	}
	if (head == 0) {
		head = __atomic_load_n(&c->head[q], __ATOMIC_SEQ_CST);
	}
	next = guest_unlink(&words[head]);
	if (next == 0) {
		ready[vcpu] &= ~BIT32(q);
	}
	heads[vcpu][q] = next;
	*port = head;
	*handled = (__atomic_load_n(&words[head], __ATOMIC_SEQ_CST) & (PENDING | MASKED)) ==
		   PENDING;
	if (*handled) {
		__atomic_fetch_and(&words[head], ~PENDING, __ATOMIC_SEQ_CST);
	}
	return true;
}

/* A pending one has to be delivered by the hypervisor, and so has one whose word is busy. */
static void guest_unmask(struct domain *d, u32 port)
{
	u32 old = __atomic_load_n(&words[port], __ATOMIC_SEQ_CST);

	while ((old & MASKED) != 0 && (old & (PENDING | BUSY)) == 0 &&
		!__atomic_compare_exchange_n(&words[port], &old, old & ~MASKED, false,
			__ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
	}
	if ((old & MASKED) != 0 && (old & (PENDING | BUSY)) != 0) {
		CHECK_EQ(evtchn_unmask(d, port), 0);
	}
}

/* --- the model --- */

struct model {
	u32 order[VCPUS][EVTCHN_FIFO_MAX_QUEUES][PORTS + 1]; /* ports in the order of linking */
	u32 count[VCPUS][EVTCHN_FIFO_MAX_QUEUES];
	u32 vcpu[PORTS + 1], priority[PORTS + 1]; /* for the next time */
};
static struct model model;

/* A send, or the end of a mask, links the port unless it is linked, if it is not masked. */
static void model_link(u32 port, u32 word_before)
{
	u32 v = model.vcpu[port], q = model.priority[port];

	if ((word_before & LINKED) == 0) {
		CHECK(model.count[v][q] < PORTS);
		model.order[v][q][model.count[v][q]++] = port;
	}
}

static void model_send(struct domain *d, u32 port)
{
	u32 before = words[port];

	CHECK_EQ(evtchn_send(d, port + PORTS), 0);
	CHECK(words[port] & PENDING);
	if ((before & MASKED) == 0) {
		model_link(port, before);
		CHECK(words[port] & LINKED);
	}
}

static void model_unmask(struct domain *d, u32 port)
{
	u32 before = words[port];

	guest_unmask(d, port);
	CHECK_EQ(words[port] & (MASKED | BUSY), 0);
	if ((before & MASKED) != 0 && (before & PENDING) != 0) {
		model_link(port, before);
	}
}

static void model_consume(u32 v, u32 q)
{
	bool handled;
	u32 port;

	if (!guest_consume(v, q, &port, &handled)) {
		CHECK_EQ(model.count[v][q], 0);
		return;
	}
	CHECK(model.count[v][q] > 0);
	CHECK_EQ(port, model.order[v][q][0]);
	model.count[v][q]--;
	memmove(&model.order[v][q][0], &model.order[v][q][1], model.count[v][q] * sizeof(u32));
}

static void model_drain(void)
{
	for (u32 v = 0; v < VCPUS; v++) {
		for (u32 q = 0; q < EVTCHN_FIFO_MAX_QUEUES; q++) {
			for (u32 i = 0; i <= PORTS; i++) {
				model_consume(v, q);
			}
			CHECK_EQ(model.count[v][q], 0);
		}
		CHECK_EQ(control[v]->ready, 0);
	}
	for (u32 port = 1; port <= PORTS; port++) {
		CHECK((words[port] & LINKED) == 0);
		CHECK((words[port] & (PENDING | MASKED)) != PENDING);
	}
}

static void model_step(struct domain *d, u64 *rng)
{
	u32 port = 1 + (u32)random_below(rng, PORTS);

	switch (random_below(rng, 10)) {
	case 0:
		words[port] |= MASKED;
		break;
	case 1:
		model_unmask(d, port);
		break;
	case 2:
		model.priority[port] = (u32)random_below(rng, EVTCHN_FIFO_MAX_QUEUES);
		CHECK_EQ(evtchn_set_priority(d, port, model.priority[port]), 0);
		break;
	case 3:
		model.vcpu[port] = (u32)random_below(rng, VCPUS);
		CHECK_EQ(evtchn_bind_vcpu(d, port, model.vcpu[port]), 0);
		break;
	case 4:
	case 5:
	case 6:
		model_consume((u32)random_below(rng, VCPUS),
			(u32)random_below(rng, EVTCHN_FIFO_MAX_QUEUES));
		break;
	default:
		model_send(d, port);
		break;
	}
}

/* Ports 1..PORTS are ends of pairs with ports PORTS+1 onwards, through which we send. */
static void model_ports(struct domain *d)
{
	u32 p;

	for (u32 i = 1; i <= 2 * PORTS; i++) {
		if (i <= PORTS) {
			CHECK_EQ(evtchn_alloc_unbound(d, 1, &p), 0);
		} else {
			CHECK_EQ(evtchn_bind_interdomain(d, d, i - PORTS, &p), 0);
		}
		CHECK_EQ(p, i);
	}
	for (u32 i = 1; i <= PORTS; i++) {
		model.vcpu[i] = 0;
		model.priority[i] = EVTCHN_FIFO_PRIORITY_DEFAULT;
	}
}

/* The sending ends came pending: their events are taken off first. */
static void model_begin(struct domain *d)
{
	u32 port, count = 0;
	bool handled;

	memset(&model, 0, sizeof(model));
	model_ports(d);
	while (guest_consume(0, EVTCHN_FIFO_PRIORITY_DEFAULT, &port, &handled)) {
		CHECK(handled);
		CHECK_EQ(port, PORTS + 1 + count);
		count++;
	}
	CHECK_EQ(count, PORTS);
}

UNIT_TEST(random_model, "random traffic loses no event and keeps each queue's order")
{
	struct domain *d = fifo_domain();
	u64 rng = 42;

	model_begin(d);
	for (unsigned int i = 0; i < 60000; i++) {
		model_step(d, &rng);
		if (i % 1000 == 999) {
			model_drain();
		}
	}
	model_drain();
	CHECK_EQ(machine_end(d), 0);
}

UNIT_TEST(setup_errors, "bad control blocks and array pages are refused with Xen's codes")
{
	struct domain *d = machine_domain(1, 2, false);
	u8 bits;

	CHECK_EQ(evtchn_expand_array(d, ARRAY_GFN), -EOPNOTSUPP);
	CHECK_EQ(evtchn_init_control(d, CONTROL_GFN, 0, 2, &bits), -ENOENT);
	CHECK_EQ(evtchn_init_control(d, CONTROL_GFN, 4, 0, &bits), -EINVAL);
	CHECK_EQ(evtchn_init_control(d, CONTROL_GFN, PAGE_SIZE - 64, 0, &bits), -EINVAL);
	CHECK_EQ(evtchn_init_control(d, 0x99999, 0, 0, &bits), -EINVAL);
	CHECK_EQ(evtchn_init_control(d, ~0ULL, 0, 0, &bits), -EINVAL);
	CHECK_EQ(evtchn_expand_array(d, ARRAY_GFN), -EOPNOTSUPP); /* still not switched */
	CHECK_EQ(evtchn_init_control(d, CONTROL_GFN, PAGE_SIZE - 72, 0, &bits), 0);
	CHECK_EQ(evtchn_init_control(d, CONTROL_GFN, 0, 0, &bits), -EINVAL);
	CHECK_EQ(evtchn_init_control(d, CONTROL_GFN, 0, 1, &bits), 0);
	CHECK_EQ(evtchn_expand_array(d, 0x99999), -EINVAL);
	for (u32 i = 0; i < 128; i++) {
		CHECK_EQ(evtchn_expand_array(d, ARRAY_GFN), 0);
	}
	CHECK_EQ(evtchn_expand_array(d, ARRAY_GFN), -ENOSPC);
	CHECK_EQ(machine_end(d), 0);
}

UNIT_TEST(parked, "what is pending before its event word exists is delivered with the page")
{
	struct domain *d = machine_domain(1, 1, false);
	u32 two_level, fifo, port;
	bool handled;
	u8 bits;

	CHECK_EQ(evtchn_bind_ipi(d, 0, &two_level), 0);
	CHECK_EQ(evtchn_send(d, two_level), 0);
	CHECK_EQ(evtchn_init_control(d, CONTROL_GFN, 0, 0, &bits), 0);
	control[0] = machine_ptr(d, CONTROL_GFN * PAGE_SIZE);
	CHECK_EQ(evtchn_bind_ipi(d, 0, &fifo), 0);
	CHECK_EQ(evtchn_send(d, fifo), 0);
	CHECK_EQ(control[0]->ready, 0);
	CHECK_EQ(evtchn_expand_array(d, ARRAY_GFN), 0);
	words = machine_ptr(d, ARRAY_GFN * PAGE_SIZE);
	memset(heads, 0, sizeof(heads));
	memset(ready, 0, sizeof(ready));
	CHECK(guest_consume(0, EVTCHN_FIFO_PRIORITY_DEFAULT, &port, &handled));
	CHECK(handled);
	CHECK_EQ(port, two_level);
	CHECK(guest_consume(0, EVTCHN_FIFO_PRIORITY_DEFAULT, &port, &handled));
	CHECK_EQ(port, fifo);
	CHECK(!guest_consume(0, EVTCHN_FIFO_PRIORITY_DEFAULT, &port, &handled));
	CHECK_EQ(evtchn_set_priority(d, fifo, 16), -EINVAL);
	CHECK_EQ(evtchn_set_priority(d, fifo, 15), 0);
	CHECK_EQ(machine_end(d), 0);
}

UNIT_TEST(busy, "a closed port that is still on a queue is not handed out again until it is off")
{
	struct domain *d = fifo_domain();
	bool handled;
	u32 port, p;

	CHECK_EQ(evtchn_bind_ipi(d, 0, &port), 0);
	CHECK_EQ(evtchn_send(d, port), 0);
	CHECK_EQ(evtchn_close(d, port), 0);
	CHECK_EQ(evtchn_bind_ipi(d, 0, &p), 0);
	CHECK_EQ(p, port + 1);
	CHECK(guest_consume(0, EVTCHN_FIFO_PRIORITY_DEFAULT, &p, &handled));
	CHECK(!handled);
	CHECK_EQ(evtchn_bind_ipi(d, 0, &p), 0);
	CHECK_EQ(p, port);
	CHECK_EQ(machine_end(d), 0);
}

UNIT_TEST(back, "a reset goes back to the 2-level layout, and the FIFO can be set up again")
{
	struct domain *d = fifo_domain();
	u8 bits;
	u32 port;

	CHECK_EQ(evtchn_bind_ipi(d, 0, &port), 0);
	CHECK_EQ(evtchn_reset(d, false), 0);
	CHECK_EQ(evtchn_bind_ipi(d, 0, &port), 0);
	CHECK_EQ(evtchn_send(d, port), 0);
	CHECK_EQ(evtchn_shared_info(d)->evtchn_pending[0], 1UL << port);
	CHECK_EQ(evtchn_init_control(d, CONTROL_GFN, 0, 0, &bits), 0);
	CHECK_EQ(machine_end(d), 0);
}

/* --- hostile guests --- */

UNIT_TEST(corrupt, "whatever stands in the guest's pages, sending ends and the next domain is well")
{
	struct domain *d = fifo_domain();
	u64 rng = 7;

	memset(&model, 0, sizeof(model));
	model_ports(d);
	for (unsigned int i = 0; i < 60000; i++) {
		u32 port = 1 + (u32)random_below(&rng, 2 * PORTS);

		words[random_below(&rng, 1024)] = (u32)random_spread(&rng);
		((u32 *)control[random_below(&rng, VCPUS)])[random_below(&rng, 18)] =
			(u32)random_spread(&rng);
		(void)evtchn_send(d, port);
		(void)evtchn_unmask(d, port);
		(void)evtchn_set_priority(d, port, (u32)random_below(&rng, 17));
		(void)evtchn_bind_vcpu(d, port, (u32)random_below(&rng, VCPUS));
	}
	CHECK_EQ(machine_end(d), 0);
}

#define THREAD_SENDS 200000

static struct domain *thread_domain;
static u64 thread_handled;
static bool thread_stop;

/* Plays CPU 0 or 1, and sends to every second port. */
static void *thread_send(void *arg)
{
	u64 id = (u64)(uintptr_t)arg, rng = id + 1;

	host_be_cpu((unsigned int)id);
	for (unsigned int i = 0; i < THREAD_SENDS; i++) {
		u32 port = 1 + 2 * (u32)random_below(&rng, PORTS / 2) + (u32)id;

		(void)evtchn_send(thread_domain, port + PORTS);
		if (random_below(&rng, 16) == 0) {
			(void)evtchn_set_priority(thread_domain, port, (u32)random_below(&rng, 3));
		}
	}
	return NULL;
}

static void *thread_flip(void *arg)
{
	u64 rng = 99;

	while (!__atomic_load_n(&thread_stop, __ATOMIC_RELAXED)) {
		u32 bit = BIT32(random_below(&rng, 32));

		__atomic_fetch_xor(&words[1 + random_below(&rng, PORTS)], bit, __ATOMIC_RELAXED);
	}
	return NULL;
}

static void *thread_consume(void *arg)
{
	bool last = false;

	for (;;) {
		bool any = false, handled, stop = __atomic_load_n(&thread_stop, __ATOMIC_SEQ_CST);
		u32 port;

		for (u32 q = 0; q < EVTCHN_FIFO_MAX_QUEUES; q++) {
			while (guest_consume(0, q, &port, &handled)) {
				any = true;
				thread_handled += handled;
			}
		}
		if (last && !any) {
			return NULL;
		}
		last = stop;
	}
}

static void threads_run(struct domain *d, void *(*guest)(void *))
{
	pthread_t senders[2], other;
	void (*relax)(void) = host_relax;

	host_relax = NULL; /* each CPU is played by a thread of its own */
	thread_domain = d;
	thread_stop = false;
	thread_handled = 0;
	host_set_current(NULL);
	pthread_create(&other, NULL, guest, NULL);
	for (u64 i = 0; i < 2; i++) {
		pthread_create(&senders[i], NULL, thread_send, (void *)(uintptr_t)i);
	}
	for (u64 i = 0; i < 2; i++) {
		pthread_join(senders[i], NULL);
	}
	__atomic_store_n(&thread_stop, true, __ATOMIC_SEQ_CST);
	pthread_join(other, NULL);
	host_relax = relax;
}

UNIT_TEST(two_senders, "two CPUs send while the guest consumes: nothing is left behind")
{
	struct domain *d = fifo_domain();

	model_begin(d);
	threads_run(d, thread_consume);
	CHECK(thread_handled > 0);
	for (u32 port = 1; port <= PORTS; port++) {
		CHECK_EQ(words[port] & (PENDING | LINKED), 0);
	}
	CHECK_EQ(machine_end(d), 0);
}

UNIT_TEST(flipping, "a guest that flips bits all the time does not keep a sender busy")
{
	struct domain *d = fifo_domain();

	model_begin(d);
	threads_run(d, thread_flip);
	CHECK_EQ(machine_end(d), 0);
}
