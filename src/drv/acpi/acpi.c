/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Finding ACPI tables: root pointer, root table, and each table's header and checksum. What is in a
 * table is for acpi_<table>.c. Every address and length comes from the firmware and is checked
 * before it is used.
 */
#include "core/log.h"
#include "drv/acpi/acpi_parse.h"
#include "lib/checksum.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/vmap.h"

/* Larger than any table in the field (DSDTs reach some 500 KiB); bounds the checksum's time. */
#define ACPI_TABLE_MAX MiB(4)

/* Where a BIOS leaves the root pointer (ACPI 6.4, 5.2.5.1). */
#define ACPI_EBDA_POINTER 0x40eUL
#define ACPI_EBDA_SIZE KiB(1)
#define ACPI_BIOS_START 0xe0000UL
#define ACPI_BIOS_SIZE KiB(128)
#define ACPI_RSDP_ALIGN 16

struct acpi_info acpi_host;

struct acpi_parser {
	const char *sig;
	u32 min_size;
	acpi_table_fn *fn;
	bool once; /* of several, only the first counts */
};

static const struct acpi_parser parsers[] = {
	{ "APIC", sizeof(struct acpi_madt_raw), acpi_madt_parse, true },
	{ "FACP", ACPI_FADT_MIN, acpi_fadt_parse, true },
	{ "HPET", sizeof(struct acpi_hpet_raw), acpi_hpet_parse, true },
	{ "MCFG", sizeof(struct acpi_mcfg_raw), acpi_mcfg_parse, true },
	{ "SRAT", ACPI_SRAT_HEADER, acpi_srat_parse, true },
	{ "IVRS", sizeof(struct acpi_ivrs_raw), acpi_ivrs_parse, true },
	{ "DMAR", sizeof(struct acpi_dmar_raw), acpi_dmar_parse, true },
	{ "DSDT", sizeof(struct acpi_header), acpi_fadt_find_s5, true },
	{ "SSDT", sizeof(struct acpi_header), acpi_fadt_find_s5, false },
};

/* Signatures are printed: anything but letters and digits becomes a question mark. */
static void acpi_sig_copy(char out[5], const char *sig)
{
	for (unsigned int i = 0; i < 4; i++) {
		u8 c = (u8)sig[i];
		bool good = (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
			    (c >= 'a' && c <= 'z');

		out[i] = good ? (char)c : '?';
	}
	out[4] = '\0';
}

const struct acpi_table *acpi_find_table(
	const struct acpi_info *info, const char *sig, unsigned int nth)
{
	for (unsigned int i = 0; i < info->table_count; i++) {
		if (strcmp(info->tables[i].sig, sig) == 0 && nth-- == 0) {
			return &info->tables[i];
		}
	}
	return NULL;
}

/* Beyond any implemented physical address: vmap() and friends need not think about wrapping. */
#define ACPI_ADDRESS_LIMIT BIT64(52)

static const void *acpi_map(const struct acpi_mem *mem, u64 at, size_t size)
{
	return at < ACPI_ADDRESS_LIMIT ? mem->map(mem, HPA(at), size) : NULL;
}

static void acpi_table_note(struct acpi_info *info, const char *sig, u64 at, u32 size)
{
	struct acpi_table *t = acpi_list_take(info, ACPI_LIST_TABLES);

	if (t) {
		strlcpy(t->sig, sig, sizeof(t->sig));
		t->at = HPA(at);
		t->size = size;
	}
}

/* Hands a good table to its parser. */
static void acpi_table_use(struct acpi_info *info, const char *sig, const u8 *p, u32 size)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(parsers); i++) {
		const struct acpi_parser *ps = &parsers[i];

		if (strcmp(ps->sig, sig) != 0) {
			continue;
		}
		if (size < ps->min_size) {
			log_warn("ACPI: %s has %u bytes, needs %u: ignored", sig, size,
				ps->min_size);
		} else if (!ps->once || !acpi_find_table(info, sig, 1)) {
			ps->fn(info, p, size);
		}
		return;
	}
}

/*
 * Maps the table at @at whole, if header and checksum are good. sig receives its name, @want (may
 * be NULL) is what it has to be. NULL: the reason was logged.
 */
static const u8 *acpi_table_map(
	const struct acpi_mem *mem, u64 at, const char *want, char sig[5], u32 *size)
{
	const struct acpi_header *h = acpi_map(mem, at, sizeof(*h));
	const u8 *p;

	if (!h) {
		log_warn("ACPI: table %s at %#llx cannot be read: ignored",
			want ? want : "(unknown)", (unsigned long long)at);
		return NULL;
	}
	acpi_sig_copy(sig, h->sig);
	*size = h->length;
	mem->unmap(mem, h);

	if (want && strcmp(sig, want) != 0) {
		log_warn("ACPI: table at %#llx is %s instead of %s: ignored",
			(unsigned long long)at, sig, want);
		return NULL;
	}
	if (*size < sizeof(*h) || *size > ACPI_TABLE_MAX) {
		log_warn("ACPI: %s at %#llx has a length of %u bytes: ignored", sig,
			(unsigned long long)at, *size);
		return NULL;
	}
	p = acpi_map(mem, at, *size);
	if (!p) {
		log_warn("ACPI: %s at %#llx, %u bytes, cannot be read: ignored", sig,
			(unsigned long long)at, *size);
		return NULL;
	}
	if (sum8(p, *size) != 0) {
		log_warn("ACPI: %s at %#llx has a wrong checksum: ignored", sig,
			(unsigned long long)at);
		mem->unmap(mem, p);
		return NULL;
	}
	return p;
}

static void acpi_table_load(
	struct acpi_info *info, const struct acpi_mem *mem, u64 at, const char *want)
{
	char sig[5];
	u32 size;
	const u8 *p = acpi_table_map(mem, at, want, sig, &size);

	if (!p) {
		return;
	}
	acpi_table_note(info, sig, at, size);
	acpi_table_use(info, sig, p, size);
	mem->unmap(mem, p);
}

/* The FACS has no header like others', and no checksum (ACPI 6.4, 5.2.10). */
static void acpi_facs_load(struct acpi_info *info, const struct acpi_mem *mem, u64 at)
{
	const struct acpi_facs *f = acpi_map(mem, at, sizeof(*f));

	if (!f) {
		log_warn("ACPI: FACS at %#llx cannot be read: ignored", (unsigned long long)at);
		return;
	}
	if (memcmp(f->sig, "FACS", 4) != 0 || f->length < 64 || f->length > PAGE_SIZE) {
		log_warn("ACPI: FACS at %#llx has a bad header: ignored", (unsigned long long)at);
	} else {
		acpi_table_note(info, "FACS", at, f->length);
	}
	mem->unmap(mem, f);
}

static void acpi_load_fadt_tables(struct acpi_info *info, const struct acpi_mem *mem)
{
	if (!info->fadt.present) {
		log_warn("ACPI: no usable FADT: no power management timer, no power-off");
		return;
	}
	if (info->fadt.dsdt.v != 0) {
		acpi_table_load(info, mem, info->fadt.dsdt.v, "DSDT");
	}
	if (info->fadt.facs.v != 0) {
		acpi_facs_load(info, mem, info->fadt.facs.v);
	}
}

struct acpi_root {
	u64 at; /* RSDT or XSDT */
	unsigned int entry_size;
	const char *sig;
};

static u64 acpi_root_entry(const struct acpi_root *root, const u8 *p, u32 i)
{
	u64 v = 0;

	memcpy(&v, p + sizeof(struct acpi_header) + (size_t)i * root->entry_size, root->entry_size);
	return v;
}

/* Root tables have at most this many entries; the rest of the list is not even looked at. */
#define ACPI_ROOT_MAX 1024

static int acpi_load_root(
	struct acpi_info *info, const struct acpi_mem *mem, const struct acpi_root *root)
{
	char sig[5];
	u32 size, count;
	const u8 *p = acpi_table_map(mem, root->at, root->sig, sig, &size);

	if (!p) {
		return -ENOENT;
	}
	count = (size - (u32)sizeof(struct acpi_header)) / root->entry_size;
	if (count > ACPI_ROOT_MAX) {
		log_warn("ACPI: %s lists %u tables: only the first %u are used", sig, count,
			ACPI_ROOT_MAX);
		count = ACPI_ROOT_MAX;
	}
	for (u32 i = 0; i < count; i++) {
		u64 at = acpi_root_entry(root, p, i);

		if (at != 0) {
			acpi_table_load(info, mem, at, NULL);
		}
	}
	mem->unmap(mem, p);
	return 0;
}

static bool acpi_rsdp_valid(const struct acpi_rsdp *r, size_t size)
{
	return size >= ACPI_RSDP_V1_SIZE && memcmp(r->sig, "RSD PTR ", 8) == 0 &&
	       sum8(r, ACPI_RSDP_V1_SIZE) == 0;
}

/* Takes what is usable from a root pointer of which @size bytes can be read. */
static void acpi_rsdp_copy(struct acpi_rsdp *out, const struct acpi_rsdp *r, size_t size)
{
	bool v2 = r->revision >= 2 && size >= sizeof(*r);

	memset(out, 0, sizeof(*out));
	memcpy(out, r, v2 ? sizeof(*r) : ACPI_RSDP_V1_SIZE);
	if (v2 && sum8(r, sizeof(*r)) != 0) {
		log_warn("ACPI: root pointer has a wrong extended checksum: XSDT not used");
		out->xsdt = 0;
	}
}

/* One area, in steps of 16 bytes. */
static bool acpi_rsdp_scan(const struct acpi_mem *mem, u64 at, size_t size, struct acpi_rsdp *out)
{
	const u8 *p = acpi_map(mem, at, size);
	bool found = false;

	if (!p) {
		return false;
	}
	for (size_t i = 0; i + ACPI_RSDP_V1_SIZE <= size && !found; i += ACPI_RSDP_ALIGN) {
		const struct acpi_rsdp *r = (const struct acpi_rsdp *)(p + i);

		if (acpi_rsdp_valid(r, size - i)) {
			acpi_rsdp_copy(out, r, size - i);
			found = true;
		}
	}
	mem->unmap(mem, p);
	return found;
}

static bool acpi_rsdp_search(const struct acpi_mem *mem, struct acpi_rsdp *out)
{
	const u8 *p = acpi_map(mem, ACPI_EBDA_POINTER, 2);
	u64 ebda = 0;

	if (p) {
		ebda = ((u64)p[0] | (u64)p[1] << 8) << 4;
		mem->unmap(mem, p);
	}
	/* Conventional memory above 256 KiB is where an EBDA can be. */
	if (ebda >= KiB(256) && ebda < KiB(640) && acpi_rsdp_scan(mem, ebda, ACPI_EBDA_SIZE, out)) {
		return true;
	}
	return acpi_rsdp_scan(mem, ACPI_BIOS_START, ACPI_BIOS_SIZE, out);
}

static bool acpi_rsdp_find(
	const struct acpi_mem *mem, const void *rsdp, size_t size, struct acpi_rsdp *out)
{
	if (rsdp) {
		if (acpi_rsdp_valid(rsdp, size)) {
			acpi_rsdp_copy(out, rsdp, size);
			return true;
		}
		log_warn("ACPI: the boot loader's root pointer is not valid: searching for one");
	}
	return acpi_rsdp_search(mem, out);
}

int acpi_parse(struct acpi_info *info, const struct acpi_mem *mem, const void *rsdp, size_t size)
{
	struct acpi_rsdp r;
	int rc = -ENOENT;

	memset(info, 0, sizeof(*info));
	if (!acpi_rsdp_find(mem, rsdp, size, &r)) {
		log_warn("ACPI: no root pointer found");
		return -ENOENT;
	}
	info->rsdp_revision = r.revision;
	if (r.xsdt != 0) {
		rc = acpi_load_root(info, mem,
			&(struct acpi_root){ .at = r.xsdt, .entry_size = 8, .sig = "XSDT" });
	}
	if (rc != 0 && r.rsdt != 0) {
		rc = acpi_load_root(info, mem,
			&(struct acpi_root){ .at = r.rsdt, .entry_size = 4, .sig = "RSDT" });
	}
	if (rc == 0) {
		acpi_load_fadt_tables(info, mem);
	}
	return rc;
}

static const void *acpi_vmap_map(const struct acpi_mem *m, hpa_t pa, size_t size)
{
	return vmap(pa, size, HV_RO);
}

static void acpi_vmap_unmap(const struct acpi_mem *m, const void *p)
{
	vunmap((void *)(uintptr_t)p);
}

int acpi_init(const void *rsdp, size_t size)
{
	static const struct acpi_mem mem = { .map = acpi_vmap_map, .unmap = acpi_vmap_unmap };

	return acpi_parse(&acpi_host, &mem, rsdp, size);
}
