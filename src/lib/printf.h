/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Formatted text into a buffer. Conversions d i u x X o p c s %, flags - 0 + space #, width and
 * precision (numbers or *), lengths hh h l ll z j t. No floating point, no %n. Any context.
 */
#ifndef LIB_PRINTF_H
#define LIB_PRINTF_H

#include <stdarg.h>
#include "lib/compiler.h"

/*
 * Writes at most @size bytes to @buf, always terminated unless @size is 0. Returns the length that
 * an endless buffer would have received, without the terminator: >= @size means cut off. %.Ns
 * never reads beyond N bytes; %s of NULL prints "(null)"; %p prints 0x and hexadecimal digits. An
 * unknown conversion is copied as it stands, and takes no argument.
 */
int fmt_vsnprintf(char *buf, size_t size, const char *fmt, va_list args) __printf(3, 0);
int fmt_snprintf(char *buf, size_t size, const char *fmt, ...) __printf(3, 4);

#endif
