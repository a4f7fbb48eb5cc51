/* SPDX-License-Identifier: GPL-2.0-only */
/* CPUID leaves: the hypervisor's own, features shown and hidden, topology. */
#include "tests.h"

#include "guest/lib/apic.h"
#include "guest/lib/smp.h"
#include "lib/xen_public.h"
#include <xen/arch-x86/cpuid.h>

#define BASE XEN_CPUID_FIRST_LEAF

void test_hypervisor_leaves(void)
{
	struct cpuid_regs r = cpuid(BASE, 0);

	CHECK_EQ(r.ebx, XEN_CPUID_SIGNATURE_EBX, "signature, ebx");
	CHECK_EQ(r.ecx, XEN_CPUID_SIGNATURE_ECX, "signature, ecx");
	CHECK_EQ(r.edx, XEN_CPUID_SIGNATURE_EDX, "signature, edx");
	CHECK(r.eax >= BASE + 4 && r.eax < BASE + 256, "the highest hypervisor leaf");
	CHECK_EQ(cpuid(BASE + 1, 0).eax, 4 << 16 | 17, "hypervisor version");
	r = cpuid(BASE + 2, 0);
	CHECK_EQ(r.eax, 1, "one hypercall page");
	CHECK_EQ(r.ebx, 0x40000000, "the MSR of the hypercall page");
	r = cpuid(BASE + 3, 0);
	CHECK(r.ecx > 1000, "the TSC's kHz");
	r = cpuid(BASE + 3, 1);
	CHECK(r.ecx != 0, "the TSC's multiplier");
	r = cpuid(BASE + 4, 0);
	CHECK(r.eax & XEN_HVM_CPUID_VCPU_ID_PRESENT, "HVM leaf has a vCPU number");
	CHECK_EQ(r.ebx, 0, "HVM leaf: vCPU 0");
	CHECK(r.eax & XEN_HVM_CPUID_DOMID_PRESENT, "HVM leaf has a domain number");
	CHECK_EQ(r.ecx, 0, "HVM leaf: domain 0");
	CHECK(r.eax & XEN_HVM_CPUID_IOMMU_MAPPINGS, "HVM leaf: foreign pages are in the IOMMU");
	CHECK(r.eax & XEN_HVM_CPUID_UPCALL_VECTOR, "HVM leaf: upcall vectors");
	r = cpuid(BASE + 0x100, 0);
	CHECK_EQ(r.eax | r.ebx | r.ecx | r.edx, 0, "one hypervisor only");
}

static void feature_words(void)
{
	static const struct {
		u32 leaf;
		char reg;
		u8 bit;
		bool want;
		const char *name;
	} features[] = {
		{ 1, 'c', 31, true, "HYPERVISOR" },
		{ 1, 'c', 21, true, "X2APIC" },
		{ 1, 'd', 4, true, "TSC" },
		{ 1, 'd', 5, true, "MSR" },
		{ 1, 'd', 6, true, "PAE" },
		{ 1, 'd', 9, true, "APIC" },
		{ 1, 'd', 16, true, "PAT" },
		{ 1, 'd', 24, true, "FXSR" },
		{ 1, 'd', 26, true, "SSE2" },
		{ 0x80000001, 'd', 11, true, "SYSCALL" },
		{ 0x80000001, 'd', 20, true, "NX" },
		{ 0x80000001, 'd', 29, true, "LM" },
		{ 1, 'c', 2, false, "DTES64" },
		{ 1, 'c', 3, false, "MONITOR" },
		{ 1, 'c', 5, false, "VMX" },
		{ 1, 'c', 6, false, "SMX" },
		{ 1, 'c', 15, false, "PDCM" },
		{ 1, 'd', 21, false, "DS" },
		{ 0x80000001, 'c', 2, false, "SVM" },
		{ 0x80000001, 'c', 10, false, "IBS" },
		{ 0x80000001, 'c', 12, false, "SKINIT" },
		{ 7, 'b', 2, false, "SGX" },
		{ 7, 'b', 25, false, "PT" },
		{ 7, 'c', 5, false, "WAITPKG" },
		{ 7, 'c', 16, false, "LA57" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(features); i++) {
		CHECK_EQ(has_feature(features[i].leaf, features[i].reg, features[i].bit),
			features[i].want, "feature %s", features[i].name);
	}
}

void test_features(void)
{
	static const u32 empty[] = { 0x20000000, 0x40010000, 0x80860000, 0xc0000000, 0xffffffff };
	struct cpuid_regs r = cpuid(0x80000008, 0);
	struct cpuid_regs a = cpuid(0, 0), b = cpuid(0x80000000, 0);

	feature_words();
	CHECK(a.eax >= 1 && a.eax < 0x40, "the highest basic leaf");
	CHECK(b.eax >= 0x80000008 && b.eax < 0x80000100, "the highest extended leaf");
	CHECK((r.eax & 0xff) >= 36 && (r.eax & 0xff) <= 52, "width of physical addresses");
	CHECK_EQ(r.eax >> 8 & 0xff, 48, "width of linear addresses");
	r = cpuid(0x8000000a, 0);
	CHECK_EQ(r.eax | r.ebx | r.ecx | r.edx, 0, "the leaf of SVM is empty");
	r = cpuid(0xa, 0);
	CHECK_EQ(r.eax & 0xff, 0, "no performance counters");
	for (size_t i = 0; i < ARRAY_SIZE(empty); i++) {
		r = cpuid(empty[i], 0);
		CHECK_EQ(r.eax | r.ebx | r.ecx | r.edx, 0, "leaf %#x is empty", empty[i]);
	}
}

/* The APIC ID as the four places give it that have one; 0 if they agree on the right one. */
static u64 topology_check(u64 cpu)
{
	u32 id = apic_id_of((unsigned int)cpu);
	u64 wrong = 0;

	wrong |= apic_get_id() == id ? 0 : BIT64(0);
	wrong |= cpuid(1, 0).ebx >> 24 == id ? 0 : BIT64(1);
	wrong |= cpuid(0, 0).eax < 0xb || cpuid(0xb, 0).ebx == 0 || cpuid(0xb, 0).edx == id
			 ? 0
			 : BIT64(2);
	wrong |= cpuid(BASE + 4, 0).ebx == cpu ? 0 : BIT64(3);
	wrong |= !!(rdmsr(MSR_APIC_BASE) & APIC_BASE_BSP) == (cpu == 0) ? 0 : BIT64(4);
	return wrong;
}

void test_topology(void)
{
	apic_enable(true);
	CHECK_EQ(topology_check(0), 0, "APIC ID and vCPU number of CPU 0");
	CHECK(smp_start_all(), "all CPUs start");
	for (unsigned int i = 1; i < smp_count(); i++) {
		CHECK_EQ(smp_call(i, topology_check, i), 0, "APIC ID and vCPU number of CPU %u", i);
	}
}
