/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Aborts that stage 2 causes: accesses to emulated devices go to the domain's bus; those to
 * addresses that stage 2 allows by now are repeated; all others become external aborts, as from a
 * bus with nobody there.
 */
#include "arch/arm/exit.h"
#include "arch/arm/guest_walk.h"
#include "arch/arm/inject.h"
#include "arch/arm/insn.h"
#include "arch/arm/sysreg.h"
#include "arch/arm/vcpu.h"
#include "arch/contract/guest.h"
#include "core/log.h"
#include "lib/bits.h"
#include "lib/errno.h"
#include "mm/guest.h"
#include "vdev/bus.h"

#define HPFAR_FIPA mask64(43, 4)

/* --- addresses --- */

static inline u64 address_of_page(const struct vm_exit *e)
{
	return (sysreg_read(hpfar_el2) & HPFAR_FIPA) << 8 | (e->far & ~PAGE_MASK);
}

/* HPFAR_EL2 has the page but for permission faults of the access itself (D17.2.60). False: the
 * guest's tables have changed meanwhile. */
static bool fault_address(struct vcpu *v, const struct vm_exit *e, u64 *ipa)
{
	gpa_t gpa;

	if ((e->esr & FSC_TYPE) != FSC_PERMISSION || (e->esr & ESR_ABORT_S1PTW)) {
		*ipa = address_of_page(e);
		return true;
	}
	if (arch_guest_translate(v, e->far, false, &gpa) != 0) {
		return false;
	}
	*ipa = gpa.v;
	return true;
}

/* True if stage 2 allows the access as it is now: somebody changed it, was just changing it, or a
 * TLB has what it was before. */
static bool now_allowed(struct vcpu *v, const struct vm_exit *e, u64 ipa, unsigned int need)
{
	gfn_t gfn = GFN(ipa >> PAGE_SHIFT);
	struct s2_entry entry = guest_lookup(v->domain, gfn);

	if (entry.type == S2_NONE || (entry.access & need) != need) {
		return false;
	}
	if ((e->esr & FSC_TYPE) == FSC_PERMISSION) {
		arch_s2_flush(v->domain, gfn, 1);
	}
	return true;
}

static enum exit_result no_such_address(
	struct vcpu *v, struct vm_exit *e, u64 ipa, enum exit_inject kind)
{
	log_guest("d%uv%u: %s of %#llx, where it has nothing, at %#llx", v->domain->id, v->id,
		kind == INJECT_FETCH_ABORT ? "fetch"
		: e->esr & ESR_ABORT_WNR   ? "write"
					   : "read",
		(unsigned long long)ipa, (unsigned long long)v->arch->regs.pc);
	return exit_external_abort(e, kind);
}

/* --- accesses --- */

/* What a load leaves in its register. */
static u64 extend(u64 value, unsigned int size, bool sign, bool wide)
{
	unsigned int unused = 64 - 8 * size;

	value = sign ? (u64)((s64)(value << unused) >> unused) : value << unused >> unused;
	return wide ? value : (u32)value;
}

static enum exit_result result_of(int rc)
{
	return rc == -ERESTART ? EXIT_RETRY : EXIT_SKIP;
}

/* With a syndrome: the CPU has decoded the instruction. -ENOENT: no device is there. */
static int access_by_syndrome(struct vcpu *v, const struct vm_exit *e, u64 ipa)
{
	unsigned int reg = (unsigned int)field_get(ESR_DABT_SRT, e->esr);
	struct vdev_access a = { .addr = ipa,
		.size = (u8)(1U << field_get(ESR_DABT_SAS, e->esr)),
		.write = e->esr & ESR_ABORT_WNR };
	int rc;

	if (a.write) {
		a.value = extend(exit_gpr(v, reg), a.size, false, true);
	}
	rc = bus_access(v, BUS_MMIO, &a);
	if (rc == 0 && !a.write) {
		exit_set_gpr(v, reg,
			extend(a.value, a.size, e->esr & ESR_DABT_SSE, e->esr & ESR_DABT_SF));
	}
	return rc;
}

/* --- without a syndrome --- */

/* Where the register of a load or store is kept; NULL: nowhere (the zero register). */
static u64 *operand(struct vcpu *v, unsigned int n)
{
	struct arm_regs *r = &v->arch->regs;

	if (r->pstate & PSTATE_A32) {
		return &r->x[inject_a32_gpr(r->pstate, n)];
	}
	return n == 31 ? NULL : &r->x[n];
}

static bool uses_sp_el1(const struct vcpu *v)
{
	return (v->arch->regs.pstate & PSTATE_MODE) == MODE_EL1H;
}

static u64 base_read(struct vcpu *v, unsigned int n)
{
	u64 *p = operand(v, n);

	if (p) {
		return *p;
	}
	return uses_sp_el1(v) ? sysreg_read(sp_el1) : sysreg_read(sp_el0);
}

static void base_write(struct vcpu *v, unsigned int n, u64 value)
{
	u64 *p = operand(v, n);

	if (p) {
		*p = v->arch->regs.pstate & PSTATE_A32 ? (u32)value : value;
	} else if (uses_sp_el1(v)) {
		sysreg_write(sp_el1, value);
	} else {
		sysreg_write(sp_el0, value);
	}
}

static bool decode(struct vcpu *v, const struct vm_exit *e, struct insn_access *out)
{
	const struct arm_regs *r = &v->arch->regs;
	u32 insn;

	if (!(e->esr & ESR_IL) || guest_read(v, r->pc, &insn, sizeof(insn)) != 0) {
		return false;
	}
	if (!(r->pstate & PSTATE_A32)) {
		return insn_decode_a64(insn, out);
	}
	return r->pstate & PSTATE_T32 ? insn_decode_t32(insn << 16 | insn >> 16, out)
				      : insn_decode_a32(insn, out);
}

static int access_one(struct vcpu *v, const struct insn_access *in, unsigned int i, u64 addr)
{
	struct vdev_access a = { .addr = addr, .size = in->size, .write = in->write };
	u64 *reg = operand(v, in->reg[i]);
	int rc;

	if (in->write) {
		a.value = extend(reg ? *reg : 0, in->size, false, true);
	}
	rc = bus_access(v, BUS_MMIO, &a);
	if (rc == 0 && !in->write && reg) {
		*reg = extend(a.value, in->size, in->sign, in->wide);
	}
	return rc;
}

/* All of it has to be in the page that faulted. */
static int access_decoded(struct vcpu *v, const struct vm_exit *e, u64 ipa)
{
	struct insn_access in;
	u64 base, start;
	int rc = 0;

	if (!decode(v, e, &in)) {
		return -ENOENT;
	}
	base = base_read(v, in.base);
	start = base + (u64)(s64)in.offset;
	start = v->arch->regs.pstate & PSTATE_A32 ? (u32)start : start;
	if (((start ^ e->far) & PAGE_MASK) != 0 ||
		(start & ~PAGE_MASK) + in.size * in.count > PAGE_SIZE) {
		return -ENOENT;
	}
	ipa = (ipa & PAGE_MASK) | (start & ~PAGE_MASK);
	for (unsigned int i = 0; i < in.count && rc == 0; i++) {
		rc = access_one(v, &in, i, ipa + i * in.size);
	}
	if (rc == 0 && in.writeback) {
		base_write(v, in.base, base + (u64)(s64)in.step);
	}
	return rc;
}

/* A device is there, and the access is not one that the CPU describes. */
static enum exit_result without_syndrome(struct vcpu *v, struct vm_exit *e, u64 ipa)
{
	int rc;

	if (e->esr & ESR_ABORT_CM) {
		return EXIT_SKIP; /* device registers are in no cache */
	}
	if (!bus_find(v->domain, BUS_MMIO, ipa)) {
		return no_such_address(v, e, ipa, INJECT_DATA_ABORT);
	}
	rc = access_decoded(v, e, ipa);
	if (rc == 0 || rc == -ERESTART) {
		return result_of(rc);
	}
	log_guest("d%uv%u: cannot emulate the access to the device at %#llx, at %#llx",
		v->domain->id, v->id, (unsigned long long)ipa,
		(unsigned long long)v->arch->regs.pc);
	return exit_external_abort(e, INJECT_DATA_ABORT);
}

/* --- handlers --- */

/* A walk of the guest's tables writes only to note what was accessed. */
static unsigned int rights_of(u32 esr)
{
	if (esr & ESR_ABORT_S1PTW) {
		return (esr & FSC_TYPE) == FSC_PERMISSION ? S2_RW : S2_R;
	}
	return esr & ESR_ABORT_WNR ? S2_W : S2_R;
}

static __noinline enum exit_result data_abort_slow(struct vcpu *v, struct vm_exit *e)
{
	u64 ipa;

	if (!esr_is_s2_fault(e->esr)) {
		return exit_external_abort(e, INJECT_DATA_ABORT); /* the machine's */
	}
	if (!fault_address(v, e, &ipa)) {
		return EXIT_RETRY;
	}
	if (now_allowed(v, e, ipa, rights_of(e->esr))) {
		return EXIT_RETRY;
	}
	if (e->esr & ESR_ABORT_S1PTW || e->esr & ESR_DABT_ISV) {
		return no_such_address(v, e, ipa, INJECT_DATA_ABORT);
	}
	return without_syndrome(v, e, ipa);
}

enum exit_result exit_data_abort(struct vcpu *v, struct vm_exit *e)
{
	u32 fast = ESR_DABT_ISV | ESR_ABORT_S1PTW | FSC_TYPE;
	int rc;

	e->far = sysreg_read(far_el2);
	if (unlikely((e->esr & fast) != (ESR_DABT_ISV | FSC_TRANSLATION))) {
		return data_abort_slow(v, e);
	}
	rc = access_by_syndrome(v, e, address_of_page(e));
	if (unlikely(rc == -ENOENT)) {
		return data_abort_slow(v, e);
	}
	return result_of(rc);
}

enum exit_result exit_fetch_abort(struct vcpu *v, struct vm_exit *e)
{
	u64 ipa;

	e->far = sysreg_read(far_el2);
	if (!esr_is_s2_fault(e->esr)) {
		return exit_external_abort(e, INJECT_FETCH_ABORT);
	}
	if (!fault_address(v, e, &ipa) ||
		now_allowed(v, e, ipa, e->esr & ESR_ABORT_S1PTW ? S2_R : S2_X)) {
		return EXIT_RETRY;
	}
	return no_such_address(v, e, ipa, INJECT_FETCH_ABORT);
}
