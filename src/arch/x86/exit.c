/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The dispatcher: what happens between one exit of a guest and its next entry. The only place that
 * advances the guest's PC, injects events, blocks a vCPU or crashes a domain for its exit.
 *
 *   svm.S ─▶ svm.c (decode) ─▶ exit.c ─▶ exit_*.c (handle) ─▶ exit.c ─▶ svm.c (enter)
 */
#include "arch/x86/exit.h"

#include "abi/vtime.h"
#include "arch/contract/cpu.h"
#include "arch/x86/asm.h"
#include "arch/x86/cpu.h"
#include "arch/x86/cpu_bits.h"
#include "arch/x86/paging.h"
#include "arch/x86/vcpu.h"
#include "arch/x86/vdev/lapic.h"
#include "comm/evtchn.h"
#include "core/log.h"

enum exit_result exit_inject(struct vm_exit *e, u8 vector)
{
	e->inject.vector = vector;
	e->inject.has_error = false;
	return EXIT_INJECT;
}

enum exit_result exit_inject_error(struct vm_exit *e, u8 vector, u32 error)
{
	e->inject.vector = vector;
	e->inject.has_error = true;
	e->inject.error = error;
	return EXIT_INJECT;
}

/* --- handlers of one line --- */

static enum exit_result exit_none(struct vcpu *v, struct vm_exit *e)
{
	return EXIT_DONE;
}

static enum exit_result exit_window(struct vcpu *v, struct vm_exit *e)
{
	__atomic_fetch_or(&v->pending, BIT32(VCPU_PENDING_EVENT), __ATOMIC_RELAXED);
	return EXIT_DONE;
}

static enum exit_result exit_wbinvd(struct vcpu *v, struct vm_exit *e)
{
	/* Caches are coherent; only a domain with devices can tell the difference. */
	if (v->domain->hardware) {
		__asm__ volatile("wbinvd" : : : "memory");
	}
	return EXIT_SKIP;
}

static enum exit_result exit_invalid_insn(struct vcpu *v, struct vm_exit *e)
{
	return exit_inject(e, X86_EXC_UD);
}

/*
 * Exceptions are intercepted only where the CPU could loop in their delivery (#DB, #AC: an
 * endless stream that no interrupt breaks into) or where they are the host's (#MC).
 */
static enum exit_result exit_exception(struct vcpu *v, struct vm_exit *e)
{
	e->inject.cr2 = 0;
	if (e->exception.vector == X86_EXC_MC) {
		traps_machine_check(); /* the exit has taken it: it comes no second time */
	}
	if (e->exception.vector == X86_EXC_DB && v->arch->nmi_step) {
		v->arch->nmi_step = false;
		return exit_window(v, e);
	}
	if (X86_EXC_HAS_ERROR & BIT32(e->exception.vector)) {
		return exit_inject_error(e, e->exception.vector, e->exception.error);
	}
	return exit_inject(e, e->exception.vector);
}

static enum exit_result exit_shutdown(struct vcpu *v, struct vm_exit *e)
{
	log_guest("d%uv%u: triple fault at %#llx", v->domain->id, v->id,
		(unsigned long long)v->arch->regs.rip);
	return EXIT_CRASH;
}

static enum exit_result exit_unknown(struct vcpu *v, struct vm_exit *e)
{
	log_guest("d%uv%u: %s, code %#llx at %#llx", v->domain->id, v->id,
		e->kind == EXIT_KIND_BAD_STATE ? "the CPU refuses the guest's state"
					       : "exit that has no handler",
		(unsigned long long)e->reason, (unsigned long long)v->arch->regs.rip);
	return EXIT_CRASH;
}

static exit_fn *const handlers[EXIT_KINDS] = {
	[EXIT_KIND_NONE] = exit_none,
	[EXIT_KIND_WINDOW] = exit_window,
	[EXIT_KIND_CPUID] = exit_cpuid,
	[EXIT_KIND_RDMSR] = exit_rdmsr,
	[EXIT_KIND_WRMSR] = exit_wrmsr,
	[EXIT_KIND_IO] = exit_io,
	[EXIT_KIND_HYPERCALL] = exit_hypercall,
	[EXIT_KIND_HLT] = exit_hlt,
	[EXIT_KIND_S2_FAULT] = exit_s2_fault,
	[EXIT_KIND_CR_WRITE] = exit_cr_write,
	[EXIT_KIND_XSETBV] = exit_xsetbv,
	[EXIT_KIND_WBINVD] = exit_wbinvd,
	[EXIT_KIND_INVALID_INSN] = exit_invalid_insn,
	[EXIT_KIND_EXCEPTION] = exit_exception,
	[EXIT_KIND_SHUTDOWN] = exit_shutdown,
	[EXIT_KIND_BAD_STATE] = exit_unknown,
	[EXIT_KIND_UNKNOWN] = exit_unknown,
};

/* --- acting on the answer --- */

static void queue_event(struct vcpu *v, u8 type, u8 vector, bool has_error, u32 error)
{
	v->arch->event = (struct x86_event){
		.valid = true,
		.type = type,
		.vector = vector,
		.has_error = has_error,
		.error = error,
	};
}

static void inject_exception(struct vcpu *v, const struct vm_exit *e)
{
	if (e->inject.vector == X86_EXC_PF) {
		vendor->set_cr(v, 2, e->inject.cr2);
	}
	/* An event that the exit interrupted is lost only to a second exception, which the CPU
	 * would have turned into a double fault: the guest's own doing either way. */
	queue_event(v, EVENT_EXCEPTION, e->inject.vector, e->inject.has_error, e->inject.error);
}

static void advance(struct vcpu *v, const struct vm_exit *e)
{
	struct x86_regs *r = &v->arch->regs;

	r->rip += e->insn_len;
	vendor->clear_shadow(v);
	if (unlikely(r->rflags & (X86_EFLAGS_TF | X86_EFLAGS_RF))) {
		r->rflags &= ~X86_EFLAGS_RF;
		if (r->rflags & X86_EFLAGS_TF) {
			queue_event(v, EVENT_EXCEPTION, X86_EXC_DB, false, 0);
		}
	}
}

static void finish(struct vcpu *v, struct vm_exit *e, enum exit_result result)
{
	switch (result) {
	case EXIT_SKIP:
		advance(v, e);
		break;
	case EXIT_DONE:
	case EXIT_RETRY:
		break;
	case EXIT_INJECT:
		inject_exception(v, e);
		break;
	case EXIT_BLOCK:
		advance(v, e);
		vcpu_block(v);
		break;
	case EXIT_CRASH:
		domain_crash(v->domain, v, "fatal exit");
		break;
	}
}

/* --- before the entry --- */

static bool deliver_nmi(struct vcpu *v)
{
	if (!v->arch->nmi_pending) {
		return false;
	}
	if (!vendor->can_nmi(v)) {
		if (v->arch->nmi_at_iret && !v->arch->nmi_step) {
			/* The trap comes when IRET is done, and IRET puts the flags right. */
			v->arch->nmi_step = true;
			v->arch->regs.rflags |= X86_EFLAGS_TF;
		}
		return false;
	}
	v->arch->nmi_pending = false;
	v->arch->nmi_blocked = true;
	queue_event(v, EVENT_NMI, X86_EXC_NMI, false, 0);
	return true;
}

/* The vector that waits: events by vector come before the local APIC's, as on Xen. */
static u8 waiting_vector(struct vcpu *v, bool *from_lapic)
{
	u8 callback = v->domain->arch->callback_vector;

	*from_lapic = !(callback && evtchn_upcall_pending(v) && !v->arch->upcall_vector);
	return *from_lapic ? lapic_pending(v) : callback;
}

static void deliver_events(struct vcpu *v)
{
	bool from_lapic;
	u8 vector;

	lapic_set_tpr(v, vendor->get_tpr(v));
	if (!v->arch->event.valid && deliver_nmi(v)) {
		/* What else waits is looked at when the NMI is in. */
		exit_window(v, NULL);
		return;
	}
	vector = waiting_vector(v, &from_lapic);
	if (!vector) {
		u8 held = lapic_held_back(v);

		/* The guest may lower its priority (CR8) without an exit. */
		if (held) {
			vendor->request_window(v, held);
		}
		return;
	}
	if (v->arch->event.valid || !vendor->can_interrupt(v)) {
		vendor->request_window(v, vector);
		return;
	}
	if (from_lapic) {
		lapic_accept(v, vector);
	}
	queue_event(v, EVENT_INTERRUPT, vector, false, 0);
	if (lapic_pending(v)) {
		vendor->request_window(v, lapic_pending(v));
	}
}

static void take_reset(struct vcpu *v)
{
	u8 vector = 0;

	switch (lapic_take_reset(v, &vector)) {
	case LAPIC_RESET_INIT:
		lapic_reset(v); /* it is held down already */
		break;
	case LAPIC_RESET_STARTUP:
		vcpu_init_sipi(v, vector);
		break;
	case LAPIC_RESET_NONE:
		break;
	}
}

static void handle_pending(struct vcpu *v)
{
	u32 pending = __atomic_exchange_n(&v->pending, 0, __ATOMIC_SEQ_CST);

	if (pending & BIT32(VCPU_PENDING_RESET)) {
		take_reset(v);
	}
	if (pending & BIT32(VCPU_PENDING_FLUSH)) {
		vendor->flush(v);
	}
	if (pending & BIT32(VCPU_PENDING_TIME)) {
		vtime_update(v);
	}
	if (pending & BIT32(VCPU_PENDING_EVENT)) {
		deliver_events(v);
	}
}

/* Lets the host's interrupts in: no lock is held. */
static void interrupt_window(void)
{
	irq_enable();
	__asm__ volatile("nop");
	irq_disable();
	paging_flush_if_stale();
	if (unlikely(this_pcpu()->nmi_busy)) {
		traps_report_nmi();
	}
}

void arch_vcpu_run(struct vcpu *v)
{
	struct pcpu *p = this_pcpu();
	struct vm_exit e;

	for (;;) {
		if (__atomic_load_n(&v->pending, __ATOMIC_RELAXED)) {
			handle_pending(v);
		}
		if (__atomic_load_n(&p->work, __ATOMIC_RELAXED) |
			__atomic_load_n(&v->hold, __ATOMIC_RELAXED)) {
			return;
		}
		if (!vendor->enter(v)) {
			continue;
		}
		vendor->decode(v, &e);
		if (e.kind == EXIT_KIND_NONE) {
			interrupt_window();
			continue;
		}
		finish(v, &e, handlers[e.kind](v, &e));
	}
}
