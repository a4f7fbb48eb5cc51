/* SPDX-License-Identifier: GPL-2.0-only */
/* Ports, mapped registers and cache write-back for drivers (arch/contract/io.h). */
#include "arch/contract/io.h"
#include "arch/x86/asm.h"

/* CLFLUSH works on 64 bytes on every processor with SVM or VMX (CPUID.1:EBX[15:8] = 8). */
#define CACHE_LINE 64

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

/* Stores are not reordered with stores, and loads from uncached memory not with anything (APM vol.
 * 2, 7.1.1): only the compiler has to be held back. */
#define MMIO_ACCESSORS(bits)                                          \
	u##bits arch_mmio_read##bits(const volatile void *reg)        \
	{                                                             \
		u##bits v = *(const volatile u##bits *)reg;           \
                                                                      \
		barrier();                                            \
		return v;                                             \
	}                                                             \
	void arch_mmio_write##bits(volatile void *reg, u##bits value) \
	{                                                             \
		barrier();                                            \
		*(volatile u##bits *)reg = value;                     \
	}
MMIO_ACCESSORS(8)
MMIO_ACCESSORS(16)
MMIO_ACCESSORS(32)
MMIO_ACCESSORS(64)

void arch_cache_writeback(const void *p, size_t size)
{
	const char *end = (const char *)p + size;

	for (const char *line = (const char *)((uintptr_t)p & ~(CACHE_LINE - 1UL)); line < end;
		line += CACHE_LINE) {
		__asm__ volatile("clflush %0" : : "m"(*line) : "memory");
	}
	__asm__ volatile("mfence" : : : "memory");
}
