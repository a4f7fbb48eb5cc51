/* SPDX-License-Identifier: GPL-2.0-only */
/* The decoder of Arm loads and stores: whatever it accepts can be carried out on registers and one
 * page. */
#include <string.h>

#include "arch/arm/insn.h"
#include "lib/bug.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

static void fuzz_check(const struct insn_access *a, u8 registers)
{
	BUG_ON(a->size == 0 || a->size > 8 || (a->size & (a->size - 1)) != 0);
	BUG_ON(a->count == 0 || a->count > 2);
	BUG_ON(a->reg[0] >= registers || a->reg[1] >= registers || a->base >= registers);
	BUG_ON(a->offset < -4095 || a->offset > 32760 || a->step < -4095 || a->step > 4095);
	BUG_ON(!a->writeback && a->step != 0);
	BUG_ON(a->write && a->sign);
	BUG_ON(!a->write && a->count == 2 && a->reg[0] == a->reg[1]);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	for (; size >= sizeof(u32); data += sizeof(u32), size -= sizeof(u32)) {
		struct insn_access a;
		u32 insn;

		memcpy(&insn, data, sizeof(insn));
		if (insn_decode_a64(insn, &a)) {
			fuzz_check(&a, 32);
		}
		if (insn_decode_a32(insn, &a)) {
			fuzz_check(&a, 15);
		}
		if (insn_decode_t32(insn, &a)) {
			fuzz_check(&a, 15);
		}
	}
	return 0;
}
