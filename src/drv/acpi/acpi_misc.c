/* SPDX-License-Identifier: GPL-2.0-only */
/* Short tables: HPET (timer block), MCFG (PCI configuration windows), SRAT (NUMA nodes). */
#include "core/log.h"
#include "drv/acpi/acpi_parse.h"

void acpi_hpet_parse(struct acpi_info *info, const u8 *table, u32 size)
{
	const struct acpi_hpet_raw *h = (const void *)table;

	if (h->address.space != ACPI_SPACE_MEM || h->address.address == 0) {
		log_warn("ACPI: HPET is not in memory space: ignored");
		return;
	}
	info->hpet.present = true;
	info->hpet.at = HPA(h->address.address);
	info->hpet.number = h->number;
}

void acpi_mcfg_parse(struct acpi_info *info, const u8 *table, u32 size)
{
	const struct acpi_mcfg_entry *e = (const void *)(table + sizeof(struct acpi_mcfg_raw));
	u32 count = (size - (u32)sizeof(struct acpi_mcfg_raw)) / (u32)sizeof(*e);

	for (u32 i = 0; i < count; i++) {
		struct acpi_mcfg *m;

		if (e[i].first_bus > e[i].last_bus || e[i].address == 0) {
			log_warn("ACPI: MCFG: segment %u has buses %u to %u at %#llx: ignored",
				e[i].segment, e[i].first_bus, e[i].last_bus,
				(unsigned long long)e[i].address);
			continue;
		}
		m = acpi_list_take(info, ACPI_LIST_MCFGS);
		if (!m) {
			return;
		}
		m->at = HPA(e[i].address);
		m->segment = e[i].segment;
		m->first_bus = e[i].first_bus;
		m->last_bus = e[i].last_bus;
	}
}

static void acpi_srat_cpu(struct acpi_info *info, u32 apic_id, u32 node)
{
	struct acpi_srat_cpu *c = acpi_list_take(info, ACPI_LIST_SRAT_CPUS);

	if (c) {
		c->apic_id = apic_id;
		c->node = node;
	}
}

static void acpi_srat_lapic(struct acpi_info *info, const u8 *record, u32 size)
{
	const struct acpi_srat_lapic *r = (const void *)record;

	if (r->flags & ACPI_SRAT_ENABLED) {
		acpi_srat_cpu(info, r->apic_id,
			(u32)r->domain_lo | (u32)r->domain_hi[0] << 8 | (u32)r->domain_hi[1] << 16 |
				(u32)r->domain_hi[2] << 24);
	}
}

static void acpi_srat_x2apic(struct acpi_info *info, const u8 *record, u32 size)
{
	const struct acpi_srat_x2apic *r = (const void *)record;

	if (r->flags & ACPI_SRAT_ENABLED) {
		acpi_srat_cpu(info, r->apic_id, r->domain);
	}
}

static void acpi_srat_memory(struct acpi_info *info, const u8 *record, u32 size)
{
	const struct acpi_srat_memory *r = (const void *)record;
	struct acpi_srat_mem *m;

	if (!(r->flags & ACPI_SRAT_ENABLED) || r->size == 0) {
		return;
	}
	if (r->base + r->size < r->base) {
		log_warn("ACPI: SRAT: range at %#llx of %#llx bytes wraps: ignored",
			(unsigned long long)r->base, (unsigned long long)r->size);
		return;
	}
	m = acpi_list_take(info, ACPI_LIST_SRAT_MEMS);
	if (m) {
		m->at = HPA(r->base);
		m->size = r->size;
		m->node = r->domain;
		m->hotplug = (r->flags & ACPI_SRAT_HOTPLUG) != 0;
	}
}

static const struct acpi_record_kind srat_kinds[] = {
	{ ACPI_SRAT_LAPIC, sizeof(struct acpi_srat_lapic), acpi_srat_lapic },
	{ ACPI_SRAT_MEMORY, sizeof(struct acpi_srat_memory), acpi_srat_memory },
	{ ACPI_SRAT_X2APIC, sizeof(struct acpi_srat_x2apic), acpi_srat_x2apic },
};

void acpi_srat_parse(struct acpi_info *info, const u8 *table, u32 size)
{
	static const struct acpi_record_fmt fmt = { "SRAT", 1, 1, 1 };

	acpi_walk_records(info, table + ACPI_SRAT_HEADER, size - ACPI_SRAT_HEADER, &fmt, srat_kinds,
		ARRAY_SIZE(srat_kinds));
}
