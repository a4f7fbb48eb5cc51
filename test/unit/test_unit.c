/* SPDX-License-Identifier: GPL-2.0-only */
/* The order in which units are walked, and unwinding from every place. */
#include <stdio.h>
#include <string.h>

#include "arch/host/host.h"
#include "core/console.h"
#include "core/unit.h"
#include "lib/errno.h"
#include "unit/harness.h"

/* What was called: upper case made, lower case took apart. */
static char trace[64];
static char failing;

static int step(char name, int rc)
{
	size_t n = strlen(trace);

	trace[n] = name;
	trace[n + 1] = '\0';
	return failing == name ? rc : 0;
}

#define TEST_UNIT(up, down)                                                      \
	static int up##_boot(void)                                               \
	{                                                                        \
		return step(#up[0], -EIO);                                       \
	}                                                                        \
	static int up##_cpu(struct pcpu *p)                                      \
	{                                                                        \
		return step(#up[0], -ENODEV);                                    \
	}                                                                        \
	static int up##_create(struct domain *d, const struct domain_desc *desc) \
	{                                                                        \
		return step(#up[0], -ENOMEM);                                    \
	}                                                                        \
	static int up##_relinquish(struct domain *d)                             \
	{                                                                        \
		return step(#down[0], -ERESTART);                                \
	}                                                                        \
	static void up##_destroy(struct domain *d)                               \
	{                                                                        \
		step(#down[0], 0);                                               \
	}                                                                        \
	static int up##_vcpu(struct vcpu *v)                                     \
	{                                                                        \
		return step(#up[0], -ENOSPC);                                    \
	}                                                                        \
	static void up##_vcpu_destroy(struct vcpu *v)                            \
	{                                                                        \
		step(#down[0], 0);                                               \
	}                                                                        \
	static const struct unit unit_##up##_ = { .name = #up,                   \
		.boot = up##_boot,                                               \
		.cpu_up = up##_cpu,                                              \
		.domain_create = up##_create,                                    \
		.domain_relinquish = up##_relinquish,                            \
		.domain_destroy = up##_destroy,                                  \
		.vcpu_create = up##_vcpu,                                        \
		.vcpu_destroy = up##_vcpu_destroy }

TEST_UNIT(A, a);
TEST_UNIT(B, b);
TEST_UNIT(C, c);

static unsigned int dumps;

static void dump(void)
{
	dumps++;
}

static const struct unit empty = {
	.name = "empty", .dump = dump, .dump_key = '@', .dump_what = "test"
};
static const struct unit half = {
	.name = "half", .domain_create = A_create, .vcpu_create = A_vcpu
}; /* no way back: traced as A alone */

const struct unit *const units[] = { &unit_A_, &empty, &unit_B_, &half, &unit_C_ };
const unsigned int unit_count = ARRAY_SIZE(units);

static const char *traced(void)
{
	static char copy[64];

	strcpy(copy, trace);
	trace[0] = '\0';
	failing = 0;
	return copy;
}

UNIT_TEST(forward, "everything is made forward, and hooks may be missing")
{
	CHECK_EQ(units_boot(), 0);
	CHECK_STR(traced(), "ABC");
	CHECK_EQ(units_cpu_up(NULL), 0);
	CHECK_STR(traced(), "ABC");
	CHECK_EQ(units_domain_create(NULL, NULL), 0);
	CHECK_STR(traced(), "ABAC");
	CHECK_EQ(units_vcpu_create(NULL), 0);
	CHECK_STR(traced(), "ABAC");
}

UNIT_TEST(backward, "everything is taken apart backward")
{
	units_domain_destroy(NULL);
	CHECK_STR(traced(), "cba");
	units_vcpu_destroy(NULL);
	CHECK_STR(traced(), "cba");
	CHECK_EQ(units_domain_relinquish(NULL), 0);
	CHECK_STR(traced(), "cba");
	failing = 'b';
	CHECK_EQ(units_domain_relinquish(NULL), -ERESTART);
	CHECK_STR(traced(), "cb");
}

UNIT_TEST(unwind, "a failure undoes what was made before it, and nothing else")
{
	failing = 'C';
	CHECK_EQ(units_domain_create(NULL, NULL), -ENOMEM);
	CHECK_STR(traced(), "ABACba");
	failing = 'B';
	CHECK_EQ(units_domain_create(NULL, NULL), -ENOMEM);
	CHECK_STR(traced(), "ABa");
	failing = 'A';
	CHECK_EQ(units_domain_create(NULL, NULL), -ENOMEM);
	CHECK_STR(traced(), "A");
	failing = 'C';
	CHECK_EQ(units_vcpu_create(NULL), -ENOSPC);
	CHECK_STR(traced(), "ABACba");
}

UNIT_TEST(boot, "a unit that cannot start stops the boot")
{
	failing = 'B';
	CHECK_EQ(units_boot(), -EIO);
	CHECK_STR(traced(), "AB");
	failing = 'A';
	CHECK_EQ(units_cpu_up(NULL), -ENODEV);
	CHECK_STR(traced(), "A");
}

UNIT_TEST(dump_keys, "dump hooks become debug keys")
{
	units_register_keys();
	CHECK(console_key_run('@'));
	CHECK_EQ(dumps, 1);
}
