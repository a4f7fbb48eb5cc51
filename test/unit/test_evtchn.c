/* SPDX-License-Identifier: GPL-2.0-only */
/* Event channels in the 2-level layout: ports, binding, sending, closing, waiting. */
#include "unit/abi_machine.h"

#include <xen/event_channel.h>

#include "unit/harness.h"

static bool pending(struct domain *d, u32 port)
{
	bool p = false;

	CHECK_EQ(evtchn_port_pending(d, port, &p), 0);
	return p;
}

static u32 status_of(struct domain *d, u32 port)
{
	struct evtchn_status_info info = { .status = 99 };

	CHECK_EQ(evtchn_status(d, port, &info), 0);
	return info.status;
}

static void clear(struct domain *d, u32 port)
{
	evtchn_shared_info(d)->evtchn_pending[port / 64] &= ~(1UL << port % 64);
}

static void clear_upcall(struct vcpu *v)
{
	struct vcpu_info *info = evtchn_vcpu_info(v);

	info->evtchn_upcall_pending = 0;
	info->evtchn_pending_sel = 0;
	v->pending = 0;
}

UNIT_TEST(lowest_free, "ports are handed out from 1 upwards, and a closed one first")
{
	struct domain *d = machine_domain(1, 2, false);
	u32 port = 0;

	for (u32 i = 1; i <= 300; i++) {
		CHECK_EQ(evtchn_bind_ipi(d, i % 2, &port), 0);
		CHECK_EQ(port, i);
	}
	CHECK_EQ(evtchn_close(d, 7), 0);
	CHECK_EQ(evtchn_close(d, 200), 0);
	CHECK_EQ(evtchn_bind_ipi(d, 0, &port), 0);
	CHECK_EQ(port, 7);
	CHECK_EQ(evtchn_bind_ipi(d, 0, &port), 0);
	CHECK_EQ(port, 200);
	CHECK_EQ(evtchn_bind_ipi(d, 0, &port), 0);
	CHECK_EQ(port, 301);
	CHECK_EQ(machine_end(d), 0);
}

UNIT_TEST(limit, "the description's highest port is the last one")
{
	struct domain *d = machine_domain(1, 1, false);
	u32 port = 0;

	for (u32 i = 1; i <= 1023; i++) {
		CHECK_EQ(evtchn_bind_ipi(d, 0, &port), 0);
	}
	CHECK_EQ(port, 1023);
	CHECK_EQ(evtchn_bind_ipi(d, 0, &port), -ENOSPC);
	CHECK_EQ(evtchn_close(d, 512), 0);
	CHECK_EQ(evtchn_bind_ipi(d, 0, &port), 0);
	CHECK_EQ(port, 512);
	CHECK_EQ(machine_end(d), 0);
}

UNIT_TEST(fixed_pair, "a pair of the descriptions carries events, and no guest can close it")
{
	struct domain *a = machine_domain(1, 1, false), *b = machine_domain(2, 1, false);
	u32 port = 0;

	CHECK_EQ(evtchn_bind_fixed(a, 100, b, 7), 0);
	CHECK_EQ(evtchn_bind_fixed(a, 100, b, 8), -EEXIST);
	CHECK_EQ(evtchn_bind_fixed(a, 0, b, 9), -EINVAL);
	CHECK_EQ(evtchn_bind_fixed(a, 9, b, 1U << 20), -EINVAL);
	CHECK_EQ(evtchn_bind_fixed(a, 10, a, 11), -EINVAL);
	CHECK_EQ(status_of(a, 100), EVTCHNSTAT_interdomain);
	CHECK_EQ(evtchn_send(a, 100), 0);
	CHECK(pending(b, 7));
	CHECK(!pending(a, 100));
	CHECK_EQ(evtchn_send(b, 7), 0);
	CHECK(pending(a, 100));
	CHECK_EQ(evtchn_close(a, 100), -EINVAL);
	CHECK_EQ(evtchn_bind_ipi(b, 0, &port), 0);
	CHECK_EQ(evtchn_reset(b, false), 0);
	CHECK_EQ(status_of(b, port), EVTCHNSTAT_closed);
	CHECK_EQ(status_of(b, 7), EVTCHNSTAT_interdomain);
	CHECK_EQ(machine_end(a), 0);
	CHECK_EQ(status_of(b, 7), EVTCHNSTAT_unbound);
	CHECK_EQ(evtchn_send(b, 7), 0);
	CHECK_EQ(machine_end(b), 0);
}

UNIT_TEST(bad_ports, "ports that do not exist or are free are refused with Xen's codes")
{
	struct domain *d = machine_domain(1, 1, false);
	struct evtchn_status_info info;
	bool p;
	u32 port;

	CHECK_EQ(evtchn_close(d, 0), -EINVAL);
	CHECK_EQ(evtchn_close(d, 5), -EINVAL);
	CHECK_EQ(evtchn_close(d, ~0U), -EINVAL);
	CHECK_EQ(evtchn_send(d, 0), -EINVAL);
	CHECK_EQ(evtchn_send(d, 5), -EINVAL);
	CHECK_EQ(evtchn_send(d, 128), -EINVAL);
	CHECK_EQ(evtchn_unmask(d, 5), 0);
	CHECK_EQ(evtchn_unmask(d, 128), -EINVAL);
	CHECK_EQ(evtchn_bind_vcpu(d, 5, 0), -EINVAL);
	CHECK_EQ(evtchn_bind_vcpu(d, 5, 1), -ENOENT);
	CHECK_EQ(evtchn_status(d, 128, &info), -EINVAL);
	CHECK_EQ(status_of(d, 0), EVTCHNSTAT_closed);
	CHECK_EQ(evtchn_port_pending(d, ~0U, &p), -EINVAL);
	CHECK_EQ(evtchn_bind_virq(d, NR_VIRQS, 0, &port), -EINVAL);
	CHECK_EQ(evtchn_bind_virq(d, VIRQ_CONSOLE, 1, &port), -EINVAL);
	CHECK_EQ(evtchn_bind_virq(d, VIRQ_TIMER, 1, &port), -ENOENT);
	CHECK_EQ(evtchn_bind_ipi(d, 1, &port), -ENOENT);
	CHECK_EQ(evtchn_set_priority(d, 1, 3), -ENOSYS);
	CHECK_EQ(evtchn_expand_array(d, 1), -EOPNOTSUPP);
	CHECK_EQ(machine_end(d), 0);
}

UNIT_TEST(ipi, "an IPI sets pending, selector and upcall, and the mask holds it back")
{
	struct domain *d = machine_domain(1, 2, false);
	struct vcpu *v = d->vcpus[1];
	struct vcpu_info *info = evtchn_vcpu_info(v);
	u64 events = host_vcpu_events;
	u32 port;

	CHECK_EQ(evtchn_bind_ipi(d, 1, &port), 0);
	clear_upcall(v);
	evtchn_shared_info(d)->evtchn_mask[0] = 1UL << port;
	CHECK_EQ(evtchn_send(d, port), 0);
	CHECK(pending(d, port));
	CHECK_EQ(info->evtchn_upcall_pending, 0);
	CHECK_EQ(host_vcpu_events, events);
	CHECK_EQ(evtchn_unmask(d, port), 0);
	CHECK_EQ(info->evtchn_upcall_pending, 1);
	CHECK_EQ(info->evtchn_pending_sel, 1);
	CHECK_EQ(host_vcpu_events, events + 1);
	CHECK(host_vcpu_event == v);
	CHECK(evtchn_upcall_pending(v));
	/* Pending already: nobody is told again. */
	CHECK_EQ(evtchn_send(d, port), 0);
	CHECK_EQ(host_vcpu_events, events + 1);
	CHECK_EQ(evtchn_bind_vcpu(d, port, 0), -EINVAL);
	CHECK_EQ(machine_end(d), 0);
}

UNIT_TEST(interdomain, "two domains connect, send both ways, and one side's close frees the other")
{
	struct domain *a = machine_domain(1, 1, false), *b = machine_domain(2, 2, false);
	u32 pa, pb, p;

	CHECK_EQ(evtchn_alloc_unbound(a, 2, &pa), 0);
	CHECK_EQ(status_of(a, pa), EVTCHNSTAT_unbound);
	CHECK_EQ(evtchn_send(a, pa), 0);
	CHECK_EQ(evtchn_bind_interdomain(b, a, 99, &pb), -EINVAL);
	CHECK_EQ(evtchn_bind_interdomain(b, a, ~0U, &pb), -EINVAL);
	CHECK_EQ(evtchn_bind_interdomain(a, a, pa, &p), -EINVAL); /* it waits for domain 2 */
	CHECK_EQ(evtchn_bind_interdomain(b, a, pa, &pb), 0);
	CHECK(pending(b, pb));
	CHECK(!pending(a, pa));
	CHECK_EQ(evtchn_bind_interdomain(b, a, pa, &p), -EINVAL);
	clear(b, pb);
	CHECK_EQ(evtchn_bind_vcpu(b, pb, 1), 0);
	clear_upcall(b->vcpus[1]);
	CHECK_EQ(evtchn_send(a, pa), 0);
	CHECK(pending(b, pb));
	CHECK(evtchn_upcall_pending(b->vcpus[1]));
	CHECK_EQ(evtchn_send(b, pb), 0);
	CHECK(pending(a, pa));
	CHECK_EQ(evtchn_close(b, pb), 0);
	CHECK_EQ(status_of(a, pa), EVTCHNSTAT_unbound);
	CHECK_EQ(evtchn_send(a, pa), 0);
	/* The same end can be connected to again, and b's destruction ends it. */
	CHECK_EQ(evtchn_bind_interdomain(b, a, pa, &pb), 0);
	CHECK_EQ(machine_end(b), 0);
	CHECK_EQ(status_of(a, pa), EVTCHNSTAT_unbound);
	CHECK_EQ(evtchn_send(a, pa), 0);
	CHECK_EQ(machine_end(a), 0);
}

UNIT_TEST(loopback, "a domain connects to itself")
{
	struct domain *d = machine_domain(1, 1, false);
	struct evtchn_status_info info;
	u32 p, q;

	CHECK_EQ(evtchn_alloc_unbound(d, 1, &p), 0);
	CHECK_EQ(evtchn_bind_interdomain(d, d, p, &q), 0);
	CHECK_EQ(evtchn_status(d, p, &info), 0);
	CHECK_EQ(info.status, EVTCHNSTAT_interdomain);
	CHECK_EQ(info.peer_port, q);
	CHECK_EQ(info.peer_dom, 1);
	CHECK_EQ(evtchn_send(d, q), 0);
	CHECK(pending(d, p));
	CHECK_EQ(evtchn_close(d, p), 0);
	CHECK_EQ(status_of(d, q), EVTCHNSTAT_unbound);
	CHECK_EQ(machine_end(d), 0);
}

UNIT_TEST(virqs, "virtual interrupts go to the vCPU, or the hardware domain, that bound them")
{
	struct domain *d = machine_domain(0, 2, true);
	struct evtchn_status_info info;
	u32 timer, console, port;

	evtchn_raise_virq(d->vcpus[1], VIRQ_TIMER);
	evtchn_raise_global_virq(VIRQ_CONSOLE);
	CHECK_EQ(evtchn_bind_virq(d, VIRQ_TIMER, 1, &timer), 0);
	CHECK_EQ(evtchn_bind_virq(d, VIRQ_TIMER, 1, &port), -EEXIST);
	CHECK_EQ(evtchn_bind_virq(d, VIRQ_CONSOLE, 0, &console), 0);
	CHECK_EQ(evtchn_status(d, timer, &info), 0);
	CHECK_EQ(info.virq, VIRQ_TIMER);
	CHECK_EQ(info.vcpu, 1);
	CHECK_EQ(evtchn_send(d, timer), -EINVAL);
	CHECK_EQ(evtchn_bind_vcpu(d, timer, 0), -EINVAL);
	CHECK_EQ(evtchn_bind_vcpu(d, console, 1), 0);
	evtchn_raise_virq(d->vcpus[0], VIRQ_TIMER);
	CHECK(!pending(d, timer));
	evtchn_raise_virq(d->vcpus[1], VIRQ_TIMER);
	CHECK(pending(d, timer));
	clear_upcall(d->vcpus[1]);
	evtchn_raise_global_virq(VIRQ_CONSOLE);
	CHECK(pending(d, console));
	CHECK(evtchn_upcall_pending(d->vcpus[1]));
	CHECK_EQ(evtchn_close(d, console), 0);
	clear(d, console);
	evtchn_raise_global_virq(VIRQ_CONSOLE);
	CHECK_EQ(evtchn_bind_virq(d, VIRQ_CONSOLE, 0, &port), 0);
	CHECK_EQ(port, console);
	CHECK(!pending(d, port));
	CHECK_EQ(machine_end(d), 0);
	evtchn_raise_global_virq(VIRQ_CONSOLE);
}

UNIT_TEST(vcpu_info, "a vCPU's record moves to a page of the guest, once, with all pending")
{
	struct domain *d = machine_domain(1, 2, false);
	struct vcpu *v = d->vcpus[0];
	struct vcpu_info *info = machine_ptr(d, 0x3040);
	u32 port;

	CHECK_EQ(evtchn_register_vcpu_info(v, 3, 0xfc8), -ENXIO);
	CHECK_EQ(evtchn_register_vcpu_info(v, 3, 0x41), -ENXIO);
	CHECK_EQ(evtchn_register_vcpu_info(v, 0x10000, 0), -EINVAL);
	CHECK_EQ(evtchn_register_vcpu_info(v, ~0ULL, 0), -EINVAL);
	CHECK_EQ(evtchn_register_vcpu_info(d->vcpus[1], 3, 0), -EINVAL); /* it is up */
	evtchn_vcpu_info(v)->evtchn_upcall_mask = 1;
	CHECK_EQ(evtchn_register_vcpu_info(v, 3, 0x40), 0);
	CHECK_EQ(info->evtchn_upcall_pending, 1);
	CHECK_EQ(info->evtchn_upcall_mask, 1);
	CHECK_EQ(info->evtchn_pending_sel, ~0UL);
	CHECK_EQ(evtchn_register_vcpu_info(v, 3, 0x80), -EINVAL);
	info->evtchn_upcall_pending = 0;
	info->evtchn_pending_sel = 0;
	CHECK_EQ(evtchn_bind_ipi(d, 0, &port), 0);
	CHECK_EQ(evtchn_send(d, port), 0);
	CHECK_EQ(info->evtchn_upcall_pending, 1);
	CHECK_EQ(info->evtchn_pending_sel, 1);
	vcpu_hold(d->vcpus[1], VCPU_HOLD_DOWN);
	CHECK_EQ(evtchn_register_vcpu_info(d->vcpus[1], 3, 0), 0);
	CHECK_EQ(machine_end(d), 0);
}

UNIT_TEST(many_vcpus, "a vCPU beyond those in shared_info has a private record")
{
	struct domain *d = machine_domain(1, 40, false);
	u32 port;

	CHECK(!evtchn_vcpu_info_visible(d->vcpus[39]));
	CHECK(evtchn_vcpu_info_visible(d->vcpus[31]));
	CHECK_EQ(evtchn_bind_ipi(d, 39, &port), 0);
	CHECK_EQ(evtchn_send(d, port), 0);
	CHECK(evtchn_upcall_pending(d->vcpus[39]));
	CHECK_EQ(machine_end(d), 0);
}

UNIT_TEST(compat, "32-bit guests have shorter bitmaps and 1024 ports")
{
	struct domain *d = machine_domain(1, 1, false);
	u32 *shared = (u32 *)evtchn_shared_info(d), *info = (u32 *)evtchn_vcpu_info(d->vcpus[0]);
	u32 port = 0;

	evtchn_set_compat(d, true);
	for (u32 i = 1; i <= 70; i++) {
		CHECK_EQ(evtchn_bind_ipi(d, 0, &port), 0);
	}
	shared[(2048 + 128) / 4 + 2] = 1U << 5; /* the mask of port 69 */
	CHECK_EQ(evtchn_send(d, 69), 0);
	CHECK_EQ(info[1], 0);
	CHECK_EQ(evtchn_send(d, 70), 0);
	CHECK_EQ(shared[2048 / 4 + 2], 3U << 5);
	CHECK_EQ(info[1], 1U << 2);
	CHECK_EQ(machine_end(d), 0);
}

UNIT_TEST(reset, "a reset closes everything, in pieces, and is not entered twice")
{
	struct domain *d = machine_domain(1, 1, false);
	u32 port = 0;
	int rc;

	for (u32 i = 0; i < 600; i++) {
		CHECK_EQ(evtchn_bind_ipi(d, 0, &port), 0);
	}
	CHECK_EQ(evtchn_reset(d, true), -EBUSY);
	rc = evtchn_reset(d, false);
	CHECK_EQ(rc, -ERESTART);
	CHECK_EQ(evtchn_reset(d, false), -EBUSY);
	for (unsigned int i = 0; rc == -ERESTART && i < 10; i++) {
		rc = evtchn_reset(d, true);
	}
	CHECK_EQ(rc, 0);
	for (u32 i = 1; i <= 600; i++) {
		CHECK_EQ(status_of(d, i), EVTCHNSTAT_closed);
	}
	CHECK_EQ(evtchn_bind_ipi(d, 0, &port), 0);
	CHECK_EQ(port, 1);
	CHECK_EQ(machine_end(d), 0);
}

UNIT_TEST(poll, "whoever waits for a port wakes up for it, for any if it has not said, and in time")
{
	struct domain *d = machine_domain(1, 2, false);
	struct vcpu *v = d->vcpus[0];
	u32 blocked = BIT32(VCPU_HOLD_BLOCKED), p, q;

	CHECK_EQ(evtchn_bind_ipi(d, 1, &p), 0);
	CHECK_EQ(evtchn_bind_ipi(d, 1, &q), 0);
	evtchn_shared_info(d)->evtchn_mask[0] = ~0UL;
	evtchn_poll_begin(v, p, 0);
	CHECK_EQ(v->hold & blocked, blocked);
	CHECK_EQ(evtchn_send(d, q), 0);
	CHECK_EQ(v->hold & blocked, blocked);
	CHECK_EQ(evtchn_send(d, p), 0);
	CHECK_EQ(v->hold & blocked, 0);
	clear(d, p);
	evtchn_poll_begin(v, 0, 0);
	CHECK_EQ(evtchn_send(d, p), 0);
	CHECK_EQ(v->hold & blocked, 0);
	evtchn_poll_begin(v, p, host_now_ns + 1000);
	host_now_ns += 999;
	timer_run(this_pcpu());
	CHECK_EQ(v->hold & blocked, blocked);
	host_now_ns += 1;
	timer_run(this_pcpu());
	CHECK_EQ(v->hold & blocked, 0);
	evtchn_poll_begin(v, p, 0);
	evtchn_poll_end(v);
	vcpu_release(v, VCPU_HOLD_BLOCKED);
	vcpu_hold(v, VCPU_HOLD_BLOCKED);
	clear(d, p);
	CHECK_EQ(evtchn_send(d, p), 0);
	CHECK_EQ(v->hold & blocked, blocked); /* it does not wait for ports any more */
	vcpu_release(v, VCPU_HOLD_BLOCKED);
	CHECK_EQ(machine_end(d), 0);
}

UNIT_TEST(pool, "a domain whose pool is empty gets no more ports, and loses nothing")
{
	struct domain *d = machine_domain(1, 1, false);
	u64 limit = d->pool.limit;
	u32 port = 0;
	int rc = 0;

	d->pool.limit = d->pool.used;
	for (u32 i = 0; rc == 0 && i < 1000; i++) {
		rc = evtchn_bind_ipi(d, 0, &port);
	}
	CHECK_EQ(rc, -ENOMEM);
	CHECK_EQ(port, 127);
	d->pool.limit = limit;
	CHECK_EQ(evtchn_bind_ipi(d, 0, &port), 0);
	CHECK_EQ(port, 128);
	CHECK_EQ(machine_end(d), 0);
}
