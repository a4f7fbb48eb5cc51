/* SPDX-License-Identifier: GPL-2.0-only */
/* From head.S to guest_main() and back. */
#include "guest/lib/start.h"

#include "guest/lib-arm64/fdt.h"
#include "guest/lib-arm64/gic.h"
#include "guest/lib-arm64/smp.h"
#include "guest/lib-arm64/trap.h"
#include "guest/lib/check.h"
#include "guest/lib/hypercall.h"
#include "lib/string.h"
#include <xen/sched.h>

void __noreturn start_cpu(unsigned int cpu, const void *fdt);

bool start_option(const char *name, char *value, size_t size)
{
	const char *p = fdt_info.bootargs;
	size_t length = strlen(name), n = 0;

	while ((p = strstr(p, name)) != NULL && p[length] != '=') {
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

void __noreturn start_cpu(unsigned int cpu, const void *fdt)
{
	if (cpu > 0) {
		smp_cpu_main(cpu);
	}
	trap_init_cpu();
	fdt_read(fdt);
	gic_init();
	gic_init_cpu();
	guest_main();
	start_finish();
}
