/* SPDX-License-Identifier: GPL-2.0-only */
/* Register access in both modes. The mode is read from the CPU each time: they may differ. */
#include "guest/lib/apic.h"

#include "guest/lib/cpu.h"

bool apic_is_x2(void)
{
	return rdmsr(MSR_APIC_BASE) & APIC_BASE_X2;
}

void apic_enable(bool x2)
{
	u64 base = rdmsr(MSR_APIC_BASE);

	if ((base & APIC_BASE_X2) && !x2) {
		msr_write(MSR_APIC_BASE, base & ~(APIC_BASE_X2 | APIC_BASE_ENABLED));
		base = rdmsr(MSR_APIC_BASE);
	}
	msr_write(MSR_APIC_BASE, base | APIC_BASE_ENABLED);
	if (x2) {
		msr_write(MSR_APIC_BASE, base | APIC_BASE_ENABLED | APIC_BASE_X2);
	}
	apic_write(APIC_SVR, APIC_SVR_ENABLE | 0xff);
}

u32 apic_read(u32 reg)
{
	if (apic_is_x2()) {
		return (u32)rdmsr(MSR_X2APIC + reg / 16);
	}
	return *(volatile u32 *)(APIC_DEFAULT_BASE + reg);
}

void apic_write(u32 reg, u32 value)
{
	if (apic_is_x2()) {
		msr_write(MSR_X2APIC + reg / 16, value);
	} else {
		*(volatile u32 *)(APIC_DEFAULT_BASE + reg) = value;
	}
}

void apic_eoi(void)
{
	apic_write(APIC_EOI, 0);
}

u32 apic_get_id(void)
{
	return apic_is_x2() ? apic_read(APIC_ID) : apic_read(APIC_ID) >> 24;
}

u32 apic_id_of(unsigned int vcpu)
{
	return 2 * vcpu;
}

void apic_send(u32 dest, u32 icr)
{
	if (apic_is_x2()) {
		msr_write(MSR_X2APIC + APIC_ICR / 16, (u64)dest << 32 | icr);
		return;
	}
	apic_write(APIC_ICR2, dest << 24);
	apic_write(APIC_ICR, icr);
	while (apic_read(APIC_ICR) & BIT32(12)) {
		cpu_relax();
	}
}

bool apic_vector_is_set(u32 reg, u8 vector)
{
	return apic_read(reg + vector / 32 * 16) & BIT32(vector % 32);
}
