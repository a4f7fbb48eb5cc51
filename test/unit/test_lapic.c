/* SPDX-License-Identifier: GPL-2.0-only */
/* The guest's local APIC: priorities, modes and their faults, IPIs, start-up, timer. */
#include "arch/x86/apic.h"
#include "arch/x86/asm.h"
#include "arch/x86/msr.h"
#include "arch/x86/vdev/ioapic.h"
#include "unit/harness.h"
#include "unit/vdev_machine.h"

const struct unit *const units[] = { &sched_unit, &bus_unit, &machine_unit, &lapic_unit };
const unsigned int unit_count = ARRAY_SIZE(units);

static struct domain *d;
static unsigned int eois;
static u8 eoi_vector;

void vioapic_eoi(struct domain *dom, u8 vector)
{
	eois++;
	eoi_vector = vector;
}

__attribute__((constructor)) static void boot(void)
{
	host_boot(2, MiB(64));
}

static struct vcpu *cpu(unsigned int id)
{
	return d->vcpus[id];
}

static u32 rd(unsigned int id, u32 reg)
{
	struct vdev_access a = { .addr = 0xfee00000 + reg, .size = 4 };

	CHECK_EQ(bus_access(cpu(id), BUS_MMIO, &a), 0);
	return (u32)a.value;
}

static void wr(unsigned int id, u32 reg, u32 value)
{
	struct vdev_access a = {
		.addr = 0xfee00000 + reg, .size = 4, .value = value, .write = true
	};

	CHECK_EQ(bus_access(cpu(id), BUS_MMIO, &a), 0);
}

/* True: no fault. */
static bool wrmsr_ok(unsigned int id, u32 msr, u64 value)
{
	struct vm_exit e = { 0 };
	enum exit_result r = lapic_wrmsr(cpu(id), &e, msr, value);

	CHECK(r == EXIT_SKIP || (r == EXIT_INJECT && e.inject.vector == 13 && e.inject.has_error));
	return r == EXIT_SKIP;
}

static bool rdmsr_ok(unsigned int id, u32 msr, u64 *value)
{
	struct vm_exit e = { 0 };

	return lapic_rdmsr(cpu(id), &e, msr, value) == EXIT_SKIP;
}

#define X2(reg) (MSR_X2APIC_BASE + ((reg) >> 4))

static u64 rdx(unsigned int id, u32 reg)
{
	u64 value = 0;

	CHECK(rdmsr_ok(id, X2(reg), &value));
	return value;
}

static void x2apic(unsigned int id)
{
	u64 base = 0;

	CHECK(rdmsr_ok(id, MSR_APIC_BASE, &base));
	CHECK(wrmsr_ok(id, MSR_APIC_BASE, base | APIC_BASE_X2APIC));
}

/* A domain whose APICs are software-enabled. */
static void setup(unsigned int vcpus)
{
	d = host_domain_create(1, vcpus);
	eois = 0;
	for (unsigned int i = 0; i < vcpus; i++) {
		wr(i, APIC_SVR, 0x1ff);
		cpu(i)->pending = 0;
	}
}

static void finish(void)
{
	domain_kill(d);
}

UNIT_TEST(priorities, "the highest vector above TPR and what is in service comes first")
{
	setup(1);
	CHECK_EQ(lapic_pending(cpu(0)), 0);
	lapic_request(cpu(0), 0x31, false);
	lapic_request(cpu(0), 0x52, false);
	lapic_request(cpu(0), 0x55, false);
	CHECK(machine_is_pending(cpu(0), VCPU_PENDING_EVENT));
	CHECK_EQ(lapic_pending(cpu(0)), 0x55);
	CHECK_EQ(rd(0, APIC_IRR + 0x20), 0x00240000);
	lapic_accept(cpu(0), 0x55);
	CHECK_EQ(rd(0, APIC_ISR + 0x20), 0x00200000);
	CHECK_EQ(rd(0, APIC_PPR), 0x50);
	CHECK_EQ(lapic_pending(cpu(0)), 0); /* 0x52 is of the same class */
	CHECK(!lapic_has_event(cpu(0)));
	lapic_request(cpu(0), 0x60, false);
	CHECK_EQ(lapic_pending(cpu(0)), 0x60);
	lapic_accept(cpu(0), 0x60);
	cpu(0)->pending = 0;
	wr(0, APIC_EOI, 0);
	CHECK_EQ(rd(0, APIC_PPR), 0x50);
	wr(0, APIC_EOI, 0);
	CHECK(machine_is_pending(cpu(0), VCPU_PENDING_EVENT)); /* looks again */
	CHECK_EQ(lapic_pending(cpu(0)), 0x52);
	wr(0, APIC_TPR, 0x5f);
	CHECK_EQ(lapic_pending(cpu(0)), 0);
	CHECK_EQ(lapic_held_back(cpu(0)), 0x52);
	CHECK_EQ(rd(0, APIC_PPR), 0x5f);
	cpu(0)->pending = 0;
	lapic_set_tpr(cpu(0), 0x50); /* the same class: nothing happened */
	CHECK_EQ(lapic_tpr(cpu(0)), 0x5f);
	lapic_set_tpr(cpu(0), 0x40);
	CHECK(machine_is_pending(cpu(0), VCPU_PENDING_EVENT));
	CHECK_EQ(lapic_pending(cpu(0)), 0x52);
	lapic_accept(cpu(0), 0x52);
	wr(0, APIC_EOI, 0);
	wr(0, APIC_TPR, 0);
	CHECK_EQ(lapic_pending(cpu(0)), 0x31);
	lapic_accept(cpu(0), 0x31);
	wr(0, APIC_EOI, 0);
	wr(0, APIC_EOI, 0);
	CHECK_EQ(lapic_pending(cpu(0)), 0);
	CHECK_EQ(eois, 0);
	finish();
}

UNIT_TEST(levels, "the end of a level-triggered vector is told to the I/O APICs")
{
	setup(1);
	lapic_request(cpu(0), 0x41, true);
	CHECK_EQ(rd(0, APIC_TMR + 0x20), 2);
	lapic_accept(cpu(0), 0x41);
	wr(0, APIC_EOI, 0);
	CHECK(eois == 1 && eoi_vector == 0x41);
	lapic_request(cpu(0), 0x41, false);
	lapic_accept(cpu(0), 0x41);
	wr(0, APIC_EOI, 0);
	CHECK_EQ(eois, 1);
	finish();
}

UNIT_TEST(illegal_vectors, "vectors below 16 are errors of the sender and of the receiver")
{
	setup(2);
	wr(0, APIC_LVT_ERROR, 0xfe);
	wr(0, APIC_ICR, APIC_DM_FIXED | 1 << 18 | 0x0f);
	wr(0, APIC_ESR, 0);
	CHECK_EQ(rd(0, APIC_ESR), 1 << 5);
	CHECK_EQ(lapic_pending(cpu(0)), 0xfe);
	wr(0, APIC_ESR, 0);
	CHECK_EQ(rd(0, APIC_ESR), 0);
	lapic_deliver(d, 2, false, APIC_DM_FIXED, 3, false);
	wr(1, APIC_ESR, 0);
	CHECK_EQ(rd(1, APIC_ESR), 1 << 6);
	/* An error vector that is an error itself must not go round and round. */
	wr(1, APIC_LVT_ERROR, 0x05);
	lapic_deliver(d, 2, false, APIC_DM_FIXED, 3, false);
	CHECK_EQ(lapic_pending(cpu(1)), 0);
	finish();
}

UNIT_TEST(software_off, "an APIC that is software-disabled takes no vectors and masks its table")
{
	setup(1);
	wr(0, APIC_LVT_LINT0, 0x50);
	CHECK_EQ(rd(0, APIC_LVT_LINT0), 0x50);
	lapic_request(cpu(0), 0x40, false);
	wr(0, APIC_SVR, 0xff);
	CHECK_EQ(rd(0, APIC_LVT_LINT0), 0x10050);
	wr(0, APIC_LVT_LINT0, 0x50);
	CHECK_EQ(rd(0, APIC_LVT_LINT0), 0x10050);
	lapic_request(cpu(0), 0x80, false);
	CHECK_EQ(lapic_pending(cpu(0)), 0x40); /* what was there is still to be handled */
	lapic_deliver(d, 0, false, APIC_DM_NMI, 0, false);
	CHECK(cpu(0)->arch->nmi_pending);
	finish();
}

UNIT_TEST(mmio_forms, "reads of parts work; odd writes and reserved registers do nothing")
{
	struct vdev_access a = { .addr = 0xfee00031, .size = 1 };

	setup(1);
	CHECK_EQ(rd(0, APIC_VERSION), 0x00050014);
	CHECK_EQ(bus_access(cpu(0), BUS_MMIO, &a), 0);
	CHECK_EQ(a.value, 0);
	a = (struct vdev_access){ .addr = 0xfee00032, .size = 2 };
	CHECK_EQ(bus_access(cpu(0), BUS_MMIO, &a), 0);
	CHECK_EQ(a.value, 5);
	a = (struct vdev_access){ .addr = 0xfee00080, .size = 1, .value = 0x77, .write = true };
	CHECK_EQ(bus_access(cpu(0), BUS_MMIO, &a), 0);
	CHECK_EQ(rd(0, APIC_TPR), 0);
	wr(0, APIC_VERSION, 0);
	wr(0, 0x000, 1);
	wr(0, APIC_ID, 0x55000000);
	CHECK_EQ(rd(0, APIC_ID), 0);
	CHECK_EQ(rd(0, 0x3f0), 0);
	CHECK_EQ(rd(0, 0xff0), 0);
	finish();
}

UNIT_TEST(modes, "IA32_APIC_BASE allows just the transitions of the manual")
{
	const u64 at = 0xfee00000, bsp = APIC_BASE_BSP, on = APIC_BASE_ENABLE,
		  x2 = APIC_BASE_X2APIC;
	u64 value = 0;

	setup(2);
	CHECK(rdmsr_ok(0, MSR_APIC_BASE, &value));
	CHECK_EQ(value, at | bsp | on);
	CHECK(rdmsr_ok(1, MSR_APIC_BASE, &value));
	CHECK_EQ(value, at | on);
	CHECK(!wrmsr_ok(0, MSR_APIC_BASE, at | bsp | x2)); /* x2APIC without enable */
	CHECK(!wrmsr_ok(0, MSR_APIC_BASE, at | bsp | on | 1));
	CHECK(!wrmsr_ok(0, MSR_APIC_BASE, at | bsp | on | BIT64(9)));
	CHECK(!wrmsr_ok(0, MSR_APIC_BASE, at | bsp | on | BIT64(60)));
	CHECK(!wrmsr_ok(0, MSR_APIC_BASE, 0xfed00000 | bsp | on));
	CHECK(!rdmsr_ok(0, X2(APIC_ID), &value));
	CHECK(!wrmsr_ok(0, X2(APIC_TPR), 0));
	CHECK(wrmsr_ok(0, MSR_APIC_BASE, at | bsp | on | x2));
	CHECK_EQ(rd(0, APIC_VERSION), 0xffffffff);
	CHECK(!wrmsr_ok(0, MSR_APIC_BASE, at | bsp | on)); /* back to xAPIC */
	CHECK(wrmsr_ok(0, MSR_APIC_BASE, at | bsp));
	CHECK(!rdmsr_ok(0, X2(APIC_ID), &value));
	lapic_request(cpu(0), 0x40, false);
	CHECK_EQ(lapic_pending(cpu(0)), 0);
	CHECK(!wrmsr_ok(0, MSR_APIC_BASE, at | bsp | on | x2)); /* from off */
	CHECK(wrmsr_ok(0, MSR_APIC_BASE, at | bsp | on));
	CHECK_EQ(rd(0, APIC_SVR), 0xff);
	finish();
}

UNIT_TEST(x2apic_faults, "x2APIC registers fault on what is reserved, read-only or write-only")
{
	static const struct {
		u32 reg;
		u64 good, bad;
	} rw[] = {
		{ APIC_TPR, 0xff, 0x100 },
		{ APIC_EOI, 0, 1 },
		{ APIC_SVR, 0x1ff, 0x10000 },
		{ APIC_ESR, 0, 1 },
		{ APIC_ICR, 0x000c4041, 0x1000 },
		{ APIC_LVT_TIMER, 0x300ff, 0x100 },
		{ APIC_LVT_LINT0, 0x1a7ff, 0x20000 },
		{ APIC_LVT_ERROR, 0x100ff, 0x700 },
		{ APIC_TIMER_INIT, 0xffffffff, BIT64(32) },
		{ APIC_TIMER_DIV, 0xb, 4 },
		{ APIC_SELF_IPI, 0xff, 0x100 },
	};
	static const u32 ro[] = { APIC_ID, APIC_VERSION, APIC_PPR, APIC_LDR, APIC_ISR, APIC_TMR,
		APIC_IRR + 0x70, APIC_TIMER_COUNT };
	static const u32 absent[] = { 0x000, 0x010, 0x040, 0x090, 0x0c0, APIC_DFR, APIC_ICR_HIGH,
		APIC_LVT_CMCI, 0x3a0, 0x3d0, 0x400, 0xff0 };
	u64 value;

	setup(1);
	x2apic(0);
	for (unsigned int i = 0; i < ARRAY_SIZE(rw); i++) {
		CHECK(wrmsr_ok(0, X2(rw[i].reg), rw[i].good));
		CHECK(!wrmsr_ok(0, X2(rw[i].reg), rw[i].bad));
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(ro); i++) {
		CHECK(rdmsr_ok(0, X2(ro[i]), &value));
		CHECK(!wrmsr_ok(0, X2(ro[i]), 0));
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(absent); i++) {
		CHECK(!rdmsr_ok(0, X2(absent[i]), &value));
		CHECK(!wrmsr_ok(0, X2(absent[i]), 0));
	}
	CHECK(!rdmsr_ok(0, X2(APIC_EOI), &value));
	CHECK(!rdmsr_ok(0, X2(APIC_SELF_IPI), &value));
	finish();
}

UNIT_TEST(destinations, "flat, cluster and x2APIC destinations name who they should")
{
	setup(40);
	wr(1, APIC_LDR, 0x02000000);
	wr(2, APIC_LDR, 0x04000000);
	lapic_deliver(d, 0x06, true, APIC_DM_FIXED, 0x41, false);
	CHECK(!lapic_pending(cpu(0)) && lapic_pending(cpu(1)) && lapic_pending(cpu(2)));
	wr(3, APIC_DFR, 0x0fffffff);
	wr(3, APIC_LDR, 0x21000000);
	lapic_deliver(d, 0x21, true, APIC_DM_FIXED, 0x42, false);
	CHECK_EQ(lapic_pending(cpu(3)), 0x42);
	lapic_deliver(d, 0x11, true, APIC_DM_FIXED, 0x52, false);
	CHECK_EQ(lapic_pending(cpu(3)), 0x42);
	lapic_deliver(d, 0x4e, false, APIC_DM_FIXED, 0x43, false);
	CHECK_EQ(lapic_pending(cpu(39)), 0x43);
	lapic_deliver(d, 0x4f, false, APIC_DM_FIXED, 0x53, false); /* nobody */
	lapic_deliver(d, 0xfe, false, APIC_DM_FIXED, 0x53, false);
	lapic_deliver(d, 0x12345678, false, APIC_DM_FIXED, 0x53, false);
	x2apic(9); /* id 18: cluster 1, bit 2 */
	CHECK_EQ(rdx(9, APIC_ID), 18);
	CHECK_EQ(rdx(9, APIC_LDR), 0x10004);
	lapic_deliver(d, 0x1ffff, true, APIC_DM_FIXED, 0x44, false);
	CHECK_EQ(lapic_pending(cpu(9)), 0x44);
	CHECK_EQ(lapic_pending(cpu(10)), 0); /* still xAPIC */
	CHECK(lapic_target(d, 18, false) == cpu(9));
	CHECK(lapic_target(d, 0x10004, true) == cpu(9));
	CHECK(!lapic_target(d, 19, false));
	lapic_deliver(d, 0xff, false, APIC_DM_FIXED, 0x66, false);
	for (unsigned int i = 0; i < 40; i++) {
		CHECK_EQ(lapic_pending(cpu(i)), 0x66);
	}
	finish();
}

UNIT_TEST(lowest, "lowest priority goes to one CPU, to the least busy, in turns among equals")
{
	unsigned int got[4] = { 0 };

	setup(4);
	for (unsigned int i = 0; i < 4; i++) {
		wr(i, APIC_LDR, BIT32(24 + i));
	}
	wr(3, APIC_TPR, 0xf0);
	for (unsigned int n = 0; n < 30; n++) {
		lapic_deliver(d, 0x0f, true, APIC_DM_LOWEST, 0x41, false);
		for (unsigned int i = 0; i < 4; i++) {
			if (lapic_pending(cpu(i))) {
				lapic_accept(cpu(i), 0x41);
				wr(i, APIC_EOI, 0);
				got[i]++;
			}
		}
	}
	CHECK(got[0] == 10 && got[1] == 10 && got[2] == 10 && got[3] == 0);
	finish();
}

UNIT_TEST(shorthands, "self, all and others")
{
	setup(3);
	wr(1, APIC_ICR, 1 << 18 | 0x41);
	CHECK(!lapic_pending(cpu(0)) && lapic_pending(cpu(1)) == 0x41 && !lapic_pending(cpu(2)));
	wr(1, APIC_ICR, 3 << 18 | 0x52);
	CHECK(lapic_pending(cpu(0)) == 0x52 && lapic_pending(cpu(1)) == 0x41);
	wr(1, APIC_ICR, 2 << 18 | 0x63);
	CHECK(lapic_pending(cpu(0)) == 0x63 && lapic_pending(cpu(1)) == 0x63);
	wr(1, APIC_ICR_HIGH, 4 << 24);
	wr(1, APIC_ICR, 0x74);
	CHECK(lapic_pending(cpu(2)) == 0x74 && lapic_pending(cpu(1)) == 0x63);
	CHECK_EQ(rd(1, APIC_ICR), 0x74);
	x2apic(0);
	CHECK(wrmsr_ok(0, X2(APIC_SELF_IPI), 0x85));
	CHECK_EQ(lapic_pending(cpu(0)), 0x85);
	CHECK(wrmsr_ok(0, X2(APIC_ICR), 4ULL << 32 | 0x96));
	CHECK_EQ(lapic_pending(cpu(2)), 0x96);
	CHECK(wrmsr_ok(0, X2(APIC_ICR), 0xffffffffULL << 32 | 0xa7));
	CHECK(lapic_pending(cpu(0)) == 0xa7 && lapic_pending(cpu(2)) == 0xa7);
	finish();
}

UNIT_TEST(start_up, "INIT and start-up bring a vCPU up, down and up again, in any interleaving")
{
	u8 vector = 0;

	setup(2);
	vcpu_release(cpu(0), VCPU_HOLD_DOWN);
	CHECK_EQ(lapic_take_reset(cpu(1), &vector), LAPIC_RESET_NONE);
	wr(0, APIC_ICR_HIGH, 2 << 24);
	wr(0, APIC_ICR, APIC_DM_INIT | APIC_ICR_LEVEL | APIC_ICR_ASSERT);
	wr(0, APIC_ICR, APIC_DM_INIT | APIC_ICR_LEVEL);
	CHECK(cpu(1)->hold & BIT32(VCPU_HOLD_DOWN));
	wr(0, APIC_ICR, APIC_DM_STARTUP | 0x9a);
	CHECK(!(cpu(1)->hold & BIT32(VCPU_HOLD_DOWN)));
	CHECK(machine_is_pending(cpu(1), VCPU_PENDING_RESET));
	CHECK(lapic_has_event(cpu(1)));
	CHECK_EQ(lapic_take_reset(cpu(1), &vector), LAPIC_RESET_STARTUP);
	CHECK_EQ(vector, 0x9a);
	wr(0, APIC_ICR, APIC_DM_STARTUP | 0x55); /* the second one is ignored */
	CHECK_EQ(lapic_take_reset(cpu(1), &vector), LAPIC_RESET_NONE);
	CHECK(!machine_is_pending(cpu(1), VCPU_PENDING_RESET));

	/* While it runs: INIT is taken, then start-up comes. */
	wr(0, APIC_ICR, APIC_DM_INIT | APIC_ICR_ASSERT);
	CHECK(machine_is_pending(cpu(1), VCPU_PENDING_RESET));
	CHECK(!(cpu(1)->hold & BIT32(VCPU_HOLD_DOWN)));
	CHECK_EQ(lapic_take_reset(cpu(1), &vector), LAPIC_RESET_INIT);
	CHECK(cpu(1)->hold & BIT32(VCPU_HOLD_DOWN));
	wr(0, APIC_ICR, APIC_DM_STARTUP | 0x11);
	CHECK(!(cpu(1)->hold & BIT32(VCPU_HOLD_DOWN)));
	CHECK_EQ(lapic_take_reset(cpu(1), &vector), LAPIC_RESET_STARTUP);
	CHECK_EQ(vector, 0x11);

	/* Both come before it looks, and INIT again after that. */
	wr(0, APIC_ICR, APIC_DM_INIT | APIC_ICR_ASSERT);
	wr(0, APIC_ICR, APIC_DM_STARTUP | 0x22);
	wr(0, APIC_ICR, APIC_DM_INIT | APIC_ICR_ASSERT);
	CHECK_EQ(lapic_take_reset(cpu(1), &vector), LAPIC_RESET_INIT);
	CHECK(cpu(1)->hold & BIT32(VCPU_HOLD_DOWN));
	CHECK_EQ(lapic_take_reset(cpu(1), &vector), LAPIC_RESET_NONE);
	lapic_started(cpu(1));
	wr(0, APIC_ICR, APIC_DM_STARTUP | 0x33);
	CHECK_EQ(lapic_take_reset(cpu(1), &vector), LAPIC_RESET_NONE);
	finish();
}

UNIT_TEST(reset, "INIT clears the registers, keeps id and mode, and stops the timer")
{
	setup(2);
	x2apic(1);
	lapic_request(cpu(1), 0x40, false);
	CHECK(wrmsr_ok(1, X2(APIC_LVT_TIMER), 0x41));
	CHECK(wrmsr_ok(1, X2(APIC_TIMER_INIT), 1000));
	lapic_reset(cpu(1));
	machine_advance(1000000);
	CHECK_EQ(lapic_pending(cpu(1)), 0);
	CHECK_EQ(rdx(1, APIC_SVR), 0xff);
	CHECK_EQ(rdx(1, APIC_LVT_TIMER), 0x10000);
	CHECK_EQ(rdx(1, APIC_ID), 2);
	CHECK_EQ(rdx(1, APIC_LDR), 4);
	finish();
}

static unsigned int fired(u8 vector)
{
	unsigned int n = lapic_pending(cpu(0)) == vector;

	if (n) {
		lapic_accept(cpu(0), vector);
		wr(0, APIC_EOI, 0);
	}
	return n;
}

UNIT_TEST(one_shot, "the timer counts nanoseconds by the divider, once")
{
	setup(1);
	wr(0, APIC_LVT_TIMER, 0x41);
	wr(0, APIC_TIMER_DIV, 0xb); /* by 1 */
	wr(0, APIC_TIMER_INIT, 1000000);
	machine_advance(400000);
	CHECK_EQ(rd(0, APIC_TIMER_COUNT), 600000);
	CHECK_EQ(fired(0x41), 0);
	machine_advance(599999);
	CHECK_EQ(fired(0x41), 0);
	machine_advance(1);
	CHECK_EQ(fired(0x41), 1);
	CHECK_EQ(rd(0, APIC_TIMER_COUNT), 0);
	machine_advance(10000000);
	CHECK_EQ(fired(0x41), 0);
	wr(0, APIC_TIMER_DIV, 0xa); /* by 128 */
	wr(0, APIC_TIMER_INIT, 1000);
	machine_advance(64000);
	CHECK_EQ(rd(0, APIC_TIMER_COUNT), 500);
	wr(0, APIC_TIMER_DIV, 0x0); /* by 2: 500 counts are left */
	CHECK_EQ(rd(0, APIC_TIMER_COUNT), 500);
	machine_advance(999);
	CHECK_EQ(fired(0x41), 0);
	machine_advance(1);
	CHECK_EQ(fired(0x41), 1);
	wr(0, APIC_TIMER_INIT, 1000);
	wr(0, APIC_TIMER_INIT, 0);
	machine_advance(1000000);
	CHECK_EQ(fired(0x41), 0);
	finish();
}

UNIT_TEST(periodic, "the periodic timer keeps its beat, skips what it missed, and is not too fast")
{
	unsigned int n = 0;

	setup(1);
	wr(0, APIC_LVT_TIMER, 0x41 | APIC_LVT_PERIODIC);
	wr(0, APIC_TIMER_DIV, 0xb);
	wr(0, APIC_TIMER_INIT, 1000000);
	for (unsigned int i = 0; i < 10; i++) {
		machine_advance(1000000);
		n += fired(0x41);
	}
	CHECK_EQ(n, 10);
	machine_advance(5300000);
	CHECK_EQ(fired(0x41), 1);
	machine_advance(699999);
	CHECK_EQ(fired(0x41), 0);
	machine_advance(1);
	CHECK_EQ(fired(0x41), 1);
	wr(0, APIC_TIMER_INIT, 1);
	n = 0;
	for (unsigned int i = 0; i < 100; i++) {
		machine_advance(10000);
		n += fired(0x41);
	}
	CHECK_EQ(n, 10); /* in one millisecond */
	wr(0, APIC_LVT_TIMER, 0x41 | APIC_LVT_PERIODIC | APIC_LVT_MASKED);
	machine_advance(1000000);
	CHECK_EQ(fired(0x41), 0);
	finish();
}

UNIT_TEST(deadline, "TSC-deadline mode fires at a TSC value and ignores the count")
{
	u64 value = 1, now;

	setup(1);
	CHECK(wrmsr_ok(0, MSR_TSC_DEADLINE, rdtsc() + 1000)); /* another mode: ignored */
	wr(0, APIC_LVT_TIMER, 0x41 | APIC_LVT_TSC_DEADLINE);
	CHECK(rdmsr_ok(0, MSR_TSC_DEADLINE, &value));
	CHECK_EQ(value, 0);
	wr(0, APIC_TIMER_INIT, 10);
	machine_advance(1000000);
	CHECK_EQ(fired(0x41), 0);
	now = rdtsc();
	CHECK(wrmsr_ok(0, MSR_TSC_DEADLINE, now + 60000000000ULL));
	CHECK(rdmsr_ok(0, MSR_TSC_DEADLINE, &value));
	CHECK_EQ(value, now + 60000000000ULL);
	machine_advance(30000000000ULL);
	CHECK_EQ(fired(0x41), 0);
	machine_advance(31000000000ULL);
	CHECK_EQ(fired(0x41), 1);
	CHECK(rdmsr_ok(0, MSR_TSC_DEADLINE, &value));
	CHECK_EQ(value, 0);
	CHECK(wrmsr_ok(0, MSR_TSC_DEADLINE, 1)); /* long past */
	machine_advance(0);
	CHECK_EQ(fired(0x41), 1);
	CHECK(wrmsr_ok(0, MSR_TSC_DEADLINE, ~0ULL)); /* never */
	machine_advance(1000000000);
	CHECK_EQ(fired(0x41), 0);
	CHECK(wrmsr_ok(0, MSR_TSC_DEADLINE, rdtsc() + 1000));
	wr(0, APIC_LVT_TIMER, 0x41); /* leaving the mode disarms */
	machine_advance(1000000);
	CHECK_EQ(fired(0x41), 0);
	finish();
}
