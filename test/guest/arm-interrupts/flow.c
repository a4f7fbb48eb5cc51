/* SPDX-License-Identifier: GPL-2.0-only */
/* Priorities, masks, the two steps of an end, and interrupts that wait. */
#include "guest/arm-interrupts/irq.h"
#include "guest/lib-arm64/cpu.h"
#include "guest/lib-arm64/gic.h"
#include "guest/lib-arm64/trap.h"
#include "guest/lib/check.h"

#define LOW 8
#define HIGH 9

static u32 order[8], order_count;
static u8 running;

static void note_order(u32 irq)
{
	running = gic_get_running();
	irq_count(irq);
	if (order_count < 8) {
		order[order_count++] = irq & 0x3ff;
	}
}

/* The handler of LOW sends HIGH and lets it in. */
static void nest(u32 irq)
{
	note_order(irq);
	if ((irq & 0x3ff) == LOW) {
		u64 elr = read_sysreg(elr_el1), spsr = read_sysreg(spsr_el1);

		gic_send(HIGH, 0);
		irq_enable();
		delay_us(2000);
		irq_disable();
		write_sysreg(elr_el1, elr);
		write_sysreg(spsr_el1, spsr);
		note_order(15);
	}
}

static void start(trap_irq_fn *fn)
{
	irq_reset();
	order_count = 0;
	trap_set_irq(fn);
	gic_enable(LOW);
	gic_enable(HIGH);
	gic_enable(15);
	gic_set_priority(LOW, 0xa0);
	gic_set_priority(HIGH, 0x60);
}

static void test_priorities(void)
{
	start(note_order);
	CHECK_EQ(gic_get_running(), 0xff, "idle: running priority");
	gic_send(LOW, 0);
	gic_send(HIGH, 0);
	delay_us(1000);
	CHECK_EQ(gic_get_highest() & 0x3ff, HIGH, "the highest pending one");
	irq_wait(LOW, 1, 1000);
	CHECK_EQ(order[0], HIGH, "the higher priority comes first");
	CHECK_EQ(order[1], LOW, "the lower priority comes next");
	CHECK_EQ(running, 0xa0, "the running priority is the interrupt's");

	start(nest);
	gic_send(LOW, 0);
	irq_wait(LOW, 1, 1000);
	CHECK_EQ(order_count, 3, "nested: both came");
	CHECK_EQ(order[1], HIGH, "nested: the higher one in the handler of the lower one");
	CHECK_EQ(order[2], 15, "nested: and back");

	start(nest);
	gic_set_priority(HIGH, 0xa0);
	gic_send(LOW, 0);
	irq_wait(HIGH, 1, 1000);
	CHECK_EQ(order[1], 15, "not nested: of equal priority it waits");
	CHECK_EQ(order[2], HIGH, "not nested: and comes after");
}

static void test_masks(void)
{
	start(note_order);
	gic_set_mask(0x80);
	gic_send(LOW, 0);
	CHECK(!irq_wait(LOW, 1, 20), "masked by PMR");
	gic_send(HIGH, 0);
	CHECK(irq_wait(HIGH, 1, 1000), "a higher priority passes PMR");
	gic_set_mask(0xff);
	CHECK(irq_wait(LOW, 1, 1000), "PMR open: it comes");
}

static void test_waiting(void)
{
	start(note_order);
	gic_disable(LOW);
	gic_send(LOW, 0);
	CHECK(!irq_wait(LOW, 1, 20), "disabled: it waits");
	gic_enable(LOW);
	CHECK(irq_wait(LOW, 1, 1000), "enabled: it comes");
}

static void split(u32 irq)
{
	irq_count(irq);
}

static void test_split(void)
{
	start(split);
	gic_set_split(true);
	gic_send(LOW, 0);
	CHECK(irq_wait(LOW, 1, 1000), "split end: it comes");
	CHECK_EQ(gic_get_running(), 0xff, "split end: the priority is dropped");
	gic_send(LOW, 0);
	CHECK(!irq_wait(LOW, 2, 20), "split end: it is still active");
	gic_send(HIGH, 0);
	CHECK(irq_wait(HIGH, 1, 1000), "split end: another comes");
	gic_deactivate(HIGH);
	gic_deactivate(LOW);
	CHECK(irq_wait(LOW, 2, 1000), "split end: deactivated, it comes again");
	gic_deactivate(LOW);
	gic_set_split(false);
}

void test_flow(void)
{
	test_priorities();
	test_masks();
	test_waiting();
	test_split();
}
