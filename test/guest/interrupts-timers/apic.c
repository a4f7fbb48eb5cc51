/* SPDX-License-Identifier: GPL-2.0-only */
/* The local APIC: IPIs, priorities, timer; in xAPIC and in x2APIC mode. */
#include "irq.h"

#define MODE (apic_is_x2() ? "x2APIC" : "xAPIC")
#define VEC_LOW 0x41
#define VEC_MID 0x52
#define VEC_HIGH 0x63
#define VEC_TIMER 0x74

static u64 apic_set_mode(u64 x2)
{
	apic_enable(x2);
	return apic_get_id();
}

/* Another CPU with interrupts on: returns when it has seen the vector often enough. */
static u64 apic_receive(u64 vector_and_count)
{
	return irq_wait((u8)vector_and_count, (u32)(vector_and_count >> 8), SOON_MS);
}

/* Lets in what an earlier message to all CPUs has left waiting. */
static u64 apic_drain(u64 ms)
{
	irq_open((unsigned int)ms);
	return 0;
}

static void apic_self(void)
{
	irq_reset();
	apic_send(apic_get_id(), APIC_ICR_ASSERT | VEC_LOW);
	CHECK(apic_vector_is_set(APIC_IRR, VEC_LOW), "%s: self-IPI is in IRR", MODE);
	CHECK(!apic_vector_is_set(APIC_ISR, VEC_LOW), "%s: and not in ISR", MODE);
	CHECK(irq_wait(VEC_LOW, 1, SOON_MS), "%s: self-IPI arrives", MODE);
	CHECK(!apic_vector_is_set(APIC_IRR, VEC_LOW), "%s: IRR is clear again", MODE);
	apic_send(0, APIC_ICR_SELF | APIC_ICR_ASSERT | VEC_LOW);
	CHECK(irq_wait(VEC_LOW, 2, SOON_MS), "%s: shorthand self", MODE);
	apic_send(0, APIC_ICR_ALL | APIC_ICR_ASSERT | VEC_LOW);
	CHECK(irq_wait(VEC_LOW, 3, SOON_MS), "%s: shorthand all, to itself", MODE);
	if (apic_is_x2()) {
		apic_write(APIC_SELF_IPI, VEC_LOW);
		CHECK(irq_wait(VEC_LOW, 4, SOON_MS), "%s: self-IPI register", MODE);
	}
	apic_send(apic_get_id(), APIC_ICR_ASSERT | VEC_LOW);
	apic_send(apic_get_id(), APIC_ICR_ASSERT | VEC_LOW);
	irq_reset();
	irq_open(5);
	CHECK_EQ(irq_stats[VEC_LOW].count, 1, "%s: two requests of a vector are one", MODE);
}

static void apic_priorities(void)
{
	irq_reset();
	apic_send(apic_get_id(), APIC_ICR_ASSERT | VEC_LOW);
	apic_send(apic_get_id(), APIC_ICR_ASSERT | VEC_HIGH);
	apic_send(apic_get_id(), APIC_ICR_ASSERT | VEC_MID);
	irq_wait(VEC_LOW, 1, SOON_MS);
	CHECK_EQ(irq_stats[VEC_HIGH].order, 1, "%s: the highest vector comes first", MODE);
	CHECK_EQ(irq_stats[VEC_MID].order, 2, "%s: then the middle one", MODE);
	CHECK_EQ(irq_stats[VEC_LOW].order, 3, "%s: then the lowest", MODE);
	irq_reset();
	/* Not the class of VEC_MID itself: QEMU 7.2 compares as if TPR let its own
	 * class through. */
	apic_write(APIC_TPR, 0x60);
	CHECK_EQ(apic_read(APIC_PPR), 0x60, "%s: PPR follows TPR", MODE);
	CHECK_EQ(read_cr8(), 6, "%s: CR8 follows TPR", MODE);
	apic_send(apic_get_id(), APIC_ICR_ASSERT | VEC_MID);
	apic_send(apic_get_id(), APIC_ICR_ASSERT | VEC_TIMER);
	irq_open(5);
	CHECK_EQ(irq_stats[VEC_TIMER].count, 1, "%s: TPR lets a higher class through", MODE);
	CHECK_EQ(irq_stats[VEC_MID].count, 0, "%s: TPR holds a lower class back", MODE);
	apic_write(APIC_TPR, 0x40);
	CHECK(irq_wait(VEC_MID, 1, SOON_MS), "%s: lowering TPR lets it through", MODE);
	/* With nothing pending: QEMU 7.2 aborts where a write of CR8 would let
	 * something through. */
	write_cr8(3);
	CHECK_EQ(apic_read(APIC_TPR), 0x30, "%s: TPR follows CR8", MODE);
	apic_write(APIC_TPR, 0);
}

/* A vector in service holds back its class and below until its EOI. */
static void apic_in_service(void)
{
	irq_count(VEC_MID, false);
	irq_reset();
	apic_send(apic_get_id(), APIC_ICR_ASSERT | VEC_MID);
	irq_wait(VEC_MID, 1, SOON_MS);
	CHECK(apic_vector_is_set(APIC_ISR, VEC_MID), "%s: ISR is set until EOI", MODE);
	CHECK_EQ(apic_read(APIC_PPR) & 0xf0, VEC_MID & 0xf0, "%s: PPR is the class in service",
		MODE);
	apic_send(apic_get_id(), APIC_ICR_ASSERT | VEC_LOW);
	apic_send(apic_get_id(), APIC_ICR_ASSERT | VEC_HIGH);
	irq_open(5);
	CHECK_EQ(irq_stats[VEC_LOW].count, 0, "%s: a lower vector waits for EOI", MODE);
	CHECK_EQ(irq_stats[VEC_HIGH].count, 1, "%s: a higher vector does not", MODE);
	apic_eoi();
	CHECK(irq_wait(VEC_LOW, 1, SOON_MS), "%s: EOI lets the lower vector through", MODE);
	CHECK(!apic_vector_is_set(APIC_ISR, VEC_MID), "%s: EOI clears ISR", MODE);
	irq_count(VEC_MID, true);
}

static void apic_others(void)
{
	u64 got = 0;
	u32 id = apic_id_of(1);
	bool x2 = apic_is_x2();
	/* A cluster of 16 in x2APIC mode, eight in all in the flat model of xAPIC mode. */
	u32 logical = x2 ? (id & ~0xfU) << 12 | BIT32(id & 0xf) : 2;

	CHECK_EQ(smp_call(1, apic_set_mode, x2), id, "%s: ID of the other CPU", MODE);
	irq_reset();
	smp_call(1, apic_drain, 5);
	CHECK_EQ(irq_stats[VEC_LOW].cpu_count[1], 1, "%s: shorthand all, to another CPU", MODE);
	irq_reset();
	smp_run(1, apic_receive, 1 << 8 | VEC_LOW);
	apic_send(id, APIC_ICR_ASSERT | VEC_LOW);
	CHECK(smp_wait(1, SOON_MS, &got) && got, "%s: IPI to the other CPU", MODE);
	smp_run(1, apic_receive, 2 << 8 | VEC_LOW);
	apic_send(0, APIC_ICR_OTHERS | APIC_ICR_ASSERT | VEC_LOW);
	CHECK(smp_wait(1, SOON_MS, &got) && got, "%s: shorthand others", MODE);
	CHECK_EQ(irq_stats[VEC_LOW].cpu_count[0], 0, "%s: others is not this one", MODE);
	smp_run(1, apic_receive, 3 << 8 | VEC_LOW);
	apic_send(logical, APIC_ICR_LOGICAL | APIC_ICR_ASSERT | VEC_LOW);
	CHECK(smp_wait(1, SOON_MS, &got) && got, "%s: logical destination", MODE);
	smp_run(1, apic_receive, 4 << 8 | VEC_LOW);
	apic_send(logical, APIC_ICR_LOWEST | APIC_ICR_LOGICAL | APIC_ICR_ASSERT | VEC_LOW);
	CHECK(smp_wait(1, SOON_MS, &got) && got, "%s: lowest priority, of one", MODE);
	apic_send(0xee, APIC_ICR_ASSERT | VEC_LOW);
	apic_send(id, APIC_ICR_ASSERT | VEC_MID);
	CHECK(smp_call(1, apic_receive, 1 << 8 | VEC_MID), "%s: IPI to a CPU that is busy", MODE);
	CHECK_EQ(irq_stats[VEC_LOW].count, 4, "%s: none went astray", MODE);
}

static u64 apic_set_logical(u64 bit)
{
	apic_write(APIC_DFR, ~0U);
	apic_write(APIC_LDR, (u32)bit << 24);
	return 0;
}

static void apic_timer(void)
{
	u32 first, second;

	irq_reset();
	apic_write(APIC_TDCR, APIC_TDCR_BY_1);
	apic_write(APIC_LVT_TIMER, APIC_LVT_MASKED | VEC_TIMER);
	apic_write(APIC_TMICT, 0x80000000);
	first = apic_read(APIC_TMCCT);
	xen_delay_us(10000);
	second = apic_read(APIC_TMCCT);
	CHECK(second < first, "%s: the timer counts down", MODE);
	apic_write(APIC_TMICT, 0);
	CHECK_EQ(apic_read(APIC_TMCCT), 0, "%s: it stops with an initial count of 0", MODE);
	/* As much as it counted in 10 ms: one-shot, masked, then not. */
	apic_write(APIC_TMICT, first - second);
	irq_open(30);
	CHECK_EQ(irq_stats[VEC_TIMER].count, 0, "%s: a masked timer is silent", MODE);
	apic_write(APIC_LVT_TIMER, VEC_TIMER);
	u64 start = xen_time();

	apic_write(APIC_TMICT, first - second);
	CHECK(irq_wait(VEC_TIMER, 1, SOON_MS), "%s: one-shot fires", MODE);
	CHECK(irq_stats[VEC_TIMER].time - start >= 8 * MS, "%s: and not early", MODE);
	irq_open(40);
	CHECK_EQ(irq_stats[VEC_TIMER].count, 1, "%s: and once", MODE);
	CHECK_EQ(apic_read(APIC_TMCCT), 0, "%s: and counts no further", MODE);
	apic_write(APIC_LVT_TIMER, APIC_LVT_PERIODIC | VEC_TIMER);
	apic_write(APIC_TMICT, first - second);
	CHECK(irq_wait(VEC_TIMER, 5, SOON_MS), "%s: periodic fires again and again", MODE);
	apic_write(APIC_TMICT, 0);
	apic_write(APIC_LVT_TIMER, APIC_LVT_MASKED | VEC_TIMER);
	irq_open(1);
	irq_reset();
	irq_open(30);
	CHECK_EQ(irq_stats[VEC_TIMER].count, 0, "%s: until it is stopped", MODE);
}

static void apic_errors(void)
{
	apic_write(APIC_ESR, 0);
	apic_write(APIC_ESR, 0);
	CHECK_EQ(apic_read(APIC_ESR), 0, "%s: no error", MODE);
	apic_send(apic_get_id(), APIC_ICR_ASSERT | 5);
	apic_write(APIC_ESR, 0);
	CHECK(apic_read(APIC_ESR) != 0, "%s: sending vector 5 is an error", MODE);
	apic_write(APIC_ESR, 0);
	apic_write(APIC_ESR, 0);
	CHECK_EQ(apic_read(APIC_ESR), 0, "%s: the error is gone", MODE);
}

void test_apic(bool x2)
{
	apic_enable(x2);
	irq_count(VEC_LOW, true);
	irq_count(VEC_MID, true);
	irq_count(VEC_HIGH, true);
	irq_count(VEC_TIMER, true);
	CHECK_EQ(apic_is_x2(), x2, "%s mode", x2 ? "x2APIC" : "xAPIC");
	if (!x2) {
		apic_set_logical(1);
		smp_call(1, apic_set_mode, false);
		smp_call(1, apic_set_logical, 2);
	}
	apic_self();
	apic_priorities();
	apic_in_service();
	apic_others();
	apic_timer();
	apic_errors();
}
