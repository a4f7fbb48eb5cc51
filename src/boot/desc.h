/* SPDX-License-Identifier: GPL-2.0-only */
/* Judges the description of a domain (core/desc.h) before anything is built from it. */
#ifndef BOOT_DESC_H
#define BOOT_DESC_H

#include "core/desc.h"

/* Pure. 0, or -EINVAL with *why naming the field and what would be right. */
int desc_check(const struct domain_desc *desc, const char **why);

/* Two descriptions that contradict each other. */
struct desc_conflict {
	unsigned int which, other; /* places in the list: leaving out `which` solves it */
	const char *why;	   /* names the field of `which` */
};

/*
 * The rules between descriptions that are right by themselves: ids, memory that is given away
 * twice, shared regions and event channels that do not fit together. Pure. 0, or -EINVAL with *out.
 */
int desc_check_all(const struct domain_desc *list, unsigned int count, struct desc_conflict *out);

#endif
