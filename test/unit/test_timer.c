/* SPDX-License-Identifier: GPL-2.0-only */
/* Timers against a model: an array that says for each one whether and when it is due, and where. */
#include "arch/host/host.h"
#include "core/timer.h"
#include "unit/harness.h"
#include "unit/random.h"

#define CPUS 3
#define TIMERS 40
#define OFF (~0ULL)

static struct timer timers[TIMERS];
static u64 due[TIMERS]; /* the model: OFF or when */
static unsigned int home[TIMERS];
static unsigned int fired[TIMERS], fired_total;
static u64 last_fired_ns;

static void on_fire(void *arg)
{
	unsigned int i = (unsigned int)((struct timer *)arg - timers);

	CHECK(due[i] != OFF);
	CHECK(due[i] <= host_now_ns);
	CHECK_EQ(home[i], host_pcpu->id);
	CHECK(due[i] >= last_fired_ns); /* in order of expiry */
	CHECK_EQ(host_pcpu->lock_depth, 0);
	last_fired_ns = due[i];
	due[i] = OFF;
	fired[i]++;
	fired_total++;
}

__attribute__((constructor)) static void setup(void)
{
	host_cpus_init(CPUS);
}

static void reset(void)
{
	for (unsigned int i = 0; i < TIMERS; i++) {
		if (timers[i].fn) {
			timer_stop(&timers[i]);
		}
		home[i] = i % CPUS;
		due[i] = OFF;
		fired[i] = 0;
		timer_init(&timers[i], pcpus[home[i]], on_fire, &timers[i]);
	}
	fired_total = 0;
	host_be_cpu(0);
}

static void run_on(unsigned int cpu)
{
	unsigned int before = host_pcpu->id;

	host_be_cpu(cpu);
	last_fired_ns = 0;
	timer_run(host_pcpu);
	host_be_cpu(before);
}

static u64 model_next(unsigned int cpu)
{
	u64 next = OFF;

	for (unsigned int i = 0; i < TIMERS; i++) {
		if (home[i] == cpu) {
			next = MIN(next, due[i]);
		}
	}
	return next;
}

UNIT_TEST(model, "random sets, stops and moves fire exactly what the model says, in order")
{
	u64 rnd = 7;

	reset();
	for (unsigned int step = 0; step < 30000; step++) {
		unsigned int i = (unsigned int)random_below(&rnd, TIMERS);
		unsigned int cpu = (unsigned int)random_below(&rnd, CPUS);

		host_be_cpu((unsigned int)random_below(&rnd, CPUS));
		switch (random_below(&rnd, 6)) {
		case 0:
		case 1:
			due[i] = host_now_ns + random_below(&rnd, 1000);
			timer_set(&timers[i], due[i]);
			break;
		case 2:
			due[i] = OFF;
			timer_stop(&timers[i]);
			break;
		case 3:
			home[i] = cpu;
			timer_migrate(&timers[i], pcpus[cpu]);
			break;
		case 4:
			host_now_ns += random_below(&rnd, 300);
			break;
		default:
			run_on(cpu);
			CHECK(model_next(cpu) > host_now_ns);
			CHECK_EQ(host_timer_ns[cpu], model_next(cpu));
			break;
		}
	}
	CHECK(fired_total > 1000);
}

UNIT_TEST(local, "setting an earlier timer on the own CPU programs the hardware at once")
{
	reset();
	run_on(0);
	timer_set(&timers[0], host_now_ns + 100);
	due[0] = host_now_ns + 100;
	CHECK_EQ(host_timer_ns[0], host_now_ns + 100);
	timer_set(&timers[3], host_now_ns + 50);
	due[3] = host_now_ns + 50;
	CHECK_EQ(host_timer_ns[0], host_now_ns + 50);
	timer_set(&timers[6], host_now_ns + 200);
	due[6] = host_now_ns + 200;
	CHECK_EQ(host_timer_ns[0], host_now_ns + 50);
}

UNIT_TEST(remote, "an earlier timer on another CPU makes that CPU look; a later one does not")
{
	u64 kicks;

	reset();
	run_on(1);
	pcpus[1]->work = 0;
	pcpus[1]->idle = true;
	kicks = host_kicks[1];
	due[1] = host_now_ns + 100;
	timer_set(&timers[1], due[1]);
	CHECK_EQ(pcpus[1]->work, BIT32(PCPU_WORK_TIMER));
	CHECK_EQ(host_kicks[1], kicks + 1);
	pcpus[1]->work = 0;
	run_on(1);
	due[4] = host_now_ns + 200;
	timer_set(&timers[4], due[4]);
	CHECK_EQ(pcpus[1]->work, 0);
	pcpus[1]->idle = false;
}

UNIT_TEST(move, "an armed timer that moves is seen by the CPU that it moves to")
{
	reset();
	run_on(0);
	run_on(1);
	pcpus[1]->work = 0;
	due[0] = host_now_ns + 100;
	timer_set(&timers[0], due[0]);
	timer_migrate(&timers[0], pcpus[1]);
	home[0] = 1;
	CHECK_EQ(pcpus[1]->work, BIT32(PCPU_WORK_TIMER));
	run_on(1);
	CHECK_EQ(host_timer_ns[1], due[0]);
	timer_migrate(&timers[0], pcpus[0]); /* here: at once */
	home[0] = 0;
	host_timer_ns[0] = OFF;
	timer_migrate(&timers[0], pcpus[1]);
	run_on(0);
	timer_migrate(&timers[0], pcpus[0]);
	CHECK_EQ(host_timer_ns[0], due[0]);
	pcpus[1]->work = 0;
}

UNIT_TEST(early, "an interrupt that comes too early programs the hardware again")
{
	reset();
	run_on(0);
	due[0] = host_now_ns + 100;
	timer_set(&timers[0], due[0]);
	host_now_ns += 99;
	host_timer_ns[0] = OFF; /* it was one-shot */
	run_on(0);
	CHECK_EQ(fired[0], 0);
	CHECK_EQ(host_timer_ns[0], due[0]);
	host_now_ns += 1;
	run_on(0);
	CHECK_EQ(fired[0], 1);
}

static unsigned int again_count;

static void again(void *arg)
{
	again_count++;
	timer_set(arg, 0);
}

UNIT_TEST(endless, "a timer that keeps arming itself in the past does not hold the CPU for ever")
{
	struct timer t;

	reset();
	timer_init(&t, pcpus[0], again, &t);
	timer_set(&t, 0);
	run_on(0);
	CHECK_EQ(again_count, TIMER_BATCH);
	CHECK_EQ(host_timer_ns[0], 0); /* due at once */
	timer_sync(&t);
	run_on(0);
	CHECK_EQ(again_count, TIMER_BATCH);
}

static struct timer busy;
static unsigned int relaxed;

static void finish_busy(void)
{
	relaxed++;
	if (relaxed == 3) {
		pcpus[1]->timers.running = NULL;
	}
}

UNIT_TEST(sync, "timer_sync waits for a callback that runs on another CPU")
{
	reset();
	timer_init(&busy, pcpus[1], on_fire, &busy);
	pcpus[1]->timers.running = &busy;
	host_relax = finish_busy;
	timer_sync(&busy);
	host_relax = NULL;
	CHECK_EQ(relaxed, 3);
}
