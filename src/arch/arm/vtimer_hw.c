/* SPDX-License-Identifier: GPL-2.0-only */
/* The CPU's generic timers (DDI 0487, D11): the virtual timer's registers, and what EL1 may do. */
#include "arch/arm/vtimer_hw.h"

#include "arch/arm/sysreg.h"

/* CNTHCTL_EL2 with HCR_EL2.E2H 0 (D17.11): the physical counter does not trap. The timer does, by
 * EL1PCEN being 0. */
#define CNTHCTL_EL1PCTEN BIT32(0)

void vtimer_hw_init(void)
{
	sysreg_write(cntv_ctl_el0, 0);
	sysreg_write(cntp_ctl_el0, 0);
	sysreg_write(cntvoff_el2, 0);
	sysreg_write(cnthctl_el2, CNTHCTL_EL1PCTEN);
	isb();
}

/* The compare value first, so that an old one does not interrupt. */
void vtimer_hw_load(u64 offset, const struct vtimer_regs *r)
{
	sysreg_write(cntvoff_el2, offset);
	sysreg_write(cntv_cval_el0, r->cval);
	isb();
	sysreg_write(cntv_ctl_el0, r->ctl);
}

/* The barrier: if its interrupt has just been acknowledged, the GIC's registers in memory show that
 * from here on (IHI 0069, "Observability of the effects of accesses to the GIC registers"). */
void vtimer_hw_unload(struct vtimer_regs *r)
{
	vtimer_write_ctl(r, sysreg_read(cntv_ctl_el0));
	r->cval = sysreg_read(cntv_cval_el0);
	sysreg_write(cntv_ctl_el0, 0);
	dsb(sy);
	isb();
}

bool vtimer_hw_level(void)
{
	u32 want = TIMER_CTL_ENABLE | TIMER_CTL_ISTATUS;

	return (sysreg_read(cntv_ctl_el0) & (want | TIMER_CTL_IMASK)) == want;
}
