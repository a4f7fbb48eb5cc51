/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The schedulers in a simulated machine: the real loop of each CPU, with time in steps of 100 us.
 * A vCPU computes for a while and sleeps for a while, as its program says.
 */
#include <stdlib.h>
#include <string.h>

#include "arch/host/host.h"
#include "core/param.h"
#include "core/time.h"
#include "core/unit.h"
#include "lib/errno.h"
#include "sched/sched.h"
#include "unit/harness.h"
#include "unit/random.h"

#define CPUS 4
#define STEP_NS (100 * NS_PER_US)
#define VCPUS_MAX 40

const struct unit *const units[] = { &sched_unit };
const unsigned int unit_count = ARRAY_SIZE(units);

/* What a vCPU does: computes, then waits for an event, in steps; 0 to wait: never waits. */
struct program {
	u64 compute, wait;
};

struct sim_vcpu {
	struct vcpu *v;
	struct program program;
	u64 left;	 /* steps to compute until it waits */
	u64 wakes_at_ns; /* while it waits */
	u64 ran;	 /* steps */
	u64 waiting;	 /* steps that it has been runnable and not run, in a row */
	u64 longest;	 /* of these */
};

static struct sim_vcpu sim[VCPUS_MAX];
static unsigned int sim_count;
static struct vcpu *on_cpu[CPUS]; /* who computes there */
static u64 rnd = 99;
static u64 idle_while_waiting; /* steps in a row, all CPUs */
static u64 longest_idle;

static void sim_run(struct vcpu *v)
{
	CHECK_EQ(v->cpu->id, host_pcpu->id);
	v->pending = 0;
	on_cpu[host_pcpu->id] = v;
}

__attribute__((constructor)) static void setup(void)
{
	host_boot(CPUS, MiB(64));
	host_vcpu_run = sim_run;
}

static struct sim_vcpu *sim_of(const struct vcpu *v)
{
	for (unsigned int i = 0; i < sim_count; i++) {
		if (sim[i].v == v) {
			return &sim[i];
		}
	}
	abort();
}

/* Rounds of the CPU's loop until it has settled on somebody or on sleep. */
static void sim_settle(unsigned int cpu)
{
	struct pcpu *p = pcpus[cpu];

	host_be_cpu(cpu);
	if (host_timer_ns[cpu] <= host_now_ns) {
		host_timer_ns[cpu] = ~0ULL;
		pcpu_set_work(p, PCPU_WORK_TIMER);
	}
	for (unsigned int i = 0; i < 20; i++) {
		if (p->work == 0 && !(on_cpu[cpu] && on_cpu[cpu]->hold != 0)) {
			return;
		}
		on_cpu[cpu] = NULL;
		pcpu_step(p);
	}
	CHECK(!"a CPU does not come to rest");
}

static void sim_compute(unsigned int cpu)
{
	struct vcpu *v = on_cpu[cpu];
	struct sim_vcpu *s;

	if (!v) {
		return;
	}
	s = sim_of(v);
	CHECK_EQ(v->hold, 0);
	CHECK(!vcpu_stopped(v));
	s->ran++;
	s->waiting = 0;
	if (s->program.wait != 0 && s->left-- == 0) {
		s->left = random_below(&rnd, 2 * s->program.compute + 1);
		s->wakes_at_ns = host_now_ns +
				 (1 + random_below(&rnd, 2 * s->program.wait)) * STEP_NS;
		host_be_cpu(cpu);
		vcpu_block(v);
	}
}

static bool sim_is_running(const struct vcpu *v)
{
	unsigned int places = 0;

	for (unsigned int i = 0; i < CPUS; i++) {
		places += on_cpu[i] == v;
	}
	CHECK(places <= 1);
	return places != 0;
}

static void sim_check(void)
{
	bool waiting = false, idle = false;

	for (unsigned int i = 0; i < sim_count; i++) {
		struct sim_vcpu *s = &sim[i];

		if (!sim_is_running(s->v) && s->v->hold == 0) {
			s->longest = MAX(s->longest, ++s->waiting);
			waiting = true;
		} else {
			s->waiting = 0;
		}
	}
	for (unsigned int i = 0; i < CPUS; i++) {
		idle |= on_cpu[i] == NULL;
	}
	idle_while_waiting = waiting && idle ? idle_while_waiting + 1 : 0;
	longest_idle = MAX(longest_idle, idle_while_waiting);
}

static void sim_steps(u64 steps)
{
	while (steps-- > 0) {
		unsigned int first = (unsigned int)random_below(&rnd, CPUS);

		host_now_ns += STEP_NS;
		for (unsigned int i = 0; i < sim_count; i++) {
			if (sim[i].wakes_at_ns != 0 && sim[i].wakes_at_ns <= host_now_ns) {
				sim[i].wakes_at_ns = 0;
				host_be_cpu((unsigned int)random_below(&rnd, CPUS));
				vcpu_set_pending(sim[i].v, VCPU_PENDING_EVENT);
			}
		}
		/* Twice: what one CPU does may make work for another. */
		for (unsigned int i = 0; i < 2 * CPUS; i++) {
			sim_settle((first + i) % CPUS);
		}
		sim_check();
		for (unsigned int i = 0; i < CPUS; i++) {
			sim_compute((first + i) % CPUS);
		}
	}
}

static struct domain *sim_add(u16 id, unsigned int vcpus, struct program program)
{
	struct domain *d;
	struct vcpu *v;

	host_be_cpu(0);
	d = host_domain_create(id, vcpus);
	for_each_vcpu(d, v) {
		sim[sim_count++] = (struct sim_vcpu){ .v = v, .program = program };
	}
	host_domain_start(d);
	return d;
}

static void sim_end(void)
{
	struct domain *d;

	memset(on_cpu, 0, sizeof(on_cpu));
	sim_count = 0;
	longest_idle = idle_while_waiting = 0;
	host_be_cpu(0);
	while ((d = domain_next(0)) != NULL) {
		domain_put(d);
		domain_kill(d);
	}
}

/* The least and the greatest share of a CPU, in thousandths, of those with this program. */
static void sim_shares(u64 steps, u64 *least, u64 *greatest)
{
	*least = ~0ULL;
	*greatest = 0;
	for (unsigned int i = 0; i < sim_count; i++) {
		if (sim[i].program.wait == 0) {
			*least = MIN(*least, sim[i].ran * 1000 / steps);
			*greatest = MAX(*greatest, sim[i].ran * 1000 / steps);
		}
	}
}

static u64 sim_longest_wait(void)
{
	u64 longest = 0;

	for (unsigned int i = 0; i < sim_count; i++) {
		longest = MAX(longest, sim[i].longest);
	}
	return longest;
}

static const struct program hog = { 0, 0 };

UNIT_TEST(hogs, "vCPUs that never wait get equal shares of all CPUs, however many they are")
{
	for (unsigned int n = 1; n <= 4 * CPUS + 3; n++) {
		u64 least, greatest, want = MIN(1000U, 1000U * CPUS / n);

		sim_add(1, n, hog);
		sim_steps(60000);
		sim_shares(60000, &least, &greatest);
		CHECK(least >= want * 90 / 100);
		CHECK(greatest <= want * 110 / 100 + 1);
		CHECK(longest_idle <= 200);
		CHECK(sim_longest_wait() <= 100U * (n / CPUS + 1) + 4 * 100);
		sim_end();
	}
}

UNIT_TEST(weights, "twice the weight is twice the time")
{
	struct domain *d = sim_add(1, 3 * CPUS, hog);
	u64 heavy = 0, light = 0;

	for (unsigned int i = 0; i < CPUS; i++) {
		d->vcpus[i]->sched->fair.weight *= 4;
	}
	sim_steps(100000);
	for (unsigned int i = 0; i < sim_count; i++) {
		*(i < CPUS ? &heavy : &light) += sim[i].ran;
	}
	heavy /= CPUS;
	light /= 2 * CPUS;
	CHECK(heavy > light * 2 && heavy < light * 6);
	sim_end();
}

UNIT_TEST(mixed, "in random loads nobody starves, and no CPU is idle while somebody waits")
{
	for (unsigned int round = 0; round < 30; round++) {
		unsigned int domains = 1 + (unsigned int)random_below(&rnd, 6);

		for (unsigned int i = 0; i < domains; i++) {
			struct program p = { 1 + random_below(&rnd, 100),
				random_below(&rnd, 3) * random_below(&rnd, 300) };

			sim_add((u16)(i + 1), 1 + (unsigned int)random_below(&rnd, 6), p);
		}
		sim_steps(10000);
		CHECK(longest_idle <= 200);
		CHECK(sim_longest_wait() <= 100U * (sim_count / CPUS + 1) + 10 * 100);
		for (unsigned int i = 0; i < sim_count; i++) {
			CHECK(sim[i].ran > 0);
		}
		sim_end();
	}
}

UNIT_TEST(latency, "one that computes little runs soon after it wakes up, beside many hogs")
{
	u64 waited = 0, woken;

	sim_add(1, 3 * CPUS, hog);
	sim_steps(1000);
	sim_add(2, 1, (struct program){ 2, 100 });
	sim_steps(50000);
	CHECK(sim[sim_count - 1].longest <= 10);
	woken = sim[sim_count - 1].ran;
	CHECK(woken > 500);
	for (unsigned int i = 0; i < sim_count - 1; i++) {
		waited = MAX(waited, sim[i].longest);
	}
	CHECK(waited < 1000);
	sim_end();
}

UNIT_TEST(storm, "holds and releases of every kind at any time leave all where they belong")
{
	struct domain *d[3];

	for (unsigned int i = 0; i < 3; i++) {
		d[i] = sim_add((u16)(i + 1), 4, (struct program){ 5, 10 * i });
	}
	for (unsigned int i = 0; i < 20000; i++) {
		struct domain *x = d[random_below(&rnd, 3)];
		struct vcpu *v = x->vcpus[random_below(&rnd, 4)];

		host_be_cpu((unsigned int)random_below(&rnd, CPUS));
		switch (random_below(&rnd, 6)) {
		case 0:
			domain_pause(x);
			break;
		case 1:
			domain_unpause(x);
			break;
		case 2:
			vcpu_hold(v, VCPU_HOLD_DOWN);
			break;
		case 3:
			vcpu_release(v, VCPU_HOLD_DOWN);
			break;
		case 4:
			if (on_cpu[host_pcpu->id]) {
				host_pcpu->in_run = true;
				sched_vcpu_yield(on_cpu[host_pcpu->id]);
				host_pcpu->in_run = false;
			}
			break;
		default:
			sim_steps(1);
			break;
		}
	}
	for (unsigned int i = 0; i < 3; i++) {
		struct vcpu *v;

		while (atomic_read(&d[i]->pause_count) != 0) {
			domain_unpause(d[i]);
		}
		for_each_vcpu(d[i], v) {
			vcpu_release(v, VCPU_HOLD_DOWN);
		}
	}
	for (unsigned int i = 0; i < sim_count; i++) {
		sim[i].ran = 0;
	}
	sim_steps(5000);
	for (unsigned int i = 0; i < sim_count; i++) {
		CHECK(sim[i].ran > 0);
	}
	sim_end();
}

UNIT_TEST(yield, "who yields goes behind the others of its CPU")
{
	struct vcpu *first;

	sim_add(1, 2 * CPUS, hog);
	sim_steps(3);
	first = on_cpu[0];
	host_be_cpu(0);
	sched_vcpu_yield(first);
	sim_steps(1);
	CHECK(on_cpu[0] != first && on_cpu[0] != NULL);
	sim_end();
}

UNIT_TEST(tick, "a vCPU that has its CPU for itself is not interrupted by a timer")
{
	sim_add(1, CPUS, hog);
	sim_steps(500);
	for (unsigned int i = 0; i < CPUS; i++) {
		CHECK_EQ(host_timer_ns[i], ~0ULL);
	}
	sim_end();
}

UNIT_TEST(times, "each state's time is booked, and the sum is all the time there was")
{
	struct domain *d;
	struct sched_times t;
	u64 start_ns = host_now_ns, sum = 0;
	struct vcpu *v;

	d = sim_add(1, 2 * CPUS, (struct program){ 30, 30 });
	sim_steps(2000);
	domain_pause(d);
	sim_steps(500);
	for_each_vcpu(d, v) {
		sched_get_times(v, &t);
		sum = 0;
		for (unsigned int i = 0; i < SCHED_STATES; i++) {
			sum += t.ns[i];
		}
		CHECK_EQ(sum, host_now_ns - start_ns);
		CHECK_EQ(t.state, SCHED_OFFLINE);
		CHECK(t.ns[SCHED_OFFLINE] >= 499 * STEP_NS && t.ns[SCHED_OFFLINE] <= 501 * STEP_NS);
		CHECK(t.ns[SCHED_RUNNING] >= (sim_of(v)->ran - sim_of(v)->ran / 10) * STEP_NS);
		CHECK(t.ns[SCHED_RUNNING] <= (sim_of(v)->ran + sim_of(v)->ran / 10) * STEP_NS);
		CHECK(t.ns[SCHED_RUNNABLE] > 0 && t.ns[SCHED_BLOCKED] > 0);
	}
	sim_end();
}

/* --- null: last, since it stays --- */

UNIT_TEST(names, "sched= knows its policies")
{
	param_parse_line("sched=credit");
	CHECK(sched_policy() == &sched_fair);
	param_parse_line("sched=nonsense");
	CHECK(sched_policy() == &sched_fair);
	param_parse_line("sched=null");
	CHECK(sched_policy() == &sched_null);
}

UNIT_TEST(null, "null gives each vCPU a CPU, refuses more, and never sets a timer")
{
	struct domain_desc desc = host_desc(9, 1);
	struct domain *d, *more = NULL;
	unsigned int seen = 0;
	struct vcpu *v;

	d = sim_add(1, CPUS - 1, (struct program){ 20, 20 });
	for_each_vcpu(d, v) {
		CHECK((seen & BIT32(v->cpu->id)) == 0);
		seen |= BIT32(v->cpu->id);
	}
	sim_add(2, 1, hog);
	CHECK_EQ(domain_create(&desc, &more), -EBUSY);
	sim_steps(5000);
	for (unsigned int i = 0; i < sim_count; i++) {
		CHECK(sim[i].ran > 1000);
		CHECK_EQ(sim[i].longest, 0);
		CHECK_EQ(host_timer_ns[i], ~0ULL);
	}
	host_be_cpu(0);
	memset(on_cpu, 0, sizeof(on_cpu));
	sim_count = 0;
	domain_kill(d);
	CHECK_EQ(domain_create(&desc, &more), 0);
	sim_end();
}

UNIT_TEST(null_dom0, "vCPU i of the hardware domain is on CPU i")
{
	struct domain_desc desc = host_desc(1, CPUS);
	struct domain *d = NULL;
	struct vcpu *v;

	desc.hardware = true;
	CHECK_EQ(domain_create(&desc, &d), 0);
	for_each_vcpu(d, v) {
		CHECK_EQ(v->cpu->id, v->id);
	}
	domain_kill(d);
}
