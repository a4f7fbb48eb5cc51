/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Waiting for ports (sched_op poll): who waits, and who wakes it. The vCPU's own side and a sender
 * meet by writing first and looking second, all sequentially consistent:
 *
 *   the vCPU                              a sender
 *   pollers |= itself; hold BLOCKED       pending bit of the port = 1
 *   pending bit of the port set?          any pollers?
 */
#include "comm/evtchn_internal.h"
#include "core/pcpu.h"
#include "lib/errno.h"

static void evtchn_poll_timeout(void *arg)
{
	struct vcpu *v = arg;

	evtchn_poll_end(v);
	vcpu_release(v, VCPU_HOLD_BLOCKED);
}

void evtchn_poll_begin(struct vcpu *v, u32 port, u64 deadline_ns)
{
	struct evtchn_domain *ed = v->domain->evtchn;

	WRITE_ONCE(v->evtchn->poll_port, port);
	bitmap_set_atomic(ed->pollers, v->id);
	vcpu_hold(v, VCPU_HOLD_BLOCKED);
	if (deadline_ns != 0) {
		if (v->evtchn->poll_timer.cpu != this_pcpu()) {
			timer_migrate(&v->evtchn->poll_timer, this_pcpu());
		}
		timer_set(&v->evtchn->poll_timer, deadline_ns);
	}
	smp_mb();
}

void evtchn_poll_end(struct vcpu *v)
{
	struct evtchn_domain *ed = v->domain->evtchn;

	if (ed && v->evtchn && bitmap_test(ed->pollers, v->id) &&
		bitmap_test_and_clear_atomic(ed->pollers, v->id)) {
		timer_stop(&v->evtchn->poll_timer);
	}
}

static void evtchn_poll_wake_vcpu(struct evtchn_domain *ed, struct vcpu *v, u32 port)
{
	u32 wanted = READ_ONCE(v->evtchn->poll_port);

	if ((wanted == 0 || wanted == port) && bitmap_test_and_clear_atomic(ed->pollers, v->id)) {
		timer_stop(&v->evtchn->poll_timer);
		vcpu_release(v, VCPU_HOLD_BLOCKED);
	}
}

void evtchn_poll_wake(struct evtchn_domain *ed, u32 port)
{
	size_t id;

	smp_mb(); /* pairs with the one in evtchn_poll_begin() */
	bitmap_for_each(id, ed->pollers, MAX_VCPUS) {
		evtchn_poll_wake_vcpu(ed, ed->domain->vcpus[id], port);
	}
}

int evtchn_port_pending(struct domain *d, u32 port, bool *pending)
{
	struct evtchn_domain *ed = d->evtchn;
	struct evtchn *c = evtchn_of(ed, port);

	if (!c) {
		return -EINVAL;
	}
	spin_lock(&c->lock);
	*pending = c->state > EVTCHN_RESERVED && READ_ONCE(ed->abi)->is_pending(ed, c);
	spin_unlock(&c->lock);
	return 0;
}

void evtchn_poll_vcpu_create(struct vcpu *v)
{
	timer_init(&v->evtchn->poll_timer, this_pcpu(), evtchn_poll_timeout, v);
}

void evtchn_poll_vcpu_destroy(struct vcpu *v)
{
	evtchn_poll_end(v);
	timer_sync(&v->evtchn->poll_timer);
}
