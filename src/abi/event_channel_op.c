/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * event_channel_op (xen/event_channel.h): decodes, finds domains, calls comm/evtchn.c. All its
 * structures are the same for 32-bit and 64-bit callers.
 */
#include "abi/hypercall.h"
#include "comm/evtchn.h"
#include "core/domain.h"
#include "lib/errno.h"
#include "lib/xen_public.h"

#include <xen/event_channel.h>

/* A reset that goes on; ours to write into the caller's register. */
#define EVTCHNOP_RESET_CONT 14

static_assert(sizeof(struct evtchn_init_control) == 24, "same for both widths");
static_assert(sizeof(struct evtchn_status) == 24, "same for both widths");

/* The argument of any operation, copied in and, by those that say so, out. */
union evtchn_args {
	struct evtchn_alloc_unbound alloc_unbound;
	struct evtchn_bind_interdomain bind_interdomain;
	struct evtchn_bind_virq bind_virq;
	struct evtchn_bind_pirq bind_pirq;
	struct evtchn_bind_ipi bind_ipi;
	struct evtchn_close close;
	struct evtchn_send send;
	struct evtchn_status status;
	struct evtchn_bind_vcpu bind_vcpu;
	struct evtchn_unmask unmask;
	struct evtchn_reset reset;
	struct evtchn_init_control init_control;
	struct evtchn_expand_array expand_array;
	struct evtchn_set_priority set_priority;
};

typedef int evtchn_op_fn(struct hypercall *call, union evtchn_args *a);

static u16 evtchn_op_domid(struct hypercall *call, u16 domid)
{
	return domid == DOMID_SELF ? call->v->domain->id : domid;
}

static int evtchn_op_alloc_unbound(struct hypercall *call, union evtchn_args *a)
{
	struct domain *d;
	int rc = abi_find_target(call, a->alloc_unbound.dom, &d);

	if (rc == 0) {
		rc = evtchn_alloc_unbound(d, evtchn_op_domid(call, a->alloc_unbound.remote_dom),
			&a->alloc_unbound.port);
		abi_put(call, d);
	}
	return rc;
}

static int evtchn_op_bind_interdomain(struct hypercall *call, union evtchn_args *a)
{
	struct domain *remote;
	int rc = abi_find(call, a->bind_interdomain.remote_dom, &remote);

	if (rc == 0) {
		rc = evtchn_bind_interdomain(call->v->domain, remote,
			a->bind_interdomain.remote_port, &a->bind_interdomain.local_port);
		abi_put(call, remote);
	}
	return rc;
}

static int evtchn_op_bind_virq(struct hypercall *call, union evtchn_args *a)
{
	return evtchn_bind_virq(
		call->v->domain, a->bind_virq.virq, a->bind_virq.vcpu, &a->bind_virq.port);
}

/* Domains with stage-2 tables get their interrupts from a local APIC: there are no PIRQs. */
static int evtchn_op_bind_pirq(struct hypercall *call, union evtchn_args *a)
{
	return -EINVAL;
}

static int evtchn_op_bind_ipi(struct hypercall *call, union evtchn_args *a)
{
	return evtchn_bind_ipi(call->v->domain, a->bind_ipi.vcpu, &a->bind_ipi.port);
}

static int evtchn_op_close(struct hypercall *call, union evtchn_args *a)
{
	return evtchn_close(call->v->domain, a->close.port);
}

static int evtchn_op_send(struct hypercall *call, union evtchn_args *a)
{
	return evtchn_send(call->v->domain, a->send.port);
}

static void evtchn_op_encode_status(
	const struct evtchn_status_info *info, struct evtchn_status *status)
{
	status->status = info->status;
	status->vcpu = info->vcpu;
	switch (info->status) {
	case EVTCHNSTAT_unbound:
		status->u.unbound.dom = info->peer_dom;
		break;
	case EVTCHNSTAT_interdomain:
		status->u.interdomain.dom = info->peer_dom;
		status->u.interdomain.port = info->peer_port;
		break;
	case EVTCHNSTAT_virq:
		status->u.virq = info->virq;
		break;
	default:
		break;
	}
}

static int evtchn_op_status(struct hypercall *call, union evtchn_args *a)
{
	struct evtchn_status_info info;
	struct domain *d;
	int rc = abi_find_target(call, a->status.dom, &d);

	if (rc != 0) {
		return rc;
	}
	rc = evtchn_status(d, a->status.port, &info);
	if (rc == 0) {
		evtchn_op_encode_status(&info, &a->status);
	}
	abi_put(call, d);
	return rc;
}

static int evtchn_op_bind_vcpu(struct hypercall *call, union evtchn_args *a)
{
	return evtchn_bind_vcpu(call->v->domain, a->bind_vcpu.port, a->bind_vcpu.vcpu);
}

static int evtchn_op_unmask(struct hypercall *call, union evtchn_args *a)
{
	return evtchn_unmask(call->v->domain, a->unmask.port);
}

static int evtchn_op_reset_domain(struct hypercall *call, union evtchn_args *a, bool resuming)
{
	struct domain *d;
	int rc = abi_find_target(call, a->reset.dom, &d);

	if (rc != 0) {
		return rc;
	}
	if (d != call->v->domain && atomic_read(&d->pause_count) == 0) {
		rc = -EINVAL; /* its own vCPUs would race with us */
	} else {
		rc = evtchn_reset(d, resuming);
	}
	abi_put(call, d);
	if (rc == -ERESTART) {
		call->args[0] = EVTCHNOP_RESET_CONT;
	}
	return rc;
}

static int evtchn_op_reset(struct hypercall *call, union evtchn_args *a)
{
	return evtchn_op_reset_domain(call, a, false);
}

static int evtchn_op_reset_cont(struct hypercall *call, union evtchn_args *a)
{
	return evtchn_op_reset_domain(call, a, true);
}

static int evtchn_op_init_control(struct hypercall *call, union evtchn_args *a)
{
	return evtchn_init_control(call->v->domain, a->init_control.control_gfn,
		a->init_control.offset, a->init_control.vcpu, &a->init_control.link_bits);
}

static int evtchn_op_expand_array(struct hypercall *call, union evtchn_args *a)
{
	return evtchn_expand_array(call->v->domain, a->expand_array.array_gfn);
}

static int evtchn_op_set_priority(struct hypercall *call, union evtchn_args *a)
{
	return evtchn_set_priority(call->v->domain, a->set_priority.port, a->set_priority.priority);
}

static const struct evtchn_op_entry {
	evtchn_op_fn *fn;
	u8 size;
	bool out; /* the argument goes back to the caller on success */
} evtchn_ops[] = {
#define OP(op, returns) [EVTCHNOP_##op] = { evtchn_op_##op, sizeof(struct evtchn_##op), (returns) }
	OP(bind_interdomain, true),
	OP(bind_virq, true),
	OP(bind_pirq, true),
	OP(close, false),
	OP(send, false),
	OP(status, true),
	OP(alloc_unbound, true),
	OP(bind_ipi, true),
	OP(bind_vcpu, false),
	OP(unmask, false),
	OP(reset, false),
	OP(init_control, true),
	OP(expand_array, false),
	OP(set_priority, false),
#undef OP
	[EVTCHNOP_RESET_CONT] = { evtchn_op_reset_cont, sizeof(struct evtchn_reset), false },
};

s64 abi_event_channel_op(struct hypercall *call)
{
	u32 op = (u32)call->args[0];
	const struct evtchn_op_entry *e;
	union evtchn_args a;
	int rc;

	if (op >= ARRAY_SIZE(evtchn_ops)) {
		return -ENOSYS;
	}
	e = &evtchn_ops[op];
	if (abi_read(call, call->args[1], &a, e->size) != 0) {
		return -EFAULT;
	}
	rc = e->fn(call, &a);
	/* A buffer that has become read-only leaves a port behind that the guest does not know. */
	if (rc == 0 && e->out && abi_write(call, call->args[1], &a, e->size) != 0) {
		return -EFAULT;
	}
	return rc;
}
