/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * GICv3's registers of a CPU: the CPU interface (ICC_*) and the hypervisor interface (ICH_*), IHI
 * 0069, chapter 12. Inline, since they are on the path of every interrupt. arm64 only.
 */
#ifndef ARCH_ARM_GIC_GICV3_CPU_H
#define ARCH_ARM_GIC_GICV3_CPU_H

#include "arch/arm/gic/gic.h"
#include "arch/arm/sysreg.h"

/* Group 1; bits above GIC_INTID_MASK are zero, since LPIs are off. */
static inline u32 gicv3_cpu_ack(void)
{
	return (u32)sysreg_read(icc_iar1_el1);
}

static inline void gicv3_cpu_eoi(u32 intid)
{
	sysreg_write(icc_eoir1_el1, intid);
}

static inline void gicv3_cpu_deactivate(u32 intid)
{
	sysreg_write(icc_dir_el1, intid);
}

/* Stores before it are seen by the CPUs that it interrupts. */
static inline void gicv3_cpu_sgi(u64 value)
{
	dsb(ishst);
	sysreg_write(icc_sgi1r_el1, value);
}

/* The list registers and active priorities have no index: a list of each, written once. */
#define GICV3_LRS(f) \
	f(0) f(1) f(2) f(3) f(4) f(5) f(6) f(7) f(8) f(9) f(10) f(11) f(12) f(13) f(14) f(15)
#define GICV3_APRS(f) f(0) f(1) f(2) f(3)

#define GICV3_LR_WRITE(n)                             \
	case n:                                       \
		sysreg_write(ich_lr##n##_el2, value); \
		break;
static inline void gicv3_cpu_lr_write(unsigned int i, u64 value)
{
	switch (i) {
		GICV3_LRS(GICV3_LR_WRITE)
	default:
		break;
	}
}

#define GICV3_LR_READ(n) \
	case n:          \
		return sysreg_read(ich_lr##n##_el2);
static inline u64 gicv3_cpu_lr_read(unsigned int i)
{
	switch (i) {
		GICV3_LRS(GICV3_LR_READ)
	default:
		return 0;
	}
}

/* Only as many as count exist, the others are UNDEFINED. */
#define GICV3_APR_SAVE(n)                                         \
	if (n < count) {                                          \
		s->apr[n] = (u32)sysreg_read(ich_ap0r##n##_el2);  \
		s->apr1[n] = (u32)sysreg_read(ich_ap1r##n##_el2); \
	}
static inline void gicv3_cpu_save(struct gic_vcpu_state *s, unsigned int count)
{
	s->vmcr = sysreg_read(ich_vmcr_el2);
	GICV3_APRS(GICV3_APR_SAVE)
}

#define GICV3_APR_LOAD(n)                                    \
	if (n < count) {                                     \
		sysreg_write(ich_ap0r##n##_el2, s->apr[n]);  \
		sysreg_write(ich_ap1r##n##_el2, s->apr1[n]); \
	}
static inline void gicv3_cpu_load(const struct gic_vcpu_state *s, unsigned int count)
{
	sysreg_write(ich_vmcr_el2, s->vmcr);
	GICV3_APRS(GICV3_APR_LOAD)
}

#endif
