/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The two things every table parser needs: a bounded walk over a table's records, and room in the
 * lists of struct acpi_info. Never reads outside the range it was given.
 */
#include "core/log.h"
#include "drv/acpi/acpi_parse.h"
#include "lib/string.h"

static u32 acpi_record_field(const u8 *p, unsigned int size)
{
	return size == 1 ? p[0] : (u32)p[0] | (u32)p[1] << 8;
}

static void acpi_record_dispatch(struct acpi_info *info, const u8 *p, u32 size,
	const struct acpi_record_fmt *fmt, const struct acpi_record_kind *kinds, size_t kind_count)
{
	u32 type = acpi_record_field(p, fmt->type_size);

	for (size_t i = 0; i < kind_count; i++) {
		if (kinds[i].type != type) {
			continue;
		}
		if (size < kinds[i].min_size) {
			log_warn("ACPI: %s: record of type %u has %u bytes instead of %u: ignored",
				fmt->sig, type, size, kinds[i].min_size);
			return;
		}
		kinds[i].fn(info, p, size);
		return;
	}
}

void acpi_walk_records(struct acpi_info *info, const u8 *p, u32 size,
	const struct acpi_record_fmt *fmt, const struct acpi_record_kind *kinds, size_t kind_count)
{
	u32 head = fmt->length_at + fmt->length_size;
	u32 at = 0;

	while (at < size) {
		u32 left = size - at;
		u32 length = left < head
				     ? 0
				     : acpi_record_field(p + at + fmt->length_at, fmt->length_size);

		if (length < head || length > left) {
			log_warn("ACPI: %s: record at byte %u has length %u of %u left: "
				 "the rest of the table is ignored",
				fmt->sig, at, length, left);
			return;
		}
		acpi_record_dispatch(info, p + at, length, fmt, kinds, kind_count);
		at += length;
	}
}

struct acpi_list_desc {
	const char *what;
	size_t array, count;
	u16 element, max;
};

#define ACPI_LIST(id, text, field, counter, limit)                    \
	[ACPI_LIST_##id] = {                                          \
		.what = (text),                                       \
		.array = offsetof(struct acpi_info, field),           \
		.count = offsetof(struct acpi_info, counter),         \
		.element = sizeof(((struct acpi_info *)0)->field[0]), \
		.max = (limit),                                       \
	}

static const struct acpi_list_desc lists[] = {
	ACPI_LIST(TABLES, "tables", tables, table_count, ACPI_MAX_TABLES),
	ACPI_LIST(CPUS, "CPUs", cpus, cpu_count, ACPI_MAX_CPUS),
	ACPI_LIST(IOAPICS, "I/O APICs", ioapics, ioapic_count, ACPI_MAX_IOAPICS),
	ACPI_LIST(OVERRIDES, "interrupt overrides", overrides, override_count, ACPI_MAX_OVERRIDES),
	ACPI_LIST(NMIS, "NMI sources", nmis, nmi_count, ACPI_MAX_NMIS),
	ACPI_LIST(MCFGS, "MCFG segments", mcfgs, mcfg_count, ACPI_MAX_MCFG),
	ACPI_LIST(SRAT_CPUS, "SRAT CPUs", srat_cpus, srat_cpu_count, ACPI_MAX_SRAT_CPUS),
	ACPI_LIST(SRAT_MEMS, "SRAT ranges", srat_mems, srat_mem_count, ACPI_MAX_SRAT_MEMS),
	ACPI_LIST(IVHDS, "IVHDs", ivhds, ivhd_count, ACPI_MAX_IVHDS),
	ACPI_LIST(IVRS_DEVS, "IVHD device entries", ivrs_devs, ivrs_dev_count, ACPI_MAX_IVRS_DEVS),
	ACPI_LIST(SPECIALS, "IVHD special devices", specials, special_count, ACPI_MAX_SPECIALS),
	ACPI_LIST(IVMDS, "IVMDs", ivmds, ivmd_count, ACPI_MAX_IVMDS),
	ACPI_LIST(DRHDS, "DRHDs", drhds, drhd_count, ACPI_MAX_DRHDS),
	ACPI_LIST(RMRRS, "RMRRs", rmrrs, rmrr_count, ACPI_MAX_RMRRS),
	ACPI_LIST(ATSRS, "ATSRs", atsrs, atsr_count, ACPI_MAX_ATSRS),
	ACPI_LIST(SCOPES, "DMAR device scopes", scopes, scope_count, ACPI_MAX_SCOPES),
};
static_assert(ARRAY_SIZE(lists) == ACPI_LIST_COUNT, "each list is described");
static_assert(ACPI_LIST_COUNT <= 32, "acpi_info.full has a bit for each");

void *acpi_list_take(struct acpi_info *info, enum acpi_list list)
{
	const struct acpi_list_desc *l = &lists[list];
	u16 *count = (u16 *)((u8 *)info + l->count);
	u8 *element;

	if (*count == l->max) {
		if (!(info->full & BIT32(list))) {
			log_warn("ACPI: more than %u %s: the others are ignored", l->max, l->what);
		}
		info->full |= BIT32(list);
		return NULL;
	}
	element = (u8 *)info + l->array + (size_t)*count * l->element;
	memset(element, 0, l->element);
	(*count)++;
	return element;
}
