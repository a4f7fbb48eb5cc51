/* SPDX-License-Identifier: GPL-2.0-only */
/* Domains from creation to the last reference: unwinding, holds, pauses, shutdown. */
#include <stdarg.h>
#include <string.h>

#include "arch/host/host.h"
#include "core/unit.h"
#include "core/virq.h"
#include "lib/errno.h"
#include "mm/heap.h"
#include "mm/inject.h"
#include "sched/sched.h"
#include "unit/harness.h"

/* --- units that count what they own --- */

static int domains_alive[2], vcpus_alive[2];
static unsigned int fail_after; /* the hook with this number fails; 0: none */
static unsigned int relinquish_steps;

static int may_fail(void)
{
	return fail_after != 0 && --fail_after == 0 ? -ENOSPC : 0;
}

#define COUNTING_UNIT(n)                                                        \
	static int create_##n(struct domain *d, const struct domain_desc *desc) \
	{                                                                       \
		int rc = may_fail();                                            \
                                                                                \
		domains_alive[n] += rc == 0;                                    \
		return rc;                                                      \
	}                                                                       \
	static void destroy_##n(struct domain *d)                               \
	{                                                                       \
		domains_alive[n]--;                                             \
	}                                                                       \
	static int vcpu_create_##n(struct vcpu *v)                              \
	{                                                                       \
		int rc = may_fail();                                            \
                                                                                \
		CHECK(v->cpu != NULL); /* the scheduler comes first */          \
		vcpus_alive[n] += rc == 0;                                      \
		return rc;                                                      \
	}                                                                       \
	static void vcpu_destroy_##n(struct vcpu *v)                            \
	{                                                                       \
		CHECK(vcpu_stopped(v));                                         \
		vcpus_alive[n]--;                                               \
	}

COUNTING_UNIT(0)
COUNTING_UNIT(1)

static int relinquish(struct domain *d)
{
	return relinquish_steps > 0 && --relinquish_steps > 0 ? -ERESTART : 0;
}

static const struct unit unit_0 = { .name = "0",
	.domain_create = create_0,
	.domain_destroy = destroy_0,
	.vcpu_create = vcpu_create_0,
	.vcpu_destroy = vcpu_destroy_0 };
static const struct unit unit_1 = { .name = "1",
	.domain_create = create_1,
	.domain_destroy = destroy_1,
	.vcpu_create = vcpu_create_1,
	.vcpu_destroy = vcpu_destroy_1,
	.domain_relinquish = relinquish };

const struct unit *const units[] = { &sched_unit, &unit_0, &unit_1 };
const unsigned int unit_count = ARRAY_SIZE(units);

/* --- the machine --- */

static unsigned int exc_virqs;

static void on_virq(u32 virq)
{
	exc_virqs += virq == CORE_VIRQ_DOM_EXC;
}

__attribute__((constructor)) static void setup(void)
{
	host_boot(4, MiB(64));
	virq_global_handler = on_virq;
}

static void check_nothing_left(void)
{
	CHECK_EQ(domains_alive[0], 0);
	CHECK_EQ(domains_alive[1], 0);
	CHECK_EQ(vcpus_alive[0], 0);
	CHECK_EQ(vcpus_alive[1], 0);
	CHECK(domain_next(0) == NULL);
	CHECK(domain_get(0) == NULL);
}

/* --- creation --- */

UNIT_TEST(create, "a new domain is held, listed, and goes away with its last reference")
{
	u64 used = pool_system.used;
	struct domain *d = host_domain_create(5, 3), *again;
	struct vcpu *v;

	CHECK_EQ(d->id, 5);
	CHECK_STR(d->name, "test");
	CHECK_EQ(d->vcpu_count, 3);
	CHECK_EQ(vcpus_alive[1], 3);
	for_each_vcpu(d, v) {
		CHECK_EQ(v->hold, BIT32(VCPU_HOLD_DOWN) | BIT32(VCPU_HOLD_PAUSED));
		CHECK(v->domain == d && domain_vcpu(d, v->id) == v);
	}
	CHECK(domain_vcpu(d, 3) == NULL);
	again = domain_get(5);
	CHECK(again == d);
	domain_kill(d);
	CHECK_EQ(vcpus_alive[0] + domains_alive[0], 0);
	CHECK(domain_get(5) == NULL); /* out of sight */
	CHECK(domain_next(4) == NULL);
	CHECK(domain_get_dying(5) == d); /* but there */
	domain_put(d);
	CHECK(d->dying);
	domain_put(again);
	CHECK(domain_get(5) == NULL);
	CHECK_EQ(pool_system.used, used);
	check_nothing_left();
}

UNIT_TEST(unwind, "creation that fails at any hook of any unit leaves nothing behind")
{
	unsigned int hooks = 2 + 3 * 2; /* 2 units; 3 vCPUs */

	for (unsigned int i = 1; i <= hooks + 1; i++) {
		struct domain_desc desc = host_desc(1, 3);
		struct domain *d = NULL;
		int rc;

		fail_after = i;
		rc = domain_create(&desc, &d);
		fail_after = 0;
		CHECK_EQ(rc, i <= hooks ? -ENOSPC : 0);
		if (rc == 0) {
			domain_kill(d);
		} else {
			CHECK(d == NULL);
		}
		check_nothing_left();
	}
}

static unsigned int allocations_left;

static bool refuse(size_t bytes)
{
	return allocations_left == 0 || allocations_left-- == 0;
}

UNIT_TEST(no_memory, "creation that fails at any allocation leaves nothing behind")
{
	struct domain_desc desc = host_desc(1, 3);
	struct domain *d = NULL;
	unsigned int n = 0;
	u64 used = pool_system.used;
	int rc;

	host_heap_refuse = refuse;
	do {
		allocations_left = n++;
		rc = domain_create(&desc, &d);
		if (rc != 0) {
			CHECK_EQ(rc, -ENOMEM);
			CHECK_EQ(pool_system.used, used);
			check_nothing_left();
		}
	} while (rc != 0 && n < 100);
	host_heap_refuse = NULL;
	CHECK(n > 6 && n < 100);
	domain_kill(d);
	check_nothing_left();
}

UNIT_TEST(pool, "a domain whose pool is too small is refused")
{
	struct domain_desc desc = host_desc(1, 100);
	struct domain *d = NULL;

	desc.pool_pages = 3;
	CHECK_EQ(domain_create(&desc, &d), -ENOMEM);
	check_nothing_left();
}

UNIT_TEST(bad, "impossible ids and numbers of vCPUs are refused")
{
	struct domain_desc none = host_desc(1, 0), many = host_desc(1, MAX_VCPUS + 1),
			   id = host_desc(DOMID_FIRST_RESERVED_, 1);
	struct domain *d = NULL;

	CHECK_EQ(domain_create(&none, &d), -EINVAL);
	CHECK_EQ(domain_create(&many, &d), -EINVAL);
	CHECK_EQ(domain_create(&id, &d), -EINVAL);
}

UNIT_TEST(list, "the list is in rising order, without doubles, and can be walked")
{
	static const u16 ids[] = { 7, 0, 300, 3, 0x7fef };
	static const u16 sorted[] = { 0, 3, 7, 300, 0x7fef };
	struct domain *d[5], *walk = domain_get(0);
	struct domain_desc twin = host_desc(3, 1);
	struct domain *none = NULL;

	for (unsigned int i = 0; i < 5; i++) {
		d[i] = host_domain_create(ids[i], 1);
	}
	CHECK(walk == NULL);
	CHECK_EQ(domain_create(&twin, &none), -EEXIST);
	CHECK_EQ(domains_alive[0], 5);
	walk = domain_get(0);
	for (unsigned int i = 0; i < 5; i++) {
		u16 id = walk->id;

		CHECK_EQ(id, sorted[i]);
		domain_put(walk);
		walk = domain_next(id);
	}
	CHECK(walk == NULL);
	CHECK(domain_get(4) == NULL);
	CHECK(domain_next(0xffff) == NULL);
	for (unsigned int i = 0; i < 5; i++) {
		domain_kill(d[i]);
	}
	check_nothing_left();
}

UNIT_TEST(walk, "going through all domains: with and without domain 0, every reference put")
{
	static const u16 ids[] = { 0, 2, 9 };
	struct domain *d[3], *seen;
	unsigned int n = 0;

	for_each_domain(seen) {
		n++;
	}
	CHECK_EQ(n, 0);
	for (unsigned int i = 0; i < 3; i++) {
		d[i] = host_domain_create(ids[i], 1);
	}
	for_each_domain(seen) {
		CHECK(n < 3 && seen == d[n]);
		n++;
	}
	CHECK_EQ(n, 3);
	domain_kill(d[0]);
	for_each_domain(seen) {
		CHECK(seen == d[4 - n]);
		n--;
	}
	CHECK_EQ(n, 1);
	domain_kill(d[1]);
	domain_kill(d[2]);
	check_nothing_left();
}

UNIT_TEST(last_reference, "a domain whose last reference is being put cannot be found any more")
{
	struct domain *d = host_domain_create(1, 1);

	atomic_set(&d->refs, 0);
	CHECK(domain_get(1) == NULL);
	CHECK(domain_next(0) == NULL);
	atomic_set(&d->refs, 1);
	domain_kill(d);
	check_nothing_left();
}

UNIT_TEST(after_kill, "whoever still has a reference may pause and shut down what is dead")
{
	struct domain *d = host_domain_create(1, 2), *ref = domain_get(1);

	host_domain_start(d);
	domain_kill(d);
	domain_pause(ref);
	domain_unpause(ref);
	domain_pause_vcpu(ref->vcpus[0]);
	domain_shutdown(ref, SHUT_CRASH);
	CHECK_EQ(domain_resume(ref), -EINVAL);
	domain_put(ref);
	check_nothing_left();
}

/* --- holds --- */

UNIT_TEST(pauses, "pauses of the domain and of a vCPU count, each for itself")
{
	struct domain *d = host_domain_create(1, 2);
	struct vcpu *a = d->vcpus[0], *b = d->vcpus[1];

	host_domain_start(d);
	CHECK_EQ(a->hold, 0);
	domain_pause(d);
	domain_pause(d);
	domain_pause_vcpu(a);
	domain_unpause(d);
	CHECK_EQ(a->hold, BIT32(VCPU_HOLD_PAUSED));
	domain_unpause(d);
	CHECK_EQ(a->hold, BIT32(VCPU_HOLD_PAUSED));
	CHECK_EQ(b->hold, 0);
	domain_unpause(d); /* too many */
	domain_unpause_vcpu(a);
	CHECK_EQ(a->hold, 0);
	domain_unpause_vcpu(a);
	domain_pause_vcpu(a);
	CHECK_EQ(a->hold, BIT32(VCPU_HOLD_PAUSED));
	domain_unpause_vcpu(a);
	domain_pause(d);
	CHECK_EQ(b->hold, BIT32(VCPU_HOLD_PAUSED));
	domain_kill(d);
	check_nothing_left();
}

UNIT_TEST(block, "a vCPU blocks unless an event is there, and an event wakes it")
{
	struct domain *d = host_domain_create(1, 1);
	struct vcpu *v = d->vcpus[0];

	host_domain_start(d);
	host_set_current(v);
	CHECK(vcpu_current() == v);
	vcpu_block(v);
	CHECK_EQ(v->hold, BIT32(VCPU_HOLD_BLOCKED));
	vcpu_set_pending(v, VCPU_PENDING_TIME);
	CHECK_EQ(v->hold, BIT32(VCPU_HOLD_BLOCKED));
	vcpu_set_pending(v, VCPU_PENDING_EVENT);
	CHECK_EQ(v->hold, 0);
	vcpu_block(v);
	CHECK_EQ(v->hold, 0);
	v->pending = 0;
	vcpu_block(v);
	domain_pause(d);
	vcpu_set_pending(v, VCPU_PENDING_RESET);
	CHECK_EQ(v->hold, BIT32(VCPU_HOLD_PAUSED));
	host_set_current(NULL);
	CHECK(vcpu_current() == NULL);
	domain_kill(d);
	check_nothing_left();
}

UNIT_TEST(kick, "a vCPU in guest mode on another CPU is kicked, once for each news")
{
	struct domain *d = host_domain_create(1, 1);
	struct vcpu *v = d->vcpus[0];
	unsigned int cpu = v->cpu->id;
	u64 before;

	host_domain_start(d);
	host_set_current(v);
	v->cpu->in_guest = true;
	before = host_kicks[cpu];
	vcpu_set_pending(v, VCPU_PENDING_EVENT); /* from its own CPU: it will look */
	CHECK_EQ(host_kicks[cpu], before);
	v->pending = 0;
	host_be_cpu((cpu + 1) % 4);
	vcpu_set_pending(v, VCPU_PENDING_EVENT);
	CHECK_EQ(host_kicks[cpu], before + 1);
	vcpu_set_pending(v, VCPU_PENDING_EVENT);
	CHECK_EQ(host_kicks[cpu], before + 1);
	vcpu_set_pending(v, VCPU_PENDING_FLUSH);
	CHECK_EQ(host_kicks[cpu], before + 2);
	v->cpu->in_guest = false;
	v->pending = 0;
	vcpu_set_pending(v, VCPU_PENDING_EVENT);
	CHECK_EQ(host_kicks[cpu], before + 2);
	host_be_cpu(cpu);
	host_set_current(NULL);
	domain_kill(d);
	check_nothing_left();
}

/* --- the end --- */

UNIT_TEST(shutdown, "a shutdown holds the domain once, tells the tools, and can be undone")
{
	struct domain *d = host_domain_create(1, 2);

	host_domain_start(d);
	exc_virqs = 0;
	CHECK_EQ(domain_resume(d), -EINVAL);
	domain_shutdown(d, SHUT_SUSPEND);
	domain_shutdown(d, SHUT_POWEROFF); /* too late */
	CHECK(d->shut_down);
	CHECK_EQ(d->shutdown_code, SHUT_SUSPEND);
	CHECK_EQ(d->vcpus[1]->hold, BIT32(VCPU_HOLD_SHUT));
	CHECK_EQ(exc_virqs, 1);
	CHECK_EQ(domain_resume(d), 0);
	CHECK(!d->shut_down);
	CHECK_EQ(d->vcpus[1]->hold, 0);
	domain_kill(d);
	check_nothing_left();
}

UNIT_TEST(crash, "a crash is a shutdown that says why, once")
{
	struct domain *d = host_domain_create(1, 1);
	u64 dumps = host_vcpu_dumps;

	host_domain_start(d);
	domain_crash(d, d->vcpus[0], "bad %s", "thing");
	domain_crash(d, d->vcpus[0], "again");
	CHECK_EQ(host_vcpu_dumps, dumps + 1);
	CHECK(d->shut_down);
	CHECK_EQ(d->shutdown_code, SHUT_CRASH);
	domain_kill(d);
	d = host_domain_create(2, 1);
	domain_crash(d, NULL, "no vCPU");
	CHECK_EQ(d->shutdown_code, SHUT_CRASH);
	domain_kill(d);
	check_nothing_left();
}

UNIT_TEST(kill, "a domain that runs is stopped before its units are destroyed, in steps")
{
	struct domain *d = host_domain_create(1, 3);
	struct vcpu *v = d->vcpus[1];
	unsigned int steps = 0;

	host_domain_start(d);
	for (unsigned int i = 0; i < 4; i++) {
		host_be_cpu(i);
		pcpu_step(pcpus[i]);
	}
	CHECK(!vcpu_stopped(v));
	host_be_cpu((v->cpu->id + 1) % 4);
	for (unsigned int i = 0; i < 20; i++) {
		CHECK_EQ(domain_kill_step(d), -ERESTART);
	}
	CHECK_EQ(vcpus_alive[0], 3); /* the other CPUs had no time to put them down */
	relinquish_steps = 5;
	while (domain_kill_step(d) == -ERESTART) {
		steps++;
		arch_cpu_relax();
	}
	CHECK(steps >= 5 + 3);
	CHECK_EQ(domain_next(0) == NULL, true);
	host_be_cpu(0);
	check_nothing_left();
}

UNIT_TEST(hardware, "the shutdown of the hardware domain is the machine's")
{
	static const struct {
		enum shutdown_reason reason;
		enum machine_end end;
	} cases[] = { { SHUT_POWEROFF, MACHINE_POWEROFF }, { SHUT_REBOOT, MACHINE_REBOOT },
		{ SHUT_CRASH, MACHINE_REBOOT }, { SHUT_WATCHDOG, MACHINE_REBOOT } };
	struct domain *d = host_domain_create(1, 1);

	d->hardware = true;
	for (unsigned int i = 0; i < ARRAY_SIZE(cases); i++) {
		host_end = MACHINE_HALT;
		CHECK(host_ends_machine(domain_shutdown(d, cases[i].reason)));
		CHECK_EQ(host_end, cases[i].end);
	}
	CHECK(host_ends_machine(domain_crash(d, d->vcpus[0], "dom0")));
	domain_kill(d);
	check_nothing_left();
}
