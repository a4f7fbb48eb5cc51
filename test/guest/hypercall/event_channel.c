/* SPDX-License-Identifier: GPL-2.0-only */
/* event_channel_op, arguments only; delivery is in the guest "interrupts-timers". */
#include "tests.h"

#include <xen/event_channel.h>

#define CALL __HYPERVISOR_event_channel_op

static u32 event_status(u32 port, struct evtchn_status *s)
{
	*s = (struct evtchn_status){ .dom = DOMID_SELF, .port = port };
	return hypercall(CALL, EVTCHNOP_status, s) == 0 ? s->status : ~0U;
}

static void event_virq(void)
{
	struct evtchn_bind_virq bind = { .virq = VIRQ_TIMER, .vcpu = 0 };
	struct evtchn_close close;
	struct evtchn_status s;
	u32 port;

	WANT(0, "bind_virq", CALL, EVTCHNOP_bind_virq, &bind);
	port = bind.port;
	CHECK_EQ(event_status(port, &s), EVTCHNSTAT_virq, "status of a VIRQ");
	CHECK_EQ(s.u.virq, VIRQ_TIMER, "status names the VIRQ");
	WANT(-EEXIST, "bind_virq twice", CALL, EVTCHNOP_bind_virq, &bind);
	bind.vcpu = MANY;
	WANT(-ENOENT, "bind_virq, no such vCPU", CALL, EVTCHNOP_bind_virq, &bind);
	bind.vcpu = 0;
	bind.virq = NR_VIRQS;
	WANT(-EINVAL, "bind_virq, no such VIRQ", CALL, EVTCHNOP_bind_virq, &bind);
	bind.virq = ~0U;
	WANT(-EINVAL, "bind_virq, VIRQ ~0", CALL, EVTCHNOP_bind_virq, &bind);
	bind.virq = VIRQ_DOM_EXC;
	bind.vcpu = 1;
	WANT(-EINVAL, "bind_virq, a global VIRQ on vCPU 1", CALL, EVTCHNOP_bind_virq, &bind);
	close.port = port;
	WANT(0, "close a VIRQ", CALL, EVTCHNOP_close, &close);
	CHECK_EQ(event_status(port, &s), EVTCHNSTAT_closed, "status once closed");
	WANT(-EINVAL, "close twice", CALL, EVTCHNOP_close, &close);
}

static void event_ipi(void)
{
	struct evtchn_bind_ipi bind = { .vcpu = 0 };
	struct evtchn_bind_vcpu move;
	struct evtchn_set_priority priority;
	struct evtchn_close close;
	struct evtchn_send send;
	struct evtchn_unmask unmask;
	struct evtchn_status s;

	WANT(0, "bind_ipi", CALL, EVTCHNOP_bind_ipi, &bind);
	CHECK(bind.port > 0 && bind.port < 4096, "bind_ipi gives a 2-level port");
	CHECK_EQ(event_status(bind.port, &s), EVTCHNSTAT_ipi, "status of an IPI");
	send.port = bind.port;
	WANT(0, "send to an IPI", CALL, EVTCHNOP_send, &send);
	unmask.port = bind.port;
	WANT(0, "unmask", CALL, EVTCHNOP_unmask, &unmask);
	move = (struct evtchn_bind_vcpu){ .port = bind.port, .vcpu = 0 };
	WANT(-EINVAL, "bind_vcpu of an IPI", CALL, EVTCHNOP_bind_vcpu, &move);
	priority = (struct evtchn_set_priority){ .port = bind.port, .priority = 16 };
	WANT(-ENOSYS, "set_priority 16 before FIFO", CALL, EVTCHNOP_set_priority, &priority);
	priority.priority = 3;
	WANT(-ENOSYS, "set_priority before FIFO", CALL, EVTCHNOP_set_priority, &priority);
	close.port = bind.port;
	WANT(0, "close an IPI", CALL, EVTCHNOP_close, &close);
	bind.vcpu = MANY;
	WANT(-ENOENT, "bind_ipi, no such vCPU", CALL, EVTCHNOP_bind_ipi, &bind);
}

static void event_unbound(void)
{
	struct evtchn_alloc_unbound a = { .dom = DOMID_SELF, .remote_dom = DOMID_SELF };
	struct evtchn_bind_interdomain b;
	struct evtchn_bind_vcpu move;
	struct evtchn_send send;
	struct evtchn_status s;

	WANT(0, "alloc_unbound", CALL, EVTCHNOP_alloc_unbound, &a);
	CHECK_EQ(event_status(a.port, &s), EVTCHNSTAT_unbound, "status of an unbound port");
	CHECK_EQ(s.u.unbound.dom, 0, "status names the remote domain");
	send.port = a.port;
	WANT(0, "send to an unbound port", CALL, EVTCHNOP_send, &send);
	b = (struct evtchn_bind_interdomain){ .remote_dom = DOMID_SELF, .remote_port = a.port };
	WANT(0, "bind_interdomain with itself", CALL, EVTCHNOP_bind_interdomain, &b);
	CHECK_EQ(event_status(b.local_port, &s), EVTCHNSTAT_interdomain, "status once bound");
	CHECK_EQ(s.u.interdomain.port, a.port, "status names the other port");
	move = (struct evtchn_bind_vcpu){ .port = b.local_port, .vcpu = 1 };
	WANT(0, "bind_vcpu", CALL, EVTCHNOP_bind_vcpu, &move);
	CHECK_EQ(event_status(b.local_port, &s), EVTCHNSTAT_interdomain, "status once moved");
	CHECK_EQ(s.vcpu, 1, "status names the vCPU");
	move.vcpu = MANY;
	WANT(-ENOENT, "bind_vcpu, no such vCPU", CALL, EVTCHNOP_bind_vcpu, &move);
	WANT(-EINVAL, "bind_interdomain, port taken", CALL, EVTCHNOP_bind_interdomain, &b);
	WANT(0, "close one side", CALL, EVTCHNOP_close,
		(&(struct evtchn_close){ .port = b.local_port }));
	CHECK_EQ(event_status(a.port, &s), EVTCHNSTAT_unbound, "status of the other side");
	WANT(0, "close the other side", CALL, EVTCHNOP_close,
		(&(struct evtchn_close){ .port = a.port }));
	a.remote_dom = NO_DOMAIN;
	WANT(0, "alloc_unbound for a domain to come", CALL, EVTCHNOP_alloc_unbound, &a);
	WANT(0, "close it", CALL, EVTCHNOP_close, (&(struct evtchn_close){ .port = a.port }));
	a = (struct evtchn_alloc_unbound){ .dom = NO_DOMAIN, .remote_dom = DOMID_SELF };
	WANT(-ESRCH, "alloc_unbound in no domain", CALL, EVTCHNOP_alloc_unbound, &a);
	b = (struct evtchn_bind_interdomain){ .remote_dom = NO_DOMAIN, .remote_port = 1 };
	WANT(-ESRCH, "bind_interdomain, no domain", CALL, EVTCHNOP_bind_interdomain, &b);
	b = (struct evtchn_bind_interdomain){ .remote_dom = DOMID_SELF, .remote_port = MANY };
	WANT(-EINVAL, "bind_interdomain, bad port", CALL, EVTCHNOP_bind_interdomain, &b);
}

/* Each sub-operation on a port that cannot be. */
static void event_bad_ports(void)
{
	static const struct {
		u32 op;
		int want;
		const char *name;
		bool port_second; /* behind a domain number */
	} ops[] = {
		{ EVTCHNOP_close, -EINVAL, "close" },
		{ EVTCHNOP_send, -EINVAL, "send" },
		{ EVTCHNOP_status, -EINVAL, "status", true },
		{ EVTCHNOP_bind_vcpu, -EINVAL, "bind_vcpu" },
		{ EVTCHNOP_unmask, -EINVAL, "unmask" },
		{ EVTCHNOP_set_priority, -EINVAL, "set_priority" },
	};
	static const u32 ports[] = { 4096, 0x20000, 0x7fffffff, ~0U };

	for (size_t i = 0; i < ARRAY_SIZE(ops); i++) {
		for (size_t j = 0; j < ARRAY_SIZE(ports); j++) {
			u32 args[8] = { ports[j] };

			if (ops[i].port_second) {
				args[0] = DOMID_SELF;
				args[1] = ports[j];
			}
			CHECK_EQ(hypercall(CALL, ops[i].op, args), ops[i].want, "%s, port %#x",
				ops[i].name, ports[j]);
		}
	}
	WANT(-EINVAL, "close port 0", CALL, EVTCHNOP_close, (&(struct evtchn_close){ 0 }));
	WANT(-ESRCH, "status in no domain", CALL, EVTCHNOP_status,
		(&(struct evtchn_status){ .dom = NO_DOMAIN, .port = 1 }));
}

static void event_bad_pointers(void)
{
	for (u32 op = EVTCHNOP_bind_interdomain; op <= EVTCHNOP_set_priority; op++) {
		CHECK_EQ(hypercall(CALL, op, UNMAPPED), -EFAULT, "event_channel_op %u, unmapped",
			op);
	}
	WANT(-ENOSYS, "event_channel_op 15", CALL, 15, 0);
	WANT(-ENOSYS, "event_channel_op ~0", CALL, ~0U, 0);
}

static void event_fifo(void)
{
	struct evtchn_expand_array expand = { .array_gfn = 0 };
	struct evtchn_init_control init = { .control_gfn = 0x300, .offset = 0, .vcpu = MANY };

	WANT(-EOPNOTSUPP, "expand_array before FIFO", CALL, EVTCHNOP_expand_array, &expand);
	WANT(-ENOENT, "init_control, no such vCPU", CALL, EVTCHNOP_init_control, &init);
	init.vcpu = 0;
	init.offset = 4;
	WANT(-EINVAL, "init_control, offset 4", CALL, EVTCHNOP_init_control, &init);
	init.offset = PAGE_SIZE;
	WANT(-EINVAL, "init_control, offset 4096", CALL, EVTCHNOP_init_control, &init);
	init.offset = PAGE_SIZE - 64;
	WANT(-EINVAL, "init_control, block crosses the page", CALL, EVTCHNOP_init_control, &init);
	init.offset = 0;
	init.control_gfn = 0xfffff;
	WANT(-EINVAL, "init_control, frame is not RAM", CALL, EVTCHNOP_init_control, &init);
	init.control_gfn = ~0ULL;
	WANT(-EINVAL, "init_control, frame ~0", CALL, EVTCHNOP_init_control, &init);
}

void test_event_channel(void)
{
	event_virq();
	event_ipi();
	event_unbound();
	event_bad_ports();
	event_bad_pointers();
	event_fifo();
	WANT(-EINVAL, "bind_pirq, no such PIRQ", CALL, EVTCHNOP_bind_pirq,
		(&(struct evtchn_bind_pirq){ .pirq = ~0U }));
	WANT(-ESRCH, "reset of no domain", CALL, EVTCHNOP_reset,
		(&(struct evtchn_reset){ .dom = NO_DOMAIN }));
	WANT(-ENOSYS, "event_channel_op_compat", __HYPERVISOR_event_channel_op_compat, 0);
}
