/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * MSRs that exit: one sorted table of ranges. What is in no range raises #GP, whatever the host's
 * CPU would do with it.
 */
#include "arch/contract/paging.h"
#include "arch/x86/asm.h"
#include "arch/x86/cpu.h"
#include "arch/x86/cpu_bits.h"
#include "arch/x86/exit.h"
#include "arch/x86/msr.h"
#include "arch/x86/policy.h"
#include "arch/x86/vcpu.h"
#include "arch/x86/vdev/lapic.h"
#include "core/log.h"
#include "lib/string.h"
#include "lib/xen_public.h"
#include <xen/arch-x86/cpufeatureset.h>
#include "mm/frame.h"
#include "mm/guest.h"

typedef enum exit_result msr_read_fn(struct vcpu *v, struct vm_exit *e, u32 msr, u64 *value);
typedef enum exit_result msr_write_fn(struct vcpu *v, struct vm_exit *e, u32 msr, u64 value);

static enum exit_result gp(struct vm_exit *e)
{
	return exit_inject_error(e, X86_EXC_GP, 0);
}

static enum exit_result read_zero(struct vcpu *v, struct vm_exit *e, u32 msr, u64 *value)
{
	*value = 0;
	return EXIT_SKIP;
}

static enum exit_result write_ignore(struct vcpu *v, struct vm_exit *e, u32 msr, u64 value)
{
	return EXIT_SKIP;
}

/* --- kept by the vendor's control block --- */

static enum exit_result read_vendor(struct vcpu *v, struct vm_exit *e, u32 msr, u64 *value)
{
	return vendor->get_msr(v, msr, value) ? EXIT_SKIP : gp(e);
}

static enum exit_result write_vendor(struct vcpu *v, struct vm_exit *e, u32 msr, u64 value)
{
	return vendor->set_msr(v, msr, value) ? EXIT_SKIP : gp(e);
}

/* Each byte is a memory type: 0, 1, 4 to 7 (APM vol. 2, 7.8.1). */
static enum exit_result write_pat(struct vcpu *v, struct vm_exit *e, u32 msr, u64 value)
{
	for (unsigned int i = 0; i < 8; i++) {
		u8 type = (u8)(value >> (8 * i));

		if (type > 7 || type == 2 || type == 3) {
			return gp(e);
		}
	}
	return write_vendor(v, e, msr, value);
}

static enum exit_result read_efer(struct vcpu *v, struct vm_exit *e, u32 msr, u64 *value)
{
	*value = vendor->get_efer(v);
	return EXIT_SKIP;
}

static enum exit_result write_efer(struct vcpu *v, struct vm_exit *e, u32 msr, u64 value)
{
	u64 old = vendor->get_efer(v);

	if ((value & ~v->domain->arch->policy->efer_allowed) ||
		((old ^ value) & X86_EFER_LME && vendor->get_cr(v, 0) & X86_CR0_PG)) {
		return gp(e);
	}
	/* LMA is the CPU's to change. */
	vendor->set_efer(v, (value & ~X86_EFER_LMA) | (old & X86_EFER_LMA));
	return EXIT_SKIP;
}

/* --- time --- */

static enum exit_result read_tsc(struct vcpu *v, struct vm_exit *e, u32 msr, u64 *value)
{
	*value = rdtsc();
	return EXIT_SKIP;
}

static enum exit_result read_tsc_aux(struct vcpu *v, struct vm_exit *e, u32 msr, u64 *value)
{
	const struct x86_policy *p = v->domain->arch->policy;

	if (!policy_has(p, XEN_X86_FEATURE_RDTSCP) && !policy_has(p, XEN_X86_FEATURE_RDPID)) {
		return gp(e);
	}
	*value = v->arch->tsc_aux;
	return EXIT_SKIP;
}

static enum exit_result write_tsc_aux(struct vcpu *v, struct vm_exit *e, u32 msr, u64 value)
{
	u64 old;

	if (read_tsc_aux(v, e, msr, &old) != EXIT_SKIP || value >> 32) {
		return gp(e);
	}
	v->arch->tsc_aux = value;
	wrmsr(MSR_TSC_AUX, value);
	return EXIT_SKIP;
}

/* --- memory types: kept, but nested paging takes types from the guest's PAT alone --- */

#define MTRR_VARIABLE 8
#define MTRR_CAP (MTRR_VARIABLE | BIT64(8) | BIT64(10)) /* fixed ranges, write-combining */

static u64 *mtrr(struct vcpu *v, u32 msr)
{
	struct x86_mtrr *m = &v->arch->mtrr;

	if (msr == MSR_MTRR_DEF_TYPE) {
		return &m->def_type;
	}
	if (msr >= MSR_MTRR_PHYSBASE0 && msr < MSR_MTRR_PHYSBASE0 + 2 * MTRR_VARIABLE) {
		return &m->variable[msr - MSR_MTRR_PHYSBASE0];
	}
	if (msr == MSR_MTRR_FIX64K) {
		return &m->fixed[0];
	}
	if (msr == 0x258 || msr == 0x259) {
		return &m->fixed[1 + msr - 0x258];
	}
	if (msr >= 0x268 && msr <= MSR_MTRR_FIX4K_F8000) {
		return &m->fixed[3 + msr - 0x268];
	}
	return NULL;
}

static enum exit_result read_mtrr(struct vcpu *v, struct vm_exit *e, u32 msr, u64 *value)
{
	u64 *at = mtrr(v, msr);

	if (!at) {
		return gp(e);
	}
	*value = *at;
	return EXIT_SKIP;
}

/* Uncached, write-combining, -through, -protected, -back (APM vol. 2, 7.7.2). */
static bool mtrr_type_valid(u8 type)
{
	return type <= 1 || (type >= 4 && type <= 6);
}

static enum exit_result write_mtrr(struct vcpu *v, struct vm_exit *e, u32 msr, u64 value)
{
	u64 *at = mtrr(v, msr);
	bool fixed = msr >= MSR_MTRR_FIX64K && msr <= MSR_MTRR_FIX4K_F8000;
	bool typed = msr == MSR_MTRR_DEF_TYPE || !(msr & 1); /* a mask has none */

	for (unsigned int i = 0; at && (fixed || typed) && i < (fixed ? 8U : 1U); i++) {
		if (!mtrr_type_valid((u8)(value >> (8 * i)))) {
			return gp(e);
		}
	}
	if (!at) {
		return gp(e);
	}
	*at = value;
	return EXIT_SKIP;
}

static enum exit_result read_mtrrcap(struct vcpu *v, struct vm_exit *e, u32 msr, u64 *value)
{
	*value = MTRR_CAP;
	return EXIT_SKIP;
}

/* --- the local APIC --- */

static enum exit_result read_lapic(struct vcpu *v, struct vm_exit *e, u32 msr, u64 *value)
{
	lapic_set_tpr(v, vendor->get_tpr(v));
	return lapic_rdmsr(v, e, msr, value);
}

static enum exit_result write_lapic(struct vcpu *v, struct vm_exit *e, u32 msr, u64 value)
{
	enum exit_result r;

	lapic_set_tpr(v, vendor->get_tpr(v));
	r = lapic_wrmsr(v, e, msr, value);
	vendor->set_tpr(v, lapic_tpr(v));
	return r;
}

/* --- AMD --- */

/* HWCR: TscFreqSel reads as one, as Linux expects of an invariant TSC (BKDG, MSRC001_0015). */
static enum exit_result read_hwcr(struct vcpu *v, struct vm_exit *e, u32 msr, u64 *value)
{
	*value = BIT64(24);
	return EXIT_SKIP;
}

/* DE_CFG: bit 1, LFENCE is serialising, reads as the host has it. */
static enum exit_result read_de_cfg(struct vcpu *v, struct vm_exit *e, u32 msr, u64 *value)
{
	if (!cpu_features.amd) {
		return gp(e);
	}
	rdmsr_safe(MSR_DE_CFG, value);
	*value &= BIT64(1);
	return EXIT_SKIP;
}

/* The dom0 may know which microcode the CPUs run. */
static enum exit_result read_microcode(struct vcpu *v, struct vm_exit *e, u32 msr, u64 *value)
{
	rdmsr_safe(MSR_BIOS_SIGN, value);
	return EXIT_SKIP;
}

static enum exit_result read_misc_enable(struct vcpu *v, struct vm_exit *e, u32 msr, u64 *value)
{
	if (!cpu_features.intel) {
		return gp(e);
	}
	/* Fast strings; no BTS, no PEBS (SDM vol. 4, IA32_MISC_ENABLE). */
	*value = BIT64(0) | BIT64(11) | BIT64(12);
	return EXIT_SKIP;
}

/* --- hypercall page --- */

#define MSR_HYPERCALL_PAGE 0x40000000
#define HYPERCALL_STUB 32

static void fill_hypercall_page(u8 *page)
{
	memset(page, 0xcc, PAGE_SIZE);
	for (unsigned int i = 0; i < PAGE_SIZE / HYPERCALL_STUB; i++) {
		u8 *s = page + i * HYPERCALL_STUB;

		s[0] = 0xb8; /* mov $i, %eax */
		memcpy(s + 1, &i, 4);
		s[5] = 0x0f; /* vmmcall or vmcall */
		s[6] = 0x01;
		s[7] = vendor == &svm_ops ? 0xd9 : 0xc1;
		s[8] = 0xc3; /* ret */
	}
	/* iret has no meaning for an HVM guest: ud2. */
	page[__HYPERVISOR_iret * HYPERCALL_STUB] = 0x0f;
	page[__HYPERVISOR_iret * HYPERCALL_STUB + 1] = 0x0b;
}

static enum exit_result write_hypercall_page(struct vcpu *v, struct vm_exit *e, u32 msr, u64 value)
{
	mfn_t mfn;
	u8 *page;

	/* The low 12 bits name a page; there is one. */
	if ((value & ~PAGE_MASK) ||
		!guest_get_ram(v->domain, GFN(value >> PAGE_SHIFT), true, &mfn)) {
		return gp(e);
	}
	page = arch_map_frame(mfn);
	fill_hypercall_page(page);
	arch_unmap_frame(page);
	frame_put(mfn);
	return EXIT_SKIP;
}

/* --- the table --- */

struct msr_range {
	u32 first, last;
	msr_read_fn *read; /* NULL: #GP */
	msr_write_fn *write;
};

static const struct msr_range ranges[] = {
	{ MSR_TSC, MSR_TSC, read_tsc, write_ignore },
	{ 0x17, 0x17, read_zero, NULL }, /* platform id */
	{ MSR_APIC_BASE, MSR_APIC_BASE, read_lapic, write_lapic },
	{ MSR_FEATURE_CONTROL, MSR_FEATURE_CONTROL, read_zero, NULL },
	{ MSR_BIOS_SIGN, MSR_BIOS_SIGN, read_microcode, write_ignore },
	{ MSR_MTRRCAP, MSR_MTRRCAP, read_mtrrcap, NULL },
	{ MSR_SYSENTER_CS, MSR_SYSENTER_EIP, read_vendor, write_vendor },
	{ MSR_MCG_CAP, MSR_MCG_STATUS, read_zero, write_ignore }, /* no banks */
	{ MSR_PERF_STATUS, MSR_PERF_STATUS, read_zero, write_ignore },
	{ MSR_MISC_ENABLE, MSR_MISC_ENABLE, read_misc_enable, write_ignore },
	{ MSR_DEBUGCTL, MSR_DEBUGCTL, read_zero, write_ignore },
	{ MSR_MTRR_PHYSBASE0, MSR_MTRR_FIX4K_F8000, read_mtrr, write_mtrr },
	{ MSR_PAT, MSR_PAT, read_vendor, write_pat },
	{ MSR_MTRR_DEF_TYPE, MSR_MTRR_DEF_TYPE, read_mtrr, write_mtrr },
	{ MSR_X2APIC_BASE, MSR_X2APIC_BASE + 0xff, read_lapic, write_lapic },
	{ MSR_HYPERCALL_PAGE, MSR_HYPERCALL_PAGE, read_zero, write_hypercall_page },
	{ MSR_EFER, MSR_EFER, read_efer, write_efer },
	{ MSR_STAR, MSR_SFMASK, read_vendor, write_vendor },
	{ MSR_FS_BASE, MSR_KERNEL_GS_BASE, read_vendor, write_vendor },
	{ MSR_TSC_AUX, MSR_TSC_AUX, read_tsc_aux, write_tsc_aux },
	{ MSR_SYSCFG, MSR_SYSCFG, read_zero, write_ignore },
	{ MSR_HWCR, MSR_HWCR, read_hwcr, write_ignore },
	{ MSR_NB_CFG, MSR_NB_CFG, read_zero, write_ignore },
	{ 0xc0010055, 0xc0010055, read_zero, NULL }, /* interrupt pending message: C1E is off */
	{ MSR_OSVW_ID_LENGTH, MSR_OSVW_STATUS, read_zero, NULL },
	{ MSR_DE_CFG, MSR_DE_CFG, read_de_cfg, write_ignore },
};

static const struct msr_range *find(u32 msr)
{
	unsigned int lo = 0, hi = ARRAY_SIZE(ranges);

	while (lo < hi) {
		unsigned int mid = (lo + hi) / 2;

		if (msr > ranges[mid].last) {
			lo = mid + 1;
		} else if (msr < ranges[mid].first) {
			hi = mid;
		} else {
			return &ranges[mid];
		}
	}
	return NULL;
}

enum exit_result exit_rdmsr(struct vcpu *v, struct vm_exit *e)
{
	u64 *gpr = v->arch->regs.gpr, value = 0;
	const struct msr_range *r = find((u32)gpr[REG_RCX]);
	enum exit_result result;

	if (!r || !r->read) {
		log_msg(LOG_GUEST_INFO, "d%uv%u: RDMSR %#x: #GP", v->domain->id, v->id,
			(u32)gpr[REG_RCX]);
		return gp(e);
	}
	result = r->read(v, e, (u32)gpr[REG_RCX], &value);
	if (result == EXIT_SKIP) {
		gpr[REG_RAX] = (u32)value;
		gpr[REG_RDX] = value >> 32;
	}
	return result;
}

enum exit_result exit_wrmsr(struct vcpu *v, struct vm_exit *e)
{
	const u64 *gpr = v->arch->regs.gpr;
	const struct msr_range *r = find((u32)gpr[REG_RCX]);
	u64 value = (u32)gpr[REG_RAX] | gpr[REG_RDX] << 32;

	if (!r || !r->write) {
		log_msg(LOG_GUEST_INFO, "d%uv%u: WRMSR %#x = %#llx: #GP", v->domain->id, v->id,
			(u32)gpr[REG_RCX], (unsigned long long)value);
		return gp(e);
	}
	return r->write(v, e, (u32)gpr[REG_RCX], value);
}
