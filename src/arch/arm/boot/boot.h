/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the steps of the boot leave to each other: they alone join src/boot with the machine. All of
 * it is written on the boot CPU and constant once the first guest runs.
 */
#ifndef ARCH_ARM_BOOT_BOOT_H
#define ARCH_ARM_BOOT_BOOT_H

#include "boot/memmap.h"
#include "core/desc.h"
#include "lib/types.h"

#define BOOT_MODULES_MAX 64
#define BOOT_RESERVED_MAX 128

/* --- from the device tree: machine_dt.c --- */

/*
 * Reads the whole tree once, which is mapped read-only and of which nothing is trusted, and fills
 * arm_machine, boot_map, boot_modules and boot_reserved. It hands the options to param_parse_line()
 * as soon as it has found them, since dtuart= is one. Strings stay in the tree, which stays mapped.
 * There is no heap yet and no console: lines go to the ring. 0, or -errno and why, which names node
 * and property.
 */
int machine_dt_parse(const void *fdt, u32 size, const char **why);

/* All RAM that the tree names, normalised; what is reserved within it is RAM here. */
extern struct memmap boot_map;

/* Files that the loader put into memory: kernels, ramdisks, partial trees. */
extern struct boot_module boot_modules[BOOT_MODULES_MAX];
extern unsigned int boot_module_count;

/* RAM that the allocator does not get, with the node or list that says so. */
struct boot_reserved {
	u64 start, size;
	const char *what; /* "/memreserve/", a node's name */
	bool is_static;	  /* xen,static-mem: domains get it */
};
extern struct boot_reserved boot_reserved[BOOT_RESERVED_MAX];
extern unsigned int boot_reserved_count;

/* --- start.c --- */

/* What head.S hands over: is it a device tree, and how large? 0: it is none. */
u32 boot_fdt_size(const void *fdt);

/* --- the domains: build.c --- */

/* Builds and starts every domain that the command line and the tree ask for. A bad description
 * costs that domain alone: one line says why. Boot CPU, all other CPUs are in their loops. */
void domains_start(void);

#endif
