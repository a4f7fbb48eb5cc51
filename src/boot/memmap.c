/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory maps: see the header. Input is the firmware's or the loader's word, never trusted; the
 * functions are pure but for log lines.
 */
#include "boot/memmap.h"
#include "core/log.h"
#include "lib/errno.h"
#include "lib/sort.h"
#include "lib/string.h"

/* No implementation has wider physical addresses (APM vol. 2, 5.3; SDM vol. 3, 4.1.4). */
#define MEMMAP_LIMIT BIT64(52)

/* What dom0 has in the first MiB stays where firmware and loaders expect it. */
#define MEMMAP_LOW MiB(1)

struct memmap_type_info {
	const char *name;
	u8 badness; /* of two types for one byte, the worse wins */
};

static const struct memmap_type_info types[] = {
	[MEMMAP_RAM] = { "RAM", 1 },
	[MEMMAP_RESERVED] = { "reserved", 4 },
	[MEMMAP_ACPI] = { "ACPI tables", 2 },
	[MEMMAP_NVS] = { "ACPI NVS", 3 },
	[MEMMAP_UNUSABLE] = { "unusable", 5 },
};

static bool memmap_type_known(u32 type)
{
	return type < ARRAY_SIZE(types) && types[type].name;
}

const char *memmap_type_name(u32 type)
{
	return memmap_type_known(type) ? types[type].name : "?";
}

void memmap_init(struct memmap *m)
{
	m->count = 0;
}

int memmap_add(struct memmap *m, u64 start, u64 size, u32 type)
{
	if (size == 0 || start >= MEMMAP_LIMIT) {
		return 0;
	}
	if (m->count == MEMMAP_MAX && (memmap_normalise(m) != 0 || m->count == MEMMAP_MAX)) {
		return -ENOSPC;
	}
	m->entries[m->count++] = (struct memmap_entry){
		.start = start,
		.size = MIN(size, MEMMAP_LIMIT - start),
		.type = memmap_type_known(type) ? type : MEMMAP_RESERVED,
	};
	return 0;
}

/* --- normalising: a sweep over the places where entries begin and end --- */

struct memmap_edge {
	u64 at;
	u32 type;
	bool begin;
};

static int memmap_edge_cmp(const void *a, const void *b)
{
	const struct memmap_edge *x = a, *y = b;

	return x->at < y->at ? -1 : x->at > y->at;
}

/* Puts a piece behind the last one, or makes that longer. */
static int memmap_append(struct memmap *m, u64 start, u64 end, u32 type)
{
	struct memmap_entry *last = m->count > 0 ? &m->entries[m->count - 1] : NULL;

	if (start == end) {
		return 0;
	}
	if (last && last->type == type && last->start + last->size == start) {
		last->size += end - start;
		return 0;
	}
	if (m->count == MEMMAP_MAX) {
		return -ENOSPC;
	}
	m->entries[m->count++] = (struct memmap_entry){
		.start = start,
		.size = end - start,
		.type = type,
	};
	return 0;
}

/* The worst type of those that cover a place, 0 for none. */
static u32 memmap_worst(const unsigned int covering[ARRAY_SIZE(types)])
{
	u32 worst = 0;

	for (u32 t = 1; t < ARRAY_SIZE(types); t++) {
		if (covering[t] > 0 && types[t].badness > types[worst].badness) {
			worst = t;
		}
	}
	return worst;
}

int memmap_normalise(struct memmap *m)
{
	static struct memmap_edge edges[2 * MEMMAP_MAX]; /* boot CPU only */
	unsigned int covering[ARRAY_SIZE(types)] = { 0 };
	unsigned int count = 0;
	u64 from = 0;
	int rc = 0;

	for (unsigned int i = 0; i < m->count; i++) {
		const struct memmap_entry *e = &m->entries[i];

		edges[count++] = (struct memmap_edge){ e->start, e->type, true };
		edges[count++] = (struct memmap_edge){ e->start + e->size, e->type, false };
	}
	sort(edges, count, sizeof(edges[0]), memmap_edge_cmp);

	m->count = 0;
	for (unsigned int i = 0; i < count && rc == 0; i++) {
		u32 type = memmap_worst(covering);

		if (type != 0) {
			rc = memmap_append(m, from, edges[i].at, type);
		}
		from = edges[i].at;
		/* Edges at one place come in any order: a count may pass below 0 and back. */
		covering[edges[i].type] += edges[i].begin ? 1U : -1U;
	}
	return rc;
}

/* --- loaders' tables --- */

struct memmap_mb_entry {
	u64 start;
	u64 size;
	u32 type;
} __packed;
static_assert(sizeof(struct memmap_mb_entry) == 20, "multiboot, section 3.3");

static int memmap_add_mb_entry(struct memmap *m, const u8 *p)
{
	struct memmap_mb_entry e;

	memcpy(&e, p, sizeof(e));
	return memmap_add(m, e.start, e.size, e.type);
}

int memmap_add_multiboot1(struct memmap *m, const void *table, size_t size)
{
	const u8 *p = table;

	while (size > 0) {
		u32 entry;
		int rc;

		if (size < sizeof(entry)) {
			return -EINVAL;
		}
		memcpy(&entry, p, sizeof(entry));
		if (entry < sizeof(struct memmap_mb_entry) || entry > size - sizeof(entry)) {
			return -EINVAL;
		}
		rc = memmap_add_mb_entry(m, p + sizeof(entry));
		if (rc != 0) {
			return rc;
		}
		p += sizeof(entry) + entry;
		size -= sizeof(entry) + entry;
	}
	return 0;
}

int memmap_add_multiboot2(struct memmap *m, const void *table, size_t size, size_t entry_size)
{
	if (entry_size < sizeof(struct memmap_mb_entry)) {
		return -EINVAL;
	}
	for (const u8 *p = table; size >= entry_size; p += entry_size, size -= entry_size) {
		int rc = memmap_add_mb_entry(m, p);

		if (rc != 0) {
			return rc;
		}
	}
	return 0;
}

struct memmap_efi_desc {
	u32 type;
	u32 pad;
	u64 start;
	u64 virt;
	u64 pages;
	u64 attribute;
} __packed;
static_assert(sizeof(struct memmap_efi_desc) == 40, "UEFI 2.9, section 7.2");

#define MEMMAP_EFI_WB BIT64(3)

/* Registers are no memory at all. */
#define MEMMAP_EFI_MMIO 11
#define MEMMAP_EFI_PORTS 12

/* EFI_MEMORY_TYPE (UEFI 2.9, table 7-5); what is not listed is reserved. */
static const u8 efi_types[] = {
	[1] = MEMMAP_RAM,      /* loader code */
	[2] = MEMMAP_RAM,      /* loader data */
	[3] = MEMMAP_RAM,      /* boot services code */
	[4] = MEMMAP_RAM,      /* boot services data */
	[7] = MEMMAP_RAM,      /* conventional memory */
	[8] = MEMMAP_UNUSABLE, /* failing memory */
	[9] = MEMMAP_ACPI,
	[10] = MEMMAP_NVS,
};

static int memmap_add_efi_desc(struct memmap *m, const struct memmap_efi_desc *d)
{
	u32 type = MEMMAP_RESERVED;

	if (d->type < ARRAY_SIZE(efi_types) && efi_types[d->type] != 0) {
		type = efi_types[d->type];
	}
	if (d->type == MEMMAP_EFI_MMIO || d->type == MEMMAP_EFI_PORTS) {
		return 0;
	}
	if (type == MEMMAP_RAM && !(d->attribute & MEMMAP_EFI_WB)) {
		type = MEMMAP_RESERVED;
	}
	return memmap_add(
		m, d->start, MIN(d->pages, MEMMAP_LIMIT >> PAGE_SHIFT) << PAGE_SHIFT, type);
}

int memmap_add_efi(struct memmap *m, const void *table, size_t size, size_t desc_size)
{
	if (desc_size < sizeof(struct memmap_efi_desc)) {
		return -EINVAL;
	}
	for (const u8 *p = table; size >= desc_size; p += desc_size, size -= desc_size) {
		struct memmap_efi_desc d;
		int rc;

		memcpy(&d, p, sizeof(d));
		rc = memmap_add_efi_desc(m, &d);
		if (rc != 0) {
			return rc;
		}
	}
	return 0;
}

/* --- looking at a map --- */

/* The whole pages of an entry; false when it has none. */
static bool memmap_pages(const struct memmap_entry *e, u64 *start, u64 *end)
{
	*start = ALIGN_UP(e->start, PAGE_SIZE);
	*end = ALIGN_DOWN(e->start + e->size, PAGE_SIZE);
	return *start < *end;
}

bool memmap_next_ram(const struct memmap *m, unsigned int *cursor, u64 *start, u64 *end)
{
	while (*cursor < m->count) {
		const struct memmap_entry *e = &m->entries[(*cursor)++];

		if (e->type == MEMMAP_RAM && memmap_pages(e, start, end)) {
			return true;
		}
	}
	return false;
}

u64 memmap_ram_bytes(const struct memmap *m)
{
	unsigned int cursor = 0;
	u64 start, end, bytes = 0;

	while (memmap_next_ram(m, &cursor, &start, &end)) {
		bytes += end - start;
	}
	return bytes;
}

u64 memmap_ram_end(const struct memmap *m)
{
	unsigned int cursor = 0;
	u64 start, end = 0;

	while (memmap_next_ram(m, &cursor, &start, &end)) {
	}
	return end;
}

/* How many bytes of the range have this type. */
static u64 memmap_common(const struct memmap *m, u64 start, u64 size, enum memmap_type type)
{
	u64 end = start + size < start ? ~0ULL : start + size;
	u64 bytes = 0;

	for (unsigned int i = 0; i < m->count; i++) {
		const struct memmap_entry *e = &m->entries[i];
		u64 from = MAX(start, e->start), to = MIN(end, e->start + e->size);

		if (e->type == type && from < to) {
			bytes += to - from;
		}
	}
	return bytes;
}

bool memmap_is(const struct memmap *m, u64 start, u64 size, enum memmap_type type)
{
	return size > 0 && memmap_common(m, start, size, type) == size;
}

bool memmap_touches(const struct memmap *m, u64 start, u64 size, enum memmap_type type)
{
	return memmap_common(m, start, size, type) > 0;
}

void memmap_print(const struct memmap *m, const char *whose)
{
	for (unsigned int i = 0; i < m->count; i++) {
		const struct memmap_entry *e = &m->entries[i];

		log_info("%s memory: 0x%012llx - 0x%012llx %s", whose, (unsigned long long)e->start,
			(unsigned long long)(e->start + e->size - 1), memmap_type_name(e->type));
	}
}

/* --- dom0's map --- */

u64 memmap_shape_dom0(const struct memmap *host, u64 bytes, struct memmap *out)
{
	u64 left = ALIGN_DOWN(bytes, PAGE_SIZE);
	u64 wanted = left;

	memmap_init(out);
	for (unsigned int i = 0; i < host->count; i++) {
		const struct memmap_entry *e = &host->entries[i];
		u64 start, end;

		if (e->type != MEMMAP_RAM) {
			out->entries[out->count++] = *e;
		} else if (left > 0 && memmap_pages(e, &start, &end)) {
			u64 size = MIN(end - start, left);

			out->entries[out->count++] = (struct memmap_entry){
				.start = start,
				.size = size,
				.type = MEMMAP_RAM,
			};
			left -= size;
		}
	}
	return wanted - left;
}

/* The highest place for size bytes in the RAM of this entry; false when there is none. */
static bool memmap_steal_from(const struct memmap_entry *e, u64 size, u64 limit, u64 *at)
{
	u64 start, end;

	if (e->type != MEMMAP_RAM || !memmap_pages(e, &start, &end)) {
		return false;
	}
	start = MAX(start, MEMMAP_LOW);
	end = MIN(end, ALIGN_DOWN(limit, PAGE_SIZE));
	if (start >= end || end - start < size) {
		return false;
	}
	*at = end - size;
	return true;
}

int memmap_steal(struct memmap *m, u64 size, u64 limit, enum memmap_type type, u64 *at)
{
	u64 from;

	size = ALIGN_UP(size, PAGE_SIZE);
	for (unsigned int i = m->count; i-- > 0;) {
		if (size == 0 || !memmap_steal_from(&m->entries[i], size, limit, &from)) {
			continue;
		}
		if (m->count > MEMMAP_MAX - 2) {
			return -ENOSPC;
		}
		*at = from;
		/* Any type is worse than RAM: it cuts the entry in up to three. */
		return memmap_add(m, from, size, type) != 0 ? -ENOSPC : memmap_normalise(m);
	}
	return -ENOMEM;
}
