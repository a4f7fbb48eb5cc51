/* SPDX-License-Identifier: GPL-2.0-only */
/* What the layers above ask of the machine as a whole: kicks, idling, backtraces, its end. */
#include "arch/arm/cpu.h"
#include "arch/arm/gic/gic.h"
#include "arch/arm/irq.h"
#include "arch/arm/psci.h"
#include "arch/arm/sysreg.h"
#include "arch/contract/cpu.h"
#include "core/log.h"
#include "core/time.h"

void arch_cpu_relax(void)
{
	__asm__ volatile("yield" : : : "memory");
}

void arch_pcpu_kick(struct pcpu *p)
{
	gic_sgi(p, GIC_SGI_KICK);
}

void arch_pcpu_idle(struct pcpu *p)
{
	/* An interrupt that is pending ends WFI, masked or not: none is lost in between. */
	dsb(sy);
	__asm__ volatile("wfi" : : : "memory");
	irq_handle_pending();
}

/* They see the SGI in their next guest exit or idle sleep. One that spins or loops does not: there
 * is no NMI. */
void arch_stop_others(void)
{
	if (pcpu_count > 1) {
		gic_sgi_others(GIC_SGI_STOP);
		arch_delay_us(10000);
	}
}

void arch_pcpu_dump(struct pcpu *p)
{
	log_dump("CPU %u: MPIDR %010llx, HCR_EL2 %016llx VTTBR_EL2 %016llx SCTLR_EL2 %08llx, "
		 "stack near %p",
		p->id, (unsigned long long)p->arch->mpidr, (unsigned long long)sysreg_read(hcr_el2),
		(unsigned long long)sysreg_read(vttbr_el2),
		(unsigned long long)sysreg_read(sctlr_el2), __builtin_frame_address(0));
	if (p->current) {
		arch_vcpu_dump(p->current);
	}
}

unsigned int arch_backtrace(unsigned long *pcs, unsigned int max)
{
	u64 fp = (u64)__builtin_frame_address(0);
	unsigned int n = 0;

	while (n < max && fp && IS_ALIGNED(fp, 8UL)) {
		const u64 *frame = (const u64 *)fp;
		u64 top = cpu_stack_top(fp);

		if (!top || fp + 16 > top) {
			break;
		}
		pcs[n++] = frame[1];
		/* From the emergency stack it goes on anywhere; else only outward. */
		if (frame[0] <= fp && cpu_stack_top(frame[0]) == top) {
			break;
		}
		fp = frame[0];
	}
	return n;
}

void arch_machine_end(enum machine_end how)
{
	if (how == MACHINE_POWEROFF) {
		psci_system_off();
	} else if (how == MACHINE_REBOOT) {
		psci_system_reset();
	}
	for (;;) {
		__asm__ volatile("wfe");
	}
}
