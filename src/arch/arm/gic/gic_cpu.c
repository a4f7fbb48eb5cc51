/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The hot part of gic.h: the running CPU's interface to the GIC and its list registers. One branch
 * on the version, which never changes, then the register: in place for v3, in memory for v2.
 */
#include "arch/arm/gic/gic.h"

#include "arch/arm/gic/gic_lr.h"
#include "arch/arm/gic/gic_regs.h"
#include "arch/arm/gic/gic_state.h"
#include "arch/arm/gic/gicv3_cpu.h"
#include "core/log.h"
#include "lib/errno.h"

/* Of all CPUs: they are alike (IHI 0069, ICH_VTR_EL2). */
static struct {
	unsigned int lr_count, apr_count, priority_bits;
} gic_hyp;

/* --- start --- */

/* Bypass off; EL1 can reach neither ICC_SRE_EL1 nor, but for its virtual interface, anything else
 * of the kind. What is written counts after the barrier. */
static bool gic_cpu_system_registers(void)
{
	u64 sre = ICC_SRE_SRE | ICC_SRE_NO_FIQ_BYPASS | ICC_SRE_NO_IRQ_BYPASS;

	if ((sysreg_read(id_aa64pfr0_el1) & mask64(27, 24)) == 0) {
		return false;
	}
	sysreg_write(icc_sre_el2, sre);
	isb();
	if ((sysreg_read(icc_sre_el2) & ICC_SRE_SRE) == 0) {
		return false;
	}
	sysreg_write(icc_sre_el1, sre);
	isb();
	return true;
}

static void gic_cpu_hyp_reset(void)
{
	static const struct gic_vcpu_state reset;
	u64 vtr = sysreg_read(ich_vtr_el2);
	unsigned int preemption_bits = (unsigned int)field_get(ICH_VTR_PREEMPTION, vtr) + 1;

	gic_hyp.lr_count = MIN(
		(unsigned int)field_get(ICH_VTR_LRS, vtr) + 1, (unsigned int)GIC_LR_MAX);
	gic_hyp.priority_bits = (unsigned int)field_get(ICH_VTR_PRIORITY, vtr) + 1;
	gic_hyp.apr_count = preemption_bits > 5 ? 1U << (preemption_bits - 5) : 1;
	sysreg_write(ich_hcr_el2, 0);
	gicv3_cpu_load(&reset, gic_hyp.apr_count);
	for (unsigned int i = 0; i < gic_hyp.lr_count; i++) {
		gicv3_cpu_lr_write(i, 0);
	}
}

static int gic_cpu_init_v3(struct pcpu *p)
{
	int rc;

	if (!gic_cpu_system_registers()) {
		log_err("GIC: CPU %u has no system registers for it", p->id);
		return -ENODEV;
	}
	rc = gicv3_cpu_init(p, sysreg_read(mpidr_el1));
	if (rc != 0) {
		return rc;
	}
	gic_cpu_hyp_reset();
	sysreg_write(icc_pmr_el1, 0xff);
	sysreg_write(icc_bpr1_el1, 0);
	sysreg_write(icc_ctlr_el1, ICC_CTLR_EOIMODE);
	sysreg_write(icc_igrpen1_el1, 1);
	isb();
	return 0;
}

static int gic_cpu_init_v2(struct pcpu *p)
{
	gic_hyp.lr_count = gicv2_lr_count();
	gic_hyp.priority_bits = 5;
	return gicv2_cpu_init(p);
}

int gic_cpu_init(struct pcpu *p)
{
	int rc = gic_v3() ? gic_cpu_init_v3(p) : gic_cpu_init_v2(p);

	if (rc == 0) {
		gic_enable(GIC_SGI_KICK);
		gic_enable(GIC_SGI_STOP);
	}
	return rc;
}

/* --- the CPU interface --- */

u32 gic_ack(void)
{
	return likely(gic_v3()) ? gicv3_cpu_ack() : gicv2_ack();
}

void gic_eoi(u32 ack)
{
	if (likely(gic_v3())) {
		gicv3_cpu_eoi(ack);
	} else {
		gicv2_eoi(ack);
	}
}

void gic_deactivate(u32 ack)
{
	if (likely(gic_v3())) {
		gicv3_cpu_deactivate(ack);
	} else {
		gicv2_deactivate(ack);
	}
}

void gic_sgi(struct pcpu *p, enum gic_sgi sgi)
{
	const struct gic_cpu *c = &gic.cpus[p->id];

	if (likely(gic_v3())) {
		gicv3_cpu_sgi(c->sgi_target | (u64)sgi << ICC_SGI1R_INTID_SHIFT);
	} else {
		gicv2_sgi(c->target, sgi);
	}
}

void gic_sgi_others(enum gic_sgi sgi)
{
	if (likely(gic_v3())) {
		gicv3_cpu_sgi(ICC_SGI1R_OTHERS | (u64)sgi << ICC_SGI1R_INTID_SHIFT);
	} else {
		gicv2_sgi_others(sgi);
	}
}

/* --- the hypervisor interface --- */

unsigned int gic_lr_count(void)
{
	return gic_hyp.lr_count;
}

unsigned int gic_vcpu_priority_bits(void)
{
	return gic_hyp.priority_bits;
}

void gic_lr_write(unsigned int i, const struct gic_lr *lr)
{
	if (likely(gic_v3())) {
		gicv3_cpu_lr_write(i, gic_lr_encode_v3(lr));
	} else {
		gicv2_lr_write(i, gic_lr_encode_v2(lr));
	}
}

void gic_lr_read(unsigned int i, struct gic_lr *lr)
{
	*lr = likely(gic_v3()) ? gic_lr_decode_v3(gicv3_cpu_lr_read(i))
			       : gic_lr_decode_v2(gicv2_lr_read(i));
}

/* The hardware does not call one empty that has ended with `eoi` set. */
u32 gic_lr_empty(void)
{
	if (likely(gic_v3())) {
		return (u32)(sysreg_read(ich_elrsr_el2) | sysreg_read(ich_eisr_el2));
	}
	return gicv2_lr_empty() | gicv2_lr_ended();
}

u32 gic_lr_ended(void)
{
	return likely(gic_v3()) ? (u32)sysreg_read(ich_eisr_el2) : gicv2_lr_ended();
}

void gic_hcr_write(u32 hcr)
{
	if (likely(gic_v3())) {
		sysreg_write(ich_hcr_el2, hcr);
	} else {
		gicv2_hcr_write(hcr);
	}
}

void gic_vcpu_save(struct gic_vcpu_state *s)
{
	if (likely(gic_v3())) {
		gicv3_cpu_save(s, gic_hyp.apr_count);
	} else {
		gicv2_vcpu_save(s);
	}
}

void gic_vcpu_load(const struct gic_vcpu_state *s)
{
	if (likely(gic_v3())) {
		gicv3_cpu_load(s, gic_hyp.apr_count);
	} else {
		gicv2_vcpu_load(s);
	}
}
