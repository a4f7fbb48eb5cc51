/* SPDX-License-Identifier: GPL-2.0-only */
/* arch/contract/io.h: ports and mapped registers, one instruction each. */
#include "arch/contract/io.h"

#include "arch/x86/asm.h"

u8 arch_in8(u16 port)
{
	return inb(port);
}

u16 arch_in16(u16 port)
{
	return inw(port);
}

u32 arch_in32(u16 port)
{
	return inl(port);
}

void arch_out8(u16 port, u8 value)
{
	outb(port, value);
}

void arch_out16(u16 port, u16 value)
{
	outw(port, value);
}

void arch_out32(u16 port, u32 value)
{
	outl(port, value);
}

/* x86 does not reorder uncached accesses; the compiler is kept from it by volatile
 * and barrier(). */
#define MMIO(bits)                                                    \
	u##bits arch_mmio_read##bits(const volatile void *reg)        \
	{                                                             \
		u##bits v = *(const volatile u##bits *)reg;           \
		barrier();                                            \
		return v;                                             \
	}                                                             \
	void arch_mmio_write##bits(volatile void *reg, u##bits value) \
	{                                                             \
		barrier();                                            \
		*(volatile u##bits *)reg = value;                     \
	}
MMIO(8)
MMIO(16)
MMIO(32)
MMIO(64)

void arch_cache_writeback(const void *p, size_t size)
{
	const char *line = (const char *)((u64)p & ~63ULL);

	for (; line < (const char *)p + size; line += 64) {
		__asm__ volatile("clflush %0" : : "m"(*line) : "memory");
	}
	__asm__ volatile("mfence" : : : "memory");
}
