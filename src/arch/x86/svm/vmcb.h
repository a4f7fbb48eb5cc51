/* SPDX-License-Identifier: GPL-2.0-only */
/* The virtual machine control block of SVM (AMD64 APM vol. 2, appendix B). Layout and bits only. */
#ifndef ARCH_X86_SVM_VMCB_H
#define ARCH_X86_SVM_VMCB_H

#include "arch/x86/regs.h"

struct vmcb {
	/* control area */
	u16 intercept_cr_read, intercept_cr_write;
	u16 intercept_dr_read, intercept_dr_write;
	u32 intercept_exceptions;
	u32 intercept3; /* INTERCEPT3_* */
	u32 intercept4; /* INTERCEPT4_* */
	u8 reserved0[0x3c - 0x14];
	u16 pause_threshold, pause_count;
	u64 iopm_base, msrpm_base;
	u64 tsc_offset;
	u32 asid;
	u8 tlb_control;
	u8 reserved1[3];
	u64 v_intr; /* V_* */
	u64 interrupt_shadow;
	u64 exit_code, exit_info1, exit_info2;
	u64 exit_int_info;
	u64 np_enable;
	u8 reserved2[0xa8 - 0x98];
	u64 event_inject;
	u64 n_cr3;
	u64 lbr_virt;
	u32 clean;
	u32 reserved3;
	u64 next_rip;
	u8 insn_count;
	u8 insn_bytes[15];
	u8 reserved4[0x400 - 0xe0];

	/* state save area */
	struct x86_seg es, cs, ss, ds, fs, gs, gdtr, ldtr, idtr, tr;
	u8 reserved5[0x4cb - 0x4a0];
	u8 cpl;
	u32 reserved6;
	u64 efer;
	u8 reserved7[0x548 - 0x4d8];
	u64 cr4, cr3, cr0, dr7, dr6, rflags, rip;
	u8 reserved8[0x5d8 - 0x580];
	u64 rsp;
	u64 s_cet, ssp, isst_addr;
	u64 rax;
	u64 star, lstar, cstar, sfmask, kernel_gs_base;
	u64 sysenter_cs, sysenter_esp, sysenter_eip;
	u64 cr2;
	u8 reserved9[0x668 - 0x648];
	u64 g_pat, debugctl, br_from, br_to, int_from, int_to;
	u8 reserved10[0x1000 - 0x698];
};
static_assert(sizeof(struct vmcb) == 4096, "VMCB size");
static_assert(offsetof(struct vmcb, iopm_base) == 0x40, "VMCB layout");
static_assert(offsetof(struct vmcb, asid) == 0x58, "VMCB layout");
static_assert(offsetof(struct vmcb, exit_code) == 0x70, "VMCB layout");
static_assert(offsetof(struct vmcb, np_enable) == 0x90, "VMCB layout");
static_assert(offsetof(struct vmcb, event_inject) == 0xa8, "VMCB layout");
static_assert(offsetof(struct vmcb, next_rip) == 0xc8, "VMCB layout");
static_assert(offsetof(struct vmcb, es) == 0x400, "VMCB layout");
static_assert(offsetof(struct vmcb, cpl) == 0x4cb, "VMCB layout");
static_assert(offsetof(struct vmcb, efer) == 0x4d0, "VMCB layout");
static_assert(offsetof(struct vmcb, cr4) == 0x548, "VMCB layout");
static_assert(offsetof(struct vmcb, rip) == 0x578, "VMCB layout");
static_assert(offsetof(struct vmcb, rsp) == 0x5d8, "VMCB layout");
static_assert(offsetof(struct vmcb, rax) == 0x5f8, "VMCB layout");
static_assert(offsetof(struct vmcb, cr2) == 0x640, "VMCB layout");
static_assert(offsetof(struct vmcb, g_pat) == 0x668, "VMCB layout");

#define INTERCEPT3_INTR BIT32(0)
#define INTERCEPT3_NMI BIT32(1)
#define INTERCEPT3_SMI BIT32(2)
#define INTERCEPT3_INIT BIT32(3)
#define INTERCEPT3_VINTR BIT32(4)
#define INTERCEPT3_RDPMC BIT32(15)
#define INTERCEPT3_CPUID BIT32(18)
#define INTERCEPT3_IRET BIT32(20)
#define INTERCEPT3_INVD BIT32(22)
#define INTERCEPT3_HLT BIT32(24)
#define INTERCEPT3_INVLPGA BIT32(26)
#define INTERCEPT3_IOIO BIT32(27)
#define INTERCEPT3_MSR BIT32(28)
#define INTERCEPT3_TASK BIT32(29)
#define INTERCEPT3_SHUTDOWN BIT32(31)

#define INTERCEPT4_VMRUN BIT32(0)
#define INTERCEPT4_VMMCALL BIT32(1)
#define INTERCEPT4_VMLOAD BIT32(2)
#define INTERCEPT4_VMSAVE BIT32(3)
#define INTERCEPT4_STGI BIT32(4)
#define INTERCEPT4_CLGI BIT32(5)
#define INTERCEPT4_SKINIT BIT32(6)
#define INTERCEPT4_WBINVD BIT32(9)
#define INTERCEPT4_MONITOR BIT32(10)
#define INTERCEPT4_MWAIT BIT32(11)
#define INTERCEPT4_XSETBV BIT32(13)

#define V_TPR_MASK 0xffULL
#define V_IRQ BIT64(8)
#define V_INTR_PRIO_SHIFT 16
#define V_INTR_PRIO_MASK (0xfULL << 16)
#define V_INTR_MASKING BIT64(24)

#define EVENT_INJ_VALID BIT64(31)
#define EVENT_INJ_ERROR BIT64(11)
#define EVENT_INJ_TYPE_SHIFT 8
#define EVENT_INJ_TYPE_MASK 7
#define EVENT_INJ_SOFT 4

/* Exit codes (APM vol. 2, appendix C). */
#define SVM_EXIT_CR0_WRITE 0x010
#define SVM_EXIT_CR4_WRITE 0x014
#define SVM_EXIT_EXCP_BASE 0x040
#define SVM_EXIT_INTR 0x060
#define SVM_EXIT_NMI 0x061
#define SVM_EXIT_SMI 0x062
#define SVM_EXIT_INIT 0x063
#define SVM_EXIT_VINTR 0x064
#define SVM_EXIT_RDPMC 0x06f
#define SVM_EXIT_CPUID 0x072
#define SVM_EXIT_IRET 0x074
#define SVM_EXIT_INVD 0x076
#define SVM_EXIT_HLT 0x078
#define SVM_EXIT_INVLPGA 0x07a
#define SVM_EXIT_IOIO 0x07b
#define SVM_EXIT_MSR 0x07c
#define SVM_EXIT_TASK 0x07d
#define SVM_EXIT_SHUTDOWN 0x07f
#define SVM_EXIT_VMRUN 0x080
#define SVM_EXIT_VMMCALL 0x081
#define SVM_EXIT_VMLOAD 0x082
#define SVM_EXIT_VMSAVE 0x083
#define SVM_EXIT_STGI 0x084
#define SVM_EXIT_CLGI 0x085
#define SVM_EXIT_SKINIT 0x086
#define SVM_EXIT_WBINVD 0x089
#define SVM_EXIT_MONITOR 0x08a
#define SVM_EXIT_MWAIT 0x08b
#define SVM_EXIT_XSETBV 0x08d
#define SVM_EXIT_NPF 0x400
#define SVM_EXIT_INVALID (~0ULL)

#define VM_CR_SVMDIS BIT64(4)

#endif
