/* SPDX-License-Identifier: GPL-2.0-only */
/* CPU start and a mailbox for each CPU. */
#include "guest/lib-arm64/smp.h"

#include "guest/lib-arm64/cpu.h"
#include "guest/lib-arm64/fdt.h"
#include "guest/lib-arm64/gic.h"
#include "guest/lib-arm64/psci.h"
#include "guest/lib-arm64/trap.h"

struct smp_mailbox {
	u64 (*fn)(u64);
	u64 arg, result;
	u32 up, done;
	bool busy;
};

extern const u8 head_secondary[];
extern u8 smp_stacks[CPU_MAX][STACK_SIZE];

u8 smp_stacks[CPU_MAX][STACK_SIZE] __aligned(4096);
static struct smp_mailbox smp_mailboxes[CPU_MAX];

unsigned int smp_count(void)
{
	return fdt_info.cpu_count;
}

bool smp_wait_for(const volatile u32 *flag, u32 value, unsigned int ms)
{
	u64 end = counter() + counter_ticks(ms * 1000ULL);

	while (__atomic_load_n(flag, __ATOMIC_ACQUIRE) < value) {
		if (counter() > end) {
			return false;
		}
		cpu_relax();
	}
	return true;
}

s64 smp_power_on(unsigned int cpu)
{
	smp_mailboxes[cpu].up = 0;
	smp_mailboxes[cpu].busy = false;
	return smccc_hvc(PSCI_CPU_ON, fdt_info.mpidr[cpu], (u64)head_secondary, cpu);
}

bool smp_start(unsigned int cpu)
{
	return smp_power_on(cpu) == PSCI_SUCCESS && smp_wait_for(&smp_mailboxes[cpu].up, 1, 5000);
}

bool smp_start_all(void)
{
	for (unsigned int i = 1; i < smp_count(); i++) {
		if (smp_mailboxes[i].up == 0 && !smp_start(i)) {
			return false;
		}
	}
	return true;
}

void smp_run(unsigned int cpu, u64 (*fn)(u64), u64 arg)
{
	struct smp_mailbox *m = &smp_mailboxes[cpu];

	m->fn = fn;
	m->arg = arg;
	m->done = 0;
	__atomic_store_n(&m->busy, true, __ATOMIC_RELEASE);
}

bool smp_wait(unsigned int cpu, unsigned int ms, u64 *result)
{
	struct smp_mailbox *m = &smp_mailboxes[cpu];

	if (!smp_wait_for(&m->done, 1, ms)) {
		return false;
	}
	if (result != NULL) {
		*result = m->result;
	}
	return true;
}

u64 smp_call(unsigned int cpu, u64 (*fn)(u64), u64 arg)
{
	u64 result = 0;

	smp_run(cpu, fn, arg);
	smp_wait(cpu, 10000, &result);
	return result;
}

static u64 smp_off(u64 unused)
{
	smp_mailboxes[cpu_index()].up = 0;
	return (u64)smccc_hvc(PSCI_CPU_OFF, 0, 0, 0);
}

bool smp_stop(unsigned int cpu)
{
	smp_run(cpu, smp_off, 0);
	for (unsigned int i = 0; i < 1000; i++) {
		if (smccc_hvc(PSCI_AFFINITY_INFO, fdt_info.mpidr[cpu], 0, 0) == 1) {
			return true;
		}
		delay_us(1000);
	}
	return false;
}

void __noreturn smp_cpu_main(unsigned int cpu)
{
	struct smp_mailbox *m = &smp_mailboxes[cpu];

	trap_init_cpu();
	gic_init_cpu();
	__atomic_store_n(&m->up, 1, __ATOMIC_RELEASE);
	for (;;) {
		while (!__atomic_load_n(&m->busy, __ATOMIC_ACQUIRE)) {
			cpu_relax();
		}
		m->result = m->fn(m->arg);
		__atomic_store_n(&m->busy, false, __ATOMIC_RELAXED);
		__atomic_store_n(&m->done, 1, __ATOMIC_RELEASE);
	}
}
