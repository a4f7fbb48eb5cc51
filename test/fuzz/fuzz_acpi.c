/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ACPI: the input is physical memory from address 0 up, with the root pointer at its start. Any
 * bytes give a struct acpi_info that is consistent in itself, and dom0's tables can be built from
 * it. To get behind the checksums, the header of each table that is mapped is mended first.
 */
#include <stdlib.h>
#include <string.h>

#include "drv/acpi/acpi_dom0.h"
#include "drv/acpi/acpi_tables.h"
#include "lib/checksum.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define BASE 0x1000

static u8 *memory;
static size_t memory_size;
static struct acpi_info info;

/* Every mapping is a block of its own, so that reads behind it are seen. */
static const void *map(const struct acpi_mem *m, hpa_t pa, size_t size)
{
	struct acpi_header *h;
	u8 *copy;

	if (pa.v < BASE || pa.v - BASE > memory_size || size > memory_size - (pa.v - BASE)) {
		return NULL;
	}
	copy = malloc(size);
	memcpy(copy, memory + (pa.v - BASE), size);
	h = (struct acpi_header *)copy;
	if (size >= sizeof(*h) && size == h->length && (h->oem_id[0] & 0x80) == 0) {
		h->checksum -= sum8(copy, size);
	}
	return copy;
}

static void unmap(const struct acpi_mem *m, const void *p)
{
	free((void *)(uintptr_t)p);
}

static void expect(bool ok)
{
	if (!ok) {
		abort();
	}
}

static void check_scopes(u16 first, u16 count)
{
	expect(first + count <= info.scope_count);
}

static void check_info(void)
{
	for (unsigned int i = 0; i < info.ivrs_dev_count; i++) {
		expect(info.ivrs_devs[i].ivhd < info.ivhd_count);
		expect(info.ivrs_devs[i].first <= info.ivrs_devs[i].last);
	}
	for (unsigned int i = 0; i < info.special_count; i++) {
		expect(info.specials[i].ivhd < info.ivhd_count);
	}
	for (unsigned int i = 0; i < info.drhd_count; i++) {
		check_scopes(info.drhds[i].scope_first, info.drhds[i].scope_count);
	}
	for (unsigned int i = 0; i < info.rmrr_count; i++) {
		check_scopes(info.rmrrs[i].scope_first, info.rmrrs[i].scope_count);
		expect(info.rmrrs[i].at.v <= info.rmrrs[i].last.v);
	}
	for (unsigned int i = 0; i < info.scope_count; i++) {
		expect(info.scopes[i].path_len >= 1 && info.scopes[i].path_len <= ACPI_MAX_PATH);
	}
	expect(info.fadt.s5_slp_typa < 8 && info.fadt.s5_slp_typb < 8);
}

static void check_dom0(unsigned int vcpus, bool x2apic)
{
	struct acpi_dom0 dom0 = { .vcpu_count = vcpus, .x2apic = x2apic, .at = GPA(0x8000) };
	size_t max = acpi_dom0_max_size(&info, vcpus), used = 0;
	void *buf = malloc(max);

	expect(acpi_dom0_build(&info, &dom0, buf, max, &used) == 0 && used <= max);
	free(buf);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct acpi_mem mem = { .map = map, .unmap = unmap };
	struct acpi_rsdp rsdp;

	if (size < sizeof(rsdp)) {
		return 0;
	}
	memory = (u8 *)(uintptr_t)data;
	memory_size = size;
	memcpy(&rsdp, data, sizeof(rsdp));
	memcpy(rsdp.sig, "RSD PTR ", 8);
	rsdp.checksum -= sum8(&rsdp, ACPI_RSDP_V1_SIZE);
	rsdp.ext_checksum -= sum8(&rsdp, sizeof(rsdp));
	(void)!acpi_parse(&info, &mem, &rsdp, sizeof(rsdp));
	check_info();
	check_dom0(1 + data[0] % 128, (data[1] & 1) != 0);
	return 0;
}
