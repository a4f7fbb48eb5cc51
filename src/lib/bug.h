/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Statements about our own invariants. Nothing that a guest or the boot data can bring about may
 * be tested with these: that is an error to return.
 */
#ifndef LIB_BUG_H
#define LIB_BUG_H

#include "lib/compiler.h"

/* Reports and stops the machine. core/panic.c has it; arch/host/bug.c for the host build. */
void __noreturn bug(const char *file, int line, const char *what);

#define BUG() bug(__FILE__, __LINE__, "BUG")
#define unreachable() bug(__FILE__, __LINE__, "unreachable code reached")

/* In every build. */
#define BUG_ON(e)                                    \
	do {                                         \
		if (unlikely(e)) {                   \
			bug(__FILE__, __LINE__, #e); \
		}                                    \
	} while (0)

/* In debug builds; else the expression is compiled and not evaluated. */
#ifdef CONFIG_DEBUG
#define ASSERT(e)                                                         \
	do {                                                              \
		if (unlikely(!(e))) {                                     \
			bug(__FILE__, __LINE__, "assertion failed: " #e); \
		}                                                         \
	} while (0)
#else
#define ASSERT(e) ((void)(0 && (e)))
#endif

#endif
