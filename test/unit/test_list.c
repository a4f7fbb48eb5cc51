/* SPDX-License-Identifier: GPL-2.0-only */
/* src/lib/list.h */
#include "unit/harness.h"
#include "lib/list.h"

struct item {
	int id;
	struct list link;
	u64 alignment __aligned(64);
};

static struct item items[4] = { { .id = 0 }, { .id = 1 }, { .id = 2 }, { .id = 3 } };

/* The ids from front to back, as decimal digits behind a leading 1. */
static u64 ids(const struct list *head)
{
	struct item *i;
	u64 n = 1;

	list_for_each_entry(i, head, link) {
		n = n * 10 + (u64)i->id;
	}
	return n;
}

/* The same backwards, so that both directions of the links count. */
static u64 ids_backwards(const struct list *head)
{
	u64 n = 1;

	for (const struct list *l = head->prev; l != head; l = l->prev) {
		n = n * 10 + (u64)list_entry(l, struct item, link)->id;
	}
	return n;
}

static void fill(struct list *head)
{
	list_init(head);
	for (size_t i = 0; i < ARRAY_SIZE(items); i++) {
		list_add_tail(&items[i].link, head);
	}
}

UNIT_TEST(empty, "a new list is empty, and walking it visits nothing")
{
	struct list head = LIST_INIT(head), other;

	list_init(&other);
	CHECK(list_empty(&head));
	CHECK(list_empty(&other));
	CHECK_EQ(ids(&head), 1);
	CHECK(list_first_entry_or_null(&head, struct item, link) == NULL);
}

UNIT_TEST(order, "adding at the front and at the end keeps the order in both directions")
{
	struct list head = LIST_INIT(head);

	list_add(&items[1].link, &head);
	list_add(&items[0].link, &head);
	list_add_tail(&items[2].link, &head);
	list_add_tail(&items[3].link, &head);
	CHECK_EQ(ids(&head), 10123);
	CHECK_EQ(ids_backwards(&head), 13210);
	CHECK_EQ(list_first_entry(&head, struct item, link)->id, 0);
	CHECK_EQ(list_last_entry(&head, struct item, link)->id, 3);
	CHECK(list_first_entry_or_null(&head, struct item, link) == &items[0]);
}

UNIT_TEST(around_entry, "adding relative to an entry puts it right after or right before")
{
	struct list head = LIST_INIT(head);

	list_add(&items[0].link, &head);
	list_add(&items[1].link, &items[0].link);
	list_add_tail(&items[2].link, &items[1].link);
	CHECK_EQ(ids(&head), 1021);
	CHECK_EQ(ids_backwards(&head), 1120);
}

UNIT_TEST(del, "deleting unlinks the entry alone, and deleting it again is harmless")
{
	struct list head;

	fill(&head);
	list_del(&items[1].link);
	CHECK(list_empty(&items[1].link));
	list_del(&items[1].link);
	CHECK_EQ(ids(&head), 1023);
	CHECK_EQ(ids_backwards(&head), 1320);
	list_move_tail(&items[0].link, &head);
	CHECK_EQ(ids(&head), 1230);
	CHECK_EQ(ids_backwards(&head), 1032);
}

UNIT_TEST(safe, "the safe walk visits everything although the body deletes each entry")
{
	struct list head;
	struct item *i, *following;
	u64 seen = 1;

	fill(&head);
	list_for_each_entry_safe(i, following, &head, link) {
		seen = seen * 10 + (u64)i->id;
		list_del(&i->link);
		i->link.next = NULL;
	}
	CHECK_EQ(seen, 10123);
	CHECK(list_empty(&head));
	list_for_each_entry_safe(i, following, &head, link) {
		seen = 0;
	}
	CHECK_EQ(seen, 10123);
}
