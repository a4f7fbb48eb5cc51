/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The command line: cuts it into words and hands each to the option that it names. The line comes
 * from the boot loader, so nothing in it may do more harm than a warning.
 */
#include "core/param.h"

#include "core/log.h"
#include "lib/ctype.h"
#include "lib/errno.h"
#include "lib/parse.h"
#include "lib/string.h"

/* From the linker; see PARAM(). */
extern const struct param __start_param[], __stop_param[];

int param_bool(const char *value, bool *out)
{
	if (!value) {
		*out = true;
		return 0;
	}
	return parse_bool(value, strlen(value), out);
}

enum param_word { WORD_NONE, WORD_OK, WORD_LONG };

/*
 * Takes the next word off *cursor, without its quotes. A quote that is not closed reaches to the
 * end of the line. A word that does not fit is cut off, and consumed as a whole.
 */
static enum param_word param_next_word(const char **cursor, char word[PARAM_WORD_MAX])
{
	const char *s = *cursor;
	enum param_word kind = WORD_OK;
	char quote = '\0';
	size_t n = 0;

	while (is_space(*s)) {
		s++;
	}
	if (*s == '\0') {
		*cursor = s;
		return WORD_NONE;
	}
	for (; *s != '\0' && (quote != '\0' || !is_space(*s)); s++) {
		if (quote != '\0' ? *s == quote : *s == '"' || *s == '\'') {
			quote = quote == '\0' ? *s : '\0';
		} else if (n < PARAM_WORD_MAX - 1) {
			word[n++] = *s;
		} else {
			kind = WORD_LONG;
		}
	}
	word[n] = '\0';
	*cursor = s;
	return kind;
}

/* Calls every option of that name; false if there is none. */
static bool param_apply(const char *name, const char *value)
{
	bool known = false;

	for (const struct param *p = __start_param; p < __stop_param; p++) {
		if (strcmp(p->name, name) != 0) {
			continue;
		}
		known = true;
		if (p->parse(value) != 0) {
			log_warn("option %s: bad value \"%s\"", name, value ? value : "");
		}
	}
	return known;
}

/* An option whose own name begins with "no" comes first. */
static void param_apply_word(char *word)
{
	char *value = strchr(word, '=');

	if (value) {
		*value++ = '\0';
	}
	if (param_apply(word, value)) {
		return;
	}
	if (!value && strncmp(word, "no-", 3) == 0 && param_apply(word + 3, "no")) {
		return;
	}
	if (!value && strncmp(word, "no", 2) == 0 && param_apply(word + 2, "no")) {
		return;
	}
	log_warn("option %s is unknown: ignored", word);
}

void param_parse_line(const char *line)
{
	char word[PARAM_WORD_MAX];
	enum param_word kind;

	while ((kind = param_next_word(&line, word)) != WORD_NONE) {
		if (kind == WORD_LONG) {
			log_warn("option %.32s... is longer than %d bytes: ignored", word,
				PARAM_WORD_MAX - 1);
			continue;
		}
		if (strcmp(word, "--") == 0) {
			return;
		}
		param_apply_word(word);
	}
}

const char *param_after_dashes(const char *line)
{
	char word[PARAM_WORD_MAX];

	while (param_next_word(&line, word) != WORD_NONE) {
		if (strcmp(word, "--") == 0) {
			break;
		}
	}
	while (is_space(*line)) {
		line++;
	}
	return line;
}
