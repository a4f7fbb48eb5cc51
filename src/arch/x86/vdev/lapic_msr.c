/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The local APIC through MSRs: IA32_APIC_BASE with the transitions between its modes, the x2APIC
 * registers, and IA32_TSC_DEADLINE (Intel SDM vol. 3, 10.12). What is reserved raises #GP.
 */
#include "arch/x86/vdev/lapic_internal.h"

#include "arch/x86/cpu_bits.h"

#define APIC_BASE_KNOWN \
	(APIC_BASE_BSP | APIC_BASE_X2APIC | APIC_BASE_ENABLE | 0x000ffffffffff000ULL)

/* --- x2APIC registers --- */

#define READ 1
#define WRITE 2
#define LVT_COMMON 0x110ff /* mask, delivery status (ignored), vector */

/* reserved: bits whose setting raises #GP. */
struct x2apic_reg {
	u16 first, last; /* xAPIC offsets */
	u8 access;
	u64 reserved;
};

static const struct x2apic_reg x2apic_regs[] = {
	{ APIC_ID, APIC_VERSION, READ, 0 },
	{ APIC_TPR, APIC_TPR, READ | WRITE, ~0xffULL },
	{ APIC_PPR, APIC_PPR, READ, 0 },
	{ APIC_EOI, APIC_EOI, WRITE, ~0ULL },
	{ APIC_LDR, APIC_LDR, READ, 0 },
	{ APIC_SVR, APIC_SVR, READ | WRITE, ~0x3ffULL },
	{ APIC_ISR, APIC_IRR + 0x70, READ, 0 },
	{ APIC_ESR, APIC_ESR, READ | WRITE, ~0ULL },
	{ APIC_ICR, APIC_ICR, READ | WRITE, 0xfff33000ULL },
	{ APIC_LVT_TIMER, APIC_LVT_TIMER, READ | WRITE, ~(LVT_COMMON | 0x60000ULL) },
	{ APIC_LVT_THERMAL, APIC_LVT_PERF, READ | WRITE, ~(LVT_COMMON | 0x700ULL) },
	{ APIC_LVT_LINT0, APIC_LVT_LINT1, READ | WRITE, ~(LVT_COMMON | 0xe700ULL) },
	{ APIC_LVT_ERROR, APIC_LVT_ERROR, READ | WRITE, ~(u64)LVT_COMMON },
	{ APIC_TIMER_INIT, APIC_TIMER_INIT, READ | WRITE, ~0xffffffffULL },
	{ APIC_TIMER_COUNT, APIC_TIMER_COUNT, READ, 0 },
	{ APIC_TIMER_DIV, APIC_TIMER_DIV, READ | WRITE, ~0xbULL },
	{ APIC_SELF_IPI, APIC_SELF_IPI, WRITE, ~0xffULL },
};

/* The register behind an MSR, if it may be accessed this way. */
static const struct x2apic_reg *x2apic_find(const struct lapic *l, u32 msr, u8 access, u32 *reg)
{
	u32 offset = (msr - MSR_X2APIC_BASE) << 4;

	if (!lapic_enabled(l) || !lapic_x2apic(l)) {
		return NULL;
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(x2apic_regs); i++) {
		const struct x2apic_reg *r = &x2apic_regs[i];

		if (offset >= r->first && offset <= r->last) {
			*reg = offset;
			return r->access & access ? r : NULL;
		}
	}
	return NULL;
}

static bool x2apic_read(struct lapic *l, u32 msr, u64 *value)
{
	u32 reg;

	if (!x2apic_find(l, msr, READ, &reg)) {
		return false;
	}
	*value = lapic_read(l, reg);
	if (reg == APIC_ICR) {
		*value |= (u64)l->icr_high << 32;
	}
	return true;
}

static bool x2apic_write(struct lapic *l, u32 msr, u64 value)
{
	u32 reg;
	const struct x2apic_reg *r = x2apic_find(l, msr, WRITE, &reg);

	if (!r || (value & r->reserved) != 0) {
		return false;
	}
	switch (reg) {
	case APIC_ICR:
		l->icr_low = (u32)value;
		l->icr_high = (u32)(value >> 32);
		lapic_ipi_send(l, l->icr_high, l->icr_low);
		break;
	case APIC_SELF_IPI:
		lapic_ipi_send(l, 0, 1U << 18 | (u32)value);
		break;
	default:
		lapic_write(l, reg, (u32)value);
		break;
	}
	return true;
}

/* --- IA32_APIC_BASE --- */

/* Off, xAPIC, x2APIC: steps up by one, down to off from both (Intel SDM vol. 3, figure 10-27). */
static bool base_step_allowed(u64 old, u64 value)
{
	bool enable = (value & APIC_BASE_ENABLE) != 0, x2apic = (value & APIC_BASE_X2APIC) != 0;

	if (!enable) {
		return !x2apic;
	}
	if (old & APIC_BASE_X2APIC) {
		return x2apic;
	}
	return !x2apic || (old & APIC_BASE_ENABLE) != 0;
}

static bool base_write(struct lapic *l, u64 value)
{
	u64 old = l->base;
	u64 modes = APIC_BASE_ENABLE | APIC_BASE_X2APIC;

	if ((value & ~APIC_BASE_KNOWN) != 0 || !base_step_allowed(old, value) ||
		(value & 0x000ffffffffff000ULL) != LAPIC_BASE_DEFAULT) {
		return false;
	}
	WRITE_ONCE(l->base, (old & ~modes) | (value & modes));
	if ((value & APIC_BASE_ENABLE) == 0) {
		lapic_clear(l);
	} else if (value & ~old & APIC_BASE_X2APIC) {
		WRITE_ONCE(l->ldr, lapic_x2apic_ldr(l->id));
		l->icr_high = 0;
	}
	return true;
}

/* --- entry points --- */

static bool msr_read(struct lapic *l, u32 msr, u64 *value)
{
	switch (msr) {
	case MSR_APIC_BASE:
		*value = l->base;
		return true;
	case MSR_TSC_DEADLINE:
		*value = lapic_timer_read_deadline(l);
		return true;
	default:
		return x2apic_read(l, msr, value);
	}
}

static bool msr_write(struct lapic *l, u32 msr, u64 value)
{
	switch (msr) {
	case MSR_APIC_BASE:
		return base_write(l, value);
	case MSR_TSC_DEADLINE:
		lapic_timer_write_deadline(l, value);
		return true;
	default:
		return x2apic_write(l, msr, value);
	}
}

enum exit_result lapic_rdmsr(struct vcpu *v, struct vm_exit *e, u32 msr, u64 *value)
{
	if (!msr_read(lapic_of(v), msr, value)) {
		return exit_inject_error(e, X86_EXC_GP, 0);
	}
	return EXIT_SKIP;
}

enum exit_result lapic_wrmsr(struct vcpu *v, struct vm_exit *e, u32 msr, u64 value)
{
	if (!msr_write(lapic_of(v), msr, value)) {
		return exit_inject_error(e, X86_EXC_GP, 0);
	}
	return EXIT_SKIP;
}
