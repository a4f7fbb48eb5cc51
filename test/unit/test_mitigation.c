/* SPDX-License-Identifier: GPL-2.0-only */
/* arch/arm/mitigation.c: real cores by their MIDR, and firmware of several ages behind SMCCC. */
#include "arch/arm/mitigation.h"

#include "arch/arm/smccc_numbers.h"
#include "core/param.h"
#include "unit/harness.h"

/* What the firmware answers for workarounds 1, 2 and 3. */
static int firmware[4] = { 0, -1, -1, -1 };
static unsigned int asked;

static int features(u32 func)
{
	asked++;
	switch (func) {
	case 0x80008000:
		return firmware[1];
	case 0x80007fff:
		return firmware[2];
	case 0x80003fff:
		return firmware[3];
	default:
		CHECK(false);
		return -1;
	}
}

#define CSV2(n) ((u64)(n) << 56)
#define ECBHB (1ULL << 60)
#define CLRBHB (1ULL << 28)

static struct mitigation choose(u32 midr, u64 pfr0, u64 mmfr1, u64 isar2, int w1, int w2, int w3)
{
	struct mitigation_cpu c = { midr, pfr0, mmfr1, isar2, features };

	firmware[1] = w1;
	firmware[2] = w2;
	firmware[3] = w3;
	return mitigation_choose(&c);
}

UNIT_TEST(cores, "each core without help from firmware: MIDRs of silicon and of QEMU")
{
	static const struct {
		u32 midr;
		u8 csv2, vectors, predictor, history;
	} cases[] = {
		{ 0x410fd034, 0, MITIGATION_NONE, MITIGATION_UNAFFECTED, MITIGATION_UNAFFECTED },
		{ 0x412fd050, 0, MITIGATION_NONE, MITIGATION_UNAFFECTED, MITIGATION_UNAFFECTED },
		{ 0x411fd070, 0, MITIGATION_LOOP8, MITIGATION_VULNERABLE, MITIGATION_DONE },
		{ 0x410fd083, 0, MITIGATION_LOOP8, MITIGATION_VULNERABLE, MITIGATION_DONE },
		{ 0x410fd091, 0, MITIGATION_NONE, MITIGATION_VULNERABLE, MITIGATION_VULNERABLE },
		{ 0x414fd0b1, 1, MITIGATION_LOOP24, MITIGATION_UNAFFECTED, MITIGATION_DONE },
		{ 0x414fd0c1, 1, MITIGATION_LOOP24, MITIGATION_UNAFFECTED, MITIGATION_DONE },
		{ 0x411fd400, 2, MITIGATION_LOOP32, MITIGATION_UNAFFECTED, MITIGATION_DONE },
		{ 0x411fd440, 1, MITIGATION_LOOP32, MITIGATION_UNAFFECTED, MITIGATION_DONE },
		{ 0x410fd490, 2, MITIGATION_LOOP32, MITIGATION_UNAFFECTED, MITIGATION_DONE },
		{ 0x410fd4d0, 2, MITIGATION_LOOP38, MITIGATION_UNAFFECTED, MITIGATION_DONE },
		{ 0x410fd4f1, 2, MITIGATION_LOOP132, MITIGATION_UNAFFECTED, MITIGATION_DONE },
		{ 0xc00fac30, 1, MITIGATION_LOOP11, MITIGATION_UNAFFECTED, MITIGATION_DONE },
		{ 0x000f0510, 1, MITIGATION_NONE, MITIGATION_UNAFFECTED, MITIGATION_VULNERABLE },
		{ 0x000f0510, 0, MITIGATION_NONE, MITIGATION_VULNERABLE, MITIGATION_VULNERABLE },
		{ 0x000f0510, 3, MITIGATION_NONE, MITIGATION_UNAFFECTED, MITIGATION_UNAFFECTED },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(cases); i++) {
		struct mitigation m = choose(cases[i].midr, CSV2(cases[i].csv2), 0, 0, -1, -1, -1);

		CHECK_EQ(m.vectors, cases[i].vectors);
		CHECK_EQ(m.predictor, cases[i].predictor);
		CHECK_EQ(m.history, cases[i].history);
		CHECK(!m.store_call);
	}
}

UNIT_TEST(hardware, "CSV2, ECBHB and CLRBHB go before the list")
{
	CHECK_EQ(choose(0x410fd490, CSV2(3), 0, 0, -1, -1, -1).vectors, MITIGATION_NONE);
	CHECK_EQ(choose(0x410fd490, CSV2(2), ECBHB, 0, -1, -1, -1).vectors, MITIGATION_NONE);
	CHECK_EQ(choose(0x410fd490, CSV2(2), ECBHB, 0, -1, -1, -1).history, MITIGATION_UNAFFECTED);
	CHECK_EQ(choose(0x410fd490, CSV2(2), 0, CLRBHB, -1, -1, 0).vectors, MITIGATION_CLRBHB);
	CHECK_EQ(choose(0x410fd490, CSV2(2), 0, CLRBHB, -1, -1, 0).history, MITIGATION_DONE);
	CHECK_EQ(choose(0x410fd034, 0, 0, CLRBHB, -1, -1, -1).vectors, MITIGATION_NONE);
}

UNIT_TEST(firmware_helps, "workaround 1 and 3 of the firmware, and what it says is not needed")
{
	struct mitigation m;

	/* Cortex-A73: only the newer one covers both. */
	m = choose(0x410fd091, 0, 0, 0, 0, 0, 0);
	CHECK_EQ(m.vectors, MITIGATION_FIRMWARE3);
	CHECK(m.predictor == MITIGATION_DONE && m.history == MITIGATION_DONE);
	m = choose(0x410fd091, 0, 0, 0, 0, 0, -1);
	CHECK_EQ(m.vectors, MITIGATION_FIRMWARE1);
	CHECK(m.predictor == MITIGATION_DONE && m.history == MITIGATION_VULNERABLE);
	/* Cortex-A72: both with the old firmware, by a loop of its own. */
	m = choose(0x410fd083, 0, 0, 0, 0, 0, -1);
	CHECK_EQ(m.vectors, MITIGATION_FIRMWARE1_LOOP8);
	CHECK(m.predictor == MITIGATION_DONE && m.history == MITIGATION_DONE);
	m = choose(0x410fd083, 0, 0, 0, 0, 0, 0);
	CHECK_EQ(m.vectors, MITIGATION_FIRMWARE3);
	/* Its later revision has CSV2: no call at each exit. */
	m = choose(0x411fd083, CSV2(1), 0, 0, 1, 1, 0);
	CHECK_EQ(m.vectors, MITIGATION_LOOP8);
	CHECK_EQ(m.predictor, MITIGATION_UNAFFECTED);
	/* A core that no list has. */
	m = choose(0x480fd020, CSV2(1), 0, 0, -1, -1, 0);
	CHECK_EQ(m.vectors, MITIGATION_FIRMWARE3);
	CHECK_EQ(m.history, MITIGATION_DONE);
	m = choose(0x480fd020, 0, 0, 0, 1, 1, 1);
	CHECK_EQ(m.vectors, MITIGATION_NONE);
	CHECK(m.predictor == MITIGATION_UNAFFECTED && m.history == MITIGATION_UNAFFECTED);
	CHECK_EQ(m.store, MITIGATION_UNAFFECTED);
	/* Firmware that does not exist is not called at an exit. */
	m = choose(0x480fd020, 0, 0, 0, -1, -1, -1);
	CHECK_EQ(m.vectors, MITIGATION_NONE);
}

UNIT_TEST(options, "spec-ctrl= turns vectors and the store bypass off; nonsense changes nothing")
{
	struct mitigation m;

	m = choose(0x411fd083, 0, 0, 0, 0, 0, 0);
	CHECK(m.store_call && !m.store_disable);
	CHECK_EQ(m.store, MITIGATION_DONE);
	param_parse_line("spec-ctrl=ssbd=force-disable");
	m = choose(0x411fd083, 0, 0, 0, 0, 0, 0);
	CHECK_EQ(m.vectors, MITIGATION_FIRMWARE3);
	CHECK(m.store_call && m.store_disable);
	CHECK_EQ(m.store, MITIGATION_OFF);
	param_parse_line("spec-ctrl=no");
	m = choose(0x411fd083, 0, 0, 0, 0, 1, 0);
	CHECK_EQ(m.vectors, MITIGATION_NONE);
	CHECK(m.predictor == MITIGATION_OFF && m.history == MITIGATION_OFF);
	CHECK_EQ(m.store, MITIGATION_UNAFFECTED);
	CHECK(!m.store_call);
	param_parse_line("spec-ctrl=no,ssbd=runtime");
	m = choose(0x411fd083, 0, 0, 0, 0, 0, 0);
	CHECK_EQ(m.vectors, MITIGATION_NONE);
	CHECK(m.store_call && !m.store_disable);
	param_parse_line("spec-ctrl=nonsense");
	CHECK_EQ(choose(0x411fd083, 0, 0, 0, 0, 0, 0).vectors, MITIGATION_NONE);
	param_parse_line("spec-ctrl=yes,ssbd=force-enable");
	m = choose(0x411fd083, 0, 0, 0, 0, 0, 0);
	CHECK_EQ(m.vectors, MITIGATION_FIRMWARE3);
	CHECK(m.store_call && !m.store_disable);
	param_parse_line("spec-ctrl=ssbd=runtime");
}

UNIT_TEST(guests, "guests are told of the worst CPU, and of calls that help on one of them")
{
	struct mitigation m;

	/* Cortex-A53 alone: nothing is needed. */
	m = choose(0x410fd034, 0, 0, 0, -1, 1, -1);
	mitigation_account(&m);
	CHECK_EQ(mitigation_guest_answer(SMCCC_ARCH_WORKAROUND_1), 1);
	CHECK_EQ(mitigation_guest_answer(SMCCC_ARCH_WORKAROUND_2), 1);
	CHECK_EQ(mitigation_guest_answer(SMCCC_ARCH_WORKAROUND_3), 1);
	CHECK_EQ(mitigation_guest_answer(SMCCC_VERSION), -1);
	/* With an N1, which its guests mitigate themselves. */
	m = choose(0x414fd0c1, CSV2(1), 0, 0, 1, 0, -1);
	mitigation_account(&m);
	CHECK_EQ(mitigation_guest_answer(SMCCC_ARCH_WORKAROUND_1), 1);
	CHECK_EQ(mitigation_guest_answer(SMCCC_ARCH_WORKAROUND_2), 1);
	CHECK_EQ(mitigation_guest_answer(SMCCC_ARCH_WORKAROUND_3), -1);
	/* And an A72 with old firmware. */
	m = choose(0x410fd083, 0, 0, 0, 0, -1, -1);
	mitigation_account(&m);
	CHECK_EQ(mitigation_guest_answer(SMCCC_ARCH_WORKAROUND_1), 0);
	CHECK_EQ(mitigation_guest_answer(SMCCC_ARCH_WORKAROUND_2), -1);
	CHECK_EQ(mitigation_guest_answer(SMCCC_ARCH_WORKAROUND_3), -1);
	/* And an A73 with new firmware. */
	m = choose(0x410fd091, 0, 0, 0, 0, 0, 0);
	mitigation_account(&m);
	CHECK_EQ(mitigation_guest_answer(SMCCC_ARCH_WORKAROUND_3), 0);
}

UNIT_TEST(names, "everything has a name")
{
	for (unsigned int i = 0; i < MITIGATION_COUNT; i++) {
		CHECK(mitigation_vectors_name(i)[0] != '\0');
	}
	CHECK_STR(mitigation_state_name(MITIGATION_VULNERABLE), "vulnerable");
	CHECK(asked > 0);
}
