/* SPDX-License-Identifier: GPL-2.0-only */
/* A host CPU's identity, control registers and stacks. */
#include "arch/arm/cpu.h"

#include "arch/arm/asm_offsets.h"
#include "arch/arm/mitigation.h"
#include "arch/arm/paging.h"
#include "arch/arm/paging_bits.h"
#include "arch/arm/psci.h"
#include "arch/arm/smccc_numbers.h"
#include "arch/arm/sysreg.h"
#include "core/log.h"
#include "lib/bits.h"
#include "lib/errno.h"
#include "mm/heap.h"
#include "mm/vmap.h"

struct cpu_features cpu_features;

static u8 boot_emergency[CPU_EMERGENCY_SIZE] __aligned(16);
static struct arch_pcpu boot_arch = { .emergency_top = boot_emergency + CPU_EMERGENCY_SIZE };
struct pcpu boot_pcpu = { .self = &boot_pcpu, .arch = &boot_arch };

static_assert(offsetof(struct pcpu, arch) == PCPU_ARCH, "vectors.S");
static_assert(offsetof(struct arch_pcpu, emergency_top) == ARCH_PCPU_EMERGENCY_TOP, "vectors.S");

/* DDI 0487, D17.2: ID_AA64PFR0_EL1, ID_AA64DFR0_EL1, ID_AA64MMFR0_EL1, ID_AA64MMFR1_EL1. */
#define PFR0_EL0 mask64(3, 0)
#define PFR0_EL1 mask64(7, 4)
#define PFR0_FP mask64(19, 16)
#define PFR0_GIC mask64(27, 24)
#define PFR0_BOTH_STATES 2 /* of EL0 and EL1: AArch32 too */
#define PFR0_FP_NONE 15
#define DFR0_PMU mask64(11, 8)
#define DFR0_PMU_OTHER 15 /* not Arm's */
#define MMFR0_PA mask64(3, 0)
#define MMFR1_VMID mask64(7, 4)
#define MMFR1_VMID_16 2

static struct cpu_features identify(void)
{
	static const u8 pa_bits[] = { 32, 36, 40, 42, 44, 48 };
	u64 pfr0 = sysreg_read(id_aa64pfr0_el1);
	u64 pa = field_get(MMFR0_PA, sysreg_read(id_aa64mmfr0_el1));
	u64 vmid = field_get(MMFR1_VMID, sysreg_read(id_aa64mmfr1_el1));

	return (struct cpu_features){
		.pa_bits = pa_bits[MIN(pa, ARRAY_SIZE(pa_bits) - 1)],
		.vmid_bits = vmid == MMFR1_VMID_16 ? 16 : 8,
		.midr = (u32)sysreg_read(midr_el1),
		.aarch32_el1 = field_get(PFR0_EL1, pfr0) == PFR0_BOTH_STATES,
		.aarch32_el0 = field_get(PFR0_EL0, pfr0) == PFR0_BOTH_STATES,
		.gic_sysregs = field_get(PFR0_GIC, pfr0) != 0,
		.fp = field_get(PFR0_FP, pfr0) != PFR0_FP_NONE,
	};
}

void cpu_identify(void)
{
	cpu_features = identify();
	boot_arch.mpidr = sysreg_read(mpidr_el1) & MPIDR_AFFINITY;
	boot_arch.stack_top = NULL; /* cpu_stack_top() knows the boot stack */
}

/* DDI 0487, D17.2.30: RES1 bits, and TTA: nobody uses the trace registers. FP is not trapped. */
#define CPTR_HOST 0x1033ff
/* Interrupts come to EL2, where they wake a WFI. */
#define HCR_HOST (HCR_BOOT | BIT64(3) | BIT64(4) | BIT64(5)) /* FMO, IMO, AMO */

/* The performance counters, if there are any, are EL1's (MDCR_EL2.HPMN = PMCR_EL0.N); what traps is
 * the vCPU's business. */
static u64 mdcr_host(void)
{
	u64 version = field_get(DFR0_PMU, sysreg_read(id_aa64dfr0_el1));

	if (version == 0 || version == DFR0_PMU_OTHER) {
		return 0;
	}
	return field_get(mask64(15, 11), sysreg_read(pmcr_el0));
}

const char *cpu_init(void)
{
	struct cpu_features f = identify();
	const struct cpu_features *b = &cpu_features;

	sysreg_write(hcr_el2, HCR_HOST);
	sysreg_write(cptr_el2, CPTR_HOST);
	sysreg_write(hstr_el2, 0);
	sysreg_write(vttbr_el2, 0);
	sysreg_write(cntvoff_el2, 0);
	sysreg_write(mdcr_el2, mdcr_host());
	isb();
	if (f.pa_bits < b->pa_bits) {
		return "fewer bits of physical addresses";
	}
	if (f.vmid_bits < b->vmid_bits) {
		return "smaller VMIDs";
	}
	if (f.aarch32_el1 < b->aarch32_el1 || f.aarch32_el0 < b->aarch32_el0) {
		return "no AArch32";
	}
	if (f.gic_sysregs < b->gic_sysregs || f.fp < b->fp) {
		return "fewer registers";
	}
	return NULL;
}

u32 cpu_midr(void)
{
	return (u32)sysreg_read(midr_el1);
}

/* --- vectors --- */

extern const char vectors_none[], vectors_loop8[], vectors_loop11[], vectors_loop24[],
	vectors_loop32[], vectors_loop38[], vectors_loop132[], vectors_clrbhb[],
	vectors_firmware1[], vectors_firmware1_loop8[], vectors_firmware3[];

static const char *const vectors[MITIGATION_COUNT] = {
	[MITIGATION_NONE] = vectors_none,
	[MITIGATION_LOOP8] = vectors_loop8,
	[MITIGATION_LOOP11] = vectors_loop11,
	[MITIGATION_LOOP24] = vectors_loop24,
	[MITIGATION_LOOP32] = vectors_loop32,
	[MITIGATION_LOOP38] = vectors_loop38,
	[MITIGATION_LOOP132] = vectors_loop132,
	[MITIGATION_CLRBHB] = vectors_clrbhb,
	[MITIGATION_FIRMWARE1] = vectors_firmware1,
	[MITIGATION_FIRMWARE1_LOOP8] = vectors_firmware1_loop8,
	[MITIGATION_FIRMWARE3] = vectors_firmware3,
};

void cpu_mitigate(const struct pcpu *p)
{
	struct mitigation_cpu c = {
		.midr = cpu_midr(),
		.pfr0 = sysreg_read(id_aa64pfr0_el1),
		.mmfr1 = sysreg_read(id_aa64mmfr1_el1),
		.isar2 = sysreg_read(s3_0_c0_c6_2), /* ID_AA64ISAR2_EL1 */
		.features = smccc_arch_features,
	};
	struct mitigation m = mitigation_choose(&c);

	if (m.store_call) {
		const u64 args[8] = { SMCCC_ARCH_WORKAROUND_2, !m.store_disable };
		struct smccc_result r;

		smccc_smc(args, &r);
	}
	sysreg_write(vbar_el2, vectors[m.vectors]);
	isb();
	mitigation_account(&m);
	if (p->id != 0 && c.midr == cpu_features.midr) {
		log_info("CPU %u: MIDR %08x, vectors: %s", p->id, c.midr,
			mitigation_vectors_name(m.vectors));
		return;
	}
	log_info("CPU %u: MIDR %08x, vectors: %s (branch prediction %s, branch history %s, store "
		 "bypass %s)",
		p->id, c.midr, mitigation_vectors_name(m.vectors),
		mitigation_state_name(m.predictor), mitigation_state_name(m.history),
		mitigation_state_name(m.store));
}

/* --- stacks --- */

/* A stack whose lowest page has nothing mapped below it: vmap() leaves a gap after each mapping,
 * and so before the next. Returns the top. */
static void *alloc_stack(u64 size)
{
	unsigned int order = size == CPU_STACK_SIZE ? 2 : 1;
	void *pages = heap_pages_alloc(&pool_system, order);
	char *va = pages ? vmap(heap_va_to_hpa(pages), size, HV_RW) : NULL;

	static_assert(CPU_STACK_SIZE == PAGE_SIZE << 2, "order 2");
	static_assert(CPU_EMERGENCY_SIZE == PAGE_SIZE << 1, "order 1");
	return va ? va + size : NULL;
}

int cpu_alloc_stacks(struct pcpu *p)
{
	p->arch->stack_top = alloc_stack(CPU_STACK_SIZE);
	p->arch->emergency_top = alloc_stack(CPU_EMERGENCY_SIZE);
	return p->arch->stack_top && p->arch->emergency_top ? 0 : -ENOMEM;
}

struct pcpu *cpu_new(u32 id, u64 mpidr)
{
	struct pcpu *p = heap_new(&pool_system, struct pcpu);
	struct arch_pcpu *a = heap_new(&pool_system, struct arch_pcpu);

	if (!p || !a) {
		return NULL;
	}
	pcpu_init(p, id);
	p->arch = a;
	a->mpidr = mpidr;
	if (cpu_alloc_stacks(p)) {
		return NULL;
	}
	paging_windows_init(p);
	return p;
}

struct stack {
	u64 top, size;
};

static struct stack stack_of(u64 sp)
{
	extern char boot_stack[], boot_stack_top[];
	const struct arch_pcpu *a = this_arch_pcpu();
	const struct stack stacks[] = {
		{ (u64)a->stack_top, CPU_STACK_SIZE },
		{ (u64)a->emergency_top, CPU_EMERGENCY_SIZE },
		{ this_pcpu() == &boot_pcpu ? (u64)boot_stack_top : 0,
			(u64)(boot_stack_top - boot_stack) },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(stacks); i++) {
		/* The page below the stack is its guard. */
		if (stacks[i].top && stacks[i].top - sp - 1 < stacks[i].size + PAGE_SIZE) {
			return stacks[i];
		}
	}
	return (struct stack){ 0, 0 };
}

u64 cpu_stack_top(u64 sp)
{
	struct stack s = stack_of(sp);

	return s.top - sp <= s.size ? s.top : 0;
}

bool cpu_stack_guard(u64 va)
{
	struct stack s = stack_of(va);

	return s.top && s.top - va > s.size;
}
