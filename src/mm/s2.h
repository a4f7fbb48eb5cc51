/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One page-table engine, many codecs. An s2 is a radix tree gfn → (mfn, type, access) in the format
 * of a nested-paging unit (NPT, EPT, LPAE stage 2) or of an IOMMU (AMD-Vi, VT-d, SMMUv3). A format
 * is a header that says where the bits are; walking, splitting, merging, freeing and flushing are
 * written once, here.
 *
 *   root ──▶ table ──▶ table ──▶ table ──▶ 4 KiB leaf          level 4 … 1, 512 entries each
 *              │         └─ 2 MiB leaf (level 2)
 *              └─ 1 GiB leaf (level 3)
 *
 * Leaves are as large as alignment and s2->leaf_max allow; mapping into the middle of a large leaf
 * splits it, and 512 equal neighbours become one again.
 */
#ifndef MM_S2_H
#define MM_S2_H

#include "core/locks.h"
#include "lib/compiler.h"
#include "mm/pool.h"

struct domain;
struct s2_batch;

/* What stands behind a gfn; kept in bits of the entry that the hardware ignores (formats without
 * such bits keep S2_RAM for all). The type decides the default access and who drops the frame. */
enum s2_type {
	S2_NONE = 0, /* nothing */
	S2_RAM,	     /* the domain's own memory, read/write/execute */
	S2_RAM_RO,   /* read/execute */
	S2_MMIO,     /* device registers, uncached, read/write */
	S2_MMIO_RO,  /* ROMs and tables of the firmware */
	S2_SHARED,   /* a page of the hypervisor: shared_info, grant frames, status frames */
	S2_FOREIGN,  /* another domain's frame: holds a reference on it */
	S2_GRANT_RW,
	S2_GRANT_RO,
	S2_LOGDIRTY, /* RAM, write-protected to see the next write */
	S2_TYPE_COUNT
};

enum s2_access { S2_R = 1, S2_W = 2, S2_X = 4, S2_RW = 3, S2_RX = 5, S2_RWX = 7 };

/* An entry, decoded. */
struct s2_entry {
	mfn_t mfn;
	u8 type;   /* enum s2_type; S2_NONE: absent */
	u8 access; /* enum s2_access bits */
	u8 order;  /* 0, 9 or 18: size of the leaf; for S2_NONE, of the hole, up to 27 */
};

/* A format. mm/s2_fmt.h has what they share; each is a header: s2_npt, s2_ept, s2_amdvi, s2_vtd. */
struct s2_fmt {
	const char *name;
	u8 levels_max;
	u8 leaf_max; /* highest level that may hold a leaf: 1, 2 or 3 */
	/* What stands in an entry while it changes from one that the hardware may have cached to
	 * another: not 0, and absent to the hardware. 0: entries change by one store. */
	u64 busy;
	/* Pure functions. level 1..4. encode never sets a reserved bit; is_table() is asked before
	 * decode_leaf(); decode of an absent entry gives S2_NONE, of a format without room for it
	 * S2_RAM for every type. An absent entry is 0. */
	u64 (*encode_leaf)(const struct s2_entry *e, unsigned int level);
	u64 (*encode_table)(hpa_t table, unsigned int level);
	bool (*is_table)(u64 raw, unsigned int level, hpa_t *table);
	void (*decode_leaf)(u64 raw, unsigned int level, struct s2_entry *e);
};

struct s2 {
	const struct s2_fmt *fmt;
	struct spinlock lock;
	struct pool *pool; /* table pages are charged here */
	void *root;
	hpa_t root_pa;
	u8 levels;
	u8 root_order; /* the root is 1 << root_order tables that lie side by side */
	u8 leaf_max;   /* what this machine offers, at most fmt->leaf_max */
	u64 table_count;
	/* Called once after a batch that removed or tightened entries, before frames can be reused,
	 * with the lock held; gfns as [start, start + count), count 0 = everything. May be NULL. */
	void (*flush)(struct s2 *s2, gfn_t start, u64 count);
	/* Called for each run of entries that was written in a table, before flush and before
	 * another table points to this one (IOMMUs that do not snoop). With the lock held. May be
	 * NULL. */
	void (*sync)(struct s2 *s2, void *table, size_t bytes);
	void *owner;	/* the domain or IOMMU domain, for flush */
	u64 pte_writes; /* for tests and statistics */
	/* Private to s2.c. The first three under the lock. */
	u64 stale_start, stale_end;
	struct s2_batch *batch;
	void *spare; /* table pages out of use, linked by their first word */
	u64 spare_count;
	u32 generation; /* changes before a table page that was out of use is written */
};

#define S2_ROOT_ORDER_MAX 4

/* -ENOMEM, or -EINVAL for levels that the format does not have. The pool pays two pages at once and
 * one for each further table. */
int s2_init(struct s2 *s2, const struct s2_fmt *fmt, unsigned int levels, unsigned int leaf_max,
	struct pool *pool, enum lock_rank rank);
/* With a root of 1 << root_order pages, for as many bits more of address. */
int s2_init_wide(struct s2 *s2, const struct s2_fmt *fmt, unsigned int levels,
	unsigned int root_order, unsigned int leaf_max, struct pool *pool, enum lock_rank rank);
/* The first gfn that it cannot translate. */
static inline u64 s2_limit(const struct s2 *s2)
{
	return BIT64(9 * s2->levels + s2->root_order);
}
/* Has at least @tables pages spare for tables to come. -ENOMEM. */
int s2_reserve(struct s2 *s2, u64 tables);
/* Frees every table; entries are simply forgotten (the caller has dropped the frames' references:
 * see s2_drain). Nobody else uses the s2 any more. */
void s2_destroy(struct s2 *s2);

/*
 * `old` is called for what a change removed or replaced, in pieces as large as they come: e is the
 * entry at gfn, of `count` frames that follow each other. It runs with the lock held, after flush()
 * for that piece: dropping a reference in it is safe. It may not call back into this s2.
 */
typedef void s2_old_fn(void *arg, gfn_t gfn, const struct s2_entry *e, u64 count);

/* Maps [gfn, gfn + count) to consecutive mfns. Replaces what was there: `old` (may be NULL) is
 * called for it, also where the very same was mapped before. -ENOMEM: what was mapped before the
 * failure stays. -EINVAL: beyond the address width, of gfns or of frames. access 0 = the type's
 * default. */
int s2_map(struct s2 *s2, gfn_t gfn, mfn_t mfn, u64 count, enum s2_type type, unsigned int access,
	s2_old_fn *old, void *arg);
/* Removes what is there; holes are fine. Only splitting a large leaf can fail: -ENOMEM. */
int s2_unmap(struct s2 *s2, gfn_t gfn, u64 count, s2_old_fn *old, void *arg);
/* Lock-free against concurrent changes: gives one entry that was valid at some time during the
 * call. For S2_NONE, order is that of the hole. */
struct s2_entry s2_lookup(struct s2 *s2, gfn_t gfn);
/* Changes type and access (to the default) of present entries of one type over a range. -ENOMEM:
 * what was changed before the failure stays. */
int s2_change(struct s2 *s2, gfn_t gfn, u64 count, enum s2_type from, enum s2_type to);
/* Visits present leaves in [start, end) in rising order, at most `budget` leaves; *start is moved
 * on, so that long walks are preemptible. fn may not call back into this s2. Returns true when
 * finished. The first leaf may begin below *start; gfn and mfn given are those of *start then. */
bool s2_walk(struct s2 *s2, gfn_t *start, gfn_t end, unsigned int budget,
	void (*fn)(void *arg, gfn_t gfn, const struct s2_entry *e), void *arg);
/* Removes leaves in rising order, calling `old` for each, and frees the tables, at most `budget`
 * leaves or table pages per call; *start, at first 0, moves on. For preemptible teardown: nobody
 * looks up or changes entries any more. Returns true when the tree is empty. */
bool s2_drain(struct s2 *s2, gfn_t *start, unsigned int budget, s2_old_fn *old, void *arg);

#endif
