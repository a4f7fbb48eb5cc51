/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Counts the pages that are charged to a domain or to the hypervisor itself. It owns no memory and
 * takes no lock.
 */
#include "mm/pool.h"

#include "lib/bug.h"
#include "lib/compiler.h"
#include "lib/errno.h"

struct pool pool_system = { .name = "system", .limit = ~0ULL };

void pool_init(struct pool *p, const char *name, u64 limit_pages)
{
	*p = (struct pool){ .name = name, .limit = limit_pages };
}

int pool_charge(struct pool *p, u64 pages)
{
	u64 used = __atomic_load_n(&p->used, __ATOMIC_RELAXED);

	do {
		if (used > p->limit || pages > p->limit - used) {
			return -ENOMEM;
		}
	} while (!__atomic_compare_exchange_n(
		&p->used, &used, used + pages, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED));
	return 0;
}

void pool_uncharge(struct pool *p, u64 pages)
{
	u64 was = __atomic_fetch_sub(&p->used, pages, __ATOMIC_RELAXED);

	BUG_ON(was < pages);
}
