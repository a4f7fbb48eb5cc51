/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * CPU pools: from the CPUs' affinity, as the device tree has it, to the CPUs that run. A CPU that
 * does not run is left out of its pool. Runs once at boot.
 */
#include "arch/arm/boot/pools.h"

#include "arch/arm/cpu.h"
#include "core/log.h"
#include "sched/pool.h"

static_assert(FROM_DT_POOLS_MAX <= POOL_MAX, "each pool of the device tree has a place");

struct pool_cpus {
	u32 ids[CONFIG_MAX_CPUS];
};

static bool pools_find_cpu(u64 mpidr, u32 *id)
{
	struct pcpu *p;

	for_each_cpu(p) {
		if (p->arch->mpidr == mpidr) {
			*id = p->id;
			return true;
		}
	}
	return false;
}

static struct pool_spec pools_translate(const struct from_dt_pool *from, struct pool_cpus *cpus)
{
	struct pool_spec spec = {
		.name = from->name,
		.scheduler = from->scheduler,
		.cpus = cpus->ids,
	};

	for (unsigned int i = 0; i < from->cpu_count; i++) {
		if (pools_find_cpu(from->mpidrs[i], &cpus->ids[spec.cpu_count])) {
			spec.cpu_count++;
		} else {
			log_warn("CPU pool \"%s\": CPU %#llx does not run", from->name,
				(unsigned long long)from->mpidrs[i]);
		}
	}
	return spec;
}

void pools_make(const struct from_dt_config *config)
{
	static struct pool_spec specs[FROM_DT_POOLS_MAX];
	static struct pool_cpus cpus[FROM_DT_POOLS_MAX];
	int rc;

	if (config->pool_count == 0) {
		return;
	}
	for (unsigned int i = 0; i < config->pool_count; i++) {
		specs[i] = pools_translate(&config->pools[i], &cpus[i]);
	}
	rc = pool_boot(specs, config->pool_count);
	if (rc != 0) {
		log_err("CPU pools: error %d; all CPUs are in pool 0", -rc);
	}
}
