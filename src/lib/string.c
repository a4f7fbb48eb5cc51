/* SPDX-License-Identifier: GPL-2.0-only */
/* The string functions of the C standard that the hypervisor uses; the host build takes libc's. */
#include "lib/string.h"
#include "lib/ctype.h"

__no_loop_calls size_t strlen(const char *s)
{
	size_t n = 0;

	while (s[n] != '\0') {
		n++;
	}
	return n;
}

__no_loop_calls void *memchr(const void *p, int c, size_t n)
{
	for (const u8 *at = p; n > 0; n--, at++) {
		if (*at == (u8)c) {
			return (void *)(uintptr_t)at;
		}
	}
	return NULL;
}

__no_loop_calls size_t strnlen(const char *s, size_t max)
{
	size_t n = 0;

	while (n < max && s[n] != '\0') {
		n++;
	}
	return n;
}

__no_loop_calls int strcmp(const char *a, const char *b)
{
	while (*a != '\0' && *a == *b) {
		a++;
		b++;
	}
	return (u8)*a - (u8)*b;
}

__no_loop_calls int strncmp(const char *a, const char *b, size_t n)
{
	for (; n > 0; n--, a++, b++) {
		if (*a != *b || *a == '\0') {
			return (u8)*a - (u8)*b;
		}
	}
	return 0;
}

__no_loop_calls int strcasecmp(const char *a, const char *b)
{
	while (*a != '\0' && to_lower((u8)*a) == to_lower((u8)*b)) {
		a++;
		b++;
	}
	return to_lower((u8)*a) - to_lower((u8)*b);
}

/* As in the standard, the terminator belongs to the string: looking for 0 finds it. */
__no_loop_calls char *strchr(const char *s, int c)
{
	while (*s != (char)c) {
		if (*s++ == '\0') {
			return NULL;
		}
	}
	return (char *)s;
}

__no_loop_calls char *strrchr(const char *s, int c)
{
	const char *last = NULL;

	do {
		if (*s == (char)c) {
			last = s;
		}
	} while (*s++ != '\0');
	return (char *)last;
}

__no_loop_calls char *strstr(const char *s, const char *what)
{
	size_t n = strlen(what);

	while (strncmp(s, what, n) != 0) {
		if (*s++ == '\0') {
			return NULL;
		}
	}
	return (char *)s;
}
