/* SPDX-License-Identifier: GPL-2.0-only */
/* CPU start and a mailbox for each CPU. */
#include "guest/lib/smp.h"

#include "guest/lib/apic.h"
#include "guest/lib/cpu.h"
#include "guest/lib/hypercall.h"
#include "guest/lib/xen.h"
#include "lib/string.h"
#include <xen/vcpu.h>

struct smp_mailbox {
	u64 (*fn)(u64);
	u64 arg, result;
	bool up, busy;
};

extern const u8 head_trampoline[], head_trampoline_end[];
extern u64 head_stack;
extern u32 head_cpu;
extern u8 smp_stacks[CPU_MAX][STACK_SIZE];

u8 smp_stacks[CPU_MAX][STACK_SIZE] __aligned(16);
static struct smp_mailbox smp_mailboxes[CPU_MAX];

unsigned int smp_count(void)
{
	unsigned int n = 1;

	while (n < CPU_MAX && hypercall(__HYPERVISOR_vcpu_op, VCPUOP_is_up, n) >= 0) {
		n++;
	}
	return n;
}

static bool smp_wait_flag(const bool *flag, bool value, unsigned int ms)
{
	u64 end = xen_time() + ms * 1000000ULL;

	while (__atomic_load_n(flag, __ATOMIC_ACQUIRE) != value) {
		if (xen_time() > end) {
			return false;
		}
		cpu_relax();
	}
	return true;
}

bool smp_wait_for(const volatile u32 *flag, u32 value, unsigned int ms)
{
	u64 end = xen_time() + ms * 1000000ULL;

	while (__atomic_load_n(flag, __ATOMIC_ACQUIRE) < value) {
		if (xen_time() > end) {
			return false;
		}
		cpu_relax();
	}
	return true;
}

bool smp_start(unsigned int cpu)
{
	struct smp_mailbox *m = &smp_mailboxes[cpu];

	memcpy((void *)(uintptr_t)TRAMPOLINE, head_trampoline,
		(size_t)(head_trampoline_end - head_trampoline));
	head_stack = (uintptr_t)(smp_stacks[cpu] + STACK_SIZE);
	head_cpu = cpu;
	m->up = false;
	m->busy = false;
	apic_send(apic_id_of(cpu), APIC_ICR_INIT | APIC_ICR_ASSERT);
	xen_delay_us(200);
	for (unsigned int i = 0; i < 2 && !m->up; i++) {
		apic_send(apic_id_of(cpu), APIC_ICR_STARTUP | APIC_ICR_ASSERT | TRAMPOLINE >> 12);
		if (smp_wait_flag(&m->up, true, 1000)) {
			return true;
		}
	}
	return false;
}

bool smp_start_all(void)
{
	for (unsigned int i = 1; i < smp_count(); i++) {
		if (!smp_mailboxes[i].up && !smp_start(i)) {
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
	__atomic_store_n(&m->busy, true, __ATOMIC_RELEASE);
}

bool smp_is_done(unsigned int cpu, u64 *result)
{
	struct smp_mailbox *m = &smp_mailboxes[cpu];

	if (__atomic_load_n(&m->busy, __ATOMIC_ACQUIRE)) {
		return false;
	}
	if (result != NULL) {
		*result = m->result;
	}
	return true;
}

bool smp_wait(unsigned int cpu, unsigned int ms, u64 *result)
{
	return smp_wait_flag(&smp_mailboxes[cpu].busy, false, ms) && smp_is_done(cpu, result);
}

u64 smp_call(unsigned int cpu, u64 (*fn)(u64), u64 arg)
{
	u64 result = 0;

	smp_run(cpu, fn, arg);
	smp_wait(cpu, 10000, &result);
	return result;
}

void __noreturn smp_cpu_main(unsigned int cpu)
{
	struct smp_mailbox *m = &smp_mailboxes[cpu];

	trap_init_cpu(cpu);
	apic_enable(true);
	__atomic_store_n(&m->up, true, __ATOMIC_RELEASE);
	for (;;) {
		while (!__atomic_load_n(&m->busy, __ATOMIC_ACQUIRE)) {
			cpu_relax();
		}
		m->result = m->fn(m->arg);
		__atomic_store_n(&m->busy, false, __ATOMIC_RELEASE);
	}
}
