/* SPDX-License-Identifier: GPL-2.0-only */
/* The list in cpuid= and dom0-cpuid=: any text, read within its bounds. */
#include <stdlib.h>
#include <string.h>

#include "arch/x86/features.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = malloc(size ? size : 1);
	bool set;
	int number;

	memcpy(copy, data, size);
	number = features_lookup(copy, size, &set);
	if (number < 0 ? number != -22 : number >= 20 * 32) {
		abort();
	}
	free(copy);
	return 0;
}
