/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Integers that several CPUs change at once, and memory barriers. Each operation's memory order
 * stands in its comment. Where two sides rely on an order, both say with what they pair.
 */
#ifndef LIB_ATOMIC_H
#define LIB_ATOMIC_H

#include "lib/compiler.h"

/* Between CPUs: full; loads before loads and stores; loads and stores before stores. */
#define smp_mb() __atomic_thread_fence(__ATOMIC_SEQ_CST)
#define smp_rmb() __atomic_thread_fence(__ATOMIC_ACQUIRE)
#define smp_wmb() __atomic_thread_fence(__ATOMIC_RELEASE)

typedef struct {
	int v;
} atomic_t;

/* Relaxed. */
static inline int atomic_read(const atomic_t *a)
{
	return __atomic_load_n(&a->v, __ATOMIC_RELAXED);
}

/* Relaxed. */
static inline void atomic_set(atomic_t *a, int v)
{
	__atomic_store_n(&a->v, v, __ATOMIC_RELAXED);
}

/* Acquire: later accesses stay behind it. Pairs with atomic_set_release(). */
static inline int atomic_read_acquire(const atomic_t *a)
{
	return __atomic_load_n(&a->v, __ATOMIC_ACQUIRE);
}

/* Release: earlier accesses stay before it. Pairs with atomic_read_acquire(). */
static inline void atomic_set_release(atomic_t *a, int v)
{
	__atomic_store_n(&a->v, v, __ATOMIC_RELEASE);
}

/* Relaxed: taking a further reference orders nothing. */
static inline void atomic_inc(atomic_t *a)
{
	__atomic_fetch_add(&a->v, 1, __ATOMIC_RELAXED);
}

/* Relaxed; where the last one frees something, use atomic_dec_and_test(). */
static inline void atomic_dec(atomic_t *a)
{
	__atomic_fetch_sub(&a->v, 1, __ATOMIC_RELAXED);
}

/* Is it 0 now? Sequentially consistent: whoever sees true sees all that the others did before. */
static inline bool atomic_dec_and_test(atomic_t *a)
{
	return __atomic_sub_fetch(&a->v, 1, __ATOMIC_SEQ_CST) == 0;
}

/* The new value. Sequentially consistent. */
static inline int atomic_add_return(atomic_t *a, int n)
{
	return __atomic_add_fetch(&a->v, n, __ATOMIC_SEQ_CST);
}

/* The new value. Sequentially consistent. */
static inline int atomic_sub_return(atomic_t *a, int n)
{
	return __atomic_sub_fetch(&a->v, n, __ATOMIC_SEQ_CST);
}

/* Stores @want if it holds @old; returns what it held. Sequentially consistent, also on failure. */
static inline int atomic_cmpxchg(atomic_t *a, int old, int want)
{
	__atomic_compare_exchange_n(&a->v, &old, want, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
	return old;
}

/* The old value. Sequentially consistent. */
static inline int atomic_xchg(atomic_t *a, int v)
{
	return __atomic_exchange_n(&a->v, v, __ATOMIC_SEQ_CST);
}

/* The old value. Sequentially consistent. */
static inline int atomic_or(atomic_t *a, int bits)
{
	return __atomic_fetch_or(&a->v, bits, __ATOMIC_SEQ_CST);
}

/* The old value. Sequentially consistent. */
static inline int atomic_and(atomic_t *a, int bits)
{
	return __atomic_fetch_and(&a->v, bits, __ATOMIC_SEQ_CST);
}

typedef struct {
	u64 v;
} atomic64_t;

/* Relaxed. */
static inline u64 atomic64_read(const atomic64_t *a)
{
	return __atomic_load_n(&a->v, __ATOMIC_RELAXED);
}

/* Relaxed. */
static inline void atomic64_set(atomic64_t *a, u64 v)
{
	__atomic_store_n(&a->v, v, __ATOMIC_RELAXED);
}

/* Acquire: later accesses stay behind it. Pairs with atomic64_set_release(). */
static inline u64 atomic64_read_acquire(const atomic64_t *a)
{
	return __atomic_load_n(&a->v, __ATOMIC_ACQUIRE);
}

/* Release: earlier accesses stay before it. Pairs with atomic64_read_acquire(). */
static inline void atomic64_set_release(atomic64_t *a, u64 v)
{
	__atomic_store_n(&a->v, v, __ATOMIC_RELEASE);
}

/* Relaxed: taking a further reference orders nothing. */
static inline void atomic64_inc(atomic64_t *a)
{
	__atomic_fetch_add(&a->v, 1, __ATOMIC_RELAXED);
}

/* Relaxed; where the last one frees something, use atomic64_dec_and_test(). */
static inline void atomic64_dec(atomic64_t *a)
{
	__atomic_fetch_sub(&a->v, 1, __ATOMIC_RELAXED);
}

/* Is it 0 now? Sequentially consistent: whoever sees true sees all that the others did before. */
static inline bool atomic64_dec_and_test(atomic64_t *a)
{
	return __atomic_sub_fetch(&a->v, 1, __ATOMIC_SEQ_CST) == 0;
}

/* The new value. Sequentially consistent. */
static inline u64 atomic64_add_return(atomic64_t *a, u64 n)
{
	return __atomic_add_fetch(&a->v, n, __ATOMIC_SEQ_CST);
}

/* The new value. Sequentially consistent. */
static inline u64 atomic64_sub_return(atomic64_t *a, u64 n)
{
	return __atomic_sub_fetch(&a->v, n, __ATOMIC_SEQ_CST);
}

/* Stores @want if it holds @old; returns what it held. Sequentially consistent, also on failure. */
static inline u64 atomic64_cmpxchg(atomic64_t *a, u64 old, u64 want)
{
	__atomic_compare_exchange_n(&a->v, &old, want, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
	return old;
}

/* The old value. Sequentially consistent. */
static inline u64 atomic64_xchg(atomic64_t *a, u64 v)
{
	return __atomic_exchange_n(&a->v, v, __ATOMIC_SEQ_CST);
}

/* The old value. Sequentially consistent. */
static inline u64 atomic64_or(atomic64_t *a, u64 bits)
{
	return __atomic_fetch_or(&a->v, bits, __ATOMIC_SEQ_CST);
}

/* The old value. Sequentially consistent. */
static inline u64 atomic64_and(atomic64_t *a, u64 bits)
{
	return __atomic_fetch_and(&a->v, bits, __ATOMIC_SEQ_CST);
}

#endif
