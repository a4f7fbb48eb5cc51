/* SPDX-License-Identifier: GPL-2.0-only */
/* A host CPU: descriptor tables, stacks, interrupt vectors, features. */
#ifndef ARCH_X86_CPU_H
#define ARCH_X86_CPU_H

#include "arch/x86/layout.h"
#include "core/pcpu.h"

struct irq;

/* 64-bit task state segment: only the interrupt stacks matter (AMD64 APM vol. 2, 12.2.5). */
struct tss {
	u32 reserved0;
	u64 rsp[3];
	u64 reserved1;
	u64 ist[7];
	u64 reserved2;
	u16 reserved3;
	u16 iomap;
} __packed;
static_assert(sizeof(struct tss) == 104, "TSS size");

enum ist { IST_NONE, IST_NMI, IST_MC, IST_DF, IST_COUNT };

struct arch_pcpu {
	u32 apic_id;
	u32 acpi_uid;
	u64 gdt[8];
	struct tss tss;
	struct irq *vectors[256]; /* who owns which device vector on this CPU */
	void *hsave;		  /* SVM: host state area */
	u64 host_vmcb_pa;	  /* SVM: what VMLOAD restores after an exit */
	void *host_vmcb;
	u32 asid_next, asid_generation;
	bool flush_all;		/* TLB_CONTROL for the next entry */
	struct vcpu *fpu_owner; /* whose vector state the registers hold */
	void *stack_top;
	u64 *window_ptes, window_va;
	unsigned int window_depth;
	bool tlb_stale; /* set by others: hypervisor mappings went away */
};

/* Features of the host that the hypervisor itself uses, found by cpu_identify(). */
struct cpu_features {
	bool amd, intel, x2apic, tsc_deadline, tsc_invariant, smep, smap, umip, xsave, page1gb, nx;
	bool fsgsbase, svm, vmx, svm_npt, svm_nrips, svm_decode_assists, svm_flush_by_asid;
	u32 svm_asid_count;
	unsigned int pa_bits;
	u64 xcr0_supported;
	u32 xsave_size; /* bytes of the standard format with everything in xcr0_supported */
	u32 family, model, stepping;
};
extern struct cpu_features cpu_features;

static inline struct arch_pcpu *this_arch_pcpu(void)
{
	return this_pcpu()->arch;
}

/* Reads CPUID once; boot CPU. */
void cpu_identify(void);
/* Loads GDT, IDT, TSS and control registers on the calling CPU; %gs points to p afterwards. */
void cpu_init_tables(struct pcpu *p);
/* Early boot CPU: %gs to a static struct pcpu, IDT that reports exceptions. */
void cpu_init_early(void);
extern struct pcpu boot_pcpu;
/* Interrupt stacks with guard pages for CPU p. -ENOMEM. */
int cpu_alloc_stacks(struct pcpu *p);

/* traps.c */
struct trap_frame {
	u64 r15, r14, r13, r12, r11, r10, r9, r8, rdi, rsi, rbp, rbx, rdx, rcx, rax;
	u64 vector, error;
	u64 rip, cs, rflags, rsp, ss;
};
void trap_handle(struct trap_frame *f);
void trap_init_idt(void);
void trap_load_idt(void);
void nmi_request_stop(void);
/* The hardware reports an error that it cannot correct: names the banks, and ends. */
void traps_machine_check(void) __noreturn;
void traps_report_nmi(void); /* what the NMI that hit this CPU may mean; no lock held */

#endif
