/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The end of the machine: one CPU tells why, with a backtrace, all others stand still. Uses nothing
 * that may wait for another CPU.
 */
#include <stdarg.h>

#include "arch/contract/cpu.h"
#include "core/console.h"
#include "core/log.h"
#include "core/param.h"
#include "core/pcpu.h"
#include "core/symbols.h"
#include "core/time.h"
#include "lib/printf.h"

#define REBOOT_DELAY_S 5
#define BACKTRACE_MAX 24
#define PANIC_LINE_MAX 256

static bool noreboot;
PARAM_BOOL(noreboot, "noreboot", noreboot);

/* A CPU that panics while it panics gets no second try; another one waits to be stopped. */
static bool panic_begin(void)
{
	static bool begun;

	if (__atomic_exchange_n(&begun, true, __ATOMIC_SEQ_CST)) {
		return false;
	}
	arch_stop_others();
	console_break_lock();
	return true;
}

static void __noreturn panic_end(void)
{
	if (noreboot) {
		log_dump("halted (noreboot)");
		arch_machine_end(MACHINE_HALT);
	}
	log_dump("rebooting in %d seconds", REBOOT_DELAY_S);
	for (unsigned int ms = 0; ms < REBOOT_DELAY_S * 1000; ms++) {
		arch_delay_us(1000);
	}
	arch_machine_end(MACHINE_REBOOT);
}

void panic_machine_end(void)
{
	panic_end();
}

static void panic_backtrace(void)
{
	unsigned long pcs[BACKTRACE_MAX];
	unsigned int n = arch_backtrace(pcs, BACKTRACE_MAX);

	for (unsigned int i = 0; i < n; i++) {
		char name[SYMBOL_TEXT_MAX];

		symbols_describe(&ksyms, pcs[i], name, sizeof(name));
		log_dump("  %016lx %s", pcs[i], name);
	}
}

/* The one line that says why. */
static void panic_line(const char *what, const char *fmt, va_list ap) __printf(2, 0);
static void panic_line(const char *what, const char *fmt, va_list ap)
{
	char why[PANIC_LINE_MAX];

	fmt_vsnprintf(why, sizeof(why), fmt, ap);
	log_dump("%s: %s", what, why);
}

void panic(const char *fmt, ...)
{
	va_list ap;

	if (!panic_begin()) {
		arch_machine_end(MACHINE_HALT);
	}
	log_dump("----------------------------------------");
	va_start(ap, fmt);
	panic_line("panic", fmt, ap);
	va_end(ap);
	arch_pcpu_dump(this_pcpu());
	panic_backtrace();
	log_dump("----------------------------------------");
	panic_end();
}

void boot_fail(const char *fmt, ...)
{
	va_list ap;

	if (!panic_begin()) {
		arch_machine_end(MACHINE_HALT);
	}
	va_start(ap, fmt);
	panic_line("cannot start", fmt, ap);
	va_end(ap);
	panic_end();
}
