/* SPDX-License-Identifier: GPL-2.0-only */
/* What a test asks of its machine. */
#ifndef ARCH_HOST_HOST_H
#define ARCH_HOST_HOST_H

#include "lib/types.h"

/* A machine with RAM at [0, ram), given to mm/frame.c. Once for each process; more RAM may be added
 * with frame_add_ram() anywhere below 16 TiB. */
void host_machine_init(u64 ram);

/* Calls of arch_hv_map() so far, and bytes mapped at present: for leak checks. */
extern u64 host_map_calls;
extern u64 host_mapped_bytes;
/* arch_hv_map() fails when this is 0, and counts it down otherwise; ~0: never fails. */
extern u64 host_map_budget;
/* Windows that are open on this thread. */
extern _Thread_local unsigned int host_windows;

#endif
