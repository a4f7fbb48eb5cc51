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
	RANK_EVTCHN_PAIR,     /* comm/: making and breaking pairs of ports, of any domains */
	RANK_EVTCHN,	      /* comm/: one domain's table of ports */
	RANK_EVTCHN_PORT,     /* comm/: one port, or both of a pair */
	RANK_EVTCHN_QUEUE,    /* comm/: a FIFO queue, or the two that a port moves between */
	RANK_VPCI,	      /* vdev/: a function's configuration space */
	RANK_VUART,	      /* vdev/: an emulated serial port */
	RANK_VDEV,	      /* vdev/: state of an emulated device */
	RANK_IRQ,	      /* arch: interrupt descriptors */
	RANK_S2,	      /* mm/s2.c: one stage-2 table */
	RANK_IOMMU_IR,	      /* drv/iommu: entries of interrupt remapping tables */
	RANK_IOMMU,	      /* drv/iommu: one IOMMU's tables and queues */
	RANK_IOMMU_FAULT,     /* drv/iommu: how many faults were printed */
	RANK_VMAP,	      /* mm/vmap.c: hypervisor address space */
	RANK_HEAP,	      /* mm/heap.c */
	RANK_FRAME_TABLE,     /* mm/frame.c: making slices of the frame table */
	RANK_PAGE_TABLE,      /* arch: the hypervisor's own page tables */
	RANK_FRAME,	      /* mm/frame.c: the free lists */
	RANK_SCHED,	      /* sched/: one run queue */
	RANK_VTIME,	      /* abi/vtime.c: a vCPU's registered records */
	RANK_TIMER,	      /* core/timer.c: one CPU's timers */
	RANK_WALLCLOCK,	      /* abi/vtime.c: the wall clock and its copies for guests */
	RANK_PCI,	      /* drv/pci: the tree of functions */
	RANK_PCI_PORTS,	      /* drv/pci: ports CF8 and CFC */
	RANK_CONSOLE,	      /* core/console.c: always last, anybody may log */
	RANK_COUNT
};

struct spinlock {
	u16 next;  /* the next ticket to hand out */
	u16 owner; /* the ticket being served */
	u8 rank;
};

/* clang-format off */
#define SPINLOCK_INIT(r) { .rank = (r) }
/* clang-format on */

static inline void spin_init(struct spinlock *l, enum lock_rank rank)
{
	*l = (struct spinlock)SPINLOCK_INIT(rank);
}

/* Any CPU, any context but NMI. Interrupts stay as they are (masked). */
void spin_lock(struct spinlock *l);
void spin_unlock(struct spinlock *l);
bool spin_trylock(struct spinlock *l); /* exempt from the rank check: it cannot deadlock */
bool spin_is_locked(const struct spinlock *l);

/* Two locks of one rank, the lower address first. They may be the same lock: then it is one. */
void spin_lock_pair(struct spinlock *a, struct spinlock *b);
void spin_unlock_pair(struct spinlock *a, struct spinlock *b);

/* Boot sets it once this_pcpu() works on the boot CPU: before, ranks cannot be checked. */
extern bool locks_checked;

/* Debug builds: what a broken rule leads to, bug() unless a test puts itself here. `held` is the
 * highest rank that the CPU holds. */
extern void (*locks_violation)(const char *what, unsigned int rank, unsigned int held);

#endif
