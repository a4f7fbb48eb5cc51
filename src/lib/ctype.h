/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Character classes of ASCII alone: a byte above 0x7f belongs to none. The argument is any int, so
 * that a plain char may be passed.
 */
#ifndef LIB_CTYPE_H
#define LIB_CTYPE_H

#include "lib/compiler.h"

static inline bool is_digit(int c)
{
	return c >= '0' && c <= '9';
}

static inline bool is_upper(int c)
{
	return c >= 'A' && c <= 'Z';
}

static inline bool is_lower(int c)
{
	return c >= 'a' && c <= 'z';
}

static inline bool is_alpha(int c)
{
	return is_upper(c) || is_lower(c);
}

static inline bool is_alnum(int c)
{
	return is_alpha(c) || is_digit(c);
}

static inline bool is_xdigit(int c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* Space, and the five control characters from tab to carriage return. */
static inline bool is_space(int c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static inline bool is_print(int c)
{
	return c >= ' ' && c <= '~';
}

static inline int to_lower(int c)
{
	return is_upper(c) ? c - 'A' + 'a' : c;
}

static inline int to_upper(int c)
{
	return is_lower(c) ? c - 'a' + 'A' : c;
}

#endif
