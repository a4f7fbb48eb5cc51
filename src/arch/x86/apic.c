/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The host's local APICs: the only place that touches their registers. Knows nothing about guests.
 * Registers: AMD64 APM vol. 2, chapter 16; Intel SDM vol. 3, chapter 11.
 */
#include "arch/x86/apic.h"

#include "arch/x86/asm.h"
#include "arch/x86/cpu.h"
#include "arch/x86/msr.h"
#include "arch/x86/tsc.h"
#include "core/log.h"
#include "core/param.h"
#include "core/time.h"
#include "mm/vmap.h"

static volatile u32 *apic_regs; /* xAPIC only */
static bool x2apic_mode;
static bool opt_x2apic = true;
PARAM_BOOL(x2apic, "x2apic", opt_x2apic);

static u32 timer_mul; /* APIC timer ticks for 2^32 ns */
static bool timer_deadline;

static u32 apic_read(u32 reg)
{
	return x2apic_mode ? (u32)rdmsr(MSR_X2APIC_BASE + (reg >> 4)) : apic_regs[reg / 4];
}

static void apic_write(u32 reg, u32 value)
{
	if (x2apic_mode) {
		wrmsr(MSR_X2APIC_BASE + (reg >> 4), value);
	} else {
		apic_regs[reg / 4] = value;
	}
}

bool apic_is_x2apic(void)
{
	return x2apic_mode;
}

u32 apic_id(void)
{
	u32 id = apic_read(APIC_ID);

	return x2apic_mode ? id : id >> 24;
}

void apic_eoi(void)
{
	apic_write(APIC_EOI, 0);
}

static void apic_wait_idle(void)
{
	/* A stuck delivery is reported by the error interrupt; never hang on it. */
	for (unsigned int i = 0; i < 100000 && (apic_read(APIC_ICR) & APIC_ICR_BUSY); i++) {
		cpu_pause();
	}
}

void apic_send(u32 dest_apic_id, u32 command)
{
	if (x2apic_mode) {
		wrmsr(MSR_X2APIC_BASE + (APIC_ICR >> 4), (u64)dest_apic_id << 32 | command);
		return;
	}
	apic_wait_idle();
	apic_write(APIC_ICR_HIGH, dest_apic_id << 24);
	apic_write(APIC_ICR, command);
}

void apic_send_all_but_self(u32 command)
{
	apic_send(0, command | APIC_ICR_SHORTHAND);
}

void apic_init(void)
{
	u64 base = rdmsr(MSR_APIC_BASE);

	x2apic_mode = cpu_features.x2apic && opt_x2apic;
	if (!x2apic_mode) {
		if (base & APIC_BASE_X2APIC) {
			boot_fail(
				"x2apic: the firmware left x2APIC on, but the option turns it off");
		}
		apic_regs = vmap(HPA(base & 0xffffff000ULL), PAGE_SIZE, HV_DEVICE);
		if (!apic_regs) {
			boot_fail("cannot map the local APIC at %#llx",
				(unsigned long long)(base & 0xffffff000ULL));
		}
	}
	log_info("local APICs: %s mode", x2apic_mode ? "x2APIC" : "xAPIC");
}

void apic_cpu_init(void)
{
	u64 base = rdmsr(MSR_APIC_BASE) | APIC_BASE_ENABLE;
	u32 lvt_max;

	wrmsr(MSR_APIC_BASE, base);
	if (x2apic_mode) {
		wrmsr(MSR_APIC_BASE, base | APIC_BASE_X2APIC);
	} else {
		apic_write(APIC_DFR, 0xffffffff);
	}
	apic_write(APIC_TPR, 0);
	apic_write(APIC_SVR, 0x100 | VECTOR_SPURIOUS);
	lvt_max = (apic_read(APIC_VERSION) >> 16) & 0xff;
	apic_write(APIC_LVT_LINT0, APIC_LVT_MASKED | APIC_DM_EXTINT);
	apic_write(APIC_LVT_LINT1, APIC_DM_NMI);
	apic_write(APIC_LVT_ERROR, VECTOR_ERROR);
	if (lvt_max >= 4) {
		apic_write(APIC_LVT_PERF, APIC_LVT_MASKED);
	}
	if (lvt_max >= 5) {
		apic_write(APIC_LVT_THERMAL, APIC_LVT_MASKED);
	}
	apic_write(APIC_TIMER_DIV, 0xb); /* divide by 1 */
	apic_write(APIC_LVT_TIMER, VECTOR_TIMER | (timer_deadline ? APIC_LVT_TSC_DEADLINE : 0));
	/* What firmware left in service would block everything of its priority. */
	for (unsigned int i = 0; i < 16; i++) {
		apic_eoi();
	}
}

void apic_timer_calibrate(void)
{
	u64 start, end;
	u32 ticks;

	if (cpu_features.tsc_deadline) {
		timer_deadline = true;
		apic_write(APIC_LVT_TIMER, VECTOR_TIMER | APIC_LVT_TSC_DEADLINE);
		return;
	}
	apic_write(APIC_LVT_TIMER, VECTOR_TIMER | APIC_LVT_MASKED);
	apic_write(APIC_TIMER_INIT, 0xffffffff);
	start = arch_now_ns();
	while (arch_now_ns() - start < 10 * NS_PER_MS) {
		cpu_pause();
	}
	ticks = 0xffffffff - apic_read(APIC_TIMER_COUNT);
	end = arch_now_ns();
	apic_write(APIC_TIMER_INIT, 0);
	apic_write(APIC_LVT_TIMER, VECTOR_TIMER);
	timer_mul = (u32)MIN(((u64)ticks << 32) / (end - start), 0xffffffffULL);
	log_info(
		"APIC timer: %llu kHz", (unsigned long long)((u64)ticks * 1000000 / (end - start)));
	if (timer_mul == 0) {
		boot_fail("the local APIC's timer does not count");
	}
}

void arch_timer_program(u64 deadline_ns)
{
	u64 now, ticks;

	if (timer_deadline) {
		wrmsr(MSR_TSC_DEADLINE, deadline_ns == ~0ULL ? 0 : tsc_from_ns(deadline_ns));
		return;
	}
	if (deadline_ns == ~0ULL) {
		apic_write(APIC_TIMER_INIT, 0);
		return;
	}
	now = arch_now_ns();
	ticks = 1;
	if (deadline_ns > now) {
		/* At most a second ahead: timer_run() programs the rest when that has passed. */
		ticks = MIN(deadline_ns - now, NS_PER_S) * timer_mul >> 32;
		ticks = MAX(MIN(ticks, 0xffffffffULL), 1ULL);
	}
	apic_write(APIC_TIMER_INIT, (u32)ticks);
}
