/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guest's local APICs: any sequence of register accesses, messages and time. What is pending is
 * always above the processor priority and a vector that may be requested; the timer is never faster
 * than it may be; ends of interrupts lead back to an idle APIC.
 */
#include <stdlib.h>
#include <string.h>

#include "arch/x86/apic.h"
#include "arch/x86/msr.h"
#include "arch/x86/vdev/ioapic.h"
#include "unit/vdev_machine.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define VCPUS 3

const struct unit *const units[] = { &sched_unit, &bus_unit, &machine_unit, &lapic_unit };
const unsigned int unit_count = ARRAY_SIZE(units);

static struct domain *d;

struct op {
	u8 kind, vcpu;
	u16 reg;
	u32 value, high;
} __packed;

void vioapic_eoi(struct domain *dom, u8 vector)
{
}

static void expect(bool ok)
{
	if (!ok) {
		abort();
	}
}

static u32 mmio(struct vcpu *v, u16 offset, u8 size, u64 value, bool write)
{
	struct vdev_access a = {
		.addr = 0xfee00000 + offset % 4096U, .size = size, .value = value, .write = write
	};

	/* Behind the page there is nothing, and the access is cut there. */
	expect(bus_access(v, BUS_MMIO, &a) == 0);
	return (u32)a.value;
}

static void msr(struct vcpu *v, const struct op *o)
{
	static const u32 others[] = { MSR_APIC_BASE, MSR_TSC_DEADLINE };
	struct vm_exit e = { 0 };
	u32 number = o->reg & 0x8000 ? others[o->reg % 2] : MSR_X2APIC_BASE + o->reg % 0x100;
	u64 value = (u64)o->high << 32 | o->value;
	enum exit_result r = o->kind & 0x80 ? lapic_wrmsr(v, &e, number, value)
					    : lapic_rdmsr(v, &e, number, &value);

	expect(r == EXIT_SKIP || (r == EXIT_INJECT && e.inject.vector == 13));
}

/* The mode that registers show themselves in; MMIO reads ones in the others. */
static void mode(struct vcpu *v, unsigned int which)
{
	struct vm_exit e = { 0 };
	u64 base = 0;

	lapic_rdmsr(v, &e, MSR_APIC_BASE, &base);
	base &= ~(u64)(APIC_BASE_ENABLE | APIC_BASE_X2APIC);
	base |= which & 1 ? APIC_BASE_ENABLE : 0;
	base |= which & 2 ? APIC_BASE_X2APIC : 0;
	lapic_wrmsr(v, &e, MSR_APIC_BASE, base);
}

static void check(struct vcpu *v)
{
	u8 vector = lapic_pending(v);

	expect(vector == 0 || vector >= 16);
	expect(vector == 0 || lapic_has_event(v));
	expect(vector == 0 || (vector & 0xf0) > (lapic_tpr(v) & 0xf0));
	expect(vector == 0 || lapic_held_back(v) == 0);
}

static void run(const struct op *o)
{
	struct vcpu *v = d->vcpus[o->vcpu % VCPUS];
	u8 vector = 0, size = (u8)(1U << o->high % 4);

	switch (o->kind % 10) {
	case 0:
	case 1:
		mmio(v, o->reg & ~15U, 4, o->value, true);
		break;
	case 2:
		mmio(v, o->reg, size, o->value, o->kind & 0x80);
		break;
	case 3:
	case 4:
		msr(v, o);
		break;
	case 5:
		lapic_deliver(
			d, o->high, o->kind & 0x80, o->reg & 0x700, (u8)o->value, o->kind & 0x40);
		break;
	case 6:
		if (lapic_pending(v)) {
			lapic_accept(v, lapic_pending(v));
		}
		break;
	case 7:
		lapic_set_tpr(v, (u8)o->value);
		break;
	case 8:
		if (lapic_take_reset(v, &vector) == LAPIC_RESET_INIT) {
			expect(v->hold & BIT32(VCPU_HOLD_DOWN));
			lapic_reset(v);
		}
		mode(v, o->reg);
		break;
	default:
		machine_advance(o->value);
		break;
	}
	check(v);
}

/* Whatever it was left in, 256 interrupts later nothing is pending or in service any more. */
static void drain(struct vcpu *v)
{
	mode(v, 0);
	mode(v, 1);
	mmio(v, APIC_SVR, 4, 0x1ff, true);
	for (unsigned int i = 16; i < 256; i++) {
		lapic_request(v, (u8)i, i % 3 == 0);
	}
	mmio(v, APIC_TPR, 4, 0, true);
	for (unsigned int i = 255; i >= 16; i--) {
		expect(lapic_pending(v) == i);
		lapic_accept(v, (u8)i);
		expect((mmio(v, APIC_PPR, 4, 0, false) & 0xf0) == (i & 0xf0));
		mmio(v, APIC_EOI, 4, 0, true);
	}
	expect(lapic_pending(v) == 0 && mmio(v, APIC_PPR, 4, 0, false) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool booted;

	if (!booted) {
		host_boot(1, MiB(64));
		booted = true;
	}
	d = host_domain_create(1, VCPUS);
	for (size_t at = 0; at + sizeof(struct op) <= size && at < 300 * sizeof(struct op);
		at += sizeof(struct op)) {
		struct op o;

		memcpy(&o, data + at, sizeof(o));
		run(&o);
	}
	for (unsigned int i = 0; i < VCPUS; i++) {
		drain(d->vcpus[i]);
	}
	domain_kill(d);
	return 0;
}
