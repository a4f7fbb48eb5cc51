/* SPDX-License-Identifier: GPL-2.0-only */
/* boot/memmap.c: normalising against a byte-wise model, loaders' tables, dom0's map. */
#include <stdlib.h>
#include <string.h>

#include "boot/memmap.h"
#include "lib/errno.h"
#include "unit/harness.h"
#include "unit/random.h"

static struct memmap map, out;

static void add(u64 start, u64 size, u32 type)
{
	CHECK_EQ(memmap_add(&map, start, size, type), 0);
}

static void check_entry(unsigned int i, u64 start, u64 size, u32 type)
{
	CHECK(i < map.count);
	CHECK_EQ(map.entries[i].start, start);
	CHECK_EQ(map.entries[i].size, size);
	CHECK_EQ(map.entries[i].type, type);
}

UNIT_TEST(worst_type_wins, "a byte gets the worst type that any entry gives it")
{
	memmap_init(&map);
	add(0x4000, 0x1000, MEMMAP_RESERVED);
	add(0x0, 0x8000, MEMMAP_RAM);
	add(0x3000, 0x1800, MEMMAP_ACPI);
	CHECK_EQ(memmap_normalise(&map), 0);
	CHECK_EQ(map.count, 4);
	check_entry(0, 0x0, 0x3000, MEMMAP_RAM);
	check_entry(1, 0x3000, 0x1000, MEMMAP_ACPI);
	check_entry(2, 0x4000, 0x1000, MEMMAP_RESERVED);
	check_entry(3, 0x5000, 0x3000, MEMMAP_RAM);
}

UNIT_TEST(neighbours_merge, "equal neighbours and repeated entries become one")
{
	memmap_init(&map);
	add(0x1000, 0x1000, MEMMAP_RAM);
	add(0x2000, 0x1000, MEMMAP_RAM);
	add(0x1000, 0x2000, MEMMAP_RAM);
	CHECK_EQ(memmap_normalise(&map), 0);
	CHECK_EQ(map.count, 1);
	check_entry(0, 0x1000, 0x2000, MEMMAP_RAM);
}

UNIT_TEST(wrapping_is_cut, "what wraps or lies beyond 52 bits is cut off, empty ranges are dropped")
{
	memmap_init(&map);
	add(BIT64(52) - 0x1000, ~0ULL, MEMMAP_RAM);
	add(BIT64(53), 0x1000, MEMMAP_RAM);
	add(0x1000, 0, MEMMAP_RAM);
	add(0x9000, 0x1000, 77);
	CHECK_EQ(memmap_normalise(&map), 0);
	CHECK_EQ(map.count, 2);
	check_entry(0, 0x9000, 0x1000, MEMMAP_RESERVED);
	check_entry(1, BIT64(52) - 0x1000, 0x1000, MEMMAP_RAM);
}

#define MODEL 512

static unsigned int model_badness(u32 type)
{
	static const unsigned int badness[] = { 0, 1, 4, 2, 3, 5 };

	return badness[type];
}

UNIT_TEST(model, "random maps equal a model that colours every byte")
{
	u8 model[MODEL];
	u64 seed = 42;

	for (unsigned int round = 0; round < 3000; round++) {
		unsigned int entries = (unsigned int)(random_next(&seed) % 12);

		memset(model, 0, sizeof(model));
		memmap_init(&map);
		for (unsigned int i = 0; i < entries; i++) {
			u64 start = random_next(&seed) % MODEL;
			u64 size = random_next(&seed) % (MODEL - start + 1);
			u32 type = 1 + (u32)(random_next(&seed) % 5);

			add(start, size, type);
			for (u64 b = start; b < start + size; b++) {
				if (model_badness(type) > model_badness(model[b])) {
					model[b] = (u8)type;
				}
			}
		}
		CHECK_EQ(memmap_normalise(&map), 0);
		for (unsigned int i = 0; i < map.count; i++) {
			struct memmap_entry *e = &map.entries[i];

			CHECK(e->size > 0);
			if (i > 0) {
				struct memmap_entry *p = e - 1;

				CHECK(p->start + p->size < e->start ||
					(p->start + p->size == e->start && p->type != e->type));
			}
			for (u64 b = e->start; b < e->start + e->size; b++) {
				CHECK_EQ(model[b], e->type);
				model[b] = 0;
			}
		}
		for (unsigned int b = 0; b < MODEL; b++) {
			CHECK_EQ(model[b], 0);
		}
	}
}

UNIT_TEST(full, "a map of many pieces merges when it is full, and says so when it cannot")
{
	memmap_init(&map);
	for (unsigned int i = 0; i < 2 * MEMMAP_MAX; i++) {
		CHECK_EQ(memmap_add(&map, (u64)i * 0x1000, 0x1000, MEMMAP_RAM), 0);
	}
	CHECK_EQ(memmap_normalise(&map), 0);
	CHECK_EQ(map.count, 1);
	memmap_init(&map);
	for (unsigned int i = 0; i < MEMMAP_MAX; i++) {
		CHECK_EQ(memmap_add(&map, (u64)i * 0x2000, 0x1000, MEMMAP_RAM), 0);
	}
	CHECK_EQ(memmap_add(&map, 1ULL << 40, 0x1000, MEMMAP_RAM), -ENOSPC);
}

UNIT_TEST(multiboot1, "multiboot entries are read by their own size, and bad sizes refused")
{
	u8 table[2 * 24 + 4] = { 0 };
	u32 size = 20;

	memcpy(table, &size, 4);
	memcpy(table + 12, &(u64){ 0x9fc00 }, 8);
	table[20] = MEMMAP_RAM;
	size = 24; /* an entry with an extension */
	memcpy(table + 24, &size, 4);
	memcpy(table + 28, &(u64){ 0xf0000 }, 8);
	memcpy(table + 36, &(u64){ 0x10000 }, 8);
	table[44] = MEMMAP_RESERVED;
	memmap_init(&map);
	CHECK_EQ(memmap_add_multiboot1(&map, table, sizeof(table)), 0);
	CHECK_EQ(map.count, 2);
	check_entry(0, 0, 0x9fc00, MEMMAP_RAM);
	check_entry(1, 0xf0000, 0x10000, MEMMAP_RESERVED);
	CHECK_EQ(memmap_add_multiboot1(&map, table, sizeof(table) - 1), -EINVAL);
	table[0] = 0;
	CHECK_EQ(memmap_add_multiboot1(&map, table, sizeof(table)), -EINVAL);
}

UNIT_TEST(multiboot2, "multiboot2 entries may be longer than known")
{
	u8 table[2 * 32] = { 0 };

	memcpy(table + 8, &(u64){ 0xa0000 }, 8);
	table[16] = MEMMAP_RAM;
	memcpy(table + 32, &(u64){ 0x100000 }, 8);
	memcpy(table + 40, &(u64){ 0x200000 }, 8);
	table[48] = MEMMAP_NVS;
	memmap_init(&map);
	CHECK_EQ(memmap_add_multiboot2(&map, table, sizeof(table), 32), 0);
	CHECK_EQ(map.count, 2);
	check_entry(1, 0x100000, 0x200000, MEMMAP_NVS);
	CHECK_EQ(memmap_add_multiboot2(&map, table, sizeof(table), 16), -EINVAL);
}

UNIT_TEST(efi, "EFI descriptors become RAM only when free after boot and cacheable")
{
	u64 table[4][6] = {
		{ 4, 0x0, 0, 16, 8 },	     /* boot services data, write-back */
		{ 7, 0x100000, 0, 256, 0 },  /* conventional, not cacheable */
		{ 11, 0xfec00000, 0, 1, 1 }, /* registers */
		{ 6, 0x800000, 0, 4, 8 },    /* runtime services data */
	};

	memmap_init(&map);
	CHECK_EQ(memmap_add_efi(&map, table, sizeof(table), sizeof(table[0])), 0);
	CHECK_EQ(map.count, 3);
	check_entry(0, 0, 0x10000, MEMMAP_RAM);
	check_entry(1, 0x100000, 0x100000, MEMMAP_RESERVED);
	check_entry(2, 0x800000, 0x4000, MEMMAP_RESERVED);
	CHECK_EQ(memmap_add_efi(&map, table, sizeof(table), 32), -EINVAL);
}

/* What QEMU's q35 has with 4 GiB. */
static void pc_map(void)
{
	memmap_init(&map);
	add(0, 0x9fc00, MEMMAP_RAM);
	add(0x9fc00, 0x400, MEMMAP_RESERVED);
	add(0xf0000, 0x10000, MEMMAP_RESERVED);
	add(0x100000, 0x7fedf000, MEMMAP_RAM);
	add(0x7ffdf000, 0x21000, MEMMAP_RESERVED);
	add(0xb0000000, 0x10000000, MEMMAP_RESERVED);
	add(0x100000000, 0x80000000, MEMMAP_RAM);
	CHECK_EQ(memmap_normalise(&map), 0);
}

UNIT_TEST(shape, "dom0 has the host's map with as much RAM as it is given, from the bottom")
{
	unsigned int cursor = 0;
	u64 start, end;

	pc_map();
	CHECK_EQ(memmap_shape_dom0(&map, GiB(1), &out), GiB(1));
	CHECK_EQ(memmap_ram_bytes(&out), GiB(1));
	CHECK(memmap_next_ram(&out, &cursor, &start, &end));
	CHECK_EQ(start, 0);
	CHECK_EQ(end, 0x9f000);
	CHECK(memmap_next_ram(&out, &cursor, &start, &end));
	CHECK_EQ(start, 0x100000);
	CHECK_EQ(end, 0x100000 + GiB(1) - 0x9f000);
	CHECK(!memmap_next_ram(&out, &cursor, &start, &end));
	CHECK(memmap_is(&out, 0x9fc00, 0x400, MEMMAP_RESERVED));
	CHECK(memmap_is(&out, 0x7ffdf000, 0x21000, MEMMAP_RESERVED));
	CHECK(memmap_is(&out, 0xb0000000, 0x10000000, MEMMAP_RESERVED));
	CHECK_EQ(memmap_ram_end(&map), 0x180000000);
}

UNIT_TEST(shape_all, "more than the host has gives all of it")
{
	pc_map();
	CHECK_EQ(memmap_shape_dom0(&map, TiB(1), &out), memmap_ram_bytes(&map));
	CHECK_EQ(memmap_ram_end(&out), memmap_ram_end(&map));
}

UNIT_TEST(steal, "pages are stolen from the highest RAM below the limit")
{
	u64 at;

	pc_map();
	CHECK_EQ(memmap_steal(&map, 0x1800, GiB(4), MEMMAP_ACPI, &at), 0);
	CHECK_EQ(at, 0x7ffdd000);
	CHECK(memmap_is(&map, at, 0x2000, MEMMAP_ACPI));
	CHECK(memmap_is(&map, at - 0x1000, 0x1000, MEMMAP_RAM));
	CHECK_EQ(memmap_steal(&map, 0x1000, 0x40000000, MEMMAP_NVS, &at), 0);
	CHECK_EQ(at, 0x3ffff000);
	CHECK(memmap_is(&map, 0x40000000, 0x1000, MEMMAP_RAM));
	CHECK_EQ(memmap_steal(&map, 0x1000, MiB(1), MEMMAP_NVS, &at), -ENOMEM);
	CHECK_EQ(memmap_steal(&map, 0, GiB(4), MEMMAP_NVS, &at), -ENOMEM);
	CHECK_EQ(memmap_steal(&map, TiB(1), ~0ULL, MEMMAP_NVS, &at), -ENOMEM);
}

UNIT_TEST(touches, "queries tell all, some and none of a range apart")
{
	pc_map();
	CHECK(memmap_touches(&map, 0x9f000, 0x1000, MEMMAP_RAM));
	CHECK(!memmap_is(&map, 0x9f000, 0x1000, MEMMAP_RAM));
	CHECK(!memmap_touches(&map, 0xa0000, 0x50000, MEMMAP_RAM));
	CHECK(memmap_touches(&map, 0xa0000, ~0ULL, MEMMAP_RAM));
	CHECK(!memmap_touches(&map, 0x1000, 0, MEMMAP_RAM));
}
