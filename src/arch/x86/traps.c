/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Exceptions and interrupts that hit the hypervisor itself. An exception here is our own bug and
 * ends in panic(), except at the instructions listed in the fix-up table.
 */
#include "arch/contract/cpu.h"
#include "arch/x86/apic.h"
#include "arch/x86/asm.h"
#include "arch/x86/cpu.h"
#include "arch/x86/cpu_bits.h"
#include "arch/x86/irq.h"
#include "core/log.h"
#include "lib/printf.h"

struct idt_entry {
	u16 offset_low, selector;
	u8 ist, attr;
	u16 offset_mid;
	u32 offset_high, reserved;
};
static_assert(sizeof(struct idt_entry) == 16, "IDT entry size");

static struct idt_entry idt[256] __aligned(16);
extern const char trap_stubs[][16];

/* Pairs of (instruction that may fault, where to go on). */
struct fixup {
	u64 insn, target;
};
extern const struct fixup __start_fixup[], __stop_fixup[];

static bool stop_requested;

static const char *const exception_names[32] = {
	"divide error",
	"debug",
	"NMI",
	"breakpoint",
	"overflow",
	"bound",
	"invalid opcode",
	"device not available",
	"double fault",
	"coprocessor overrun",
	"invalid TSS",
	"segment not present",
	"stack fault",
	"general protection",
	"page fault",
	NULL,
	"x87 error",
	"alignment check",
	"machine check",
	"SIMD error",
	"virtualization exception",
	"control protection",
};

void trap_init_idt(void)
{
	static const u8 ists[32] = {
		[X86_EXC_NMI] = IST_NMI, [X86_EXC_MC] = IST_MC, [X86_EXC_DF] = IST_DF
	};

	for (unsigned int i = 0; i < 256; i++) {
		u64 stub = (u64)trap_stubs[i];

		idt[i] = (struct idt_entry){
			.offset_low = (u16)stub,
			.selector = SEL_CODE64,
			.ist = i < 32 ? ists[i] : 0,
			.attr = 0x8e, /* present, interrupt gate, DPL 0 */
			.offset_mid = (u16)(stub >> 16),
			.offset_high = (u32)(stub >> 32),
		};
	}
}

void trap_load_idt(void)
{
	struct {
		u16 limit;
		u64 base;
	} __packed ptr = { sizeof(idt) - 1, (u64)idt };

	__asm__ volatile("lidt %0" : : "m"(ptr));
}

static void print_frame(const struct trap_frame *f)
{
	const char *name = f->vector < 32 ? exception_names[f->vector] : NULL;

	log_err("CPU %u: exception %llu (%s), error code %#llx, cr2 %016llx, cr3 %016llx",
		this_pcpu()->id, (unsigned long long)f->vector, name ? name : "?",
		(unsigned long long)f->error, (unsigned long long)read_cr2(),
		(unsigned long long)read_cr3());
	log_err("rip %016llx rsp %016llx rflags %08llx cs %04llx ss %04llx",
		(unsigned long long)f->rip, (unsigned long long)f->rsp,
		(unsigned long long)f->rflags, (unsigned long long)f->cs,
		(unsigned long long)f->ss);
	log_err("rax %016llx rbx %016llx rcx %016llx rdx %016llx", (unsigned long long)f->rax,
		(unsigned long long)f->rbx, (unsigned long long)f->rcx, (unsigned long long)f->rdx);
	log_err("rsi %016llx rdi %016llx rbp %016llx r8  %016llx", (unsigned long long)f->rsi,
		(unsigned long long)f->rdi, (unsigned long long)f->rbp, (unsigned long long)f->r8);
	log_err("r9  %016llx r10 %016llx r11 %016llx r12 %016llx", (unsigned long long)f->r9,
		(unsigned long long)f->r10, (unsigned long long)f->r11, (unsigned long long)f->r12);
	log_err("r13 %016llx r14 %016llx r15 %016llx", (unsigned long long)f->r13,
		(unsigned long long)f->r14, (unsigned long long)f->r15);
}

static bool trap_fixup(struct trap_frame *f)
{
	for (const struct fixup *x = __start_fixup; x < __stop_fixup; x++) {
		if (x->insn == f->rip) {
			f->rip = x->target;
			return true;
		}
	}
	return false;
}

void nmi_request_stop(void)
{
	__atomic_store_n(&stop_requested, true, __ATOMIC_RELEASE);
	apic_send_all_but_self(APIC_DM_NMI | APIC_ICR_ASSERT);
}

/* No lock may be taken here: the NMI may have hit the CPU that holds it. */
static void handle_nmi(void)
{
	if (__atomic_load_n(&stop_requested, __ATOMIC_ACQUIRE)) {
		for (;;) {
			__asm__ volatile("cli; hlt");
		}
	}
	this_pcpu()->nmi_busy = true; /* for traps_report_nmi(), which may log */
}

void traps_report_nmi(void)
{
	u8 reason = inb(0x61); /* system control port B: bit 7 SERR#, bit 6 channel check */

	this_pcpu()->nmi_busy = false;
	log_warn("CPU %u: NMI%s%s", this_pcpu()->id, reason & 0x80 ? ", SERR#" : "",
		reason & 0x40 ? ", I/O channel check" : "");
}

void traps_machine_check(void)
{
	u64 status = 0, cap = 0;

	rdmsr_safe(0x179, &cap); /* MCG_CAP: the number of banks in bits 7:0 */
	for (unsigned int bank = 0; bank < (cap & 0xff); bank++) {
		if (rdmsr_safe(0x401 + 4 * bank, &status) && (status >> 63)) {
			log_err("machine check: bank %u status %016llx", bank,
				(unsigned long long)status);
		}
	}
	panic("machine check on CPU %u", this_pcpu()->id);
}

void trap_handle(struct trap_frame *f)
{
	if (f->vector >= 32) {
		irq_dispatch((u8)f->vector);
	} else if (f->vector == X86_EXC_NMI) {
		handle_nmi();
	} else if (f->vector == X86_EXC_MC) {
		print_frame(f);
		traps_machine_check();
	} else if (!trap_fixup(f)) {
		print_frame(f);
		panic("exception %llu in the hypervisor", (unsigned long long)f->vector);
	}
}
