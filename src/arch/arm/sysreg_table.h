/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * System registers that exit: one table, sorted by encoding, for AArch64 names and one each for
 * coprocessor names of AArch32 that stand for them.
 */
#ifndef ARCH_ARM_SYSREG_TABLE_H
#define ARCH_ARM_SYSREG_TABLE_H

#include "lib/types.h"

struct vcpu;

/* False: UNDEFINED. v is current; reads find *value 0. */
typedef bool sysreg_fn(struct vcpu *v, u32 reg, bool write, u64 *value);

struct sysreg_entry {
	u32 reg; /* SYSREG(), CP() or CP_64() */
	sysreg_fn *fn;
	u64 value; /* what sysreg_ro() and sysreg_raz_wi() read as */
};

/* Accesses the register; false: UNDEFINED. */
bool sysreg_access(struct vcpu *v, u32 reg, bool write, u64 *value);
bool sysreg_cp15(struct vcpu *v, u32 reg, bool write, u64 *value);
bool sysreg_cp15_64(struct vcpu *v, u32 reg, bool write, u64 *value);
bool sysreg_cp14(struct vcpu *v, u32 reg, bool write, u64 *value);

/* For tests. */
extern const struct sysreg_entry sysreg_table[];
extern const unsigned int sysreg_count;

#endif
