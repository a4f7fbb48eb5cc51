/* SPDX-License-Identifier: GPL-2.0-only */
/* Event channels in the FIFO layout: words, queues by priority, more ports than 2-level has. */
#include "irq.h"

#include "guest/lib/hypercall.h"
#include "lib/errno.h"
#include <xen/event_channel.h>
#include <xen/hvm/hvm_op.h>

#define VEC_UPCALL 0xb3
#define PORTS_PER_PAGE (PAGE_SIZE / sizeof(event_word_t))
#define CALL __HYPERVISOR_event_channel_op

static u8 fifo_control[2][PAGE_SIZE] __aligned(PAGE_SIZE);
static volatile u32 fifo_array[2][PORTS_PER_PAGE] __aligned(PAGE_SIZE);

static volatile struct evtchn_fifo_control_block *fifo_block(unsigned int cpu)
{
	return (struct evtchn_fifo_control_block *)(uintptr_t)(fifo_control[cpu] + 64 * cpu);
}

static volatile u32 *fifo_word(u32 port)
{
	return &fifo_array[port / PORTS_PER_PAGE][port % PORTS_PER_PAGE];
}

static bool fifo_test(u32 port, unsigned int bit)
{
	return *fifo_word(port) >> bit & 1;
}

static long fifo_init(unsigned int cpu)
{
	struct evtchn_init_control op = {
		.control_gfn = (uintptr_t)fifo_control[cpu] >> PAGE_SHIFT,
		.offset = 64 * cpu,
		.vcpu = cpu,
	};
	long rc = hypercall(CALL, EVTCHNOP_init_control, &op);

	if (rc == 0) {
		CHECK_EQ(op.link_bits, EVTCHN_FIFO_LINK_BITS, "link bits of vCPU %u", cpu);
	}
	return rc;
}

static long fifo_expand(unsigned int page)
{
	struct evtchn_expand_array op = {
		.array_gfn = (uintptr_t)fifo_array[page] >> PAGE_SHIFT,
	};

	return hypercall(CALL, EVTCHNOP_expand_array, &op);
}

static long fifo_set_priority(u32 port, u32 priority)
{
	struct evtchn_set_priority op = { .port = port, .priority = priority };

	return hypercall(CALL, EVTCHNOP_set_priority, &op);
}

/* Takes the first port off a queue, as xen's FIFO design describes; 0: the queue is empty. */
static u32 fifo_take(u32 priority)
{
	volatile struct evtchn_fifo_control_block *b = fifo_block(0);
	u32 port = b->head[priority], link;

	if (port == 0) {
		return 0;
	}
	link = *fifo_word(port) & EVTCHN_FIFO_LINK_MASK;
	__atomic_and_fetch(fifo_word(port),
		~(BIT32(EVTCHN_FIFO_LINKED) | EVTCHN_FIFO_LINK_MASK | BIT32(EVTCHN_FIFO_PENDING)),
		__ATOMIC_SEQ_CST);
	b->head[priority] = link;
	if (link == 0) {
		__atomic_and_fetch(&b->ready, ~BIT32(priority), __ATOMIC_SEQ_CST);
	}
	return port;
}

static void fifo_unmask(u32 port)
{
	__atomic_and_fetch(fifo_word(port), ~BIT32(EVTCHN_FIFO_MASKED), __ATOMIC_SEQ_CST);
}

static void fifo_setup(void)
{
	u32 kept = event_bind_ipi(0);

	event_call(EVTCHNOP_send, kept);
	CHECK_EQ(fifo_init(0), 0, "init_control of vCPU 0");
	CHECK_EQ(fifo_init(1), 0, "init_control of vCPU 1");
	CHECK_EQ(fifo_init(0), -EINVAL, "init_control twice");
	CHECK_EQ(fifo_expand(0), 0, "expand_array");
	CHECK(fifo_test(kept, EVTCHN_FIFO_PENDING), "what was pending stays pending");
	CHECK_EQ(fifo_set_priority(kept, 16), -EINVAL, "set_priority 16");
	event_call(EVTCHNOP_close, kept);
	CHECK_EQ(fifo_set_priority(kept, 1), -EACCES, "set_priority of a closed port");
}

static void fifo_delivery(void)
{
	volatile struct evtchn_fifo_control_block *b = fifo_block(0);
	u32 port = event_bind_ipi(0);

	fifo_unmask(port);
	while (fifo_take(EVTCHN_FIFO_PRIORITY_DEFAULT) != 0) {
	}
	xen_vcpu_info(0)->evtchn_upcall_pending = 0;
	irq_reset();
	CHECK_EQ(event_call(EVTCHNOP_send, port), 0, "FIFO send");
	CHECK(fifo_test(port, EVTCHN_FIFO_PENDING), "it is pending");
	CHECK(fifo_test(port, EVTCHN_FIFO_LINKED), "and linked");
	CHECK_EQ(b->ready, BIT32(EVTCHN_FIFO_PRIORITY_DEFAULT), "its queue is ready");
	CHECK_EQ(b->head[EVTCHN_FIFO_PRIORITY_DEFAULT], port, "it heads its queue");
	CHECK(irq_wait(VEC_UPCALL, 1, SOON_MS), "its interrupt comes");
	CHECK_EQ(fifo_take(EVTCHN_FIFO_PRIORITY_DEFAULT), port, "it can be taken");
	__atomic_or_fetch(fifo_word(port), BIT32(EVTCHN_FIFO_MASKED), __ATOMIC_SEQ_CST);
	event_call(EVTCHNOP_send, port);
	CHECK(fifo_test(port, EVTCHN_FIFO_PENDING), "a masked port gets pending");
	CHECK(!fifo_test(port, EVTCHN_FIFO_LINKED), "and is not linked");
	CHECK_EQ(event_call(EVTCHNOP_unmask, port), 0, "FIFO unmask");
	CHECK(!fifo_test(port, EVTCHN_FIFO_MASKED), "it clears the mask");
	CHECK(fifo_test(port, EVTCHN_FIFO_LINKED), "and links what is pending");
	CHECK_EQ(fifo_take(EVTCHN_FIFO_PRIORITY_DEFAULT), port, "it can be taken again");
	xen_vcpu_info(0)->evtchn_upcall_pending = 0;
	event_call(EVTCHNOP_close, port);
}

static void fifo_priorities(void)
{
	volatile struct evtchn_fifo_control_block *b = fifo_block(0);
	static const u32 priorities[] = { 15, 3, 0, 3 };
	u32 ports[ARRAY_SIZE(priorities)];

	for (size_t i = 0; i < ARRAY_SIZE(ports); i++) {
		ports[i] = event_bind_ipi(0);
		fifo_unmask(ports[i]);
		CHECK_EQ(fifo_set_priority(ports[i], priorities[i]), 0, "set_priority %zu", i);
	}
	for (size_t i = 0; i < ARRAY_SIZE(ports); i++) {
		event_call(EVTCHNOP_send, ports[i]);
	}
	CHECK_EQ(b->ready, BIT32(15) | BIT32(3) | BIT32(0), "three queues are ready");
	CHECK_EQ(fifo_take(0), ports[2], "priority 0");
	CHECK_EQ(fifo_take(3), ports[1], "priority 3, the first");
	CHECK_EQ(fifo_take(3), ports[3], "priority 3, the second");
	CHECK_EQ(fifo_take(3), 0, "priority 3, no more");
	CHECK_EQ(fifo_take(15), ports[0], "priority 15");
	CHECK_EQ(b->ready, 0, "no queue is ready");
	xen_vcpu_info(0)->evtchn_upcall_pending = 0;
	for (size_t i = 0; i < ARRAY_SIZE(ports); i++) {
		event_call(EVTCHNOP_close, ports[i]);
	}
}

/* More ports than one page of words has. */
static void fifo_many_ports(void)
{
	u32 port, last = 0;

	while ((port = event_bind_ipi(0)) != 0 && port < PORTS_PER_PAGE) {
		last = port;
	}
	CHECK_EQ(last, PORTS_PER_PAGE - 1, "the first page was used up");
	CHECK_EQ(port, PORTS_PER_PAGE, "the next port has no word yet");
	CHECK_EQ(event_call(EVTCHNOP_send, port), 0, "send to it does nothing");
	CHECK_EQ(fifo_expand(1), 0, "a second page");
	fifo_unmask(port);
	event_call(EVTCHNOP_send, port);
	CHECK(fifo_test(port, EVTCHN_FIFO_LINKED), "and works");
	CHECK_EQ(fifo_take(EVTCHN_FIFO_PRIORITY_DEFAULT), port, "and can be taken");
	for (port = last; port > 16; port--) {
		event_call(EVTCHNOP_close, port);
	}
}

/* A guest that spoils its own words harms itself alone. */
static void fifo_spoiled(void)
{
	u32 port = event_bind_ipi(0);

	for (size_t i = 0; i < PORTS_PER_PAGE; i++) {
		fifo_array[0][i] = 0xffffffff;
		fifo_array[1][i] = 0xbfffffff;
	}
	for (size_t i = 0; i < PAGE_SIZE; i++) {
		((volatile u8 *)fifo_control[0])[i] = 0xff;
	}
	CHECK_EQ(event_call(EVTCHNOP_send, port), 0, "send with spoiled words");
	CHECK_EQ(event_call(EVTCHNOP_unmask, port), 0, "unmask with spoiled words");
	CHECK_EQ(event_call(EVTCHNOP_close, port), 0, "close with spoiled words");
}

void test_events_fifo(void)
{
	struct xen_hvm_evtchn_upcall_vector op = { .vcpu = 0, .vector = VEC_UPCALL };

	irq_count(VEC_UPCALL, true);
	hypercall(__HYPERVISOR_hvm_op, HVMOP_set_evtchn_upcall_vector, &op);
	fifo_setup();
	fifo_delivery();
	fifo_priorities();
	fifo_many_ports();
	fifo_spoiled();
}
