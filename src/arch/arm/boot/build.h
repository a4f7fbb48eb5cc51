/* SPDX-License-Identifier: GPL-2.0-only */
/* What the steps of building one domain hand on. Boot CPU. */
#ifndef ARCH_ARM_BOOT_BUILD_H
#define ARCH_ARM_BOOT_BUILD_H

#include "arch/arm/boot/fdt_plan.h"
#include "arch/arm/boot/kernel.h"
#include "arch/arm/boot/passthrough.h"

/* A domain that is being built. */
struct build {
	struct domain_desc *desc;
	struct domain *d;
	const char *why; /* which property or module is at fault, when a step fails */
	struct kernel kernel;
	struct kernel_places at;
	struct fdt_plan plan;
	struct resources *resources; /* its MMIO, by guest page numbers */
	struct passthrough *passthrough;
	struct dt *partial; /* NULL: none */
	void *partial_blob;
	char text[160]; /* for why */
};

/* A constant in builds without one: what is for it alone goes away. */
static inline bool build_is_hardware(const struct build *b)
{
	return IS_ENABLED(CONFIG_HARDWARE_DOMAIN) && b->desc->hardware;
}

/* --- devices.c: each 0 or -errno and b->why --- */

/* Opens the partial tree and reads what it asks for. */
int devices_read(struct build *b);
/* Gives the domain its registers and interrupts. */
int devices_give(struct build *b);
void devices_close(struct build *b);

/* --- plan.c --- */

/* Fills b->plan from the domain's RAM, interrupt controller, vCPUs … */
int plan_make(struct build *b);
/* Finds places for kernel, ramdisk and tree, and writes all three. */
int plan_load(struct build *b);

#endif
