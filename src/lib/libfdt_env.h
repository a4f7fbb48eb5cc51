/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What <libfdt.h> asks its environment for, without a C library: byte order and the types that name
 * it. Reached as <libfdt_env.h> through a link in the build folder; nobody else includes it.
 */
#ifndef LIB_LIBFDT_ENV_H
#define LIB_LIBFDT_ENV_H

#include "lib/string.h"

#ifndef INT32_MAX
#define INT32_MAX 0x7fffffff
#endif

typedef u16 fdt16_t;
typedef u32 fdt32_t;
typedef u64 fdt64_t;

/* Both of our architectures are little-endian, a device tree is big-endian. */
static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "little-endian");

static inline u16 fdt16_to_cpu(fdt16_t x)
{
	return __builtin_bswap16(x);
}

static inline fdt16_t cpu_to_fdt16(u16 x)
{
	return __builtin_bswap16(x);
}

static inline u32 fdt32_to_cpu(fdt32_t x)
{
	return __builtin_bswap32(x);
}

static inline fdt32_t cpu_to_fdt32(u32 x)
{
	return __builtin_bswap32(x);
}

static inline u64 fdt64_to_cpu(fdt64_t x)
{
	return __builtin_bswap64(x);
}

static inline fdt64_t cpu_to_fdt64(u64 x)
{
	return __builtin_bswap64(x);
}

#endif
