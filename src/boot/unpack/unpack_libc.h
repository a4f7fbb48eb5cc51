/* SPDX-License-Identifier: GPL-2.0-only */
/* What the compression libraries expect of a C library: an arena behind malloc(), little more. */
#ifndef BOOT_UNPACK_UNPACK_LIBC_H
#define BOOT_UNPACK_UNPACK_LIBC_H

#include "lib/compiler.h"

/* Gives malloc() its memory; nothing is ever given back. Call it once. */
void unpack_libc_init(void *arena, u64 size);

/* The bytes that malloc() was asked for so far, the request that it refused included. */
u64 unpack_libc_asked(void);

#endif
