/* SPDX-License-Identifier: GPL-2.0-only */
/* Picks the case, and watches. */
#include "cases.h"

static const struct {
	const char *name;
	void (*run)(void);
} cases[] = {
	{ "triple-fault", case_triple_fault },
	{ "jump-to-nothing", case_jump_to_nothing },
	{ "tables-in-nothing", case_tables_in_nothing },
	{ "tables-in-apic", case_tables_in_apic },
	{ "nw-without-cd", case_nw_without_cd },
	{ "invalid-cr3", case_invalid_cr3 },
	{ "bad-stack", case_bad_stack },
	{ "cache-instructions", case_cache_instructions },
	{ "foreign-memory", case_foreign_memory },
	{ "endless-string", case_endless_string },
	{ "interrupt-flood", case_interrupt_flood },
	{ "self-modifying", case_self_modifying },
	{ "registered-pages", case_registered_pages },
	{ "storm", case_storm },
};

static volatile u32 watch_ticks;
static volatile bool watch_stop;

static u64 watch_loop(u64 end)
{
	while (!watch_stop) {
		xen_delay_us(100000);
		watch_ticks++;
		print("tick %u\n", watch_ticks);
		if (end != 0 && watch_ticks == end) {
			CHECK_EQ(watch_ticks, end, "the other CPU ran all the time");
			start_finish();
		}
	}
	return 1;
}

static unsigned int watch_cpu(void)
{
	return smp_count() - 1;
}

void watch_and_end(unsigned int ticks)
{
	smp_run(watch_cpu(), watch_loop, ticks);
	smp_wait_for(&watch_ticks, 2, 10000);
}

void watch_start(void)
{
	smp_run(watch_cpu(), watch_loop, 0);
	smp_wait_for(&watch_ticks, 1, 10000);
}

void watch_check(void)
{
	u32 before = watch_ticks;

	CHECK(smp_wait_for(&watch_ticks, before + 2, 10000), "the other CPU still runs");
	watch_stop = true;
	smp_wait(watch_cpu(), 10000, NULL);
}

void guest_main(void)
{
	char name[32] = "";

	start_option("case", name, sizeof(name));
	apic_enable(true);
	CHECK(smp_start_all(), "all CPUs start");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		if (strcmp(name, cases[i].name) == 0) {
			print("case %s\n", name);
			cases[i].run();
			return;
		}
	}
	CHECK(false, "there is no case %s", name);
}
