/* SPDX-License-Identifier: GPL-2.0-only */
/* The HVM parameters of a domain: numbers that guests, tools and QEMU leave for each other. */
#ifndef ABI_HVM_OP_H
#define ABI_HVM_OP_H

#include "core/unit.h"
#include "lib/compiler.h"

struct domain;

extern const struct unit hvm_op_unit;

/* For the domain's builder and devices; index below HVM_NR_PARAMS of xen/hvm/params.h. */
u64 hvm_op_param(struct domain *d, u32 index);
void hvm_op_preset(struct domain *d, u32 index, u64 value);

#endif
