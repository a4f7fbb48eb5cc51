/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The firmware at EL3. HVC leads from EL2 to EL2 itself, so SMC is the only way there; a machine
 * whose device tree says HVC has its firmware below us, and so none for us.
 */
#include "arch/arm/psci.h"

#include "arch/arm/machine.h"
#include "arch/arm/smccc_numbers.h"
#include "core/log.h"

static u32 version;  /* 0: there is no PSCI */
static bool smccc11; /* SMCCC_ARCH_FEATURES exists */

#define PSCI_0_1 0x0001
#define PSCI_0_2 0x0002
#define PSCI_1_0 0x10000
#define SMCCC_1_1 0x10001

void smccc_smc(const u64 args[8], struct smccc_result *out)
{
	register u64 x0 __asm__("x0") = args[0];
	register u64 x1 __asm__("x1") = args[1];
	register u64 x2 __asm__("x2") = args[2];
	register u64 x3 __asm__("x3") = args[3];
	register u64 x4 __asm__("x4") = args[4];
	register u64 x5 __asm__("x5") = args[5];
	register u64 x6 __asm__("x6") = args[6];
	register u64 x7 __asm__("x7") = args[7];

	/* SMCCC 1.0 lets the firmware use x0 to x17. */
	__asm__ volatile(
		"smc #0"
		: "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3), "+r"(x4), "+r"(x5), "+r"(x6), "+r"(x7)
		:
		: "x8", "x9", "x10", "x11", "x12", "x13", "x14", "x15", "x16", "x17", "memory");
	*out = (struct smccc_result){ { x0, x1, x2, x3 } };
}

static u64 call(u32 func, u64 a, u64 b, u64 c)
{
	const u64 args[8] = { func, a, b, c };
	struct smccc_result r;

	smccc_smc(args, &r);
	return r.x[0];
}

bool psci_present(void)
{
	return version != 0;
}

void psci_init(void)
{
	const struct arm_machine *m = &arm_machine;

	if (m->psci_conduit == CONDUIT_NONE || m->psci_version == 0) {
		log_warn("no PSCI in the device tree: the machine can be neither reset nor "
			 "switched off");
		return;
	}
	if (m->psci_conduit == CONDUIT_HVC) {
		log_warn("PSCI by HVC cannot be used at EL2: the machine can be neither reset nor "
			 "switched off");
		return;
	}
	version = m->psci_version == PSCI_0_1 ? PSCI_0_1 : (u32)call(PSCI_VERSION, 0, 0, 0);
	if (version != PSCI_0_1 && (version < PSCI_0_2 || version >> 31)) {
		log_warn("PSCI answers %#x to PSCI_VERSION: not used", version);
		version = 0;
		return;
	}
	if (version >= PSCI_1_0 && (int)call(PSCI_FEATURES, SMCCC_VERSION, 0, 0) >= 0) {
		int smccc = (int)call(SMCCC_VERSION, 0, 0, 0);

		smccc11 = smccc >= SMCCC_1_1;
	}
	if (version == PSCI_0_1) {
		log_info("PSCI 0.1");
	} else {
		log_info("PSCI %u.%u%s", version >> 16, version & 0xffff,
			smccc11 ? ", SMC calling convention 1.1" : "");
	}
}

int smccc_arch_features(u32 func)
{
	return smccc11 ? (int)call(SMCCC_ARCH_FEATURES, func, 0, 0) : SMCCC_NOT_SUPPORTED;
}

int psci_cpu_on(u64 mpidr, u64 entry, u64 context)
{
	u32 func = version == PSCI_0_1 ? arm_machine.psci_cpu_on : PSCI_CPU_ON_64;

	return version == 0 || func == 0 ? SMCCC_NOT_SUPPORTED
					 : (int)call(func, mpidr, entry, context);
}

void psci_system_off(void)
{
	if (version >= PSCI_0_2) {
		call(PSCI_SYSTEM_OFF, 0, 0, 0);
	}
}

void psci_system_reset(void)
{
	if (version >= PSCI_0_2) {
		call(PSCI_SYSTEM_RESET, 0, 0, 0);
	}
}
