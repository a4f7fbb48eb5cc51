/* SPDX-License-Identifier: GPL-2.0-only */
/* CPU pools: who is in which, and that nobody runs outside of his. */
#include <string.h>

#include "arch/host/host.h"
#include "core/log.h"
#include "core/param.h"
#include "core/time.h"
#include "core/unit.h"
#include "lib/errno.h"
#include "sched/pool.h"
#include "unit/harness.h"

#define CPUS 6
#define STEP_NS (1 * NS_PER_MS)

const struct unit *const units[] = { &sched_unit };
const unsigned int unit_count = ARRAY_SIZE(units);

static u64 ran[16]; /* steps, by domain id */
static struct vcpu *on_cpu[CPUS];

static void run(struct vcpu *v)
{
	CHECK_EQ(v->cpu->id, host_pcpu->id);
	CHECK(host_pcpu->sched->pool == v->domain->cpupool);
	v->pending = 0;
	on_cpu[host_pcpu->id] = v;
}

__attribute__((constructor)) static void setup(void)
{
	host_boot(CPUS, MiB(64));
	host_vcpu_run = run;
}

static void step(void)
{
	host_now_ns += STEP_NS;
	for (unsigned int i = 0; i < CPUS; i++) {
		host_be_cpu(i);
		on_cpu[i] = NULL;
		if (host_timer_ns[i] <= host_now_ns) {
			host_timer_ns[i] = ~0ULL;
			pcpu_set_work(pcpus[i], PCPU_WORK_TIMER);
		}
		for (unsigned int round = 0; round < 4; round++) {
			pcpu_step(pcpus[i]);
		}
		if (on_cpu[i]) {
			ran[on_cpu[i]->domain->id]++;
		}
	}
	host_be_cpu(0);
}

static void steps(unsigned int n)
{
	memset(ran, 0, sizeof(ran));
	while (n-- > 0) {
		step();
	}
}

static int create(u16 id, unsigned int vcpus, u32 pool, struct domain **d)
{
	struct domain_desc s = host_desc(id, vcpus);
	int rc;

	s.cpupool = pool;
	rc = domain_create(&s, d);
	if (rc == 0) {
		host_domain_start(*d);
	}
	return rc;
}

static bool logged(u64 from, const char *text)
{
	char buf[4096];
	size_t n = log_ring_read(&from, buf, sizeof(buf) - 1);

	buf[n] = '\0';
	return strstr(buf, text) != NULL;
}

static const u32 first[] = { 0, 1 }, second[] = { 3, 2, 1 }, outside[] = { 77 };
static const struct pool_spec specs[] = {
	{ .name = "control", .cpus = first, .cpu_count = 2 },
	{ .scheduler = "null", .cpus = second, .cpu_count = 3 },
	{ .name = "a name that is much longer than there is room for",
		.cpus = outside,
		.cpu_count = 1,
		.scheduler = "arinc653" },
};

static const struct pool_spec too_many[POOL_MAX] = { { .cpus = first, .cpu_count = 2 } };

UNIT_TEST(before, "without pools everything is in pool 0, with the policy of sched=")
{
	struct domain *d;

	CHECK_EQ(pool_cpu_count(pool_find(0)), CPUS);
	CHECK(!pool_find(1));
	CHECK(!pool_next(pool_find(0)));
	CHECK_EQ(pool_boot(specs, 0), (u64)-EINVAL);
	CHECK_EQ(pool_boot(specs + 1, 2), (u64)-EINVAL); /* the boot CPU is not in the first */
	CHECK(!pool_find(1));
	CHECK_EQ(pool_boot(too_many, POOL_MAX), (u64)-ENOSPC);
	CHECK_EQ(create(1, 1, 1, &d), (u64)-ENODEV);
	CHECK_EQ(create(1, 8, 0, &d), 0);
	steps(20);
	CHECK_EQ(ran[1], 20 * CPUS);
	CHECK_EQ(pool_boot(specs, ARRAY_SIZE(specs)), (u64)-EBUSY); /* too late */
	CHECK(!pool_find(1));
	CHECK_EQ(pool_cpu_count(pool_find(0)), CPUS);
	domain_kill(d);
}

UNIT_TEST(boot, "each CPU comes into the pool that names it first, the others into one more")
{
	u64 from = log_ring_next();
	struct cpupool *pool;
	u32 id = 0;

	CHECK_EQ(pool_boot(specs, ARRAY_SIZE(specs)), 0);
	CHECK(logged(from, "CPU 1 is in pool 0 already"));
	CHECK(logged(from, "no scheduler \"arinc653\": it gets fair"));
	for (pool = pool_find(0); pool; pool = pool_next(pool)) {
		CHECK_EQ(pool->id, id++);
	}
	CHECK_EQ(id, 4);
	CHECK_STR(pool_find(0)->name, "control");
	CHECK_STR(pool_find(1)->name, "Pool-1");
	CHECK_EQ(strlen(pool_find(2)->name), sizeof(pool_find(2)->name) - 1);
	CHECK_STR(pool_find(3)->name, "Pool-3");
	CHECK(pool_find(0)->ops == &sched_fair);
	CHECK(pool_find(1)->ops == &sched_null);
	CHECK(pool_find(2)->ops == &sched_fair);
	CHECK(pool_find(3)->ops == &sched_fair);
	for (u32 i = 0; i < CPUS; i++) {
		CHECK(pcpus[i]->sched->pool == pool_find(i < 2 ? 0 : i < 4 ? 1 : 3));
	}
	CHECK_EQ(pool_cpu_count(pool_find(1)), 2);
	CHECK(pool_cpu(pool_find(1), 1) == pcpus[3]);
	CHECK(!pool_cpu(pool_find(1), 2));
	CHECK_EQ(pool_cpu_count(pool_find(2)), 0);
	CHECK_EQ(pool_boot(specs, ARRAY_SIZE(specs)), (u64)-EBUSY); /* once */
}

UNIT_TEST(bind, "a domain runs in its pool and nowhere else, however full that is")
{
	struct domain *many, *pinned, *spare, *none;

	CHECK_EQ(create(1, 5, 0, &many), 0);
	CHECK_EQ(create(2, 2, 1, &pinned), 0);
	CHECK_EQ(create(4, 1, 3, &spare), 0);
	CHECK_EQ(create(3, 1, 2, &none), (u64)-ENODEV); /* a pool without a CPU */
	CHECK_EQ(create(3, 1, 9, &none), (u64)-ENODEV);
	CHECK_EQ(create(3, 1, 1, &none), (u64)-EBUSY); /* null: its CPUs are taken */
	CHECK_EQ(pool_find(1)->domain_count.v, 1);
	steps(1000);
	CHECK_EQ(ran[1], 2000); /* 5 vCPUs on 2 CPUs, beside an idle one in another pool */
	CHECK_EQ(ran[2], 2000);
	CHECK_EQ(ran[4], 1000);
	CHECK_EQ(pool_take_cpu(pool_find(1), pcpus[5]), (u64)-EBUSY);
	domain_kill(spare);
	CHECK_EQ(pool_take_cpu(pool_find(1), pcpus[5]), 0);
	CHECK_EQ(pool_take_cpu(pool_find(1), pcpus[5]), 0);
	CHECK_EQ(create(3, 1, 1, &none), 0);
	steps(10);
	CHECK_EQ(ran[3], 10);
	domain_kill(none);
	domain_kill(pinned);
	domain_kill(many);
	for (u32 i = 0; i < 4; i++) {
		CHECK_EQ(pool_find(i)->domain_count.v, 0);
	}
	CHECK(!on_cpu[4]);
}

UNIT_TEST(hardware, "vCPU i of the hardware domain begins on the i-th CPU of its pool")
{
	struct domain_desc s = host_desc(0, 4);
	struct domain *d;

	s.hardware = true;
	s.cpupool = 1;
	CHECK_EQ(domain_create(&s, &d), (u64)-EBUSY); /* three CPUs */
	s.vcpu_count = 3;
	CHECK_EQ(domain_create(&s, &d), 0);
	CHECK_EQ(d->vcpus[0]->cpu->id, 2);
	CHECK_EQ(d->vcpus[1]->cpu->id, 3);
	CHECK_EQ(d->vcpus[2]->cpu->id, 5);
	domain_kill(d);
	s.cpupool = 0;
	s.vcpu_count = 4;
	CHECK_EQ(domain_create(&s, &d), 0);
	for (unsigned int i = 0; i < 4; i++) {
		CHECK_EQ(d->vcpus[i]->cpu->id, i % 2);
	}
	domain_kill(d);
}
