/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The Arm part of domains and vCPUs: creation, loading, start states, events, and the TLB entries
 * of their stage 2. Everything of EL1 is switched here and only here.
 */
#include "arch/arm/vcpu.h"

#include "arch/arm/cpu.h"
#include "arch/arm/guest_layout.h"
#include "arch/arm/id_regs.h"
#include "arch/arm/inject.h"
#include "arch/arm/s2_lpae.h"
#include "arch/arm/s2_machine.h"
#include "arch/arm/sysreg.h"
#include "arch/arm/vgic/vgic.h"
#include "arch/arm/vtimer.h"
#include "arch/contract/cpu.h"
#include "arch/contract/guest.h"
#include "core/log.h"
#include "core/param.h"
#include "lib/bitmap.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/guest.h"
#include "mm/heap.h"

/* HCR_EL2 (DDI 0487, D17.2.48). */
#define HCR_VM BIT64(0)
#define HCR_SWIO BIT64(1)
#define HCR_PTW BIT64(2)
#define HCR_FMO BIT64(3)
#define HCR_IMO BIT64(4)
#define HCR_AMO BIT64(5)
#define HCR_VSE BIT64(8)
#define HCR_FB BIT64(9)
#define HCR_BSU_INNER BIT64(10)
#define HCR_TWI BIT64(13)
#define HCR_TWE BIT64(14)
#define HCR_TID3 BIT64(18)
#define HCR_TSC BIT64(19)
#define HCR_TIDCP BIT64(20)
#define HCR_TACR BIT64(21)
#define HCR_TSW BIT64(22)
#define HCR_RW BIT64(31)
#define HCR_TLOR BIT64(35)
#define HCR_TERR BIT64(36)

/* What a vCPU does on another vCPU's CPU, or on its own last week, counts there: TLB maintenance
 * is broadcast (FB), barriers reach as far (BSU). */
#define HCR_GUEST                                                                             \
	(HCR_VM | HCR_SWIO | HCR_PTW | HCR_FMO | HCR_IMO | HCR_AMO | HCR_FB | HCR_BSU_INNER | \
		HCR_TID3 | HCR_TSC | HCR_TIDCP | HCR_TACR | HCR_TSW | HCR_TLOR | HCR_TERR)
#define HCR_WAITS (HCR_TWI | HCR_TWE)

/* MDCR_EL2 (D17.3.16): debug, performance and trace registers are not for guests. */
#define MDCR_TRAPS (BIT64(19) | BIT64(14) | BIT64(11) | BIT64(10) | BIT64(9) | BIT64(6) | BIT64(5))
/* CPTR_EL2: activity monitors. */
#define CPTR_TAM BIT64(30)

#define VTTBR_VMID_SHIFT 48

static bool native_wfi;

/* vwfi=native: WFI and WFE of guests do not exit; for vCPUs that have their CPUs for themselves. */
static int parse_vwfi(const char *value)
{
	if (value && strcmp(value, "native") == 0) {
		native_wfi = true;
	} else if (value && strcmp(value, "trap") == 0) {
		native_wfi = false;
	} else {
		return -EINVAL;
	}
	return 0;
}
PARAM(vwfi, "vwfi", parse_vwfi);

/* --- stage 2 --- */

static struct s2_machine machine;

int vcpu_probe(const char **why)
{
	unsigned int granule = (unsigned int)field_get(
		mask64(31, 28), sysreg_read(id_aa64mmfr0_el1)); /* TGran4 */

	if (granule == 0xf) {
		*why = "the CPU has no pages of 4 KiB";
		return -ENODEV;
	}
	machine = s2_machine(cpu_features.pa_bits, cpu_features.vmid_bits);
	id_regs_read(cpu_features.pa_bits);
	return 0;
}

const struct s2_fmt *arch_s2_fmt(void)
{
	return &s2_lpae;
}

unsigned int arch_s2_levels(void)
{
	return machine.levels;
}

unsigned int arch_s2_root_order(void)
{
	return machine.root_order;
}

unsigned int arch_s2_leaf_max(void)
{
	return 3;
}

/* More pages than this are not worth one instruction each. */
#define FLUSH_PAGES 64

/* TLB maintenance is by the VMID that is set, and heard by all CPUs: nobody has to leave a guest.
 * Translations of both stages together have no IPA: all of the guest's own go (D8.13.5). */
void arch_s2_flush(struct domain *d, gfn_t start, u64 count)
{
	u64 loaded = sysreg_read(vttbr_el2), other = d->arch ? d->arch->vttbr : 0;

	if (other == 0) {
		return; /* it has never had a vCPU */
	}
	dsb(ishst);
	if (loaded != other) {
		sysreg_write(vttbr_el2, other);
		isb();
	}
	if (count == 0 || count > FLUSH_PAGES) {
		__asm__ volatile("tlbi vmalls12e1is" : : : "memory");
	} else {
		for (u64 i = 0; i < count; i++) {
			__asm__ volatile("tlbi ipas2e1is, %0" : : "r"(start.v + i) : "memory");
		}
		dsb(ish);
		__asm__ volatile("tlbi vmalle1is" : : : "memory");
	}
	dsb(ish);
	isb();
	if (loaded != other) {
		sysreg_write(vttbr_el2, loaded);
		isb();
	}
}

/* --- VMIDs --- */

/* 0 is nobody's: what runs with no vCPU loaded. */
#define VMIDS 65536

static BITMAP(vmids, VMIDS) = { 1 };

/* 0: all are in use. */
static u16 vmid_alloc(void)
{
	size_t limit = BIT64(cpu_features.vmid_bits), id;

	do {
		id = bitmap_find_first_zero(vmids, limit);
		if (id >= limit) {
			return 0;
		}
	} while (bitmap_test_and_set_atomic(vmids, id));
	return (u16)id;
}

/* --- loading --- */

/* fp.S */
void fp_save(struct arm_vectors *v);
void fp_load(const struct arm_vectors *v);

static void context_load(const struct arm_context *c)
{
	sysreg_write(sp_el0, c->sp_el0);
	sysreg_write(sp_el1, c->sp_el1);
	sysreg_write(elr_el1, c->elr_el1);
	sysreg_write(spsr_el1, c->spsr_el1);
	sysreg_write(sctlr_el1, c->sctlr);
	sysreg_write(cpacr_el1, c->cpacr);
	sysreg_write(ttbr0_el1, c->ttbr0);
	sysreg_write(ttbr1_el1, c->ttbr1);
	sysreg_write(tcr_el1, c->tcr);
	sysreg_write(esr_el1, c->esr);
	sysreg_write(far_el1, c->far);
	sysreg_write(afsr0_el1, c->afsr0);
	sysreg_write(afsr1_el1, c->afsr1);
	sysreg_write(mair_el1, c->mair);
	sysreg_write(amair_el1, c->amair);
	sysreg_write(vbar_el1, c->vbar);
	sysreg_write(contextidr_el1, c->contextidr);
	sysreg_write(tpidr_el0, c->tpidr_el0);
	sysreg_write(tpidrro_el0, c->tpidrro_el0);
	sysreg_write(tpidr_el1, c->tpidr_el1);
	sysreg_write(par_el1, c->par);
	sysreg_write(csselr_el1, c->csselr);
	sysreg_write(cntkctl_el1, c->cntkctl);
}

static void context_save(struct arm_context *c)
{
	c->sp_el0 = sysreg_read(sp_el0);
	c->sp_el1 = sysreg_read(sp_el1);
	c->elr_el1 = sysreg_read(elr_el1);
	c->spsr_el1 = sysreg_read(spsr_el1);
	c->sctlr = sysreg_read(sctlr_el1);
	c->cpacr = sysreg_read(cpacr_el1);
	c->ttbr0 = sysreg_read(ttbr0_el1);
	c->ttbr1 = sysreg_read(ttbr1_el1);
	c->tcr = sysreg_read(tcr_el1);
	c->esr = sysreg_read(esr_el1);
	c->far = sysreg_read(far_el1);
	c->afsr0 = sysreg_read(afsr0_el1);
	c->afsr1 = sysreg_read(afsr1_el1);
	c->mair = sysreg_read(mair_el1);
	c->amair = sysreg_read(amair_el1);
	c->vbar = sysreg_read(vbar_el1);
	c->contextidr = sysreg_read(contextidr_el1);
	c->tpidr_el0 = sysreg_read(tpidr_el0);
	c->tpidrro_el0 = sysreg_read(tpidrro_el0);
	c->tpidr_el1 = sysreg_read(tpidr_el1);
	c->par = sysreg_read(par_el1);
	c->csselr = sysreg_read(csselr_el1);
	c->cntkctl = sysreg_read(cntkctl_el1);
}

/* Registers that exist only where EL1 can be AArch32. */
static void context32_load(const struct arm_context *c)
{
	sysreg_write(spsr_abt, c->spsr_abt);
	sysreg_write(spsr_und, c->spsr_und);
	sysreg_write(spsr_irq, c->spsr_irq);
	sysreg_write(spsr_fiq, c->spsr_fiq);
	sysreg_write(dacr32_el2, c->dacr32);
	sysreg_write(ifsr32_el2, c->ifsr32);
	sysreg_write(s3_4_c5_c3_0, c->fpexc32); /* FPEXC32_EL2 */
}

static void context32_save(struct arm_context *c)
{
	c->spsr_abt = sysreg_read(spsr_abt);
	c->spsr_und = sysreg_read(spsr_und);
	c->spsr_irq = sysreg_read(spsr_irq);
	c->spsr_fiq = sysreg_read(spsr_fiq);
	c->dacr32 = sysreg_read(dacr32_el2);
	c->ifsr32 = sysreg_read(ifsr32_el2);
	c->fpexc32 = sysreg_read(s3_4_c5_c3_0);
}

/* vCPUs of a domain share its VMID, and may use one ASID for different address spaces: a CPU
 * forgets what another one of them left. */
static void flush_if_other_ran(const struct vcpu *v)
{
	u16 *last = &v->domain->arch->last_vcpu[this_pcpu()->id];

	if (*last != v->id) {
		*last = (u16)v->id;
		__asm__ volatile("tlbi vmalle1" : : : "memory");
		dsb(nsh);
	}
}

void arch_vcpu_load(struct vcpu *v)
{
	struct arch_vcpu *a = v->arch;

	context_load(&a->context);
	if (v->domain->arch->aarch32) {
		context32_load(&a->context);
	}
	if (cpu_features.fp) {
		fp_load(&a->vectors);
	}
	sysreg_write(vmpidr_el2, a->vmpidr);
	sysreg_write(vttbr_el2, v->domain->arch->vttbr);
	sysreg_write(hcr_el2, a->hcr);
	isb();
	flush_if_other_ran(v);
	vgic_load(v);
	vtimer_load(v);
}

void arch_vcpu_unload(struct vcpu *v)
{
	struct arch_vcpu *a = v->arch;

	vtimer_unload(v);
	vgic_unload(v);
	/* The CPU clears VSE when the guest has taken it. */
	a->hcr = (a->hcr & ~HCR_VSE) | (sysreg_read(hcr_el2) & HCR_VSE);
	context_save(&a->context);
	if (v->domain->arch->aarch32) {
		context32_save(&a->context);
	}
	if (cpu_features.fp) {
		fp_save(&a->vectors);
	}
	sysreg_write(vttbr_el2, 0);
	isb();
}

/* --- events --- */

void arch_vcpu_event(struct vcpu *v)
{
	vgic_pulse(v->domain, v, v->domain->arch->evtchn_irq);
}

/* As WFI has it, and Xen: what the guest keeps out by PSTATE.I counts. Timers come as
 * interrupts. */
bool arch_vcpu_has_event(struct vcpu *v)
{
	return vgic_has_pending(v);
}

/* --- start states --- */

#define SCTLR_RESET 0x00c50078 /* MMU and caches off; SCTLR_GUEST_INIT of xen/arch-arm.h */
#define PSTATE_RESET64 (PSTATE_DAIF | MODE_EL1H)
#define PSTATE_RESET32 (mask64(8, 6) | MODE_SVC32)
#define MPIDR_RES1 BIT64(31)
#define CLUSTER_VCPUS 16 /* as many as an SGI of GICv3 reaches at once */

static u64 hcr_of(const struct domain *d)
{
	return HCR_GUEST | (d->arch->native_wfi ? 0 : HCR_WAITS) | (d->arch->aarch32 ? 0 : HCR_RW);
}

void vcpu_reset(struct vcpu *v, u64 pc, u64 x0)
{
	struct arch_vcpu *a = v->arch;
	bool a32 = v->domain->arch->aarch32;

	memset(&a->regs, 0, sizeof(a->regs));
	memset(&a->context, 0, sizeof(a->context));
	memset(&a->vectors, 0, sizeof(a->vectors));
	a->regs.x[0] = x0;
	a->regs.pc = pc;
	a->regs.pstate = PSTATE_RESET64;
	if (a32) {
		a->regs.pc = (u32)pc & ~1U;
		a->regs.pstate = PSTATE_RESET32 | (pc & 1 ? PSTATE_T32 : 0);
	}
	a->context.sctlr = SCTLR_RESET;
	a->hcr = hcr_of(v->domain);
	vgic_vcpu_reset(v);
	vtimer_reset(v);
}

/* --- unit --- */

static void arm_domain_destroy(struct domain *d)
{
	struct arch_domain *a = d->arch;

	if (a->vmid != 0) {
		arch_s2_flush(d, GFN(0), 0);
		bitmap_clear_atomic(vmids, a->vmid);
	}
	heap_free(&d->pool, a->last_vcpu);
	heap_free(&d->pool, a);
	d->arch = NULL;
}

static int arm_domain_create(struct domain *d, const struct domain_desc *desc)
{
	struct arch_domain *a = heap_new(&d->pool, struct arch_domain);

	if (!a) {
		return -ENOMEM;
	}
	d->arch = a;
	a->last_vcpu = heap_alloc(&d->pool, MAX_PCPUS * sizeof(*a->last_vcpu));
	a->vmid = a->last_vcpu ? vmid_alloc() : 0;
	if (a->vmid == 0) {
		int rc = a->last_vcpu ? -EBUSY : -ENOMEM;

		arm_domain_destroy(d);
		return rc;
	}
	memset(a->last_vcpu, 0xff, MAX_PCPUS * sizeof(*a->last_vcpu));
	a->vttbr = (u64)a->vmid << VTTBR_VMID_SHIFT | d->s2->root_pa.v;
	a->vtcr = machine.vtcr;
	a->evtchn_irq = LAYOUT_GUEST_EVTCHN_PPI;
	a->native_wfi = native_wfi;
	return 0;
}

static int arm_vcpu_create(struct vcpu *v)
{
	v->arch = heap_new(&v->domain->pool, struct arch_vcpu);
	if (!v->arch) {
		return -ENOMEM;
	}
	v->arch->vmpidr = MPIDR_RES1 | (v->id / CLUSTER_VCPUS) << 8 | v->id % CLUSTER_VCPUS;
	v->arch->context.sctlr = SCTLR_RESET;
	v->arch->hcr = hcr_of(v->domain);
	return 0;
}

static void arm_vcpu_destroy(struct vcpu *v)
{
	heap_free(&v->domain->pool, v->arch);
	v->arch = NULL;
}

static int arm_cpu_up(struct pcpu *p)
{
	sysreg_write(vtcr_el2, machine.vtcr);
	sysreg_write(vpidr_el2, cpu_features.midr);
	sysreg_write(mdcr_el2, sysreg_read(mdcr_el2) | MDCR_TRAPS);
	sysreg_write(cptr_el2, sysreg_read(cptr_el2) | CPTR_TAM);
	isb();
	/* Whatever ran before us. */
	__asm__ volatile("tlbi alle1" : : : "memory");
	dsb(nsh);
	isb();
	return 0;
}

const struct unit arm_unit = {
	.name = "arm",
	.cpu_up = arm_cpu_up,
	.domain_create = arm_domain_create,
	.domain_destroy = arm_domain_destroy,
	.vcpu_create = arm_vcpu_create,
	.vcpu_destroy = arm_vcpu_destroy,
};

/* --- debugging --- */

#define BACKTRACE_MAX 16

/* Frame records of AArch64, as far as they rise and are there. */
static void dump_backtrace(struct vcpu *v)
{
	u64 record[2], fp = v->arch->regs.x[29];

	for (unsigned int i = 0; i < BACKTRACE_MAX; i++) {
		if (fp % sizeof(u64) != 0 || guest_read(v, fp, record, sizeof(record)) != 0) {
			return;
		}
		log_dump("  called from %016llx", (unsigned long long)record[1]);
		if (record[0] <= fp) {
			return;
		}
		fp = record[0];
	}
}

void arch_vcpu_dump(struct vcpu *v)
{
	const struct arm_regs *r = v->arch ? &v->arch->regs : NULL;
	bool loaded = this_pcpu()->current == v;
	struct arm_context *c;

	if (!r) {
		return;
	}
	c = &v->arch->context;
	if (loaded) {
		context_save(c);
	}
	log_dump("d%uv%u: pc %016llx pstate %08llx hold %x pending %x", v->domain->id, v->id,
		(unsigned long long)r->pc, (unsigned long long)r->pstate, v->hold, v->pending);
	for (unsigned int i = 0; i < 30; i += 3) {
		log_dump("  x%-2u %016llx x%-2u %016llx x%-2u %016llx", i,
			(unsigned long long)r->x[i], i + 1, (unsigned long long)r->x[i + 1], i + 2,
			(unsigned long long)r->x[i + 2]);
	}
	log_dump("  x30 %016llx sp_el0 %016llx sp_el1 %016llx", (unsigned long long)r->x[30],
		(unsigned long long)c->sp_el0, (unsigned long long)c->sp_el1);
	log_dump("  elr %016llx spsr %08llx esr %08llx far %016llx", (unsigned long long)c->elr_el1,
		(unsigned long long)c->spsr_el1, (unsigned long long)c->esr,
		(unsigned long long)c->far);
	log_dump("  sctlr %08llx tcr %016llx ttbr0 %016llx ttbr1 %016llx vbar %016llx",
		(unsigned long long)c->sctlr, (unsigned long long)c->tcr,
		(unsigned long long)c->ttbr0, (unsigned long long)c->ttbr1,
		(unsigned long long)c->vbar);
	if (loaded && !(r->pstate & PSTATE_A32)) {
		dump_backtrace(v);
	}
}
