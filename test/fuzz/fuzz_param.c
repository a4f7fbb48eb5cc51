/* SPDX-License-Identifier: GPL-2.0-only */
/* Any command line: parsing ends and touches nothing but the options. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "core/param.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *line = malloc(size + 1);
	const char *rest;

	memcpy(line, data, size);
	line[size] = '\0';
	param_parse_line(line);
	rest = param_after_dashes(line);
	if (rest < line || rest > line + strlen(line)) {
		abort();
	}
	free(line);
	return 0;
}
