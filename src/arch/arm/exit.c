/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The dispatcher: what happens between one exit of a guest and its next entry. The only place that
 * advances the guest's PC, injects exceptions, blocks a vCPU or crashes a domain for its exit.
 *
 *   vectors.S ─▶ enter.S (save) ─▶ exit.c ─▶ exit_*.c (handle) ─▶ exit.c ─▶ enter.S (restore, eret)
 */
#include "arch/arm/exit.h"

#include "abi/vtime.h"
#include "arch/arm/asm_offsets.h"
#include "arch/arm/inject.h"
#include "arch/arm/irq.h"
#include "arch/arm/sysreg.h"
#include "arch/arm/vcpu.h"
#include "arch/arm/vgic/vgic.h"
#include "arch/contract/cpu.h"
#include "core/log.h"
#include "lib/bits.h"

static_assert(offsetof(struct arch_vcpu, regs) == 0, "enter.S");
static_assert(offsetof(struct arm_regs, x[30]) == VCPU_X30, "enter.S");
static_assert(offsetof(struct arm_regs, pc) == VCPU_PC, "enter.S");
static_assert(offsetof(struct arm_regs, pstate) == VCPU_PSTATE, "enter.S");

/* enter.S. Returns when exit_handle() has said no. */
void vcpu_enter(struct arch_vcpu *a, struct vcpu *v);
/* Called by enter.S. */
bool exit_handle(struct vcpu *v, unsigned int vector);

enum exit_result exit_undefined(struct vcpu *v, struct vm_exit *e)
{
	e->inject = INJECT_UNDEFINED;
	return EXIT_INJECT;
}

enum exit_result exit_external_abort(struct vm_exit *e, enum exit_inject kind)
{
	e->inject = (u8)kind;
	return EXIT_INJECT;
}

static enum exit_result exit_unknown(struct vcpu *v, struct vm_exit *e)
{
	log_guest("d%uv%u: exit that has no handler, syndrome %#x at %#llx", v->domain->id, v->id,
		e->esr, (unsigned long long)v->arch->regs.pc);
	return exit_undefined(v, e);
}

/* By exception class; others have no handler. */
static exit_fn *const handlers[ESR_CLASSES] = {
	[ESR_WFX] = exit_wfx,
	[ESR_CP15] = exit_cp15,
	[ESR_CP15_64] = exit_cp15_64,
	[ESR_CP14] = exit_cp14,
	[ESR_CP14_LDC] = exit_undefined,
	[ESR_CP10] = exit_cp10,
	[ESR_PAUTH] = exit_undefined,
	[ESR_CP14_64] = exit_cp14_64,
	[ESR_HVC32] = exit_hvc,
	[ESR_SMC32] = exit_smc,
	[ESR_HVC64] = exit_hvc,
	[ESR_SMC64] = exit_smc,
	[ESR_SYSREG] = exit_sysreg,
	[ESR_SVE] = exit_undefined,
	[ESR_FETCH_ABORT] = exit_fetch_abort,
	[ESR_DATA_ABORT] = exit_data_abort,
};

/* --- acting on the answer --- */

static __noinline void inject(struct vcpu *v, const struct vm_exit *e)
{
	struct arm_context c = {
		.sctlr = sysreg_read(sctlr_el1),
		.vbar = sysreg_read(vbar_el1),
		.far = sysreg_read(far_el1),
	};

	if (!v->domain->arch->aarch32) {
		c.esr = sysreg_read(esr_el1);
		inject_a64(&v->arch->regs, &c, e);
		sysreg_write(elr_el1, c.elr_el1);
		sysreg_write(spsr_el1, c.spsr_el1);
	} else {
		c.tcr = sysreg_read(tcr_el1);
		c.esr = sysreg_read(esr_el1);
		c.ifsr32 = sysreg_read(ifsr32_el2);
		c.spsr_und = sysreg_read(spsr_und);
		c.spsr_abt = sysreg_read(spsr_abt);
		inject_a32(&v->arch->regs, &c, e);
		sysreg_write(ifsr32_el2, c.ifsr32);
		sysreg_write(spsr_und, c.spsr_und);
		sysreg_write(spsr_abt, c.spsr_abt);
	}
	sysreg_write(esr_el1, c.esr);
	sysreg_write(far_el1, c.far);
}

static inline void advance(struct vcpu *v, const struct vm_exit *e)
{
	struct arm_regs *r = &v->arch->regs;

	if (esr_is_hvc(e->esr)) {
		return;
	}
	r->pc += esr_insn_len(e->esr);
	r->pstate = likely(!(r->pstate & PSTATE_A32)) ? r->pstate & ~PSTATE_SS
						      : inject_step_over(r->pstate);
}

/* To where the instruction is executed again, or faults. */
static void go_back(struct vcpu *v, const struct vm_exit *e)
{
	if (esr_is_hvc(e->esr)) {
		v->arch->regs.pc -= esr_insn_len(e->esr);
	}
}

static __noinline void finish(struct vcpu *v, struct vm_exit *e, enum exit_result result)
{
	switch (result) {
	case EXIT_SKIP:
		advance(v, e);
		break;
	case EXIT_DONE:
		break;
	case EXIT_RETRY:
		go_back(v, e);
		break;
	case EXIT_INJECT:
		go_back(v, e);
		inject(v, e);
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

/* --- the exits --- */

#define HCR_VSE BIT64(8)

void exit_inject_serror(struct vcpu *v)
{
	v->arch->hcr |= HCR_VSE;
	sysreg_write(hcr_el2, v->arch->hcr);
}

/* An instruction of AArch32 whose condition fails may trap all the same. */
static bool passes_condition(const struct vcpu *v, u32 esr)
{
	return esr_class(esr) >= 0x10 || inject_condition_holds(esr, v->arch->regs.pstate);
}

static inline void handle_sync(struct vcpu *v)
{
	struct vm_exit e;
	enum exit_result result;
	exit_fn *fn;

	e.esr = (u32)sysreg_read(esr_el2);
	if (likely(e.esr == EXIT_HYPERCALL_ESR)) {
		result = exit_hypercall(v);
		if (unlikely(result != EXIT_SKIP)) { /* there is nothing to skip: it is HVC */
			finish(v, &e, result);
		}
		return;
	}
	fn = handlers[esr_class(e.esr)];
	if (unlikely(v->arch->regs.pstate & PSTATE_A32) && !passes_condition(v, e.esr)) {
		result = EXIT_SKIP;
	} else {
		result = likely(fn != NULL) ? fn(v, &e) : exit_unknown(v, &e);
	}
	if (likely(result == EXIT_SKIP)) {
		advance(v, &e);
	} else {
		finish(v, &e, result);
	}
}

static __noinline void handle_async(struct vcpu *v, unsigned int vector)
{
	if (vector == EXIT_VECTOR_SERROR) {
		log_guest("d%uv%u: SError, syndrome %#llx at %#llx", v->domain->id, v->id,
			(unsigned long long)sysreg_read(esr_el2),
			(unsigned long long)v->arch->regs.pc);
		exit_inject_serror(v);
		return;
	}
	irq_handle_pending();
}

static void handle_pending(struct vcpu *v)
{
	u32 pending = __atomic_exchange_n(&v->pending, 0, __ATOMIC_SEQ_CST);

	if (pending & BIT32(VCPU_PENDING_TIME)) {
		vtime_update(v);
	}
	if (pending & BIT32(VCPU_PENDING_EVENT)) {
		vgic_flush(v);
	}
}

/* The looks before an entry; false: the CPU has something else to do first. */
static inline bool ready(struct vcpu *v)
{
	struct pcpu *p = this_pcpu();

	while (unlikely(!pcpu_enter_guest(p, v))) {
		if (__atomic_load_n(&v->pending, __ATOMIC_RELAXED)) {
			handle_pending(v);
		}
		if (__atomic_load_n(&p->work, __ATOMIC_RELAXED) |
			__atomic_load_n(&v->hold, __ATOMIC_RELAXED)) {
			return false;
		}
	}
	return true;
}

bool exit_handle(struct vcpu *v, unsigned int vector)
{
	pcpu_left_guest(this_pcpu());
	if (likely(vector == EXIT_VECTOR_SYNC)) {
		handle_sync(v);
	} else {
		handle_async(v, vector);
	}
	return ready(v);
}

void arch_vcpu_run(struct vcpu *v)
{
	if (ready(v)) {
		vcpu_enter(v->arch, v);
	}
}
