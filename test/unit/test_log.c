/* SPDX-License-Identifier: GPL-2.0-only */
/* What is said where: levels, rate limit, the text of a line, the ring. */
#include <stdlib.h>
#include <string.h>

#include "arch/host/host.h"
#include "core/log.h"
#include "core/param.h"
#include "core/time.h"
#include "lib/errno.h"
#include "unit/harness.h"
#include "unit/random.h"
#include "unit/shown.h"

#define RING_SIZE (1UL << CONFIG_LOG_RING_SHIFT)

__attribute__((constructor)) static void setup(void)
{
	host_cpus_init(1);
	console_register(&shown_console);
}

static void forget(void)
{
	log_ring_clear();
	shown_forget();
}

/* How many lines are in the text. */
static unsigned int count_lines(const char *text, size_t n)
{
	unsigned int lines = 0;

	for (size_t i = 0; i < n; i++) {
		lines += text[i] == '\n';
	}
	return lines;
}

static unsigned int ring_lines(void)
{
	static char buf[RING_SIZE];
	u64 index = 0;
	size_t n = log_ring_read(&index, buf, sizeof(buf));

	return count_lines(buf, n);
}

/* Time enough for the whole allowance. */
static void refill(void)
{
	host_now_ns += 100 * NS_PER_S;
}

static const struct {
	const char *host, *guest;
	enum log_level level;
	bool show, keep;
} level_cases[] = {
	{ "none", "none", LOG_ERR, false, true },
	{ "none", "none", LOG_FORCE, true, true },
	{ "none", "none", LOG_GUEST_ERR, false, false },
	{ "error", "none", LOG_ERR, true, true },
	{ "error", "none", LOG_WARN, false, true },
	{ "warning", "none", LOG_WARN, true, true },
	{ "warning", "none", LOG_INFO, false, true },
	{ "info", "none", LOG_INFO, true, true },
	{ "info", "none", LOG_DEBUG, false, true },
	{ "all", "none", LOG_DEBUG, true, true },
	{ "debug", "none", LOG_DEBUG, true, true },
	{ "all", "none", LOG_GUEST_ERR, false, false },
	{ "none", "error", LOG_GUEST_ERR, true, true },
	{ "none", "error", LOG_GUEST_WARN, false, false },
	{ "none", "none/warning", LOG_GUEST_WARN, true, true },
	{ "none", "none/warning", LOG_GUEST_INFO, false, false },
	{ "none", "all", LOG_GUEST_INFO, true, true },
	{ "error/warning", "none", LOG_WARN, true, true },
	{ "warning/error", "none", LOG_WARN, true, true },
};

UNIT_TEST(levels, "each level is shown and kept as loglvl= and guest_loglvl= say")
{
	for (unsigned int i = 0; i < ARRAY_SIZE(level_cases); i++) {
		refill();
		CHECK_EQ(log_set_levels(false, level_cases[i].host), 0);
		CHECK_EQ(log_set_levels(true, level_cases[i].guest), 0);
		forget();
		log_msg(level_cases[i].level, "case %u", i);
		CHECK_EQ(count_lines(shown, shown_size), level_cases[i].show);
		CHECK_EQ(ring_lines(), level_cases[i].keep);
	}
}

UNIT_TEST(bad_levels, "words that are no level are refused and change nothing")
{
	static const char *const bad[] = { "", "loud", "all/", "/all", "all/loud", "all/all/all",
		"Error", "errors" };

	log_set_levels(false, "info");
	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++) {
		CHECK_EQ(log_set_levels(false, bad[i]), -EINVAL);
	}
	forget();
	log_info("yes");
	log_debug("no");
	CHECK_STR(shown, "(BH) yes\n");
}

UNIT_TEST(rate, "a guest's lines are limited to a burst and then to a rate; the loss is counted")
{
	log_set_levels(true, "none/warning");
	refill();
	forget();
	for (unsigned int i = 0; i < 25; i++) {
		log_guest("line %u", i);
	}
	CHECK_EQ(count_lines(shown, shown_size), LOG_RATE_BURST);
	CHECK_EQ(ring_lines(), LOG_RATE_BURST);
	forget();
	host_now_ns += LOG_RATE_NS;
	log_guest("again");
	log_guest("too soon");
	CHECK_STR(shown, "(BH) 15 lines like the next were not shown\n(BH) again\n");
	refill();
	forget();
	for (unsigned int i = 0; i < LOG_RATE_BURST; i++) {
		log_guest("x");
	}
	CHECK_EQ(count_lines(shown, shown_size), LOG_RATE_BURST + 1);
}

UNIT_TEST(text, "a line has a prefix, no control characters, and a bounded length")
{
	static char words[2000];

	log_set_levels(false, "info");
	forget();
	log_info("a%sb", "\033[2J\n\x80");
	CHECK_STR(shown, "(BH) a.[2J..b\n");
	forget();
	memset(words, 'w', sizeof(words) - 1);
	log_info("%s", words);
	CHECK_EQ(shown_size, 511);
	CHECK_EQ(shown[shown_size - 1], '\n');
	CHECK_EQ(shown[shown_size - 2], 'w');
	CHECK_EQ(count_lines(shown, shown_size), 1);
}

UNIT_TEST(stamps, "console_timestamps= chooses what stands before a line")
{
	host_now_ns = 12 * NS_PER_S + 345678901;
	forget();
	param_parse_line("console_timestamps=boot");
	log_info("x");
	param_parse_line("console_timestamps=raw");
	log_info("x");
	param_parse_line("console_timestamps");
	log_info("x");
	param_parse_line("no-console_timestamps");
	log_info("x");
	CHECK_STR(shown, "(BH) [   12.345678] x\n(BH) [00000002dfdc1c35] x\n"
			 "(BH) [   12.345678] x\n(BH) x\n");
	forget();
	param_parse_line("console_timestamps=sundial");
	CHECK_STR(shown, "(BH) option console_timestamps: bad value \"sundial\"\n");
}

/* The model is everything that was ever written since the last clear. */
UNIT_TEST(ring, "the ring gives the last bytes by their indices, through many turns")
{
	static char model[8 * RING_SIZE], got[2 * RING_SIZE];
	u64 base, rnd = 11, index;
	size_t written = 0;

	forget();
	base = log_ring_next();
	CHECK_EQ(log_ring_oldest(), base);
	while (written < sizeof(model) - 5000) {
		size_t n = (size_t)random_below(&rnd, 5000), len;
		u64 oldest, from;

		for (size_t i = 0; i < n; i++) {
			model[written + i] = (char)random_next(&rnd);
		}
		console_output(model + written, n, false);
		written += n;
		oldest = base + (written > RING_SIZE ? written - RING_SIZE : 0);
		CHECK_EQ(log_ring_next(), base + written);
		CHECK_EQ(log_ring_oldest(), oldest);

		index = from = base + random_below(&rnd, written + 1);
		len = (size_t)random_below(&rnd, sizeof(got));
		n = log_ring_read(&index, got, len);
		from = MAX(from, oldest);
		CHECK_EQ(n, MIN((u64)len, base + written - from));
		CHECK_EQ(index, from + n);
		CHECK(memcmp(got, model + (from - base), n) == 0);
	}
	index = base + written + 1; /* never written: starts over */
	CHECK_EQ(log_ring_read(&index, got, sizeof(got)), RING_SIZE);
	log_ring_clear();
	index = 0;
	CHECK_EQ(log_ring_read(&index, got, sizeof(got)), 0);
	CHECK_EQ(index, base + written);
}
