/* SPDX-License-Identifier: GPL-2.0-only */
/* When exactly an interrupt or an NMI is taken: shadows, HLT, nested NMIs. */
#include "irq.h"

#define VEC 0x45

/* What the next instructions are, for the return address of an interrupt. */
extern const u8 flow_cpuid_end[], flow_halt_end[];

static void flow_shadows(void)
{
	irq_reset();
	apic_send(apic_get_id(), APIC_ICR_ASSERT | VEC);
	__asm__ volatile("sti\n\tcli" : : : "memory");
	CHECK_EQ(irq_stats[VEC].count, 0, "STI CLI lets no interrupt in");
	__asm__ volatile("sti\n\tnop\n\tcli" : : : "memory");
	CHECK_EQ(irq_stats[VEC].count, 1, "STI NOP CLI lets one in");
	irq_reset();
	apic_send(apic_get_id(), APIC_ICR_ASSERT | VEC);
	__asm__ volatile("xor %%eax, %%eax\n\tsti\n\tcpuid\nflow_cpuid_end:\n\tcli"
			 :
			 :
			 : "eax", "ebx", "ecx", "edx", "memory");
	CHECK_EQ(irq_stats[VEC].count, 1, "STI CPUID CLI lets one in");
	CHECK_EQ(irq_stats[VEC].rip, (uintptr_t)flow_cpuid_end, "and that after the CPUID");
	irq_reset();
	apic_send(apic_get_id(), APIC_ICR_ASSERT | VEC);
	__asm__ volatile("sti\n\tmov %%ss, %%eax\n\tcli" : : : "eax", "memory");
	CHECK_EQ(irq_stats[VEC].count, 1, "STI, an instruction, CLI lets one in");
}

static void flow_halt(void)
{
	irq_reset();
	apic_send(apic_get_id(), APIC_ICR_ASSERT | VEC);
	__asm__ volatile("sti\n\thlt\nflow_halt_end:\n\tcli" : : : "memory");
	CHECK_EQ(irq_stats[VEC].count, 1, "STI HLT wakes for an interrupt that waits");
	CHECK_EQ(irq_stats[VEC].rip, (uintptr_t)flow_halt_end, "and that after the HLT");
	irq_reset();
	apic_write(APIC_TDCR, APIC_TDCR_BY_1);
	apic_write(APIC_LVT_TIMER, VEC);
	apic_write(APIC_TMICT, 500000);
	irq_enable_and_halt();
	CHECK_EQ(irq_stats[VEC].count, 1, "HLT wakes for the timer");
	apic_write(APIC_LVT_TIMER, APIC_LVT_MASKED | VEC);
}

static volatile u32 flow_nmis, flow_depth, flow_depth_max;

static void flow_nmi_handler(struct trap_frame *frame)
{
	flow_nmis++;
	flow_depth++;
	flow_depth_max = MAX(flow_depth_max, flow_depth);
	if (flow_nmis == 1) {
		apic_send(apic_get_id(), APIC_ICR_NMI | APIC_ICR_ASSERT);
		xen_delay_us(2000);
	}
	flow_depth--;
}

static u64 flow_wait_nmi(u64 count)
{
	return smp_wait_for(&flow_nmis, (u32)count, SOON_MS);
}

static u64 flow_halt_for_good(u64 unused)
{
	__asm__ volatile("cli\n\thlt" : : : "memory");
	return 1;
}

static void flow_nmi(void)
{
	u64 got = 0;

	trap_set_handler(VEC_NMI, flow_nmi_handler);
	apic_send(apic_get_id(), APIC_ICR_NMI | APIC_ICR_ASSERT);
	CHECK(smp_wait_for(&flow_nmis, 2, SOON_MS), "NMIs come with interrupts off");
	CHECK_EQ(flow_nmis, 2, "the second NMI comes once");
	CHECK_EQ(flow_depth_max, 1, "the second NMI waits for IRET");
	smp_run(1, flow_wait_nmi, 3);
	apic_send(apic_id_of(1), APIC_ICR_NMI | APIC_ICR_ASSERT);
	CHECK(smp_wait(1, SOON_MS, &got) && got, "NMI to the other CPU");
	smp_run(1, flow_halt_for_good, 0);
	xen_delay_us(20000);
	CHECK(!smp_is_done(1, NULL), "HLT with interrupts off stays");
	CHECK(smp_start(1), "INIT and SIPI end it");
	trap_set_handler(VEC_NMI, NULL);
}

void test_flow(void)
{
	irq_count(VEC, true);
	flow_shadows();
	flow_halt();
	flow_nmi();
}
