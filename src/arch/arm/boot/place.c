/* SPDX-License-Identifier: GPL-2.0-only */
/* The addresses of a domain's RAM; see the header. Allocates nothing. */
#include "arch/arm/boot/place.h"

#include "arch/arm/guest_layout.h"
#include "lib/errno.h"

/* --- banks --- */

static void ram_remove_at(struct ram *ram, unsigned int i)
{
	ram->count--;
	for (; i < ram->count; i++) {
		ram->banks[i] = ram->banks[i + 1];
	}
}

/* Makes one of banks i and i + 1 if they touch. */
static void ram_merge_at(struct ram *ram, unsigned int i)
{
	struct ram_bank *b = &ram->banks[i];

	if (i + 1 < ram->count && b->start + b->size == b[1].start) {
		b->size += b[1].size;
		ram_remove_at(ram, i + 1);
	}
}

int ram_add(struct ram *ram, u64 start, u64 size)
{
	unsigned int i = 0;

	if (size == 0) {
		return 0;
	}
	while (i < ram->count && ram->banks[i].start < start) {
		i++;
	}
	if (start + size < start || (i < ram->count && start + size > ram->banks[i].start) ||
		(i > 0 && ram->banks[i - 1].start + ram->banks[i - 1].size > start)) {
		return -EINVAL;
	}
	if (i > 0 && ram->banks[i - 1].start + ram->banks[i - 1].size == start) {
		ram->banks[--i].size += size;
		ram_merge_at(ram, i);
		return 0;
	}
	if (i < ram->count && start + size == ram->banks[i].start) {
		ram->banks[i].start = start;
		ram->banks[i].size += size;
		return 0;
	}
	if (ram->count == RAM_BANKS_MAX) {
		return -ENOSPC;
	}
	for (unsigned int j = ram->count++; j > i; j--) {
		ram->banks[j] = ram->banks[j - 1];
	}
	ram->banks[i] = (struct ram_bank){ start, size };
	return 0;
}

u64 ram_bytes(const struct ram *ram)
{
	u64 bytes = 0;

	for (unsigned int i = 0; i < ram->count; i++) {
		bytes += ram->banks[i].size;
	}
	return bytes;
}

/* --- the layout of guests --- */

static const struct ram_bank guest_banks[] = {
	{ LAYOUT_GUEST_RAM0_BASE, LAYOUT_GUEST_RAM0_SIZE },
	{ LAYOUT_GUEST_RAM1_BASE, LAYOUT_GUEST_RAM1_SIZE },
};

int place_guest(u64 bytes, struct ram *ram)
{
	*ram = (struct ram){ 0 };
	for (unsigned int i = 0; i < ARRAY_SIZE(guest_banks) && bytes > 0; i++) {
		u64 size = MIN(bytes, guest_banks[i].size);
		int rc = ram_add(ram, guest_banks[i].start, size);

		if (rc) {
			return rc;
		}
		bytes -= size;
	}
	return bytes ? -ENOMEM : 0;
}

static int place_add(struct place_piece *pieces, unsigned int *count, struct ram *ram,
	const struct place_piece *piece)
{
	if (*count == PLACE_PIECES_MAX) {
		return -ENOSPC;
	}
	pieces[(*count)++] = *piece;
	return ram_add(ram, piece->gpa, piece->size);
}

/* Puts one bank behind those that stand in the guest's layout already. */
static int place_behind(struct desc_bank bank, u64 *used, struct place_piece *pieces,
	unsigned int *count, struct ram *ram)
{
	u64 skip = *used;

	*used += bank.size;
	for (unsigned int i = 0; i < ARRAY_SIZE(guest_banks) && bank.size > 0; i++) {
		const struct ram_bank *g = &guest_banks[i];
		u64 size = skip < g->size ? MIN(bank.size, g->size - skip) : 0;
		struct place_piece piece = { g->start + skip, bank.pa, size };
		int rc = size ? place_add(pieces, count, ram, &piece) : 0;

		if (rc) {
			return rc;
		}
		bank.pa += size;
		bank.size -= size;
		skip -= MIN(skip, g->size);
	}
	return bank.size ? -ENOMEM : 0;
}

int place_static(const struct domain_desc *desc, struct place_piece *pieces, unsigned int *count,
	struct ram *ram)
{
	u64 used = 0;
	int rc = 0;

	*count = 0;
	*ram = (struct ram){ 0 };
	for (unsigned int i = 0; i < desc->bank_count && !rc; i++) {
		struct desc_bank b = desc->banks[i];
		struct place_piece piece = { b.pa, b.pa, b.size };

		if (b.pa + b.size < b.pa || used + b.size < used) {
			return -EINVAL;
		}
		rc = desc->direct_mapped ? place_add(pieces, count, ram, &piece)
					 : place_behind(b, &used, pieces, count, ram);
	}
	return rc;
}

/* --- 1:1 --- */

/* At most `bytes` of a range, in whole blocks; from a boundary of 1 GiB if there it fits as well.
 */
static struct ram_bank place_within(u64 start, u64 end, u64 bytes)
{
	u64 aligned = ALIGN_UP(start, GiB(1));

	start = ALIGN_UP(start, MiB(2));
	end = ALIGN_DOWN(end, MiB(2));
	if (start >= end) {
		return (struct ram_bank){ 0 };
	}
	if (aligned < end && end - aligned >= bytes) {
		start = aligned;
	}
	return (struct ram_bank){ start, MIN(end - start, ALIGN_UP(bytes, MiB(2))) };
}

bool place_identity(
	const struct ram_bank *runs, unsigned int count, u64 bytes, bool low, struct ram_bank *out)
{
	*out = (struct ram_bank){ 0 };
	bytes = MIN(bytes, BIT64(52));
	for (unsigned int i = 0; i < count; i++) {
		u64 end = runs[i].start + runs[i].size;
		struct ram_bank b = place_within(
			runs[i].start, low ? MIN(end, GiB(4)) : end, bytes);

		if (b.size > out->size) {
			*out = b;
		}
	}
	return out->size != 0;
}

/* --- ranges that are left over --- */

static void place_insert(
	struct ram_bank *out, unsigned int *count, unsigned int max, const struct ram_bank *b)
{
	unsigned int i = *count;

	while (i > 0 && out[i - 1].size < b->size) {
		i--;
	}
	if (i == max) {
		return;
	}
	*count = MIN(*count + 1, max);
	for (unsigned int j = *count - 1; j > i; j--) {
		out[j] = out[j - 1];
	}
	out[i] = *b;
}

unsigned int place_largest(
	const struct rangeset *pages, u64 least, struct ram_bank *out, unsigned int max)
{
	const struct range *r;
	unsigned int count = 0;

	rangeset_for_each(r, pages) {
		u64 start = ALIGN_UP(r->start << PAGE_SHIFT, MiB(2));
		u64 end = ALIGN_DOWN((r->end + 1) << PAGE_SHIFT, MiB(2));

		if (start < end && end - start >= least) {
			struct ram_bank b = { start, end - start };

			place_insert(out, &count, max, &b);
		}
	}
	return count;
}
