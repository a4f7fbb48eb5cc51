/* SPDX-License-Identifier: GPL-2.0-only */
/* dom0_mem=: any text is refused or gives dom0 a possible amount. */
#include <stdlib.h>
#include <string.h>

#include "boot/dom0_mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dom0_mem mem = { .size.given = false };
	struct dom0_mem_result r;
	const char *why = NULL;
	u64 available;
	char *text;

	if (size < 8) {
		return 0;
	}
	memcpy(&available, data, 8);
	text = strndup(
		(const char *)data + 8, size - 8); /* its own block: reads behind it are seen */
	if ((dom0_mem_parse(text, &mem, &why) != 0 ||
		    dom0_mem_compute(&mem, available, &r, &why) != 0)) {
		if (!why) {
			abort();
		}
	} else if (r.bytes > available || r.bytes > r.max || r.bytes < DOM0_MEM_LEAST ||
		   !IS_ALIGNED(r.bytes, PAGE_SIZE)) {
		abort();
	}
	free(text);
	return 0;
}
