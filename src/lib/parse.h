/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Numbers, sizes, truth values and comma-separated options from text that somebody typed. Pure
 * functions: they change nothing but their results, and read nothing beyond the terminator.
 */
#ifndef LIB_PARSE_H
#define LIB_PARSE_H

#include "lib/compiler.h"

/*
 * Reads an unsigned number at @s: no sign, no leading space. @base 2 to 16, or 0 to tell by the
 * prefix (0x hexadecimal, 0 octal, else decimal); base 16 accepts 0x too. With @end, parsing stops
 * at the first character that does not belong and *@end points there; without, the number must
 * fill the string. -EINVAL when there is no number, -ERANGE when it exceeds 64 bits; *@out and
 * *@end then stay as they were.
 */
int __must_check parse_u64(const char *s, const char **end, unsigned int base, u64 *out);

/*
 * Reads a number as parse_u64() with base 0 and an optional suffix B K M G T (either case; powers
 * of 1024) into bytes. @unit is the suffix assumed when none stands there: one of those letters.
 */
int __must_check parse_size(const char *s, const char **end, char unit, u64 *bytes);

/*
 * Are the @len bytes at @s a word for true (yes on true enable 1) or false (no off false disable
 * 0)? -EINVAL when neither, and *@out stays as it was.
 */
int __must_check parse_bool(const char *s, size_t len, bool *out);

/* An item of a list such as "verbose,no-intremap,size=4M". Nothing is terminated: use
 * the lengths. */
struct parse_item {
	const char *key; /* without the "no-" prefix */
	size_t key_len;
	const char *val; /* after '=', or NULL: "key" and "key=" differ */
	size_t val_len;
	bool on; /* false for no-KEY and for KEY=<false word>, else true */
};

/*
 * Takes the next item off the list at *@cursor; false when none is left. Empty items are skipped.
 *
 *	while (parse_list_next(&s, &item)) {
 *		if (parse_item_is(&item, "verbose")) { verbose = item.on; }
 *	}
 */
bool parse_list_next(const char **cursor, struct parse_item *item);

/* Is this the item's key, or its value? The latter is false for an item without value. */
bool parse_item_is(const struct parse_item *item, const char *key);
bool parse_item_val_is(const struct parse_item *item, const char *val);

/* The item's whole value as a number or size; -EINVAL when there is none or something follows. */
int __must_check parse_item_u64(const struct parse_item *item, unsigned int base, u64 *out);
int __must_check parse_item_size(const struct parse_item *item, char unit, u64 *bytes);

#endif
