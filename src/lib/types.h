/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The integer and address types that every layer uses. Guest and host addresses are distinct
 * one-member structs in every build, so that mixing them up does not compile.
 */
#ifndef LIB_TYPES_H
#define LIB_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int8_t s8;
typedef int16_t s16;
typedef int32_t s32;
typedef int64_t s64;

#define PAGE_SHIFT 12
#define PAGE_SIZE (1UL << PAGE_SHIFT)
#define PAGE_MASK (~(PAGE_SIZE - 1))

/* Frame numbers count 4 KiB pages; addresses count bytes. g: guest physical, h/m: host physical. */
/* clang-format off */
typedef struct { u64 v; } gfn_t;
typedef struct { u64 v; } mfn_t;
typedef struct { u64 v; } gpa_t;
typedef struct { u64 v; } hpa_t;
/* clang-format on */

#define GFN(x) ((gfn_t){ (x) })
#define MFN(x) ((mfn_t){ (x) })
#define GPA(x) ((gpa_t){ (x) })
#define HPA(x) ((hpa_t){ (x) })
#define GFN_INVALID GFN(~0ULL)
#define MFN_INVALID MFN(~0ULL)

/* clang-format off */
static inline bool gfn_eq(gfn_t a, gfn_t b) { return a.v == b.v; }
static inline bool mfn_eq(mfn_t a, mfn_t b) { return a.v == b.v; }
static inline gfn_t gfn_add(gfn_t a, u64 n) { return GFN(a.v + n); }
static inline mfn_t mfn_add(mfn_t a, u64 n) { return MFN(a.v + n); }
static inline gfn_t gpa_to_gfn(gpa_t a) { return GFN(a.v >> PAGE_SHIFT); }
static inline mfn_t hpa_to_mfn(hpa_t a) { return MFN(a.v >> PAGE_SHIFT); }
static inline gpa_t gfn_to_gpa(gfn_t f) { return GPA(f.v << PAGE_SHIFT); }
static inline hpa_t mfn_to_hpa(mfn_t f) { return HPA(f.v << PAGE_SHIFT); }
/* clang-format on */

#endif
