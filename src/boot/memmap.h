/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Maps of physical memory: the host's as the firmware tells it (multiboot, multiboot2 or EFI), and
 * the one that dom0 is shown. Firmware maps come in any order and may overlap, repeat and wrap;
 * after memmap_normalise() a map is sorted, disjoint and merged. No allocation; boot CPU.
 */
#ifndef BOOT_MEMMAP_H
#define BOOT_MEMMAP_H

#include "lib/compiler.h"

#define MEMMAP_MAX 512

/* The numbers of INT 15h E820, which guests see too. */
enum memmap_type {
	MEMMAP_RAM = 1,
	MEMMAP_RESERVED = 2,
	MEMMAP_ACPI = 3, /* tables; reclaimable by dom0 */
	MEMMAP_NVS = 4,
	MEMMAP_UNUSABLE = 5,
};

struct memmap_entry {
	u64 start;
	u64 size;
	u32 type;
};

struct memmap {
	struct memmap_entry entries[MEMMAP_MAX];
	unsigned int count;
};

void memmap_init(struct memmap *m);

/*
 * Adds a range; memmap_normalise() sorts it in. Unknown types count as reserved; empty ranges are
 * dropped and what lies beyond 2^52 is cut off. -ENOSPC when the map is full even after merging.
 */
int __must_check memmap_add(struct memmap *m, u64 start, u64 size, u32 type);

/* Sorts, and gives each byte the worst type that any entry gives it: RAM, ACPI, NVS, reserved,
 * unusable, in rising order. -ENOSPC when the pieces do not fit; the map is then cut at the top. */
int __must_check memmap_normalise(struct memmap *m);

/* --- the loader's tables, of @size bytes. -EINVAL: not a table; -ENOSPC as memmap_add() --- */

/* Multiboot 0.6.96, section 3.3: entries led by a size field that does not count itself. */
int __must_check memmap_add_multiboot1(struct memmap *m, const void *table, size_t size);
/* Multiboot2 2.0, section 3.6.8: what follows the memory map tag's entry_version. */
int __must_check memmap_add_multiboot2(
	struct memmap *m, const void *table, size_t size, size_t entry_size);
/* UEFI 2.9, section 7.2: descriptors of desc_size bytes. After ExitBootServices(). */
int __must_check memmap_add_efi(struct memmap *m, const void *table, size_t size, size_t desc_size);

/* --- on normalised maps --- */

/* The next range of whole pages of RAM; start with *cursor = 0. False at the end. */
bool memmap_next_ram(const struct memmap *m, unsigned int *cursor, u64 *start, u64 *end);
u64 memmap_ram_bytes(const struct memmap *m); /* of whole pages */
/* The end of the highest RAM. */
u64 memmap_ram_end(const struct memmap *m);
/* Is the whole range of this type? */
bool memmap_is(const struct memmap *m, u64 start, u64 size, enum memmap_type type);
/* Does any byte of the range have this type? */
bool memmap_touches(const struct memmap *m, u64 start, u64 size, enum memmap_type type);

/*
 * dom0's map: all that is not RAM as the host has it, and the host's RAM, in whole pages and from
 * the bottom up, until @bytes are reached. Everything memmap_next_ram() tells of *out is to be
 * populated. Returns how many bytes that is: less than @bytes where the host's map has less.
 */
u64 memmap_shape_dom0(const struct memmap *host, u64 bytes, struct memmap *out);

/*
 * Turns @size bytes of RAM (multiples of a page) below @limit, as high as possible and not in the
 * first MiB, into another type, and says where. -ENOMEM, -ENOSPC; the map is then unchanged.
 */
int __must_check memmap_steal(
	struct memmap *m, u64 size, u64 limit, enum memmap_type type, u64 *at);

const char *memmap_type_name(u32 type);
/* One log line for each entry. */
void memmap_print(const struct memmap *m, const char *whose);

#endif
