/* SPDX-License-Identifier: GPL-2.0-only */
/* Single instructions as functions. Nothing here decides anything. */
#ifndef ARCH_X86_ASM_H
#define ARCH_X86_ASM_H

#include "lib/compiler.h"

struct cpuid_regs {
	u32 eax, ebx, ecx, edx;
};

static inline struct cpuid_regs cpuid(u32 leaf, u32 subleaf)
{
	struct cpuid_regs r;

	__asm__ volatile("cpuid"
			 : "=a"(r.eax), "=b"(r.ebx), "=c"(r.ecx), "=d"(r.edx)
			 : "a"(leaf), "c"(subleaf));
	return r;
}

static inline u64 rdmsr(u32 msr)
{
	u32 lo, hi;

	__asm__ volatile("rdmsr" : "=a"(lo), "=d"(hi) : "c"(msr));
	return (u64)hi << 32 | lo;
}

static inline void wrmsr(u32 msr, u64 value)
{
	__asm__ volatile("wrmsr" : : "c"(msr), "a"((u32)value), "d"((u32)(value >> 32)) : "memory");
}

/* Reads an MSR that may not exist: false, and 0, when the CPU raises #GP. */
static inline bool rdmsr_safe(u32 msr, u64 *value)
{
	u32 lo = 0, hi = 0;
	bool ok = true;

	__asm__ volatile("1: rdmsr\n"
			 "jmp 3f\n"
			 "2: movb $0, %2\n"
			 "3:\n"
			 ".pushsection fixup, \"a\"\n"
			 ".quad 1b, 2b\n"
			 ".popsection"
			 : "+a"(lo), "+d"(hi), "+r"(ok)
			 : "c"(msr));
	*value = (u64)hi << 32 | lo;
	return ok;
}

static inline bool wrmsr_safe(u32 msr, u64 value)
{
	bool ok = true;

	__asm__ volatile("1: wrmsr\n"
			 "jmp 3f\n"
			 "2: movb $0, %0\n"
			 "3:\n"
			 ".pushsection fixup, \"a\"\n"
			 ".quad 1b, 2b\n"
			 ".popsection"
			 : "+r"(ok)
			 : "c"(msr), "a"((u32)value), "d"((u32)(value >> 32))
			 : "memory");
	return ok;
}

static inline u64 rdtsc(void)
{
	u32 lo, hi;

	__asm__ volatile("rdtsc" : "=a"(lo), "=d"(hi) : : "memory");
	return (u64)hi << 32 | lo;
}

#define X86_CR_ACCESSORS(n)                                                    \
	static inline u64 read_cr##n(void)                                     \
	{                                                                      \
		u64 v;                                                         \
		__asm__ volatile("mov %%cr" #n ", %0" : "=r"(v) : : "memory"); \
		return v;                                                      \
	}                                                                      \
	static inline void write_cr##n(u64 v)                                  \
	{                                                                      \
		__asm__ volatile("mov %0, %%cr" #n : : "r"(v) : "memory");     \
	}
X86_CR_ACCESSORS(0)
X86_CR_ACCESSORS(2)
X86_CR_ACCESSORS(3)
X86_CR_ACCESSORS(4)
X86_CR_ACCESSORS(8)

#define X86_DR_ACCESSORS(n)                                       \
	static inline u64 read_dr##n(void)                        \
	{                                                         \
		u64 v;                                            \
		__asm__ volatile("mov %%dr" #n ", %0" : "=r"(v)); \
		return v;                                         \
	}                                                         \
	static inline void write_dr##n(u64 v)                     \
	{                                                         \
		__asm__ volatile("mov %0, %%dr" #n : : "r"(v));   \
	}
X86_DR_ACCESSORS(0)
X86_DR_ACCESSORS(1)
X86_DR_ACCESSORS(2)
X86_DR_ACCESSORS(3)
X86_DR_ACCESSORS(6)
X86_DR_ACCESSORS(7)

static inline void invlpg(const void *va)
{
	__asm__ volatile("invlpg %0" : : "m"(*(const char *)va) : "memory");
}

static inline void xsetbv(u32 index, u64 value)
{
	__asm__ volatile("xsetbv" : : "c"(index), "a"((u32)value), "d"((u32)(value >> 32)));
}

static inline u8 inb(u16 port)
{
	u8 v;

	__asm__ volatile("inb %1, %0" : "=a"(v) : "Nd"(port));
	return v;
}

static inline u16 inw(u16 port)
{
	u16 v;

	__asm__ volatile("inw %1, %0" : "=a"(v) : "Nd"(port));
	return v;
}

static inline u32 inl(u16 port)
{
	u32 v;

	__asm__ volatile("inl %1, %0" : "=a"(v) : "Nd"(port));
	return v;
}

static inline void outb(u16 port, u8 v)
{
	__asm__ volatile("outb %0, %1" : : "a"(v), "Nd"(port));
}

static inline void outw(u16 port, u16 v)
{
	__asm__ volatile("outw %0, %1" : : "a"(v), "Nd"(port));
}

static inline void outl(u16 port, u32 v)
{
	__asm__ volatile("outl %0, %1" : : "a"(v), "Nd"(port));
}

static inline void irq_enable(void)
{
	__asm__ volatile("sti" : : : "memory");
}

static inline void irq_disable(void)
{
	__asm__ volatile("cli" : : : "memory");
}

static inline void cpu_pause(void)
{
	__asm__ volatile("pause" : : : "memory");
}

#endif
