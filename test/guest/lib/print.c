/* SPDX-License-Identifier: GPL-2.0-only */
/* Console output by CONSOLEIO_write, and results without any harness around them. */
#include "guest/lib/print.h"

#include "guest/lib/hypercall.h"
#include "lib/printf.h"
#include "lib/string.h"

static bool print_locked;
static char print_buf[512];

void print(const char *fmt, ...)
{
	va_list args;

	while (__atomic_exchange_n(&print_locked, true, __ATOMIC_ACQUIRE)) {
		__asm__ volatile("pause");
	}
	va_start(args, fmt);
	fmt_vsnprintf(print_buf, sizeof(print_buf), fmt, args);
	va_end(args);
	hypercall(
		__HYPERVISOR_console_io, CONSOLEIO_write, strlen(print_buf), (uintptr_t)print_buf);
	__atomic_store_n(&print_locked, false, __ATOMIC_RELEASE);
}
