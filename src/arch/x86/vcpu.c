/* SPDX-License-Identifier: GPL-2.0-only */
/* The x86 part of domains and vCPUs: creation, loading, start states, events. */
#include "arch/x86/vcpu.h"

#include "arch/contract/cpu.h"
#include "arch/contract/guest.h"
#include "arch/x86/asm.h"
#include "arch/x86/cpu.h"
#include "arch/x86/cpu_bits.h"
#include "arch/x86/msr.h"
#include "arch/x86/policy.h"
#include "arch/x86/s2_npt.h"
#include "arch/x86/unit.h"
#include "arch/x86/vdev/lapic.h"
#include "arch/x86/vdev/ports.h"
#include "arch/x86/vector.h"
#include "comm/evtchn.h"
#include "core/log.h"
#include "core/unit.h"
#include "lib/errno.h"
#include "lib/xen_public.h"
#include <xen/arch-x86/cpufeatureset.h>
#include "lib/string.h"
#include "mm/heap.h"

const struct vendor_ops *vendor = &svm_ops;

#define IO_BITMAP_ORDER 2 /* 64 Ki bits and the few that an access at 0xffff touches */

static bool wants_tsc_aux(const struct vcpu *v)
{
	const struct x86_policy *p = v->domain->arch->policy;

	return policy_has(p, XEN_X86_FEATURE_RDTSCP) || policy_has(p, XEN_X86_FEATURE_RDPID);
}

/* DR6 and DR7 are the control block's; with DR7 as an exit leaves it the hypervisor meets none. */
static void debug_load(const struct arch_vcpu *a)
{
	write_dr0(a->dr[0]);
	write_dr1(a->dr[1]);
	write_dr2(a->dr[2]);
	write_dr3(a->dr[3]);
}

static void debug_save(struct arch_vcpu *a)
{
	a->dr[0] = read_dr0();
	a->dr[1] = read_dr1();
	a->dr[2] = read_dr2();
	a->dr[3] = read_dr3();
}

void arch_vcpu_load(struct vcpu *v)
{
	vector_load(v);
	debug_load(v->arch);
	if (wants_tsc_aux(v)) {
		wrmsr(MSR_TSC_AUX, v->arch->tsc_aux);
	}
	if (vendor->load) {
		vendor->load(v);
	}
}

void arch_vcpu_unload(struct vcpu *v)
{
	if (vendor->unload) {
		vendor->unload(v);
	}
	debug_save(v->arch);
	vector_save(v);
}

/* --- stage 2 --- */

const struct s2_fmt *arch_s2_fmt(void)
{
	return &s2_npt;
}

unsigned int arch_s2_levels(void)
{
	return 4;
}

unsigned int arch_s2_root_order(void)
{
	return 0;
}

unsigned int arch_s2_leaf_max(void)
{
	return cpu_features.page1gb ? 3 : 2;
}

/*
 * A CPU that is in guest mode is made to leave it, which needs no lock, so waiting under one is
 * safe; one that is not sees the pending bit before it enters again.
 */
void arch_s2_flush(struct domain *d, gfn_t start, u64 count)
{
	struct vcpu *v;

	for_each_vcpu(d, v) {
		vcpu_set_pending(v, VCPU_PENDING_FLUSH);
	}
	for_each_vcpu(d, v) {
		struct pcpu *p = __atomic_load_n(&v->cpu, __ATOMIC_SEQ_CST);

		while (p && p != this_pcpu() && READ_ONCE(p->current) == v &&
			__atomic_load_n(&p->in_guest, __ATOMIC_SEQ_CST) &&
			(__atomic_load_n(&v->pending, __ATOMIC_SEQ_CST) &
				BIT32(VCPU_PENDING_FLUSH))) {
			arch_cpu_relax();
		}
	}
}

/* --- events --- */

void arch_vcpu_event(struct vcpu *v)
{
	if (v->arch->upcall_vector) {
		lapic_request(v, v->arch->upcall_vector, false);
	} else {
		vcpu_set_pending(v, VCPU_PENDING_EVENT);
	}
}

/* As on Xen, what the guest keeps out by RFLAGS.IF does not count. */
bool arch_vcpu_has_event(struct vcpu *v)
{
	bool callback = v->domain->arch->callback_vector && !v->arch->upcall_vector;

	if (v->arch->nmi_pending) {
		return true;
	}
	return vendor->can_interrupt(v) &&
	       (lapic_has_event(v) || (callback && evtchn_upcall_pending(v)));
}

/* --- start states --- */

/* After power-on, but for the general registers (APM vol. 2, 14.1.3). */
void vcpu_context_reset(struct x86_context *c)
{
	struct x86_seg data = { .attr = X86_SEG_P | X86_SEG_S | X86_SEG_WRITABLE | X86_SEG_ACCESSED,
		.limit = 0xffff };

	memset(c, 0, sizeof(*c));
	c->cr0 = X86_CR0_ET | X86_CR0_CD | X86_CR0_NW;
	c->regs.rflags = X86_EFLAGS_FIXED;
	for (unsigned int i = 0; i < X86_SEG_COUNT; i++) {
		c->seg[i] = data;
	}
	c->seg[SEG_CS].attr |= X86_SEG_CODE;
	c->tr = (struct x86_seg){ .attr = X86_SEG_P | 0xb, .limit = 0xffff };
	c->ldtr = (struct x86_seg){ .attr = X86_SEG_P | 0x2, .limit = 0xffff };
	c->gdt_limit = c->idt_limit = 0xffff;
}

void vcpu_init_sipi(struct vcpu *v, u8 vector)
{
	struct x86_context c;

	vcpu_context_reset(&c);
	c.seg[SEG_CS].sel = (u16)(vector << 8);
	c.seg[SEG_CS].base = (u64)vector << 12;
	v->arch->nmi_pending = v->arch->nmi_blocked = false;
	v->arch->nmi_at_iret = v->arch->nmi_step = false;
	v->arch->initialised = true;
	v->arch->mtrr.def_type = MTRR_DEF_ENABLE | 6;
	vendor->set_context(v, &c);
	vcpu_release(v, VCPU_HOLD_DOWN);
}

/* --- unit --- */

static int x86_domain_create(struct domain *d, const struct domain_desc *desc)
{
	d->arch = heap_new(&d->pool, struct arch_domain);
	if (!d->arch) {
		return -ENOMEM;
	}
	d->arch->io_bitmap = heap_pages_alloc(&d->pool, IO_BITMAP_ORDER);
	d->arch->policy = policy_create(d);
	if (!d->arch->io_bitmap || !d->arch->policy) {
		x86_unit.domain_destroy(d);
		return -ENOMEM;
	}
	memset(d->arch->io_bitmap, 0xff, PAGE_SIZE << IO_BITMAP_ORDER);
	if (d->hardware) {
		ports_setup_hardware_domain(d);
	}
	return 0;
}

static void x86_domain_destroy(struct domain *d)
{
	if (d->arch->io_bitmap) {
		heap_pages_free(&d->pool, d->arch->io_bitmap, IO_BITMAP_ORDER);
	}
	heap_free(&d->pool, d->arch->memory_map);
	policy_destroy(d);
	heap_free(&d->pool, d->arch);
	d->arch = NULL;
}

static int x86_vcpu_create(struct vcpu *v)
{
	struct x86_context c;
	int rc;

	v->arch = heap_new(&v->domain->pool, struct arch_vcpu);
	if (!v->arch) {
		return -ENOMEM;
	}
	rc = vector_create(v);
	if (!rc) {
		rc = vendor->vcpu_create(v);
	}
	if (rc) {
		vector_destroy(v);
		heap_free(&v->domain->pool, v->arch);
		v->arch = NULL;
		return rc;
	}
	v->arch->mtrr.def_type = MTRR_DEF_ENABLE | 6; /* write-back */
	vcpu_context_reset(&c);
	vendor->set_context(v, &c);
	return 0;
}

static void x86_vcpu_destroy(struct vcpu *v)
{
	vendor->vcpu_destroy(v);
	vector_destroy(v);
	heap_free(&v->domain->pool, v->arch);
	v->arch = NULL;
}

static int x86_cpu_up(struct pcpu *p)
{
	return vendor->cpu_up(p);
}

const struct unit x86_unit = {
	.name = "x86",
	.cpu_up = x86_cpu_up,
	.domain_create = x86_domain_create,
	.domain_destroy = x86_domain_destroy,
	.vcpu_create = x86_vcpu_create,
	.vcpu_destroy = x86_vcpu_destroy,
};

/* --- debugging --- */

static void dump_segment(const char *name, const struct x86_seg *s)
{
	log_dump("  %s %04x base %016llx limit %08x attr %03x", name, s->sel,
		(unsigned long long)s->base, s->limit, s->attr);
}

void arch_vcpu_dump(struct vcpu *v)
{
	static const char *const seg_names[] = { "es", "cs", "ss", "ds", "fs", "gs" };
	struct x86_context c;
	const u64 *g = c.regs.gpr;

	if (!v->arch) {
		return;
	}
	vendor->get_context(v, &c);
	log_dump("d%uv%u: rip %016llx rflags %08llx hold %x pending %x", v->domain->id, v->id,
		(unsigned long long)c.regs.rip, (unsigned long long)c.regs.rflags, v->hold,
		v->pending);
	for (unsigned int i = 0; i < X86_REG_COUNT; i += 4) {
		log_dump("  r%-2u %016llx %016llx %016llx %016llx", i, (unsigned long long)g[i],
			(unsigned long long)g[i + 1], (unsigned long long)g[i + 2],
			(unsigned long long)g[i + 3]);
	}
	log_dump("  cr0 %08llx cr2 %016llx cr3 %016llx cr4 %08llx efer %04llx",
		(unsigned long long)c.cr0, (unsigned long long)vendor->get_cr(v, 2),
		(unsigned long long)c.cr3, (unsigned long long)c.cr4, (unsigned long long)c.efer);
	for (unsigned int i = 0; i < X86_SEG_COUNT; i++) {
		dump_segment(seg_names[i], &c.seg[i]);
	}
	lapic_dump(v);
}
