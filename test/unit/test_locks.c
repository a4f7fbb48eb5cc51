/* SPDX-License-Identifier: GPL-2.0-only */
/* Ticket locks: exclusion between threads, and the rules about ranks. */
#include <pthread.h>

#include "arch/host/host.h"
#include "core/locks.h"
#include "unit/harness.h"

static const char *violation;
static unsigned int violations, violation_rank, violation_held;

static void note_violation(const char *what, unsigned int rank, unsigned int held)
{
	violation = what;
	violation_rank = rank;
	violation_held = held;
	violations++;
}

__attribute__((constructor)) static void setup(void)
{
	host_cpus_init(4);
	locks_violation = note_violation;
}

static unsigned int taken_violations(void)
{
	unsigned int n = violations;

	violations = 0;
	return n;
}

UNIT_TEST(rising, "locks of rising rank may be held together, and released in any order")
{
	struct spinlock a = SPINLOCK_INIT(RANK_DOMAIN), b = SPINLOCK_INIT(RANK_SCHED),
			c = SPINLOCK_INIT(RANK_CONSOLE);

	spin_lock(&a);
	spin_lock(&b);
	spin_lock(&c);
	CHECK(spin_is_locked(&a) && spin_is_locked(&b) && spin_is_locked(&c));
	CHECK_EQ(host_pcpu->lock_depth, 3);
	spin_unlock(&b);
	CHECK(!spin_is_locked(&b));
	CHECK_EQ(host_pcpu->lock_ranks[0], RANK_DOMAIN);
	CHECK_EQ(host_pcpu->lock_ranks[1], RANK_CONSOLE);
	spin_unlock(&a);
	spin_unlock(&c);
	CHECK_EQ(host_pcpu->lock_depth, 0);
	CHECK_EQ(taken_violations(), 0);
}

UNIT_TEST(falling, "a lock below or at a rank that is held is a violation")
{
	struct spinlock a = SPINLOCK_INIT(RANK_DOMAIN), b = SPINLOCK_INIT(RANK_SCHED),
			twin = SPINLOCK_INIT(RANK_SCHED);

	spin_lock(&b);
	spin_lock(&a);
	CHECK_EQ(taken_violations(), 1);
	CHECK_EQ(violation_rank, RANK_DOMAIN);
	CHECK_EQ(violation_held, RANK_SCHED);
	spin_unlock(&a);
	spin_lock(&twin);
	CHECK_EQ(taken_violations(), 1);
	spin_unlock(&twin);
	spin_unlock(&b);
	CHECK_EQ(taken_violations(), 0);
}

UNIT_TEST(highest, "the highest rank held counts, not the last one taken")
{
	struct spinlock low = SPINLOCK_INIT(RANK_DOMAIN), mid = SPINLOCK_INIT(RANK_HEAP),
			high = SPINLOCK_INIT(RANK_SCHED);

	spin_lock(&high);
	CHECK(spin_trylock(&low));
	CHECK_EQ(taken_violations(), 0);
	spin_lock(&mid);
	CHECK_EQ(taken_violations(), 1);
	CHECK_EQ(violation_held, RANK_SCHED);
	spin_unlock(&mid);
	spin_unlock(&low);
	spin_unlock(&high);
}

UNIT_TEST(trylock, "trylock is free of the rank rule and fails on a lock that is held")
{
	struct spinlock a = SPINLOCK_INIT(RANK_DOMAIN), b = SPINLOCK_INIT(RANK_SCHED);

	spin_lock(&b);
	CHECK(spin_trylock(&a));
	CHECK(!spin_trylock(&a));
	CHECK(!spin_trylock(&b));
	CHECK_EQ(taken_violations(), 0);
	spin_unlock(&a);
	CHECK(spin_trylock(&a));
	spin_unlock(&a);
	spin_unlock(&b);
	CHECK_EQ(host_pcpu->lock_depth, 0);
}

UNIT_TEST(strange, "unlocking what is not held and locking without a rank are violations")
{
	struct spinlock a = SPINLOCK_INIT(RANK_DOMAIN), none = SPINLOCK_INIT(0);

	spin_unlock(&a);
	CHECK_EQ(taken_violations(), 1);
	spin_lock(&none);
	CHECK_EQ(taken_violations(), 1);
	spin_unlock(&none);
}

UNIT_TEST(deep, "more locks than the record holds are a violation")
{
	static struct spinlock l[RANK_COUNT + 16];
	unsigned int n = ARRAY_SIZE(host_pcpu->lock_ranks);

	for (unsigned int i = 0; i < n + 1; i++) {
		spin_init(&l[i], (enum lock_rank)(1 + i % (RANK_COUNT - 1)));
		CHECK(spin_trylock(&l[i]));
	}
	CHECK_EQ(taken_violations(), 1);
	for (unsigned int i = n; i-- > 0;) {
		spin_unlock(&l[i]);
	}
	CHECK_EQ(host_pcpu->lock_depth, 0);
	CHECK_EQ(taken_violations(), 0);
}

UNIT_TEST(pair, "two locks of a rank are taken as a pair, in either order, or as one")
{
	struct spinlock two[2] = { SPINLOCK_INIT(RANK_SCHED), SPINLOCK_INIT(RANK_SCHED) };

	for (unsigned int i = 0; i < 2; i++) {
		spin_lock_pair(&two[i], &two[1 - i]);
		CHECK(spin_is_locked(&two[0]) && spin_is_locked(&two[1]));
		spin_unlock_pair(&two[i], &two[1 - i]);
		CHECK(!spin_is_locked(&two[0]) && !spin_is_locked(&two[1]));
	}
	spin_lock_pair(&two[0], &two[0]);
	CHECK_EQ(host_pcpu->lock_depth, 1);
	spin_unlock_pair(&two[0], &two[0]);
	CHECK_EQ(host_pcpu->lock_depth, 0);
	CHECK_EQ(taken_violations(), 0);
}

UNIT_TEST(wrap, "tickets wrap around")
{
	struct spinlock a = { .next = 0xffff, .owner = 0xffff, .rank = RANK_DOMAIN };

	for (unsigned int i = 0; i < 3; i++) {
		spin_lock(&a);
		CHECK(!spin_trylock(&a));
		spin_unlock(&a);
		CHECK(spin_trylock(&a));
		spin_unlock(&a);
	}
	CHECK(!spin_is_locked(&a));
	CHECK_EQ(a.owner, 5);
}

#define ROUNDS 20000

static struct spinlock shared = SPINLOCK_INIT(RANK_DOMAIN);
static u64 counter, tried;

static void *hammer(void *arg)
{
	host_be_cpu((unsigned int)(uintptr_t)arg);
	for (unsigned int i = 0; i < ROUNDS; i++) {
		if (i % 8 == 0 && spin_trylock(&shared)) {
			tried++;
			spin_unlock(&shared);
		}
		spin_lock(&shared);
		counter++;
		spin_unlock(&shared);
	}
	return NULL;
}

UNIT_TEST(threads, "no increment under the lock is lost among four threads")
{
	pthread_t threads[4];

	for (uintptr_t i = 0; i < 4; i++) {
		pthread_create(&threads[i], NULL, hammer, (void *)i);
	}
	for (unsigned int i = 0; i < 4; i++) {
		pthread_join(threads[i], NULL);
	}
	CHECK_EQ(counter, 4 * ROUNDS);
	CHECK(!spin_is_locked(&shared));
	CHECK_EQ(taken_violations(), 0);
}
