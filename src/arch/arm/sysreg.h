/* SPDX-License-Identifier: GPL-2.0-only */
/* System registers and barriers. Names as in the Arm ARM (DDI 0487), lower case. */
#ifndef ARCH_ARM_SYSREG_H
#define ARCH_ARM_SYSREG_H

#include "lib/types.h"

#define sysreg_read(reg)                                          \
	({                                                        \
		u64 value_;                                       \
		__asm__ volatile("mrs %0, " #reg : "=r"(value_)); \
		value_;                                           \
	})
#define sysreg_write(reg, value)                                            \
	do {                                                                \
		__asm__ volatile("msr " #reg ", %0" : : "r"((u64)(value))); \
	} while (0)

static inline void isb(void)
{
	__asm__ volatile("isb" : : : "memory");
}

#define dsb(domain) __asm__ volatile("dsb " #domain : : : "memory")
#define dmb(domain) __asm__ volatile("dmb " #domain : : : "memory")

#endif
