/* SPDX-License-Identifier: GPL-2.0-only */
/* Judges the description of a domain (core/desc.h) before anything is built from it. */
#ifndef BOOT_DESC_H
#define BOOT_DESC_H

#include "core/desc.h"

/* Pure. 0, or -EINVAL with *why naming the field and what would be right. */
int desc_check(const struct domain_desc *desc, const char **why);

#endif
