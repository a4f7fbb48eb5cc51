/* SPDX-License-Identifier: GPL-2.0-only */
/* Cuts what is in use out of the RAM that the allocator gets. */
#include "boot/ram.h"

#include "core/log.h"
#include "mm/frame.h"

struct kept_range {
	u64 start, end;
};

static struct kept_range kept[RAM_KEEP_MAX];
static unsigned int kept_count;

void ram_keep(u64 start, u64 size)
{
	u64 end = start + MIN(size, ~0ULL - start);

	if (size == 0) {
		return;
	}
	if (kept_count == RAM_KEEP_MAX) {
		boot_fail("memory map: more than %d ranges of RAM are in use", RAM_KEEP_MAX);
	}
	end = end > ALIGN_DOWN(~0ULL, PAGE_SIZE) ? ALIGN_DOWN(~0ULL, PAGE_SIZE)
						 : ALIGN_UP(end, PAGE_SIZE);
	kept[kept_count++] = (struct kept_range){ ALIGN_DOWN(start, PAGE_SIZE), end };
}

bool ram_is_kept(u64 start, u64 size)
{
	for (unsigned int i = 0; i < kept_count; i++) {
		if (start < kept[i].end && kept[i].start < start + size) {
			return true;
		}
	}
	return false;
}

/* Where the free piece that begins at start ends, at most at `end`; start itself: it is kept, up to
 * *next. */
static u64 piece_end(u64 start, u64 end, u64 *next)
{
	*next = end;
	for (unsigned int i = 0; i < kept_count; i++) {
		if (start >= kept[i].start && start < kept[i].end) {
			*next = MIN(kept[i].end, end);
			return start;
		}
		if (kept[i].start > start && kept[i].start < *next) {
			*next = kept[i].start;
		}
	}
	return *next;
}

void ram_give(u64 start, u64 end)
{
	while (start < end) {
		u64 next = 0, stop = piece_end(start, end, &next);

		if (stop > start) {
			frame_add_ram(HPA(start), stop - start);
		}
		start = next;
	}
}

void ram_give_map(const struct memmap *m)
{
	unsigned int cursor = 0;
	u64 start, end;

	while (memmap_next_ram(m, &cursor, &start, &end)) {
		ram_give(start, end);
	}
}
