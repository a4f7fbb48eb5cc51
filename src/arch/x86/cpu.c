/* SPDX-License-Identifier: GPL-2.0-only */
/* A host CPU's identity, descriptor tables and stacks. */
#include "arch/x86/cpu.h"

#include "arch/contract/cpu.h"
#include "arch/x86/apic.h"
#include "arch/x86/asm.h"
#include "arch/x86/cpu_bits.h"
#include "arch/x86/msr.h"
#include "core/log.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/heap.h"
#include "mm/vmap.h"

struct cpu_features cpu_features;

static struct arch_pcpu boot_arch;
struct pcpu boot_pcpu = { .self = &boot_pcpu, .arch = &boot_arch };

static void identify_svm(struct cpu_features *f)
{
	struct cpuid_regs r;

	f->svm = cpuid(0x80000000, 0).eax >= 0x8000000a && (cpuid(0x80000001, 0).ecx & BIT32(2));
	if (!f->svm) {
		return;
	}
	/* AMD64 APM vol. 3, appendix E.4.9 */
	r = cpuid(0x8000000a, 0);
	f->svm_asid_count = r.ebx;
	f->svm_npt = r.edx & BIT32(0);
	f->svm_nrips = r.edx & BIT32(3);
	f->svm_flush_by_asid = r.edx & BIT32(6);
	f->svm_decode_assists = r.edx & BIT32(7);
}

static void identify_xsave(struct cpu_features *f)
{
	struct cpuid_regs r;

	if (!f->xsave) {
		return;
	}
	r = cpuid(0xd, 0);
	/* x87, SSE, AVX, AVX-512 and PKRU; the rest is not offered to guests. */
	f->xcr0_supported = ((u64)r.edx << 32 | r.eax) & 0x2e7;
	f->xsave_size = MAX(r.ecx, 576U);
}

void cpu_identify(void)
{
	struct cpu_features *f = &cpu_features;
	struct cpuid_regs v = cpuid(0, 0), r = cpuid(1, 0), x = cpuid(0x80000001, 0);
	struct cpuid_regs l7 = v.eax >= 7 ? cpuid(7, 0) : (struct cpuid_regs){ 0 };

	f->amd = (v.ebx == 0x68747541 && v.edx == 0x69746e65 && v.ecx == 0x444d4163) ||
		 (v.ebx == 0x6f677948 && v.edx == 0x6e65476e && v.ecx == 0x656e6975);
	f->intel = v.ebx == 0x756e6547 && v.edx == 0x49656e69 && v.ecx == 0x6c65746e;
	f->family = (r.eax >> 8) & 0xf;
	if (f->family == 0xf) {
		f->family += (r.eax >> 20) & 0xff;
	}
	f->model = ((r.eax >> 4) & 0xf) | ((r.eax >> 12) & 0xf0);
	f->stepping = r.eax & 0xf;
	f->x2apic = r.ecx & BIT32(21);
	f->tsc_deadline = r.ecx & BIT32(24);
	f->xsave = r.ecx & BIT32(26);
	f->vmx = r.ecx & BIT32(5);
	f->smep = l7.ebx & BIT32(7);
	f->smap = l7.ebx & BIT32(20);
	f->umip = l7.ecx & BIT32(2);
	f->fsgsbase = l7.ebx & BIT32(0);
	f->page1gb = x.edx & BIT32(26);
	f->nx = x.edx & BIT32(20);
	f->pa_bits = 36;
	if (cpuid(0x80000000, 0).eax >= 0x80000008) {
		f->pa_bits = cpuid(0x80000008, 0).eax & 0xff;
	}
	if (cpuid(0x80000000, 0).eax >= 0x80000007) {
		f->tsc_invariant = cpuid(0x80000007, 0).edx & BIT32(8);
	}
	identify_svm(f);
	identify_xsave(f);
}

static void load_gdt(struct arch_pcpu *a)
{
	u64 tss = (u64)&a->tss;
	struct {
		u16 limit;
		u64 base;
	} __packed ptr = { sizeof(a->gdt) - 1, (u64)a->gdt };

	a->gdt[SEL_CODE64 / 8] = 0x00af9a000000ffff;
	a->gdt[SEL_DATA / 8] = 0x00cf92000000ffff;
	a->gdt[SEL_CODE32 / 8] = 0x00cf9a000000ffff;
	/* Available 64-bit TSS (AMD64 APM vol. 2, 4.8.3). */
	a->gdt[SEL_TSS / 8] = (sizeof(a->tss) - 1) | (tss & 0xffffff) << 16 | 0x89ULL << 40 |
			      (tss >> 24 & 0xff) << 56;
	a->gdt[SEL_TSS / 8 + 1] = tss >> 32;
	a->tss.iomap = sizeof(a->tss);
	__asm__ volatile("lgdt %0\n"
			 "pushq %1\n"
			 "leaq 1f(%%rip), %%rax\n"
			 "pushq %%rax\n"
			 "lretq\n"
			 "1:\n"
			 "movl %2, %%eax\n"
			 "movl %%eax, %%ds\n"
			 "movl %%eax, %%es\n"
			 "movl %%eax, %%ss\n"
			 "xorl %%eax, %%eax\n"
			 "movl %%eax, %%fs\n"
			 "movl %%eax, %%gs\n"
			 "lldt %%ax\n"
			 "movl %3, %%eax\n"
			 "ltr %%ax\n"
			 :
			 : "m"(ptr), "i"(SEL_CODE64), "i"(SEL_DATA), "i"(SEL_TSS)
			 : "rax", "memory");
}

void cpu_init_tables(struct pcpu *p)
{
	p->arch->gdt[SEL_TSS / 8] = 0;
	load_gdt(p->arch);
	wrmsr(MSR_GS_BASE, (u64)p);
	trap_load_idt();
}

void cpu_init_early(void)
{
	trap_init_idt();
	pcpus[0] = &boot_pcpu;
	pcpu_count = 1;
	cpu_init_tables(&boot_pcpu);
}

/* A stack whose lowest page has nothing mapped below it: vmap() leaves a gap after each mapping,
 * and so before the next. Returns the top. */
static void *alloc_stack(unsigned int order)
{
	void *pages = heap_pages_alloc(&pool_system, order);
	char *va = pages ? vmap(heap_va_to_hpa(pages), PAGE_SIZE << order, HV_RW) : NULL;

	return va ? va + (PAGE_SIZE << order) : NULL;
}

int cpu_alloc_stacks(struct pcpu *p)
{
	for (unsigned int i = IST_NMI; i < IST_COUNT; i++) {
		void *top = alloc_stack(1);

		if (!top) {
			return -ENOMEM;
		}
		p->arch->tss.ist[i - 1] = (u64)top;
	}
	p->arch->stack_top = alloc_stack(2);
	return p->arch->stack_top ? 0 : -ENOMEM;
}
