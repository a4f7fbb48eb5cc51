/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the device tree says of the machine and boot hands to the rest of arch/arm, which never
 * looks into src/boot. Constant once the first guest runs.
 */
#ifndef ARCH_ARM_MACHINE_H
#define ARCH_ARM_MACHINE_H

#include "arch/arm/gic/gic.h"
#include "drv/uart/uart.h"
#include "lib/compiler.h"

enum machine_conduit { CONDUIT_NONE, CONDUIT_SMC, CONDUIT_HVC };
enum machine_cpu_start { CPU_START_NONE, CPU_START_PSCI, CPU_START_SPIN_TABLE };

struct machine_cpu {
	u64 mpidr; /* affinity fields only */
	enum machine_cpu_start start;
	u64 release_addr; /* spin-table */
};

struct arm_machine {
	const void
		*fdt; /* the whole tree, checked; NULL once no domain is built from it any more */
	u64 fdt_pa;
	u32 fdt_size;
	const char *model;
	const char *cmdline;			  /* xen,xen-bootargs, or bootargs */
	struct machine_cpu cpus[CONFIG_MAX_CPUS]; /* the boot CPU is wherever it stands */
	unsigned int cpu_count;
	struct gic_desc gic;
	struct {
		u32 phys, virt, hyp; /* INTIDs of the PPIs: non-secure physical, virtual, EL2 */
		u32 frequency;	     /* clock-frequency, 0: CNTFRQ_EL0 is right */
	} timer;
	enum machine_conduit psci_conduit;
	u16 psci_version;      /* 0x0001: 0.1, function numbers by property; 0x0002, 0x0100 */
	u32 psci_cpu_on;       /* 0.1 only */
	struct uart_desc uart; /* dtuart= or stdout-path; kind UART_NONE: there is none */
	u64 max_ram;	       /* end of the highest RAM */
};
extern struct arm_machine arm_machine;

/* True if some byte of the range is RAM by the device tree. */
bool machine_has_ram(u64 start, u64 size);

#endif
