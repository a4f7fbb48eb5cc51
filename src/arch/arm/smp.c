/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The other CPUs: PSCI or a spin table lets one go, head.S turns its MMU on with what it finds in
 * smp_starts[] under its number, and it goes its way into the CPU's loop.
 */
#include "arch/arm/smp.h"

#include "arch/arm/asm_offsets.h"
#include "arch/arm/cpu.h"
#include "arch/arm/gic/gic.h"
#include "arch/arm/hmp.h"
#include "arch/arm/machine.h"
#include "arch/arm/paging.h"
#include "arch/arm/psci.h"
#include "arch/arm/smccc_numbers.h"
#include "arch/arm/sysreg.h"
#include "arch/arm/time.h"
#include "arch/contract/cpu.h"
#include "arch/contract/io.h"
#include "core/log.h"
#include "core/time.h"
#include "core/unit.h"
#include "mm/vmap.h"

/* Read with MMU and cache off: every change is written back. */
struct smp_start {
	u64 mpidr;
	struct pcpu *pcpu; /* NULL: nobody waits for it */
	void *stack;
};
static_assert(offsetof(struct smp_start, mpidr) == SMP_START_MPIDR, "head.S");
static_assert(offsetof(struct smp_start, pcpu) == SMP_START_PCPU, "head.S");
static_assert(offsetof(struct smp_start, stack) == SMP_START_STACK, "head.S");
static_assert(sizeof(struct smp_start) == SMP_START_SIZE, "head.S");

extern struct smp_start smp_starts[MAX_PCPUS]; /* head.S */
struct smp_start smp_starts[MAX_PCPUS];
extern char secondary_entry[];
void stop(void) __noreturn;

#define ANSWER_NS (2 * NS_PER_S)

/* The CPU that is being started, which either comes or is given up. */
static enum start { START_WAITING, START_COME, START_GIVEN_UP } start_state;
static const char *volatile refusal; /* why the CPU that has come cannot be used */

void arm_secondary_start(struct pcpu *p) __noreturn;

static const char *secondary_init(struct pcpu *p)
{
	const char *lacks = cpu_init();

	if (lacks) {
		return lacks;
	}
	if (!hmp_may_run(cpu_features.midr, cpu_midr())) {
		return "another kind of core (hmp-unsafe=1 would use it)";
	}
	if (gic_cpu_init(p)) {
		return "no interrupt controller for it";
	}
	cpu_mitigate(p);
	if (time_cpu_up(p)) {
		return "no timer interrupt";
	}
	return units_cpu_up(p) ? "a subsystem did not start" : NULL;
}

void arm_secondary_start(struct pcpu *p)
{
	enum start waiting = START_WAITING;

	if (!__atomic_compare_exchange_n(&start_state, &waiting, START_COME, false,
		    __ATOMIC_ACQ_REL, __ATOMIC_RELAXED)) {
		stop();
	}
	refusal = secondary_init(p);
	if (refusal) {
		dsb(sy);
		stop();
	}
	__atomic_store_n(&p->online, true, __ATOMIC_RELEASE);
	pcpu_loop();
}

static void set_start(const struct pcpu *p, const struct smp_start *s)
{
	smp_starts[p->id] = *s;
	arch_cache_writeback(smp_starts, sizeof(smp_starts));
}

/* Linux, Documentation/arm64/booting.rst: the CPU jumps to the address that it finds at its
 * cpu-release-addr. NULL or what is wrong. */
static const char *release(u64 at, u64 entry)
{
	u64 *word = IS_ALIGNED(at, 8ULL) ? vmap(HPA(at), sizeof(*word), HV_RW) : NULL;

	if (!word) {
		return "its cpu-release-addr cannot be mapped";
	}
	WRITE_ONCE(*word, entry);
	arch_cache_writeback(word, sizeof(*word));
	__asm__ volatile("sev" : : : "memory");
	vunmap(word);
	return NULL;
}

static const char *let_go(const struct machine_cpu *c)
{
	u64 entry = paging_image_pa(secondary_entry);
	int rc;

	if (c->start == CPU_START_SPIN_TABLE) {
		return release(c->release_addr, entry);
	}
	if (c->start != CPU_START_PSCI) {
		return "its enable-method is neither psci nor spin-table";
	}
	rc = psci_cpu_on(c->mpidr, entry, 0);
	switch (rc) {
	case PSCI_SUCCESS:
		return NULL;
	case PSCI_ALREADY_ON:
		return "PSCI says that it is on already";
	case SMCCC_NOT_SUPPORTED:
		return "PSCI cannot start CPUs";
	case PSCI_INVALID_PARAMETERS:
		return "PSCI does not know it";
	default:
		return "PSCI refuses to start it";
	}
}

static const char *wait_for(const struct pcpu *p)
{
	u64 deadline = arch_now_ns() + ANSWER_NS;
	enum start waiting = START_WAITING;

	while (!__atomic_load_n(&p->online, __ATOMIC_ACQUIRE)) {
		if (refusal) {
			return refusal;
		}
		if (arch_now_ns() > deadline &&
			__atomic_compare_exchange_n(&start_state, &waiting, START_GIVEN_UP, false,
				__ATOMIC_ACQ_REL, __ATOMIC_RELAXED)) {
			return "it does not answer";
		}
		waiting = START_WAITING;
		arch_cpu_relax();
	}
	return NULL;
}

/* NULL, or why it is left out. */
static const char *start(struct pcpu *p, const struct machine_cpu *c)
{
	const char *why;

	__atomic_store_n(&start_state, START_WAITING, __ATOMIC_RELEASE);
	refusal = NULL;
	set_start(p, &(struct smp_start){ c->mpidr, p, p->arch->stack_top });
	pcpus[p->id] = p;
	pcpu_count++;
	why = let_go(c);
	if (!why) {
		why = wait_for(p);
	}
	set_start(p, &(struct smp_start){ 0 });
	if (why) {
		/* What it stands on must stay. */
		pcpus[p->id] = NULL;
		pcpu_count--;
	}
	return why;
}

void smp_boot_cpus(void)
{
	const struct arm_machine *m = &arm_machine;

	for (unsigned int i = 0; i < m->cpu_count && pcpu_count < pcpu_limit(); i++) {
		const struct machine_cpu *c = &m->cpus[i];
		const char *why;
		struct pcpu *p;

		if (c->mpidr == this_arch_pcpu()->mpidr) {
			continue;
		}
		p = cpu_new(pcpu_count, c->mpidr);
		if (!p) {
			boot_fail("no memory for CPU %u", pcpu_count);
		}
		why = start(p, c);
		if (why) {
			log_warn("CPU with MPIDR %#llx left out: %s", (unsigned long long)c->mpidr,
				why);
		}
	}
	log_info("%u CPU%s", pcpu_count, pcpu_count == 1 ? "" : "s");
}
