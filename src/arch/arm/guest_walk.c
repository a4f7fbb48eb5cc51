/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Linear addresses of guests: the CPU itself walks stage 1 (AT, DDI 0487, D8.14.1), in AArch32 too.
 * That needs the vCPU's registers in the CPU.
 */
#include "arch/arm/guest_walk.h"

#include "arch/arm/sysreg.h"
#include "arch/arm/vcpu.h"
#include "arch/contract/guest.h"
#include "lib/bits.h"
#include "lib/errno.h"
#include "mm/s2.h"

/* PAR_EL1 (D17.2.118). */
#define PAR_F BIT64(0)
#define PAR_S BIT64(9) /* the fault was in stage 2 */
#define PAR_ADDRESS mask64(51, 12)

#define TRIES 3

/* The guest's own result of an AT stays where it is. */
static u64 translate(u64 linear, bool write)
{
	u64 kept = sysreg_read(par_el1), par;

	if (write) {
		__asm__ volatile("at s1e1w, %0" : : "r"(linear) : "memory");
	} else {
		__asm__ volatile("at s1e1r, %0" : : "r"(linear) : "memory");
	}
	isb();
	par = sysreg_read(par_el1);
	sysreg_write(par_el1, kept);
	return par;
}

int arch_guest_translate(struct vcpu *v, u64 linear, bool write, gpa_t *gpa)
{
	u64 par;

	if (this_pcpu()->current != v) {
		return -EFAULT;
	}
	par = translate(linear, write);
	/* The tables may lie behind an entry of stage 2 that is just being exchanged. */
	for (unsigned int i = 1; i < TRIES && (par & PAR_F) && (par & PAR_S); i++) {
		guest_settle(v->domain);
		par = translate(linear, write);
	}
	if (par & PAR_F) {
		return -EFAULT;
	}
	*gpa = GPA((par & PAR_ADDRESS) | (linear & ~PAGE_MASK));
	return 0;
}

void guest_settle(struct domain *d)
{
	spin_lock(&d->s2->lock);
	spin_unlock(&d->s2->lock);
}
