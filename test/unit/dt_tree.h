/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Device trees for tests: files that `make unit` has prepared (tools/make/fdt.mk), and libfdt to
 * spoil them with. A missing file is a failure, never a test less.
 */
#ifndef UNIT_DT_TREE_H
#define UNIT_DT_TREE_H

#include <libfdt.h>
#include <stdio.h>
#include <stdlib.h>

#include "unit/harness.h"

#define TREE_SIZE (1 << 21) /* QEMU's own are 1 MiB */

static u8 tree_file[TREE_SIZE] __aligned(8); /* as it was read */
static u8 tree[TREE_SIZE] __aligned(8);	     /* with room for changes */

/* Reads $folder/name.dtb; false after a failed check. */
static inline bool tree_load(const char *folder, const char *name)
{
	const char *dir = getenv(folder);
	char path[512];
	size_t size = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s.dtb", dir ? dir : folder, name);
	f = fopen(path, "rb");
	if (f) {
		size = fread(tree_file, 1, sizeof(tree_file), f);
		fclose(f);
	}
	if (size == 0) {
		printf("    %s: cannot be read; `make unit` makes it\n", path);
	}
	CHECK(size != 0);
	return size != 0;
}

/* The tree as it was read, to be spoiled. */
static inline void tree_fresh(void)
{
	CHECK_EQ(fdt_open_into(tree_file, tree, sizeof(tree)), 0);
}

static inline int tree_node(const char *path)
{
	int n = fdt_path_offset(tree, path);

	if (n < 0) {
		printf("    no node %s in the tree\n", path);
	}
	CHECK(n >= 0);
	return n;
}

#endif
