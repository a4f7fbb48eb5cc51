/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Red-black tree of nodes that are embedded in the caller's entries. No allocation, no locking:
 * the caller serialises. Every operation takes O(log n) steps.
 */
#ifndef LIB_RBTREE_H
#define LIB_RBTREE_H

#include "lib/compiler.h"

struct rb_node {
	struct rb_node *parent;
	union {
		struct rb_node *child[2];
		struct {
			struct rb_node *left;  /* not greater */
			struct rb_node *right; /* not less */
		};
	};
	bool red;
};

/* All zero is the empty tree. */
struct rb_root {
	struct rb_node *node;
};

typedef bool rb_less_fn(const struct rb_node *a, const struct rb_node *b);

/* How @key compares with the node's key: below 0, 0 or above 0. */
typedef int rb_cmp_fn(const void *key, const struct rb_node *n);

#define rb_entry(n, type, member) container_of(n, type, member)

static inline bool rb_empty(const struct rb_root *root)
{
	return root->node == NULL;
}

/* Puts @n, which must be in no tree, behind all nodes that are not greater. */
void rb_insert(struct rb_root *root, struct rb_node *n, rb_less_fn *less);

/* Takes @n, which must be in this tree, out of it. Its fields are meaningless afterwards. */
void rb_erase(struct rb_root *root, struct rb_node *n);

/* Any node that equals @key, or NULL. */
struct rb_node *rb_find(const struct rb_root *root, const void *key, rb_cmp_fn *cmp);

/* Walk in order; NULL at either end. */
struct rb_node *rb_first(const struct rb_root *root);
struct rb_node *rb_last(const struct rb_root *root);
struct rb_node *rb_next(const struct rb_node *n);
struct rb_node *rb_prev(const struct rb_node *n);

#endif
