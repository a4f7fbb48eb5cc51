/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * CPUID policy: an allow-list of features, of which a domain gets those that the host has. What is
 * not in the list does not exist for guests, however new the CPU.
 */
#include "arch/x86/policy.h"

#include "arch/x86/cpu.h"
#include "arch/x86/cpu_bits.h"
#include "arch/x86/features.h"
#include "arch/x86/tsc.h"
#include "arch/x86/vcpu.h"
#include "arch/x86/vdev/lapic.h"
#include "core/log.h"
#include "core/param.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "lib/xen_public.h"
#include <xen/arch-x86/cpufeatureset.h>
#include "mm/heap.h"
#include <xen/arch-x86/cpuid.h>

#define LINEAR_BITS 48 /* no guest has 5-level paging */

/* Word numbers of the featureset. */
enum { F_1D, F_1C, F_E1D, F_E1C, F_DA1, F_7B0, F_7C0, F_E7D, F_E8B, F_7D0, F_7A1, F_E21A, F_7B1 };

#define F(name) XEN_X86_FEATURE_##name
/* clang-format off */
static const u16 guest_features[] = {
	F(FPU), F(VME), F(DE), F(PSE), F(TSC), F(MSR), F(PAE), F(MCE), F(CX8), F(APIC), F(SEP),
	F(MTRR), F(PGE), F(MCA), F(CMOV), F(PAT), F(PSE36), F(CLFLUSH), F(MMX), F(FXSR), F(SSE),
	F(SSE2), F(SSE3), F(PCLMULQDQ), F(SSSE3), F(FMA), F(CX16), F(PCID), F(SSE4_1), F(SSE4_2),
	F(MOVBE), F(POPCNT), F(AESNI), F(XSAVE), F(AVX), F(F16C), F(RDRAND), F(SYSCALL), F(NX),
	F(MMXEXT), F(PAGE1GB), F(RDTSCP), F(LM), F(LAHF_LM), F(CR8_LEGACY), F(ABM), F(SSE4A),
	F(MISALIGNSSE), F(3DNOWPREFETCH), F(XOP), F(FMA4), F(TBM), F(XSAVEOPT), F(XSAVEC),
	F(XGETBV1), F(FSGSBASE), F(BMI1), F(AVX2), F(SMEP), F(BMI2), F(ERMS), F(INVPCID),
	F(AVX512F), F(AVX512DQ), F(RDSEED), F(ADX), F(SMAP), F(AVX512_IFMA), F(CLFLUSHOPT), F(CLWB),
	F(AVX512CD), F(SHA), F(AVX512BW), F(AVX512VL), F(AVX512_VBMI), F(UMIP), F(AVX512_VBMI2),
	F(GFNI), F(VAES), F(VPCLMULQDQ), F(AVX512_VNNI), F(AVX512_BITALG), F(AVX512_VPOPCNTDQ),
	F(RDPID), F(ITSC), F(CLZERO), F(RSTR_FP_ERR_PTRS), F(WBNOINVD), F(FSRM), F(AVX_VNNI),
	F(AVX512_BF16), F(LFENCE_DISPATCH), F(NSCB),
};
/* clang-format on */

/* Offered whether the host has them or not: we emulate them. */
static const u16 emulated_features[] = { F(X2APIC), F(HYPERVISOR), F(APIC), F(MTRR) };

/* What cannot be without what. */
static const struct {
	u16 feature, needs;
} dependencies[] = {
	{ F(AVX), F(XSAVE) },
	{ F(XSAVEOPT), F(XSAVE) },
	{ F(XSAVEC), F(XSAVE) },
	{ F(XGETBV1), F(XSAVE) },
	{ F(AVX2), F(AVX) },
	{ F(FMA), F(AVX) },
	{ F(F16C), F(AVX) },
	{ F(XOP), F(AVX) },
	{ F(FMA4), F(AVX) },
	{ F(VAES), F(AVX) },
	{ F(VPCLMULQDQ), F(AVX) },
	{ F(AVX_VNNI), F(AVX2) },
	{ F(AVX512F), F(AVX2) },
	{ F(AVX512DQ), F(AVX512F) },
	{ F(AVX512_IFMA), F(AVX512F) },
	{ F(AVX512CD), F(AVX512F) },
	{ F(AVX512BW), F(AVX512F) },
	{ F(AVX512VL), F(AVX512F) },
	{ F(AVX512_VBMI), F(AVX512BW) },
	{ F(AVX512_VBMI2), F(AVX512BW) },
	{ F(AVX512_VNNI), F(AVX512F) },
	{ F(AVX512_BITALG), F(AVX512BW) },
	{ F(AVX512_VPOPCNTDQ), F(AVX512F) },
	{ F(AVX512_BF16), F(AVX512F) },
	{ F(PCID), F(LM) },
	{ F(INVPCID), F(PCID) },
	{ F(SSE2), F(SSE) },
	{ F(SSE3), F(SSE2) },
};

/* CR4 bits and the feature that makes each exist; ~0: always. */
static const struct {
	u64 bit;
	u16 feature;
} cr4_bits[] = {
	{ X86_CR4_VME | X86_CR4_PVI, F(VME) },
	{ X86_CR4_TSD, F(TSC) },
	{ X86_CR4_DE, F(DE) },
	{ X86_CR4_PSE, F(PSE) },
	{ X86_CR4_PAE, F(PAE) },
	{ X86_CR4_MCE, F(MCE) },
	{ X86_CR4_PGE, F(PGE) },
	{ X86_CR4_PCE, F(FPU) },
	{ X86_CR4_OSFXSR, F(FXSR) },
	{ X86_CR4_OSXMMEXCPT, F(SSE) },
	{ X86_CR4_UMIP, F(UMIP) },
	{ X86_CR4_FSGSBASE, F(FSGSBASE) },
	{ X86_CR4_PCIDE, F(PCID) },
	{ X86_CR4_OSXSAVE, F(XSAVE) },
	{ X86_CR4_SMEP, F(SMEP) },
	{ X86_CR4_SMAP, F(SMAP) },
};

static u32 host_features[POLICY_WORDS];
static char dom0_list[512];

static int parse_dom0_cpuid(const char *value)
{
	u32 scratch[POLICY_WORDS] = { 0 };

	if (!value || strlen(value) >= sizeof(dom0_list) || policy_apply_list(scratch, value)) {
		return -EINVAL;
	}
	strlcpy(dom0_list, value, sizeof(dom0_list));
	return 0;
}
PARAM(dom0_cpuid, "dom0-cpuid", parse_dom0_cpuid);

static char host_list[512];

static int parse_cpuid(const char *value)
{
	u32 scratch[POLICY_WORDS] = { 0 };

	if (!value || strlen(value) >= sizeof(host_list) || policy_apply_list(scratch, value)) {
		return -EINVAL;
	}
	strlcpy(host_list, value, sizeof(host_list));
	return 0;
}
PARAM(cpuid, "cpuid", parse_cpuid);

int policy_apply_list(u32 *features, const char *list)
{
	while (*list) {
		const char *comma = strchr(list, ',');
		size_t n = comma ? (size_t)(comma - list) : strlen(list);
		bool set;
		int number = features_lookup(list, n, &set);

		if (number < 0) {
			return number;
		}
		if (set) {
			features[number / 32] |= BIT32(number % 32);
		} else {
			features[number / 32] &= ~BIT32(number % 32);
		}
		list += n + (list[n] == ',');
	}
	return 0;
}

bool policy_has(const struct x86_policy *p, unsigned int number)
{
	return p->features[number / 32] & BIT32(number % 32);
}

static void read_host(u32 *f)
{
	u32 basic = cpuid(0, 0).eax, extended = cpuid(0x80000000, 0).eax;
	struct cpuid_regs r = cpuid(1, 0);

	f[F_1D] = r.edx;
	f[F_1C] = r.ecx;
	if (basic >= 7) {
		r = cpuid(7, 0);
		f[F_7B0] = r.ebx;
		f[F_7C0] = r.ecx;
		f[F_7D0] = r.edx;
		if (r.eax >= 1) {
			f[F_7A1] = cpuid(7, 1).eax;
			f[F_7B1] = cpuid(7, 1).ebx;
		}
	}
	if (basic >= 0xd) {
		f[F_DA1] = cpuid(0xd, 1).eax;
	}
	f[F_E1D] = cpuid(0x80000001, 0).edx;
	f[F_E1C] = cpuid(0x80000001, 0).ecx;
	f[F_E7D] = extended >= 0x80000007 ? cpuid(0x80000007, 0).edx : 0;
	f[F_E8B] = extended >= 0x80000008 ? cpuid(0x80000008, 0).ebx : 0;
	f[F_E21A] = extended >= 0x80000021 ? cpuid(0x80000021, 0).eax : 0;
}

static void drop_dependent(u32 *f)
{
	/* Each pass settles one level of the chains; they are no longer than the table. */
	for (unsigned int pass = 0; pass < 4; pass++) {
		for (unsigned int i = 0; i < ARRAY_SIZE(dependencies); i++) {
			u16 n = dependencies[i].feature, need = dependencies[i].needs;

			if (!(f[need / 32] & BIT32(need % 32))) {
				f[n / 32] &= ~BIT32(n % 32);
			}
		}
	}
}

void policy_init_host(void)
{
	u32 have[POLICY_WORDS] = { 0 }, offered[POLICY_WORDS] = { 0 };

	read_host(have);
	for (unsigned int i = 0; i < ARRAY_SIZE(guest_features); i++) {
		offered[guest_features[i] / 32] |= BIT32(guest_features[i] % 32);
	}
	for (unsigned int i = 0; i < POLICY_WORDS; i++) {
		have[i] &= offered[i];
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(emulated_features); i++) {
		have[emulated_features[i] / 32] |= BIT32(emulated_features[i] % 32);
	}
	memcpy(host_features, have, sizeof(have));
	policy_apply_list(have, host_list);
	/* A list can take away, and give back what was offered, but not invent. */
	for (unsigned int i = 0; i < POLICY_WORDS; i++) {
		host_features[i] &= have[i];
	}
	drop_dependent(host_features);
}

static void derive(struct x86_policy *p)
{
	p->max_basic = MIN(cpuid(0, 0).eax, 0xdU);
	p->max_extended = MIN(cpuid(0x80000000, 0).eax, 0x80000021U);
	for (unsigned int i = 0; i < ARRAY_SIZE(cr4_bits); i++) {
		if (policy_has(p, cr4_bits[i].feature)) {
			p->cr4_allowed |= cr4_bits[i].bit;
		}
	}
	p->efer_allowed = X86_EFER_SCE | X86_EFER_LME | X86_EFER_LMA |
			  (policy_has(p, F(NX)) ? X86_EFER_NXE : 0);
	if (policy_has(p, F(XSAVE))) {
		p->xcr0_allowed = X86_XCR0_X87 | X86_XCR0_SSE;
		p->xcr0_allowed |= policy_has(p, F(AVX)) ? X86_XCR0_AVX : 0;
		if (policy_has(p, F(AVX512F))) {
			p->xcr0_allowed |= X86_XCR0_OPMASK | X86_XCR0_ZMM_HI256 | X86_XCR0_HI16_ZMM;
		}
		p->xcr0_allowed &= cpu_features.xcr0_supported;
	}
}

struct x86_policy *policy_create(struct domain *d)
{
	struct x86_policy *p = heap_new(&d->pool, struct x86_policy);

	if (!p) {
		return NULL;
	}
	memcpy(p->features, host_features, sizeof(p->features));
	if (d->hardware) {
		u32 wanted[POLICY_WORDS];

		memcpy(wanted, host_features, sizeof(wanted));
		policy_apply_list(wanted, dom0_list);
		for (unsigned int i = 0; i < POLICY_WORDS; i++) {
			p->features[i] &= wanted[i];
		}
		drop_dependent(p->features);
	}
	derive(p);
	return p;
}

void policy_destroy(struct domain *d)
{
	heap_free(&d->pool, d->arch->policy);
}

/* --- leaves --- */

static u32 apic_id_of(struct vcpu *v)
{
	return v->id * 2;
}

static void leaf_1(struct vcpu *v, struct cpuid_regs *r)
{
	const struct x86_policy *p = v->domain->arch->policy;

	r->ebx = (r->ebx & 0xff00) | (apic_id_of(v) & 0xff) << 24 |
		 (MIN(v->domain->vcpu_count * 2, 255U) << 16);
	r->ecx = p->features[F_1C];
	r->edx = p->features[F_1D] | (v->domain->vcpu_count > 1 ? BIT32(28) : 0);
	if (vendor->get_cr(v, 4) & X86_CR4_OSXSAVE) {
		r->ecx |= BIT32(27);
	}
	if (!lapic_hardware_enabled(v)) {
		r->edx &= ~BIT32(9);
	}
}

static void leaf_7(struct vcpu *v, u32 subleaf, struct cpuid_regs *r)
{
	const struct x86_policy *p = v->domain->arch->policy;

	if (subleaf == 0) {
		*r = (struct cpuid_regs){ p->features[F_7A1] ? 1 : 0, p->features[F_7B0],
			p->features[F_7C0], p->features[F_7D0] };
	} else {
		*r = (struct cpuid_regs){ subleaf == 1 ? p->features[F_7A1] : 0, 0, 0, 0 };
	}
}

/* x2APIC topology: one thread for each core, all cores in one package (SDM vol. 2, CPUID). */
static void leaf_b(struct vcpu *v, u32 subleaf, struct cpuid_regs *r)
{
	unsigned int n = v->domain->vcpu_count, shift = 1;

	while (BIT32(shift) < 2 * n) {
		shift++;
	}
	*r = (struct cpuid_regs){ .ecx = subleaf, .edx = apic_id_of(v) };
	if (subleaf == 0) {
		*r = (struct cpuid_regs){ 1, 1, 0x100, apic_id_of(v) };
	} else if (subleaf == 1) {
		*r = (struct cpuid_regs){ shift, n, 0x201, apic_id_of(v) };
	}
}

static void leaf_d(struct vcpu *v, u32 subleaf, struct cpuid_regs *r)
{
	const struct x86_policy *p = v->domain->arch->policy;
	u32 size = 576;

	if (!p->xcr0_allowed ||
		(subleaf >= 2 && (subleaf > 62 || !(p->xcr0_allowed & BIT64(subleaf))))) {
		*r = (struct cpuid_regs){ 0 };
	} else if (subleaf == 0) {
		for (unsigned int i = 2; i < 63; i++) {
			struct cpuid_regs c = cpuid(0xd, i);

			if (p->xcr0_allowed & BIT64(i)) {
				size = MAX(size, c.eax + c.ebx);
			}
		}
		/* ebx, for what is enabled now, is the hardware's: XCR0 is the guest's. */
		*r = (struct cpuid_regs){ (u32)p->xcr0_allowed, r->ebx, size,
			(u32)(p->xcr0_allowed >> 32) };
	} else if (subleaf == 1) {
		*r = (struct cpuid_regs){ p->features[F_DA1], r->ebx, 0, 0 };
	}
}

static void leaf_extended(struct vcpu *v, u32 leaf, struct cpuid_regs *r)
{
	const struct x86_policy *p = v->domain->arch->policy;

	switch (leaf) {
	case 0x80000000:
		r->eax = p->max_extended;
		break;
	case 0x80000001:
		r->ecx = p->features[F_E1C];
		r->edx = p->features[F_E1D];
		break;
	case 0x80000007:
		*r = (struct cpuid_regs){ .edx = p->features[F_E7D] };
		break;
	case 0x80000008:
		*r = (struct cpuid_regs){ .eax = (r->eax & 0xff) | LINEAR_BITS << 8,
			.ebx = p->features[F_E8B] };
		break;
	case 0x80000021:
		*r = (struct cpuid_regs){ .eax = p->features[F_E21A] };
		break;
	case 0x80000002 ... 0x80000006: /* name and caches */
	case 0x80000019:
	case 0x8000001d:
		break;
	default: /* SVM, LWP, topology of the host and the like: not the guest's */
		*r = (struct cpuid_regs){ 0 };
		break;
	}
}

static u32 leaf_xen_hvm_features(const struct domain *d)
{
	bool mapped = d->iommu || d->direct_mapped;

	return XEN_HVM_CPUID_VCPU_ID_PRESENT | XEN_HVM_CPUID_DOMID_PRESENT |
	       XEN_HVM_CPUID_EXT_DEST_ID | XEN_HVM_CPUID_UPCALL_VECTOR |
	       (mapped ? XEN_HVM_CPUID_IOMMU_MAPPINGS : 0);
}

/* The hypervisor's own leaves (xen/arch-x86/cpuid.h). */
static struct cpuid_regs leaf_xen(struct vcpu *v, u32 leaf, u32 subleaf)
{
	switch (leaf - XEN_CPUID_FIRST_LEAF) {
	case 0:
		return (struct cpuid_regs){ XEN_CPUID_FIRST_LEAF + XEN_CPUID_MAX_NUM_LEAVES,
			XEN_CPUID_SIGNATURE_EBX, XEN_CPUID_SIGNATURE_ECX, XEN_CPUID_SIGNATURE_EDX };
	case 1:
		return (struct cpuid_regs){ 4 << 16 | 17, 0, 0, 0 };
	case 2: /* hypercall pages, the MSR that makes them, features */
		return (struct cpuid_regs){ 1, 0x40000000, 0, 0 };
	case 3:
		if (subleaf == 0) {
			return (struct cpuid_regs){ 0, 0, (u32)(tsc_hz() / 1000), 0 };
		}
		if (subleaf == 1) {
			return (struct cpuid_regs){ (u32)tsc_boot_stamp(),
				(u32)(tsc_boot_stamp() >> 32), tsc_to_system_mul(),
				(u8)tsc_shift() };
		}
		return (struct cpuid_regs){ subleaf == 2 ? (u32)(tsc_hz() / 1000) : 0, 0, 0, 0 };
	case 4:
		return (struct cpuid_regs){ leaf_xen_hvm_features(v->domain), v->id, v->domain->id,
			0 };
	default:
		return (struct cpuid_regs){ cpu_features.pa_bits, 0, 0, 0 };
	}
}

struct cpuid_regs policy_cpuid(struct vcpu *v, u32 leaf, u32 subleaf)
{
	const struct x86_policy *p = v->domain->arch->policy;
	struct cpuid_regs r = { 0 };

	if (leaf >= XEN_CPUID_FIRST_LEAF &&
		leaf <= XEN_CPUID_FIRST_LEAF + XEN_CPUID_MAX_NUM_LEAVES) {
		return leaf_xen(v, leaf, subleaf);
	}
	if (leaf > p->max_basic && (leaf < 0x80000000 || leaf > p->max_extended)) {
		return r;
	}
	r = cpuid(leaf, subleaf);
	switch (leaf) {
	case 0:
		r.eax = p->max_basic;
		break;
	case 1:
		leaf_1(v, &r);
		break;
	case 2: /* caches */
		break;
	case 4:
		r.eax &= 0x3fff; /* of the host's topology only the cache itself */
		break;
	case 7:
		leaf_7(v, subleaf, &r);
		break;
	case 0xb:
		leaf_b(v, subleaf, &r);
		break;
	case 0xd:
		leaf_d(v, subleaf, &r);
		break;
	default:
		if (leaf >= 0x80000000) {
			leaf_extended(v, leaf, &r);
		} else {
			r = (struct cpuid_regs){ 0 };
		}
		break;
	}
	return r;
}
