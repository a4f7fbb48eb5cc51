/* SPDX-License-Identifier: GPL-2.0-only */
/* The order of the tests, and counting. FIFO event channels come last: there is no way back. */
#include "irq.h"

#include "guest/lib/hypercall.h"
#include "guest/lib/start.h"
#include "lib/string.h"
#include <xen/event_channel.h>

struct irq_stat irq_stats[256];
static u32 irq_total;
static bool irq_needs_eoi[256];

static void irq_handler(struct trap_frame *frame)
{
	struct irq_stat *s = &irq_stats[frame->vector];

	s->time = xen_time();
	s->rip = frame->rip;
	s->order = __atomic_add_fetch(&irq_total, 1, __ATOMIC_RELAXED);
	__atomic_add_fetch(&s->cpu_count[cpu_index()], 1, __ATOMIC_RELAXED);
	__atomic_add_fetch(&s->count, 1, __ATOMIC_RELEASE);
	if (irq_needs_eoi[frame->vector]) {
		apic_eoi();
	} else {
		/* The domain's vector comes as long as this is set. */
		xen_vcpu_info(cpu_index())->evtchn_upcall_pending = 0;
	}
}

void irq_count(u8 vector, bool eoi)
{
	irq_needs_eoi[vector] = eoi;
	trap_set_handler(vector, irq_handler);
}

void irq_reset(void)
{
	memset((void *)irq_stats, 0, sizeof(irq_stats));
	irq_total = 0;
}

bool irq_wait(u8 vector, u32 count, unsigned int ms)
{
	bool seen;

	irq_enable();
	seen = smp_wait_for(&irq_stats[vector].count, count, ms);
	irq_disable();
	return seen;
}

void irq_open(unsigned int ms)
{
	irq_enable();
	xen_delay_us(ms * 1000);
	irq_disable();
}

u32 event_bind_ipi(unsigned int vcpu)
{
	struct evtchn_bind_ipi op = { .vcpu = vcpu };

	return hypercall(__HYPERVISOR_event_channel_op, EVTCHNOP_bind_ipi, &op) == 0 ? op.port : 0;
}

u32 event_bind_virq(u32 virq, unsigned int vcpu)
{
	struct evtchn_bind_virq op = { .virq = virq, .vcpu = vcpu };

	return hypercall(__HYPERVISOR_event_channel_op, EVTCHNOP_bind_virq, &op) == 0 ? op.port : 0;
}

long event_call(u32 op, u32 port)
{
	return hypercall(__HYPERVISOR_event_channel_op, op, &port);
}

void guest_main(void)
{
	apic_enable(false);
	test_vcpus();
	test_flow();
	test_apic(false);
	test_apic(true);
	test_clock();
	test_event_timers();
	test_events();
	test_events_fifo();
}
