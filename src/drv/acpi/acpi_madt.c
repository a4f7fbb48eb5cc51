/* SPDX-License-Identifier: GPL-2.0-only */
/* The MADT: CPUs, I/O APICs and how interrupts reach them (ACPI 6.4, section 5.2.12). */
#include "drv/acpi/acpi_parse.h"

/* The xAPIC's broadcast id: firmware marks unused entries with it. */
#define ACPI_APIC_ID_NONE 0xff

static void acpi_madt_cpu(struct acpi_info *info, u32 apic_id, u32 uid, u32 flags)
{
	struct acpi_cpu *c;

	if (!(flags & (ACPI_MADT_ENABLED | ACPI_MADT_ONLINE_CAPABLE))) {
		return;
	}
	for (unsigned int i = 0; i < info->cpu_count; i++) {
		if (info->cpus[i].apic_id == apic_id) {
			return; /* named by both kinds of entry */
		}
	}
	c = acpi_list_take(info, ACPI_LIST_CPUS);
	if (c) {
		c->apic_id = apic_id;
		c->uid = uid;
		c->enabled = (flags & ACPI_MADT_ENABLED) != 0;
		c->online_capable = !c->enabled;
	}
}

static void acpi_madt_lapic(struct acpi_info *info, const u8 *record, u32 size)
{
	const struct acpi_madt_lapic *r = (const void *)record;

	if (r->apic_id != ACPI_APIC_ID_NONE) {
		acpi_madt_cpu(info, r->apic_id, r->uid, r->flags);
	}
}

static void acpi_madt_x2apic(struct acpi_info *info, const u8 *record, u32 size)
{
	const struct acpi_madt_x2apic *r = (const void *)record;

	if (r->apic_id != ~0U) {
		acpi_madt_cpu(info, r->apic_id, r->uid, r->flags);
	}
}

static void acpi_madt_ioapic(struct acpi_info *info, const u8 *record, u32 size)
{
	const struct acpi_madt_ioapic *r = (const void *)record;
	struct acpi_ioapic *io = acpi_list_take(info, ACPI_LIST_IOAPICS);

	if (io) {
		io->at = HPA(r->address);
		io->gsi_base = r->gsi_base;
		io->id = r->id;
	}
}

static void acpi_madt_override(struct acpi_info *info, const u8 *record, u32 size)
{
	const struct acpi_madt_override *r = (const void *)record;
	struct acpi_override *o;

	if (r->bus != 0 || r->irq > 15) {
		return; /* there is only ISA */
	}
	o = acpi_list_take(info, ACPI_LIST_OVERRIDES);
	if (o) {
		o->irq = r->irq;
		o->gsi = r->gsi;
		o->flags = r->flags;
	}
}

static void acpi_madt_nmi(struct acpi_info *info, const u8 *record, u32 size)
{
	const struct acpi_madt_nmi *r = (const void *)record;
	struct acpi_nmi *n = acpi_list_take(info, ACPI_LIST_NMIS);

	if (n) {
		n->gsi = r->gsi;
		n->flags = r->flags;
	}
}

static void acpi_madt_local_nmi(struct acpi_info *info, u32 uid, u8 lint, u16 flags)
{
	struct acpi_nmi *n = lint <= 1 ? acpi_list_take(info, ACPI_LIST_NMIS) : NULL;

	if (n) {
		n->local = true;
		n->uid = uid;
		n->lint = lint;
		n->flags = flags;
	}
}

static void acpi_madt_lapic_nmi(struct acpi_info *info, const u8 *record, u32 size)
{
	const struct acpi_madt_lapic_nmi *r = (const void *)record;

	acpi_madt_local_nmi(info, r->uid == 0xff ? ACPI_NMI_ALL_CPUS : r->uid, r->lint, r->flags);
}

static void acpi_madt_x2apic_nmi(struct acpi_info *info, const u8 *record, u32 size)
{
	const struct acpi_madt_x2apic_nmi *r = (const void *)record;

	acpi_madt_local_nmi(info, r->uid, r->lint, r->flags);
}

static void acpi_madt_lapic_address(struct acpi_info *info, const u8 *record, u32 size)
{
	const struct acpi_madt_lapic_address *r = (const void *)record;

	info->lapic = HPA(r->address);
}

#define ACPI_MADT_KIND(id, type, parse)                                \
	{                                                              \
		ACPI_MADT_##id, sizeof(struct acpi_madt_##type), parse \
	}

static const struct acpi_record_kind kinds[] = {
	ACPI_MADT_KIND(LAPIC, lapic, acpi_madt_lapic),
	ACPI_MADT_KIND(IOAPIC, ioapic, acpi_madt_ioapic),
	ACPI_MADT_KIND(OVERRIDE, override, acpi_madt_override),
	ACPI_MADT_KIND(NMI, nmi, acpi_madt_nmi),
	ACPI_MADT_KIND(LAPIC_NMI, lapic_nmi, acpi_madt_lapic_nmi),
	ACPI_MADT_KIND(LAPIC_ADDRESS, lapic_address, acpi_madt_lapic_address),
	ACPI_MADT_KIND(X2APIC, x2apic, acpi_madt_x2apic),
	ACPI_MADT_KIND(X2APIC_NMI, x2apic_nmi, acpi_madt_x2apic_nmi),
};

void acpi_madt_parse(struct acpi_info *info, const u8 *table, u32 size)
{
	static const struct acpi_record_fmt fmt = { "APIC", 1, 1, 1 };
	const struct acpi_madt_raw *m = (const void *)table;

	info->has_madt = true;
	info->lapic = HPA(m->lapic);
	info->pcat_compat = (m->flags & 1) != 0;
	acpi_walk_records(
		info, table + sizeof(*m), size - (u32)sizeof(*m), &fmt, kinds, ARRAY_SIZE(kinds));
}
