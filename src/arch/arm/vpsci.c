/* SPDX-License-Identifier: GPL-2.0-only */
/* PSCI 1.1 (DEN0022E) for guests: their CPUs come and go, and so do they. */
#include "arch/arm/cpu.h"
#include "arch/arm/inject.h"
#include "arch/arm/smccc.h"
#include "arch/arm/smccc_numbers.h"
#include "arch/arm/vcpu.h"
#include "lib/bits.h"

#define PSCI_1_1 0x10001
#define PSCI_INVALID_ADDRESS -9
#define PSCI_TOS_NONE 2 /* nothing that would have to migrate */
#define AFFINITY_ON 0
#define AFFINITY_OFF 1
#define AFFINITY_LEVELS 4

/* Arguments of the 32-bit variants have 32 bits; those of PSCI 0.1 are as wide as registers. */
static u64 argument(const u64 *x, unsigned int i)
{
	return (x[0] & (BIT32(31) | BIT32(30))) == BIT32(31) ? (u32)x[i] : x[i];
}

static bool is_down(const struct vcpu *v)
{
	return (__atomic_load_n(&v->hold, __ATOMIC_SEQ_CST) & BIT32(VCPU_HOLD_DOWN)) != 0;
}

static struct vcpu *by_affinity(struct domain *d, u64 affinity)
{
	struct vcpu *v;

	for_each_vcpu(d, v) {
		if ((v->arch->vmpidr & MPIDR_AFFINITY) == affinity) {
			return v;
		}
	}
	return NULL;
}

enum exit_result vpsci_version(struct vcpu *v, u64 *x)
{
	return smccc_return(x, PSCI_1_1);
}

/* As a standby state, whatever was asked for: state is kept (5.1.3, 5.4.1 allow it). */
enum exit_result vpsci_cpu_suspend(struct vcpu *v, u64 *x)
{
	smccc_return(x, PSCI_SUCCESS);
	return EXIT_BLOCK;
}

/* It comes back by CPU_ON alone, which gives it all its registers. */
enum exit_result vpsci_cpu_off(struct vcpu *v, u64 *x)
{
	vcpu_hold(v, VCPU_HOLD_DOWN);
	return EXIT_DONE;
}

/* Under the domain's lock, so that of two who start the same one, one is told so. */
static enum exit_result cpu_on_locked(struct vcpu *target, u64 entry, u64 context, u64 *x)
{
	if (!is_down(target)) {
		return smccc_return(x, PSCI_ALREADY_ON);
	}
	if (!vcpu_try_sync(target)) {
		return EXIT_RETRY; /* it is still on its way out */
	}
	vcpu_reset(target, entry, context);
	target->arch->initialised = true;
	vcpu_release(target, VCPU_HOLD_DOWN);
	return smccc_return(x, PSCI_SUCCESS);
}

enum exit_result vpsci_cpu_on(struct vcpu *v, u64 *x)
{
	u64 affinity = argument(x, 1), entry = argument(x, 2);
	struct vcpu *target = by_affinity(v->domain, affinity);
	enum exit_result r;

	if (!target) {
		return smccc_return(x, PSCI_INVALID_PARAMETERS);
	}
	/* AArch32: bit 0 chooses T32. */
	if (!v->domain->arch->aarch32 && (entry & 3) != 0) {
		return smccc_return(x, PSCI_INVALID_ADDRESS);
	}
	if (target == v) {
		return smccc_return(x, PSCI_ALREADY_ON);
	}
	spin_lock(&v->domain->lock);
	r = cpu_on_locked(target, entry, argument(x, 3), x);
	spin_unlock(&v->domain->lock);
	return r;
}

enum exit_result vpsci_affinity_info(struct vcpu *v, u64 *x)
{
	static const u64 masks[AFFINITY_LEVELS] = {
		MPIDR_AFFINITY,
		MPIDR_AFFINITY & ~0xffULL,
		MPIDR_AFFINITY & ~0xffffULL,
		MPIDR_AFFINITY & ~0xffffffULL,
	};
	u64 affinity = argument(x, 1), level = argument(x, 2);
	struct vcpu *other;
	bool found = false;

	if (level >= AFFINITY_LEVELS) {
		return smccc_return(x, PSCI_INVALID_PARAMETERS);
	}
	for_each_vcpu(v->domain, other) {
		if (((other->arch->vmpidr ^ affinity) & masks[level]) != 0) {
			continue;
		}
		if (!is_down(other)) {
			return smccc_return(x, AFFINITY_ON);
		}
		found = true;
	}
	return smccc_return(x, found ? AFFINITY_OFF : PSCI_INVALID_PARAMETERS);
}

enum exit_result vpsci_migrate_info_type(struct vcpu *v, u64 *x)
{
	return smccc_return(x, PSCI_TOS_NONE);
}

/* The vCPU goes no further: it is held from here on. */
enum exit_result vpsci_system_off(struct vcpu *v, u64 *x)
{
	domain_shutdown(v->domain, SHUT_POWEROFF);
	return smccc_return(x, PSCI_INTERNAL_FAILURE);
}

enum exit_result vpsci_system_reset(struct vcpu *v, u64 *x)
{
	domain_shutdown(v->domain, SHUT_REBOOT);
	return smccc_return(x, PSCI_INTERNAL_FAILURE);
}

/* Which functions of PSCI there are, and SMCCC_VERSION (5.15). No flags are set in any. */
enum exit_result vpsci_features(struct vcpu *v, u64 *x)
{
	u32 func = (u32)x[1];
	bool psci = (func & ~(BIT32(30) | 0x1f)) == PSCI_VERSION;

	return smccc_return(x, (psci || func == SMCCC_VERSION) && smccc_has(func)
				       ? PSCI_SUCCESS
				       : SMCCC_NOT_SUPPORTED);
}
