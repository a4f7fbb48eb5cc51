/* SPDX-License-Identifier: GPL-2.0-only */
/* Reads the date from the CMOS clock (MC146818A data sheet), once at boot. Never writes it. */
#include "arch/x86/rtc.h"

#include "arch/x86/asm.h"
#include "drv/acpi/acpi.h"
#include "lib/compiler.h"

#define RTC_STATUS_A 10 /* bit 7: update in progress */
#define RTC_STATUS_B 11 /* bit 2: binary, bit 1: 24 hours */
#define WAIT_READS 1000000

struct rtc_date {
	u8 field[7]; /* second, minute, hour, day, month, year, century */
};

static u8 cmos_read(u8 index)
{
	outb(0x70, index | 0x80); /* NMI stays off while the index is used */
	return inb(0x71);
}

static void read_raw(struct rtc_date *d)
{
	static const u8 registers[6] = { 0, 2, 4, 7, 8, 9 };

	for (unsigned int i = 0; i < WAIT_READS && (cmos_read(RTC_STATUS_A) & 0x80); i++) {
		cpu_pause();
	}
	for (unsigned int i = 0; i < 6; i++) {
		d->field[i] = cmos_read(registers[i]);
	}
	d->field[6] = acpi_host.fadt.century_index ? cmos_read(acpi_host.fadt.century_index) : 0;
}

static bool same(const struct rtc_date *a, const struct rtc_date *b)
{
	return __builtin_memcmp(a, b, sizeof(*a)) == 0;
}

static unsigned int from_bcd(u8 v)
{
	return (v & 0xf) + 10 * (v >> 4);
}

/* Days since 1970-01-01 of a date in the Gregorian calendar. */
static u64 days(unsigned int year, unsigned int month, unsigned int day)
{
	static const u16 before[12] = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334 };
	unsigned int y = year - 1;
	u64 n = 365ULL * y + y / 4 - y / 100 + y / 400 - 719162;
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return n + before[(month - 1) % 12] + (leap && month > 2) + day - 1;
}

u64 rtc_read_epoch(void)
{
	struct rtc_date a, b;
	unsigned int v[7], year;
	u8 mode = cmos_read(RTC_STATUS_B);
	bool pm;

	read_raw(&a);
	for (unsigned int i = 0; i < 10; i++) { /* until no update came in between */
		read_raw(&b);
		if (same(&a, &b)) {
			break;
		}
		a = b;
	}
	pm = !(mode & 2) && (a.field[2] & 0x80);
	a.field[2] &= mode & 2 ? 0xff : 0x7f;
	for (unsigned int i = 0; i < 7; i++) {
		v[i] = mode & 4 ? a.field[i] : from_bcd(a.field[i]);
	}
	if (!(mode & 2)) {
		v[2] = v[2] % 12 + (pm ? 12 : 0);
	}
	year = v[5] + (v[6] >= 19 && v[6] <= 29 ? v[6] * 100 : v[5] < 70 ? 2000 : 1900);
	outb(0x70, 0);
	return days(year, v[4], v[3]) * 86400 + v[2] * 3600 + v[1] * 60 + v[0];
}
