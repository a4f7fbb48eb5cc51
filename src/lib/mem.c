/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The four memory functions that a compiler may call on its own. They work in words of the machine
 * at any alignment, and must never be compiled into calls of themselves.
 */
#include "lib/string.h"

/* A word at any address; packed lets each architecture pick the access that it can do. */
struct word {
	unsigned long v;
} __packed __attribute__((may_alias));

/* What the loops take at once as long as they can; machines with loads of two words use them. */
#define BLOCK (4 * sizeof(struct word))

/* All of it is read before any is written: the two may overlap. */
static __always_inline void mem_copy_block(struct word *dst, const struct word *src)
{
	unsigned long a = src[0].v, b = src[1].v, c = src[2].v, d = src[3].v;

	dst[0].v = a;
	dst[1].v = b;
	dst[2].v = c;
	dst[3].v = d;
}

static __no_loop_calls void mem_copy_up(u8 *dst, const u8 *src, size_t n)
{
	for (; n >= BLOCK; n -= BLOCK) {
		mem_copy_block((struct word *)dst, (const struct word *)src);
		dst += BLOCK;
		src += BLOCK;
	}
	for (; n >= sizeof(struct word); n -= sizeof(struct word)) {
		((struct word *)dst)->v = ((const struct word *)src)->v;
		dst += sizeof(struct word);
		src += sizeof(struct word);
	}
	while (n-- > 0) {
		*dst++ = *src++;
	}
}

static __no_loop_calls void mem_copy_down(u8 *dst, const u8 *src, size_t n)
{
	while (n >= BLOCK) {
		n -= BLOCK;
		mem_copy_block((struct word *)(dst + n), (const struct word *)(src + n));
	}
	while (n >= sizeof(struct word)) {
		n -= sizeof(struct word);
		((struct word *)(dst + n))->v = ((const struct word *)(src + n))->v;
	}
	while (n-- > 0) {
		dst[n] = src[n];
	}
}

__no_loop_calls void *memcpy(void *dst, const void *src, size_t n)
{
	mem_copy_up(dst, src, n);
	return dst;
}

__no_loop_calls void *memmove(void *dst, const void *src, size_t n)
{
	/* Also true when dst lies below src: upwards then reads every byte before it
	 * is replaced. */
	if ((uintptr_t)dst - (uintptr_t)src >= n) {
		mem_copy_up(dst, src, n);
	} else {
		mem_copy_down(dst, src, n);
	}
	return dst;
}

__no_loop_calls void *memset(void *dst, int c, size_t n)
{
	unsigned long pattern = (u8)c * (~0UL / 255);
	u8 *d = dst;

	for (; n >= BLOCK; n -= BLOCK) {
		struct word *w = (struct word *)d;

		w[0].v = w[1].v = w[2].v = w[3].v = pattern;
		d += BLOCK;
	}
	for (; n >= sizeof(struct word); n -= sizeof(struct word)) {
		((struct word *)d)->v = pattern;
		d += sizeof(struct word);
	}
	while (n-- > 0) {
		*d++ = (u8)c;
	}
	return dst;
}

__no_loop_calls int memcmp(const void *a, const void *b, size_t n)
{
	const u8 *x = a, *y = b;

	while (n >= sizeof(struct word) &&
		((const struct word *)x)->v == ((const struct word *)y)->v) {
		x += sizeof(struct word);
		y += sizeof(struct word);
		n -= sizeof(struct word);
	}
	for (; n > 0; n--, x++, y++) {
		if (*x != *y) {
			return *x - *y;
		}
	}
	return 0;
}
