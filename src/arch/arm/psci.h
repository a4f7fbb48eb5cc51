/* SPDX-License-Identifier: GPL-2.0-only */
/* Calls into the firmware: the SMC Calling Convention (DEN0028) and PSCI (DEN0022). */
#ifndef ARCH_ARM_PSCI_H
#define ARCH_ARM_PSCI_H

#include "lib/types.h"

struct smccc_result {
	u64 x[4];
};

/* One SMC with these arguments in x0 to x7. Any CPU. */
void smccc_smc(const u64 args[8], struct smccc_result *out);

/* Looks at what the machine's description says and asks for the versions. Boot CPU. */
void psci_init(void);
bool psci_present(void);
/* What the architecture's part of the firmware (SMCCC 1.1) says of function func on this CPU: 0 or
 * more: it is there, -1: it is not. */
int smccc_arch_features(u32 func);

/* 0, or a PSCI error (smccc_numbers.h). entry: physical; context comes in its x0. */
int psci_cpu_on(u64 mpidr, u64 entry, u64 context);
/* These come back only if the firmware cannot. */
void psci_system_off(void);
void psci_system_reset(void);

#endif
