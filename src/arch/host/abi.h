/* SPDX-License-Identifier: GPL-2.0-only */
/* What the host's arch/contract/abi.h answers, and what it was told last. */
#ifndef ARCH_HOST_ABI_H
#define ARCH_HOST_ABI_H

#include "arch/contract/abi.h"
#include "core/domain.h"

#define HOST_ABI_CPUS 3 /* the last one is present and off-line */
#define HOST_ABI_MAP 3	/* entries of both memory maps */

struct host_abi_record {
	const void *build_id; /* 20 bytes, or NULL: set by the test */
	bool initialised[MAX_VCPUS];
	unsigned int nmis;
	u8 vector, sleep_state;
	u64 callback;
	u32 sbdf;
};
extern struct host_abi_record host_abi;
extern const struct memory_map_entry host_abi_map[HOST_ABI_MAP];

#endif
