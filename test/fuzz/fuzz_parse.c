/* SPDX-License-Identifier: GPL-2.0-only */
/* src/lib/parse.c with the text of a boot option: nothing read outside it, and every
 * item inside. */
#include <stdlib.h>
#include <string.h>

#include "lib/bug.h"
#include "lib/parse.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

static void fuzz_item(const struct parse_item *item, const char *s, const char *end)
{
	u64 v;

	BUG_ON(item->key < s || item->key + item->key_len > end);
	BUG_ON(item->val != NULL && (item->val < s || item->val + item->val_len > end));
	BUG_ON(parse_item_u64(item, 0, &v) == 0 && item->val_len == 0);
	BUG_ON(parse_item_size(item, 'M', &v) == 0 && item->val_len == 0);
	(void)parse_item_is(item, "verbose");
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	char *s = malloc(size + 1);
	const char *cursor = s, *end = s;
	struct parse_item item;
	u64 v;

	memcpy(s, data, size);
	s[size] = '\0';
	if (parse_size(s, &end, 'K', &v) == 0) {
		BUG_ON(end <= s || end > s + size);
	}
	while (parse_list_next(&cursor, &item)) {
		BUG_ON(cursor <= s || cursor > s + size);
		fuzz_item(&item, s, cursor);
	}
	BUG_ON(cursor != s + strlen(s));
	free(s);
	return 0;
}
