/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory and string functions under their standard names and with their standard meaning, for
 * code that has no libc. They never allocate, never take a lock and may be called anywhere.
 * In the host build libc supplies them, except strlcpy() and strlcat().
 */
#ifndef LIB_STRING_H
#define LIB_STRING_H

#include "lib/compiler.h"

/* mem.c. Only memmove() allows the two ranges to overlap. */
void *memcpy(void *dst, const void *src, size_t n);
void *memmove(void *dst, const void *src, size_t n);
void *memset(void *dst, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);

/* string.c */
void *memchr(const void *p, int c, size_t n);
size_t strlen(const char *s);
size_t strnlen(const char *s, size_t max);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);
int strcasecmp(const char *a, const char *b);
char *strchr(const char *s, int c);
char *strrchr(const char *s, int c);
char *strstr(const char *s, const char *what);

/*
 * strl.c. Copies or appends as much of @src as fits into the @size bytes of @dst and terminates
 * it (nothing is written when @size is 0). Returns the length of the string it tried to make: a
 * result >= @size means that it was cut off. strlcat() leaves a @dst without terminator alone.
 */
size_t strlcpy(char *dst, const char *src, size_t size);
size_t strlcat(char *dst, const char *src, size_t size);

#endif
