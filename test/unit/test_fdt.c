/* SPDX-License-Identifier: GPL-2.0-only */
/* lib/fdt.c: look-ups in a good tree, and trees that are broken byte by byte. */
#include <string.h>

#include "lib/errno.h"
#include "lib/fdt.h"
#include "unit/dt_tree.h"
#include "unit/harness.h"
#include "unit/random.h"

static struct dt dt;

static bool open_board(void)
{
	const char *why = "";

	if (!tree_load("DT_TREES_DIR", "board")) {
		return false;
	}
	tree_fresh();
	CHECK_EQ(dt_open(&dt, tree, sizeof(tree), &why), 0);
	return dt.count > 0;
}

UNIT_TEST(fdt_agrees, "every node and property is what libfdt says")
{
	unsigned int nodes = 0;

	if (!open_board()) {
		return;
	}
	for (int at = 0; at >= 0; at = fdt_next_node(tree, at, NULL), nodes++) {
		const struct dt_node *n = dt_at(&dt, at);
		char path[DT_PATH_MAX], want[DT_PATH_MAX];
		int p, parent = fdt_parent_offset(tree, at);

		CHECK(n != NULL);
		CHECK_STR(dt_name(&dt, n), fdt_get_name(tree, at, NULL));
		CHECK_EQ(fdt_get_path(tree, at, want, sizeof(want)), 0);
		CHECK_STR(dt_path(&dt, n, path, sizeof(path)), want);
		CHECK_EQ(n->phandle, fdt_get_phandle(tree, at));
		CHECK(dt_parent(&dt, n) == dt_at(&dt, parent));
		CHECK(dt_find(&dt, want) == n);
		fdt_for_each_property_offset(p, tree, at)
		{
			const char *name;
			int len;
			u32 got = ~0U;
			const void *data = fdt_getprop_by_offset(tree, p, &name, &len);

			CHECK(dt_prop(&dt, n, name, &got) == data);
			CHECK_EQ(got, len);
		}
	}
	CHECK_EQ(nodes, dt.count);
}

UNIT_TEST(fdt_find, "paths, aliases, left-out unit addresses, options behind ':'")
{
	const struct dt_node *uart;

	if (!open_board()) {
		return;
	}
	uart = dt_find(&dt, "/soc/serial@100000");
	CHECK(uart != NULL);
	CHECK(dt_find(&dt, "serial0") == uart);
	CHECK(dt_find(&dt, "serial0:115200n8") == uart);
	CHECK(dt_find(&dt, "/soc/serial") == uart);
	CHECK(dt_find(&dt, "serial1") == dt_find(&dt, "/soc/serial@30000"));
	CHECK(dt_find(&dt, "/") == dt_root(&dt));
	CHECK(dt_find(&dt, "//soc//serial@100000/") == uart);
	CHECK(dt_find(&dt, "/soc/seria") == NULL);
	CHECK(dt_find(&dt, "/soc/serial@100000/x") == NULL);
	CHECK(dt_find(&dt, "serial7") == NULL);
	CHECK(dt_find(&dt, "") == NULL);
	CHECK(dt_find(&dt, NULL) == NULL);
}

UNIT_TEST(fdt_properties, "numbers, strings and lists have to have their length")
{
	const struct dt_node *n;
	u64 v64 = 7;
	u32 v32 = 7;

	if (!open_board()) {
		return;
	}
	n = dt_find(&dt, "/chosen/domU1");
	CHECK_EQ(dt_u32(&dt, n, "cpus", &v32), 0);
	CHECK_EQ(v32, 2);
	CHECK_EQ(dt_u64(&dt, n, "memory", &v64), 0);
	CHECK_EQ(v64, 0x20000);
	CHECK_EQ(dt_u64(&dt, dt_find(&dt, "/chosen/domU2"), "memory", &v64), 0);
	CHECK_EQ(v64, 0x10000);
	CHECK_EQ(dt_u32(&dt, n, "memory", &v32), -EINVAL);
	CHECK_EQ(dt_u32(&dt, n, "nr_spis", &v32), -ENOENT);
	CHECK_EQ(dt_u64(&dt, n, "compatible", &v64), -EINVAL);
	CHECK_EQ(dt_cell(&dt, n, "memory", 1, &v32), 0);
	CHECK_EQ(dt_cell(&dt, n, "memory", 2, &v32), -ENOENT);
	CHECK_EQ(dt_cells(&dt, n, "memory", 1, 1, &v64), 0);
	CHECK_EQ(dt_cells(&dt, n, "memory", 1, 2, &v64), -ENOENT);
	CHECK_EQ(dt_cells(&dt, n, "memory", ~0U, 2, &v64), -ENOENT);
	n = dt_find(&dt, "/psci");
	CHECK(dt_compatible(&dt, n, "arm,psci-0.2"));
	CHECK(!dt_compatible(&dt, n, "arm,psci-0"));
	CHECK_STR(dt_string_at(&dt, n, "compatible", 2), "arm,psci");
	CHECK(dt_string_at(&dt, n, "compatible", 3) == NULL);
	CHECK(dt_string(&dt, dt_find(&dt, "/timer"), "clock-frequency") == NULL);
	CHECK(dt_available(&dt, n));
	CHECK(!dt_available(&dt, dt_find(&dt, "/cpus/cpu@101")));
}

UNIT_TEST(fdt_ranges, "addresses go up through the buses, or not at all")
{
	struct dt_range r;

	if (!open_board()) {
		return;
	}
	CHECK_EQ(dt_reg(&dt, dt_find(&dt, "/soc/serial@100000"), 0, &r), 0);
	CHECK_EQ(r.start, 0x100000);
	CHECK_EQ(dt_reg_cpu(&dt, dt_find(&dt, "/soc/serial@100000"), 0, &r), 0);
	CHECK_EQ(r.start, 0x9000000);
	CHECK_EQ(r.size, 0x1000);
	CHECK_EQ(dt_reg_cpu(&dt, dt_find(&dt, "/soc/interrupt-controller"), 3, &r), 0);
	CHECK_EQ(r.start, 0x8006000);
	CHECK_EQ(dt_reg_cpu(&dt, dt_find(&dt, "/soc/interrupt-controller"), 4, &r), -ENOENT);
	CHECK_EQ(dt_reg_cpu(&dt, dt_find(&dt, "/soc/far"), 0, &r), -ENXIO);
	CHECK_EQ(dt_reg_cpu(&dt, dt_find(&dt, "/memory@40000000"), 1, &r), 0);
	CHECK_EQ(r.start, 0x40000000);
	CHECK_EQ(dt_reg(&dt, dt_root(&dt), 0, &r), -ENOENT);
	CHECK_EQ(fdt_setprop_u32(tree, tree_node("/memory@40000000"), "reg", 1), 0);
	CHECK_EQ(dt_open(&dt, tree, sizeof(tree), &(const char *){ NULL }), 0);
	CHECK_EQ(dt_reg(&dt, dt_find(&dt, "/memory@40000000"), 0, &r), -EINVAL);
	CHECK_EQ(dt_pair(&dt, dt_root(&dt), "#address-cells", 0, 0, 0, &r), -EINVAL);
}

UNIT_TEST(fdt_cells, "cells are a parent's where a node has none, and bad ones make bad ranges")
{
	struct dt_range r;
	const char *why;

	if (!open_board()) {
		return;
	}
	/* Without #address-cells: those of /chosen. */
	CHECK_EQ(dt_reg(&dt, dt_find(&dt, "/chosen/domain-with-a-long-name/module"), 0, &r), 0);
	CHECK_EQ(r.start, 0x47000000);
	CHECK_EQ(fdt_setprop_u32(tree, tree_node("/soc"), "#size-cells", 9), 0);
	CHECK_EQ(dt_open(&dt, tree, sizeof(tree), &why), 0);
	CHECK_EQ(dt_reg(&dt, dt_find(&dt, "/soc/serial"), 0, &r), -EINVAL);
	CHECK_EQ(dt_reg_cpu(&dt, dt_find(&dt, "/soc/serial"), 0, &r), -EINVAL);
	tree_fresh();
	/* All zero: an entry of `ranges` has no length. */
	CHECK_EQ(fdt_setprop_u32(tree, 0, "#address-cells", 0), 0);
	CHECK_EQ(fdt_setprop_u32(tree, tree_node("/soc"), "#address-cells", 0), 0);
	CHECK_EQ(fdt_setprop_u32(tree, tree_node("/soc"), "#size-cells", 0), 0);
	CHECK_EQ(dt_open(&dt, tree, sizeof(tree), &why), 0);
	CHECK_EQ(dt_reg_cpu(&dt, dt_find(&dt, "/soc/serial"), 0, &r), -EINVAL);
}

UNIT_TEST(fdt_irqs, "interrupts of the GIC, and those of other controllers")
{
	struct dt_irq irq;
	const struct dt_node *n;

	if (!open_board()) {
		return;
	}
	CHECK_EQ(dt_irq(&dt, dt_find(&dt, "/soc/serial@100000"), 0, &irq), 0);
	CHECK_EQ(irq.intid, 65);
	CHECK(!irq.edge);
	CHECK_EQ(dt_irq(&dt, dt_find(&dt, "/soc/serial@100000"), 1, &irq), -ENOENT);
	CHECK_EQ(dt_irq(&dt, dt_find(&dt, "/timer"), 3, &irq), 0);
	CHECK_EQ(irq.intid, 26);
	n = dt_find(&dt, "/soc/serial@30000");
	CHECK_EQ(dt_irq(&dt, n, 0, &irq), -EXDEV);
	CHECK_EQ(dt_irq(&dt, n, 1, &irq), 0);
	CHECK_EQ(irq.intid, 72);
	CHECK(irq.edge);
	CHECK(irq.controller == dt_find(&dt, "/soc/interrupt-controller"));
	CHECK_EQ(dt_irq(&dt, n, 2, &irq), -ENOENT);
	CHECK_EQ(dt_gic_version(&dt, irq.controller), 2);
	CHECK_EQ(dt_irq(&dt, NULL, 0, &irq), -ENOENT);
}

UNIT_TEST(fdt_path_cut, "a path that does not fit loses its front")
{
	char buf[16];

	if (!open_board()) {
		return;
	}
	dt_path(&dt, dt_find(&dt, "/soc/serial@30000"), buf, sizeof(buf));
	CHECK_STR(buf, "/serial@30000");
	dt_path(&dt, NULL, buf, sizeof(buf));
	CHECK_STR(buf, "/");
}

UNIT_TEST(fdt_headers, "a header that lies is refused")
{
	static const struct {
		u32 at, value;
	} lies[] = {
		{ 0, 0x12345678 },  /* magic */
		{ 4, 0x7fffffff },  /* total size */
		{ 4, 40 },	    /* total size */
		{ 8, 0xfffffff0 },  /* structure block */
		{ 8, 57 },	    /* likewise, not aligned */
		{ 12, 0xfffffff0 }, /* strings */
		{ 16, 0xfffffff0 }, /* reserved ranges */
		{ 16, 44 },	    /* likewise, not aligned */
		{ 20, 3 },	    /* version */
		{ 32, 0xffffff00 }, /* length of the strings */
		{ 36, 0xffffff00 }, /* length of the structure block */
		{ 36, 16 },	    /* likewise, too short */
	};
	const char *why;

	if (!open_board()) {
		return;
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(lies); i++) {
		u32 big = __builtin_bswap32(lies[i].value);

		tree_fresh();
		memcpy(tree + lies[i].at, &big, 4);
		why = NULL;
		CHECK_EQ(dt_open(&dt, tree, sizeof(tree), &why), -EINVAL);
		CHECK(why != NULL);
		CHECK(dt_root(&dt) == NULL && dt_find(&dt, "/soc") == NULL);
	}
	tree_fresh();
	CHECK_EQ(dt_open(&dt, tree, 40, &why), -EINVAL);
	CHECK_EQ(dt_open(&dt, tree + 4, sizeof(tree) - 4, &why), -EINVAL);
}

UNIT_TEST(fdt_long_property, "a property that wraps around or leaves the tree is refused")
{
	static const u32 lengths[] = { 0xffffffff, 0xfffffff8, 0xfffffff0, 0x7fffffff, 0x10000 };
	const char *why;
	int at;

	if (!open_board()) {
		return;
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(lengths); i++) {
		u32 big = __builtin_bswap32(lengths[i]);

		tree_fresh();
		at = fdt_first_property_offset(tree, tree_node("/psci"));
		memcpy(tree + fdt_off_dt_struct(tree) + at + 4, &big, 4);
		why = "";
		CHECK_EQ(dt_open(&dt, tree, sizeof(tree), &why), -EINVAL);
		CHECK_STR(why, "a property longer than the tree");
	}
}

UNIT_TEST(fdt_too_much, "too many nodes, or too deep ones, are refused")
{
	static u8 big[1 << 20] __aligned(8);
	const char *why = "";

	for (unsigned int deep = 0; deep < 2; deep++) {
		CHECK_EQ(fdt_create(big, sizeof(big)), 0);
		CHECK_EQ(fdt_finish_reservemap(big), 0);
		CHECK_EQ(fdt_begin_node(big, ""), 0);
		for (unsigned int i = 0; i < (deep ? DT_DEPTH_MAX : DT_NODES_MAX); i++) {
			CHECK_EQ(fdt_begin_node(big, "n"), 0);
			CHECK_EQ(deep ? 0 : fdt_end_node(big), 0);
		}
		for (unsigned int i = 0; deep && i < DT_DEPTH_MAX; i++) {
			CHECK_EQ(fdt_end_node(big), 0);
		}
		CHECK_EQ(fdt_end_node(big), 0);
		CHECK_EQ(fdt_finish(big), 0);
		CHECK_EQ(dt_open(&dt, big, sizeof(big), &why), -E2BIG);
		CHECK_STR(why, deep ? "nodes are nested deeper than 24" : "more than 4096 nodes");
	}
}

UNIT_TEST(fdt_spoiled, "what we accept with any byte changed, libfdt finds whole too")
{
	const char *why;
	unsigned int accepted = 0, size;
	u64 seed = 1;

	if (!open_board()) {
		return;
	}
	CHECK_EQ(fdt_pack(tree), 0);
	size = fdt_totalsize(tree);
	for (unsigned int at = 0; at < size; at++) {
		u8 was = tree[at];

		tree[at] ^= (u8)(1 + random_below(&seed, 255));
		if (dt_open(&dt, tree, size, &why) == 0) {
			accepted++;
			CHECK_EQ(fdt_check_full(tree, size), 0);
			(void)dt_find(&dt, "/soc/serial@100000");
		}
		tree[at] = was;
	}
	CHECK(accepted > 0 && accepted < size);
}
