/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The option dom0_mem=: how much memory the first domain gets. Written as Xen documents it:
 *
 *	dom0_mem=[min:<amount>,][max:<amount>,][<amount>]
 *	<amount> = [-]<size>  |  [-][<size>+]<percent>%
 *
 * Sizes are in KiB without a suffix; a negative amount is what dom0 does not get.
 */
#ifndef BOOT_DOM0_MEM_H
#define BOOT_DOM0_MEM_H

#include "lib/compiler.h"

/* Less than this boots no kernel. */
#define DOM0_MEM_LEAST MiB(16)

struct dom0_mem_amount {
	bool given;
	bool minus;
	u8 percent;
	u64 bytes;
};

struct dom0_mem {
	struct dom0_mem_amount size, min, max;
};

struct dom0_mem_result {
	u64 bytes; /* at start, whole pages */
	u64 max;   /* to balloon up to; ~0 when nothing limits it */
	u64 asked; /* bytes; more than is available is answered with what the default would be */
};

/*
 * Adds what the text says to *mem (an item given again replaces the former one). Pure. -EINVAL:
 * *why says what is wrong, and *mem is as it was.
 */
int __must_check dom0_mem_parse(const char *text, struct dom0_mem *mem, const char **why);

/*
 * What that means on a host with @available bytes for dom0. Pure. Without <amount>: all but 1/16 of
 * it, at most all but 128 MiB. At least min, but never more than max, nor than what is available;
 * then as without <amount>, since the hypervisor needs some for dom0's page tables.
 * -EINVAL when that leaves dom0 less than DOM0_MEM_LEAST: *why names the item.
 */
int __must_check dom0_mem_compute(
	const struct dom0_mem *mem, u64 available, struct dom0_mem_result *out, const char **why);

/*
 * Both for the command line's option. -EINVAL with *why for a text that was refused (the option was
 * already named on the console then) or an amount that makes no sense here. Boot CPU.
 */
int __must_check dom0_mem_get(u64 available, struct dom0_mem_result *out, const char **why);

/* Was there a usable option with an <amount>? */
bool dom0_mem_given(void);

#endif
