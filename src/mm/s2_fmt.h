/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What all stage-2 formats have in common: 64-bit entries with the address in bits 12 to 51 or a
 * part of them, bits for rights, and a mark that tells leaves from pointers to tables. A format
 * fills in struct s2_layout; the four functions of struct s2_fmt are these, with its layout.
 *
 *    63      58    55    51                                  12 11              0
 *   ┌──┬─────┬─────┬─────┬──────────────────────────────────────┬────────────────┐
 *   │  │     │acces│type │ address                              │ hardware       │
 *   └──┴─────┴─────┴─────┴──────────────────────────────────────┴────────────────┘
 *             58..56 55..52   where the hardware ignores them (layout->type, ->rights)
 */
#ifndef MM_S2_FMT_H
#define MM_S2_FMT_H

#include "lib/bits.h"
#include "mm/s2.h"

#define S2_FMT_ADDR mask64(51, 12)
#define S2_FMT_TYPE mask64(55, 52)
#define S2_FMT_ACCESS mask64(58, 56)
static_assert(S2_TYPE_COUNT <= 16, "four bits");

struct s2_layout {
	u64 present;	/* any of them: the hardware looks at the entry */
	u64 access[8];	/* by enum s2_access: rights, without a combination it does not allow */
	u64 leaf;	/* in every leaf */
	u64 large;	/* in leaves above level 1, never in pointers to tables */
	u64 small;	/* in leaves of level 1 and pointers to tables, never in larger leaves */
	u64 address;	/* where the frame number is, in place */
	u64 memory;	/* memory type of RAM */
	u64 device;	/* memory type of S2_MMIO and S2_MMIO_RO */
	u64 table;	/* in every pointer to a table */
	u64 next_level; /* field for the level of the table below, 0 in leaves; may be absent */
	u64 type;	/* field for enum s2_type; 0: the format keeps none */
	u64 rights;	/* field for enum s2_access; 0: the hardware's bits say it */
};

static inline u64 s2_fmt_encode_leaf(
	const struct s2_layout *l, const struct s2_entry *e, unsigned int level)
{
	bool device = e->type == S2_MMIO || e->type == S2_MMIO_RO;
	u64 raw = l->leaf | l->access[e->access] | (device ? l->device : l->memory);

	raw |= mfn_to_hpa(e->mfn).v & l->address;
	raw |= level > 1 ? l->large : l->small;
	raw |= l->type != 0 ? field_put(l->type, e->type) : 0;
	raw |= l->rights != 0 ? field_put(l->rights, e->access) : 0;
	return raw;
}

static inline u64 s2_fmt_encode_table(const struct s2_layout *l, hpa_t table, unsigned int level)
{
	u64 raw = l->table | (table.v & l->address);

	return l->next_level ? raw | field_put(l->next_level, level - 1) : raw;
}

static inline bool s2_fmt_is_table(
	const struct s2_layout *l, u64 raw, unsigned int level, hpa_t *table)
{
	if (level == 1 || (raw & l->present) == 0 || (raw & l->large) != 0 ||
		(raw & l->small) != l->small || (l->next_level && (raw & l->next_level) == 0)) {
		return false;
	}
	*table = HPA(raw & l->address);
	return true;
}

static inline unsigned int s2_fmt_decode_access(const struct s2_layout *l, u64 raw)
{
	unsigned int access = 0;
	u64 mask = 0;

	if (l->rights != 0) {
		return field_get(l->rights, raw);
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(l->access); i++) {
		mask |= l->access[i];
	}
	/* The least that looks like this: a format without a right to execute shows none. */
	while (access < S2_RWX && (raw & mask) != l->access[access]) {
		access++;
	}
	return access;
}

static inline void s2_fmt_decode_leaf(
	const struct s2_layout *l, u64 raw, unsigned int level, struct s2_entry *e)
{
	u64 offset = BIT64(PAGE_SHIFT + 9 * (level - 1)) - 1;

	*e = (struct s2_entry){ .order = (u8)(9 * (level - 1)) };
	if (l->type != 0) {
		e->type = (u8)field_get(l->type, raw);
	} else {
		e->type = (raw & l->present) != 0 ? S2_RAM : S2_NONE;
	}
	if (e->type != S2_NONE) {
		e->mfn = hpa_to_mfn(HPA(raw & l->address & ~offset));
		e->access = (u8)s2_fmt_decode_access(l, raw);
	}
}

/* Defines `const struct s2_fmt id` from `id_layout`. `busy` as in struct s2_fmt. */
#define S2_FMT(id, title, levels, leaf) S2_FMT_BUSY(id, title, levels, leaf, 0)
#define S2_FMT_BUSY(id, title, levels, leaf, busy_mark)                               \
	static u64 id##_encode_leaf(const struct s2_entry *e, unsigned int level)     \
	{                                                                             \
		return s2_fmt_encode_leaf(&id##_layout, e, level);                    \
	}                                                                             \
	static u64 id##_encode_table(hpa_t table, unsigned int level)                 \
	{                                                                             \
		return s2_fmt_encode_table(&id##_layout, table, level);               \
	}                                                                             \
	static bool id##_is_table(u64 raw, unsigned int level, hpa_t *table)          \
	{                                                                             \
		return s2_fmt_is_table(&id##_layout, raw, level, table);              \
	}                                                                             \
	static void id##_decode_leaf(u64 raw, unsigned int level, struct s2_entry *e) \
	{                                                                             \
		s2_fmt_decode_leaf(&id##_layout, raw, level, e);                      \
	}                                                                             \
	static const struct s2_fmt id = {                                             \
		.name = (title),                                                      \
		.levels_max = (levels),                                               \
		.leaf_max = (leaf),                                                   \
		.busy = (busy_mark),                                                  \
		.encode_leaf = id##_encode_leaf,                                      \
		.encode_table = id##_encode_table,                                    \
		.is_table = id##_is_table,                                            \
		.decode_leaf = id##_decode_leaf,                                      \
	}

#endif
