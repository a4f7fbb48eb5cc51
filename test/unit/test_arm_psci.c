/* SPDX-License-Identifier: GPL-2.0-only */
/* Firmware calls of Arm guests: PSCI's states of a vCPU, and what SMCCC says is there. */
#include <string.h>

#include "arch/arm/inject.h"
#include "arch/arm/mitigation.h"
#include "arch/arm/smccc.h"
#include "arch/arm/smccc_numbers.h"
#include "arch/arm/vcpu.h"
#include "arch/host/host.h"
#include "lib/errno.h"
#include "mm/heap.h"
#include "sched/sched.h"
#include "unit/harness.h"

/* --- the machine --- */

static struct {
	struct vcpu *v;
	u64 pc, x0;
	unsigned int count;
} reset;

void vcpu_reset(struct vcpu *v, u64 pc, u64 x0)
{
	reset.v = v;
	reset.pc = pc;
	reset.x0 = x0;
	reset.count++;
	/* Its registers are nobody else's: it is stopped. */
	CHECK(vcpu_stopped(v));
}

int mitigation_guest_answer(u32 func)
{
	return func == SMCCC_ARCH_WORKAROUND_2 ? 1 : func == SMCCC_ARCH_WORKAROUND_3 ? -1 : 0;
}

static int create_domain(struct domain *d, const struct domain_desc *desc)
{
	d->arch = heap_new(&d->pool, struct arch_domain);
	return d->arch ? 0 : -ENOMEM;
}

static int create_vcpu(struct vcpu *v)
{
	v->arch = heap_new(&v->domain->pool, struct arch_vcpu);
	if (!v->arch) {
		return -ENOMEM;
	}
	v->arch->vmpidr = BIT64(31) | (v->id / 16) << 8 | v->id % 16;
	return 0;
}

static const struct unit arch = {
	.name = "arch", .domain_create = create_domain, .vcpu_create = create_vcpu
};
const struct unit *const units[] = { &sched_unit, &arch };
const unsigned int unit_count = ARRAY_SIZE(units);

static struct domain *domain;

/* A domain of 20 vCPUs in two clusters, of which the first runs. */
static struct vcpu *start(void)
{
	static u16 next = 1;

	if (next == 1) {
		host_boot(1, MiB(256));
	}
	domain = host_domain_create(next++, 20);
	vcpu_release(domain->vcpus[0], VCPU_HOLD_DOWN);
	domain_unpause(domain);
	memset(&reset, 0, sizeof(reset));
	return domain->vcpus[0];
}

static enum exit_result result;

static u64 call(struct vcpu *v, u64 func, u64 a1, u64 a2, u64 a3)
{
	u64 *x = v->arch->regs.x;

	x[0] = func;
	x[1] = a1;
	x[2] = a2;
	x[3] = a3;
	result = smccc_call(v);
	return x[0];
}

#define RESULT(n) ((u64)(s64)(n))

static bool is_down(unsigned int i)
{
	return domain->vcpus[i]->hold & BIT32(VCPU_HOLD_DOWN);
}

/* --- PSCI --- */

UNIT_TEST(psci_version, "PSCI 1.1, with a list of what there is")
{
	static const u32 there[] = { PSCI_VERSION, PSCI_CPU_SUSPEND, PSCI_CPU_OFF, PSCI_CPU_ON,
		PSCI_AFFINITY_INFO, PSCI_MIGRATE_INFO_TYPE, PSCI_SYSTEM_OFF, PSCI_SYSTEM_RESET,
		PSCI_FEATURES, PSCI_CPU_SUSPEND_64, PSCI_CPU_ON_64, PSCI_AFFINITY_INFO_64,
		SMCCC_VERSION };
	struct vcpu *v = start();
	unsigned int found = 0;

	CHECK_EQ(call(v, PSCI_VERSION, 0, 0, 0), 0x10001);
	CHECK_EQ(result, EXIT_SKIP);
	CHECK_EQ(call(v, PSCI_MIGRATE_INFO_TYPE, 0, 0, 0), 2);
	for (unsigned int i = 0; i < ARRAY_SIZE(there); i++) {
		CHECK_EQ(call(v, PSCI_FEATURES, there[i], 0, 0), 0);
	}
	for (u32 i = 0; i < 0x40; i++) {
		found += call(v, PSCI_FEATURES, PSCI_VERSION + i, 0, 0) == 0;
		found += call(v, PSCI_FEATURES, (PSCI_VERSION | BIT32(30)) + i, 0, 0) == 0;
		found += call(v, PSCI_FEATURES, SMCCC_VERSION + i, 0, 0) == 0;
	}
	CHECK_EQ(found, ARRAY_SIZE(there));
	CHECK_EQ(call(v, PSCI_FEATURES, 0x86000000, 0, 0), RESULT(-1));
}

UNIT_TEST(psci_on_off, "off, on, on again, off")
{
	struct vcpu *v = start();

	CHECK_EQ(call(v, PSCI_AFFINITY_INFO_64, 1, 0, 0), 1);
	CHECK_EQ(call(v, PSCI_CPU_ON_64, 1, 0x4000000000001000, ~5ULL), 0);
	CHECK_EQ(result, EXIT_SKIP);
	CHECK_EQ(reset.count, 1);
	CHECK(reset.v == domain->vcpus[1]);
	CHECK_EQ(reset.pc, 0x4000000000001000);
	CHECK_EQ(reset.x0, ~5ULL);
	CHECK(domain->vcpus[1]->arch->initialised);
	CHECK(!is_down(1));
	CHECK_EQ(call(v, PSCI_AFFINITY_INFO_64, 1, 0, 0), 0);
	CHECK_EQ(call(v, PSCI_CPU_ON_64, 1, 0x1000, 0), RESULT(-4));
	CHECK_EQ(call(v, PSCI_CPU_ON_64, 0, 0x1000, 0), RESULT(-4));
	CHECK_EQ(reset.count, 1);
	call(domain->vcpus[1], PSCI_CPU_OFF, 0, 0, 0);
	CHECK_EQ(result, EXIT_DONE);
	CHECK(is_down(1));
	CHECK_EQ(call(v, PSCI_AFFINITY_INFO_64, 1, 0, 0), 1);
	CHECK_EQ(call(v, PSCI_CPU_ON, 0xffffffff00000001, 0xffffffff00002000, ~0ULL), 0);
	CHECK_EQ(reset.pc, 0x2000);
	CHECK_EQ(reset.x0, 0xffffffff);
}

UNIT_TEST(psci_on_running, "one that is still on its way out is waited for")
{
	struct vcpu *v = start(), *target = domain->vcpus[2];

	CHECK_EQ(call(v, PSCI_CPU_ON_64, 2, 0x1000, 0), 0);
	target->running = true; /* another CPU has it loaded */
	call(target, PSCI_CPU_OFF, 0, 0, 0);
	CHECK_EQ(call(v, PSCI_CPU_ON_64, 2, 0x3000, 0), PSCI_CPU_ON_64);
	CHECK_EQ(result, EXIT_RETRY);
	CHECK_EQ(v->arch->regs.x[1], 2);
	CHECK_EQ(reset.count, 1);
	CHECK(is_down(2));
	CHECK(!spin_is_locked(&domain->lock));
	target->running = false;
	CHECK_EQ(call(v, PSCI_CPU_ON_64, 2, 0x3000, 0), 0);
	CHECK_EQ(reset.count, 2);
}

UNIT_TEST(psci_arguments, "affinities that nobody has, entries that no instruction is at")
{
	struct vcpu *v = start();

	CHECK_EQ(call(v, PSCI_CPU_ON_64, 16, 0x1000, 0), RESULT(-2));
	CHECK_EQ(call(v, PSCI_CPU_ON_64, 0x104, 0x1000, 0), RESULT(-2));
	CHECK_EQ(call(v, PSCI_CPU_ON_64, BIT64(31) | 1, 0x1000, 0), RESULT(-2));
	CHECK_EQ(call(v, PSCI_CPU_ON_64, 1, 0x1002, 0), RESULT(-9));
	CHECK_EQ(reset.count, 0);
	CHECK_EQ(call(v, PSCI_CPU_ON_64, 0x103, 0x1000, 0), 0); /* the last one */
	CHECK(reset.v == domain->vcpus[19]);
	domain->arch->aarch32 = true;
	CHECK_EQ(call(v, PSCI_CPU_ON, 1, 0x1001, 0), 0); /* T32 */
	CHECK_EQ(reset.pc, 0x1001);
}

UNIT_TEST(psci_affinity, "affinity levels: a cluster is on while one of it is")
{
	struct vcpu *v = start();

	CHECK_EQ(call(v, PSCI_AFFINITY_INFO_64, 5, 1, 0), 0);
	CHECK_EQ(call(v, PSCI_AFFINITY_INFO_64, 0x100, 1, 0), 1);
	CHECK_EQ(call(v, PSCI_AFFINITY_INFO_64, 0x200, 1, 0), RESULT(-2));
	CHECK_EQ(call(v, PSCI_AFFINITY_INFO_64, 0x300, 2, 0), 0);
	CHECK_EQ(call(v, PSCI_AFFINITY_INFO_64, 0, 3, 0), 0);
	CHECK_EQ(call(v, PSCI_AFFINITY_INFO_64, 0, 4, 0), RESULT(-2));
	CHECK_EQ(call(v, PSCI_AFFINITY_INFO_64, 0x104, 0, 0), RESULT(-2));
}

UNIT_TEST(psci_suspend, "suspending is waiting, and succeeds")
{
	struct vcpu *v = start();

	CHECK_EQ(call(v, PSCI_CPU_SUSPEND_64, 0, 0x1000, 0), 0);
	CHECK_EQ(result, EXIT_BLOCK);
	CHECK_EQ(reset.count, 0);
}

UNIT_TEST(psci_system, "off and reset stop the domain with their reason")
{
	struct vcpu *v = start();

	call(v, PSCI_SYSTEM_OFF, 0, 0, 0);
	CHECK(domain->shut_down);
	CHECK_EQ(domain->shutdown_code, SHUT_POWEROFF);
	v = start();
	call(v, PSCI_SYSTEM_RESET, 0, 0, 0);
	CHECK(domain->shut_down);
	CHECK_EQ(domain->shutdown_code, SHUT_REBOOT);
}

UNIT_TEST(psci_old, "the numbers of PSCI 0.1 that Xen gave them")
{
	struct vcpu *v = start();

	CHECK_EQ(call(v, 2, 1, 0x4000000000001000, 3), 0);
	CHECK_EQ(reset.pc, 0x4000000000001000);
	call(domain->vcpus[1], 1, 0, 0, 0);
	CHECK(is_down(1));
	CHECK_EQ(call(v, 3, 0, 0, 0), RESULT(-1));
}

/* --- SMCCC --- */

UNIT_TEST(smccc_features, "SMCCC 1.1 says what there is")
{
	struct vcpu *v = start();

	CHECK_EQ(call(v, SMCCC_VERSION, 0, 0, 0), 0x10001);
	CHECK_EQ(call(v, SMCCC_ARCH_FEATURES, SMCCC_VERSION, 0, 0), 0);
	CHECK_EQ(call(v, SMCCC_ARCH_FEATURES, SMCCC_ARCH_FEATURES, 0, 0), 0);
	CHECK_EQ(call(v, SMCCC_ARCH_FEATURES, SMCCC_ARCH_WORKAROUND_1, 0, 0), 0);
	CHECK_EQ(call(v, SMCCC_ARCH_FEATURES, SMCCC_ARCH_WORKAROUND_2, 0, 0), 1);
	CHECK_EQ(call(v, SMCCC_ARCH_FEATURES, SMCCC_ARCH_WORKAROUND_3, 0, 0), RESULT(-1));
	CHECK_EQ(call(v, SMCCC_ARCH_FEATURES, 0x80000002, 0, 0), RESULT(-1));
	CHECK_EQ(call(v, SMCCC_ARCH_WORKAROUND_1, 0, 0, 0), 0);
}

UNIT_TEST(smccc_uid, "it is Xen that a guest finds")
{
	struct vcpu *v = start();
	const u64 *x = v->arch->regs.x;

	CHECK_EQ(call(v, 0x8600ff01, 9, 9, 9), 0xdc1218a7);
	CHECK_EQ(x[1], 0x694398c6);
	CHECK_EQ(x[2], 0xd179cf9a);
	CHECK_EQ(x[3], 0x67e6de8d);
	CHECK_EQ(call(v, 0x8600ff03, 9, 9, 9), 0);
	CHECK_EQ(x[1], 1);
	CHECK_EQ(call(v, 0x8600ff00, 0, 0, 0), 3);
}

UNIT_TEST(smccc_unknown, "whatever else a guest asks for is not there")
{
	static const u32 funcs[] = { 3, 0x7fffffff, 0x80000003, 0x8400000b, 0x84000012, 0x84000020,
		0xc4000000, 0xc4000002, 0xc4000008, 0xc400000a, 0x8600ff02, 0xc600ff01,
		0xffffffff };
	struct vcpu *v = start();

	for (unsigned int i = 0; i < ARRAY_SIZE(funcs); i++) {
		CHECK_EQ(call(v, funcs[i], 1, 0x1000, 0), RESULT(-1));
		CHECK_EQ(result, EXIT_SKIP);
	}
	CHECK_EQ(call(v, 0xffffffff84000000, 0, 0, 0), 0x10001); /* bits 31:0 are the number */
	v->arch->regs.pstate = PSTATE_A32 | 3;
	CHECK_EQ(call(v, PSCI_CPU_ON_64, 1, 0x1000, 0), RESULT(-1));
	CHECK_EQ(call(v, PSCI_CPU_ON, 1, 0x1000, 0), 0);
}
