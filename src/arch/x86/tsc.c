/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * System time: the time-stamp counter, scaled. The rate comes from CPUID where the CPU states it,
 * else it is measured against the HPET, the ACPI PM timer or the PIT.
 */
#include "arch/x86/tsc.h"

#include "arch/x86/asm.h"
#include "arch/x86/cpu.h"
#include "core/log.h"
#include "core/time.h"
#include "drv/acpi/acpi.h"
#include "lib/scaled.h"
#include "mm/vmap.h"

static struct scaled scale = { .mul = 1U << 31, .shift = 1 }; /* 1 GHz until it is measured */
static u64 boot_stamp, hz = NS_PER_S;

#define MEASURE_NS (20 * NS_PER_MS)
#define PMTIMER_HZ 3579545ULL
#define PIT_HZ 1193182ULL
/* No reference counter may stand still for longer than this many reads. */
#define READS_MAX 50000000U

u64 arch_now_ns(void)
{
	return scaled_apply(rdtsc() - boot_stamp, scale);
}

u64 tsc_hz(void)
{
	return hz;
}

u64 tsc_boot_stamp(void)
{
	return boot_stamp;
}

u32 tsc_to_system_mul(void)
{
	return scale.mul;
}

s8 tsc_shift(void)
{
	return scale.shift;
}

u64 tsc_from_ns(u64 ns)
{
	/* Split so that neither product overflows: ns / 1e9 seconds and the rest. */
	return boot_stamp + ns / NS_PER_S * hz + ns % NS_PER_S * (hz / 1000) / (NS_PER_S / 1000);
}

void arch_delay_us(u32 us)
{
	u64 end = rdtsc() + hz / 1000000 * us;

	while (rdtsc() < end) {
		cpu_pause();
	}
}

/* Counts TSC ticks while a counter of `rate` Hz and `bits` width makes MEASURE_NS; 0: it stands. */
static u64 measure(u32 (*read)(void), u64 rate, unsigned int bits)
{
	u32 mask = bits == 32 ? ~0U : BIT32(bits) - 1;
	u64 want = rate * MEASURE_NS / NS_PER_S, seen = 0;
	u32 last = read();
	u64 tsc = rdtsc();

	for (unsigned int i = 0; i < READS_MAX && seen < want; i++) {
		u32 now = read();

		seen += (now - last) & mask;
		last = now;
	}
	tsc = rdtsc() - tsc;
	/* tsc * rate stays below 2^64 for rates to 100 MHz and 20 ms of any real TSC. */
	return seen < want ? 0 : tsc * rate / seen;
}

static volatile u32 *hpet;

static u32 read_hpet(void)
{
	return hpet[0xf0 / 4];
}

/* HPET specification 1.0a, 2.3: capabilities at 0 with the period in fs, enable at 0x10 bit 0. */
static u64 measure_hpet(const struct acpi_info *acpi)
{
	u64 rate, result;
	u32 period, config;

	if (!acpi->hpet.present) {
		return 0;
	}
	hpet = vmap(acpi->hpet.at, PAGE_SIZE, HV_DEVICE);
	if (!hpet) {
		return 0;
	}
	period = hpet[1];
	if (period == 0 || period > 100000000) {
		vunmap((void *)hpet);
		return 0;
	}
	rate = 1000000000000000ULL / period;
	config = hpet[0x10 / 4];
	hpet[0x10 / 4] = config | 1;
	result = measure(read_hpet, rate, 32);
	hpet[0x10 / 4] = config;
	vunmap((void *)hpet);
	return result;
}

static u16 pmtimer_port;

static u32 read_pmtimer(void)
{
	return inl(pmtimer_port);
}

static u64 measure_pmtimer(const struct acpi_info *acpi)
{
	if (!acpi->fadt.pm_timer.address || acpi->fadt.pm_timer.space != ACPI_SPACE_IO) {
		return 0;
	}
	pmtimer_port = (u16)acpi->fadt.pm_timer.address;
	return measure(read_pmtimer, PMTIMER_HZ, 24);
}

/* Channel 2 counts down from 0xffff in mode 0 (8254 data sheet), gated by port 0x61. */
static u32 read_pit(void)
{
	u32 lo;

	outb(0x43, 0x80);
	lo = inb(0x42);
	return ~(lo | (u32)inb(0x42) << 8);
}

static u64 measure_pit(void)
{
	outb(0x61, (inb(0x61) & ~2) | 1);
	outb(0x43, 0xb0);
	outb(0x42, 0xff);
	outb(0x42, 0xff);
	return measure(read_pit, PIT_HZ, 16);
}

void tsc_calibrate(void)
{
	const struct acpi_info *acpi = &acpi_host;
	const char *source = "HPET";
	u64 rate = measure_hpet(acpi);

	if (!rate) {
		source = "PM timer";
		rate = measure_pmtimer(acpi);
	}
	if (!rate) {
		source = "PIT";
		rate = measure_pit();
	}
	if (!rate || scaled_from_hz(rate, &scale)) {
		boot_fail("time: no HPET, PM timer or PIT that counts, to measure the TSC with");
	}
	hz = rate;
	/* System time goes on from here without a step backward. */
	boot_stamp = rdtsc() - rate / 10;
	log_info("TSC: %llu kHz, measured with the %s", (unsigned long long)rate / 1000, source);
}
