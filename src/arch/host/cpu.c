/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * CPUs and time of the process: a thread plays one CPU or several in turn. What the core asks of
 * the hardware is counted; time moves when a test moves it.
 */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

#include "arch/host/host.h"
#include "core/symbols.h"
#include "core/time.h"
#include "lib/bug.h"

_Thread_local struct pcpu *host_pcpu;

u64 host_now_ns;
u64 host_timer_ns[MAX_PCPUS];
u64 host_kicks[MAX_PCPUS];
u64 host_vcpu_events, host_vcpu_dumps;
struct vcpu *host_vcpu_event;

void (*host_vcpu_run)(struct vcpu *v);
void (*host_pcpu_idle)(struct pcpu *p);
bool (*host_vcpu_has_event)(struct vcpu *v);
void (*host_relax)(void);

jmp_buf host_end_env;
bool host_end_caught;
enum machine_end host_end;

const struct ksym_table ksyms;

/* --- CPUs --- */

void host_cpus_init(unsigned int n)
{
	static struct pcpu cpus[MAX_PCPUS];

	BUG_ON(n == 0 || n > MAX_PCPUS || pcpu_count != 0);
	for (unsigned int i = 0; i < n; i++) {
		pcpu_init(&cpus[i], i);
		cpus[i].online = true;
		pcpus[i] = &cpus[i];
		host_timer_ns[i] = ~0ULL;
	}
	pcpu_count = n;
	host_pcpu = &cpus[0];
	locks_checked = true;
}

void host_be_cpu(unsigned int id)
{
	host_pcpu = pcpus[id];
}

void arch_pcpu_kick(struct pcpu *p)
{
	__atomic_fetch_add(&host_kicks[p->id], 1, __ATOMIC_SEQ_CST);
}

void arch_pcpu_idle(struct pcpu *p)
{
	if (host_pcpu_idle) {
		host_pcpu_idle(p);
	}
}

void arch_cpu_relax(void)
{
	if (host_relax) {
		host_relax();
	} else {
		sched_yield();
	}
}

void arch_stop_others(void)
{
}

void arch_pcpu_dump(struct pcpu *p)
{
}

unsigned int arch_backtrace(unsigned long *pcs, unsigned int max)
{
	return 0;
}

/* --- time --- */

u64 arch_now_ns(void)
{
	return __atomic_load_n(&host_now_ns, __ATOMIC_RELAXED);
}

void arch_timer_program(u64 deadline_ns)
{
	host_timer_ns[host_pcpu->id] = deadline_ns;
}

void arch_delay_us(u32 us)
{
	host_now_ns += us * NS_PER_US;
}

/* --- vCPUs --- */

void arch_vcpu_load(struct vcpu *v)
{
}

void arch_vcpu_unload(struct vcpu *v)
{
}

void arch_vcpu_run(struct vcpu *v)
{
	if (host_vcpu_run) {
		host_vcpu_run(v);
	}
}

void arch_vcpu_event(struct vcpu *v)
{
	host_vcpu_events++;
	host_vcpu_event = v;
	vcpu_set_pending(v, VCPU_PENDING_EVENT);
}

bool arch_vcpu_has_event(struct vcpu *v)
{
	if (host_vcpu_has_event) {
		return host_vcpu_has_event(v);
	}
	return (READ_ONCE(v->pending) & BIT32(VCPU_PENDING_EVENT)) != 0;
}

void arch_vcpu_dump(struct vcpu *v)
{
	host_vcpu_dumps++;
}

/* --- the end --- */

void arch_machine_end(enum machine_end how)
{
	if (!host_end_caught) {
		fprintf(stderr, "arch_machine_end(%d)\n", how);
		abort();
	}
	host_end_caught = false;
	host_end = how;
	longjmp(host_end_env, 1);
}
