/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The DMAR: Intel's remapping units, the devices behind each, and memory that devices must keep
 * reaching (VT-d specification, chapter 8).
 */
#include "core/log.h"
#include "drv/acpi/acpi_parse.h"

static void acpi_dmar_scope(struct acpi_info *info, const u8 *record, u32 size)
{
	const struct acpi_scope_raw *r = (const void *)record;
	u32 hops = (size - (u32)sizeof(*r)) / 2;
	const u8 *path = record + sizeof(*r);
	struct acpi_scope *s;

	if (hops == 0 || hops > ACPI_MAX_PATH) {
		log_warn("ACPI: DMAR: device scope with a path of %u hops: ignored", hops);
		return;
	}
	s = acpi_list_take(info, ACPI_LIST_SCOPES);
	if (!s) {
		return;
	}
	s->type = r->type;
	s->enum_id = r->enum_id;
	s->bus = r->bus;
	s->path_len = (u8)hops;
	for (u32 i = 0; i < hops; i++) {
		s->path[i] = (u8)((path[2 * i] & 31) << 3 | (path[2 * i + 1] & 7));
	}
}

#define ACPI_DMAR_SCOPE_KIND(id)                                                \
	{                                                                       \
		ACPI_SCOPE_##id, sizeof(struct acpi_scope_raw), acpi_dmar_scope \
	}

static const struct acpi_record_kind scope_kinds[] = {
	ACPI_DMAR_SCOPE_KIND(ENDPOINT),
	ACPI_DMAR_SCOPE_KIND(BRIDGE),
	ACPI_DMAR_SCOPE_KIND(IOAPIC),
	ACPI_DMAR_SCOPE_KIND(HPET),
	ACPI_DMAR_SCOPE_KIND(NAMESPACE),
};

/* The scopes that fill the rest of a record behind its fixed part. Returns how many there are. */
static u16 acpi_dmar_scopes(struct acpi_info *info, const u8 *record, u32 size, u32 fixed)
{
	static const struct acpi_record_fmt fmt = { "DMAR", 1, 1, 1 };
	u16 first = info->scope_count;

	acpi_walk_records(
		info, record + fixed, size - fixed, &fmt, scope_kinds, ARRAY_SIZE(scope_kinds));
	return info->scope_count - first;
}

static void acpi_dmar_drhd(struct acpi_info *info, const u8 *record, u32 size)
{
	const struct acpi_drhd_raw *r = (const void *)record;
	struct acpi_drhd *d = acpi_list_take(info, ACPI_LIST_DRHDS);

	if (!d) {
		return;
	}
	d->at = HPA(r->base);
	d->segment = r->segment;
	d->include_all = (r->flags & 1) != 0;
	d->scope_first = info->scope_count;
	d->scope_count = acpi_dmar_scopes(info, record, size, sizeof(*r));
}

static void acpi_dmar_rmrr(struct acpi_info *info, const u8 *record, u32 size)
{
	const struct acpi_rmrr_raw *r = (const void *)record;
	struct acpi_rmrr *m;

	if (r->last < r->base || r->last == ~0ULL) {
		log_warn("ACPI: DMAR: RMRR from %#llx to %#llx: ignored",
			(unsigned long long)r->base, (unsigned long long)r->last);
		return;
	}
	m = acpi_list_take(info, ACPI_LIST_RMRRS);
	if (!m) {
		return;
	}
	m->at = HPA(r->base);
	m->last = HPA(r->last);
	m->segment = r->segment;
	m->scope_first = info->scope_count;
	m->scope_count = acpi_dmar_scopes(info, record, size, sizeof(*r));
}

static void acpi_dmar_atsr(struct acpi_info *info, const u8 *record, u32 size)
{
	const struct acpi_atsr_raw *r = (const void *)record;
	struct acpi_atsr *a = acpi_list_take(info, ACPI_LIST_ATSRS);

	if (!a) {
		return;
	}
	a->segment = r->segment;
	a->all_ports = (r->flags & 1) != 0;
	a->scope_first = info->scope_count;
	a->scope_count = acpi_dmar_scopes(info, record, size, sizeof(*r));
}

static const struct acpi_record_kind kinds[] = {
	{ ACPI_DMAR_DRHD, sizeof(struct acpi_drhd_raw), acpi_dmar_drhd },
	{ ACPI_DMAR_RMRR, sizeof(struct acpi_rmrr_raw), acpi_dmar_rmrr },
	{ ACPI_DMAR_ATSR, sizeof(struct acpi_atsr_raw), acpi_dmar_atsr },
};

void acpi_dmar_parse(struct acpi_info *info, const u8 *table, u32 size)
{
	static const struct acpi_record_fmt fmt = { "DMAR", 2, 2, 2 };
	const struct acpi_dmar_raw *d = (const void *)table;

	info->has_dmar = true;
	info->dmar_width = (u8)(d->width + 1);
	info->dmar_flags = d->flags;
	acpi_walk_records(
		info, table + sizeof(*d), size - (u32)sizeof(*d), &fmt, kinds, ARRAY_SIZE(kinds));
}
