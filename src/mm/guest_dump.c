/* SPDX-License-Identifier: GPL-2.0-only */
/* Debug key: the physical maps of all domains, neighbours put together. Reads only. */
#include "core/domain.h"
#include "core/log.h"
#include "mm/guest.h"

#define RUNS_MAX 64 /* lines for one domain */

static const char *const type_names[S2_TYPE_COUNT] = { "nothing", "RAM", "RAM read-only", "MMIO",
	"MMIO read-only", "shared", "foreign", "grant", "grant read-only", "log-dirty" };

/* The run of leaves that is being put together. */
struct dump_run {
	u64 gfn, mfn, count;
	u8 type, access;
	unsigned int lines;
	u64 leaves[3]; /* of 4 KiB, 2 MiB, 1 GiB */
};

static void run_print(struct dump_run *r)
{
	if (r->count && r->lines++ < RUNS_MAX) {
		log_dump("  gfn %010llx +%llx mfn %010llx %c%c%c %s", (unsigned long long)r->gfn,
			(unsigned long long)r->count, (unsigned long long)r->mfn,
			r->access & S2_R ? 'r' : '-', r->access & S2_W ? 'w' : '-',
			r->access & S2_X ? 'x' : '-', type_names[r->type]);
	}
	r->count = 0;
}

static void run_add(void *arg, gfn_t gfn, const struct s2_entry *e)
{
	struct dump_run *r = arg;

	r->leaves[e->order / 9]++;
	if (r->count &&
		(r->gfn + r->count != gfn.v || r->type != e->type || r->access != e->access)) {
		run_print(r);
	}
	if (!r->count) {
		r->gfn = gfn.v;
		r->mfn = e->mfn.v;
		r->type = e->type;
		r->access = e->access;
	}
	r->count += 1ULL << e->order;
}

static void dump_domain(struct domain *d)
{
	struct dump_run r = { 0 };
	gfn_t at = GFN(0);

	log_dump("d%u: %s, root at %llx, %llu tables", d->id, d->s2->fmt->name,
		(unsigned long long)d->s2->root_pa.v, (unsigned long long)d->s2->table_count);
	while (!s2_walk(d->s2, &at, GFN(1ULL << 36), 4096, run_add, &r)) {
	}
	run_print(&r);
	log_dump("  %llu leaves of 1 GiB, %llu of 2 MiB, %llu of 4 KiB; runs of memory "
		 "scattered over the host are one line, with the first mfn",
		(unsigned long long)r.leaves[2], (unsigned long long)r.leaves[1],
		(unsigned long long)r.leaves[0]);
}

void guest_dump(void)
{
	struct domain *d;

	for_each_domain(d) {
		if (d->s2) {
			dump_domain(d);
		}
	}
}
