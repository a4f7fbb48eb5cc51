/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Command-line options. Each is declared beside the code that it steers; core/param.c walks the
 * linker's table of them. Options that nobody declared are named on the console and ignored.
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

#define PARAM(id, opt, fn)                                                                         \
	static const struct param param_##id __used __aligned(8) __section(".param") = {           \
		.name = (opt), .parse = (fn) }

/* A boolean option. */
#define PARAM_BOOL(id, opt, var)                                                                   \
	static int param_parse_##id(const char *value)                                             \
	{                                                                                          \
		return param_bool(value, &(var));                                                  \
	}                                                                                          \
	PARAM(id, opt, param_parse_##id)

int param_bool(const char *value, bool *out);
/* Parses the whole line (not modified); boot CPU, before anything else but the early console. */
void param_parse_line(const char *line);

#endif
