/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What each CPU needs against branch predictor state and speculative stores that a guest leaves
 * behind: CVE-2017-5715 (Spectre v2), CVE-2022-23960 (branch history), CVE-2018-3639 (store
 * bypass). The choice is pure: it sees a CPU as its ID registers, and the firmware as a function.
 */
#ifndef ARCH_ARM_MITIGATION_H
#define ARCH_ARM_MITIGATION_H

#include "lib/types.h"

/* One table of vectors for each (vectors.S). */
enum mitigation_vectors {
	MITIGATION_NONE,
	MITIGATION_LOOP8,
	MITIGATION_LOOP11,
	MITIGATION_LOOP24,
	MITIGATION_LOOP32,
	MITIGATION_LOOP38,
	MITIGATION_LOOP132,
	MITIGATION_CLRBHB,
	MITIGATION_FIRMWARE1,
	MITIGATION_FIRMWARE1_LOOP8,
	MITIGATION_FIRMWARE3,
	MITIGATION_COUNT
};

enum mitigation_state {
	MITIGATION_UNAFFECTED,
	MITIGATION_DONE,
	MITIGATION_OFF,	       /* by option */
	MITIGATION_VULNERABLE, /* there is nothing that can be done */
};

struct mitigation_cpu {
	u32 midr;		/* MIDR_EL1 */
	u64 pfr0, mmfr1, isar2; /* ID_AA64PFR0_EL1, ID_AA64MMFR1_EL1, ID_AA64ISAR2_EL1 */
	/* SMCCC_ARCH_FEATURES of a function number, on that CPU: below 0: not there. */
	int (*features)(u32 func);
};

struct mitigation {
	enum mitigation_vectors vectors;
	enum mitigation_state predictor; /* CVE-2017-5715 */
	enum mitigation_state history;	 /* CVE-2022-23960 */
	enum mitigation_state store;	 /* CVE-2018-3639 */
	bool store_call;		 /* the firmware is to be told, by ARCH_WORKAROUND_2 */
	bool store_disable;		 /* ... that it may stop to mitigate */
};

struct mitigation mitigation_choose(const struct mitigation_cpu *c);

/* What a guest is told that asks for ARCH_WORKAROUND_1, _2 or _3 with SMCCC_ARCH_FEATURES, by what
 * was chosen for all CPUs that were told of: 0: call it, 1: not needed, -1: not there. A call that
 * a guest makes is done once it has trapped: it needs no answer but SMCCC_SUCCESS. */
int mitigation_guest_answer(u32 func);

/* Counts a CPU's choice in for mitigation_guest_answer(). One CPU at a time. */
void mitigation_account(const struct mitigation *m);

/* For the console: what is done against this, by these vectors. */
const char *mitigation_vectors_name(enum mitigation_vectors v);
const char *mitigation_state_name(enum mitigation_state s);

#endif
