/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Builds dom0's root pointer, XSDT and MADT (see the header). Pure: reads struct acpi_info, writes
 * a buffer.
 */
#include "drv/acpi/acpi_dom0.h"
#include "drv/acpi/acpi_tables.h"
#include "lib/checksum.h"
#include "lib/errno.h"
#include "lib/string.h"

/* The local APIC's address after reset (SDM vol. 3, 10.4.1), where a guest's always is. */
#define ACPI_DOM0_LAPIC 0xfee00000U

/* In XAPIC entries ids end before the broadcast id. */
#define ACPI_DOM0_XAPIC_LIMIT 0xffU

static const char visible[][5] = {
	"FACP",
	"DSDT",
	"FACS",
	"SSDT",
	"PSDT",
	"SBST",
	"MCFG",
	"SLIC",
	"MSDM",
	"WDAT",
	"FPDT",
	"TPM2",
	"BGRT",
	"BOOT",
	"SPCR",
};

/* Found through the FADT, never through a root table. */
static const char unlisted[][5] = { "DSDT", "FACS" };

static bool acpi_dom0_named(const struct acpi_table *t, const char (*names)[5], size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(t->sig, names[i]) == 0) {
			return true;
		}
	}
	return false;
}

bool acpi_dom0_visible(const struct acpi_table *t)
{
	return acpi_dom0_named(t, visible, ARRAY_SIZE(visible));
}

const struct acpi_table *acpi_dom0_next_table(const struct acpi_info *host, unsigned int *cursor)
{
	while (*cursor < host->table_count) {
		const struct acpi_table *t = &host->tables[(*cursor)++];

		if (acpi_dom0_visible(t)) {
			return t;
		}
	}
	return NULL;
}

/* A growing table in the buffer. Once it is full nothing more is written. */
struct acpi_dom0_writer {
	u8 *buf;
	size_t size, used;
	bool full;
};

static void *acpi_dom0_put(struct acpi_dom0_writer *w, size_t bytes)
{
	u8 *p = w->buf + w->used;

	if (w->full || bytes > w->size - w->used) {
		w->full = true;
		return NULL;
	}
	memset(p, 0, bytes);
	w->used += bytes;
	return p;
}

static void acpi_dom0_align(struct acpi_dom0_writer *w)
{
	acpi_dom0_put(w, ALIGN_UP(w->used, 16) - w->used);
}

static size_t acpi_dom0_begin(struct acpi_dom0_writer *w, const char *sig, u8 revision)
{
	size_t at;
	struct acpi_header *h;

	acpi_dom0_align(w);
	at = w->used;
	h = acpi_dom0_put(w, sizeof(*h));
	if (h) {
		memcpy(h->sig, sig, 4);
		h->revision = revision;
		memcpy(h->oem_id, "BLKHD ", 6);
		memcpy(h->oem_table_id, "BULKHEAD", 8);
		h->oem_revision = 1;
		memcpy(h->creator_id, "BLKH", 4);
		h->creator_revision = 1;
	}
	return at;
}

static void acpi_dom0_end(struct acpi_dom0_writer *w, size_t at)
{
	struct acpi_header *h = (void *)(w->buf + at);

	if (!w->full) {
		h->length = (u32)(w->used - at);
		h->checksum = (u8)-sum8(h, h->length);
	}
}

static void acpi_dom0_madt_cpu(struct acpi_dom0_writer *w, u32 uid, bool x2apic)
{
	u32 apic_id = uid * 2;

	if (x2apic || apic_id >= ACPI_DOM0_XAPIC_LIMIT) {
		struct acpi_madt_x2apic *r = acpi_dom0_put(w, sizeof(*r));

		if (r) {
			*r = (struct acpi_madt_x2apic){
				.type = ACPI_MADT_X2APIC,
				.length = sizeof(*r),
				.apic_id = apic_id,
				.uid = uid,
				.flags = ACPI_MADT_ENABLED,
			};
		}
	} else {
		struct acpi_madt_lapic *r = acpi_dom0_put(w, sizeof(*r));

		if (r) {
			*r = (struct acpi_madt_lapic){
				.type = ACPI_MADT_LAPIC,
				.length = sizeof(*r),
				.apic_id = (u8)apic_id,
				.uid = (u8)uid,
				.flags = ACPI_MADT_ENABLED,
			};
		}
	}
}

static void acpi_dom0_madt_ioapic(struct acpi_dom0_writer *w, const struct acpi_ioapic *io)
{
	struct acpi_madt_ioapic *r = acpi_dom0_put(w, sizeof(*r));

	if (r) {
		*r = (struct acpi_madt_ioapic){
			.type = ACPI_MADT_IOAPIC,
			.length = sizeof(*r),
			.id = io->id,
			.address = (u32)io->at.v,
			.gsi_base = io->gsi_base,
		};
	}
}

static void acpi_dom0_madt_override(struct acpi_dom0_writer *w, const struct acpi_override *o)
{
	struct acpi_madt_override *r = acpi_dom0_put(w, sizeof(*r));

	if (r) {
		*r = (struct acpi_madt_override){
			.type = ACPI_MADT_OVERRIDE,
			.length = sizeof(*r),
			.irq = o->irq,
			.gsi = o->gsi,
			.flags = o->flags,
		};
	}
}

/* Only those at I/O APICs: what a host CPU's local pins do is not dom0's. */
static void acpi_dom0_madt_nmi(struct acpi_dom0_writer *w, const struct acpi_nmi *n)
{
	struct acpi_madt_nmi *r = n->local ? NULL : acpi_dom0_put(w, sizeof(*r));

	if (r) {
		*r = (struct acpi_madt_nmi){
			.type = ACPI_MADT_NMI,
			.length = sizeof(*r),
			.gsi = n->gsi,
			.flags = n->flags,
		};
	}
}

/* No PCAT_COMPAT: dom0 has no 8259. */
static size_t acpi_dom0_madt(
	struct acpi_dom0_writer *w, const struct acpi_info *host, const struct acpi_dom0 *dom0)
{
	size_t at = acpi_dom0_begin(w, "APIC", 4);
	u32 *lapic = acpi_dom0_put(w, sizeof(struct acpi_madt_raw) - sizeof(struct acpi_header));

	if (lapic) {
		*lapic = ACPI_DOM0_LAPIC;
	}
	for (unsigned int i = 0; i < host->ioapic_count; i++) {
		acpi_dom0_madt_ioapic(w, &host->ioapics[i]);
	}
	for (unsigned int i = 0; i < dom0->vcpu_count; i++) {
		acpi_dom0_madt_cpu(w, i, dom0->x2apic);
	}
	for (unsigned int i = 0; i < host->override_count; i++) {
		acpi_dom0_madt_override(w, &host->overrides[i]);
	}
	for (unsigned int i = 0; i < host->nmi_count; i++) {
		acpi_dom0_madt_nmi(w, &host->nmis[i]);
	}
	acpi_dom0_end(w, at);
	return at;
}

static void acpi_dom0_xsdt_entry(struct acpi_dom0_writer *w, u64 address)
{
	u8 *p = acpi_dom0_put(w, sizeof(address));

	if (p) {
		memcpy(p, &address, sizeof(address)); /* only 4-byte aligned */
	}
}

static size_t acpi_dom0_xsdt(struct acpi_dom0_writer *w, const struct acpi_info *host, u64 madt)
{
	size_t at = acpi_dom0_begin(w, "XSDT", 1);
	const struct acpi_table *t;
	unsigned int cursor = 0;

	acpi_dom0_xsdt_entry(w, madt);
	while ((t = acpi_dom0_next_table(host, &cursor)) != NULL) {
		if (!acpi_dom0_named(t, unlisted, ARRAY_SIZE(unlisted))) {
			acpi_dom0_xsdt_entry(w, t->at.v);
		}
	}
	acpi_dom0_end(w, at);
	return at;
}

static void acpi_dom0_rsdp(struct acpi_rsdp *r, u64 xsdt)
{
	memcpy(r->sig, "RSD PTR ", 8);
	memcpy(r->oem_id, "BLKHD ", 6);
	r->revision = 2;
	r->length = sizeof(*r);
	r->xsdt = xsdt;
	r->checksum = (u8)-sum8(r, ACPI_RSDP_V1_SIZE);
	r->ext_checksum = (u8)-sum8(r, sizeof(*r));
}

size_t acpi_dom0_max_size(const struct acpi_info *host, unsigned int vcpu_count)
{
	return sizeof(struct acpi_rsdp) + sizeof(struct acpi_madt_raw) +
	       sizeof(struct acpi_header) + 3 * 16 /* alignment */ +
	       (host->table_count + 1) * sizeof(u64) +
	       vcpu_count * sizeof(struct acpi_madt_x2apic) +
	       host->ioapic_count * sizeof(struct acpi_madt_ioapic) +
	       host->override_count * sizeof(struct acpi_madt_override) +
	       host->nmi_count * sizeof(struct acpi_madt_nmi);
}

int acpi_dom0_build(const struct acpi_info *host, const struct acpi_dom0 *dom0, void *buf,
	size_t size, size_t *used)
{
	struct acpi_dom0_writer w = { .buf = buf, .size = size };
	struct acpi_rsdp *r;
	size_t madt, xsdt;

	if (dom0->vcpu_count == 0 || !IS_ALIGNED(dom0->at.v, 16)) {
		return -EINVAL;
	}
	r = acpi_dom0_put(&w, sizeof(*r));
	madt = acpi_dom0_madt(&w, host, dom0);
	xsdt = acpi_dom0_xsdt(&w, host, dom0->at.v + madt);
	if (w.full) {
		return -ENOSPC;
	}
	acpi_dom0_rsdp(r, dom0->at.v + xsdt);
	*used = w.used;
	return 0;
}
