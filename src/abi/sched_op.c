/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sched_op (xen/sched.h): a vCPU gives up its CPU, a domain ends. It decides nothing about who
 * runs.
 */
#include "abi/domain.h"
#include "abi/hypercall.h"
#include "arch/contract/cpu.h"
#include "comm/evtchn.h"
#include "core/domain.h"
#include "core/log.h"
#include "core/pcpu.h"
#include "core/time.h"
#include "lib/errno.h"
#include "lib/xen_public.h"
#include "sched/sched.h"

#include <xen/sched.h>

#define POLL_PORTS_MAX 128

/* --- waiting --- */

static s64 sched_op_yield(struct hypercall *call)
{
	sched_vcpu_yield(call->v);
	call->block = true;
	return 0;
}

static s64 sched_op_block(struct hypercall *call)
{
	evtchn_upcall_unmask(call->v);
	vcpu_block(call->v);
	call->block = true;
	return 0;
}

struct sched_op_poll_args {
	u64 ports; /* address of u32[port_count] */
	u32 port_count;
	u64 timeout_ns; /* system time, 0: none */
};

static int sched_op_decode_poll(struct hypercall *call, struct sched_op_poll_args *a)
{
	struct sched_poll wide;
	struct {
		u32 ports, nr_ports;
		u64 timeout;
	} __packed narrow;
	static_assert(sizeof(narrow) == 16 && sizeof(wide) == 24, "struct sched_poll");
	int rc;

	if (call->compat) {
		rc = abi_read(call, call->args[1], &narrow, sizeof(narrow));
		*a = (struct sched_op_poll_args){ narrow.ports, narrow.nr_ports, narrow.timeout };
	} else {
		rc = abi_read(call, call->args[1], &wide, sizeof(wide));
		*a = (struct sched_op_poll_args){ handle_addr(wide.ports), wide.nr_ports,
			wide.timeout };
	}
	return rc;
}

/* Is there anything to wait for? 1: no, something has happened already. */
static int sched_op_poll_look(struct hypercall *call, const u32 *ports, u32 count)
{
	struct vcpu *v = call->v;
	u32 waking = BIT32(VCPU_PENDING_EVENT) | BIT32(VCPU_PENDING_RESET);

	if ((__atomic_load_n(&v->pending, __ATOMIC_SEQ_CST) & waking) != 0 ||
		arch_vcpu_has_event(v)) {
		return 1;
	}
	for (u32 i = 0; i < count; i++) {
		bool pending = false;
		int rc = evtchn_port_pending(v->domain, ports[i], &pending);

		if (rc != 0 || pending) {
			return rc ?: 1;
		}
	}
	return 0;
}

static s64 sched_op_poll(struct hypercall *call)
{
	struct sched_op_poll_args a;
	u32 ports[POLL_PORTS_MAX];
	int rc;

	if (sched_op_decode_poll(call, &a) != 0) {
		return -EFAULT;
	}
	if (a.port_count > POLL_PORTS_MAX) {
		return -EINVAL;
	}
	if (abi_read(call, a.ports, ports, a.port_count * sizeof(ports[0])) != 0) {
		return -EFAULT;
	}
	evtchn_poll_begin(call->v, a.port_count == 1 ? ports[0] : 0, a.timeout_ns);
	rc = sched_op_poll_look(call, ports, a.port_count);
	if (rc != 0) {
		evtchn_poll_end(call->v);
		vcpu_release(call->v, VCPU_HOLD_BLOCKED);
		return rc < 0 ? rc : 0;
	}
	call->block = true;
	return 0;
}

/* --- the end --- */

/* Tools treat a reason that they do not know as a crash; so does the machine. */
static enum shutdown_reason sched_op_reason(u32 reason)
{
	return (u8)reason <= SHUT_SOFT_RESET ? (enum shutdown_reason)(u8)reason : SHUT_CRASH;
}

static s64 sched_op_shutdown(struct hypercall *call)
{
	struct sched_shutdown a;

	if (abi_read(call, call->args[1], &a, sizeof(a)) != 0) {
		return -EFAULT;
	}
	if (call->v->domain->abi->shutdown_code >= 0) {
		a.reason = (unsigned int)call->v->domain->abi->shutdown_code;
	}
	call->block = true;
	domain_shutdown(call->v->domain, sched_op_reason(a.reason));
	return 0;
}

/* Says beforehand what the reason will be, once. */
static s64 sched_op_shutdown_code(struct hypercall *call)
{
	struct abi_domain *ad = call->v->domain->abi;
	struct sched_shutdown a;

	if (abi_read(call, call->args[1], &a, sizeof(a)) != 0) {
		return -EFAULT;
	}
	spin_lock(&ad->lock);
	if (ad->shutdown_code < 0) {
		ad->shutdown_code = (u8)a.reason;
	}
	spin_unlock(&ad->lock);
	return 0;
}

static s64 sched_op_remote_shutdown(struct hypercall *call)
{
	struct sched_remote_shutdown a;
	struct domain *d;

	if (abi_read(call, call->args[1], &a, sizeof(a)) != 0) {
		return -EFAULT;
	}
	d = domain_get(a.domain_id);
	if (!d) {
		return -ESRCH;
	}
	if (!call->v->domain->privileged || d == call->v->domain) {
		domain_put(d);
		return -EPERM;
	}
	domain_shutdown(d, sched_op_reason(a.reason));
	domain_put(d);
	return 0;
}

/* --- watchdogs --- */

static void sched_op_watchdog_fires(void *arg)
{
	struct domain *d = arg;

	if (!d->dying && !d->shut_down) {
		log_guest("d%u: watchdog has run out", d->id);
		domain_shutdown(d, SHUT_WATCHDOG);
	}
}

void abi_watchdogs_init(struct domain *d)
{
	for (unsigned int i = 0; i < ABI_WATCHDOGS; i++) {
		timer_init(&d->abi->watchdogs[i].timer, this_pcpu(), sched_op_watchdog_fires, d);
	}
}

void abi_watchdogs_stop(struct domain *d)
{
	for (unsigned int i = 0; i < ABI_WATCHDOGS; i++) {
		timer_sync(&d->abi->watchdogs[i].timer);
	}
}

static void sched_op_watchdog_set(struct abi_watchdog *w, u32 seconds)
{
	w->armed = true;
	timer_set(&w->timer, arch_now_ns() + seconds * NS_PER_S);
}

/* id 0: a new one. The id of it, 0, or -errno. */
static int sched_op_watchdog_change(struct abi_domain *ad, u32 id, u32 seconds)
{
	if (id == 0) {
		for (u32 i = 0; i < ABI_WATCHDOGS; i++) {
			if (!ad->watchdogs[i].armed) {
				sched_op_watchdog_set(&ad->watchdogs[i], seconds);
				return (int)i + 1;
			}
		}
		return -ENOSPC;
	}
	if (!ad->watchdogs[id - 1].armed) {
		return -EINVAL;
	}
	if (seconds == 0) {
		ad->watchdogs[id - 1].armed = false;
		timer_stop(&ad->watchdogs[id - 1].timer);
	} else {
		sched_op_watchdog_set(&ad->watchdogs[id - 1], seconds);
	}
	return 0;
}

static s64 sched_op_watchdog(struct hypercall *call)
{
	struct abi_domain *ad = call->v->domain->abi;
	struct sched_watchdog a;
	int rc;

	if (abi_read(call, call->args[1], &a, sizeof(a)) != 0) {
		return -EFAULT;
	}
	if (a.id > ABI_WATCHDOGS) {
		return -EINVAL;
	}
	spin_lock(&ad->lock);
	rc = sched_op_watchdog_change(ad, a.id, a.timeout);
	spin_unlock(&ad->lock);
	return rc;
}

/* A vCPU moves where its scheduler puts it. */
static s64 sched_op_pin_override(struct hypercall *call)
{
	struct sched_pin_override a;

	if (!call->v->domain->hardware) {
		return -EPERM;
	}
	if (abi_read(call, call->args[1], &a, sizeof(a)) != 0) {
		return -EFAULT;
	}
	return a.pcpu >= (int)pcpu_count ? -EINVAL : -EBUSY;
}

static hypercall_fn *const sched_ops[] = {
	[SCHEDOP_yield] = sched_op_yield,
	[SCHEDOP_block] = sched_op_block,
	[SCHEDOP_shutdown] = sched_op_shutdown,
	[SCHEDOP_poll] = sched_op_poll,
	[SCHEDOP_remote_shutdown] = sched_op_remote_shutdown,
	[SCHEDOP_shutdown_code] = sched_op_shutdown_code,
	[SCHEDOP_watchdog] = sched_op_watchdog,
	[SCHEDOP_pin_override] = sched_op_pin_override,
};

s64 abi_sched_op(struct hypercall *call)
{
	u32 op = (u32)call->args[0];

	return op < ARRAY_SIZE(sched_ops) ? sched_ops[op](call) : -ENOSYS;
}
