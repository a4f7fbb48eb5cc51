/* SPDX-License-Identifier: GPL-2.0-only */
/* src/lib/rbtree.c: its invariants after every step, and its order against a table of counts. */
#include "lib/rbtree.h"
#include "unit/harness.h"
#include "unit/random.h"

#define KEYS 64
#define NODES 200

struct entry {
	u64 serial; /* when it was inserted */
	unsigned int key;
	bool in;
	struct rb_node node;
};

static struct entry entries[NODES];

static struct entry *entry_of(const struct rb_node *n)
{
	return n ? rb_entry(n, struct entry, node) : NULL;
}

static bool entry_less(const struct rb_node *a, const struct rb_node *b)
{
	return entry_of(a)->key < entry_of(b)->key;
}

static int entry_cmp(const void *key, const struct rb_node *n)
{
	unsigned int k = *(const unsigned int *)key;

	return k < entry_of(n)->key ? -1 : k > entry_of(n)->key;
}

/* Black nodes on every way down from @n; -1 when an invariant is broken. */
static int black_height(const struct rb_node *n, const struct rb_node *parent)
{
	int left, right;

	if (n == NULL) {
		return 0;
	}
	if (n->parent != parent || (n->red && parent != NULL && parent->red)) {
		return -1;
	}
	left = black_height(n->child[0], n);
	right = black_height(n->child[1], n);
	return left < 0 || left != right ? -1 : left + !n->red;
}

static size_t check_order(const struct rb_root *root)
{
	struct rb_node *last = NULL;
	size_t count = 0;

	for (struct rb_node *n = rb_first(root); n != NULL; n = rb_next(n)) {
		CHECK(entry_of(n)->in);
		CHECK(rb_prev(n) == last);
		if (last != NULL) {
			CHECK(!entry_less(n, last));
			CHECK(entry_less(last, n) || entry_of(last)->serial < entry_of(n)->serial);
		}
		last = n;
		count++;
	}
	CHECK(rb_last(root) == last);
	return count;
}

static void check_tree(const struct rb_root *root, size_t count)
{
	CHECK(root->node == NULL || !root->node->red);
	CHECK(black_height(root->node, NULL) >= 0);
	CHECK_EQ(check_order(root), count);
	CHECK_EQ(rb_empty(root), count == 0);
}

static void clear(void)
{
	for (size_t i = 0; i < NODES; i++) {
		entries[i] = (struct entry){ 0 };
	}
}

UNIT_TEST(rising, "insertion in rising and falling order keeps the tree balanced and sorted")
{
	struct rb_root root = { 0 };

	clear();
	for (size_t i = 0; i < NODES; i++) {
		entries[i].in = true;
		entries[i].serial = i;
		entries[i].key = i < 100 ? i : 300 - i;
		rb_insert(&root, &entries[i].node, entry_less);
		check_tree(&root, i + 1);
	}
	for (size_t i = 0; i < NODES; i++) {
		entries[i].in = false;
		rb_erase(&root, &entries[i].node);
		check_tree(&root, NODES - i - 1);
	}
}

UNIT_TEST(random_steps, "random insertions and removals with equal keys keep every invariant")
{
	struct rb_root root = { 0 };
	size_t per_key[KEYS] = { 0 }, count = 0;
	u64 seed = 13;

	clear();
	for (u64 step = 0; step < 20000; step++) {
		/* The share of insertions swings, so that the tree grows and empties. */
		bool grow = random_below(&seed, 100) < ((step / 1000) % 2 ? 30 : 70);
		struct entry *e = &entries[random_below(&seed, NODES)];
		unsigned int key = (unsigned int)random_below(&seed, KEYS);
		struct entry *found = entry_of(rb_find(&root, &key, entry_cmp));

		CHECK_EQ(found != NULL, per_key[key] != 0);
		CHECK(found == NULL || found->key == key);
		if (grow && !e->in) {
			*e = (struct entry){ .serial = step, .key = key, .in = true };
			rb_insert(&root, &e->node, entry_less);
			per_key[key]++;
			count++;
		} else if (!grow && e->in) {
			rb_erase(&root, &e->node);
			e->in = false;
			per_key[e->key]--;
			count--;
		}
		check_tree(&root, count);
	}
}

UNIT_TEST(empty, "an empty tree has no first, last or found node")
{
	struct rb_root root = { 0 };
	unsigned int key = 0;

	CHECK(rb_empty(&root));
	CHECK(rb_first(&root) == NULL && rb_last(&root) == NULL);
	CHECK(rb_find(&root, &key, entry_cmp) == NULL);
}
