/* SPDX-License-Identifier: GPL-2.0-only */
/* The loop of a CPU: work, calls, loading and unloading, and the two looks that lose nothing. */
#include <pthread.h>

#include "arch/host/host.h"
#include "core/pcpu.h"
#include "core/unit.h"
#include "sched/sched.h"
#include "unit/harness.h"

const struct unit *const units[] = { &sched_unit };
const unsigned int unit_count = ARRAY_SIZE(units);

static unsigned int runs, sleeps;
static struct vcpu *ran;

static void run(struct vcpu *v)
{
	CHECK(vcpu_current() == v);
	CHECK(v->running);
	ran = v;
	runs++;
}

static void idle(struct pcpu *p)
{
	CHECK(p->idle);
	CHECK(vcpu_current() == NULL);
	sleeps++;
}

__attribute__((constructor)) static void setup(void)
{
	host_boot(2, MiB(64));
	host_vcpu_run = run;
	host_pcpu_idle = idle;
}

static void step(unsigned int cpu)
{
	host_be_cpu(cpu);
	runs = sleeps = 0;
	ran = NULL;
	pcpu_step(pcpus[cpu]);
	CHECK(!pcpus[cpu]->in_run && !pcpus[cpu]->idle);
	host_be_cpu(0);
}

/* A domain of one vCPU that runs on CPU 1. */
static struct domain *make(void)
{
	struct domain *d = host_domain_create(1, 1);

	while (d->vcpus[0]->cpu != pcpus[1]) {
		domain_kill(d);
		d = host_domain_create(1, 1);
	}
	host_domain_start(d);
	return d;
}

UNIT_TEST(one_round, "a CPU runs its vCPU, keeps it loaded while it is blocked, and sleeps")
{
	struct domain *d = make();
	struct vcpu *v = d->vcpus[0];

	step(1);
	CHECK(ran == v && runs == 1 && sleeps == 0);
	vcpu_hold(v, VCPU_HOLD_BLOCKED);
	step(1);
	CHECK(runs == 0 && sleeps == 1);
	CHECK(!vcpu_stopped(v));
	vcpu_release(v, VCPU_HOLD_BLOCKED);
	step(1);
	CHECK(ran == v);

	/* Held for another reason on top of being blocked: unloaded. */
	vcpu_hold(v, VCPU_HOLD_BLOCKED);
	step(1);
	CHECK(!vcpu_stopped(v));
	pcpus[1]->work = 0;
	vcpu_hold(v, VCPU_HOLD_PAUSED);
	CHECK_EQ(pcpus[1]->work, BIT32(PCPU_WORK_SCHED));
	step(1);
	CHECK(vcpu_stopped(v));
	CHECK(pcpus[1]->current == NULL);
	domain_kill(d);
}

UNIT_TEST(sync, "waiting for a vCPU makes its CPU put it down")
{
	struct domain *d = make();
	struct vcpu *v = d->vcpus[0];

	step(1);
	CHECK(!vcpu_stopped(v));
	vcpu_hold(v, VCPU_HOLD_PAUSED);
	CHECK(!vcpu_try_sync(v));
	vcpu_sync(v); /* CPU 1 does its work meanwhile */
	CHECK(vcpu_stopped(v));
	vcpu_release(v, VCPU_HOLD_PAUSED);

	/* On the CPU itself, between two rounds. */
	step(1);
	CHECK(!vcpu_stopped(v));
	host_be_cpu(1);
	vcpu_hold(v, VCPU_HOLD_PAUSED);
	CHECK(vcpu_try_sync(v));
	domain_kill(d);
	CHECK(pcpus[1]->sched->chosen == NULL); /* what it chose last is gone */
	host_be_cpu(0);
}

static struct vcpu *late;

static void hold_late(void *arg)
{
	vcpu_hold(late, VCPU_HOLD_PAUSED);
}

UNIT_TEST(late_hold, "a vCPU that is held by the work of the same round does not run")
{
	struct domain *d = make();
	struct pcpu_call c = { .fn = hold_late };

	late = d->vcpus[0];
	pcpu_call(pcpus[1], &c);
	step(1);
	CHECK_EQ(runs, 0);
	CHECK(c.done);
	CHECK(vcpu_stopped(late));
	domain_kill(d);
}

UNIT_TEST(enter, "the guest is not entered with work, news or a hold")
{
	struct domain *d = make();
	struct vcpu *v = d->vcpus[0];
	struct pcpu *p = pcpus[1];

	step(1);
	host_be_cpu(1);
	p->work = v->pending = 0;
	CHECK(pcpu_enter_guest(p, v));
	CHECK(p->in_guest);
	pcpu_left_guest(p);
	CHECK(!p->in_guest);
	pcpu_set_work(p, PCPU_WORK_CALL);
	CHECK(!pcpu_enter_guest(p, v));
	CHECK(!p->in_guest);
	p->work = 0;
	vcpu_set_pending(v, VCPU_PENDING_FLUSH);
	CHECK(!pcpu_enter_guest(p, v));
	v->pending = 0;
	CHECK(pcpu_enter_guest(p, v));
	pcpu_left_guest(p);
	vcpu_hold(v, VCPU_HOLD_BLOCKED);
	p->work = 0;
	CHECK(!pcpu_enter_guest(p, v));
	host_be_cpu(0);
	domain_kill(d);
}

UNIT_TEST(kicks, "work kicks a CPU that is in a guest or asleep, and no other")
{
	struct pcpu *p = pcpus[1];
	u64 before = host_kicks[1];

	pcpu_set_work(p, PCPU_WORK_TIMER);
	CHECK_EQ(host_kicks[1], before);
	p->in_guest = true;
	pcpu_set_work(p, PCPU_WORK_TIMER);
	CHECK_EQ(host_kicks[1], before + 1);
	p->in_guest = false;
	p->idle = true;
	pcpu_set_work(p, PCPU_WORK_TIMER);
	CHECK_EQ(host_kicks[1], before + 2);
	host_be_cpu(1);
	pcpu_set_work(p, PCPU_WORK_TIMER);
	CHECK_EQ(host_kicks[1], before + 2);
	host_be_cpu(0);
	p->idle = false;
	step(1);
	CHECK_EQ(p->work, 0);
}

static unsigned int order[3], order_count;

static void note_order(void *arg)
{
	order[order_count++] = (unsigned int)(uintptr_t)arg;
}

UNIT_TEST(calls, "calls run in the order in which they were made, and sleep waits for them")
{
	struct pcpu_call c[3];

	for (uintptr_t i = 0; i < 3; i++) {
		c[i] = (struct pcpu_call){ .fn = note_order, .arg = (void *)i };
		pcpu_call(pcpus[1], &c[i]);
	}
	CHECK(!c[0].done);
	step(1);
	CHECK_EQ(order_count, 3);
	for (unsigned int i = 0; i < 3; i++) {
		CHECK_EQ(order[i], i);
		CHECK(c[i].done);
	}
}

#define CALLS 5000

static u64 called[2];
static bool partner_done[2];

static void count_call(void *arg)
{
	__atomic_fetch_add((u64 *)arg, 1, __ATOMIC_RELAXED);
}

/* Two CPUs that wait for each other all the time. */
static void *caller(void *arg)
{
	unsigned int self = (unsigned int)(uintptr_t)arg;

	host_be_cpu(self);
	for (unsigned int i = 0; i < CALLS; i++) {
		struct pcpu_call c = { .fn = count_call, .arg = &called[1 - self] };

		pcpu_call(pcpus[1 - self], &c);
		pcpu_call_wait(&c);
	}
	__atomic_store_n(&partner_done[self], true, __ATOMIC_RELEASE);
	while (!__atomic_load_n(&partner_done[1 - self], __ATOMIC_ACQUIRE)) {
		pcpu_run_calls(pcpus[self]);
	}
	return NULL;
}

UNIT_TEST(crossing, "CPUs that wait for each other's calls do not lock up")
{
	void (*relax)(void) = host_relax;
	pthread_t threads[2];

	host_relax = NULL; /* each CPU has its thread */
	for (uintptr_t i = 0; i < 2; i++) {
		pthread_create(&threads[i], NULL, caller, (void *)i);
	}
	for (unsigned int i = 0; i < 2; i++) {
		pthread_join(threads[i], NULL);
	}
	host_relax = relax;
	CHECK_EQ(called[0], CALLS);
	CHECK_EQ(called[1], CALLS);
}
