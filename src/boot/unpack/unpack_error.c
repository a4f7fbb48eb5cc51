/* SPDX-License-Identifier: GPL-2.0-only */
/* Formats the line that names what is wrong with a kernel. Pure: it must never print or stop. */
#include "boot/unpack/unpack_error.h"
#include "lib/printf.h"

int unpack_error_set(struct unpack_error *e, int err, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	fmt_vsnprintf(e->text, sizeof(e->text), fmt, args);
	va_end(args);
	return err;
}
