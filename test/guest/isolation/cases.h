/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One attack for each boot, picked by case=NAME. What may happen to this guest is in
 * test/system/guests.py; the hypervisor must never fail, and must go on with other vCPUs.
 */
#ifndef GUEST_ISOLATION_CASES_H
#define GUEST_ISOLATION_CASES_H

#include "guest/lib/apic.h"
#include "guest/lib/check.h"
#include "guest/lib/cpu.h"
#include "guest/lib/hypercall.h"
#include "guest/lib/print.h"
#include "guest/lib/smp.h"
#include "guest/lib/start.h"
#include "guest/lib/xen.h"
#include "lib/string.h"

/* An address below 4 GiB where the machine has neither memory nor a device. */
#define NOTHING 0xe0000000UL

/* Lets the last CPU print ticks; it ends the run with the summary after @ticks, 100 ms each. */
void watch_and_end(unsigned int ticks);
/* The same, but CPU 0 goes on and asks with watch_check() whether there were ticks meanwhile. */
void watch_start(void);
void watch_check(void);

void case_triple_fault(void);
void case_jump_to_nothing(void);
void case_tables_in_nothing(void);
void case_tables_in_apic(void);
void case_nw_without_cd(void);
void case_invalid_cr3(void);
void case_bad_stack(void);
void case_cache_instructions(void);
void case_foreign_memory(void);
void case_endless_string(void);
void case_interrupt_flood(void);
void case_self_modifying(void);
void case_registered_pages(void);
void case_storm(void);

#endif
