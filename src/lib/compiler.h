/* SPDX-License-Identifier: GPL-2.0-only */
/* Compiler vocabulary: attributes, container_of, min/max, single-copy accesses. No code here. */
#ifndef LIB_COMPILER_H
#define LIB_COMPILER_H

#include "lib/types.h"

/* Who built this; clang names itself. */
#ifdef __clang__
#define COMPILER_NAME __VERSION__
#else
#define COMPILER_NAME "gcc " __VERSION__
#endif

#define __packed __attribute__((packed))
#define __aligned(n) __attribute__((aligned(n)))
#define __noreturn __attribute__((noreturn))
#define __used __attribute__((used))
#define __maybe_unused __attribute__((unused))
#define __must_check __attribute__((warn_unused_result))
#define __printf(f, a) __attribute__((format(printf, f, a)))
#define __section(s) __attribute__((section(s)))
#define __noinline __attribute__((noinline))
#undef __always_inline /* libc has one, in the host build */
#define __always_inline inline __attribute__((always_inline))
#define __fallthrough __attribute__((fallthrough))

/* The compiler must not turn a loop of this function into a call of memcpy, memset, strlen ... */
#ifdef __clang__
#define __no_loop_calls __attribute__((no_builtin))
#else
#define __no_loop_calls __attribute__((optimize("no-tree-loop-distribute-patterns")))
#endif

/* 1 if the Kconfig symbol is set, else 0: CONFIG_X is defined as 1, or not at all. */
#define IS_ENABLED(option) IS_ENABLED_1(option)
#define IS_ENABLED_1(value) IS_ENABLED_2(COMMA_##value 1, 0)
#define IS_ENABLED_2(...) IS_ENABLED_3(__VA_ARGS__, 0)
#define IS_ENABLED_3(ignored, value, ...) value
#define COMMA_1 0,

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

/* clang-format takes (p) for a cast, and the minus behind it for a sign. */
/* clang-format off */
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define container_of(p, type, member) ((type *)((char *)(p) - offsetof(type, member)))
#define static_assert _Static_assert

#define ALIGN_UP(x, a) (((x) + ((a) - 1)) & ~((__typeof__(x))(a) - 1))
#define ALIGN_DOWN(x, a) ((x) & ~((__typeof__(x))(a) - 1))
#define IS_ALIGNED(x, a) (((x) & ((__typeof__(x))(a) - 1)) == 0)
#define DIV_ROUND_UP(n, d) (((n) + (d) - 1) / (d))
/* clang-format on */
#define BIT(n) (1UL << (n))
#define BIT32(n) (1U << (n))
#define BIT64(n) (1ULL << (n))

/* Each use has names of its own, so that they nest. */
#define MIN(a, b) MINMAX_NUMBERED(a, <, b, __COUNTER__)
#define MAX(a, b) MINMAX_NUMBERED(a, >, b, __COUNTER__)
#define MINMAX_NUMBERED(a, op, b, n) MINMAX_EXPANDED(a, op, b, n)
#define MINMAX_EXPANDED(a, op, b, n) MINMAX_NAMED(a, op, b, a_##n, b_##n)
#define MINMAX_NAMED(a, op, b, a_, b_)  \
	({                              \
		__typeof__(a) a_ = (a); \
		__typeof__(b) b_ = (b); \
		a_ op b_ ? a_ : b_;     \
	})

#define KiB(n) ((u64)(n) << 10)
#define MiB(n) ((u64)(n) << 20)
#define GiB(n) ((u64)(n) << 30)
#define TiB(n) ((u64)(n) << 40)

/* Single-copy access: the compiler neither repeats, merges nor tears it. */
#define READ_ONCE(x) (*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, v) (*(volatile __typeof__(x) *)&(x) = (v))
#define barrier() __asm__ volatile("" ::: "memory")

#endif
