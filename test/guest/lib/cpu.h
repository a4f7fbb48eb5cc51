/* SPDX-License-Identifier: GPL-2.0-only */
/* Instructions that C has no words for. Each does what its name says, and nothing else. */
#ifndef GUEST_LIB_CPU_H
#define GUEST_LIB_CPU_H

#include "guest/lib/trap.h"

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

/* Every MSR access may be refused: 0, or the FAULT(). */
static inline u32 msr_read(u32 msr, u64 *value)
{
	register u64 fault __asm__("r11") = 0;
	u32 low = 0, high = 0;

	__asm__ volatile("1: rdmsr\n2:\n" EXTABLE
			 : "+r"(fault), "+a"(low), "+d"(high)
			 : "c"(msr)
			 : "memory");
	*value = (u64)high << 32 | low;
	return (u32)fault;
}

static inline u32 msr_write(u32 msr, u64 value)
{
	return TRY("wrmsr", "c"(msr), "a"((u32)value), "d"((u32)(value >> 32)));
}

/* For MSRs that must exist; 0 when refused. */
static inline u64 rdmsr(u32 msr)
{
	u64 value;

	return msr_read(msr, &value) == 0 ? value : 0;
}

#define CPU_READ_REG(name, reg)                                  \
	static inline u64 name(void)                             \
	{                                                        \
		u64 v;                                           \
                                                                 \
		__asm__ volatile("mov %%" reg ", %0" : "=r"(v)); \
		return v;                                        \
	}
CPU_READ_REG(read_cr0, "cr0")
CPU_READ_REG(read_cr2, "cr2")
CPU_READ_REG(read_cr3, "cr3")
CPU_READ_REG(read_cr4, "cr4")
CPU_READ_REG(read_cr8, "cr8")

static inline u32 write_cr0(u64 v)
{
	return TRY("mov %[v], %%cr0", [v] "r"(v));
}

static inline u32 write_cr3(u64 v)
{
	return TRY("mov %[v], %%cr3", [v] "r"(v));
}

static inline u32 write_cr4(u64 v)
{
	return TRY("mov %[v], %%cr4", [v] "r"(v));
}

static inline u32 write_cr8(u64 v)
{
	return TRY("mov %[v], %%cr8", [v] "r"(v));
}

static inline u64 rdtsc(void)
{
	u32 low, high;

	__asm__ volatile("lfence\n\trdtsc" : "=a"(low), "=d"(high) : : "memory");
	return (u64)high << 32 | low;
}

static inline void irq_enable(void)
{
	__asm__ volatile("sti" : : : "memory");
}

static inline void irq_disable(void)
{
	__asm__ volatile("cli" : : : "memory");
}

/* Interrupts on and sleep as one step: none is lost in between. */
static inline void irq_enable_and_halt(void)
{
	__asm__ volatile("sti\n\thlt\n\tcli" : : : "memory");
}

static inline void cpu_relax(void)
{
	__asm__ volatile("pause" : : : "memory");
}

static inline void invlpg(const void *address)
{
	__asm__ volatile("invlpg (%0)" : : "r"(address) : "memory");
}

#define CPU_PORT_IO(type, suffix)                                                            \
	static inline type in##suffix(u16 port)                                              \
	{                                                                                    \
		type v;                                                                      \
                                                                                             \
		__asm__ volatile("in" #suffix " %1, %0" : "=a"(v) : "Nd"(port) : "memory");  \
		return v;                                                                    \
	}                                                                                    \
	static inline void out##suffix(u16 port, type v)                                     \
	{                                                                                    \
		__asm__ volatile("out" #suffix " %0, %1" : : "a"(v), "Nd"(port) : "memory"); \
	}
CPU_PORT_IO(u8, b)
CPU_PORT_IO(u16, w)
CPU_PORT_IO(u32, l)

#endif
