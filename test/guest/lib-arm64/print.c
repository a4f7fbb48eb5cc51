/* SPDX-License-Identifier: GPL-2.0-only */
/* Console output: by the emulated PL011 where there is one, else by CONSOLEIO_write. */
#include "guest/lib/print.h"

#include "guest/lib-arm64/cpu.h"
#include "guest/lib-arm64/fdt.h"
#include "guest/lib/hypercall.h"
#include "lib/printf.h"
#include "lib/string.h"

#define UARTFR 0x18
#define UARTFR_TXFF BIT32(5)

static bool print_locked;
static char print_buf[512];

void print(const char *fmt, ...)
{
	va_list args;

	while (__atomic_exchange_n(&print_locked, true, __ATOMIC_ACQUIRE)) {
		cpu_relax();
	}
	va_start(args, fmt);
	fmt_vsnprintf(print_buf, sizeof(print_buf), fmt, args);
	va_end(args);
	if (fdt_info.uart == 0) {
		hypercall(__HYPERVISOR_console_io, CONSOLEIO_write, strlen(print_buf),
			(uintptr_t)print_buf);
	}
	for (const char *p = print_buf; fdt_info.uart != 0 && *p != '\0'; p++) {
		while ((mmio_read32(fdt_info.uart + UARTFR) & UARTFR_TXFF) != 0) {
			cpu_relax();
		}
		mmio_write32(fdt_info.uart, (u8)*p);
	}
	__atomic_store_n(&print_locked, false, __ATOMIC_RELEASE);
}
