/* SPDX-License-Identifier: GPL-2.0-only */
/* Event channels in the 2-level layout, their interrupts, and calls that wait for them. */
#include "irq.h"

#include "guest/lib/hypercall.h"
#include <xen/event_channel.h>
#include <xen/hvm/hvm_op.h>
#include <xen/hvm/params.h>
#include <xen/sched.h>

#define VEC_CALLBACK 0xb1
#define VEC_UPCALL 0xb3

static bool event_test(const xen_ulong_t *words, u32 port)
{
	return READ_ONCE(words[port / 64]) >> (port % 64) & 1;
}

static void event_set_mask(u32 port, bool masked)
{
	xen_ulong_t *word = &xen_shared_info()->evtchn_mask[port / 64];

	if (masked) {
		__atomic_or_fetch(word, BIT64(port % 64), __ATOMIC_SEQ_CST);
	} else {
		__atomic_and_fetch(word, ~BIT64(port % 64), __ATOMIC_SEQ_CST);
	}
}

/* As a handler must: the summary first, then the port. */
static void event_clear(unsigned int cpu, u32 port)
{
	struct vcpu_info *v = xen_vcpu_info(cpu);

	__atomic_store_n(&v->evtchn_upcall_pending, 0, __ATOMIC_SEQ_CST);
	__atomic_store_n(&v->evtchn_pending_sel, 0, __ATOMIC_SEQ_CST);
	__atomic_and_fetch(
		&xen_shared_info()->evtchn_pending[port / 64], ~BIT64(port % 64), __ATOMIC_SEQ_CST);
}

static void event_bits(void)
{
	struct shared_info *s = xen_shared_info();
	struct vcpu_info *v = xen_vcpu_info(0);
	u32 port = event_bind_ipi(0);

	CHECK(port != 0, "an IPI port");
	event_set_mask(port, false);
	event_clear(0, port);
	CHECK_EQ(event_call(EVTCHNOP_send, port), 0, "send");
	CHECK(event_test(s->evtchn_pending, port), "send sets the pending bit");
	CHECK_EQ(v->evtchn_pending_sel, BIT64(port / 64), "and the bit of its word");
	CHECK_EQ(v->evtchn_upcall_pending, 1, "and upcall_pending");
	event_clear(0, port);
	event_set_mask(port, true);
	CHECK_EQ(event_call(EVTCHNOP_send, port), 0, "send to a masked port");
	CHECK(event_test(s->evtchn_pending, port), "it sets the pending bit");
	CHECK_EQ(v->evtchn_pending_sel, 0, "and no other");
	CHECK_EQ(v->evtchn_upcall_pending, 0, "and no upcall");
	CHECK_EQ(event_call(EVTCHNOP_unmask, port), 0, "unmask");
	CHECK(!event_test(s->evtchn_mask, port), "unmask clears the mask");
	CHECK_EQ(v->evtchn_pending_sel, BIT64(port / 64), "unmask delivers what was pending");
	CHECK_EQ(v->evtchn_upcall_pending, 1, "unmask makes an upcall");
	event_clear(0, port);
	CHECK_EQ(event_call(EVTCHNOP_unmask, port), 0, "unmask of an idle port");
	CHECK_EQ(v->evtchn_upcall_pending, 0, "makes no upcall");
	CHECK_EQ(event_call(EVTCHNOP_close, port), 0, "close");
}

static void event_set_callback(u8 vector)
{
	struct xen_hvm_param p = { .domid = DOMID_SELF, .index = HVM_PARAM_CALLBACK_IRQ };

	p.value = vector != 0 ? (u64)HVM_PARAM_CALLBACK_TYPE_VECTOR << 56 | vector : 0;
	hypercall(__HYPERVISOR_hvm_op, HVMOP_set_param, &p);
}

static u64 event_set_upcall(u64 vector)
{
	struct xen_hvm_evtchn_upcall_vector op = { .vcpu = cpu_index(), .vector = (u8)vector };

	return (u64)hypercall(__HYPERVISOR_hvm_op, HVMOP_set_evtchn_upcall_vector, &op);
}

static u64 event_receive(u64 count)
{
	return irq_wait(VEC_UPCALL, (u32)count, SOON_MS);
}

/* The handlers leave upcall_pending alone; the tests clear it. */
static void event_interrupts(void)
{
	u32 port = event_bind_ipi(0), other = event_bind_ipi(1);
	u64 got = 0;

	event_set_mask(port, false);
	event_set_mask(other, false);
	event_clear(0, port);
	irq_count(VEC_UPCALL, true);
	irq_reset();
	CHECK_EQ(event_set_upcall(VEC_UPCALL), 0, "upcall vector of vCPU 0");
	event_call(EVTCHNOP_send, port);
	CHECK(irq_wait(VEC_UPCALL, 1, SOON_MS), "an event comes by the vCPU's vector");
	event_call(EVTCHNOP_send, port);
	irq_open(5);
	CHECK_EQ(irq_stats[VEC_UPCALL].count, 1, "not again while upcall_pending is set");
	event_clear(0, port);
	event_call(EVTCHNOP_send, port);
	CHECK(irq_wait(VEC_UPCALL, 2, SOON_MS), "again once it is clear");
	event_clear(0, port);
	CHECK_EQ(smp_call(1, event_set_upcall, VEC_UPCALL), 0, "upcall vector of vCPU 1");
	event_clear(1, other);
	irq_reset();
	smp_run(1, event_receive, 1);
	event_call(EVTCHNOP_send, other);
	CHECK(smp_wait(1, SOON_MS, &got) && got, "an event for vCPU 1 comes there");
	CHECK_EQ(irq_stats[VEC_UPCALL].cpu_count[0], 0, "and not to vCPU 0");
	event_clear(1, other);
	event_call(EVTCHNOP_close, other);
	event_call(EVTCHNOP_close, port);
}

/* The domain's vector, for vCPUs without one of their own: no EOI. */
static void event_callback(void)
{
	u32 port;

	/* vCPU 0 has no vector of its own yet. */
	irq_count(VEC_CALLBACK, false);
	event_set_callback(VEC_CALLBACK);
	port = event_bind_ipi(0);
	event_set_mask(port, false);
	event_clear(0, port);
	irq_reset();
	event_call(EVTCHNOP_send, port);
	CHECK(irq_wait(VEC_CALLBACK, 1, SOON_MS), "an event comes by the domain's vector");
	event_clear(0, port);
	event_call(EVTCHNOP_send, port);
	CHECK(irq_wait(VEC_CALLBACK, 2, SOON_MS), "and the next one, without EOI");
	CHECK(!apic_vector_is_set(APIC_ISR, VEC_CALLBACK), "it is not in the APIC");
	event_clear(0, port);
	event_call(EVTCHNOP_close, port);
	event_set_callback(0);
}

static void event_waits(void)
{
	u32 port = event_bind_ipi(0);
	struct sched_poll poll = { .nr_ports = 1 };
	u64 start = xen_time();

	set_xen_guest_handle(poll.ports, &port);
	event_set_mask(port, true);
	event_clear(0, port);
	poll.timeout = start + 20 * MS;
	CHECK_EQ(hypercall(__HYPERVISOR_sched_op, SCHEDOP_poll, &poll), 0, "poll with a timeout");
	CHECK(xen_time() - start >= 20 * MS - MS, "poll has waited for it");
	event_call(EVTCHNOP_send, port);
	poll.timeout = 0;
	CHECK_EQ(
		hypercall(__HYPERVISOR_sched_op, SCHEDOP_poll, &poll), 0, "poll of a pending port");
	event_clear(0, port);
	event_call(EVTCHNOP_close, port);
}

static u64 event_send_later(u64 port)
{
	xen_delay_us(20000);
	return (u64)event_call(EVTCHNOP_send, (u32)port);
}

static void event_wakes(void)
{
	u32 port = event_bind_ipi(0);
	struct sched_poll poll = { .nr_ports = 1 };
	u64 start = xen_time();

	set_xen_guest_handle(poll.ports, &port);
	event_set_mask(port, true);
	event_clear(0, port);
	smp_run(1, event_send_later, port);
	CHECK_EQ(hypercall(__HYPERVISOR_sched_op, SCHEDOP_poll, &poll), 0,
		"poll is woken by another vCPU, though the port is masked");
	CHECK(xen_time() - start >= 10 * MS, "poll had slept");
	smp_wait(1, SOON_MS, NULL);
	event_clear(0, port);
	event_set_mask(port, false);
	irq_reset();
	start = xen_time();
	smp_run(1, event_send_later, port);
	irq_enable();
	CHECK_EQ(hypercall(__HYPERVISOR_sched_op, SCHEDOP_block, 0), 0,
		"block is woken by another vCPU");
	CHECK(smp_wait_for(&irq_stats[VEC_UPCALL].count, 1, SOON_MS), "and its event comes");
	irq_disable();
	CHECK(xen_time() - start >= 10 * MS, "block had slept");
	smp_wait(1, SOON_MS, NULL);
	event_clear(0, port);
	event_call(EVTCHNOP_close, port);
}

void test_events(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(xen_shared_info()->evtchn_mask); i++) {
		xen_shared_info()->evtchn_mask[i] = ~0UL;
	}
	event_bits();
	event_callback();
	event_interrupts();
	event_waits();
	event_wakes();
}
