/* SPDX-License-Identifier: GPL-2.0-only */
/* From head.S to guest_main() and back. */
#include "guest/lib/start.h"

#include "guest/lib/check.h"
#include "guest/lib/hypercall.h"
#include "guest/lib/print.h"
#include "guest/lib/smp.h"
#include "guest/lib/trap.h"
#include "lib/string.h"
#include <xen/arch-x86/hvm/start_info.h>
#include <xen/sched.h>

void __noreturn start_cpu(unsigned int cpu, struct hvm_start_info *info);

static struct hvm_start_info *start_info;

bool start_option(const char *name, char *value, size_t size)
{
	const char *p = (const char *)(uintptr_t)start_info->cmdline_paddr;
	size_t length = strlen(name), n = 0;

	while (p != NULL && (p = strstr(p, name)) != NULL && p[length] != '=') {
		p++;
	}
	if (p == NULL) {
		return false;
	}
	for (p += length + 1; *p > ' ' && n + 1 < size; p++) {
		value[n++] = *p;
	}
	value[n] = '\0';
	return true;
}

const struct hvm_start_info *start_get_info(void)
{
	return start_info;
}

static void __noreturn start_shutdown(unsigned int reason)
{
	struct sched_shutdown op = { .reason = reason };

	for (;;) {
		hypercall(__HYPERVISOR_sched_op, SCHEDOP_shutdown, &op);
	}
}

void __noreturn start_finish(void)
{
	check_summary();
	start_shutdown(SHUTDOWN_poweroff);
}

void __noreturn start_crash(void)
{
	start_shutdown(SHUTDOWN_crash);
}

void __noreturn start_cpu(unsigned int cpu, struct hvm_start_info *info)
{
	if (cpu > 0) {
		smp_cpu_main(cpu);
	}
	start_info = info;
	hypercall_init();
	trap_init();
	trap_init_cpu(0);
	guest_main();
	start_finish();
}
