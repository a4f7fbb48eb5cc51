/* SPDX-License-Identifier: GPL-2.0-only */
/* Judges the description of a domain before anything is built from it. Pure. */
#include "boot/desc.h"

#include "core/domain.h"
#include "lib/errno.h"
#include "lib/string.h"

#define MEMORY_LEAST MiB(1)
#define CMDLINE_MAX 2048
/* A GIC has interrupts up to 1019, 32 of them a CPU's own. */
#define SPIS_MAX 988

struct desc_rule {
	bool (*broken)(const struct domain_desc *d);
	const char *why;
};

static bool bad_id(const struct domain_desc *d)
{
	return d->id >= DOMID_FIRST_RESERVED_;
}

static bool bad_name(const struct domain_desc *d)
{
	return !d->name || !d->name[0] || strlen(d->name) >= sizeof(((struct domain *)0)->name);
}

static bool bad_vcpus(const struct domain_desc *d)
{
	return d->vcpu_count == 0 || d->vcpu_count > MAX_VCPUS;
}

static bool bad_memory(const struct domain_desc *d)
{
	return d->kernel && (d->memory < MEMORY_LEAST || !IS_ALIGNED(d->memory, PAGE_SIZE));
}

static bool bad_memory_max(const struct domain_desc *d)
{
	return d->memory_max < d->memory;
}

static bool bad_kernel(const struct domain_desc *d)
{
	return d->kernel && d->kernel->size == 0;
}

static bool bad_ramdisk(const struct domain_desc *d)
{
	return d->ramdisk && (!d->kernel || d->ramdisk->size == 0);
}

static bool too_small(const struct domain_desc *d)
{
	u64 need = (d->kernel ? d->kernel->size : 0) + (d->ramdisk ? d->ramdisk->size : 0) +
		   (d->device_tree ? d->device_tree->size : 0);

	return d->kernel && d->memory < need + MEMORY_LEAST;
}

static bool bad_cmdline(const struct domain_desc *d)
{
	return d->cmdline && strlen(d->cmdline) >= CMDLINE_MAX;
}

static bool bad_device_tree(const struct domain_desc *d)
{
	return d->device_tree && (!d->kernel || d->device_tree->size == 0);
}

static bool bad_spis(const struct domain_desc *d)
{
	return d->spi_count > SPIS_MAX;
}

static bool bad_direct_map(const struct domain_desc *d)
{
	return d->direct_mapped && !d->hardware && d->bank_count == 0;
}

/* --- ranges: [a, a + a_size) and [b, b + b_size) do not wrap --- */

static bool overlap(u64 a, u64 a_size, u64 b, u64 b_size)
{
	return a < b + b_size && b < a + a_size;
}

static bool bad_range(u64 start, u64 size)
{
	return size == 0 || start + size < start || !IS_ALIGNED(start | size, PAGE_SIZE);
}

static bool bad_bank(const struct domain_desc *d)
{
	if (d->bank_count > DESC_BANKS_MAX) {
		return true;
	}
	for (unsigned int i = 0; i < d->bank_count; i++) {
		if (bad_range(d->banks[i].pa, d->banks[i].size)) {
			return true;
		}
	}
	return false;
}

static bool hits_bank(const struct domain_desc *d, unsigned int first, u64 start, u64 size)
{
	for (unsigned int i = first; i < d->bank_count; i++) {
		if (overlap(d->banks[i].pa, d->banks[i].size, start, size)) {
			return true;
		}
	}
	return false;
}

static bool banks_overlap(const struct domain_desc *d)
{
	for (unsigned int i = 0; i < d->bank_count; i++) {
		if (hits_bank(d, i + 1, d->banks[i].pa, d->banks[i].size)) {
			return true;
		}
	}
	return false;
}

/* Sizes may add up to more than 64 bits hold: only down to nothing left is safe. */
static bool banks_not_memory(const struct domain_desc *d)
{
	u64 left = d->memory;

	for (unsigned int i = 0; i < d->bank_count; i++) {
		if (d->banks[i].size > left) {
			return true;
		}
		left -= d->banks[i].size;
	}
	return d->bank_count && left;
}

static bool bad_shared(const struct domain_desc *d)
{
	if (d->shared_count > DESC_SHARED_MAX) {
		return true;
	}
	for (unsigned int i = 0; i < d->shared_count; i++) {
		const struct desc_shared *s = &d->shared[i];

		if (bad_range(s->pa, s->size) || bad_range(s->gpa, s->size)) {
			return true;
		}
	}
	return false;
}

static bool bad_shared_id(const struct domain_desc *d)
{
	for (unsigned int i = 0; i < d->shared_count; i++) {
		const char *id = d->shared[i].id;

		if (!id[0] || strnlen(id, DESC_SHARED_ID) == DESC_SHARED_ID) {
			return true;
		}
		for (unsigned int j = 0; j < i; j++) {
			if (strcmp(id, d->shared[j].id) == 0) {
				return true;
			}
		}
	}
	return false;
}

static bool shared_overlap(const struct domain_desc *d)
{
	for (unsigned int i = 0; i < d->shared_count; i++) {
		const struct desc_shared *s = &d->shared[i];

		if (hits_bank(d, 0, s->pa, s->size)) {
			return true;
		}
		for (unsigned int j = 0; j < i; j++) {
			const struct desc_shared *t = &d->shared[j];

			if (overlap(s->pa, s->size, t->pa, t->size) ||
				overlap(s->gpa, s->size, t->gpa, t->size)) {
				return true;
			}
		}
	}
	return false;
}

static bool shared_not_direct(const struct domain_desc *d)
{
	for (unsigned int i = 0; d->direct_mapped && i < d->shared_count; i++) {
		if (d->shared[i].gpa != d->shared[i].pa) {
			return true;
		}
	}
	return false;
}

static bool bad_channels(const struct domain_desc *d)
{
	if (d->channel_count > DESC_CHANNELS_MAX) {
		return true;
	}
	for (unsigned int i = 0; i < d->channel_count; i++) {
		u32 port = d->channels[i].port;

		if (port == 0 || port >= d->evtchn_limit) {
			return true;
		}
		for (unsigned int j = 0; j < i; j++) {
			if (d->channels[j].port == port) {
				return true;
			}
		}
	}
	return false;
}

static const struct desc_rule rules[] = {
	{ bad_id, "id: must be below 0x7ff0" },
	{ bad_name, "name: 1 to 15 characters" },
	{ bad_vcpus, "vCPUs: 1 to 128" },
	{ bad_memory, "memory: at least 1 MiB, in whole pages" },
	{ bad_memory_max, "maximum memory: less than the memory at start" },
	{ bad_kernel, "kernel: the file is empty" },
	{ bad_ramdisk, "ramdisk: empty, or without a kernel" },
	{ too_small, "memory: too small for the kernel and the ramdisk" },
	{ bad_cmdline, "command line: longer than 2047 characters" },
	{ bad_device_tree, "device tree: empty, or without a kernel" },
	{ bad_spis, "nr_spis: at most 988" },
	{ bad_direct_map, "direct-map: needs xen,static-mem" },
	/* In this order: each relies on those before it. */
	{ bad_bank, "xen,static-mem: a range is empty, not in whole pages, or one of too many" },
	{ banks_overlap, "xen,static-mem: ranges overlap" },
	{ banks_not_memory, "xen,static-mem: the sum is not what memory says" },
	{ bad_shared, "xen,shared-mem: a range is empty, not in whole pages, or one of too many" },
	{ bad_shared_id, "xen,shm-id: 1 to 15 characters, once in each domain" },
	{ shared_overlap, "xen,shared-mem: overlaps another region, or xen,static-mem" },
	{ shared_not_direct, "xen,shared-mem: with direct-map both addresses have to be equal" },
	{ bad_channels, "xen,evtchn: port 0, used twice, or beyond the domain's limit" },
};

int desc_check(const struct domain_desc *desc, const char **why)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(rules); i++) {
		if (rules[i].broken(desc)) {
			*why = rules[i].why;
			return -EINVAL;
		}
	}
	return 0;
}

/* --- between descriptions --- */

static bool same_id(const struct domain_desc *a, const struct domain_desc *b)
{
	return a->id == b->id;
}

static bool banks_taken(const struct domain_desc *a, const struct domain_desc *b)
{
	for (unsigned int i = 0; i < a->bank_count; i++) {
		if (hits_bank(b, 0, a->banks[i].pa, a->banks[i].size)) {
			return true;
		}
	}
	return false;
}

/* Does one of b's shared regions lie in a's banks? */
static bool shared_in_banks(const struct domain_desc *a, const struct domain_desc *b)
{
	for (unsigned int i = 0; i < b->shared_count; i++) {
		if (hits_bank(a, 0, b->shared[i].pa, b->shared[i].size)) {
			return true;
		}
	}
	return false;
}

static bool shared_taken(const struct domain_desc *a, const struct domain_desc *b)
{
	return shared_in_banks(a, b) || shared_in_banks(b, a);
}

/* Is there a pair of a's and b's regions of which this is true? */
static bool any_pair(const struct domain_desc *a, const struct domain_desc *b,
	bool (*wrong)(const struct desc_shared *s, const struct desc_shared *t))
{
	for (unsigned int i = 0; i < a->shared_count; i++) {
		for (unsigned int j = 0; j < b->shared_count; j++) {
			if (wrong(&a->shared[i], &b->shared[j])) {
				return true;
			}
		}
	}
	return false;
}

static bool region_differs(const struct desc_shared *s, const struct desc_shared *t)
{
	if (strcmp(s->id, t->id) == 0) {
		return s->pa != t->pa || s->size != t->size;
	}
	return overlap(s->pa, s->size, t->pa, t->size);
}

static bool regions_differ(const struct domain_desc *a, const struct domain_desc *b)
{
	return any_pair(a, b, region_differs);
}

static bool region_owned_twice(const struct desc_shared *s, const struct desc_shared *t)
{
	return s->owner && t->owner && strcmp(s->id, t->id) == 0;
}

static bool regions_owned_twice(const struct domain_desc *a, const struct domain_desc *b)
{
	return any_pair(a, b, region_owned_twice);
}

/* Does a's memory contain one of b's files? They are copied after the memory was given out. */
static bool file_in(const struct domain_desc *a, const struct boot_module *m)
{
	if (!m) {
		return false;
	}
	for (unsigned int i = 0; i < a->shared_count; i++) {
		if (overlap(a->shared[i].pa, a->shared[i].size, m->start.v, m->size)) {
			return true;
		}
	}
	return hits_bank(a, 0, m->start.v, m->size);
}

static bool files_in(const struct domain_desc *a, const struct domain_desc *b)
{
	return file_in(a, b->kernel) || file_in(a, b->ramdisk) || file_in(a, b->device_tree);
}

static bool files_overlap(const struct boot_module *m, const struct boot_module *n)
{
	bool same = m && n && m->start.v == n->start.v && m->size == n->size;

	return m && n && !same && overlap(m->start.v, m->size, n->start.v, n->size);
}

static bool files_damaged(const struct domain_desc *a, const struct domain_desc *b)
{
	const struct boot_module *of_a[] = { a->kernel, a->ramdisk, a->device_tree };
	const struct boot_module *of_b[] = { b->kernel, b->ramdisk, b->device_tree };

	for (unsigned int i = 0; i < 9; i++) {
		if (files_overlap(of_a[i / 3], of_b[i % 3])) {
			return true;
		}
	}
	return false;
}

/* A half of a's that leads to b, but of which b has no other half. */
static bool channel_one_sided(const struct domain_desc *a, const struct domain_desc *b)
{
	for (unsigned int i = 0; i < a->channel_count; i++) {
		const struct desc_channel *c = &a->channels[i];
		bool found = c->peer != b->id;

		for (unsigned int j = 0; j < b->channel_count; j++) {
			const struct desc_channel *t = &b->channels[j];

			found |= t->peer == a->id && t->port == c->peer_port &&
				 t->peer_port == c->port;
		}
		if (!found) {
			return true;
		}
	}
	return false;
}

/* Of two domains; `own`: of one alone too. The first argument is the one that is left out. */
static const struct {
	bool (*broken)(const struct domain_desc *a, const struct domain_desc *b);
	bool own;	 /* holds within one description too */
	bool either_way; /* a and b are not alike to it */
	const char *why;
} pair_rules[] = {
	{ same_id, false, false, "id: the same as that of" },
	{ banks_taken, false, false, "xen,static-mem: overlaps that of" },
	{ shared_taken, false, false, "xen,shared-mem: overlaps static memory, here or of" },
	{ regions_differ, false, false, "xen,shared-mem: another region than the one of" },
	{ regions_owned_twice, false, false, "role: the region has an owner, which is" },
	{ files_in, true, true, "xen,static-mem or xen,shared-mem: holds a file of" },
	{ files_damaged, true, false, "reg: a module overlaps one of" },
	{ channel_one_sided, true, true, "xen,evtchn: no other end in" },
};

static const char *pair_broken(
	const struct domain_desc *a, const struct domain_desc *b, bool own, bool turned)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(pair_rules); i++) {
		bool asked = own ? pair_rules[i].own : !turned || pair_rules[i].either_way;

		if (asked && pair_rules[i].broken(a, b)) {
			return pair_rules[i].why;
		}
	}
	return NULL;
}

/* Of two that are alike, the later one goes. */
int desc_check_all(const struct domain_desc *list, unsigned int count, struct desc_conflict *out)
{
	for (unsigned int i = 0; i < count; i++) {
		for (unsigned int j = 0; j <= i; j++) {
			const char *why = pair_broken(&list[i], &list[j], i == j, false);

			if (why) {
				*out = (struct desc_conflict){ i, j, why };
				return -EINVAL;
			}
			why = i == j ? NULL : pair_broken(&list[j], &list[i], false, true);
			if (why) {
				*out = (struct desc_conflict){ j, i, why };
				return -EINVAL;
			}
		}
	}
	return 0;
}
