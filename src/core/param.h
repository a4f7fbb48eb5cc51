/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Command-line options. Each is declared beside the code that it steers; core/param.c walks the
 * linker's table of them. Options that nobody declared are named on the console and ignored.
 *
 * The table is the section "param": its name is a C identifier, so the linker itself supplies
 * __start_param and __stop_param (ld, "Input Section Example", orphan sections). A linker script
 * that places it names the two bounds itself and has to KEEP it.
 */
#ifndef CORE_PARAM_H
#define CORE_PARAM_H

#include "lib/compiler.h"

struct param {
	const char *name;
	/* value is what follows '=', or NULL for a bare word; "no-NAME" and "noNAME" call it with
	 * "no". Returns 0, or -EINVAL: then the console names the option and the value. */
	int (*parse)(const char *value);
};

#define PARAM(id, opt, fn)                                       \
	static const struct param param_##id __used __aligned(8) \
		__section("param") = { .name = (opt), .parse = (fn) }

/* A boolean option. */
#define PARAM_BOOL(id, opt, var)                       \
	static int param_parse_##id(const char *value) \
	{                                              \
		return param_bool(value, &(var));      \
	}                                              \
	PARAM(id, opt, param_parse_##id)

int param_bool(const char *value, bool *out);

/* Longest word of the line, quotes taken off and terminator included; longer ones are refused. */
#define PARAM_WORD_MAX 512

/* Parses the line (not modified) up to its end or to a word "--"; boot CPU, before anything else
 * but the early console. Words are separated by blanks; "..." and '...' protect blanks. Each
 * option is applied in turn, so that a later one may add to or replace an earlier one. */
void param_parse_line(const char *line);
/* What follows a word "--" in the line: options for the first domain's kernel. "" if nothing. */
const char *param_after_dashes(const char *line);

#endif
