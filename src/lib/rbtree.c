/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Red-black tree. Invariants: the root is black, a red node has no red child, and every way down
 * passes the same number of black nodes. A missing child counts as black. Mirror images share
 * code: @side is the index of a child, !@side that of its sibling.
 */
#include "lib/rbtree.h"

static bool rb_is_red(const struct rb_node *n)
{
	return n != NULL && n->red;
}

static bool rb_side(const struct rb_node *parent, const struct rb_node *n)
{
	return parent->child[1] == n;
}

/* Hangs @n, which may be NULL, where @old hangs. */
static void rb_replace(struct rb_root *root, struct rb_node *old, struct rb_node *n)
{
	struct rb_node *parent = old->parent;

	if (parent == NULL) {
		root->node = n;
	} else {
		parent->child[rb_side(parent, old)] = n;
	}
	if (n != NULL) {
		n->parent = parent;
	}
}

static void rb_set_child(struct rb_node *parent, bool side, struct rb_node *n)
{
	parent->child[side] = n;
	if (n != NULL) {
		n->parent = parent;
	}
}

/* Moves @n down to @side; its other child takes its place. */
static void rb_rotate(struct rb_root *root, struct rb_node *n, bool side)
{
	struct rb_node *up = n->child[!side];

	rb_replace(root, n, up);
	rb_set_child(n, !side, up->child[side]);
	rb_set_child(up, side, n);
}

/* @n is red, and so may be its parent. */
static void rb_insert_fix(struct rb_root *root, struct rb_node *n)
{
	struct rb_node *parent;

	while ((parent = n->parent) != NULL && parent->red) {
		struct rb_node *grand = parent->parent;
		bool side = rb_side(grand, parent);
		struct rb_node *uncle = grand->child[!side];

		grand->red = true;
		if (rb_is_red(uncle)) {
			parent->red = false;
			uncle->red = false;
			n = grand;
			continue;
		}
		if (n == parent->child[!side]) {
			rb_rotate(root, parent, side);
			parent = n;
		}
		parent->red = false;
		rb_rotate(root, grand, !side);
		break;
	}
	root->node->red = false;
}

void rb_insert(struct rb_root *root, struct rb_node *n, rb_less_fn *less)
{
	struct rb_node **link = &root->node, *parent = NULL;

	while (*link != NULL) {
		parent = *link;
		link = &parent->child[!less(n, parent)];
	}
	*n = (struct rb_node){ .parent = parent, .red = true };
	*link = n;
	rb_insert_fix(root, n);
}

/* The ways through @n, the child of @parent that may be NULL, lack one black node. */
static void rb_erase_fix(struct rb_root *root, struct rb_node *n, struct rb_node *parent)
{
	while (n != root->node && !rb_is_red(n)) {
		bool side = rb_side(parent, n);
		struct rb_node *sibling = parent->child[!side];

		if (sibling->red) {
			sibling->red = false;
			parent->red = true;
			rb_rotate(root, parent, side);
			sibling = parent->child[!side];
		}
		if (!rb_is_red(sibling->child[0]) && !rb_is_red(sibling->child[1])) {
			sibling->red = true;
			n = parent;
			parent = n->parent;
			continue;
		}
		if (!rb_is_red(sibling->child[!side])) {
			sibling->child[side]->red = false;
			sibling->red = true;
			rb_rotate(root, sibling, !side);
			sibling = parent->child[!side];
		}
		sibling->red = parent->red;
		sibling->child[!side]->red = false;
		parent->red = false;
		rb_rotate(root, parent, side);
		n = root->node;
	}
	if (n != NULL) {
		n->red = false;
	}
}

/* The outermost node below @n, which may be NULL. */
static struct rb_node *rb_edge(struct rb_node *n, bool side)
{
	while (n != NULL && n->child[side] != NULL) {
		n = n->child[side];
	}
	return n;
}

void rb_erase(struct rb_root *root, struct rb_node *n)
{
	/* With two children, the successor leaves its own place and takes that of @n. */
	bool both = n->child[0] != NULL && n->child[1] != NULL;
	struct rb_node *out = both ? rb_edge(n->child[1], 0) : n;
	struct rb_node *child = out->child[out->child[0] == NULL];
	struct rb_node *parent = out->parent;
	bool lost_black = !out->red;

	rb_replace(root, out, child);
	if (out != n) {
		parent = parent == n ? out : parent;
		out->red = n->red;
		rb_replace(root, n, out);
		rb_set_child(out, 0, n->child[0]);
		rb_set_child(out, 1, n->child[1]);
	}
	if (lost_black) {
		rb_erase_fix(root, child, parent);
	}
}

struct rb_node *rb_find(const struct rb_root *root, const void *key, rb_cmp_fn *cmp)
{
	struct rb_node *n = root->node;

	while (n != NULL) {
		int order = cmp(key, n);

		if (order == 0) {
			break;
		}
		n = n->child[order > 0];
	}
	return n;
}

struct rb_node *rb_first(const struct rb_root *root)
{
	return rb_edge(root->node, 0);
}

struct rb_node *rb_last(const struct rb_root *root)
{
	return rb_edge(root->node, 1);
}

/* The neighbour of @n towards @side. */
static struct rb_node *rb_step(const struct rb_node *n, bool side)
{
	struct rb_node *parent = n->parent;

	if (n->child[side] != NULL) {
		return rb_edge(n->child[side], !side);
	}
	while (parent != NULL && rb_side(parent, n) == side) {
		n = parent;
		parent = n->parent;
	}
	return parent;
}

struct rb_node *rb_next(const struct rb_node *n)
{
	return rb_step(n, 1);
}

struct rb_node *rb_prev(const struct rb_node *n)
{
	return rb_step(n, 0);
}
