/* SPDX-License-Identifier: GPL-2.0-only */
/* The x86 part of a domain and of a vCPU. */
#ifndef ARCH_X86_VCPU_H
#define ARCH_X86_VCPU_H

#include "arch/x86/regs.h"
#include "core/domain.h"

struct lapic;
struct vm_exit;
struct memory_map_entry;
struct vioapic;
struct vmcb;
struct x86_policy;
struct irq;

/* Everything that entering a guest mode needs: start of a PVH kernel, start-up IPI,
 * VCPUOP_initialise. */
struct x86_context {
	struct x86_regs regs;
	u64 cr0, cr3, cr4, efer;
	struct x86_seg seg[X86_SEG_COUNT], tr, ldtr;
	u64 gdt_base, idt_base;
	u16 gdt_limit, idt_limit;
};

/* An event to be injected at the next entry: it was interrupted by an exit, or a handler
 * raised it. */
struct x86_event {
	bool valid;
	u8 type; /* enum x86_event_type */
	u8 vector;
	bool has_error;
	u32 error;
};
enum x86_event_type { EVENT_INTERRUPT = 0, EVENT_NMI = 2, EVENT_EXCEPTION = 3 };

/* Memory-type registers: stored for the guest to read back. */
struct x86_mtrr {
	u64 def_type, variable[16], fixed[11];
};

struct arch_domain {
	struct vioapic *vioapic; /* vdev/ioapic.c */
	void *io_bitmap;	 /* 1: the port exits */
	struct x86_policy *policy;
	struct hw_irqs *irqs; /* passthrough.c: host interrupts that belong to the domain */
	u8 callback_vector;   /* HVM_PARAM_CALLBACK_IRQ by vector, 0: none */
	struct memory_map_entry *memory_map; /* as XENMEM_memory_map tells it */
	unsigned int memory_map_count;
};

struct arch_vcpu {
	struct x86_regs regs; /* rax, rsp, rip, rflags are the control block's while it runs */
	struct x86_event event;
	bool nmi_pending, nmi_blocked;
	bool nmi_at_iret, nmi_step; /* IRET is about to unblock them; #DB is to come after it */
	u64 nmi_iret_rip;
	bool initialised; /* has a state to run from */
	u8 upcall_vector; /* HVMOP_set_evtchn_upcall_vector, 0: none */
	u64 xcr0;
	void *fpu; /* XSAVE area, in pages; live in the registers while loaded */
	unsigned int fpu_order;
	struct lapic *lapic; /* vdev/lapic.c */
	u64 tsc_aux;
	u64 dr[4]; /* breakpoint addresses; in the registers while loaded */
	struct x86_mtrr mtrr;

	/* the vendor's */
	struct vmcb *vmcb;
	u64 vmcb_pa;
	u32 asid, asid_generation;
	struct pcpu *asid_cpu;
};

/* What a vendor supplies: a codec between its control block and the structures above. All of them
 * run on the vCPU's CPU, or with the vCPU held and synced. */
struct vendor_ops {
	const char *name;
	bool (*probe)(const char **why); /* boot CPU: false and why not */
	int (*cpu_up)(struct pcpu *p);
	int (*vcpu_create)(struct vcpu *v);
	void (*vcpu_destroy)(struct vcpu *v);
	void (*load)(struct vcpu *v);
	void (*unload)(struct vcpu *v);

	/* Enters the guest until its exit, unless work came up: false. Interrupts are masked before
	 * and after; what was pending has been handled. */
	bool (*enter)(struct vcpu *v);
	/* Reads of the control block just what the exit's kind needs. */
	void (*decode)(struct vcpu *v, struct vm_exit *e);

	bool (*can_interrupt)(struct vcpu *v); /* RFLAGS.IF and no shadow */
	bool (*can_nmi)(struct vcpu *v);
	void (*request_window)(struct vcpu *v, u8 vector); /* exit once vector could be taken */
	void (*clear_shadow)(struct vcpu *v);
	/* Makes the next entry use no cached translation of an old stage-2 entry. */
	void (*flush)(struct vcpu *v);
	void (*set_tpr)(struct vcpu *v, u8 tpr);
	u8 (*get_tpr)(struct vcpu *v);

	void (*get_seg)(struct vcpu *v, enum x86_seg_reg reg, struct x86_seg *out);
	void (*set_seg)(struct vcpu *v, enum x86_seg_reg reg, const struct x86_seg *in);
	u64 (*get_cr)(struct vcpu *v, unsigned int cr); /* 0, 2, 3, 4 */
	void (*set_cr)(struct vcpu *v, unsigned int cr, u64 value);
	u64 (*get_efer)(struct vcpu *v);
	void (*set_efer)(struct vcpu *v, u64 value);
	u8 (*get_cpl)(struct vcpu *v);
	/* MSRs that the control block holds (PAT, SYSENTER, bases): false if not one of them. */
	bool (*get_msr)(struct vcpu *v, u32 msr, u64 *value);
	bool (*set_msr)(struct vcpu *v, u32 msr, u64 value);
	void (*set_context)(struct vcpu *v, const struct x86_context *c);
	void (*get_context)(struct vcpu *v, struct x86_context *c);
};
extern const struct vendor_ops *vendor;
extern const struct vendor_ops svm_ops;

/* Instructions of the guest: bytes at its PC, through its page tables. Number read,
 * 0: not there. */
unsigned int vcpu_fetch(struct vcpu *v, u8 *buf, unsigned int n);
/* Real-mode start at vector << 12 after a start-up IPI; resets everything that INIT resets. */
void vcpu_init_sipi(struct vcpu *v, u8 vector);
void vcpu_context_reset(struct x86_context *c); /* the state after power-on */

#endif
