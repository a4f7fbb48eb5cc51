/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Doubly linked circular list. The same struct is the head and, embedded in an entry, its link. An
 * entry that is on no list points to itself. No locking: the caller serialises.
 */
#ifndef LIB_LIST_H
#define LIB_LIST_H

#include "lib/compiler.h"

struct list {
	struct list *next;
	struct list *prev;
};

/* Static initialiser: struct list x = LIST_INIT(x). */
#define LIST_INIT(name)                          \
	{                                        \
		.next = &(name), .prev = &(name) \
	}

static inline void list_init(struct list *l)
{
	l->next = l;
	l->prev = l;
}

/* For a head: holds it nothing? For an entry's link: is it on no list? */
static inline bool list_empty(const struct list *l)
{
	return l->next == l;
}

static inline void list_insert_between(struct list *l, struct list *prev, struct list *next)
{
	l->prev = prev;
	l->next = next;
	prev->next = l;
	next->prev = l;
}

/* Puts @l at the front of @head (or, with an entry's link as @head, right after that entry). */
static inline void list_add(struct list *l, struct list *head)
{
	list_insert_between(l, head, head->next);
}

/* Puts @l at the end of @head (or right before an entry). */
static inline void list_add_tail(struct list *l, struct list *head)
{
	list_insert_between(l, head->prev, head);
}

/* Takes @l off its list. Harmless when it is on none. */
static inline void list_del(struct list *l)
{
	l->prev->next = l->next;
	l->next->prev = l->prev;
	list_init(l);
}

static inline void list_move_tail(struct list *l, struct list *head)
{
	list_del(l);
	list_add_tail(l, head);
}

#define list_entry(l, type, member) container_of(l, type, member)

/* The list must not be empty. */
#define list_first_entry(head, type, member) list_entry((head)->next, type, member)
#define list_last_entry(head, type, member) list_entry((head)->prev, type, member)

/* The first entry, or NULL. */
#define list_first_entry_or_null(head, type, member) \
	(list_empty(head) ? NULL : list_first_entry(head, type, member))

/* The link inside @pos, which for the end of a walk is the head, where no entry exists. */
#define list_link(pos, member) \
	((struct list *)((char *)(pos) + offsetof(__typeof__(*(pos)), member)))

#define list_next_entry(pos, member) \
	list_entry(list_link(pos, member)->next, __typeof__(*(pos)), member)

/* Visits every entry, front to back. The body must not take @pos off the list. */
#define list_for_each_entry(pos, head, member)                           \
	for ((pos) = list_first_entry(head, __typeof__(*(pos)), member); \
		list_link(pos, member) != (head); (pos) = list_next_entry(pos, member))

/* As above; the body may take @pos (and only @pos) off the list, or free it. */
#define list_for_each_entry_safe(pos, following, head, member)           \
	for ((pos) = list_first_entry(head, __typeof__(*(pos)), member), \
	    (following) = list_next_entry(pos, member);                  \
		list_link(pos, member) != (head);                        \
		(pos) = (following), (following) = list_next_entry(following, member))

#endif
