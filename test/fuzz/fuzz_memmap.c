/* SPDX-License-Identifier: GPL-2.0-only */
/* The loaders' memory maps: any bytes give a sorted, disjoint map, and a dom0 map within it. */
#include <stdlib.h>

#include "boot/memmap.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct memmap map, shaped;

static void expect(bool ok)
{
	if (!ok) {
		abort();
	}
}

static void check_sorted(const struct memmap *m)
{
	expect(m->count <= MEMMAP_MAX);
	for (unsigned int i = 0; i < m->count; i++) {
		const struct memmap_entry *e = &m->entries[i];

		expect(e->size > 0 && e->start + e->size > e->start);
		expect(i == 0 || m->entries[i - 1].start + m->entries[i - 1].size <= e->start);
	}
}

static int parse(uint8_t kind, const uint8_t *p, size_t size)
{
	switch (kind & 3) {
	case 0:
		return memmap_add_multiboot1(&map, p, size);
	case 1:
		return memmap_add_multiboot2(&map, p, size, 16 + (kind >> 2));
	default:
		return memmap_add_efi(&map, p, size, 36 + (kind >> 2));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	u64 at, got;

	if (size < 2) {
		return 0;
	}
	memmap_init(&map);
	(void)!parse(data[0], data + 2, size - 2);
	if (memmap_normalise(&map) != 0) {
		return 0;
	}
	check_sorted(&map);
	got = memmap_shape_dom0(&map, (u64)data[1] << 24, &shaped);
	check_sorted(&shaped);
	expect(got == memmap_ram_bytes(&shaped) && got <= (u64)data[1] << 24);
	expect(memmap_ram_end(&shaped) <= memmap_ram_end(&map));
	if (memmap_steal(&shaped, 0x3000, GiB(4), MEMMAP_ACPI, &at) == 0) {
		check_sorted(&shaped);
		expect(at >= MiB(1) && at + 0x3000 <= GiB(4));
		expect(memmap_is(&shaped, at, 0x3000, MEMMAP_ACPI));
		expect(memmap_ram_bytes(&shaped) + 0x3000 <= got);
	}
	return 0;
}
