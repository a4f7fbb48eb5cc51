/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The one line that names what is wrong with a kernel. Every function here that can fail fills it
 * in and returns -errno; nothing is printed before somebody decides to.
 */
#ifndef BOOT_UNPACK_UNPACK_ERROR_H
#define BOOT_UNPACK_UNPACK_ERROR_H

#include "lib/compiler.h"
#include "lib/errno.h"

struct unpack_error {
	char text[192]; /* no newline, no prefix */
};

/* Formats the line into @e (cut off when too long) and returns @err. */
int unpack_error_set(struct unpack_error *e, int err, const char *fmt, ...) __printf(3, 4);

#endif
