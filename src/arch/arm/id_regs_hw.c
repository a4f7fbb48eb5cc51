/* SPDX-License-Identifier: GPL-2.0-only */
/* Reads the ID registers that guests see a part of. */
#include "arch/arm/id_regs.h"
#include "arch/arm/sysreg.h"

#define READ(crm, op2) id_regs_host[ID_REG_INDEX(crm, op2)] = sysreg_read(s3_0_c0_c##crm##_##op2)
#define READ_ROW(crm)         \
	do {                  \
		READ(crm, 0); \
		READ(crm, 1); \
		READ(crm, 2); \
		READ(crm, 3); \
		READ(crm, 4); \
		READ(crm, 5); \
		READ(crm, 6); \
		READ(crm, 7); \
	} while (0)

/* All encodings of this range can be read: those without a register give 0 (D17.1.3). */
void id_regs_read(unsigned int pa_bits)
{
	READ_ROW(1);
	READ_ROW(2);
	READ_ROW(3);
	READ_ROW(4);
	READ_ROW(5);
	READ_ROW(6);
	READ_ROW(7);
	id_regs_filter(pa_bits);
}
