/* SPDX-License-Identifier: GPL-2.0-only */
/* boot/dom0_mem.c: what each way of writing the option means. */
#include <string.h>

#include "boot/dom0_mem.h"
#include "lib/errno.h"
#include "unit/harness.h"

#define NO_MAX ~0ULL

struct good {
	const char *text;
	u64 available;
	u64 bytes, max;
	u64 asked; /* 0: no more than is available */
};

static const struct good good[] = {
	{ "1G", GiB(4), GiB(1), NO_MAX, 0 },
	{ "1024M", GiB(4), GiB(1), NO_MAX, 0 },
	{ "1048576", GiB(4), GiB(1), NO_MAX, 0 }, /* KiB without a suffix */
	{ "0x40000k", GiB(4), MiB(256), NO_MAX, 0 },
	{ "67108864B", GiB(4), MiB(64), NO_MAX, 0 },
	{ "67112959b", GiB(4), MiB(64), NO_MAX, 0 }, /* whole pages */
	{ "1T", GiB(4), GiB(4) - MiB(128), NO_MAX, GiB(1024) },
	{ "8G", GiB(4), GiB(4) - MiB(128), NO_MAX, GiB(8) },
	{ "-1G", GiB(4), GiB(3), NO_MAX, 0 },
	{ "25%", GiB(4), GiB(1), NO_MAX, 0 },
	{ "1G+25%", GiB(256), GiB(65), NO_MAX, 0 },
	{ "-25%", GiB(4), GiB(3), NO_MAX, 0 },
	{ "-1G+25%", GiB(4), GiB(2), NO_MAX, 0 },
	{ "512M,max:1G", GiB(4), MiB(512), GiB(1), 0 },
	{ "max:1G,512M", GiB(4), MiB(512), GiB(1), 0 },
	{ "2G,max:1G", GiB(4), GiB(1), GiB(1), 0 },
	{ "max:1G", GiB(4), GiB(1), GiB(1), 0 },
	{ "max:8G", GiB(4), GiB(4) - MiB(128), GiB(8), 0 },
	{ "min:2G,1G", GiB(4), GiB(2), NO_MAX, 0 },
	{ "min:2G,max:1G,512M", GiB(4), GiB(1), GiB(1), 0 }, /* max overrides min */
	{ "min:8G", GiB(4), GiB(4) - MiB(128), NO_MAX, GiB(8) },
	{ "min:1G,25%", GiB(2), GiB(1), NO_MAX, 0 },
	{ "max:-1G", GiB(4), GiB(3), GiB(3), 0 },
	{ "max:50%", GiB(4), GiB(2), GiB(2), 0 },
	{ "min:512M+25%,100M", GiB(4), MiB(1536), NO_MAX, 0 },
	{ "0", GiB(4), GiB(4) - MiB(128), NO_MAX, 0 }, /* as if not given */
	{ "1G,2G", GiB(4), GiB(2), NO_MAX, 0 },	       /* the last one counts */
	{ "99%", GiB(100), GiB(99), NO_MAX, 0 },
	{ "16777215T", GiB(4), GiB(4) - MiB(128), NO_MAX, 16777215 * GiB(1024) },
};

UNIT_TEST(accepted, "every documented form means what it should")
{
	for (unsigned int i = 0; i < ARRAY_SIZE(good); i++) {
		const struct good *g = &good[i];
		struct dom0_mem mem = { .size.given = false };
		struct dom0_mem_result r = { 0 };
		const char *why = "";

		CHECK_EQ(dom0_mem_parse(g->text, &mem, &why), 0);
		CHECK_EQ(dom0_mem_compute(&mem, g->available, &r, &why), 0);
		if (r.bytes != g->bytes || r.max != g->max ||
			r.asked != (g->asked ? g->asked : r.bytes)) {
			CHECK_STR(g->text, why);
			CHECK_EQ(r.bytes, g->bytes);
			CHECK_EQ(r.max, g->max);
			CHECK_EQ(r.asked, g->asked);
		}
	}
}

static const char *const bad[] = {
	"",
	",",
	"1G,",
	",1G",
	"min:",
	"max:",
	"min:max:1G",
	"G",
	"1X",
	"1Gi",
	"1G 2G",
	"100%",
	"150%",
	"1G+",
	"1G+1G",
	"25%+1G",
	"25%+25%",
	"1G+25%+25%",
	"1G-25%",
	"--1G",
	"-",
	"+1G",
	"1G;2G",
	"99999999999999999999",
	"99999999999T",
	"foo",
	"min=1G",
	"1G,mid:2G",
	"0x",
	"%",
	"-%",
};

UNIT_TEST(refused, "everything else is refused with a reason, and changes nothing")
{
	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++) {
		struct dom0_mem mem = { .size = { .given = true, .bytes = 5 } };
		const char *why = NULL;

		if (dom0_mem_parse(bad[i], &mem, &why) != -EINVAL) {
			CHECK_STR(bad[i], "refused");
		}
		CHECK(why != NULL && strlen(why) > 0);
		CHECK_EQ(mem.size.bytes, 5);
		CHECK(!mem.min.given && !mem.max.given);
	}
}

UNIT_TEST(default_size, "without an amount dom0 gets all but a sixteenth, at most all but 128 MiB")
{
	struct dom0_mem mem = { .size.given = false };
	struct dom0_mem_result r;
	const char *why;

	CHECK_EQ(dom0_mem_compute(&mem, GiB(1), &r, &why), 0);
	CHECK_EQ(r.bytes, GiB(1) - MiB(64));
	CHECK_EQ(dom0_mem_compute(&mem, GiB(64), &r, &why), 0);
	CHECK_EQ(r.bytes, GiB(64) - MiB(128));
	CHECK_EQ(r.max, NO_MAX);
}

static const char *const impossible[] = {
	"-4G",
	"-8G",
	"-99%",
	"-3G+50%",
	"1K",
	"1",
	"15M",
	"max:1M",
	"max:-4G",
	"max:0",
	"min:512M,max:2M",
};

UNIT_TEST(impossible_amounts, "amounts that leave dom0 nothing to boot with are refused")
{
	for (unsigned int i = 0; i < ARRAY_SIZE(impossible); i++) {
		struct dom0_mem mem = { .size.given = false };
		struct dom0_mem_result r;
		const char *why = NULL;
		u64 available = i == 2 ? GiB(1) : GiB(4);

		CHECK_EQ(dom0_mem_parse(impossible[i], &mem, &why), 0);
		if (dom0_mem_compute(&mem, available, &r, &why) != -EINVAL) {
			CHECK_STR(impossible[i], "impossible");
		}
		CHECK(why != NULL);
	}
}

UNIT_TEST(small_host, "a host without memory is refused whatever the option says")
{
	struct dom0_mem mem = { .size.given = false };
	struct dom0_mem_result r;
	const char *why = NULL;

	CHECK_EQ(dom0_mem_compute(&mem, MiB(8), &r, &why), -EINVAL);
	CHECK_EQ(dom0_mem_compute(&mem, 0, &r, &why), -EINVAL);
}
