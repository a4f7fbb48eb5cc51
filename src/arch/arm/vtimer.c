/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A vCPU's two timers. The virtual one is the CPU's while the vCPU is loaded, and its interrupt
 * stays active in the host's GIC until the guest ends it; unloaded, it is two numbers, that active
 * bit, and a timer of core/timer.c that stands in. The physical one is emulated.
 */
#include "arch/arm/vtimer.h"

#include "arch/arm/esr.h"
#include "arch/arm/gic/gic.h"
#include "arch/arm/irq.h"
#include "arch/arm/machine.h"
#include "arch/arm/time.h"
#include "arch/arm/vcpu.h"
#include "arch/arm/vgic/vgic.h"
#include "arch/arm/vtimer_hw.h"
#include "lib/errno.h"
#include "mm/heap.h"

struct vtimer {
	struct vtimer_regs virt; /* while not loaded */
	struct vtimer_regs phys;
	bool active;	  /* while not loaded: the host's PPI is this guest's to end */
	bool standing_in; /* stand_in has been set since the last unload */
	bool phys_level;
	struct timer stand_in;
	struct timer phys_timer; /* on the vCPU's CPU, so that it does not race with the guest */
};

static u64 vtimer_virt_count(const struct vcpu *v)
{
	return time_count() - v->domain->arch->timer_offset;
}

static u32 vtimer_host_ppi(void)
{
	return arm_machine.timer.virt;
}

/* --- the virtual timer --- */

/* Not loaded, and stand_in is not queued. */
static void vtimer_stand_in(struct vcpu *v)
{
	struct vtimer *t = v->arch->vtimer;
	u64 deadline_ns = vtimer_deadline(&t->virt, vtimer_virt_count(v), time_hz(), arch_now_ns());

	if (deadline_ns != ~0ULL) {
		timer_set(&t->stand_in, deadline_ns);
	}
}

/* As if the host's PPI had fired: it will be active when the vCPU is loaded. */
static void vtimer_expired(void *arg)
{
	struct vcpu *v = arg;
	struct vtimer *t = v->arch->vtimer;

	if (!vtimer_level(&t->virt, vtimer_virt_count(v))) {
		vtimer_stand_in(v); /* a little early */
		return;
	}
	t->active = true;
	vgic_inject_hw(v->domain, v, VTIMER_PPI_VIRTUAL, vtimer_host_ppi());
}

/* The PPI. */
static void vtimer_fired(void *arg)
{
	struct vcpu *v = this_pcpu()->current;

	if (likely(v)) {
		vgic_inject_hw(v->domain, v, VTIMER_PPI_VIRTUAL, vtimer_host_ppi());
	} else {
		gic_deactivate(vtimer_host_ppi());
	}
}

static void vtimer_load_virt(struct vcpu *v)
{
	struct vtimer *t = v->arch->vtimer;

	if (t->standing_in) {
		timer_sync(&t->stand_in);
		t->standing_in = false;
	}
	if (t->active) {
		gic_set_active(vtimer_host_ppi(), true);
	}
	vtimer_hw_load(v->domain->arch->timer_offset, &t->virt);
}

static void vtimer_unload_virt(struct vcpu *v)
{
	struct vtimer *t = v->arch->vtimer;

	vtimer_hw_unload(&t->virt);
	t->active = gic_is_active(vtimer_host_ppi());
	if (t->active) {
		gic_set_active(vtimer_host_ppi(), false);
	} else if (vtimer_armed(&t->virt)) {
		if (t->stand_in.cpu != this_pcpu()) {
			timer_migrate(&t->stand_in, this_pcpu());
		}
		t->standing_in = true;
		vtimer_stand_in(v);
	}
}

bool vtimer_pending(struct vcpu *v)
{
	const struct vtimer *t = v->arch->vtimer;

	if (this_pcpu()->current == v) {
		return vtimer_hw_level() && !gic_is_active(vtimer_host_ppi());
	}
	return !t->active && vtimer_level(&t->virt, vtimer_virt_count(v));
}

/* --- the physical timer --- */

/* What its registers say now: the level, and when it is to be looked at again. */
static void vtimer_phys_update(struct vcpu *v)
{
	struct vtimer *t = v->arch->vtimer;
	u64 count = time_count(), deadline_ns = ~0ULL;
	bool level = vtimer_level(&t->phys, count);

	if (level != t->phys_level) {
		t->phys_level = level;
		vgic_set_level(v->domain, v, VTIMER_PPI_PHYSICAL, level);
	}
	if (!level && vtimer_armed(&t->phys)) {
		deadline_ns = vtimer_deadline(&t->phys, count, time_hz(), arch_now_ns());
	}
	if (deadline_ns != ~0ULL) {
		timer_set(&t->phys_timer, deadline_ns);
	} else {
		timer_stop(&t->phys_timer);
	}
}

static void vtimer_phys_expired(void *arg)
{
	vtimer_phys_update(arg);
}

static void vtimer_load_phys(struct vcpu *v)
{
	struct vtimer *t = v->arch->vtimer;

	if (t->phys_timer.cpu != this_pcpu()) {
		timer_sync(&t->phys_timer);
		timer_migrate(&t->phys_timer, this_pcpu());
		vtimer_phys_update(v);
	}
}

/* DDI 0487, D17.11 */
#define CNTPCT_EL0 SYSREG(3, 3, 14, 0, 1)
#define CNTP_TVAL_EL0 SYSREG(3, 3, 14, 2, 0)
#define CNTP_CTL_EL0 SYSREG(3, 3, 14, 2, 1)
#define CNTP_CVAL_EL0 SYSREG(3, 3, 14, 2, 2)

static bool vtimer_phys_read(const struct vtimer_regs *r, u32 reg, u64 *value)
{
	u64 count = time_count();

	switch (reg) {
	case CNTPCT_EL0:
		*value = count;
		return true;
	case CNTP_TVAL_EL0:
		*value = vtimer_read_tval(r, count);
		return true;
	case CNTP_CTL_EL0:
		*value = vtimer_read_ctl(r, count);
		return true;
	case CNTP_CVAL_EL0:
		*value = r->cval;
		return true;
	default:
		return false;
	}
}

static bool vtimer_phys_write(struct vtimer_regs *r, u32 reg, u64 value)
{
	switch (reg) {
	case CNTP_TVAL_EL0:
		vtimer_write_tval(r, value, time_count());
		return true;
	case CNTP_CTL_EL0:
		vtimer_write_ctl(r, value);
		return true;
	case CNTP_CVAL_EL0:
		r->cval = value;
		return true;
	default:
		return false;
	}
}

bool vtimer_sysreg(struct vcpu *v, u32 reg, bool write, u64 *value)
{
	struct vtimer *t = v->arch->vtimer;

	if (!write) {
		return vtimer_phys_read(&t->phys, reg, value);
	}
	if (!vtimer_phys_write(&t->phys, reg, *value)) {
		return false;
	}
	vtimer_phys_update(v);
	return true;
}

/* --- life --- */

void vtimer_load(struct vcpu *v)
{
	vtimer_load_phys(v);
	vtimer_load_virt(v);
}

void vtimer_unload(struct vcpu *v)
{
	vtimer_unload_virt(v);
}

void vtimer_reset(struct vcpu *v)
{
	struct vtimer *t = v->arch->vtimer;

	timer_sync(&t->stand_in);
	timer_sync(&t->phys_timer);
	t->virt = t->phys = (struct vtimer_regs){ 0 };
	t->active = t->standing_in = false;
	if (t->phys_level) {
		t->phys_level = false;
		vgic_set_level(v->domain, v, VTIMER_PPI_PHYSICAL, false);
	}
}

static int vtimer_cpu_up(struct pcpu *p)
{
	vtimer_hw_init();
	return irq_request_guest_ppi(vtimer_host_ppi(), vtimer_fired, NULL);
}

static int vtimer_domain_create(struct domain *d, const struct domain_desc *desc)
{
	d->arch->timer_offset = d->hardware || d->direct_mapped ? 0 : time_count();
	return 0;
}

static int vtimer_vcpu_create(struct vcpu *v)
{
	struct vtimer *t = heap_new(&v->domain->pool, struct vtimer);
	struct pcpu *p = v->cpu ?: this_pcpu();

	if (!t) {
		return -ENOMEM;
	}
	timer_init(&t->stand_in, p, vtimer_expired, v);
	timer_init(&t->phys_timer, p, vtimer_phys_expired, v);
	v->arch->vtimer = t;
	return 0;
}

static void vtimer_vcpu_destroy(struct vcpu *v)
{
	struct vtimer *t = v->arch->vtimer;

	timer_sync(&t->stand_in);
	timer_sync(&t->phys_timer);
	v->arch->vtimer = NULL;
	heap_free(&v->domain->pool, t);
}

const struct unit vtimer_unit = {
	.name = "vtimer",
	.cpu_up = vtimer_cpu_up,
	.domain_create = vtimer_domain_create,
	.vcpu_create = vtimer_vcpu_create,
	.vcpu_destroy = vtimer_vcpu_destroy,
};
