/* SPDX-License-Identifier: GPL-2.0-only */
/* Debug keys of core: they show state and change none, but for the reboot. */
#include "arch/contract/cpu.h"
#include "core/console.h"
#include "core/domain.h"
#include "core/log.h"
#include "core/time.h"
#include "core/unit.h"
#include "lib/printf.h"
#include "lib/string.h"

/* --- q: domains --- */

static const char *const hold_words[] = {
	[VCPU_HOLD_DOWN] = "down",
	[VCPU_HOLD_BLOCKED] = "blocked",
	[VCPU_HOLD_PAUSED] = "paused",
	[VCPU_HOLD_SHUT] = "shut",
};

static void keys_describe_hold(u32 hold, char *buf, size_t size)
{
	buf[0] = '\0';
	for (unsigned int i = 0; i < ARRAY_SIZE(hold_words); i++) {
		if (hold & BIT32(i)) {
			strlcat(buf, " ", size);
			strlcat(buf, hold_words[i], size);
		}
	}
	if (hold == 0) {
		strlcpy(buf, " runnable", size);
	}
}

static void keys_dump_vcpu(const struct vcpu *v)
{
	struct pcpu *p = READ_ONCE(v->cpu);
	char hold[40];

	keys_describe_hold(READ_ONCE(v->hold), hold, sizeof(hold));
	log_dump("  vCPU %u:%s, %s CPU %d, pending %#x", v->id, hold,
		READ_ONCE(v->running) ? "loaded on" : "last on", p ? (int)p->id : -1,
		READ_ONCE(v->pending));
}

static void keys_dump_domain(struct domain *d)
{
	struct vcpu *v;

	log_dump("d%u \"%s\"%s%s%s: refs %d, paused %d, shutdown code %d, pages %llu of %llu, "
		 "pool %llu of %llu pages",
		d->id, d->name, d->privileged ? " privileged" : "", d->hardware ? " hardware" : "",
		d->dying ? " dying" : "", atomic_read(&d->refs), atomic_read(&d->pause_count),
		d->shut_down ? d->shutdown_code : -1, (unsigned long long)d->page_count,
		(unsigned long long)d->page_max, (unsigned long long)d->pool.used,
		(unsigned long long)d->pool.limit);
	for_each_vcpu(d, v) {
		keys_dump_vcpu(v);
	}
}

static void keys_dump_domains(void)
{
	struct domain *d;

	for_each_domain(d) {
		keys_dump_domain(d);
	}
}

/* --- d: CPUs --- */

#define DUMP_PATIENCE_NS (200 * NS_PER_MS)

static struct pcpu_call dump_calls[MAX_PCPUS];
static bool dump_sent[MAX_PCPUS]; /* its call structure may still be in use */

static void keys_dump_cpu(void *arg)
{
	struct pcpu *p = arg;
	struct vcpu *v = p->current;

	if (v) {
		log_dump("CPU %u, d%uv%u loaded:", p->id, v->domain->id, v->id);
		arch_pcpu_dump(p);
		arch_vcpu_dump(v);
	} else {
		log_dump("CPU %u, no vCPU:", p->id);
		arch_pcpu_dump(p);
	}
}

static bool keys_wait(struct pcpu_call *c)
{
	u64 end_ns = arch_now_ns() + DUMP_PATIENCE_NS;

	while (!__atomic_load_n(&c->done, __ATOMIC_ACQUIRE)) {
		if (arch_now_ns() > end_ns) {
			return false;
		}
		pcpu_run_calls(this_pcpu());
		arch_cpu_relax();
	}
	return true;
}

/* One CPU after the other, so that their lines do not mix. */
static void keys_dump_cpus(void)
{
	struct pcpu *p;

	for_each_cpu(p) {
		struct pcpu_call *c = &dump_calls[p->id];

		if (dump_sent[p->id] && !keys_wait(c)) {
			log_dump("CPU %u still does not answer", p->id);
			continue;
		}
		c->fn = keys_dump_cpu;
		c->arg = p;
		dump_sent[p->id] = true;
		pcpu_call(p, c);
		if (!keys_wait(c)) {
			log_dump("CPU %u does not answer", p->id);
			continue;
		}
		dump_sent[p->id] = false;
	}
}

/* --- R: reboot --- */

static void keys_reboot(void)
{
	log_dump("reboot by debug key");
	arch_stop_others();
	console_break_lock();
	arch_machine_end(MACHINE_REBOOT);
}

void keys_register(void)
{
	console_key_register('q', "domains and vCPUs", keys_dump_domains);
	console_key_register('d', "registers of all CPUs", keys_dump_cpus);
	console_key_register('R', "reboot the machine", keys_reboot);
	units_register_keys();
}
