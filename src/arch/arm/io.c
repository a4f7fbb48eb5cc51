/* SPDX-License-Identifier: GPL-2.0-only */
/* arch/contract/io.h: mapped registers, one instruction each; there are no ports. */
#include "arch/contract/io.h"

#include "arch/arm/sysreg.h"

#define NO_PORTS(bits)                               \
	u##bits arch_in##bits(u16 port)              \
	{                                            \
		return (u##bits) ~0U;                \
	}                                            \
	void arch_out##bits(u16 port, u##bits value) \
	{                                            \
	}
NO_PORTS(8)
NO_PORTS(16)
NO_PORTS(32)

/*
 * Device-nGnRE memory keeps accesses to one device in order; what a register tells or is told
 * about memory is ordered by the barriers. Only plain loads and stores without write-back: a
 * guest's access that the hypervisor makes in its place may trap to nobody who decodes more.
 */
#define MMIO(bits, suffix, width)                                     \
	u##bits arch_mmio_read##bits(const volatile void *reg)        \
	{                                                             \
		u##bits v;                                            \
                                                                      \
		__asm__ volatile("ldr" suffix " %" width "0, [%1]"    \
				 : "=r"(v)                            \
				 : "r"(reg)                           \
				 : "memory");                         \
		dmb(oshld);                                           \
		return v;                                             \
	}                                                             \
	void arch_mmio_write##bits(volatile void *reg, u##bits value) \
	{                                                             \
		dmb(oshst);                                           \
		__asm__ volatile("str" suffix " %" width "0, [%1]"    \
				 :                                    \
				 : "r"(value), "r"(reg)               \
				 : "memory");                         \
	}
MMIO(8, "b", "w")
MMIO(16, "h", "w")
MMIO(32, "", "w")
MMIO(64, "", "x")

void arch_cache_writeback(const void *p, size_t size)
{
	/* CTR_EL0.DminLine: log2 of the words in the smallest line (DDI 0487, D17.2.34). */
	u64 line = 4ULL << ((sysreg_read(ctr_el0) >> 16) & 15);
	u64 end = (u64)p + size;

	for (u64 at = (u64)p & ~(line - 1); at < end; at += line) {
		__asm__ volatile("dc cvac, %0" : : "r"(at) : "memory");
	}
	dsb(sy);
}
