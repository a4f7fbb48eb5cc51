/* SPDX-License-Identifier: GPL-2.0-only */
/* Exits by system register instructions: operands, for what sysreg_table.c does. */
#include "arch/arm/exit.h"
#include "arch/arm/id_regs.h"
#include "arch/arm/inject.h"
#include "arch/arm/sysreg_table.h"
#include "arch/arm/vcpu.h"
#include "core/log.h"
#include "lib/bits.h"

static enum exit_result refused(struct vcpu *v, struct vm_exit *e, const char *what)
{
	log_guest("d%uv%u: %s of %s op0 %u op1 %u c%u c%u op2 %u at %#llx", v->domain->id, v->id,
		e->esr & ESR_SYSREG_READ ? "read" : "write", what, e->esr >> 20 & 3,
		e->esr >> 14 & 7, e->esr >> 10 & 15, e->esr >> 1 & 15, e->esr >> 17 & 7,
		(unsigned long long)v->arch->regs.pc);
	return exit_undefined(v, e);
}

enum exit_result exit_sysreg(struct vcpu *v, struct vm_exit *e)
{
	unsigned int rt = (unsigned int)field_get(ESR_SYSREG_RT, e->esr);
	bool write = !(e->esr & ESR_SYSREG_READ);
	u64 value = write ? exit_gpr(v, rt) : 0;

	if (!sysreg_access(v, SYSREG_OF(e->esr), write, &value)) {
		return refused(v, e, "system register");
	}
	if (!write) {
		exit_set_gpr(v, rt, value);
	}
	return EXIT_SKIP;
}

/* MCR and MRC; the register is named as AArch64 does. */
static enum exit_result cp_32(
	struct vcpu *v, struct vm_exit *e, sysreg_fn *access, const char *what)
{
	unsigned int rt = (unsigned int)field_get(ESR_SYSREG_RT, e->esr);
	bool write = !(e->esr & ESR_SYSREG_READ);
	u64 value = write ? (u32)exit_gpr(v, rt) : 0;

	if (!access(v, CP_OF(e->esr), write, &value)) {
		return refused(v, e, what);
	}
	if (!write) {
		exit_set_gpr(v, rt, (u32)value);
	}
	return EXIT_SKIP;
}

enum exit_result exit_cp15(struct vcpu *v, struct vm_exit *e)
{
	return cp_32(v, e, sysreg_cp15, "CP15");
}

enum exit_result exit_cp14(struct vcpu *v, struct vm_exit *e)
{
	return cp_32(v, e, sysreg_cp14, "CP14");
}

/* MCRR and MRRC. */
enum exit_result exit_cp15_64(struct vcpu *v, struct vm_exit *e)
{
	unsigned int rt = (unsigned int)field_get(ESR_SYSREG_RT, e->esr);
	unsigned int rt2 = (unsigned int)field_get(ESR_CP_64_RT2, e->esr);
	bool write = !(e->esr & ESR_SYSREG_READ);
	u64 value = write ? (u32)exit_gpr(v, rt) | exit_gpr(v, rt2) << 32 : 0;

	if (!sysreg_cp15_64(v, CP_64_OF(e->esr), write, &value)) {
		return refused(v, e, "CP15");
	}
	if (!write) {
		exit_set_gpr(v, rt, (u32)value);
		exit_set_gpr(v, rt2, value >> 32);
	}
	return EXIT_SKIP;
}

/* DBGDRAR and DBGDSAR: there is no table. */
enum exit_result exit_cp14_64(struct vcpu *v, struct vm_exit *e)
{
	if (!(e->esr & ESR_SYSREG_READ)) {
		return refused(v, e, "CP14");
	}
	exit_set_gpr(v, field_get(ESR_SYSREG_RT, e->esr), 0);
	exit_set_gpr(v, field_get(ESR_CP_64_RT2, e->esr), 0);
	return EXIT_SKIP;
}

/* VMRS: the register stands in the place of CRn (DDI 0487, "ISS encoding for ... MCR or MRC"). */
#define VMRS_MVFR2 5
#define VMRS_MVFR0 7

enum exit_result exit_cp10(struct vcpu *v, struct vm_exit *e)
{
	unsigned int reg = e->esr >> 10 & 15;

	if (!(e->esr & ESR_SYSREG_READ) || reg < VMRS_MVFR2 || reg > VMRS_MVFR0) {
		return refused(v, e, "CP10");
	}
	exit_set_gpr(v, field_get(ESR_SYSREG_RT, e->esr),
		(u32)id_regs_guest(ID_REG_INDEX(3, VMRS_MVFR0 - reg), false));
	return EXIT_SKIP;
}
