/* SPDX-License-Identifier: GPL-2.0-only */
/* Control and debug registers: values that the architecture refuses, and effects. */
#include "tests.h"

#define CR0_PE BIT64(0)
#define CR0_TS BIT64(3)
#define CR0_WP BIT64(16)
#define CR0_CD BIT64(30)
#define CR0_PG BIT64(31)

static void cr0_values(void)
{
	u64 cr0 = read_cr0();

	CHECK_FAULT(write_cr0(cr0 & ~CR0_PE), GP, "CR0.PG without PE");
	CHECK_FAULT(write_cr0(cr0 & ~CR0_PG), GP, "CR0.PG off in 64-bit mode");
	CHECK_FAULT(write_cr0(cr0 | BIT64(32)), GP, "CR0 bit 32");
	CHECK_FAULT(write_cr0(cr0 | BIT64(63)), GP, "CR0 bit 63");
	CHECK_FAULT(write_cr0(cr0 | CR0_CD), 0, "CR0.CD");
	CHECK_EQ(read_cr0(), cr0 | CR0_CD, "CR0.CD reads as written");
	CHECK_FAULT(write_cr0(cr0 & ~CR0_WP), 0, "CR0.WP off");
	CHECK_EQ(read_cr0(), cr0 & ~CR0_WP, "CR0.WP off reads as written");
	CHECK_FAULT(write_cr0(cr0 | CR0_TS), 0, "CR0.TS");
	CHECK_FAULT(TRY("movd %%eax, %%xmm0", "a"(0)), FAULT(VEC_NM, 0), "SSE with CR0.TS");
	CHECK_FAULT(TRY("clts", "i"(0)), 0, "CLTS");
	CHECK_FAULT(TRY("movd %%eax, %%xmm0", "a"(0)), 0, "SSE after CLTS");
	CHECK_FAULT(TRY("lmsw %%ax", "a"(9)), 0, "LMSW sets TS");
	CHECK_EQ(read_cr0() & CR0_TS, CR0_TS, "CR0.TS after LMSW");
	CHECK_FAULT(write_cr0(cr0), 0, "CR0 back");
	CHECK_EQ(read_cr0(), cr0, "CR0 at the end");
}

static void cr4_values(void)
{
	static const struct {
		u64 bit;
		u32 leaf;
		char reg;
		u8 feature;
		const char *name;
	} optional[] = {
		{ CR4_PCIDE, 1, 'c', 17, "CR4.PCIDE" },
		{ CR4_UMIP, 7, 'c', 2, "CR4.UMIP" },
		{ BIT64(16), 7, 'b', 0, "CR4.FSGSBASE" },
	};
	u64 cr4 = read_cr4();

	CHECK_FAULT(write_cr4(cr4 | CR4_VMXE), GP, "CR4.VMXE");
	CHECK_FAULT(write_cr4(cr4 | BIT64(15)), GP, "CR4 bit 15");
	CHECK_FAULT(write_cr4(cr4 | BIT64(19)), GP, "CR4 bit 19");
	CHECK_FAULT(write_cr4(cr4 | BIT64(31)), GP, "CR4 bit 31");
	CHECK_FAULT(write_cr4(cr4 | BIT64(63)), GP, "CR4 bit 63");
	CHECK_FAULT(write_cr4(cr4 & ~CR4_PAE), GP, "CR4.PAE off in 64-bit mode");
	CHECK_FAULT(write_cr4(cr4 | BIT64(12)), GP, "CR4.LA57 while paging");
	for (size_t i = 0; i < ARRAY_SIZE(optional); i++) {
		bool has = has_feature(optional[i].leaf, optional[i].reg, optional[i].feature);

		CHECK_FAULT(write_cr4(cr4 | optional[i].bit), has ? 0 : GP, "%s, %s",
			optional[i].name, has ? "which CPUID has" : "which CPUID has not");
		CHECK_EQ(read_cr4(), has ? cr4 | optional[i].bit : cr4, "%s after that",
			optional[i].name);
		write_cr4(cr4);
	}
	CHECK_FAULT(write_cr4(cr4), 0, "CR4 back");
	CHECK_EQ(read_cr4(), cr4, "CR4 at the end");
}

static void cr3_values(void)
{
	u64 cr3 = read_cr3();

	CHECK_FAULT(write_cr3(cr3 | 0x18), 0, "CR3 with PWT and PCD");
	CHECK_EQ(read_cr3(), cr3 | 0x18, "CR3 reads as written");
	CHECK_FAULT(write_cr3(cr3), 0, "CR3 back");
}

void test_control_registers(void)
{
	cr0_values();
	cr3_values();
	cr4_values();
	CHECK_FAULT(write_cr8(16), GP, "CR8 = 16");
	CHECK_FAULT(write_cr8(~0ULL), GP, "CR8 = ~0");
	CHECK_FAULT(write_cr8(9), 0, "CR8 = 9");
	CHECK_EQ(read_cr8(), 9, "CR8 reads as written");
	write_cr8(0);
	CHECK_FAULT(TRY("mov %%rax, %%cr1", "a"(0)), UD, "CR1 does not exist");
	CHECK_FAULT(TRY("mov %%rax, %%cr5", "a"(0)), UD, "CR5 does not exist");
	CHECK_FAULT(TRY("mov %%rax, %%cr9", "a"(0)), UD, "CR9 does not exist");
}

#define READ_DR(n)                                                 \
	({                                                         \
		u64 v_;                                            \
		__asm__ volatile("mov %%dr" #n ", %0" : "=r"(v_)); \
		v_;                                                \
	})
#define WRITE_DR(n, value) TRY("mov %[v], %%dr" #n, [v] "r"((u64)(value)))

static volatile u32 debug_hits;
static volatile u64 debug_dr6;
static volatile u32 debug_watched;

static void debug_handler(struct trap_frame *frame)
{
	debug_hits++;
	debug_dr6 = READ_DR(6);
	WRITE_DR(6, 0xffff0ff0);
	frame->rflags &= ~BIT64(8);
}

static void debug_effects(void)
{
	trap_set_handler(VEC_DB, debug_handler);
	WRITE_DR(6, 0xffff0ff0);
	WRITE_DR(0, (uintptr_t)&debug_watched);
	WRITE_DR(7, 0x000d0402); /* breakpoint 0, global, on writes of four bytes */
	debug_watched = 1;
	CHECK_EQ(debug_hits, 1, "a data breakpoint is hit");
	CHECK_EQ(debug_dr6 & 0xf, 1, "DR6 names the breakpoint");
	WRITE_DR(7, 0x400);
	debug_watched = 2;
	CHECK_EQ(debug_hits, 1, "it is not hit once disabled");
	__asm__ volatile("pushf; orl $0x100, (%%rsp); popf; nop" : : : "memory", "cc");
	CHECK_EQ(debug_hits, 2, "single step");
	CHECK_EQ(debug_dr6 & BIT64(14), BIT64(14), "DR6.BS after a single step");
	/* The step over an instruction that exits must not be lost. */
	__asm__ volatile("pushf; orl $0x100, (%%rsp); popf; cpuid"
			 :
			 :
			 : "eax", "ebx", "ecx", "edx", "memory", "cc");
	CHECK_EQ(debug_hits, 3, "single step over CPUID");
	trap_set_handler(VEC_DB, NULL);
}

void test_debug_registers(void)
{
	u64 cr4 = read_cr4();

	CHECK_FAULT(WRITE_DR(0, 0x123456789a), 0, "DR0");
	CHECK_EQ(READ_DR(0), 0x123456789a, "DR0 reads as written");
	CHECK_FAULT(WRITE_DR(3, 0x987654321), 0, "DR3");
	CHECK_EQ(READ_DR(3), 0x987654321, "DR3 reads as written");
	CHECK_FAULT(WRITE_DR(7, BIT64(32)), GP, "DR7 bit 32");
	CHECK_FAULT(WRITE_DR(6, BIT64(32)), GP, "DR6 bit 32");
	CHECK_EQ(READ_DR(7), 0x400, "DR7 at the start");
	CHECK_FAULT(WRITE_DR(4, 0xffff0ff0), 0, "DR4 is DR6 without CR4.DE");
	write_cr4(cr4 | CR4_DE);
	CHECK_FAULT(WRITE_DR(4, 0xffff0ff0), UD, "DR4 with CR4.DE");
	write_cr4(cr4);
	debug_effects();
}
