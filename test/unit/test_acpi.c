/* SPDX-License-Identifier: GPL-2.0-only */
/* drv/acpi: QEMU's tables, hand-made ones with what QEMU does not have, and broken ones. */
#include <stdlib.h>
#include <string.h>

#include "drv/acpi/acpi_dom0.h"
#include "drv/acpi/acpi_tables.h"
#include "lib/checksum.h"
#include "lib/errno.h"
#include "unit/data/acpi_qemu.h"
#include "unit/harness.h"

/* --- a piece of physical memory --- */

#define MEM_SIZE 0x40000

struct memory {
	struct acpi_mem mem; /* first */
	u64 base;
	u8 *bytes;
	size_t size;
	int mapped;
};

static struct acpi_info info;

/* Each mapping is its own block, so that the sanitizer sees reads behind it. */
static const void *memory_map(const struct acpi_mem *m, hpa_t pa, size_t size)
{
	struct memory *mem = (struct memory *)(uintptr_t)m;
	void *copy;

	if (pa.v < mem->base || pa.v - mem->base > mem->size ||
		size > mem->size - (pa.v - mem->base)) {
		return NULL;
	}
	copy = malloc(size);
	memcpy(copy, mem->bytes + (pa.v - mem->base), size);
	mem->mapped++;
	CHECK(mem->mapped <= 2);
	return copy;
}

static void memory_unmap(const struct acpi_mem *m, const void *p)
{
	((struct memory *)(uintptr_t)m)->mapped--;
	free((void *)(uintptr_t)p);
}

static struct memory memory_over(u64 base, const void *bytes, size_t size)
{
	return (struct memory){
		.mem = { .map = memory_map, .unmap = memory_unmap },
		.base = base,
		.bytes = (u8 *)(uintptr_t)bytes,
		.size = size,
	};
}

/* --- QEMU's --- */

static void check_qemu_common(void)
{
	CHECK(info.has_madt);
	CHECK(info.pcat_compat);
	CHECK_EQ(info.lapic.v, 0xfee00000);
	CHECK_EQ(info.cpu_count, 4);
	CHECK_EQ(info.cpus[3].apic_id, 3);
	CHECK_EQ(info.cpus[3].uid, 3);
	CHECK(info.cpus[3].enabled);
	CHECK_EQ(info.ioapic_count, 1);
	CHECK_EQ(info.ioapics[0].at.v, 0xfec00000);
	CHECK_EQ(info.override_count, 5);
	CHECK_EQ(info.overrides[0].irq, 0);
	CHECK_EQ(info.overrides[0].gsi, 2);
	CHECK_EQ(info.overrides[2].irq, 9);
	CHECK_EQ(info.overrides[2].flags, 0xd);
	CHECK_EQ(info.nmi_count, 1);
	CHECK(info.nmis[0].local);
	CHECK_EQ(info.nmis[0].uid, ACPI_NMI_ALL_CPUS);
	CHECK_EQ(info.nmis[0].lint, 1);
	CHECK_EQ(info.mcfg_count, 1);
	CHECK_EQ(info.mcfgs[0].at.v, 0xb0000000);
	CHECK_EQ(info.mcfgs[0].last_bus, 255);
	CHECK(info.hpet.present);
	CHECK_EQ(info.hpet.at.v, 0xfed00000);
	CHECK_EQ(info.fadt.pm1a_event.address, 0x600);
	CHECK_EQ(info.fadt.pm1a_event.width, 32);
	CHECK_EQ(info.fadt.pm1a_control.address, 0x604);
	CHECK_EQ(info.fadt.pm1b_control.address, 0);
	CHECK_EQ(info.fadt.pm_timer.address, 0x608);
	CHECK_EQ(info.fadt.pm_timer.space, ACPI_SPACE_IO);
	CHECK(!info.fadt.pm_timer_32bit);
	CHECK_EQ(info.fadt.sci_irq, 9);
	CHECK(info.fadt.reset_supported);
	CHECK_EQ(info.fadt.reset.address, 0xcf9);
	CHECK_EQ(info.fadt.reset_value, 0xf);
	CHECK_EQ(info.fadt.century_index, 0x32);
}

UNIT_TEST(qemu_amd, "QEMU's tables with an AMD IOMMU are read in full")
{
	struct memory m = memory_over(QEMU_AMD_BASE, qemu_amd_tables, sizeof(qemu_amd_tables));

	CHECK_EQ(acpi_parse(&info, &m.mem, qemu_amd_rsdp, sizeof(qemu_amd_rsdp)), 0);
	CHECK_EQ(m.mapped, 0);
	check_qemu_common();
	CHECK(info.fadt.s5_valid);
	CHECK_EQ(info.fadt.s5_slp_typa, 0);
	CHECK(acpi_find_table(&info, "DSDT", 0) != NULL);
	CHECK_EQ(acpi_find_table(&info, "FACS", 0)->at.v, QEMU_AMD_BASE);
	CHECK_EQ(acpi_find_table(&info, "IVRS", 0)->size, 112);
	CHECK(acpi_find_table(&info, "IVRS", 1) == NULL);
	CHECK(info.has_ivrs && !info.has_dmar);
	CHECK_EQ(info.ivhd_count, 1);
	CHECK_EQ(info.ivhds[0].at.v, 0xfed80000);
	CHECK_EQ(info.ivhds[0].devid, 0x18);
	CHECK_EQ(info.ivhds[0].cap, 0x40);
	CHECK_EQ(info.ivrs_dev_count, 8);
	CHECK_EQ(info.ivrs_devs[7].first, 0xfb);
	CHECK_EQ(info.special_count, 1);
	CHECK_EQ(info.specials[0].kind, ACPI_SPECIAL_IOAPIC);
	CHECK_EQ(info.specials[0].devid, 0xa0);
}

UNIT_TEST(qemu_intel, "QEMU's tables with an Intel IOMMU are read, the missing DSDT is survived")
{
	struct memory m = memory_over(
		QEMU_INTEL_BASE, qemu_intel_tables, sizeof(qemu_intel_tables));

	CHECK_EQ(acpi_parse(&info, &m.mem, qemu_intel_rsdp, sizeof(qemu_intel_rsdp)), 0);
	check_qemu_common();
	CHECK(!info.fadt.s5_valid);
	CHECK(info.has_dmar && !info.has_ivrs);
	CHECK_EQ(info.dmar_width, 39);
	CHECK_EQ(info.dmar_flags & ACPI_DMAR_INTR_REMAP, ACPI_DMAR_INTR_REMAP);
	CHECK_EQ(info.drhd_count, 1);
	CHECK_EQ(info.drhds[0].at.v, 0xfed90000);
	CHECK_EQ(info.drhds[0].scope_count, 8);
	CHECK_EQ(info.scopes[0].type, ACPI_SCOPE_IOAPIC);
	CHECK_EQ(info.scopes[0].bus, 0xff);
	CHECK_EQ(info.scopes[6].path[0], 0x1f << 3 | 2);
}

/* An RSDT with no tables, and a root pointer to it, in low memory. */
static void put_root(u8 *low, size_t rsdp_at)
{
	struct acpi_header *rsdt = (struct acpi_header *)(low + 0x8000);
	struct acpi_rsdp *r = (struct acpi_rsdp *)(low + rsdp_at);

	memcpy(rsdt->sig, "RSDT", 4);
	rsdt->length = sizeof(*rsdt);
	rsdt->checksum = 0;
	rsdt->checksum = (u8)-sum8(rsdt, sizeof(*rsdt));
	memcpy(r->sig, "RSD PTR ", 8);
	r->rsdt = 0x8000;
	r->checksum = 0;
	r->checksum = (u8)-sum8(r, ACPI_RSDP_V1_SIZE);
}

UNIT_TEST(search, "the root pointer is found in the BIOS area and in the EBDA, nowhere else")
{
	static const struct {
		size_t at;
		int rc;
	} places[] = {
		{ 0xe0000, 0 },
		{ 0xffff0 - 16, 0 },
		{ 0x9fc00, 0 },
		{ 0x9fc00 + 992, 0 },
		{ 0x9fc00 + 1024, -ENOENT },
		{ 0xe0008, -ENOENT },
		{ 0xd0000, -ENOENT },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(places); i++) {
		u8 *low = calloc(1, 0x100000);
		struct memory m = memory_over(0, low, 0x100000);

		memcpy(low + 0x40e, &(u16){ 0x9fc0 }, 2);
		put_root(low, places[i].at);
		CHECK_EQ(acpi_parse(&info, &m.mem, NULL, 0), places[i].rc);
		CHECK_EQ(acpi_parse(&info, &m.mem, "RSD PTR ", 8), places[i].rc);
		free(low);
	}
}

/* --- hand-made --- */

#define BUILD_BASE 0x10000000UL

struct build {
	u8 bytes[MEM_SIZE];
	size_t used;
	u64 tables[32];
	unsigned int count;
	struct acpi_rsdp rsdp;
};

static struct build b;

static void build_reset(void)
{
	memset(&b, 0, sizeof(b));
	b.used = 16;
}

static void build_seal(size_t at)
{
	struct acpi_header *h = (struct acpi_header *)(b.bytes + at);

	h->checksum = 0;
	h->checksum = (u8)-sum8(h, h->length);
}

/* A table with this body behind the header; returns its offset. */
static size_t build_table(const char *sig, const void *body, size_t size, bool listed)
{
	size_t at = b.used;
	struct acpi_header *h = (struct acpi_header *)(b.bytes + at);

	memcpy(h->sig, sig, 4);
	h->length = (u32)(sizeof(*h) + size);
	memcpy(h + 1, body, size);
	b.used += h->length + 3; /* nothing is aligned */
	build_seal(at);
	if (listed) {
		b.tables[b.count++] = BUILD_BASE + at;
	}
	return at;
}

static void build_rsdp(u64 xsdt, u32 rsdt)
{
	memcpy(b.rsdp.sig, "RSD PTR ", 8);
	b.rsdp.revision = 2;
	b.rsdp.length = sizeof(b.rsdp);
	b.rsdp.xsdt = xsdt;
	b.rsdp.rsdt = rsdt;
	b.rsdp.checksum = b.rsdp.ext_checksum = 0;
	b.rsdp.checksum = (u8)-sum8(&b.rsdp, ACPI_RSDP_V1_SIZE);
	b.rsdp.ext_checksum = (u8)-sum8(&b.rsdp, sizeof(b.rsdp));
}

static int build_parse(void)
{
	struct memory m = memory_over(BUILD_BASE, b.bytes, sizeof(b.bytes));
	int rc = acpi_parse(&info, &m.mem, &b.rsdp, sizeof(b.rsdp));

	CHECK_EQ(m.mapped, 0);
	return rc;
}

static int build_finish(void)
{
	size_t xsdt = build_table("XSDT", b.tables, b.count * sizeof(u64), false);

	build_rsdp(BUILD_BASE + xsdt, 0);
	return build_parse();
}

static const u8 madt_body[] = {
	0, 0, 0xe0, 0xfe, 0, 0, 0, 0,			  /* LAPIC address, no 8259 */
	0, 8, 1, 0, 1, 0, 0, 0,				  /* CPU 0 */
	0, 8, 2, 2, 2, 0, 0, 0,				  /* online-capable */
	0, 8, 3, 4, 0, 0, 0, 0,				  /* disabled */
	0, 8, 4, 0xff, 1, 0, 0, 0,			  /* broadcast id */
	9, 16, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 9, 0, 0, 0,  /* x2APIC id 256 */
	9, 16, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0,  /* CPU 0 again */
	1, 12, 8, 0, 0, 0, 0xc0, 0xfe, 0, 0, 0, 0,	  /* I/O APIC */
	5, 12, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0,		  /* LAPIC at 4 GiB */
	3, 8, 5, 0, 23, 0, 0, 0,			  /* NMI at GSI 23 */
	10, 12, 5, 0, 0xff, 0xff, 0xff, 0xff, 1, 0, 0, 0, /* x2APIC NMI, all */
	2, 10, 0, 9, 20, 0, 0, 0, 0xd, 0,		  /* IRQ 9 */
	2, 10, 1, 9, 20, 0, 0, 0, 0xd, 0,		  /* not ISA */
	0x7f, 4, 1, 2,					  /* unknown */
};

UNIT_TEST(madt, "every MADT entry that counts is read once, the others are skipped")
{
	build_reset();
	build_table("APIC", madt_body, sizeof(madt_body), true);
	CHECK_EQ(build_finish(), 0);
	CHECK_EQ(info.cpu_count, 3);
	CHECK(info.cpus[0].enabled);
	CHECK(!info.cpus[1].enabled && info.cpus[1].online_capable);
	CHECK_EQ(info.cpus[2].apic_id, 256);
	CHECK_EQ(info.cpus[2].uid, 9);
	CHECK_EQ(info.ioapics[0].id, 8);
	CHECK_EQ(info.lapic.v, 0x100000000);
	CHECK(!info.pcat_compat);
	CHECK_EQ(info.nmi_count, 2);
	CHECK(!info.nmis[0].local);
	CHECK_EQ(info.nmis[0].gsi, 23);
	CHECK_EQ(info.nmis[1].uid, ACPI_NMI_ALL_CPUS);
	CHECK_EQ(info.override_count, 1);
}

UNIT_TEST(records, "records of length 0, too short or too long end or skip, never loop or overrun")
{
	u8 body[sizeof(madt_body)];

	for (unsigned int at = 9; at < sizeof(body); at++) {
		for (unsigned int v = 0; v < 256; v += 5) {
			build_reset();
			memcpy(body, madt_body, sizeof(body));
			body[at] = (u8)v;
			build_table("APIC", body, sizeof(body), true);
			CHECK_EQ(build_finish(), 0);
			CHECK(info.has_madt);
		}
	}
	memcpy(body, madt_body, sizeof(body));
	body[17] = 7; /* the second CPU's length */
	build_reset();
	build_table("APIC", body, sizeof(body), true);
	CHECK_EQ(build_finish(), 0);
	CHECK(info.cpu_count <= 1);
}

UNIT_TEST(broken, "a table with a bad checksum or length is as if it were absent")
{
	size_t madt;
	struct acpi_header *h;

	build_reset();
	madt = build_table("APIC", madt_body, sizeof(madt_body), true);
	b.bytes[madt + 40] ^= 1;
	CHECK_EQ(build_finish(), 0);
	CHECK(!info.has_madt);
	CHECK_EQ(info.table_count, 0);
	CHECK_EQ(info.cpu_count, 0);

	build_reset();
	madt = build_table("APIC", madt_body, sizeof(madt_body), true);
	h = (struct acpi_header *)(b.bytes + madt);
	h->length = 35;
	CHECK_EQ(build_finish(), 0);
	CHECK(!info.has_madt);
	h->length = ~0U;
	CHECK_EQ(build_parse(), 0);
	CHECK(!info.has_madt);
	h->length = MEM_SIZE;
	CHECK_EQ(build_parse(), 0);
	CHECK(!info.has_madt);

	build_reset();
	build_table("APIC", madt_body, 4, true); /* shorter than its fixed part */
	b.tables[b.count++] = 0;
	b.tables[b.count++] = ~0ULL;
	b.tables[b.count++] = BUILD_BASE + MEM_SIZE - 8;
	CHECK_EQ(build_finish(), 0);
	CHECK(!info.has_madt);
}

UNIT_TEST(root, "a bad XSDT falls back to the RSDT, a bad root pointer to nothing")
{
	u32 rsdt_entry;
	size_t xsdt, rsdt;

	build_reset();
	build_table("APIC", madt_body, sizeof(madt_body), true);
	rsdt_entry = (u32)b.tables[0];
	xsdt = build_table("XSDT", b.tables, 8, false);
	rsdt = build_table("RSDT", &rsdt_entry, 4, false);
	b.bytes[xsdt + 8] ^= 1;
	build_rsdp(BUILD_BASE + xsdt, (u32)(BUILD_BASE + rsdt));
	CHECK_EQ(build_parse(), 0);
	CHECK(info.has_madt);
	build_rsdp(BUILD_BASE + rsdt, (u32)(BUILD_BASE + rsdt)); /* not an XSDT */
	CHECK_EQ(build_parse(), 0);
	CHECK(info.has_madt);
	b.rsdp.ext_checksum ^= 1;
	b.rsdp.xsdt = ~0ULL;
	CHECK_EQ(build_parse(), 0);
	b.rsdp.checksum ^= 1;
	CHECK_EQ(build_parse(), -ENOENT);
	CHECK_EQ(info.table_count, 0);
	CHECK(!info.has_madt);
}

UNIT_TEST(too_many, "lists end at their maximum")
{
	static u8 body[8 + 600 * 16];

	memset(body, 0, sizeof(body));
	for (unsigned int i = 0; i < 600; i++) {
		u8 *r = body + 8 + i * 16;

		r[0] = 9;
		r[1] = 16;
		r[4] = (u8)i;
		r[5] = (u8)(i >> 8);
		r[8] = 1;
	}
	build_reset();
	build_table("APIC", body, sizeof(body), true);
	CHECK_EQ(build_finish(), 0);
	CHECK_EQ(info.cpu_count, ACPI_MAX_CPUS);
	CHECK_EQ(info.cpus[ACPI_MAX_CPUS - 1].apic_id, ACPI_MAX_CPUS - 1);
}

struct aml {
	u8 bytes[16];
	u8 size;
	bool found;
	u8 a, b;
};

static const struct aml amls[] = {
	{ { 8, '_', 'S', '5', '_', 0x12, 6, 4, 0xa, 7, 0xa, 6, 0, 0 }, 14, true, 7, 6 },
	{ { 8, '\\', '_', 'S', '5', '_', 0x12, 6, 4, 1, 0, 0, 0 }, 13, true, 1, 0 },
	{ { 8, '_', 'S', '5', '_', 0x12, 0x46, 0, 2, 0xb, 5, 0, 1 }, 13, true, 5, 1 },
	{ { 8, '_', 'S', '4', '_', 0x12, 6, 4, 1, 0, 0, 0 }, 12, false, 0, 0 },
	{ { 9, '_', 'S', '5', '_', 0x12, 6, 4, 1, 0, 0, 0 }, 12, false, 0, 0 },
	{ { 8, '_', 'S', '5', '_', 0x12, 6, 1, 1, 0, 0, 0 }, 12, false, 0, 0 },
	{ { 8, '_', 'S', '5', '_', 0x12, 6, 4, 0xa }, 9, false, 0, 0 },
	{ { 8, '_', 'S', '5', '_', 0x12, 0xc6 }, 7, false, 0, 0 },
	{ { 8, '_', 'S', '5', '_', 0x12 }, 6, false, 0, 0 },
	{ { 8, '_', 'S', '5', '_' }, 5, false, 0, 0 },
	{ { 8, '_', 'S', '5', '_', 0x12, 6, 4, 0xe, 0, 0, 0 }, 12, false, 0, 0 },
};

UNIT_TEST(s5, "the package of S5 is found in AML, and its absence or truncation survived")
{
	for (unsigned int i = 0; i < ARRAY_SIZE(amls); i++) {
		build_reset();
		build_table("SSDT", amls[i].bytes, amls[i].size, true);
		CHECK_EQ(build_finish(), 0);
		CHECK_EQ(info.fadt.s5_valid, amls[i].found);
		CHECK_EQ(info.fadt.s5_slp_typa, amls[i].a);
		CHECK_EQ(info.fadt.s5_slp_typb, amls[i].b);
	}
}

UNIT_TEST(srat, "SRAT entries that are enabled are read")
{
	u8 body[12 + 16 + 40 + 24 + 40] = { 0 };
	u8 *cpu = body + 12, *mem = cpu + 16, *x2 = mem + 40, *wrap = x2 + 24;

	memcpy(cpu, (u8[]){ 0, 16, 1, 5, 1, 0, 0, 0, 0, 2 }, 10);
	memcpy(mem, (u8[]){ 1, 40, 1 }, 3);
	mem[12] = 1; /* 4 GiB */
	mem[19] = 0x80;
	mem[28] = 3;
	memcpy(x2, (u8[]){ 2, 24, 0, 0, 7, 0, 0, 0, 0, 1, 0, 0, 1 }, 13);
	memcpy(wrap, (u8[]){ 1, 40, 1 }, 3);
	memset(wrap + 8, 0xff, 16);
	wrap[28] = 1;
	build_reset();
	build_table("SRAT", body, sizeof(body), true);
	CHECK_EQ(build_finish(), 0);
	CHECK_EQ(info.srat_cpu_count, 2);
	CHECK_EQ(info.srat_cpus[0].apic_id, 5);
	CHECK_EQ(info.srat_cpus[0].node, 0x201);
	CHECK_EQ(info.srat_cpus[1].apic_id, 256);
	CHECK_EQ(info.srat_cpus[1].node, 7);
	CHECK_EQ(info.srat_mem_count, 1);
	CHECK_EQ(info.srat_mems[0].at.v, 0x100000000);
	CHECK_EQ(info.srat_mems[0].size, 0x80000000);
	CHECK(info.srat_mems[0].hotplug);
}

/* IVHD of type 10h and its better description of type 11h, and two IVMDs. */
static const u8 ivrs_body[] = {
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	/* 10h: all devices, and the I/O APIC */
	0x10,
	0,
	36,
	0,
	2,
	0,
	0x40,
	0,
	0,
	0,
	0xd8,
	0xfe,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	1,
	0,
	0,
	0,
	72,
	0,
	0,
	0,
	1,
	0xa1,
	0,
	1,
	/* 11h: ranges and aliases */
	0x11,
	0x20,
	96,
	0,
	2,
	0,
	0x40,
	0,
	0,
	0,
	0xd8,
	0xfe,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0xda,
	0,
	0x4a,
	0xf7,
	0xef,
	0x22,
	0x94,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	3,
	8,
	0,
	0x10,
	4,
	0xfe,
	0xff,
	0,
	67,
	0,
	5,
	0,
	0,
	0xf8,
	4,
	0,
	4,
	0xff,
	5,
	0,
	66,
	8,
	6,
	0xd7,
	0,
	1,
	6,
	0,
	0,
	0,
	0,
	0,
	72,
	0,
	0,
	0xd7,
	33,
	0xa0,
	0,
	1,
	240,
	0,
	7,
	0,
	'A',
	'M',
	'D',
	'I',
	'0',
	'0',
	'2',
	'0',
};

UNIT_TEST(ivrs, "the newest IVHD of a unit counts; ranges, aliases and special devices are read")
{
	static u8 body[sizeof(ivrs_body) + 64];
	u8 *ivmd = body + sizeof(ivrs_body);

	memcpy(body, ivrs_body, sizeof(ivrs_body));
	/* The named device at the end is cut off: the rest of that IVHD is ignored. */
	ivmd[0] = 0x22;
	ivmd[1] = ACPI_IVMD_UNITY | ACPI_IVMD_READ | ACPI_IVMD_WRITE;
	ivmd[2] = 32;
	ivmd[4] = 0x10;
	ivmd[6] = 0x20;
	ivmd[19] = 0x7f;
	ivmd[25] = 0x20;
	memcpy(ivmd + 32, ivmd, 32);
	ivmd[32 + 6] = 0x0f; /* ends before it begins */
	body[12 + 36 + 2] = sizeof(ivrs_body) - 12 - 36;
	build_reset();
	build_table("IVRS", body, sizeof(body), true);
	CHECK_EQ(build_finish(), 0);
	CHECK_EQ(info.ivhd_count, 1);
	CHECK_EQ(info.ivhds[0].type, 0x11);
	CHECK_EQ(info.ivhds[0].flags, 0x20);
	CHECK_EQ(info.ivhds[0].efr, 0x9422eff74a00da);
	CHECK_EQ(info.ivrs_dev_count, 3);
	CHECK_EQ(info.ivrs_devs[0].first, 8);
	CHECK_EQ(info.ivrs_devs[0].last, 0xfffe);
	CHECK_EQ(info.ivrs_devs[0].flags, 0x10);
	CHECK_EQ(info.ivrs_devs[1].first, 0x500);
	CHECK_EQ(info.ivrs_devs[1].last, 0x5ff);
	CHECK(info.ivrs_devs[1].has_alias);
	CHECK_EQ(info.ivrs_devs[1].alias, 0x4f8);
	CHECK_EQ(info.ivrs_devs[2].first, 0x608);
	CHECK_EQ(info.ivrs_devs[2].alias, 0x601);
	CHECK_EQ(info.special_count, 1);
	CHECK_EQ(info.specials[0].handle, 33);
	CHECK_EQ(info.specials[0].devid, 0xa0);
	CHECK_EQ(info.specials[0].flags, 0xd7);
	CHECK_EQ(info.ivmd_count, 1);
	CHECK_EQ(info.ivmds[0].first, 0x10);
	CHECK_EQ(info.ivmds[0].last, 0x20);
	CHECK_EQ(info.ivmds[0].at.v, 0x7f000000);
	CHECK_EQ(info.ivmds[0].size, 0x2000);
}

UNIT_TEST(ivrs_order, "an older IVHD behind a newer one of the same unit does not count")
{
	static u8 body[12 + 40 + 24 + 4];
	u8 *newer = body + 12, *older = newer + 40;

	newer[0] = 0x11;
	newer[2] = 40;
	newer[4] = older[4] = 2;
	older[0] = 0x10;
	older[2] = 28;
	older[24] = 1; /* all devices */
	build_reset();
	build_table("IVRS", body, sizeof(body), true);
	CHECK_EQ(build_finish(), 0);
	CHECK_EQ(info.ivhd_count, 1);
	CHECK_EQ(info.ivhds[0].type, 0x11);
	CHECK_EQ(info.ivrs_dev_count, 0);
}

static const u8 dmar_body[] = {
	38,
	5,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	16,
	0,
	1,
	0,
	1,
	0,
	0,
	0,
	0xd9,
	0xfe,
	0,
	0,
	0,
	0, /* DRHD, all of segment 1 */
	1,
	0,
	34,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0x7e,
	0,
	0,
	0,
	0,
	0xff,
	0xff,
	0x0f,
	0x7e,
	0,
	0,
	0,
	0,
	1,
	10,
	0,
	0,
	0,
	0,
	0x1c,
	3,
	2,
	1, /* RMRR: behind bridge 1c.3, device 2.1 */
	2,
	0,
	8,
	0,
	1,
	0,
	0,
	0, /* ATSR */
	1,
	0,
	24,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0x7e,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0, /* last < base */
	9,
	0,
	4,
	0,
};

UNIT_TEST(dmar, "units, reserved regions and paths through bridges are read")
{
	build_reset();
	build_table("DMAR", dmar_body, sizeof(dmar_body), true);
	CHECK_EQ(build_finish(), 0);
	CHECK_EQ(info.dmar_width, 39);
	CHECK_EQ(info.drhd_count, 1);
	CHECK(info.drhds[0].include_all);
	CHECK_EQ(info.drhds[0].segment, 1);
	CHECK_EQ(info.drhds[0].scope_count, 0);
	CHECK_EQ(info.rmrr_count, 1);
	CHECK_EQ(info.rmrrs[0].at.v, 0x7e000000);
	CHECK_EQ(info.rmrrs[0].last.v, 0x7e0fffff);
	CHECK_EQ(info.rmrrs[0].scope_count, 1);
	CHECK_EQ(info.scopes[0].path_len, 2);
	CHECK_EQ(info.scopes[0].path[0], 0x1c << 3 | 3);
	CHECK_EQ(info.scopes[0].path[1], 2 << 3 | 1);
	CHECK_EQ(info.atsr_count, 1);
	CHECK(info.atsrs[0].all_ports);
}

/* --- dom0's --- */

static u8 dom0_tables[0x4000];

UNIT_TEST(dom0, "dom0's tables read back: its vCPUs, the host's I/O APICs, nothing it does not own")
{
	struct memory m = memory_over(QEMU_AMD_BASE, qemu_amd_tables, sizeof(qemu_amd_tables));
	struct acpi_dom0 dom0 = { .vcpu_count = 2, .at = GPA(QEMU_AMD_BASE + 0x100000) };
	static struct acpi_info host;
	u8 *both = calloc(1, 0x104000);
	size_t used = 0;

	CHECK_EQ(acpi_parse(&host, &m.mem, qemu_amd_rsdp, sizeof(qemu_amd_rsdp)), 0);
	CHECK_EQ(acpi_dom0_build(&host, &dom0, dom0_tables, sizeof(dom0_tables), &used), 0);
	CHECK(used <= acpi_dom0_max_size(&host, 2));
	memcpy(both, qemu_amd_tables, sizeof(qemu_amd_tables));
	memcpy(both + 0x100000, dom0_tables, used);
	m = memory_over(QEMU_AMD_BASE, both, 0x104000);
	CHECK_EQ(acpi_parse(&info, &m.mem, dom0_tables, sizeof(struct acpi_rsdp)), 0);
	CHECK_EQ(info.cpu_count, 2);
	CHECK_EQ(info.cpus[1].apic_id, 2);
	CHECK_EQ(info.cpus[1].uid, 1);
	CHECK(!info.pcat_compat);
	CHECK_EQ(info.ioapic_count, host.ioapic_count);
	CHECK_EQ(info.override_count, host.override_count);
	CHECK_EQ(info.overrides[2].flags, host.overrides[2].flags);
	CHECK_EQ(info.nmi_count, 0);
	CHECK(info.fadt.present && info.fadt.s5_valid);
	CHECK_EQ(info.mcfg_count, 1);
	CHECK(!info.hpet.present && !info.has_ivrs);
	free(both);
}

UNIT_TEST(dom0_many, "many vCPUs get x2APIC entries where the id needs it, and the size is bounded")
{
	struct acpi_dom0 dom0 = { .vcpu_count = 128, .at = GPA(0x1000) };
	size_t used = 0, max;

	build_reset();
	build_table("APIC", madt_body, sizeof(madt_body), true);
	CHECK_EQ(build_finish(), 0);
	max = acpi_dom0_max_size(&info, 128);
	CHECK_EQ(acpi_dom0_build(&info, &dom0, dom0_tables, max, &used), 0);
	for (size_t size = 0; size < used; size++) {
		CHECK_EQ(acpi_dom0_build(&info, &dom0, dom0_tables, size, &(size_t){ 0 }), -ENOSPC);
	}
	CHECK_EQ(acpi_dom0_build(&info, &dom0, dom0_tables, used, &used), 0);
	dom0.vcpu_count = 0;
	CHECK_EQ(acpi_dom0_build(&info, &dom0, dom0_tables, max, &used), -EINVAL);
	dom0.vcpu_count = 1;
	dom0.at = GPA(0x1008);
	CHECK_EQ(acpi_dom0_build(&info, &dom0, dom0_tables, max, &used), -EINVAL);
}
