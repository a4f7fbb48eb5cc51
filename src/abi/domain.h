/* SPDX-License-Identifier: GPL-2.0-only */
/* What the hypercalls keep for a domain. Each field belongs to the file that its comment names. */
#ifndef ABI_DOMAIN_H
#define ABI_DOMAIN_H

#include "core/timer.h"
#include "core/unit.h"
#include "lib/compiler.h"

#define ABI_WATCHDOGS 2

struct abi_watchdog {
	struct timer timer;
	bool armed;
};

struct abi_domain {
	struct spinlock lock; /* RANK_DOMAIN: watchdogs, shared_gfn, handle, tool_pauses */
	u64 assists;	      /* misc.c: bits VMASST_TYPE_*, atomic */
	int shutdown_code;    /* sched_op.c: announced by SCHEDOP_shutdown_code, or -1 */
	struct abi_watchdog watchdogs[ABI_WATCHDOGS]; /* sched_op.c */
	u64 shared_gfn;	 /* physmap.c: where shared_info is mapped, ~0: nowhere */
	u8 handle[16];	 /* domctl.c: the tools' UUID; under lock */
	u32 tool_pauses; /* domctl.c: pauses that the tools hold; under lock */
};

/* Creates d->abi; before the units of hvm_op and vtime, after evtchn. */
extern const struct unit abi_unit;

/* sched_op.c */
void abi_watchdogs_init(struct domain *d);
void abi_watchdogs_stop(struct domain *d);

#endif
