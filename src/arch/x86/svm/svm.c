/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * SVM: enters the guest and decodes its exits (AMD64 APM vol. 2, chapter 15). A codec: what an exit
 * means and what is done about it stands in exit.c and exit_*.c, for both vendors.
 */
#include "arch/contract/cpu.h"
#include "arch/contract/guest.h"
#include "arch/x86/asm.h"
#include "arch/x86/cpu.h"
#include "arch/x86/cpu_bits.h"
#include "arch/x86/emul/fixed_length.h"
#include "arch/x86/exit.h"
#include "arch/x86/msr.h"
#include "arch/x86/svm/vmcb.h"
#include "arch/x86/vcpu.h"
#include "core/log.h"
#include "core/param.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/heap.h"
#include "mm/s2.h"

void svm_enter(struct x86_regs *regs, u64 vmcb_pa, u64 host_vmcb_pa);

static u8 *msr_bitmap; /* two bits for each MSR; shared: the policy is the same for all guests */
static bool opt_nrips = true;
PARAM_BOOL(svm_nrips, "svm-nrips", opt_nrips);

/* --- once, and on each CPU --- */

static bool svm_probe(const char **why)
{
	if (!cpu_features.svm) {
		*why = "the CPU has neither SVM nor VMX: it cannot run guests";
		return false;
	}
	if (rdmsr(MSR_VM_CR) & VM_CR_SVMDIS) {
		*why = "SVM is disabled by the firmware: turn it on in the BIOS set-up";
		return false;
	}
	if (!cpu_features.svm_npt) {
		*why = "SVM without nested paging (NPT): the CPU is too old";
		return false;
	}
	return true;
}

/* The state that the guest's own code changes often and that the control block switches. */
static const u32 open_msrs[] = { MSR_FS_BASE, MSR_GS_BASE, MSR_KERNEL_GS_BASE, MSR_STAR, MSR_LSTAR,
	MSR_CSTAR, MSR_SFMASK, MSR_SYSENTER_CS, MSR_SYSENTER_ESP, MSR_SYSENTER_EIP };

/* APM vol. 2, 15.11: three ranges of 2 KiB. */
static void msr_open(u32 msr)
{
	u32 bit = msr < 0x2000 ? msr * 2 : 0x800 * 8 + (msr - 0xc0000000) * 2;

	msr_bitmap[bit / 8] &= (u8)(0xff ^ 3 << (bit % 8));
}

static int make_msr_bitmap(void)
{
	msr_bitmap = heap_pages_alloc(&pool_system, 1);
	if (!msr_bitmap) {
		return -ENOMEM;
	}
	memset(msr_bitmap, 0xff, 2 * PAGE_SIZE);
	for (unsigned int i = 0; i < ARRAY_SIZE(open_msrs); i++) {
		msr_open(open_msrs[i]);
	}
	return 0;
}

static int svm_cpu_up(struct pcpu *p)
{
	struct arch_pcpu *a = p->arch;

	if (!msr_bitmap && make_msr_bitmap()) {
		return -ENOMEM;
	}
	a->hsave = heap_pages_alloc(&pool_system, 0);
	a->host_vmcb = heap_pages_alloc(&pool_system, 0);
	if (!a->hsave || !a->host_vmcb) {
		return -ENOMEM;
	}
	a->host_vmcb_pa = heap_va_to_hpa(a->host_vmcb).v;
	wrmsr(MSR_EFER, rdmsr(MSR_EFER) | X86_EFER_SVME);
	wrmsr(MSR_VM_HSAVE_PA, heap_va_to_hpa(a->hsave).v);
	__asm__ volatile("vmsave %0" : : "a"(a->host_vmcb_pa) : "memory");
	a->asid_next = 1;
	a->asid_generation = 1;
	a->flush_all = true;
	return 0;
}

/* --- a vCPU --- */

static void set_intercepts(struct vmcb *b)
{
	b->intercept_cr_write = BIT32(0) | BIT32(4);
	b->intercept_exceptions = BIT32(X86_EXC_MC) | BIT32(X86_EXC_AC) | BIT32(X86_EXC_DB);
	b->intercept3 = INTERCEPT3_INTR | INTERCEPT3_NMI | INTERCEPT3_SMI | INTERCEPT3_INIT |
			INTERCEPT3_RDPMC | INTERCEPT3_CPUID | INTERCEPT3_INVD | INTERCEPT3_HLT |
			INTERCEPT3_INVLPGA | INTERCEPT3_IOIO | INTERCEPT3_MSR | INTERCEPT3_TASK |
			INTERCEPT3_SHUTDOWN;
	b->intercept4 = INTERCEPT4_VMRUN | INTERCEPT4_VMMCALL | INTERCEPT4_VMLOAD |
			INTERCEPT4_VMSAVE | INTERCEPT4_STGI | INTERCEPT4_CLGI | INTERCEPT4_SKINIT |
			INTERCEPT4_WBINVD | INTERCEPT4_MONITOR | INTERCEPT4_MWAIT |
			INTERCEPT4_XSETBV;
}

static int svm_vcpu_create(struct vcpu *v)
{
	struct vmcb *b = heap_pages_alloc(&v->domain->pool, 0);

	if (!b) {
		return -ENOMEM;
	}
	v->arch->vmcb = b;
	v->arch->vmcb_pa = heap_va_to_hpa(b).v;
	set_intercepts(b);
	b->iopm_base = heap_va_to_hpa(v->domain->arch->io_bitmap).v;
	b->msrpm_base = heap_va_to_hpa(msr_bitmap).v;
	b->np_enable = 1;
	b->n_cr3 = v->domain->s2->root_pa.v;
	b->v_intr = V_INTR_MASKING;
	b->g_pat = 0x0007040600070406ULL;
	return 0;
}

static void svm_vcpu_destroy(struct vcpu *v)
{
	heap_pages_free(&v->domain->pool, v->arch->vmcb, 0);
	v->arch->vmcb = NULL;
}

static void svm_flush(struct vcpu *v)
{
	v->arch->asid_generation = 0; /* the next entry takes a new ASID */
}

/* A new ASID is as good as a flush; when they have run out, all of them are flushed once. */
static void update_asid(struct vcpu *v, struct arch_pcpu *a)
{
	struct arch_vcpu *av = v->arch;

	if (av->asid_cpu != this_pcpu() || av->asid_generation != a->asid_generation) {
		if (a->asid_next >= cpu_features.svm_asid_count) {
			a->asid_next = 1;
			a->asid_generation++;
			a->flush_all = true;
		}
		av->asid = a->asid_next++;
		av->asid_cpu = this_pcpu();
		av->asid_generation = a->asid_generation;
		av->vmcb->asid = av->asid;
	}
	av->vmcb->tlb_control = a->flush_all ? 1 : 0;
	a->flush_all = false;
}

static void encode_event(struct arch_vcpu *av)
{
	struct x86_event *ev = &av->event;

	av->vmcb->event_inject = 0;
	if (!ev->valid) {
		return;
	}
	if (ev->type == EVENT_NMI) {
		av->vmcb->intercept3 |= INTERCEPT3_IRET; /* says when the next may come */
	}
	av->vmcb->event_inject = EVENT_INJ_VALID | ev->vector |
				 (u64)ev->type << EVENT_INJ_TYPE_SHIFT |
				 (ev->has_error ? EVENT_INJ_ERROR | (u64)ev->error << 32 : 0);
	ev->valid = false;
}

/* An event whose delivery the exit interrupted is injected again, but software interrupts are not:
 * their instruction runs again. */
static void decode_interrupted_event(struct arch_vcpu *av)
{
	u64 info = av->vmcb->exit_int_info;
	u8 type = (info >> EVENT_INJ_TYPE_SHIFT) & EVENT_INJ_TYPE_MASK;

	if (likely(!(info & EVENT_INJ_VALID)) || type == EVENT_INJ_SOFT) {
		return;
	}
	av->event = (struct x86_event){
		.valid = true,
		.type = type,
		.vector = (u8)info,
		.has_error = info & EVENT_INJ_ERROR,
		.error = (u32)(info >> 32),
	};
}

static bool svm_run(struct vcpu *v)
{
	struct pcpu *p = this_pcpu();
	struct arch_vcpu *av = v->arch;
	struct vmcb *b = av->vmcb;

	update_asid(v, p->arch);
	b->rax = av->regs.gpr[REG_RAX];
	b->rsp = av->regs.gpr[REG_RSP];
	b->rip = av->regs.rip;
	b->rflags = av->regs.rflags;

	__asm__ volatile("clgi" : : : "memory");
	if (unlikely(!pcpu_enter_guest(p, v))) {
		__asm__ volatile("stgi" : : : "memory");
		p->arch->flush_all |= b->tlb_control;
		return false;
	}
	encode_event(av);
	irq_enable(); /* takes effect with GIF: physical interrupts make the guest exit */
	svm_enter(&av->regs, av->vmcb_pa, p->arch->host_vmcb_pa);
	irq_disable();
	pcpu_left_guest(p);
	__asm__ volatile("stgi" : : : "memory");

	av->regs.gpr[REG_RAX] = b->rax;
	av->regs.gpr[REG_RSP] = b->rsp;
	av->regs.rip = b->rip;
	av->regs.rflags = b->rflags;
	decode_interrupted_event(av);
	return true;
}

/* --- exits --- */

/* What an exit code becomes, and the instruction whose length is needed to skip it. */
struct svm_decode {
	u8 kind;
	bool skips; /* the handler may skip it */
	u8 insn;    /* enum emul_kind */
};

/* clang-format off */
static const struct svm_decode decode_table[0x90] = {
	[SVM_EXIT_CR0_WRITE] = { EXIT_KIND_CR_WRITE, true, EMUL_KIND_MOV_CR },
	[SVM_EXIT_CR4_WRITE] = { EXIT_KIND_CR_WRITE, true, EMUL_KIND_MOV_CR },
	[SVM_EXIT_EXCP_BASE ... SVM_EXIT_EXCP_BASE + 31] = { EXIT_KIND_EXCEPTION },
	[SVM_EXIT_INTR] = { EXIT_KIND_NONE },
	[SVM_EXIT_NMI] = { EXIT_KIND_NONE },
	[SVM_EXIT_SMI] = { EXIT_KIND_NONE },
	[SVM_EXIT_INIT] = { EXIT_KIND_NONE },
	[SVM_EXIT_VINTR] = { EXIT_KIND_WINDOW },
	[SVM_EXIT_IRET] = { EXIT_KIND_WINDOW },
	[SVM_EXIT_RDPMC] = { EXIT_KIND_INVALID_INSN },
	[SVM_EXIT_CPUID] = { EXIT_KIND_CPUID, true, EMUL_KIND_CPUID },
	[SVM_EXIT_INVD] = { EXIT_KIND_WBINVD, true, EMUL_KIND_INVD },
	[SVM_EXIT_HLT] = { EXIT_KIND_HLT, true, EMUL_KIND_HLT },
	[SVM_EXIT_INVLPGA] = { EXIT_KIND_INVALID_INSN },
	[SVM_EXIT_IOIO] = { EXIT_KIND_IO },
	[SVM_EXIT_MSR] = { EXIT_KIND_RDMSR, true, EMUL_KIND_RDMSR },
	[SVM_EXIT_TASK] = { EXIT_KIND_UNKNOWN },
	[SVM_EXIT_SHUTDOWN] = { EXIT_KIND_SHUTDOWN },
	[SVM_EXIT_VMRUN] = { EXIT_KIND_INVALID_INSN },
	[SVM_EXIT_VMMCALL] = { EXIT_KIND_HYPERCALL, true, EMUL_KIND_VMMCALL },
	[SVM_EXIT_VMLOAD ... SVM_EXIT_SKINIT] = { EXIT_KIND_INVALID_INSN },
	[SVM_EXIT_WBINVD] = { EXIT_KIND_WBINVD, true, EMUL_KIND_WBINVD },
	[SVM_EXIT_MONITOR] = { EXIT_KIND_INVALID_INSN },
	[SVM_EXIT_MWAIT] = { EXIT_KIND_INVALID_INSN },
	[SVM_EXIT_XSETBV] = { EXIT_KIND_XSETBV, true, EMUL_KIND_XSETBV },
};
/* clang-format on */

/*
 * Without next-RIP saving the length comes from the instruction itself. If its bytes are gone from
 * memory (another vCPU rewrote them), the guest simply runs what is there now.
 */
static void decode_length(struct vcpu *v, struct vm_exit *e, enum emul_kind insn)
{
	struct vmcb *b = v->arch->vmcb;
	u8 bytes[EMUL_INSN_MAX];
	enum emul_mode mode;
	unsigned int n;

	if (cpu_features.svm_nrips && opt_nrips && b->next_rip) {
		e->insn_len = (u8)(b->next_rip - b->rip);
		return;
	}
	n = vcpu_fetch(v, bytes, sizeof(bytes));
	if (insn == EMUL_KIND_WBINVD && n >= 2 && bytes[1] == 0x08) {
		insn = EMUL_KIND_INVD; /* QEMU has one exit code for both */
	}
	mode = emul_mode_of(b->cr0, b->efer, b->rflags, b->cs.attr);
	e->insn_len = (u8)emul_fixed_length(bytes, n, mode, insn);
	if (e->insn_len == 0 && insn == EMUL_KIND_MOV_CR) {
		/* The form of LMSW that reads memory would need the emulator: nobody uses it. */
		e->insn_len = (u8)emul_fixed_length(bytes, n, mode, EMUL_KIND_LMSW);
		if (e->insn_len && (bytes[e->insn_len - 1] >> 6) != 3) {
			e->kind = EXIT_KIND_UNKNOWN;
			return;
		}
	}
	if (e->insn_len == 0 && insn == EMUL_KIND_MOV_CR) {
		e->insn_len = (u8)emul_fixed_length(bytes, n, mode, EMUL_KIND_CLTS);
	}
	if (e->insn_len == 0) {
		e->kind = EXIT_KIND_NONE;
	}
}

/*
 * Without decode assists: MOV to CR names its register in ModRM.rm, with REX.B before the opcode;
 * LMSW (0F 01 /6) writes the low four bits of CR0, and cannot clear PE; CLTS (0F 06) clears TS.
 */
static void decode_cr(struct vcpu *v, struct vm_exit *e)
{
	u8 bytes[EMUL_INSN_MAX];
	unsigned int n = vcpu_fetch(v, bytes, sizeof(bytes)), len = e->insn_len;
	u64 value;
	u8 gpr;

	e->cr.cr = e->reason == SVM_EXIT_CR4_WRITE ? 4 : 0;
	if (n < len || len < 2) {
		e->kind = EXIT_KIND_NONE;
		return;
	}
	if (bytes[len - 1] == 0x06 && bytes[len - 2] == 0x0f) {
		e->cr.value = v->arch->vmcb->cr0 & ~X86_CR0_TS;
		return;
	}
	gpr = bytes[len - 1] & 7;
	if (len >= 4 && (bytes[len - 4] & 0xf1) == 0x41) {
		gpr |= 8;
	}
	value = v->arch->regs.gpr[gpr];
	if (bytes[len - 2] == 0x01) {
		value = (v->arch->vmcb->cr0 & ~0xeULL) | (value & 0xf);
	}
	e->cr.value = value;
}

static void decode_io(struct vcpu *v, struct vm_exit *e)
{
	struct vmcb *b = v->arch->vmcb;
	u32 info = (u32)b->exit_info1; /* APM vol. 2, figure 15-2 */

	e->io.port = (u16)(info >> 16);
	e->io.in = info & 1;
	e->io.string = info & 4;
	e->io.rep = info & 8;
	e->io.size = (info >> 4) & 7;
	e->insn_len = (u8)(b->exit_info2 - b->rip); /* the next rIP is always given here */
}

static void decode_npf(struct vcpu *v, struct vm_exit *e)
{
	u64 info = v->arch->vmcb->exit_info1;

	e->kind = EXIT_KIND_S2_FAULT;
	e->s2.gpa = v->arch->vmcb->exit_info2;
	e->s2.flags = (info & X86_PF_W ? S2_FAULT_WRITE : 0) |
		      (info & X86_PF_I ? S2_FAULT_FETCH : 0) |
		      (info & X86_PF_P ? S2_FAULT_PRESENT : 0) |
		      (info & BIT64(33) ? S2_FAULT_WALK : 0);
}

static void svm_decode(struct vcpu *v, struct vm_exit *e)
{
	struct vmcb *b = v->arch->vmcb;
	u64 code = b->exit_code;
	const struct svm_decode *d;

	e->reason = code;
	e->insn_len = 0;
	if (code == SVM_EXIT_NPF) {
		decode_npf(v, e);
		return;
	}
	if (code >= ARRAY_SIZE(decode_table)) {
		e->kind = code == SVM_EXIT_INVALID ? EXIT_KIND_BAD_STATE : EXIT_KIND_UNKNOWN;
		return;
	}
	d = &decode_table[code];
	e->kind = d->kind;
	if (code == SVM_EXIT_IOIO) {
		decode_io(v, e);
	} else if (code == SVM_EXIT_MSR) {
		bool write = b->exit_info1 & 1;

		e->kind = write ? EXIT_KIND_WRMSR : EXIT_KIND_RDMSR;
		decode_length(v, e, write ? EMUL_KIND_WRMSR : EMUL_KIND_RDMSR);
	} else if (e->kind == EXIT_KIND_EXCEPTION) {
		e->exception.vector = (u8)(code - SVM_EXIT_EXCP_BASE);
		e->exception.error = (u32)b->exit_info1;
		e->exception.qualification = b->exit_info2;
	} else if (e->kind == EXIT_KIND_WINDOW) {
		if (code == SVM_EXIT_IRET) {
			/* Before IRET: NMIs stay blocked until it has been executed. */
			v->arch->nmi_at_iret = true;
			v->arch->nmi_iret_rip = b->rip;
		}
		b->v_intr &= ~(V_IRQ | V_INTR_PRIO_MASK);
		b->intercept3 &= ~(INTERCEPT3_VINTR | INTERCEPT3_IRET);
	} else if (d->skips) {
		decode_length(v, e, d->insn);
		if (e->kind == EXIT_KIND_CR_WRITE) {
			decode_cr(v, e);
		}
	}
}

/* --- interrupts --- */

static bool svm_can_interrupt(struct vcpu *v)
{
	return (v->arch->regs.rflags & X86_EFLAGS_IF) && !(v->arch->vmcb->interrupt_shadow & 1);
}

static bool svm_can_nmi(struct vcpu *v)
{
	struct arch_vcpu *av = v->arch;

	if (av->nmi_at_iret && av->regs.rip != av->nmi_iret_rip) {
		av->nmi_at_iret = av->nmi_blocked = false;
	}
	return !av->nmi_blocked && !(av->vmcb->interrupt_shadow & 1);
}

static void svm_request_window(struct vcpu *v, u8 vector)
{
	struct vmcb *b = v->arch->vmcb;

	/* A virtual interrupt that is intercepted before it is taken (APM vol. 2, 15.21.4). */
	b->v_intr = (b->v_intr & ~V_INTR_PRIO_MASK) | V_IRQ |
		    (u64)(vector >> 4) << V_INTR_PRIO_SHIFT;
	b->intercept3 |= INTERCEPT3_VINTR;
}

static void svm_clear_shadow(struct vcpu *v)
{
	v->arch->vmcb->interrupt_shadow &= ~1ULL;
}

static void svm_set_tpr(struct vcpu *v, u8 tpr)
{
	struct vmcb *b = v->arch->vmcb;

	b->v_intr = (b->v_intr & ~V_TPR_MASK) | tpr >> 4;
}

static u8 svm_get_tpr(struct vcpu *v)
{
	return (u8)((v->arch->vmcb->v_intr & 0xf) << 4);
}

/* --- registers --- */

static struct x86_seg *segment(struct vmcb *b, enum x86_seg_reg reg)
{
	return &b->es + reg; /* the save area has them in encoding order */
}

static void svm_get_seg(struct vcpu *v, enum x86_seg_reg reg, struct x86_seg *out)
{
	*out = *segment(v->arch->vmcb, reg);
}

static void svm_set_seg(struct vcpu *v, enum x86_seg_reg reg, const struct x86_seg *in)
{
	*segment(v->arch->vmcb, reg) = *in;
	if (reg == SEG_SS) {
		v->arch->vmcb->cpl = (in->attr & X86_SEG_DPL_MASK) >> X86_SEG_DPL_SHIFT;
	}
}

static u64 svm_get_cr(struct vcpu *v, unsigned int cr)
{
	struct vmcb *b = v->arch->vmcb;

	return cr == 0 ? b->cr0 : cr == 2 ? b->cr2 : cr == 3 ? b->cr3 : b->cr4;
}

static void svm_set_cr(struct vcpu *v, unsigned int cr, u64 value)
{
	struct vmcb *b = v->arch->vmcb;

	switch (cr) {
	case 0:
		b->cr0 = value;
		break;
	case 2:
		b->cr2 = value;
		return;
	case 3:
		b->cr3 = value;
		break;
	default:
		b->cr4 = value;
		break;
	}
	svm_flush(v);
}

static u64 svm_get_efer(struct vcpu *v)
{
	return v->arch->vmcb->efer & ~X86_EFER_SVME;
}

static void svm_set_efer(struct vcpu *v, u64 value)
{
	v->arch->vmcb->efer = value | X86_EFER_SVME;
	svm_flush(v);
}

static u8 svm_get_cpl(struct vcpu *v)
{
	return v->arch->vmcb->cpl;
}

static u64 *saved_msr(struct vmcb *b, u32 msr)
{
	switch (msr) {
	case MSR_PAT:
		return &b->g_pat;
	case MSR_DEBUGCTL:
		return &b->debugctl;
	case MSR_FS_BASE:
		return &b->fs.base;
	case MSR_GS_BASE:
		return &b->gs.base;
	case MSR_KERNEL_GS_BASE:
		return &b->kernel_gs_base;
	case MSR_STAR:
		return &b->star;
	case MSR_LSTAR:
		return &b->lstar;
	case MSR_CSTAR:
		return &b->cstar;
	case MSR_SFMASK:
		return &b->sfmask;
	case MSR_SYSENTER_CS:
		return &b->sysenter_cs;
	case MSR_SYSENTER_ESP:
		return &b->sysenter_esp;
	case MSR_SYSENTER_EIP:
		return &b->sysenter_eip;
	default:
		return NULL;
	}
}

static bool svm_get_msr(struct vcpu *v, u32 msr, u64 *value)
{
	u64 *at = saved_msr(v->arch->vmcb, msr);

	if (at) {
		*value = *at;
	}
	return at != NULL;
}

static bool svm_set_msr(struct vcpu *v, u32 msr, u64 value)
{
	u64 *at = saved_msr(v->arch->vmcb, msr);

	if (at) {
		*at = value;
	}
	return at != NULL;
}

static void svm_set_context(struct vcpu *v, const struct x86_context *c)
{
	struct vmcb *b = v->arch->vmcb;

	v->arch->regs = c->regs;
	memcpy(&b->es, c->seg, sizeof(c->seg));
	b->tr = c->tr;
	b->ldtr = c->ldtr;
	b->gdtr = (struct x86_seg){ .base = c->gdt_base, .limit = c->gdt_limit };
	b->idtr = (struct x86_seg){ .base = c->idt_base, .limit = c->idt_limit };
	b->cpl = (c->seg[SEG_SS].attr & X86_SEG_DPL_MASK) >> X86_SEG_DPL_SHIFT;
	b->cr0 = c->cr0;
	b->cr2 = 0;
	b->cr3 = c->cr3;
	b->cr4 = c->cr4;
	b->efer = c->efer | X86_EFER_SVME;
	b->dr6 = X86_DR6_DEFAULT;
	b->dr7 = X86_DR7_DEFAULT;
	b->interrupt_shadow = 0;
	b->event_inject = 0;
	v->arch->event.valid = false;
	svm_flush(v);
}

static void svm_get_context(struct vcpu *v, struct x86_context *c)
{
	const struct vmcb *b = v->arch->vmcb;

	c->regs = v->arch->regs;
	memcpy(c->seg, &b->es, sizeof(c->seg));
	c->tr = b->tr;
	c->ldtr = b->ldtr;
	c->gdt_base = b->gdtr.base;
	c->gdt_limit = (u16)b->gdtr.limit;
	c->idt_base = b->idtr.base;
	c->idt_limit = (u16)b->idtr.limit;
	c->cr0 = b->cr0;
	c->cr3 = b->cr3;
	c->cr4 = b->cr4;
	c->efer = b->efer & ~X86_EFER_SVME;
}

const struct vendor_ops svm_ops = {
	.name = "SVM",
	.probe = svm_probe,
	.cpu_up = svm_cpu_up,
	.vcpu_create = svm_vcpu_create,
	.vcpu_destroy = svm_vcpu_destroy,
	.enter = svm_run,
	.decode = svm_decode,
	.can_interrupt = svm_can_interrupt,
	.can_nmi = svm_can_nmi,
	.request_window = svm_request_window,
	.clear_shadow = svm_clear_shadow,
	.flush = svm_flush,
	.set_tpr = svm_set_tpr,
	.get_tpr = svm_get_tpr,
	.get_seg = svm_get_seg,
	.set_seg = svm_set_seg,
	.get_cr = svm_get_cr,
	.set_cr = svm_set_cr,
	.get_efer = svm_get_efer,
	.set_efer = svm_set_efer,
	.get_cpl = svm_get_cpl,
	.get_msr = svm_get_msr,
	.set_msr = svm_set_msr,
	.set_context = svm_set_context,
	.get_context = svm_get_context,
};
