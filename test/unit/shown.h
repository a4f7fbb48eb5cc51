/* SPDX-License-Identifier: GPL-2.0-only */
/* A console that keeps what is written to it, for tests that look at the log. */
#ifndef UNIT_SHOWN_H
#define UNIT_SHOWN_H

#include <string.h>

#include "core/console.h"
#include "lib/compiler.h"

static char shown[65536]; /* terminated; what does not fit is dropped */
static size_t shown_size;

static inline void shown_write(const char *text, size_t n)
{
	n = MIN(n, sizeof(shown) - 1 - shown_size);
	memcpy(shown + shown_size, text, n);
	shown_size += n;
	shown[shown_size] = '\0';
}

static const struct console shown_console = { .name = "host", .write = shown_write };

static inline void shown_forget(void)
{
	shown_size = 0;
	shown[0] = '\0';
}

/* How often it says this, overlaps included. */
static inline unsigned int shown_count(const char *what)
{
	unsigned int n = 0;

	for (const char *p = shown; (p = strstr(p, what)) != NULL; p++) {
		n++;
	}
	return n;
}

#endif
