/* SPDX-License-Identifier: GPL-2.0-only */
/* The life of struct abi_domain. */
#include "abi/domain.h"
#include "core/domain.h"
#include "lib/errno.h"
#include "mm/heap.h"

static int abi_domain_create(struct domain *d, const struct domain_desc *desc)
{
	d->abi = heap_new(&d->pool, struct abi_domain);
	if (!d->abi) {
		return -ENOMEM;
	}
	spin_init(&d->abi->lock, RANK_DOMAIN);
	d->abi->shutdown_code = -1;
	d->abi->shared_gfn = ~0ULL;
	abi_watchdogs_init(d);
	return 0;
}

static int abi_domain_relinquish(struct domain *d)
{
	abi_watchdogs_stop(d);
	return 0;
}

static void abi_domain_destroy(struct domain *d)
{
	abi_watchdogs_stop(d);
	heap_free(&d->pool, d->abi);
	d->abi = NULL;
}

const struct unit abi_unit = {
	.name = "abi",
	.domain_create = abi_domain_create,
	.domain_relinquish = abi_domain_relinquish,
	.domain_destroy = abi_domain_destroy,
};
