/* SPDX-License-Identifier: GPL-2.0-only */
/* What a test guest wants to know of its device tree; nothing else is looked at. */
#ifndef GUEST_LIB_ARM64_FDT_H
#define GUEST_LIB_ARM64_FDT_H

#include "guest/lib-arm64/layout.h"
#include "lib/compiler.h"

#define FDT_INFO_CHANNELS 4

struct fdt_info {
	const char *bootargs;	 /* "" when there are none */
	u64 memory, memory_size; /* the first bank */
	u32 cpu_count;
	u64 mpidr[CPU_MAX];
	u32 gic_version; /* 0: no GIC was found */
	u64 gic_dist, gic_dist_size;
	u64 gic_cpu; /* CPU interface (v2), redistributors (v3) */
	u64 gic_cpu_size;
	u64 uart; /* 0: none */
	u32 uart_irq;
	bool hypervisor;
	u64 hypervisor_reg;
	u32 hypervisor_irq;	 /* INTID */
	u32 timer_irqs[4];	 /* INTIDs: secure, non-secure, virtual, hypervisor */
	u64 shared, shared_size; /* xen,shared-memory-v1 below /reserved-memory */
};
extern struct fdt_info fdt_info;

void fdt_read(const void *fdt);

#endif
