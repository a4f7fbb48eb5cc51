/* SPDX-License-Identifier: GPL-2.0-only */
/* Headers of kernel files for Arm: whatever is accepted lies within its file and finds a place. */
#include <stdlib.h>
#include <string.h>

#include "arch/arm/boot/kernel.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds) {
		abort();
	}
}

/* The first eight bytes are the size of the file. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ram ram = { .banks = { { GiB(1), MiB(600) }, { GiB(8), GiB(2) } }, .count = 2 };
	struct kernel_places at;
	const char *why = NULL;
	struct kernel k;
	u64 file_size;
	u8 *head;

	if (size < sizeof(file_size)) {
		return 0;
	}
	memcpy(&file_size, data, sizeof(file_size));
	size -= sizeof(file_size);
	head = malloc(size + 1);
	memcpy(head, data + sizeof(file_size), size);
	if (kernel_parse(head, size, file_size, &k, &why) != 0) {
		check(why != NULL);
	} else {
		check(k.offset <= file_size && k.size <= file_size - k.offset);
		check(k.size > 0 && k.memory >= k.size && k.format != NULL);
		if (kernel_place(&k, &ram, KiB(64), MiB(3), &at, &why) == 0) {
			check(!k.fixed || at.kernel == k.load);
			check(at.entry >= at.kernel && at.entry < at.kernel + k.memory);
			check(at.kernel >= GiB(1) && at.kernel + k.memory <= GiB(10));
		} else {
			check(why != NULL);
		}
	}
	free(head);
	return 0;
}
