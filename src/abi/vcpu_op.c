/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vcpu_op (xen/vcpu.h): a domain's own vCPUs come and go, register records, set timers.
 */
#include "abi/hypercall.h"
#include "abi/vtime.h"
#include "arch/contract/abi.h"
#include "comm/evtchn.h"
#include "core/domain.h"
#include "core/time.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "lib/xen_public.h"
#include "sched/sched.h"

#include <xen/hvm/hvm_vcpu.h>
#include <xen/vcpu.h>

/* Newer than our headers. */
#define VCPUOP_REGISTER_RUNSTATE_PHYS_AREA 14
#define VCPUOP_REGISTER_VCPU_TIME_PHYS_AREA 15

#define PERIOD_MIN_NS NS_PER_MS
#define PERIOD_MAX_NS (30 * 24 * 3600ULL * NS_PER_S)

static_assert(offsetof(struct vcpu_set_singleshot_timer, timeout_abs_ns) == 0, "both widths");
static_assert(sizeof(struct vcpu_register_vcpu_info) == 16, "both widths");

/* v is the vCPU that the call names, of the caller's domain; arg the address of the argument. */
typedef s64 vcpu_op_fn(struct hypercall *call, struct vcpu *v, u64 arg);

/* --- up and down --- */

static bool vcpu_op_is_down(const struct vcpu *v)
{
	return (READ_ONCE(v->hold) & BIT32(VCPU_HOLD_DOWN)) != 0;
}

static s64 vcpu_op_initialise(struct hypercall *call, struct vcpu *v, u64 arg)
{
	struct vcpu_hvm_context state;
	int rc;

	if (!evtchn_vcpu_info_visible(v)) {
		return -EINVAL;
	}
	if (abi_read(call, arg, &state, sizeof(state)) != 0) {
		return -EFAULT;
	}
	spin_lock(&v->domain->lock);
	rc = arch_vcpu_initialised(v) ? -EEXIST : arch_vcpu_initialise(v, &state);
	spin_unlock(&v->domain->lock);
	return rc;
}

static s64 vcpu_op_up(struct hypercall *call, struct vcpu *v, u64 arg)
{
	if (!arch_vcpu_initialised(v)) {
		return -EINVAL;
	}
	arch_vcpu_up(v);
	vcpu_release(v, VCPU_HOLD_DOWN);
	return 0;
}

static bool vcpu_op_others_up(const struct vcpu *v)
{
	struct vcpu *other;

	for_each_vcpu(v->domain, other) {
		if (other != v && !vcpu_op_is_down(other)) {
			return true;
		}
	}
	return false;
}

static s64 vcpu_op_down(struct hypercall *call, struct vcpu *v, u64 arg)
{
	struct domain *d = v->domain;
	bool last;

	/* Two that go down at once must not both find the other up. */
	spin_lock(&d->lock);
	last = !vcpu_op_others_up(v);
	if (!last) {
		vcpu_hold(v, VCPU_HOLD_DOWN);
	}
	spin_unlock(&d->lock);
	call->block = v == call->v || last;
	if (last) {
		domain_shutdown(d, SHUT_POWEROFF);
	}
	return 0;
}

static s64 vcpu_op_is_up(struct hypercall *call, struct vcpu *v, u64 arg)
{
	return !vcpu_op_is_down(v);
}

/* --- records --- */

static s64 vcpu_op_get_runstate(struct hypercall *call, struct vcpu *v, u64 arg)
{
	struct sched_times spent;
	u64 times[5];
	u32 state;
	size_t at = call->compat ? sizeof(u32) : sizeof(u64);

	sched_get_times(v, &spent);
	times[0] = spent.since_ns;
	state = spent.state;
	memcpy(&times[1], spent.ns, sizeof(spent.ns));
	return abi_write(call, arg, &state, sizeof(state))
		       ?: abi_write(call, arg + at, times, sizeof(times));
}

static s64 vcpu_op_register_vcpu_info(struct hypercall *call, struct vcpu *v, u64 arg)
{
	struct vcpu_register_vcpu_info a;
	int rc;

	if (abi_read(call, arg, &a, sizeof(a)) != 0) {
		return -EFAULT;
	}
	rc = evtchn_register_vcpu_info(v, a.mfn, a.offset);
	if (rc == 0) {
		vcpu_set_pending(v, VCPU_PENDING_TIME);
	}
	return rc;
}

static s64 vcpu_op_register_linear(
	struct hypercall *call, struct vcpu *v, u64 arg, enum vtime_record what)
{
	u64 linear;

	if (abi_read_word(call, arg, &linear) != 0) {
		return -EFAULT;
	}
	vtime_register_linear(v, what, linear, call->compat);
	if (v == call->v) {
		vtime_update(v);
	}
	return 0;
}

static s64 vcpu_op_register_phys(
	struct hypercall *call, struct vcpu *v, u64 arg, enum vtime_record what)
{
	u64 gpa;

	if (abi_read(call, arg, &gpa, sizeof(gpa)) != 0) {
		return -EFAULT;
	}
	return vtime_register_phys(v, what, gpa, call->compat);
}

static s64 vcpu_op_runstate_linear(struct hypercall *call, struct vcpu *v, u64 arg)
{
	return vcpu_op_register_linear(call, v, arg, VTIME_RUNSTATE);
}

static s64 vcpu_op_time_linear(struct hypercall *call, struct vcpu *v, u64 arg)
{
	return vcpu_op_register_linear(call, v, arg, VTIME_TIME_INFO);
}

static s64 vcpu_op_runstate_phys(struct hypercall *call, struct vcpu *v, u64 arg)
{
	return vcpu_op_register_phys(call, v, arg, VTIME_RUNSTATE);
}

static s64 vcpu_op_time_phys(struct hypercall *call, struct vcpu *v, u64 arg)
{
	return vcpu_op_register_phys(call, v, arg, VTIME_TIME_INFO);
}

/* --- timers --- */

static s64 vcpu_op_set_periodic(struct hypercall *call, struct vcpu *v, u64 arg)
{
	struct vcpu_set_periodic_timer a;

	if (abi_read(call, arg, &a, sizeof(a)) != 0) {
		return -EFAULT;
	}
	if (a.period_ns < PERIOD_MIN_NS || a.period_ns > PERIOD_MAX_NS) {
		return -EINVAL;
	}
	vtime_set_periodic(v, a.period_ns);
	return 0;
}

static s64 vcpu_op_stop_periodic(struct hypercall *call, struct vcpu *v, u64 arg)
{
	vtime_set_periodic(v, 0);
	return 0;
}

static s64 vcpu_op_set_singleshot(struct hypercall *call, struct vcpu *v, u64 arg)
{
	u64 deadline_ns;

	if (v != call->v) {
		return -EINVAL;
	}
	/* The flags behind it do not matter: a deadline that has passed fires at once in
	 * any case. */
	if (abi_read(call, arg, &deadline_ns, sizeof(deadline_ns)) != 0) {
		return -EFAULT;
	}
	vtime_set_singleshot(v, deadline_ns);
	return 0;
}

static s64 vcpu_op_stop_singleshot(struct hypercall *call, struct vcpu *v, u64 arg)
{
	if (v != call->v) {
		return -EINVAL;
	}
	vtime_stop_singleshot(v);
	return 0;
}

/* --- the rest --- */

static s64 vcpu_op_send_nmi(struct hypercall *call, struct vcpu *v, u64 arg)
{
	if (arg != 0) {
		return -EINVAL;
	}
	arch_vcpu_send_nmi(v);
	return 0;
}

/* Only where a vCPU stays on one CPU for ever does it have a physical identity. */
static s64 vcpu_op_get_physid(struct hypercall *call, struct vcpu *v, u64 arg)
{
	return -EINVAL;
}

static vcpu_op_fn *const vcpu_ops[] = {
	[VCPUOP_initialise] = vcpu_op_initialise,
	[VCPUOP_up] = vcpu_op_up,
	[VCPUOP_down] = vcpu_op_down,
	[VCPUOP_is_up] = vcpu_op_is_up,
	[VCPUOP_get_runstate_info] = vcpu_op_get_runstate,
	[VCPUOP_register_runstate_memory_area] = vcpu_op_runstate_linear,
	[VCPUOP_set_periodic_timer] = vcpu_op_set_periodic,
	[VCPUOP_stop_periodic_timer] = vcpu_op_stop_periodic,
	[VCPUOP_set_singleshot_timer] = vcpu_op_set_singleshot,
	[VCPUOP_stop_singleshot_timer] = vcpu_op_stop_singleshot,
	[VCPUOP_register_vcpu_info] = vcpu_op_register_vcpu_info,
	[VCPUOP_send_nmi] = vcpu_op_send_nmi,
	[VCPUOP_get_physid] = vcpu_op_get_physid,
	[VCPUOP_register_vcpu_time_memory_area] = vcpu_op_time_linear,
	[VCPUOP_REGISTER_RUNSTATE_PHYS_AREA] = vcpu_op_runstate_phys,
	[VCPUOP_REGISTER_VCPU_TIME_PHYS_AREA] = vcpu_op_time_phys,
};

/* On Arm vCPUs start by PSCI and have timers of their own. */
#define VCPU_OPS_ARM                                                                      \
	(BIT32(VCPUOP_register_runstate_memory_area) | BIT32(VCPUOP_register_vcpu_info) | \
		BIT32(VCPUOP_REGISTER_RUNSTATE_PHYS_AREA) |                               \
		BIT32(VCPUOP_REGISTER_VCPU_TIME_PHYS_AREA))

static bool vcpu_op_exists(u32 op)
{
	return arch_abi_family == ABI_X86 ||
	       (op < ARRAY_SIZE(vcpu_ops) && (VCPU_OPS_ARM & BIT32(op)));
}

s64 abi_vcpu_op(struct hypercall *call)
{
	u32 op = (u32)call->args[0];
	struct vcpu *v = domain_vcpu(call->v->domain, (u32)call->args[1]);

	if (!vcpu_op_exists(op)) {
		return -EINVAL;
	}
	if (!v) {
		return -ENOENT;
	}
	return op < ARRAY_SIZE(vcpu_ops) ? vcpu_ops[op](call, v, call->args[2]) : -ENOSYS;
}

/* set_timer_op: the same one-shot timer by another call; 32-bit callers give two halves. */
s64 abi_set_timer_op(struct hypercall *call)
{
	u64 deadline_ns = call->args[0];
	u64 now = arch_now_ns();

	if (call->compat) {
		deadline_ns = (u32)call->args[0] | call->args[1] << 32;
	}
	if (deadline_ns == 0) {
		vtime_stop_singleshot(call->v);
		return 0;
	}
	/* A deadline that has wrapped, or lies weeks ahead, comes from guests that mean "soon" as
	 * well as from those that mean "never": a tenth of a second suits both. */
	if ((s64)deadline_ns < 0 || (deadline_ns > now && (deadline_ns - now) >> 50 != 0)) {
		deadline_ns = now + 100 * NS_PER_MS;
	}
	vtime_set_singleshot(call->v, deadline_ns);
	return 0;
}
