/* SPDX-License-Identifier: GPL-2.0-only */
/* Handlers of IN and OUT, and the I/O permission check that INS and OUTS share. */
#include "arch/x86/emul/internal.h"

/* AMD64 APM vol. 3, IN: the TSS bitmap decides above IOPL and in virtual-8086 mode. */
enum emul_result emul_io_check(struct emul *e, u16 port, u32 bytes)
{
	u32 iopl = (e->regs->rflags & X86_EFLAGS_IOPL) >> X86_EFLAGS_IOPL_SHIFT;
	bool bitmap = e->mode == EMUL_VM86 || (e->mode != EMUL_REAL && e->cpl > iopl);

	return bitmap && e->ops->check_io ? e->ops->check_io(e, port, bytes) : EMUL_OKAY;
}

static u16 io_port(const struct emul *e)
{
	return (u16)(e->insn.opcode < 0xe8 ? e->insn.imm : e->next.gpr[REG_RDX]);
}

enum emul_result emul_io_in(struct emul *e)
{
	u32 bytes = MIN(e->insn.op_bytes, 4);
	enum emul_result r;
	u32 v = 0;

	r = emul_io_check(e, io_port(e), bytes);
	if (r == EMUL_OKAY) {
		r = e->ops->read_io ? e->ops->read_io(e, io_port(e), bytes, &v) : EMUL_UNHANDLEABLE;
	}
	if (r == EMUL_OKAY) {
		emul_reg_set(e, REG_RAX, bytes, v);
	}
	return r;
}

enum emul_result emul_io_out(struct emul *e)
{
	u32 bytes = MIN(e->insn.op_bytes, 4);
	enum emul_result r;

	r = emul_io_check(e, io_port(e), bytes);
	if (r != EMUL_OKAY) {
		return r;
	}
	if (!e->ops->write_io) {
		return EMUL_UNHANDLEABLE;
	}
	return e->ops->write_io(e, io_port(e), bytes, (u32)emul_reg_get(e, REG_RAX, bytes));
}
