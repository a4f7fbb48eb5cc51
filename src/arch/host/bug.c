/* SPDX-License-Identifier: GPL-2.0-only */
/* A broken invariant in the host build: says where and ends the process, so that a fuzzer
 * sees it. */
#include <stdio.h>
#include <stdlib.h>

#include "lib/bug.h"

void __noreturn bug(const char *file, int line, const char *what)
{
	fprintf(stderr, "%s:%d: %s\n", file, line, what);
	abort();
}
