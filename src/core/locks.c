/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Ticket locks and the check of their ranks. A lock is free when the next ticket is the one being
 * served. This file must not log or allocate: everything else takes locks.
 */
#include "core/locks.h"

#include "arch/contract/cpu.h"
#include "core/pcpu.h"
#include "lib/bug.h"

bool locks_checked;

static void locks_bug(const char *what, unsigned int rank, unsigned int held)
{
	bug(__FILE__, __LINE__, what);
}

void (*locks_violation)(const char *what, unsigned int rank, unsigned int held) = locks_bug;

#ifdef CONFIG_DEBUG
static struct pcpu *locks_pcpu(void)
{
	return READ_ONCE(locks_checked) ? this_pcpu() : NULL;
}

static unsigned int locks_highest(const struct pcpu *p)
{
	unsigned int highest = 0;

	for (unsigned int i = 0; i < p->lock_depth; i++) {
		highest = MAX(highest, (unsigned int)p->lock_ranks[i]);
	}
	return highest;
}

/* Before the lock is taken, so that a mistake is reported and does not deadlock instead. */
static void locks_check(const struct spinlock *l, bool second)
{
	struct pcpu *p = locks_pcpu();
	unsigned int held;

	if (!p) {
		return;
	}
	held = locks_highest(p);
	if (l->rank == 0 || l->rank >= RANK_COUNT) {
		locks_violation("lock without a rank", l->rank, held);
	} else if (second ? l->rank < held : l->rank <= held) {
		locks_violation("lock taken out of order", l->rank, held);
	}
}

static void locks_push(const struct spinlock *l)
{
	struct pcpu *p = locks_pcpu();

	if (!p) {
		return;
	}
	if (p->lock_depth == ARRAY_SIZE(p->lock_ranks)) {
		locks_violation("too many locks held", l->rank, locks_highest(p));
		return;
	}
	p->lock_ranks[p->lock_depth++] = l->rank;
}

/* Locks may be released in any order. */
static void locks_pop(const struct spinlock *l)
{
	struct pcpu *p = locks_pcpu();
	unsigned int i;

	if (!p) {
		return;
	}
	for (i = p->lock_depth; i > 0 && p->lock_ranks[i - 1] != l->rank; i--) {
	}
	if (i == 0) {
		locks_violation("unlock of a lock that is not held", l->rank, locks_highest(p));
		return;
	}
	for (p->lock_depth--; i <= p->lock_depth; i++) {
		p->lock_ranks[i - 1] = p->lock_ranks[i];
	}
}
#else
static inline void locks_check(const struct spinlock *l, bool second)
{
}

static inline void locks_push(const struct spinlock *l)
{
}

static inline void locks_pop(const struct spinlock *l)
{
}
#endif

/* Acquire: pairs with the release of the owner before us in spin_unlock(). */
static void locks_take(struct spinlock *l)
{
	u16 ticket = __atomic_fetch_add(&l->next, 1, __ATOMIC_RELAXED);

	while (__atomic_load_n(&l->owner, __ATOMIC_ACQUIRE) != ticket) {
		arch_cpu_relax();
	}
	locks_push(l);
}

void spin_lock(struct spinlock *l)
{
	locks_check(l, false);
	locks_take(l);
}

void spin_unlock(struct spinlock *l)
{
	locks_pop(l);
	/* Only the holder writes owner. Pairs with the acquire in locks_take(). */
	__atomic_store_n(&l->owner, (u16)(l->owner + 1), __ATOMIC_RELEASE);
}

/* If next still equals an owner that was read earlier, then owner has not moved since. */
bool spin_trylock(struct spinlock *l)
{
	u16 owner = __atomic_load_n(&l->owner, __ATOMIC_ACQUIRE);

	if (!__atomic_compare_exchange_n(&l->next, &owner, (u16)(owner + 1), false,
		    __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
		return false;
	}
	locks_push(l);
	return true;
}

bool spin_is_locked(const struct spinlock *l)
{
	return __atomic_load_n(&l->owner, __ATOMIC_RELAXED) !=
	       __atomic_load_n(&l->next, __ATOMIC_RELAXED);
}

void spin_lock_pair(struct spinlock *a, struct spinlock *b)
{
	struct spinlock *low = a < b ? a : b;
	struct spinlock *high = a < b ? b : a;

	spin_lock(low);
	if (high != low) {
		locks_check(high, true);
		locks_take(high);
	}
}

void spin_unlock_pair(struct spinlock *a, struct spinlock *b)
{
	spin_unlock(a);
	if (a != b) {
		spin_unlock(b);
	}
}
