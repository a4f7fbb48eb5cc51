/* SPDX-License-Identifier: GPL-2.0-only */
/* Reads numbers, sizes, truth values and option lists; must accept any text without harm. */
#include "lib/parse.h"
#include "lib/ctype.h"
#include "lib/errno.h"
#include "lib/string.h"

/* The digit's value, or something no base reaches. */
static unsigned int parse_digit(char c)
{
	if (is_digit(c)) {
		return (unsigned int)(c - '0');
	}
	return is_alpha(c) ? (unsigned int)(to_lower(c) - 'a') + 10 : ~0U;
}

/* Settles the base and steps over 0x, which counts only with a digit behind it. */
static const char *parse_prefix(const char *s, unsigned int *base)
{
	bool hex = s[0] == '0' && to_lower(s[1]) == 'x' && is_xdigit(s[2]);

	if (*base == 0) {
		*base = hex ? 16 : s[0] == '0' ? 8 : 10;
	}
	return *base == 16 && hex ? s + 2 : s;
}

int parse_u64(const char *s, const char **end, unsigned int base, u64 *out)
{
	const char *p = parse_prefix(s, &base), *first = p;
	u64 v = 0;

	for (; parse_digit(*p) < base; p++) {
		if (__builtin_mul_overflow(v, (u64)base, &v) ||
			__builtin_add_overflow(v, (u64)parse_digit(*p), &v)) {
			return -ERANGE;
		}
	}
	if (p == first || (end == NULL && *p != '\0')) {
		return -EINVAL;
	}
	if (end != NULL) {
		*end = p;
	}
	*out = v;
	return 0;
}

/* The power of two that a suffix stands for, or -1. */
static int parse_unit_shift(char c)
{
	static const char units[] = "bkmgt";

	for (int i = 0; units[i] != '\0'; i++) {
		if (to_lower(c) == units[i]) {
			return 10 * i;
		}
	}
	return -1;
}

int parse_size(const char *s, const char **end, char unit, u64 *bytes)
{
	const char *p;
	u64 v;
	int shift, err = parse_u64(s, &p, 0, &v);

	if (err != 0) {
		return err;
	}
	shift = parse_unit_shift(*p);
	if (shift >= 0) {
		p++;
	} else {
		shift = parse_unit_shift(unit);
	}
	if (shift < 0 || (end == NULL && *p != '\0')) {
		return -EINVAL;
	}
	if (v > ~0ULL >> shift) {
		return -ERANGE;
	}
	if (end != NULL) {
		*end = p;
	}
	*bytes = v << shift;
	return 0;
}

static bool parse_same(const char *s, size_t len, const char *word)
{
	return len == strlen(word) && memcmp(s, word, len) == 0;
}

int parse_bool(const char *s, size_t len, bool *out)
{
	static const struct {
		const char *word;
		bool value;
	} words[] = {
		{ "yes", true },
		{ "on", true },
		{ "true", true },
		{ "enable", true },
		{ "1", true },
		{ "no", false },
		{ "off", false },
		{ "false", false },
		{ "disable", false },
		{ "0", false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (parse_same(s, len, words[i].word)) {
			*out = words[i].value;
			return 0;
		}
	}
	return -EINVAL;
}

/* Takes KEY, no-KEY or KEY=VALUE, @len bytes at @s, apart. */
static void parse_item_split(struct parse_item *item, const char *s, size_t len)
{
	static const char no[] = "no-";
	const size_t no_len = sizeof(no) - 1;
	size_t key_len = 0;
	bool negated;

	while (key_len < len && s[key_len] != '=') {
		key_len++;
	}
	*item = (struct parse_item){ .key = s, .key_len = key_len, .on = true };
	if (key_len < len) {
		item->val = s + key_len + 1;
		item->val_len = len - key_len - 1;
		(void)!parse_bool(item->val, item->val_len, &item->on);
	}
	negated = key_len > no_len && memcmp(s, no, no_len) == 0;
	if (negated) {
		item->key += no_len;
		item->key_len -= no_len;
		item->on = false;
	}
}

bool parse_list_next(const char **cursor, struct parse_item *item)
{
	const char *s = *cursor;
	size_t len = 0;

	while (*s == ',') {
		s++;
	}
	while (s[len] != '\0' && s[len] != ',') {
		len++;
	}
	*cursor = s + len;
	if (len > 0) {
		parse_item_split(item, s, len);
	}
	return len > 0;
}

bool parse_item_is(const struct parse_item *item, const char *key)
{
	return parse_same(item->key, item->key_len, key);
}

bool parse_item_val_is(const struct parse_item *item, const char *val)
{
	return item->val != NULL && parse_same(item->val, item->val_len, val);
}

int parse_item_u64(const struct parse_item *item, unsigned int base, u64 *out)
{
	const char *end;
	u64 v;
	int err = item->val == NULL ? -EINVAL : parse_u64(item->val, &end, base, &v);

	if (err != 0) {
		return err;
	}
	if (end != item->val + item->val_len) {
		return -EINVAL;
	}
	*out = v;
	return 0;
}

int parse_item_size(const struct parse_item *item, char unit, u64 *bytes)
{
	const char *end;
	u64 v;
	int err = item->val == NULL ? -EINVAL : parse_size(item->val, &end, unit, &v);

	if (err != 0) {
		return err;
	}
	if (end != item->val + item->val_len) {
		return -EINVAL;
	}
	*bytes = v;
	return 0;
}
