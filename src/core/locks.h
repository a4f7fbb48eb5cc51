/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Ticket spin locks with ranks. A CPU takes locks in rising rank only; debug builds check it.
 *
 * The hypervisor runs with interrupts masked from a guest's exit to its next entry and handles
 * them at two places where no lock is held (the exit path's interrupt window and the idle loop).
 * So no lock needs an interrupt-disabling variant, and an interrupt handler may take any lock.
 * Only NMI and machine-check handlers come at any time: they take no lock at all.
 */
#ifndef CORE_LOCKS_H
#define CORE_LOCKS_H

#include "lib/compiler.h"

/* The order in which locks nest, outermost first. docs/locks.md says what each protects. */
enum lock_rank {
	RANK_DOMAIN_LIST = 1, /* core/domain.c: the list of domains */
	RANK_DOMAIN,	      /* struct domain.lock: life cycle, parameters */
	RANK_GRANT,	      /* comm/: one grant table */
	RANK_EVTCHN,	      /* comm/: one domain's event channels */
	RANK_EVTCHN_PEER,     /* comm/: the second domain of a pair, by rising address */
	RANK_VPCI,	      /* vdev/: a function's configuration space */
	RANK_VDEV,	      /* vdev/: state of an emulated device */
	RANK_IRQ,	      /* arch: interrupt descriptors */
	RANK_S2,	      /* mm/s2.c: one stage-2 table */
	RANK_IOMMU,	      /* drv/iommu: one IOMMU's queues */
	RANK_VMAP,	      /* mm/vmap.c: hypervisor address space */
	RANK_HEAP,	      /* mm/heap.c */
	RANK_FRAME,	      /* mm/frame.c */
	RANK_SCHED,	      /* sched/: one run queue */
	RANK_TIMER,	      /* core/timer.c: one CPU's timers */
	RANK_CONSOLE,	      /* core/console.c: always last, anybody may log */
	RANK_COUNT
};

struct spinlock {
	u16 next; /* the next ticket to hand out */
	u16 owner; /* the ticket being served */
	u8 rank;
};

#define SPINLOCK_INIT(r) { .rank = (r) }

static inline void spin_init(struct spinlock *l, enum lock_rank rank)
{
	*l = (struct spinlock)SPINLOCK_INIT(rank);
}

/* Any CPU, any context but NMI. Interrupts stay as they are (masked). */
void spin_lock(struct spinlock *l);
void spin_unlock(struct spinlock *l);
bool spin_trylock(struct spinlock *l); /* exempt from the rank check: it cannot deadlock */
bool spin_is_locked(const struct spinlock *l);

#endif
