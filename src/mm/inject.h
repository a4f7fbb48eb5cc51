/* SPDX-License-Identifier: GPL-2.0-only */
/* Lets a test in the host build refuse allocations; nothing at all on real machines. */
#ifndef MM_INJECT_H
#define MM_INJECT_H

#include "lib/types.h"

#ifdef BULKHEAD_HOST
/* arch/host/paging.c. Asked before each allocation from the heap; NULL: refuse none. */
extern bool (*host_heap_refuse)(size_t bytes);

static inline bool inject_heap_failure(size_t bytes)
{
	return host_heap_refuse != NULL && host_heap_refuse(bytes);
}
#else
static inline bool inject_heap_failure(size_t bytes)
{
	return false;
}
#endif

#endif
