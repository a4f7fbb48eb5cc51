/* SPDX-License-Identifier: GPL-2.0-only */
/* The IDT, the TSSs, and the decision what a trap means: expected, handled, or the end. */
#include "guest/lib/trap.h"

#include "guest/lib/check.h"
#include "guest/lib/cpu.h"
#include "guest/lib/print.h"
#include "guest/lib/start.h"

struct idt_gate {
	u16 offset_low, selector;
	u8 ist, type;
	u16 offset_middle;
	u32 offset_high, reserved;
};

struct tss {
	u32 reserved0;
	u32 rsp0_low, rsp0_high;
	u32 rsp1[2], rsp2[2], reserved1[2];
	u32 ist1_low, ist1_high;
	u32 ist_others[12], reserved2[2];
	u16 reserved3, io_bitmap;
};

struct table_pointer {
	u16 limit;
	u64 base;
} __packed;

static_assert(sizeof(struct idt_gate) == 16, "AMD APM vol. 2, 4.8.4");
static_assert(sizeof(struct tss) == 104, "AMD APM vol. 2, 12.2.5");
static_assert(sizeof(struct table_pointer) == 10, "AMD APM vol. 2, 4.6.2");

struct extable_entry {
	u64 from, to;
};

/* What a CPU waits for. */
struct trap_cpu {
	u64 *context; /* of the fault_of() or user_call() that is going on */
	u32 fault;
	u64 cr2, rip;
};

extern const u8 trap_stubs[256][16];
extern const struct extable_entry trap_extable_start[], trap_extable_end[];
extern u64 head_gdt[GDT_ENTRIES];

u64 context_call(u64 *context, u64 (*fn)(u64), u64 arg);
u64 context_user(u64 *context, u64 (*fn)(u64), u64 arg, void *stack);
void __noreturn context_leave(u64 *context, u64 result);
void context_code(struct code_regs *regs, u64 far_pointer);
void trap_handle(struct trap_frame *frame);

static struct idt_gate trap_idt[256] __aligned(16);
static struct tss trap_tss[CPU_MAX] __aligned(128);
static struct trap_cpu trap_cpus[CPU_MAX];
static trap_fn *trap_handlers[256];
static u8 trap_stacks[CPU_MAX][STACK_SIZE] __aligned(16);
static u8 trap_ist_stacks[CPU_MAX][STACK_SIZE] __aligned(16);
static u8 trap_user_stacks[CPU_MAX][STACK_SIZE] __aligned(16);

static void trap_unexpected(struct trap_frame *f)
{
	static bool again;

	if (__atomic_exchange_n(&again, true, __ATOMIC_SEQ_CST)) {
		start_crash();
	}
	print("FAIL unexpected trap %u on CPU %u: error %#x, cr2 %#llx\n", (u32)f->vector,
		cpu_index(), (u32)f->error, (unsigned long long)read_cr2());
	print("  cs:rip %#x:%#llx ss:rsp %#x:%#llx rflags %#x\n", (u32)f->cs,
		(unsigned long long)f->rip, (u32)f->ss, (unsigned long long)f->rsp, (u32)f->rflags);
	print("  rax %#llx rbx %#llx rcx %#llx rdx %#llx\n", (unsigned long long)f->rax,
		(unsigned long long)f->rbx, (unsigned long long)f->rcx, (unsigned long long)f->rdx);
	check_abort();
	start_finish();
}

static bool trap_fixup(struct trap_frame *f)
{
	for (const struct extable_entry *e = trap_extable_start; e < trap_extable_end; e++) {
		if (e->from == f->rip) {
			f->rip = e->to;
			f->r11 = FAULT(f->vector, f->error);
			return true;
		}
	}
	return false;
}

void trap_handle(struct trap_frame *f)
{
	struct trap_cpu *c = &trap_cpus[cpu_index()];

	if (trap_handlers[f->vector] != NULL) {
		trap_handlers[f->vector](f);
		return;
	}
	if (f->vector == VECTOR_USER_RETURN && c->context != NULL) {
		context_leave(c->context, f->rax);
	}
	if (f->vector < 32) {
		c->cr2 = read_cr2();
		c->rip = f->rip;
		if (trap_fixup(f)) {
			return;
		}
		if (c->context != NULL) {
			c->fault = FAULT(f->vector, f->error);
			context_leave(c->context, 0);
		}
	}
	trap_unexpected(f);
}

void trap_set_handler(u8 vector, trap_fn *fn)
{
	WRITE_ONCE(trap_handlers[vector], fn);
}

u64 trap_last_cr2(void)
{
	return trap_cpus[cpu_index()].cr2;
}

u64 trap_last_rip(void)
{
	return trap_cpus[cpu_index()].rip;
}

u32 fault_of(u64 (*fn)(u64), u64 arg)
{
	struct trap_cpu *c = &trap_cpus[cpu_index()];
	u64 context;

	c->fault = 0;
	c->context = &context;
	context_call(&context, fn, arg);
	c->context = NULL;
	return c->fault;
}

u32 user_call(u64 (*fn)(u64), u64 arg, u64 *result)
{
	struct trap_cpu *c = &trap_cpus[cpu_index()];
	u64 context, value;

	c->fault = 0;
	c->context = &context;
	value = context_user(&context, fn, arg, trap_user_stacks[cpu_index()] + STACK_SIZE);
	c->context = NULL;
	if (result != NULL) {
		*result = value;
	}
	return c->fault;
}

void code_call32(const void *code, struct code_regs *regs)
{
	context_code(regs, (u64)SEL_CODE32 << 32 | (u32)(uintptr_t)code);
}

void code_call16(const void *code, struct code_regs *regs)
{
	u64 base = (uintptr_t)code;

	/* Base: bits 16 to 39 and 56 to 63 of the descriptor; present, CPL 0, 16-bit code. */
	head_gdt[SEL_CODE16 / 8] = 0x00009b000000ffff | (base & 0xffffff) << 16 |
				   (base >> 24 & 0xff) << 56;
	context_code(regs, (u64)SEL_CODE16 << 32);
}

static void trap_set_gate(unsigned int vector, u8 type, u8 ist)
{
	u64 entry = (uintptr_t)trap_stubs[vector];

	trap_idt[vector] = (struct idt_gate){
		.offset_low = (u16)entry,
		.offset_middle = (u16)(entry >> 16),
		.offset_high = (u32)(entry >> 32),
		.selector = SEL_CODE64,
		.ist = ist,
		.type = type,
	};
}

void trap_init(void)
{
	for (unsigned int i = 0; i < 256; i++) {
		trap_set_gate(i, 0x8e, i == VEC_NMI || i == VEC_DF ? 1 : 0);
	}
	trap_set_gate(VECTOR_USER_RETURN, 0xee, 0);
}

void trap_init_cpu(unsigned int cpu)
{
	struct table_pointer idt = { sizeof(trap_idt) - 1, (uintptr_t)trap_idt };
	u64 base = (uintptr_t)&trap_tss[cpu];
	u64 rsp0 = (uintptr_t)(trap_stacks[cpu] + STACK_SIZE);
	u64 ist1 = (uintptr_t)(trap_ist_stacks[cpu] + STACK_SIZE);

	trap_tss[cpu].rsp0_low = (u32)rsp0;
	trap_tss[cpu].ist1_low = (u32)ist1;
	trap_tss[cpu].io_bitmap = sizeof(struct tss);
	head_gdt[SEL_TSS / 8 + 2 * cpu] = 0x0000890000000000 | (sizeof(struct tss) - 1) |
					  (base & 0xffffff) << 16 | (base >> 24 & 0xff) << 56;
	__asm__ volatile("lidt %0" : : "m"(idt));
	__asm__ volatile("ltr %0" : : "r"((u16)(SEL_TSS + 16 * cpu)));
}
