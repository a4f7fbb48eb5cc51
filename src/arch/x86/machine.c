/* SPDX-License-Identifier: GPL-2.0-only */
/* What the layers above ask of the machine as a whole: kicks, idling, backtraces, its end. */
#include "arch/contract/cpu.h"
#include "arch/x86/apic.h"
#include "arch/x86/asm.h"
#include "arch/x86/cpu.h"
#include "arch/x86/layout.h"
#include "arch/x86/paging.h"
#include "core/domain.h"
#include "core/log.h"
#include "core/time.h"
#include "drv/acpi/acpi.h"
#include "mm/vmap.h"

void arch_cpu_relax(void)
{
	cpu_pause();
}

void arch_pcpu_kick(struct pcpu *p)
{
	apic_send(p->arch->apic_id, APIC_DM_FIXED | APIC_ICR_ASSERT | VECTOR_KICK);
}

void arch_pcpu_idle(struct pcpu *p)
{
	/* STI takes effect after HLT has begun: no interrupt is lost in between. */
	__asm__ volatile("sti; hlt; cli" : : : "memory");
	paging_flush_if_stale();
	if (unlikely(p->nmi_busy)) {
		traps_report_nmi();
	}
}

void arch_stop_others(void)
{
	if (pcpu_count > 1) {
		nmi_request_stop();
		arch_delay_us(10000);
	}
}

void arch_pcpu_dump(struct pcpu *p)
{
	log_dump("CPU %u: APIC id %u, cr3 %016llx cr4 %08llx, stack near %p", p->id,
		p->arch->apic_id, (unsigned long long)read_cr3(), (unsigned long long)read_cr4(),
		__builtin_frame_address(0));
	if (p->current) {
		arch_vcpu_dump(p->current);
	}
}

/* The end of the stack that sp is on, 0: none that we know. */
static u64 stack_top(u64 sp)
{
	extern char boot_stack[], boot_stack_top[];
	const struct arch_pcpu *a = this_arch_pcpu();
	u64 top = (u64)a->stack_top;

	if (sp >= (u64)boot_stack && sp < (u64)boot_stack_top) {
		return (u64)boot_stack_top;
	}
	if (sp < top && sp >= top - 0x4000) {
		return top;
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(a->tss.ist); i++) {
		if (sp < a->tss.ist[i] && sp >= a->tss.ist[i] - 0x2000) {
			return a->tss.ist[i];
		}
	}
	return 0;
}

unsigned int arch_backtrace(unsigned long *pcs, unsigned int max)
{
	u64 fp = (u64)__builtin_frame_address(0), top;
	unsigned int n = 0;

	while (n < max && fp && IS_ALIGNED(fp, 8UL)) {
		const u64 *frame = (const u64 *)fp;

		top = stack_top(fp);
		if (!top || fp + 16 > top) {
			break;
		}
		pcs[n++] = frame[1];
		if (frame[0] <= fp && stack_top(frame[0]) == top) {
			break;
		}
		fp = frame[0];
	}
	return n;
}

/* --- the end --- */

/* ACPI 6.4, 4.8.3.2: SLP_TYP in bits 12:10, SLP_EN is bit 13. */
static void acpi_poweroff(void)
{
	const struct acpi_fadt *f = &acpi_host.fadt;

	if (!f->present || !f->s5_valid || f->pm1a_control.space != ACPI_SPACE_IO) {
		return;
	}
	outw((u16)f->pm1a_control.address, (u16)(f->s5_slp_typa << 10 | 0x2000));
	if (f->pm1b_control.address) {
		outw((u16)f->pm1b_control.address, (u16)(f->s5_slp_typb << 10 | 0x2000));
	}
	arch_delay_us(1000000);
}

static void acpi_reset(void)
{
	const struct acpi_fadt *f = &acpi_host.fadt;

	if (!f->present || !f->reset_supported) {
		return;
	}
	if (f->reset.space == ACPI_SPACE_IO) {
		outb((u16)f->reset.address, f->reset_value);
	} else if (f->reset.space == ACPI_SPACE_MEM) {
		volatile u8 *reg = vmap(HPA(f->reset.address), 1, HV_DEVICE);

		if (reg) {
			*reg = f->reset_value;
		}
	}
	arch_delay_us(100000);
}

/* From the gentlest to what always works: ACPI, the chipset, the keyboard controller, a CPU that
 * cannot even report its fault. */
static void reboot(void)
{
	struct {
		u16 limit;
		u64 base;
	} __packed none = { 0, 0 };

	acpi_reset();
	outb(0xcf9, 0x02);
	outb(0xcf9, 0x06);
	arch_delay_us(100000);
	for (unsigned int i = 0; i < 10000 && (inb(0x64) & 2); i++) {
		cpu_pause();
	}
	outb(0x64, 0xfe);
	arch_delay_us(100000);
	__asm__ volatile("lidt %0; int3" : : "m"(none));
}

void arch_machine_end(enum machine_end how)
{
	irq_disable();
	if (how == MACHINE_POWEROFF) {
		acpi_poweroff();
	} else if (how == MACHINE_REBOOT) {
		reboot();
	}
	for (;;) {
		__asm__ volatile("cli; hlt");
	}
}
