/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What all stage-2 formats have in common: 64-bit entries with the address in bits 12 to 51, bits
 * for rights, and a mark that tells leaves from pointers to tables. A format fills in struct
 * s2_layout; the four functions of struct s2_fmt are these, with its layout.
 *
 *    63      58    55    51                                  12 11              0
 *   ┌──┬─────┬─────┬─────┬──────────────────────────────────────┬────────────────┐
 *   │  │     │acces│type │ address                              │ hardware       │
 *   └──┴─────┴─────┴─────┴──────────────────────────────────────┴────────────────┘
 *             58..56 55..52   where the hardware ignores them (layout->soft)
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
	u64 memory;	/* memory type of RAM */
	u64 device;	/* memory type of S2_MMIO and S2_MMIO_RO */
	u64 table;	/* in every pointer to a table */
	u64 next_level; /* field for the level of the table below, 0 in leaves; may be absent */
	bool soft;	/* bits 52..58 hold type and access */
};

static inline u64 s2_fmt_encode_leaf(
	const struct s2_layout *l, const struct s2_entry *e, unsigned int level)
{
	bool device = e->type == S2_MMIO || e->type == S2_MMIO_RO;
	u64 raw = l->leaf | l->access[e->access] | (device ? l->device : l->memory);

	raw |= mfn_to_hpa(e->mfn).v & S2_FMT_ADDR;
	raw |= level > 1 ? l->large : 0;
	if (l->soft) {
		raw |= field_put(S2_FMT_TYPE, e->type) | field_put(S2_FMT_ACCESS, e->access);
	}
	return raw;
}

static inline u64 s2_fmt_encode_table(const struct s2_layout *l, hpa_t table, unsigned int level)
{
	u64 raw = l->table | (table.v & S2_FMT_ADDR);

	return l->next_level ? raw | field_put(l->next_level, level - 1) : raw;
}

static inline bool s2_fmt_is_table(
	const struct s2_layout *l, u64 raw, unsigned int level, hpa_t *table)
{
	if (level == 1 || (raw & l->present) == 0 || (raw & l->large) != 0 ||
		(l->next_level && (raw & l->next_level) == 0)) {
		return false;
	}
	*table = HPA(raw & S2_FMT_ADDR);
	return true;
}

static inline unsigned int s2_fmt_decode_access(const struct s2_layout *l, u64 raw)
{
	unsigned int access = S2_RW;
	u64 rights = l->access[S2_RW];

	if (l->soft) {
		return field_get(S2_FMT_ACCESS, raw);
	}
	while (access != 0 && (raw & rights) != l->access[access]) {
		access--;
	}
	return access;
}

static inline void s2_fmt_decode_leaf(
	const struct s2_layout *l, u64 raw, unsigned int level, struct s2_entry *e)
{
	u64 offset = BIT64(PAGE_SHIFT + 9 * (level - 1)) - 1;

	*e = (struct s2_entry){ .order = (u8)(9 * (level - 1)) };
	if (l->soft) {
		e->type = (u8)field_get(S2_FMT_TYPE, raw);
	} else {
		e->type = (raw & l->present) != 0 ? S2_RAM : S2_NONE;
	}
	if (e->type != S2_NONE) {
		e->mfn = hpa_to_mfn(HPA(raw & S2_FMT_ADDR & ~offset));
		e->access = (u8)s2_fmt_decode_access(l, raw);
	}
}

/* Defines `const struct s2_fmt id` from `id_layout`. */
#define S2_FMT(id, title, levels, leaf)                                               \
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
		.encode_leaf = id##_encode_leaf,                                      \
		.encode_table = id##_encode_table,                                    \
		.is_table = id##_is_table,                                            \
		.decode_leaf = id##_decode_leaf,                                      \
	}

#endif
