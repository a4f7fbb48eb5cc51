/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Attacks of a domain on its hypervisor: that it outlives them is what is checked, and that a fault
 * that belongs to the guest comes to the guest. seed=NUMBER chooses the random ones.
 */
#include "guest/arm-isolation/attacks.h"
#include "guest/lib-arm64/fdt.h"
#include "guest/lib-arm64/smp.h"
#include "guest/lib/check.h"
#include "guest/lib/print.h"
#include "guest/lib/start.h"

static u64 attack_seed = 88172645463325252ULL;

/* Marsaglia's xorshift, 64 bits. */
u64 attack_random(void)
{
	attack_seed ^= attack_seed << 13;
	attack_seed ^= attack_seed >> 7;
	attack_seed ^= attack_seed << 17;
	return attack_seed;
}

void guest_main(void)
{
	char value[20];

	if (start_option("seed", value, sizeof(value))) {
		for (const char *p = value; *p != '\0'; p++) {
			attack_seed = attack_seed * 31 + (u64)*p;
		}
	}
	print("arm-isolation: GICv%u, %u CPUs\n", fdt_info.gic_version, fdt_info.cpu_count);
	CHECK(smp_start_all(), "all CPUs come up");
	attack_memory();
	attack_devices();
	attack_floods();
	attack_cpus();
}
