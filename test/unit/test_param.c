/* SPDX-License-Identifier: GPL-2.0-only */
/* Command lines and what they set. */
#include <stdio.h>
#include <string.h>

#include "core/console.h"
#include "core/log.h"
#include "core/param.h"
#include "lib/errno.h"
#include "unit/harness.h"

/* What the options below were called with, in order: "name=value;" or "name;" */
static char calls[4096];
static char said[8192];

static void note(const char *name, const char *value)
{
	size_t n = strlen(calls);

	snprintf(calls + n, sizeof(calls) - n, value ? "%s=%s;" : "%s;", name, value);
}

static int parse_mem(const char *value)
{
	note("test_mem", value);
	return value && strcmp(value, "bad") == 0 ? -EINVAL : 0;
}
PARAM(test_mem, "test_mem", parse_mem);

static int parse_list(const char *value)
{
	note("list", value);
	return 0;
}
PARAM(test_list, "test_list", parse_list);

static int parse_list_too(const char *value)
{
	note("list", value);
	return 0;
}
PARAM(test_list_too, "test_list", parse_list_too);

/* One whose own name begins with no, beside the one that it would negate. */
static int parse_noboot(const char *value)
{
	note("notest_boot", value);
	return 0;
}
PARAM(test_noboot, "notest_boot", parse_noboot);

static int parse_boot(const char *value)
{
	note("test_boot", value);
	return 0;
}
PARAM(test_boot, "test_boot", parse_boot);

static bool flag;
PARAM_BOOL(test_flag, "test_flag", flag);

static void capture(const char *text, size_t n)
{
	size_t at = strlen(said);

	n = MIN(n, sizeof(said) - at - 1);
	memcpy(said + at, text, n);
	said[at + n] = '\0';
}

static const struct console console = { .name = "host", .write = capture };

__attribute__((constructor)) static void setup(void)
{
	console_register(&console);
}

static void run(const char *line)
{
	calls[0] = said[0] = '\0';
	param_parse_line(line);
}

static const struct {
	const char *line, *calls, *said;
} cases[] = {
	{ "", "", "" },
	{ "   \t ", "", "" },
	{ "test_mem=1G", "test_mem=1G;", "" },
	{ "test_mem", "test_mem;", "" },
	{ "test_mem=", "test_mem=;", "" },
	{ "  test_mem=1 \t test_mem=2  ", "test_mem=1;test_mem=2;", "" },
	{ "test_mem=a=b", "test_mem=a=b;", "" },
	{ "test_list=x,y", "list=x,y;list=x,y;", "" },
	{ "no-test_mem", "test_mem=no;", "" },
	{ "notest_mem", "test_mem=no;", "" },
	{ "notest_boot", "notest_boot;", "" },
	{ "no-test_boot", "test_boot=no;", "" },
	{ "test_mem=\"a b\"", "test_mem=a b;", "" },
	{ "\"test_mem=a b\" test_boot", "test_mem=a b;test_boot;", "" },
	{ "test_mem='a \"b' test_boot", "test_mem=a \"b;test_boot;", "" },
	{ "test_mem=\"open test_boot", "test_mem=open test_boot;", "" },
	{ "test_mem=bad", "test_mem=bad;", "(BH) option test_mem: bad value \"bad\"\n" },
	{ "nonsense", "", "(BH) option nonsense is unknown: ignored\n" },
	{ "nonsense=7 test_boot", "test_boot;", "(BH) option nonsense is unknown: ignored\n" },
	{ "no-nonsense", "", "(BH) option no-nonsense is unknown: ignored\n" },
	{ "notest_mem=1", "", "(BH) option notest_mem is unknown: ignored\n" },
	{ "=x", "", "(BH) option  is unknown: ignored\n" },
	{ "no", "", "(BH) option no is unknown: ignored\n" },
	{ "test_boot -- test_mem=1", "test_boot;", "" },
	{ "test_boot --x", "test_boot;", "(BH) option --x is unknown: ignored\n" },
	{ "test_flag=maybe", "", "(BH) option test_flag: bad value \"maybe\"\n" },
};

UNIT_TEST(table, "lines call the options that they name, and say what they cannot use")
{
	for (unsigned int i = 0; i < ARRAY_SIZE(cases); i++) {
		run(cases[i].line);
		CHECK_STR(calls, cases[i].calls);
		CHECK_STR(said, cases[i].said);
	}
}

UNIT_TEST(boolean, "a boolean option takes all words for true and false")
{
	static const struct {
		const char *line;
		bool want;
	} words[] = { { "test_flag", true }, { "no-test_flag", false }, { "test_flag=1", true },
		{ "test_flag=off", false }, { "test_flag=yes", true }, { "notest_flag", false },
		{ "test_flag=on", true }, { "test_flag=false", false } };

	for (unsigned int i = 0; i < ARRAY_SIZE(words); i++) {
		flag = !words[i].want;
		run(words[i].line);
		CHECK_EQ(flag, words[i].want);
	}
	run("test_flag=true test_flag=bogus");
	CHECK(flag);
}

UNIT_TEST(long_word, "a word that is too long is refused as a whole, and the rest is read")
{
	char line[2 * PARAM_WORD_MAX + 32];

	memset(line, 'x', sizeof(line));
	memcpy(line, "test_mem=", 9);
	strcpy(line + 2 * PARAM_WORD_MAX, " test_boot");
	run(line);
	CHECK_STR(calls, "test_boot;");
	CHECK(strstr(said, "longer than") != NULL);

	/* The longest that fits. */
	line[PARAM_WORD_MAX - 1] = '\0';
	run(line);
	CHECK_EQ(strlen(calls), PARAM_WORD_MAX);
}

UNIT_TEST(dashes, "what follows the word -- is for the first domain")
{
	CHECK_STR(param_after_dashes("a=b -- root=/dev/xvda ro"), "root=/dev/xvda ro");
	CHECK_STR(param_after_dashes("a=b --  x -- y"), "x -- y");
	CHECK_STR(param_after_dashes("a=b"), "");
	CHECK_STR(param_after_dashes("a=b --"), "");
	CHECK_STR(param_after_dashes("--c d"), "");
	CHECK_STR(param_after_dashes(""), "");
}
