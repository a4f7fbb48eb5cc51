/* SPDX-License-Identifier: GPL-2.0-only */
/* Attacks by the state of the CPU: tables, stacks, registers, loops in the CPU itself. */
#include "cases.h"

static u8 case_page[PAGE_SIZE] __aligned(PAGE_SIZE);

void case_triple_fault(void)
{
	static const u8 empty[10];

	__asm__ volatile("lidt %0\n\tud2" : : "m"(empty));
}

static u64 case_jump(u64 address)
{
	((void (*)(void))(uintptr_t)address)();
	return 0;
}

/* A fault that comes back is as good as the domain's end. */
void case_jump_to_nothing(void)
{
	CHECK(fault_of(case_jump, NOTHING) != 0, "a jump to nothing faults");
}

void case_tables_in_nothing(void)
{
	watch_and_end(50);
	write_cr3(NOTHING);
	CHECK(false, "goes on with page tables in nothing");
}

void case_tables_in_apic(void)
{
	apic_enable(false);
	watch_and_end(50);
	write_cr3(APIC_DEFAULT_BASE);
	CHECK(false, "goes on with page tables in the local APIC");
}

void case_nw_without_cd(void)
{
	CHECK_FAULT(write_cr0(read_cr0() | BIT64(29)), FAULT(VEC_GP, 0), "CR0.NW without CD");
	print("cpuid %u\n", cpuid(0, 0).eax);
}

void case_invalid_cr3(void)
{
	CHECK_FAULT(write_cr3(read_cr3() | BIT64(62)), FAULT(VEC_GP, 0), "CR3 bit 62");
	print("cpuid %u\n", cpuid(0, 0).eax);
}

static u64 case_push(u64 stack)
{
	__asm__ volatile("mov %0, %%rsp\n\tud2" : : "r"(stack));
	return 0;
}

/* The fault on a stack that is not there becomes a double fault, which has a stack of its own. */
void case_bad_stack(void)
{
	watch_start();
	CHECK_EQ(FAULT_VECTOR(fault_of(case_push, 0x7f0000001000)), VEC_DF, "unmapped stack");
	CHECK_EQ(FAULT_VECTOR(fault_of(case_push, 0x800000000000)), VEC_DF, "non-canonical stack");
	CHECK(FAULT_VECTOR(fault_of(case_push, NOTHING + 0x1000)) != 0, "stack in nothing");
	watch_check();
}

void case_cache_instructions(void)
{
	watch_start();
	CHECK_FAULT(TRY("rsm", "a"(0)), FAULT(VEC_UD, 0), "RSM");
	for (unsigned int i = 0; i < 100; i++) {
		__asm__ volatile("wbinvd" : : : "memory");
	}
	CHECK(true, "WBINVD does no harm");
	/* May fault: QEMU 7.2 reports it as WBINVD, which it is not. */
	CHECK(FAULT_VECTOR(TRY("invd", "a"(0))) != VEC_UD, "INVD does no harm");
	watch_check();
}

/* A string instruction that would take days must not keep the hypervisor. */
void case_endless_string(void)
{
	void *to = (void *)NOTHING;

	watch_and_end(30);
	__asm__ volatile("1: mov $0x1000000, %%rcx\n\tmov %0, %%rdi\n\trep stosb\n\tjmp 1b"
			 :
			 : "r"(to)
			 : "rcx", "rdi", "memory");
}

static void case_flood_handler(struct trap_frame *frame)
{
	apic_send(0, APIC_ICR_ALL | APIC_ICR_ASSERT | 0x45);
	apic_eoi();
}

/* Every interrupt sends the next ones, and the timer has a period of one tick. */
void case_interrupt_flood(void)
{
	trap_set_handler(0x45, case_flood_handler);
	watch_and_end(30);
	apic_write(APIC_TDCR, APIC_TDCR_BY_1);
	apic_write(APIC_LVT_TIMER, APIC_LVT_PERIODIC | 0x45);
	apic_write(APIC_TMICT, 1);
	irq_enable();
	for (;;) {
		apic_send(0, APIC_ICR_SELF | APIC_ICR_ASSERT | 0x45);
	}
}

static volatile bool case_stop;

/* Changes the instruction at @code between two, as fast as it can. */
static u64 case_change_code(u64 code)
{
	volatile u16 *insn = (u16 *)(uintptr_t)code;

	while (!case_stop) {
		*insn = 0x078b; /* mov (%rdi), %eax */
		*insn = 0x0789; /* mov %eax, (%rdi) */
		*insn = 0x0f66; /* begins something else */
	}
	return 1;
}

static u64 case_run_code(u64 code)
{
	__asm__ volatile("call *%0"
			 :
			 : "r"(code), "D"(NOTHING), "a"(0)
			 : "rcx", "rdx", "rsi", "r8", "r9", "r10", "r11", "memory", "cc");
	return 0;
}

/* The hypervisor may see another instruction than the one that trapped. */
void case_self_modifying(void)
{
	u32 faults = 0;

	watch_start();
	memset(case_page, 0xc3, sizeof(case_page));
	smp_run(1, case_change_code, (uintptr_t)case_page);
	for (unsigned int i = 0; i < 20000; i++) {
		faults += fault_of(case_run_code, (uintptr_t)case_page) != 0;
	}
	case_stop = true;
	print("%u faults\n", faults);
	CHECK(smp_wait(1, 10000, NULL), "code that changes under emulation does no harm");
	watch_check();
}
