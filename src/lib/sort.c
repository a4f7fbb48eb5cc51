/* SPDX-License-Identifier: GPL-2.0-only */
/* Heap sort: no recursion and no worst case, whoever chose the input. */
#include "lib/sort.h"

struct sort_array {
	u8 *base;
	size_t size;
	int (*cmp)(const void *a, const void *b);
};

static u8 *sort_at(const struct sort_array *s, size_t i)
{
	return s->base + i * s->size;
}

static void sort_swap(const struct sort_array *s, size_t i, size_t j)
{
	u8 *a = sort_at(s, i), *b = sort_at(s, j);

	for (size_t k = 0; k < s->size; k++) {
		u8 t = a[k];

		a[k] = b[k];
		b[k] = t;
	}
}

/* Lets element @i sink until no child within the first @n is greater. */
static void sort_sink(const struct sort_array *s, size_t i, size_t n)
{
	for (;;) {
		size_t child = 2 * i + 1;

		if (child >= n) {
			return;
		}
		if (child + 1 < n && s->cmp(sort_at(s, child), sort_at(s, child + 1)) < 0) {
			child++;
		}
		if (s->cmp(sort_at(s, i), sort_at(s, child)) >= 0) {
			return;
		}
		sort_swap(s, i, child);
		i = child;
	}
}

void sort(void *base, size_t n, size_t size, int (*cmp)(const void *a, const void *b))
{
	struct sort_array s = { .base = base, .size = size, .cmp = cmp };

	for (size_t i = n / 2; i-- > 0;) {
		sort_sink(&s, i, n);
	}
	while (n > 1) {
		n--;
		sort_swap(&s, 0, n);
		sort_sink(&s, 0, n);
	}
}
