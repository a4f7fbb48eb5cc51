/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The C library of the decompressors: memory out of one arena, and an end for what must not happen.
 * The memory and string functions are those of lib/. Nothing here may print but through
 * unpack_console_fail().
 */
#include "boot/unpack/unpack_console.h"
#include "boot/unpack/unpack_libc.h"
#include "lib/string.h"

#define ARENA_ALIGN 64 /* a cache line; malloc() owes 16 */

struct arena {
	u8 *base;
	u64 size, used, asked;
};

static struct arena arena;

/* The standard's names: the libraries are linked against these. */
void *malloc(size_t size);
void *calloc(size_t count, size_t size);
void free(void *p);
void __noreturn __stack_chk_fail(void);
void __noreturn libc_absent(void);

void unpack_libc_init(void *base, u64 size)
{
	arena = (struct arena){ .base = base, .size = size };
}

u64 unpack_libc_asked(void)
{
	return arena.asked;
}

void *malloc(size_t size)
{
	void *p = arena.base + arena.used;

	if (size > UINT32_MAX) {
		arena.asked += UINT32_MAX;
		return NULL;
	}
	size = ALIGN_UP(size, ARENA_ALIGN);
	arena.asked += size;
	if (size > arena.size - arena.used) {
		return NULL;
	}
	arena.used += size;
	return p;
}

void *calloc(size_t count, size_t size)
{
	size_t bytes;
	void *p;

	if (__builtin_mul_overflow(count, size, &bytes)) {
		return NULL;
	}
	p = malloc(bytes);
	if (p) {
		memset(p, 0, bytes);
	}
	return p;
}

void free(void *p)
{
}

void __stack_chk_fail(void)
{
	unpack_console_fail("stack overrun while unpacking");
}

/* Stands for the functions of stdio that the libraries mention, but never call to decompress. */
void libc_absent(void)
{
	unpack_console_fail("a decompressor called a function that does not exist");
}
