/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What acpi.c and the files for single tables share. A table parser gets a table whose checksum is
 * right and whose length is at least the minimum it declares; nothing else about it is certain.
 */
#ifndef DRV_ACPI_ACPI_PARSE_H
#define DRV_ACPI_ACPI_PARSE_H

#include "drv/acpi/acpi.h"
#include "drv/acpi/acpi_tables.h"

typedef void acpi_table_fn(struct acpi_info *info, const u8 *table, u32 size);

acpi_table_fn acpi_madt_parse, acpi_fadt_parse, acpi_hpet_parse, acpi_mcfg_parse, acpi_srat_parse;
acpi_table_fn acpi_ivrs_parse, acpi_dmar_parse;

/* Looks for the object \_S5_ in a definition block; fills fadt.s5_*. */
void acpi_fadt_find_s5(struct acpi_info *info, const u8 *table, u32 size);

/* Where a table's records say what they are and how long; the type is at offset 0. */
struct acpi_record_fmt {
	const char *sig;
	u8 type_size;	/* 1 or 2 bytes */
	u8 length_at;	/* offset of the length */
	u8 length_size; /* 1 or 2 bytes */
};

/* A record of at least min_size bytes goes to fn. */
struct acpi_record_kind {
	u16 type;
	u16 min_size;
	void (*fn)(struct acpi_info *info, const u8 *record, u32 size);
};

/* Gives each record of [p, p + size) to the kind with its type. Unknown types are skipped; one that
 * is too short is logged and skipped; one that does not fit ends the walk with a line. */
void acpi_walk_records(struct acpi_info *info, const u8 *p, u32 size,
	const struct acpi_record_fmt *fmt, const struct acpi_record_kind *kinds, size_t kind_count);

enum acpi_list {
	ACPI_LIST_TABLES,
	ACPI_LIST_CPUS,
	ACPI_LIST_IOAPICS,
	ACPI_LIST_OVERRIDES,
	ACPI_LIST_NMIS,
	ACPI_LIST_MCFGS,
	ACPI_LIST_SRAT_CPUS,
	ACPI_LIST_SRAT_MEMS,
	ACPI_LIST_IVHDS,
	ACPI_LIST_IVRS_DEVS,
	ACPI_LIST_SPECIALS,
	ACPI_LIST_IVMDS,
	ACPI_LIST_DRHDS,
	ACPI_LIST_RMRRS,
	ACPI_LIST_ATSRS,
	ACPI_LIST_SCOPES,
	ACPI_LIST_COUNT
};

/* The next element of a list, zeroed and counted; NULL when it is full: logged the first time. */
void *acpi_list_take(struct acpi_info *info, enum acpi_list list);

#endif
