/* SPDX-License-Identifier: GPL-2.0-only */
/* Where a broken invariant leads on bare metal; arch/host has its own. */
#include "lib/bug.h"

#include "core/log.h"

void bug(const char *file, int line, const char *what)
{
	panic("%s at %s:%d", what, file, line);
}
