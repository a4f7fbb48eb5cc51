/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The choice of vectors, by lists of cores. Numbers of branches and the lists of what is affected
 * are Arm's ("Spectre-BHB: speculative target reuse attacks", and the security bulletins of 2018
 * and 2022); a core that no list has is asked of the firmware, and said to be vulnerable if that
 * does not know either.
 */
#include "arch/arm/mitigation.h"

#include "arch/arm/smccc_numbers.h"
#include "core/param.h"
#include "lib/bits.h"
#include "lib/compiler.h"
#include "lib/errno.h"
#include "lib/string.h"

/* MIDR_EL1 without variant and revision: implementer, architecture 0xf, part number. */
#define CORE(implementer, part) ((u32)(implementer) << 24 | 0xfU << 16 | (part) << 4)
#define CORE_MASK 0xff0ffff0U
#define ARM(part) CORE(0x41, part)
#define AMPERE(part) CORE(0xc0, part)
#define QUALCOMM(part) CORE(0x51, part)

enum history {
	HISTORY_UNKNOWN,
	HISTORY_SAFE,
	HISTORY_FIRMWARE, /* only ARCH_WORKAROUND_3 helps */
	HISTORY_LOOP8,
	HISTORY_LOOP11,
	HISTORY_LOOP24,
	HISTORY_LOOP32,
	HISTORY_LOOP38,
	HISTORY_LOOP132,
};

/* predictor_safe: not open to CVE-2017-5715 although it may not say so (CSV2). */
static const struct core {
	u32 id;
	u8 history; /* enum history */
	bool predictor_safe;
	bool store_safe; /* not open to CVE-2018-3639 */
} cores[] = {
	{ ARM(0xd01), HISTORY_SAFE, true, true },	 /* Cortex-A32 */
	{ ARM(0xd03), HISTORY_SAFE, true, true },	 /* Cortex-A53 */
	{ ARM(0xd04), HISTORY_SAFE, true, true },	 /* Cortex-A35 */
	{ ARM(0xd05), HISTORY_SAFE, true, true },	 /* Cortex-A55 */
	{ ARM(0xd07), HISTORY_LOOP8, false },		 /* Cortex-A57 */
	{ ARM(0xd08), HISTORY_LOOP8, false },		 /* Cortex-A72 */
	{ ARM(0xd09), HISTORY_FIRMWARE, false },	 /* Cortex-A73 */
	{ ARM(0xd0a), HISTORY_FIRMWARE, false },	 /* Cortex-A75 */
	{ ARM(0xd0b), HISTORY_LOOP24, true },		 /* Cortex-A76 */
	{ ARM(0xd0c), HISTORY_LOOP24, true },		 /* Neoverse N1 */
	{ ARM(0xd0d), HISTORY_LOOP24, true },		 /* Cortex-A77 */
	{ ARM(0xd0e), HISTORY_LOOP24, true },		 /* Cortex-A76AE */
	{ ARM(0xd40), HISTORY_LOOP32, true },		 /* Neoverse V1 */
	{ ARM(0xd41), HISTORY_LOOP32, true },		 /* Cortex-A78 */
	{ ARM(0xd42), HISTORY_LOOP32, true },		 /* Cortex-A78AE */
	{ ARM(0xd44), HISTORY_LOOP32, true },		 /* Cortex-X1 */
	{ ARM(0xd46), HISTORY_SAFE, true },		 /* Cortex-A510 */
	{ ARM(0xd47), HISTORY_LOOP32, true },		 /* Cortex-A710 */
	{ ARM(0xd48), HISTORY_LOOP32, true },		 /* Cortex-X2 */
	{ ARM(0xd49), HISTORY_LOOP32, true },		 /* Neoverse N2 */
	{ ARM(0xd4b), HISTORY_LOOP32, true },		 /* Cortex-A78C */
	{ ARM(0xd4c), HISTORY_LOOP32, true },		 /* Cortex-X1C */
	{ ARM(0xd4d), HISTORY_LOOP38, true },		 /* Cortex-A715 */
	{ ARM(0xd4e), HISTORY_LOOP132, true },		 /* Cortex-X3 */
	{ ARM(0xd4f), HISTORY_LOOP132, true },		 /* Neoverse V2 */
	{ ARM(0xd80), HISTORY_SAFE, true },		 /* Cortex-A520 */
	{ ARM(0xd81), HISTORY_LOOP38, true },		 /* Cortex-A720 */
	{ ARM(0xd89), HISTORY_LOOP38, true },		 /* Cortex-A720AE */
	{ AMPERE(0xac3), HISTORY_LOOP11, true },	 /* Ampere-1 */
	{ CORE(0x42, 0x100), HISTORY_SAFE, true, true }, /* Brahma-B53 */
	{ QUALCOMM(0x801), HISTORY_SAFE, true },	 /* Kryo 2xx silver */
	{ QUALCOMM(0x803), HISTORY_SAFE, true, true },	 /* Kryo 3xx silver */
	{ QUALCOMM(0x804), HISTORY_LOOP24, true },	 /* Kryo 4xx gold */
	{ QUALCOMM(0x805), HISTORY_SAFE, true, true },	 /* Kryo 4xx silver */
};

static const struct core unknown_core = { 0, HISTORY_UNKNOWN, false, false };

static const struct core *core_of(u32 midr)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(cores); i++) {
		if (cores[i].id == (midr & CORE_MASK)) {
			return &cores[i];
		}
	}
	return &unknown_core;
}

/* --- options --- */

static enum { STORE_RUNTIME, STORE_FORCE_DISABLE, STORE_FORCE_ENABLE } opt_store;
static bool opt_off;

static int parse_word(const char *word, size_t n)
{
	enum { KEEP = -1 };
	static const struct {
		const char *text;
		s8 off, store;
	} words[] = {
		{ "no", true, STORE_FORCE_DISABLE },
		{ "off", true, STORE_FORCE_DISABLE },
		{ "yes", false, STORE_RUNTIME },
		{ "ssbd=runtime", KEEP, STORE_RUNTIME },
		{ "ssbd=force-disable", KEEP, STORE_FORCE_DISABLE },
		{ "ssbd=force-enable", KEEP, STORE_FORCE_ENABLE },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(words); i++) {
		if (strlen(words[i].text) == n && memcmp(words[i].text, word, n) == 0) {
			opt_off = words[i].off == KEEP ? opt_off : words[i].off;
			opt_store = words[i].store;
			return 0;
		}
	}
	return -EINVAL;
}

static int parse_spec_ctrl(const char *value)
{
	while (value && *value) {
		size_t n = 0;

		while (value[n] && value[n] != ',') {
			n++;
		}
		if (parse_word(value, n)) {
			return -EINVAL;
		}
		value += n + (value[n] == ',');
	}
	return 0;
}
PARAM(spec_ctrl, "spec-ctrl", parse_spec_ctrl);

/* --- the choice --- */

/* DDI 0487, D17.2: CSV2 1: branch targets of other contexts do not steer speculation; 3: nor does
 * their history. ECBHB: the history does not reach from one exception level to another. */
#define PFR0_CSV2 mask64(59, 56)
#define MMFR1_ECBHB mask64(63, 60)
#define ISAR2_CLRBHB mask64(31, 28)

static bool firmware_has(const struct mitigation_cpu *c, u32 func)
{
	return c->features(func) == PSCI_SUCCESS;
}

/* Does the firmware say that this CPU needs none? */
static bool firmware_knows_safe(const struct mitigation_cpu *c, u32 func)
{
	return c->features(func) == SMCCC_NOT_REQUIRED;
}

static bool predictor_affected(const struct mitigation_cpu *c, const struct core *core)
{
	return field_get(PFR0_CSV2, c->pfr0) == 0 && !core->predictor_safe &&
	       !firmware_knows_safe(c, SMCCC_ARCH_WORKAROUND_1);
}

static bool history_affected(const struct mitigation_cpu *c, const struct core *core)
{
	return field_get(PFR0_CSV2, c->pfr0) < 3 && core->history != HISTORY_SAFE &&
	       field_get(MMFR1_ECBHB, c->mmfr1) == 0 &&
	       !firmware_knows_safe(c, SMCCC_ARCH_WORKAROUND_3);
}

/* Without the firmware's help; MITIGATION_NONE: there is no way. */
static enum mitigation_vectors history_vectors(
	const struct mitigation_cpu *c, const struct core *core)
{
	static const u8 by_loop[] = {
		[HISTORY_FIRMWARE] = MITIGATION_NONE,
		[HISTORY_LOOP8] = MITIGATION_LOOP8,
		[HISTORY_LOOP11] = MITIGATION_LOOP11,
		[HISTORY_LOOP24] = MITIGATION_LOOP24,
		[HISTORY_LOOP32] = MITIGATION_LOOP32,
		[HISTORY_LOOP38] = MITIGATION_LOOP38,
		[HISTORY_LOOP132] = MITIGATION_LOOP132,
	};

	if (field_get(ISAR2_CLRBHB, c->isar2)) {
		return MITIGATION_CLRBHB;
	}
	return by_loop[core->history];
}

static void choose_vectors(
	const struct mitigation_cpu *c, const struct core *core, struct mitigation *m)
{
	bool predictor = m->predictor != MITIGATION_UNAFFECTED;
	bool history = m->history != MITIGATION_UNAFFECTED;
	enum mitigation_vectors own = history ? history_vectors(c, core) : MITIGATION_NONE;

	/* ARCH_WORKAROUND_3 does what ARCH_WORKAROUND_1 does, too (DEN0070). */
	if ((predictor || own == MITIGATION_NONE) && (predictor || history) &&
		firmware_has(c, SMCCC_ARCH_WORKAROUND_3)) {
		m->vectors = MITIGATION_FIRMWARE3;
		m->predictor = predictor ? MITIGATION_DONE : m->predictor;
		m->history = history ? MITIGATION_DONE : m->history;
		return;
	}
	m->vectors = own;
	m->history = own != MITIGATION_NONE ? MITIGATION_DONE : m->history;
	if (predictor && firmware_has(c, SMCCC_ARCH_WORKAROUND_1)) {
		/* Of the cores that need both, all with a loop have one of 8. */
		m->predictor = MITIGATION_DONE;
		m->vectors = own == MITIGATION_LOOP8 ? MITIGATION_FIRMWARE1_LOOP8
						     : MITIGATION_FIRMWARE1;
		m->history = own != MITIGATION_LOOP8 && history ? MITIGATION_VULNERABLE
								: m->history;
	}
}

/* The firmware's switch exists where it answers 0; it is on after reset. */
static void choose_store(
	const struct mitigation_cpu *c, const struct core *core, struct mitigation *m)
{
	int answer = c->features(SMCCC_ARCH_WORKAROUND_2);

	if (answer == SMCCC_NOT_REQUIRED || core->store_safe) {
		m->store = MITIGATION_UNAFFECTED;
	} else if (answer < 0) {
		m->store = MITIGATION_VULNERABLE;
	} else {
		m->store_call = true;
		m->store_disable = opt_store == STORE_FORCE_DISABLE;
		m->store = m->store_disable ? MITIGATION_OFF : MITIGATION_DONE;
	}
}

struct mitigation mitigation_choose(const struct mitigation_cpu *c)
{
	const struct core *core = core_of(c->midr);
	struct mitigation m = {
		.predictor = predictor_affected(c, core) ? MITIGATION_VULNERABLE
							 : MITIGATION_UNAFFECTED,
		.history = history_affected(c, core) ? MITIGATION_VULNERABLE
						     : MITIGATION_UNAFFECTED,
	};

	choose_store(c, core, &m);
	if (!opt_off) {
		choose_vectors(c, core, &m);
		return m;
	}
	m.predictor = m.predictor == MITIGATION_UNAFFECTED ? m.predictor : MITIGATION_OFF;
	m.history = m.history == MITIGATION_UNAFFECTED ? m.history : MITIGATION_OFF;
	return m;
}

/* --- what guests are told --- */

/* A vCPU may run on any CPU: the worst state counts, and a call helps if it helps on one. */
static struct {
	enum mitigation_state predictor, history, store;
	bool firmware1, firmware3;
} all;

void mitigation_account(const struct mitigation *m)
{
	all.predictor = MAX(all.predictor, m->predictor);
	all.history = MAX(all.history, m->history);
	all.store = MAX(all.store, m->store);
	all.firmware3 |= m->vectors == MITIGATION_FIRMWARE3;
	all.firmware1 |= m->vectors == MITIGATION_FIRMWARE1 ||
			 m->vectors == MITIGATION_FIRMWARE1_LOOP8 ||
			 m->vectors == MITIGATION_FIRMWARE3;
}

static int answer(bool call_helps, enum mitigation_state s)
{
	if (call_helps) {
		return PSCI_SUCCESS;
	}
	return s == MITIGATION_UNAFFECTED ? SMCCC_NOT_REQUIRED : SMCCC_NOT_SUPPORTED;
}

int mitigation_guest_answer(u32 func)
{
	switch (func) {
	case SMCCC_ARCH_WORKAROUND_1:
		return answer(all.firmware1, all.predictor);
	case SMCCC_ARCH_WORKAROUND_2:
		/* It is always on, or there is none: guests have no switch. */
		return all.store <= MITIGATION_DONE ? SMCCC_NOT_REQUIRED : SMCCC_NOT_SUPPORTED;
	case SMCCC_ARCH_WORKAROUND_3:
		return answer(all.firmware3, all.history);
	default:
		return SMCCC_NOT_SUPPORTED;
	}
}

/* --- for the console --- */

const char *mitigation_vectors_name(enum mitigation_vectors v)
{
	static const char *const names[MITIGATION_COUNT] = {
		[MITIGATION_NONE] = "plain",
		[MITIGATION_LOOP8] = "loop of 8 branches",
		[MITIGATION_LOOP11] = "loop of 11 branches",
		[MITIGATION_LOOP24] = "loop of 24 branches",
		[MITIGATION_LOOP32] = "loop of 32 branches",
		[MITIGATION_LOOP38] = "loop of 38 branches",
		[MITIGATION_LOOP132] = "loop of 132 branches",
		[MITIGATION_CLRBHB] = "CLRBHB",
		[MITIGATION_FIRMWARE1] = "ARCH_WORKAROUND_1",
		[MITIGATION_FIRMWARE1_LOOP8] = "ARCH_WORKAROUND_1, loop of 8 branches",
		[MITIGATION_FIRMWARE3] = "ARCH_WORKAROUND_3",
	};

	return names[v];
}

const char *mitigation_state_name(enum mitigation_state s)
{
	static const char *const names[] = { "not affected", "mitigated", "off", "vulnerable" };

	return names[s];
}
