/* SPDX-License-Identifier: GPL-2.0-only */
/* Instructions that C has no words for. Each does what its name says, and nothing else. */
#ifndef GUEST_LIB_ARM64_CPU_H
#define GUEST_LIB_ARM64_CPU_H

#include "lib/compiler.h"

/* The name may be a macro. */
#define CPU_TEXT(x) #x
#define read_sysreg(reg)                                                            \
	({                                                                          \
		u64 v_;                                                             \
		__asm__ volatile("mrs %0, " CPU_TEXT(reg) : "=r"(v_) : : "memory"); \
		v_;                                                                 \
	})
#define write_sysreg(reg, value)                                                             \
	do {                                                                                 \
		u64 v_ = (value);                                                            \
		__asm__ volatile("msr " CPU_TEXT(reg) ", %0\n\tisb" : : "r"(v_) : "memory"); \
	} while (0)

static inline u8 mmio_read8(u64 address)
{
	u32 v;

	__asm__ volatile("ldrb %w0, [%1]" : "=r"(v) : "r"(address) : "memory");
	return (u8)v;
}

static inline u32 mmio_read32(u64 address)
{
	u32 v;

	__asm__ volatile("ldr %w0, [%1]" : "=r"(v) : "r"(address) : "memory");
	return v;
}

static inline u64 mmio_read64(u64 address)
{
	u64 v;

	__asm__ volatile("ldr %0, [%1]" : "=r"(v) : "r"(address) : "memory");
	return v;
}

static inline void mmio_write8(u64 address, u8 v)
{
	__asm__ volatile("strb %w0, [%1]" : : "r"((u32)v), "r"(address) : "memory");
}

static inline void mmio_write32(u64 address, u32 v)
{
	__asm__ volatile("str %w0, [%1]" : : "r"(v), "r"(address) : "memory");
}

static inline void mmio_write64(u64 address, u64 v)
{
	__asm__ volatile("str %0, [%1]" : : "r"(v), "r"(address) : "memory");
}

static inline void irq_enable(void)
{
	__asm__ volatile("msr daifclr, #2" : : : "memory");
}

static inline void irq_disable(void)
{
	__asm__ volatile("msr daifset, #2" : : : "memory");
}

static inline void cpu_relax(void)
{
	__asm__ volatile("yield" : : : "memory");
}

static inline void wfi(void)
{
	__asm__ volatile("dsb sy\n\twfi" : : : "memory");
}

/* The number that start_cpu() got. */
static inline unsigned int cpu_index(void)
{
	return (unsigned int)read_sysreg(tpidr_el1);
}

static inline u64 counter(void)
{
	__asm__ volatile("isb" : : : "memory");
	return read_sysreg(cntvct_el0);
}

static inline u64 counter_ticks(u64 us)
{
	return us * (read_sysreg(cntfrq_el0) / 1000) / 1000;
}

static inline void delay_us(u64 us)
{
	u64 end = counter() + counter_ticks(us);

	while (counter() < end) {
		cpu_relax();
	}
}

#endif
