/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Why a vCPU runs or does not, and what it has to look at. Both are words that anybody changes
 * without a lock; see core/pcpu.h for how nothing is lost between their writers and the CPU.
 */
#include "core/domain.h"

#include "arch/contract/cpu.h"
#include "core/schedule.h"
#include "lib/bug.h"

/* A vCPU that was held already can still be loaded: then its CPU has to reconsider that. */
void vcpu_hold(struct vcpu *v, enum vcpu_hold why)
{
	u32 old = __atomic_fetch_or(&v->hold, BIT32(why), __ATOMIC_SEQ_CST);

	if (old & BIT32(why)) {
		return;
	}
	if (old == 0) {
		sched_sleep(v);
		return;
	}
	sched_note(v);
	if (!vcpu_stopped(v)) {
		pcpu_set_work(v->cpu, PCPU_WORK_SCHED);
	}
}

void vcpu_release(struct vcpu *v, enum vcpu_hold why)
{
	u32 old = __atomic_fetch_and(&v->hold, ~BIT32(why), __ATOMIC_SEQ_CST);

	if ((old & BIT32(why)) == 0) {
		return;
	}
	if (old == BIT32(why)) {
		sched_wake(v);
	} else {
		sched_note(v);
	}
}

/* Pairs with pcpu_load() and pcpu_unload(). */
bool vcpu_stopped(const struct vcpu *v)
{
	return !__atomic_load_n(&v->running, __ATOMIC_SEQ_CST);
}

/* Between two runs the CPU itself may have v loaded, and nobody but the caller to unload it. */
bool vcpu_try_sync(struct vcpu *v)
{
	struct pcpu *p = this_pcpu();

	ASSERT((READ_ONCE(v->hold) & ~BIT32(VCPU_HOLD_BLOCKED)) != 0);
	if (p && p->current == v && !p->in_run) {
		pcpu_unload(p);
	}
	return vcpu_stopped(v);
}

void vcpu_sync(struct vcpu *v)
{
	if (v == vcpu_current()) {
		return;
	}
	while (!vcpu_try_sync(v)) {
		arch_cpu_relax();
	}
}

/* Pairs with vcpu_block(): write pending, read hold; there, write hold, read pending. A bit that
 * was set before has been announced by whoever set it. */
void vcpu_set_pending(struct vcpu *v, enum vcpu_pending what)
{
	u32 old = __atomic_fetch_or(&v->pending, BIT32(what), __ATOMIC_SEQ_CST);
	u32 waking = BIT32(VCPU_PENDING_EVENT) | BIT32(VCPU_PENDING_RESET);

	if (old & BIT32(what)) {
		return;
	}
	if ((BIT32(what) & waking) != 0 &&
		(__atomic_load_n(&v->hold, __ATOMIC_SEQ_CST) & BIT32(VCPU_HOLD_BLOCKED)) != 0) {
		vcpu_release(v, VCPU_HOLD_BLOCKED);
	}
	vcpu_kick(v);
}

void vcpu_block(struct vcpu *v)
{
	u32 waking = BIT32(VCPU_PENDING_EVENT) | BIT32(VCPU_PENDING_RESET);

	vcpu_hold(v, VCPU_HOLD_BLOCKED);
	if ((__atomic_load_n(&v->pending, __ATOMIC_SEQ_CST) & waking) != 0 ||
		arch_vcpu_has_event(v)) {
		vcpu_release(v, VCPU_HOLD_BLOCKED);
	}
}

/*
 * Pairs with pcpu_enter_guest(). If v moves to another CPU meanwhile, or in_guest was about
 * another vCPU, then v has yet to look at its pending word before it enters.
 */
void vcpu_kick(struct vcpu *v)
{
	struct pcpu *p = __atomic_load_n(&v->cpu, __ATOMIC_SEQ_CST);

	if (p && p != this_pcpu() && __atomic_load_n(&p->in_guest, __ATOMIC_SEQ_CST) &&
		READ_ONCE(p->current) == v) {
		arch_pcpu_kick(p);
	}
}

struct vcpu *vcpu_current(void)
{
	struct pcpu *p = this_pcpu();

	return p && p->in_run ? p->current : NULL;
}
