/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The local APIC's timer: it counts nanoseconds (1 GHz before the divider), once, again and again,
 * or up to a value of the TSC. The callback may run on another CPU than the vCPU's.
 */
#include "arch/x86/vdev/lapic_internal.h"

#include "arch/x86/asm.h"
#include "arch/x86/tsc.h"
#include "core/time.h"
#include "lib/scaled.h"

/* A guest that asks for less gets this: its interrupts must not eat a CPU of the host's. */
#define PERIOD_MIN_NS (100 * NS_PER_US)
/* Times further away than this (30 years) never come; sums cannot overflow. */
#define TIMER_FAR_NS (NS_PER_S * 1000000000ULL)

#define LVT_MODE (APIC_LVT_PERIODIC | APIC_LVT_TSC_DEADLINE)

/* Divide configuration: bits 3, 1, 0 (Intel SDM vol. 3, figure 10-10). */
static unsigned int timer_divisor(u32 config)
{
	unsigned int code = (config & 3) | (config >> 1 & 4);

	return code == 7 ? 1 : 2U << code;
}

static u64 timer_period_ns(const struct lapic *l)
{
	u64 ns = (u64)l->timer_initial * timer_divisor(l->timer_divide);

	if (l->lvt[LVT_TIMER] & APIC_LVT_PERIODIC) {
		ns = MAX(ns, PERIOD_MIN_NS);
	}
	return ns;
}

/* Under timer_lock. */
static void timer_arm(struct lapic *l, u64 expires_ns)
{
	struct pcpu *cpu = l->vcpu->cpu;

	l->timer_expires_ns = expires_ns;
	if (expires_ns == 0) {
		timer_stop(&l->timer);
		return;
	}
	if (cpu && l->timer.cpu != cpu) {
		timer_migrate(&l->timer, cpu);
	}
	timer_set(&l->timer, expires_ns);
}

/* The time the count reaches 0 next, after having been reached at `last`: missed ones are
 * left out. */
static u64 timer_next_ns(const struct lapic *l, u64 last, u64 now)
{
	u64 period = timer_period_ns(l);

	return now < last + period ? last + period : now + period - (now - last) % period;
}

static void timer_fired(void *arg)
{
	struct lapic *l = arg;
	u64 now = arch_now_ns();
	bool fire;

	spin_lock(&l->timer_lock);
	/* It may have been set again, or stopped, meanwhile. */
	fire = l->timer_expires_ns != 0 && now >= l->timer_expires_ns;
	if (fire) {
		bool periodic = (l->lvt[LVT_TIMER] & APIC_LVT_PERIODIC) != 0;

		l->timer_deadline = 0;
		timer_arm(l, periodic ? timer_next_ns(l, l->timer_expires_ns, now) : 0);
	}
	spin_unlock(&l->timer_lock);
	if (fire) {
		lapic_lvt_fire(l, LVT_TIMER);
	}
}

void lapic_timer_create(struct lapic *l)
{
	spin_init(&l->timer_lock, RANK_VDEV);
	timer_init(&l->timer, l->vcpu->cpu ? l->vcpu->cpu : this_pcpu(), timer_fired, l);
}

void lapic_timer_destroy(struct lapic *l)
{
	lapic_timer_stop(l);
	timer_sync(&l->timer);
}

void lapic_timer_stop(struct lapic *l)
{
	spin_lock(&l->timer_lock);
	l->timer_deadline = 0;
	timer_arm(l, 0);
	spin_unlock(&l->timer_lock);
}

static bool timer_is_deadline(const struct lapic *l)
{
	return (l->lvt[LVT_TIMER] & LVT_MODE) == APIC_LVT_TSC_DEADLINE;
}

void lapic_timer_write_initial(struct lapic *l, u32 value)
{
	if (timer_is_deadline(l)) {
		return;
	}
	spin_lock(&l->timer_lock);
	l->timer_initial = value;
	timer_arm(l, value ? arch_now_ns() + timer_period_ns(l) : 0);
	spin_unlock(&l->timer_lock);
}

/* The current count goes on from where it is, at the new rate. */
void lapic_timer_write_divide(struct lapic *l, u32 value)
{
	u64 left = lapic_timer_read_count(l);

	spin_lock(&l->timer_lock);
	l->timer_divide = value;
	if (l->timer_expires_ns != 0 && !timer_is_deadline(l)) {
		timer_arm(l, arch_now_ns() + left * timer_divisor(value));
	}
	spin_unlock(&l->timer_lock);
}

u32 lapic_timer_read_count(struct lapic *l)
{
	u64 now = arch_now_ns(), expires, left = 0;

	spin_lock(&l->timer_lock);
	expires = l->timer_expires_ns;
	if (!timer_is_deadline(l) && expires > now) {
		left = (expires - now) / timer_divisor(l->timer_divide);
	}
	spin_unlock(&l->timer_lock);
	return (u32)MIN(left, (u64)l->timer_initial);
}

/* Changing into or out of TSC-deadline mode disarms (Intel SDM vol. 3, 10.5.4.1). */
void lapic_timer_write_lvt(struct lapic *l, u32 value)
{
	u32 old;

	if ((value & LVT_MODE) == LVT_MODE) {
		value &= ~APIC_LVT_PERIODIC; /* reserved; nobody relies on more than one of them */
	}
	spin_lock(&l->timer_lock);
	old = l->lvt[LVT_TIMER];
	WRITE_ONCE(l->lvt[LVT_TIMER], value);
	if ((old ^ value) & APIC_LVT_TSC_DEADLINE) {
		l->timer_initial = 0;
		l->timer_deadline = 0;
		timer_arm(l, 0);
	}
	spin_unlock(&l->timer_lock);
}

static u64 deadline_to_ns(u64 tsc)
{
	struct scaled scale = { .mul = tsc_to_system_mul(), .shift = tsc_shift() };
	u64 now_tsc = rdtsc(), now = arch_now_ns();

	if (tsc <= now_tsc) {
		return now;
	}
	if ((tsc - now_tsc) / tsc_hz() >= TIMER_FAR_NS / NS_PER_S) {
		return now + TIMER_FAR_NS;
	}
	return now + scaled_apply(tsc - now_tsc, scale);
}

void lapic_timer_write_deadline(struct lapic *l, u64 tsc)
{
	if (!timer_is_deadline(l)) {
		return;
	}
	spin_lock(&l->timer_lock);
	l->timer_deadline = tsc;
	timer_arm(l, tsc ? deadline_to_ns(tsc) : 0);
	spin_unlock(&l->timer_lock);
}

u64 lapic_timer_read_deadline(struct lapic *l)
{
	return timer_is_deadline(l) ? READ_ONCE(l->timer_deadline) : 0;
}
