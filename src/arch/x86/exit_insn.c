/* SPDX-License-Identifier: GPL-2.0-only */
/* Exits for single instructions: CPUID, HLT, XSETBV, MOV to CR4, and the hypercall instructions. */
#include "abi/hypercall.h"
#include "arch/contract/cpu.h"
#include "arch/x86/cpu.h"
#include "arch/x86/cpu_bits.h"
#include "arch/x86/exit.h"
#include "arch/x86/policy.h"
#include "arch/x86/vcpu.h"
#include "arch/x86/vector.h"
#include "core/log.h"
#include "lib/errno.h"

enum exit_result exit_cpuid(struct vcpu *v, struct vm_exit *e)
{
	u64 *gpr = v->arch->regs.gpr;
	struct cpuid_regs r = policy_cpuid(v, (u32)gpr[REG_RAX], (u32)gpr[REG_RCX]);

	gpr[REG_RAX] = r.eax;
	gpr[REG_RBX] = r.ebx;
	gpr[REG_RCX] = r.ecx;
	gpr[REG_RDX] = r.edx;
	return EXIT_SKIP;
}

enum exit_result exit_hlt(struct vcpu *v, struct vm_exit *e)
{
	return EXIT_BLOCK;
}

enum exit_result exit_xsetbv(struct vcpu *v, struct vm_exit *e)
{
	u64 *gpr = v->arch->regs.gpr;
	u64 value = (u32)gpr[REG_RAX] | gpr[REG_RDX] << 32;
	const struct x86_policy *p = v->domain->arch->policy;
	u64 avx512 = X86_XCR0_OPMASK | X86_XCR0_ZMM_HI256 | X86_XCR0_HI16_ZMM;

	/* APM vol. 2, 11.5.2: x87 always, AVX only with SSE, AVX-512 as a whole and with AVX. */
	if (vendor->get_cpl(v) || (u32)gpr[REG_RCX] || !(value & X86_XCR0_X87) ||
		(value & ~p->xcr0_allowed) || ((value & X86_XCR0_AVX) && !(value & X86_XCR0_SSE)) ||
		((value & avx512) && ((value & avx512) != avx512 || !(value & X86_XCR0_AVX)))) {
		return exit_inject_error(e, X86_EXC_GP, 0);
	}
	vector_set_xcr0(v, value);
	return EXIT_SKIP;
}

/* APM vol. 2, 3.1.1 and 14.6. LMA follows PG and LME. */
static enum exit_result guest_write_cr0(struct vcpu *v, struct vm_exit *e)
{
	u64 value = e->cr.value | X86_CR0_ET, old = vendor->get_cr(v, 0);
	u64 efer = vendor->get_efer(v), cr4 = vendor->get_cr(v, 4);
	bool pg = value & X86_CR0_PG;
	struct x86_seg cs;

	vendor->get_seg(v, SEG_CS, &cs);
	if (value >> 32 || ((value & X86_CR0_NW) && !(value & X86_CR0_CD)) ||
		(pg && !(value & X86_CR0_PE)) ||
		(pg && !(old & X86_CR0_PG) && (efer & X86_EFER_LME) &&
			(!(cr4 & X86_CR4_PAE) || (cs.attr & X86_SEG_L))) ||
		(!pg && (old & X86_CR0_PG) &&
			((cr4 & X86_CR4_PCIDE) ||
				((efer & X86_EFER_LMA) && (cs.attr & X86_SEG_L))))) {
		return exit_inject_error(e, X86_EXC_GP, 0);
	}
	vendor->set_cr(v, 0, value);
	if ((value ^ old) & X86_CR0_PG) {
		bool lma = pg && (efer & X86_EFER_LME);

		vendor->set_efer(v, lma ? efer | X86_EFER_LMA : efer & ~X86_EFER_LMA);
	}
	return EXIT_SKIP;
}

static enum exit_result guest_write_cr4(struct vcpu *v, struct vm_exit *e)
{
	u64 value = e->cr.value, old = vendor->get_cr(v, 4);
	bool long_mode = vendor->get_efer(v) & X86_EFER_LMA;

	if ((value & ~v->domain->arch->policy->cr4_allowed) ||
		(long_mode && !(value & X86_CR4_PAE)) ||
		((value & ~old & X86_CR4_PCIDE) &&
			(!long_mode || (vendor->get_cr(v, 3) & 0xfff)))) {
		return exit_inject_error(e, X86_EXC_GP, 0);
	}
	vendor->set_cr(v, 4, value);
	return EXIT_SKIP;
}

enum exit_result exit_cr_write(struct vcpu *v, struct vm_exit *e)
{
	return e->cr.cr == 4 ? guest_write_cr4(v, e) : guest_write_cr0(v, e);
}

/* Argument registers of the two calling conventions (xen/arch-x86/xen-x86_64.h, xen-x86_32.h). */
static const u8 args64[6] = { REG_RDI, REG_RSI, REG_RDX, REG_R10, REG_R8, REG_R9 };
static const u8 args32[6] = { REG_RBX, REG_RCX, REG_RDX, REG_RSI, REG_RDI, REG_RBP };

static bool is_64bit(struct vcpu *v)
{
	struct x86_seg cs;

	if (!(vendor->get_efer(v) & X86_EFER_LMA)) {
		return false;
	}
	vendor->get_seg(v, SEG_CS, &cs);
	return cs.attr & X86_SEG_L;
}

static void set_result(struct vcpu *v, bool compat, s64 ret)
{
	v->arch->regs.gpr[REG_RAX] = compat ? (u32)ret : (u64)ret;
}

enum exit_result exit_hypercall(struct vcpu *v, struct vm_exit *e)
{
	struct hypercall call = { .compat = !is_64bit(v) };
	const u8 *args = call.compat ? args32 : args64;
	u64 *gpr = v->arch->regs.gpr;
	enum hypercall_outcome outcome;
	s64 ret = 0;

	if (vendor->get_cpl(v)) {
		set_result(v, call.compat, -EPERM);
		return EXIT_SKIP;
	}
	for (unsigned int i = 0; i < 6; i++) {
		call.args[i] = call.compat ? (u32)gpr[args[i]] : gpr[args[i]];
	}
	outcome = abi_hypercall(v, (u32)gpr[REG_RAX], &call, &ret);
	if (outcome == HC_RETRY) {
		for (unsigned int i = 0; i < 6; i++) {
			gpr[args[i]] = call.args[i];
		}
		return EXIT_RETRY;
	}
	set_result(v, call.compat, ret);
	/* HC_BLOCK too: the call has changed the hold word itself, which is looked at before the
	 * entry. */
	return EXIT_SKIP;
}
