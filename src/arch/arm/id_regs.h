/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ID registers as guests read them: what the CPU has, less what guests must not use because it
 * is not switched between them or would show them the machine. An allow-list: fields that are not
 * named read as "not there".
 */
#ifndef ARCH_ARM_ID_REGS_H
#define ARCH_ARM_ID_REGS_H

#include "lib/types.h"

/* Those that HCR_EL2.TID3 traps: op0 3, op1 0, CRn 0, CRm 1 to 7, op2 0 to 7. */
#define ID_REGS 56
#define ID_REG_INDEX(crm, op2) (((crm)-1) * 8 + (op2))

/* Boot CPU, once. pa_bits: how many bits of address guests have. */
void id_regs_read(unsigned int pa_bits);
/* index as by ID_REG_INDEX(); gic: the guest's interrupt controller has system registers. */
u64 id_regs_guest(unsigned int index, bool gic);

/* --- pure --- */

extern u64 id_regs_host[ID_REGS];
/* Brings id_regs_host[] into the form that guests see. */
void id_regs_filter(unsigned int pa_bits);

#endif
