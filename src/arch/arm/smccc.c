/* SPDX-License-Identifier: GPL-2.0-only */
/* Firmware calls of guests: the table of functions, and those that are not PSCI's. */
#include "arch/arm/smccc.h"

#include "arch/arm/inject.h"
#include "arch/arm/mitigation.h"
#include "arch/arm/smccc_numbers.h"
#include "arch/arm/vcpu.h"
#include "lib/bits.h"

/* Services of the hypervisor and of the secure side, as Xen has them (xen/arch-arm/smccc.h). */
#define HYP_CALL_COUNT 0x8600ff00
#define HYP_CALL_UID 0x8600ff01
#define HYP_REVISION 0x8600ff03
#define STD_CALL_COUNT 0x8400ff00
#define STD_CALL_UID 0x8400ff01
#define STD_REVISION 0x8400ff03
/* PSCI 0.1 leaves the numbers to the device tree: these are Xen's (xen/arch-arm.h). */
#define PSCI01_CPU_SUSPEND 0
#define PSCI01_CPU_OFF 1
#define PSCI01_CPU_ON 2

#define SMCCC_1_1 0x10001
#define HYP_CALLS 3
#define STD_CALLS 13
#define REVISION_MAJOR 0
#define REVISION_MINOR 1

static enum exit_result smccc_version(struct vcpu *v, u64 *x)
{
	return smccc_return(x, SMCCC_1_1);
}

static enum exit_result smccc_arch_features(struct vcpu *v, u64 *x)
{
	switch ((u32)x[1]) {
	case SMCCC_ARCH_WORKAROUND_1:
	case SMCCC_ARCH_WORKAROUND_2:
	case SMCCC_ARCH_WORKAROUND_3:
		return smccc_return(x, mitigation_guest_answer((u32)x[1]));
	default:
		return smccc_return(x, smccc_has((u32)x[1]) ? 0 : SMCCC_NOT_SUPPORTED);
	}
}

/* The exit has done it. */
static enum exit_result smccc_workaround(struct vcpu *v, u64 *x)
{
	return smccc_return(x, 0);
}

static enum exit_result smccc_hyp_count(struct vcpu *v, u64 *x)
{
	return smccc_return(x, HYP_CALLS);
}

static enum exit_result smccc_std_count(struct vcpu *v, u64 *x)
{
	return smccc_return(x, STD_CALLS);
}

static enum exit_result smccc_revision(struct vcpu *v, u64 *x)
{
	x[1] = REVISION_MINOR;
	return smccc_return(x, REVISION_MAJOR);
}

/* a71812dc-c698-4369-9acf-79d18ddee667: Xen's, by which guests find it. The bytes of a UUID lie in
 * four registers in their order (DEN0028, 6.2). */
static enum exit_result smccc_hyp_uid(struct vcpu *v, u64 *x)
{
	x[0] = 0xdc1218a7;
	x[1] = 0x694398c6;
	x[2] = 0xd179cf9a;
	x[3] = 0x67e6de8d;
	return EXIT_SKIP;
}

/* f863386f-4b39-4cbd-9220-ce1641e59f6f */
static enum exit_result smccc_std_uid(struct vcpu *v, u64 *x)
{
	x[0] = 0x6f3863f8;
	x[1] = 0xbd4c394b;
	x[2] = 0x16ce2092;
	x[3] = 0x6f9fe541;
	return EXIT_SKIP;
}

struct smccc_entry {
	u32 func;
	smccc_fn *fn;
};

/* Those of PSCI come often: by their number, bit 30 (64-bit arguments) left out. */
#define PSCI_BASE 0x84000000
#define PSCI_SLOTS 16
#define PSCI_SLOT(func) ((func)-PSCI_BASE)

static const struct {
	smccc_fn *fn;
	bool has64;
} psci_table[PSCI_SLOTS] = {
	[PSCI_SLOT(PSCI_VERSION)] = { vpsci_version },
	[PSCI_SLOT(PSCI_CPU_SUSPEND)] = { vpsci_cpu_suspend, true },
	[PSCI_SLOT(PSCI_CPU_OFF)] = { vpsci_cpu_off },
	[PSCI_SLOT(PSCI_CPU_ON)] = { vpsci_cpu_on, true },
	[PSCI_SLOT(PSCI_AFFINITY_INFO)] = { vpsci_affinity_info, true },
	[PSCI_SLOT(PSCI_MIGRATE_INFO_TYPE)] = { vpsci_migrate_info_type },
	[PSCI_SLOT(PSCI_SYSTEM_OFF)] = { vpsci_system_off },
	[PSCI_SLOT(PSCI_SYSTEM_RESET)] = { vpsci_system_reset },
	[PSCI_SLOT(PSCI_FEATURES)] = { vpsci_features },
};

static const struct smccc_entry smccc_table[] = {
	{ SMCCC_VERSION, smccc_version },
	{ SMCCC_ARCH_FEATURES, smccc_arch_features },
	{ SMCCC_ARCH_WORKAROUND_1, smccc_workaround },
	{ SMCCC_ARCH_WORKAROUND_2, smccc_workaround },
	{ SMCCC_ARCH_WORKAROUND_3, smccc_workaround },
	{ HYP_CALL_COUNT, smccc_hyp_count },
	{ HYP_CALL_UID, smccc_hyp_uid },
	{ HYP_REVISION, smccc_revision },
	{ STD_CALL_COUNT, smccc_std_count },
	{ STD_CALL_UID, smccc_std_uid },
	{ STD_REVISION, smccc_revision },
	{ PSCI01_CPU_SUSPEND, vpsci_cpu_suspend },
	{ PSCI01_CPU_OFF, vpsci_cpu_off },
	{ PSCI01_CPU_ON, vpsci_cpu_on },
};

#define SMCCC_64 BIT32(30)

static smccc_fn *smccc_find(u32 func)
{
	u32 slot = (func & ~SMCCC_64) - PSCI_BASE;

	if (likely(slot < PSCI_SLOTS)) {
		return !(func & SMCCC_64) || psci_table[slot].has64 ? psci_table[slot].fn : NULL;
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(smccc_table); i++) {
		if (smccc_table[i].func == func) {
			return smccc_table[i].fn;
		}
	}
	return NULL;
}

bool smccc_has(u32 func)
{
	return smccc_find(func) != NULL;
}

enum exit_result smccc_call(struct vcpu *v)
{
	struct arm_regs *r = &v->arch->regs;
	smccc_fn *fn = smccc_find((u32)r->x[0]);

	/* AArch32 has no calls with 64-bit arguments. */
	if (!fn || ((r->pstate & PSTATE_A32) && (r->x[0] & SMCCC_64))) {
		return smccc_return(r->x, SMCCC_NOT_SUPPORTED);
	}
	return fn(v, r->x);
}
