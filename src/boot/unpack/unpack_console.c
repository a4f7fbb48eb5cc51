/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Prints the one line of a failure and stops. It must work at any time after unpack_console_init(),
 * even when the stack or the heap is not to be trusted, so it allocates nothing.
 */
#include "boot/unpack/unpack_console.h"
#include "lib/string.h"
#include "lib/xen_public.h"

#include <xen/sched.h>

#define XEN_LEAF_FIRST 0x40000000 /* xen/arch-x86/cpuid.h: or at a multiple of 0x100 above it */
#define XEN_LEAF_LAST 0x40010000
#define XEN_LEAF_STEP 0x100

#define COM1_DATA 0x3f8
#define COM1_LSR 0x3fd
#define COM1_LSR_THRE 0x20 /* 16550: ready for the next byte */
#define COM1_TRIES 100000

#define DEBUG_EXIT 0xf4 /* QEMU's isa-debug-exit: the process ends with status 2 * value + 1 */
#define DEBUG_EXIT_VALUE 1

struct console {
	bool xen;
	bool vmmcall; /* AMD's instruction; otherwise Intel's */
};

static struct console console;

/* The 12 bytes of the vendor's name in the order of the registers given. */
static void console_name(char *name, u32 a, u32 b, u32 c)
{
	memcpy(name, &a, 4);
	memcpy(name + 4, &b, 4);
	memcpy(name + 8, &c, 4);
}

static void console_cpuid(u32 leaf, u32 *b, u32 *c, u32 *d)
{
	u32 a;

	__asm__ volatile("cpuid" : "=a"(a), "=b"(*b), "=c"(*c), "=d"(*d) : "a"(leaf), "c"(0));
}

void unpack_console_init(void)
{
	char name[12];
	u32 b, c, d;

	console_cpuid(0, &b, &c, &d);
	console_name(name, b, d, c);
	console.vmmcall = memcmp(name, "AuthenticAMD", 12) == 0 ||
			  memcmp(name, "HygonGenuine", 12) == 0;
	for (u32 leaf = XEN_LEAF_FIRST; leaf < XEN_LEAF_LAST; leaf += XEN_LEAF_STEP) {
		console_cpuid(leaf, &b, &c, &d);
		console_name(name, b, c, d);
		if (memcmp(name, "XenVMMXenVMM", 12) == 0) {
			console.xen = true;
			break;
		}
	}
}

static void console_hypercall(u64 number, u64 arg1, u64 arg2, u64 arg3)
{
	u64 ret;

	if (console.vmmcall) {
		__asm__ volatile("vmmcall"
				 : "=a"(ret), "+D"(arg1), "+S"(arg2), "+d"(arg3)
				 : "a"(number)
				 : "memory");
	} else {
		__asm__ volatile("vmcall"
				 : "=a"(ret), "+D"(arg1), "+S"(arg2), "+d"(arg3)
				 : "a"(number)
				 : "memory");
	}
}

static void console_outb(u16 port, u8 value)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static u8 console_inb(u16 port)
{
	u8 value;

	__asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

/* Without a port behind it the status reads as all ones: ready, and the bytes go nowhere. */
static void console_put_com1(char c)
{
	for (u32 i = 0; i < COM1_TRIES && !(console_inb(COM1_LSR) & COM1_LSR_THRE); i++) {
	}
	console_outb(COM1_DATA, (u8)c);
}

static void console_write(const char *text)
{
	if (console.xen) {
		console_hypercall(
			__HYPERVISOR_console_io, CONSOLEIO_write, strlen(text), (uintptr_t)text);
		return;
	}
	for (; *text; text++) {
		if (*text == '\n') {
			console_put_com1('\r');
		}
		console_put_com1(*text);
	}
}

void unpack_console_fail(const char *text)
{
	struct sched_shutdown shutdown = { .reason = SHUTDOWN_crash };

	console_write("dom0 kernel: ");
	console_write(text);
	console_write("\n");
	if (console.xen) {
		console_hypercall(__HYPERVISOR_sched_op, SCHEDOP_shutdown, (uintptr_t)&shutdown, 0);
	} else {
		console_outb(DEBUG_EXIT, DEBUG_EXIT_VALUE);
	}
	for (;;) {
		__asm__ volatile("cli; hlt");
	}
}
